//! `trainer export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ibinn::{Card, Precision};

use super::shared::{CardOodArgs, DataArgs, ModelArgs};
use crate::atomic;
use crate::data::DataDir;
use crate::error::{Error, Result};
use crate::evaluation::{evaluate, ood_sets};
use crate::output::print;

/// How the large weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stored {
    /// Single precision.
    F32,
    /// Half precision.
    F16,
}

/// Flags of `export`.
#[derive(Debug, Args)]
#[command(
    after_help = "Rounding changes the weights a little, so a model that was judged is judged again as it is written, on the data set that
the flags name.

Examples:
  trainer export runs/first/model.safetensors --precision f32 --title \"Digits\" --out titled.safetensors
  trainer export runs/first/model.safetensors --precision f16 --out first.safetensors
  trainer export runs/first/model.safetensors --ood kmnist notmnist noise --out first.safetensors"
)]
pub struct ExportArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    /// How the large weights are stored
    #[arg(long, default_value = "f16")]
    precision: Stored,
    /// Another title for the card
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    ood: CardOodArgs,
    /// Model file to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
}

pub(super) fn run(args: ExportArgs) -> Result<()> {
    atomic::check(&args.out)?;
    let model = args.model.load()?;
    let precision = match args.precision {
        Stored::F32 => Precision::F32,
        Stored::F16 => Precision::F16,
    };
    // What will be read back, rounding included, is what must be judged.
    let rounded = ibinn::Model::from_bytes(&model.to_bytes(precision)).map_err(Error::core)?;
    let mut card =
        Card { title: args.title.unwrap_or_else(|| model.card().title.clone()), ..model.card().clone() };
    if card.evaluation.is_some() {
        let mut executor = args.model.executor(&rounded)?;
        let (data, indices) = args.data.load(&rounded)?;
        data.check_shape(rounded.spec(), "the model")?;
        let data_dir = DataDir::resolve(args.data.data_dir.clone())?;
        let sets = ood_sets(&rounded, &args.ood.ood, (&data, &indices), &data_dir)?;
        let test = (&data, &indices[..]);
        card.evaluation = Some(evaluate(&rounded, &mut executor, test, &sets, args.model.json)?);
    }
    let bytes = rounded.with_card(card).to_bytes(precision);
    atomic::write(&args.out, &bytes)?;
    if args.model.json {
        print(serde_json::json!({ "out": args.out, "bytes": bytes.len() }));
    } else {
        print(format_args!("{} ({} bytes)", args.out.display(), bytes.len()));
    }
    Ok(())
}
