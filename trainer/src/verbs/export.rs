//! `trainer export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ibinn::spec::tensors::{TensorKind, folded_tensors};
use ibinn::{Card, Model, Precision};

use super::dataset::{DatasetArgs, first};
use super::shared::{CardOodArgs, ModelArgs};
use crate::error::{Error, Result};
use ibinn_data::Split;
use ibinn_evaluate::card::{evaluate, ood_sets};
use ibinn_files::atomic;
use ibinn_interop::onnx::{self, Direction};
use ibinn_terminal::output::{path_text, print};

/// What kind of file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A model file.
    Safetensors,
    /// One direction of the model as a graph for other programs.
    Onnx,
}

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
    after_help = "A model that was evaluated is evaluated again as it is written where rounding changes its weights, or where --dataset, --limit
or --ood asks for it, on the test images of the data set; one that was not evaluated is evaluated only where --dataset names a data set.

An ONNX file (opset 17, any batch, f32) runs one direction of an IB-INN or i-RevNet. Encode takes x, (N, C, H, W), the
normalised image (pixel - mean) / std, and gives z, (N, D), log_det, (N), and logits, (N, K); decode takes z and gives x. Mean
and standard deviation are in the file's metadata, under ibinn.spec.

Examples:
  trainer export runs/first/model.safetensors --precision f32 --title \"Digits\" --out titled.safetensors
  trainer export runs/first/model.safetensors --precision f16 --out first.safetensors
  trainer export runs/first/model.safetensors --ood kmnist notmnist noise --out first.safetensors
  trainer export runs/first/model.safetensors --format onnx --direction encode --out encode.onnx"
)]
pub struct ExportArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DatasetArgs,
    /// Evaluate on the first N test images only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// What kind of file is written
    #[arg(long, default_value = "safetensors")]
    format: Format,
    /// Which way an ONNX file runs the model
    #[arg(long, required_if_eq("format", "onnx"))]
    direction: Option<Direction>,
    /// How the large weights of a model file are stored [default: f16]
    #[arg(long)]
    precision: Option<Stored>,
    /// Another title for the card
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    ood: CardOodArgs,
    /// File to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: ExportArgs) -> Result<()> {
    atomic::check(&args.out)?;
    let bytes = match (args.format, args.direction) {
        (Format::Onnx, Some(direction)) => graph(&args, direction)?,
        (_, None) => model_file(&args)?,
        (Format::Safetensors, Some(_)) => {
            return Err(Error::Usage("--direction is for --format onnx: a model file runs both ways".into()));
        }
    };
    atomic::write(&args.out, &bytes)?;
    if args.model.json {
        print(serde_json::json!({ "out": path_text(&args.out), "bytes": bytes.len() }));
    } else {
        print(format_args!("{} ({} bytes)", args.out.display(), bytes.len()));
    }
    Ok(())
}

impl ExportArgs {
    /// A flag that was given and says how to evaluate.
    fn evaluating(&self) -> Option<&'static str> {
        let flags = [
            ("--dataset", self.data.dataset.is_some()),
            ("--limit", self.limit.is_some()),
            ("--ood", !self.ood.ood.is_empty()),
        ];
        flags.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

fn graph(args: &ExportArgs, direction: Direction) -> Result<Vec<u8>> {
    if args.precision == Some(Stored::F16) {
        return Err(Error::Usage(
            "--precision f16 is for model files: an ONNX file is written in f32".into(),
        ));
    }
    if let Some(flag) = args.evaluating() {
        return Err(Error::Usage(format!("{flag} is for model files: an ONNX file is not evaluated")));
    }
    let model = args.model.load_flow()?;
    let title = args.title.clone().unwrap_or_else(|| model.card().title.clone());
    let card = Card { title, ..model.card().clone() };
    Ok(onnx::export(&model.with_card(card).map_err(Error::core)?, direction))
}

fn model_file(args: &ExportArgs) -> Result<Vec<u8>> {
    let model = args.model.load()?;
    let precision = match args.precision {
        Some(Stored::F32) => Precision::F32,
        Some(Stored::F16) | None => Precision::F16,
    };
    // What will be read back, rounding included, is what must be evaluated.
    let mut rounded = Model::from_bytes(&model.to_bytes(precision)).map_err(Error::core)?;
    let title = args.title.clone().unwrap_or_else(|| model.card().title.clone());
    let mut card = Card { title, ..model.card().clone() };
    let was_evaluated = card.evaluation.is_some();
    if let (false, None, Some(flag)) = (was_evaluated, &args.data.dataset, args.evaluating()) {
        return Err(Error::Usage(format!(
            "{flag} says how to evaluate, and this model was not evaluated: name a data set to evaluate it on by --dataset"
        )));
    }
    if args.evaluating().is_some() || was_evaluated && !same_weights(&model, &rounded) {
        // A card is of the test images, whatever else it could be measured on.
        let data = args.data.load(args.model.at(&rounded), Split::Test)?;
        let indices = first(&data, args.limit)?;
        let test = (&data, &indices[..]);
        let sets = ood_sets(&rounded, &args.ood.ood, test, &args.data.folder()?)?;
        let mut session = args.model.session(rounded)?;
        card.evaluation = Some(evaluate(&mut session, test, &sets, args.model.json)?);
        rounded = session.into_model();
    }
    Ok(rounded.with_card(card).map_err(Error::core)?.to_bytes(precision))
}

/// Whether two forms of a model have the same weights, so that what was measured of one holds for the other.
fn same_weights(a: &Model, b: &Model) -> bool {
    let mut tensors = folded_tensors(a.spec());
    tensors.retain(|info| info.kind != TensorKind::Permutation);
    a.permutation() == b.permutation() && tensors.iter().all(|info| a.tensor(info) == b.tensor(info))
}
