//! `trainer fit-novelty`.

use std::path::PathBuf;

use clap::Args;
use ibinn::model::container::{Container, Dtype};
use ibinn::{Card, Model, Precision, Training};

use super::dataset::{DatasetArgs, first};
use super::shared::{CardOodArgs, ModelArgs};
use crate::error::{Error, Result};
use ibinn_data::{Dataset, Split};
use ibinn_evaluate::card::{evaluate, ood_sets};
use ibinn_evaluate::novelty::{self, Calibration};
use ibinn_files::atomic;
use ibinn_terminal::output::{path_text, print};

/// Flags of `fit-novelty`.
#[derive(Debug, Args)]
#[command(
    after_help = "Novelty says whether an image is like the training images: it is fitted to the features of up to 20,000 of them, of
which a quarter is set aside for the p-values, or, of a model that was trained with --hold-out, to those and the images that
were held out. Where none were held out, the network has seen the images that p-values come from, which makes false alarms a little
more frequent than p says; --spare-test takes test images for them instead. `trainer train` fits novelty at the end; this is
for models without, and for those that are imported. A model that was evaluated is evaluated again, on the test images.

Examples:
  trainer fit-novelty authors.safetensors --dataset cifar-10 --out authors.safetensors
  trainer fit-novelty model.safetensors --spare-test 5000 --out model.safetensors
  trainer fit-novelty model.safetensors --ood kmnist notmnist noise --out model.safetensors"
)]
pub struct FitNoveltyArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DatasetArgs,
    /// Spare N test images for the p-values, for a model that has seen all others: its false alarms are measured on the rest
    #[arg(long, value_name = "N")]
    spare_test: Option<usize>,
    /// Seed of the choice of training images
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    ood: CardOodArgs,
    /// Model file to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
}

pub(super) fn run(args: FitNoveltyArgs) -> Result<()> {
    atomic::check(&args.out)?;
    let model = args.model.load()?;
    let precision = precision(&args)?;
    let at = args.model.at(&model);
    let mut train = args.data.load(at, Split::Train)?;
    let held_out = match args.data.load_val(at)? {
        Some(val) => Some(val),
        None => held_out(&model, &mut train)?,
    };
    let was_evaluated = model.card().evaluation.is_some();
    let needs_test = was_evaluated || args.spare_test.is_some();
    let test = needs_test.then(|| args.data.load(at, Split::Test)).transpose()?;
    let calibration = match (args.spare_test, &test, &held_out) {
        (Some(count), Some(test), _) => Calibration::Test(test, spared(count, test)?),
        (_, _, Some(held_out)) => Calibration::HeldOut(held_out),
        _ => Calibration::Training,
    };
    let mut session = args.model.session(model)?;
    novelty::fit(&mut session, &train, calibration, args.seed, args.model.json)?;
    let mut card = Card { framing: train.framing(), ..session.model().card().clone() };
    if let Some(test) = test.as_ref().filter(|_| was_evaluated) {
        let indices = first(test, None)?;
        let sets = ood_sets(session.model(), &args.ood.ood, (test, &indices), &args.data.folder()?)?;
        let evaluation = evaluate(&mut session, (test, &indices), &sets, args.model.json)?;
        if !args.model.json {
            super::evaluation_text::print_card(&evaluation, ibinn_runs::results::Selection::default());
        }
        card = Card { evaluation: Some(evaluation), ..card };
    }
    let model = session.into_model().with_card(card).map_err(Error::core)?;
    let bytes = model.to_bytes(precision);
    atomic::write(&args.out, &bytes)?;
    if args.model.json {
        let (out, card) = (path_text(&args.out), model.card());
        print(serde_json::json!({ "out": out, "bytes": bytes.len(), "card": card }));
    } else {
        print(format_args!("{} ({} bytes)", args.out.display(), bytes.len()));
    }
    Ok(())
}

/// Checks that test images are left to measure on.
fn spared(count: usize, test: &Dataset) -> Result<usize> {
    if (1..test.len()).contains(&count) {
        return Ok(count);
    }
    Err(Error::Usage(format!(
        "--spare-test is {count}, must be from 1 to {} of the {} test images",
        test.len() - 1,
        test.len()
    )))
}

/// Leaves in `data` what the model was trained on, as its card says; the images that were held out.
fn held_out(model: &Model, data: &mut Dataset) -> Result<Option<Dataset>> {
    let Training { dataset, images, held_out, seed, .. } = &model.card().training;
    let (Some(count), Some(seed), true) = (held_out, seed, *dataset == data.name) else { return Ok(None) };
    data.truncate(images.map_or(data.len(), |images| images + count));
    Ok(Some(data.hold_out(*count, *seed)?))
}

/// How the model's file holds its weights, which stay as they are.
fn precision(args: &FitNoveltyArgs) -> Result<Precision> {
    let path = &args.model.model;
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let arrays = Container::parse(&bytes).map_err(Error::core)?.arrays;
    let half = arrays.values().any(|array| array.dtype == Dtype::F16);
    Ok(if half { Precision::F16 } else { Precision::F32 })
}
