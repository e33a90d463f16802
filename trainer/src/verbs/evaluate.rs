//! `trainer evaluate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::dataset::DataArgs;
use super::evaluation_text::{print_card, print_full};
use super::shared::{CardOodArgs, ModelArgs};
use crate::error::Result;
use ibinn_data::ood::{OodSet, Source, Suite};
use ibinn_evaluate::card;
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_evaluate::measures::report::measure;
use ibinn_evaluate::measures::scores::OodScores;
use ibinn_evaluate::pass;
use ibinn_files::atomic;
use ibinn_runs::results::{FullEvaluation, digest};
use ibinn_terminal::output::print;

/// Flags of `evaluate`.
#[derive(Debug, Args)]
#[command(after_help = "Out-of-distribution sets:
  rgb-rotation, rgb-rotation:0.6   the test images with their colours rotated, by strength 0.35 or another
  noise, noise:0.05                the test images with Gaussian noise, by σ = 0.015 or another, in units of [0, 1]
  quarter-turn, inverted, half-occluded    the test images turned by 90°, light for dark, with the lower half black
  quickdraw, natural32             the folder of that name in the data folder
  kmnist, notmnist, builtin-letters, ...   the test images of a data set, see `trainer data list`, brought to the model's shape
  a path                           a file, or a folder with the folders in it, of NumPy arrays (.npy; .npz as of MedMNIST), CIFAR
                                   records (.bin) or pictures (PNG, JPEG, WebP, GIF, BMP, TIFF, PNM by their bytes, turned as
                                   they are shown); of a folder of .npy files, the first 2000 images of each; what is none of
                                   these is left out, and how many files that are is told

Line drawings (.npy without colour) are drawn in a colour of their own on white for colour models, as in the paper,
and left as they are, light on dark, for grey ones.

Examples:
  trainer evaluate model.safetensors
  trainer evaluate model.safetensors --dataset fashion-mnist --executor cpu --limit 1000 --json
  trainer evaluate model.safetensors --full --ood kmnist notmnist builtin-letters noise
  trainer evaluate cifar.safetensors --full --ood rgb-rotation quickdraw noise photographs/
  trainer evaluate runs/first/model.safetensors --full --ood kmnist noise --out runs/first/evaluation.json
  trainer evaluate model.safetensors --full --ood noise:0.1 --limit 1000 --bootstrap 0 --json")]
pub struct EvaluateArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    ood: CardOodArgs,
    /// All measures, with intervals: every calibration, every detection score, the latent space. Sets are whole, and
    /// none are measured that --ood does not name
    #[arg(long)]
    full: bool,
    /// Measure on the sets of a benchmark as well, those whose files are there, near and far ones apart
    #[arg(long, requires = "full")]
    suite: Option<SuiteName>,
    /// Resamples for the intervals; 0 leaves the intervals out
    #[arg(long, default_value_t = 1000, value_name = "N", requires = "full")]
    bootstrap: usize,
    /// Seed of resamples, noise and colours
    #[arg(long, default_value_t = 0, requires = "full")]
    seed: u64,
    /// Write the numbers to this file as well, for `trainer table`, `figure` and `report`
    #[arg(long, value_name = "FILE.json", requires = "full")]
    out: Option<PathBuf>,
}

/// A benchmark's sets.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SuiteName {
    /// OpenOOD v1.5, for models of CIFAR-10, CIFAR-100 and MNIST
    Openood,
}

pub(super) fn run(args: EvaluateArgs) -> Result<()> {
    if args.full { full(args) } else { as_card(args) }
}

/// What a card says, measured anew.
fn as_card(args: EvaluateArgs) -> Result<()> {
    let model = args.model.load()?;
    let (data, indices) = args.data.load(args.model.at(&model))?;
    let data_dir = args.data.set.folder()?;
    let sets = card::ood_sets(&model, &args.ood.ood, (&data, &indices), &data_dir)?;
    let mut session = args.model.session(model)?;
    let evaluation = card::evaluate(&mut session, (&data, &indices), &sets, args.model.json)?;
    let selection = args.data.selection();
    if args.model.json {
        let mut value = serde_json::json!(evaluation);
        // As a card has it where it could stand in one, which is of the test images.
        if selection.caveat().is_some() {
            value["split"] = selection.split.name().into();
            value["by_index"] = selection.by_index.into();
        }
        print(value);
    } else {
        print_card(&evaluation, selection);
    }
    Ok(())
}

/// All measures.
fn full(args: EvaluateArgs) -> Result<()> {
    let bootstrap = Bootstrap::new(args.bootstrap, args.seed)?;
    args.out.as_deref().map(atomic::check).transpose()?;
    let data_dir = args.data.set.folder()?;
    let mut sources = Source::all(&args.ood.ood, &data_dir)?;
    let model = args.model.load()?;
    let model_sha256 = digest(&args.model.model)?;
    let (data, indices) = args.data.load(args.model.at(&model))?;
    if let Some(SuiteName::Openood) = args.suite {
        let suite = Suite::openood(&model.card().training.dataset, &data_dir)?;
        if !suite.missing.is_empty() && !args.model.json {
            let (missing, folder) = (suite.missing.join(", "), data_dir.path().display());
            eprintln!("not in {folder}, so not measured: {missing}");
        }
        // One that --ood names as well is measured once, as near or far.
        sources.retain(|named| !suite.sources.iter().any(|source| source.is_same(named)));
        sources.extend(suite.sources);
    }
    pass::check_labels(&model, &data)?;
    // All sets are read before the work, so that a bad file is not noticed after minutes of it.
    let limit = args.data.limit.unwrap_or(usize::MAX);
    let load = |source: &Source| source.load(model.spec(), (&data, &indices), &data_dir, limit, args.seed);
    let sets: Vec<OodSet> = sources.iter().map(load).collect::<ibinn_data::Result<_>>()?;

    let mut session = args.model.session(model)?;
    let quiet = args.model.json;
    let test = pass::test_scores(&mut session, (&data, &indices), quiet, |_, _| ())?;
    let mut ood_scores = |set: &OodSet| -> Result<OodScores> {
        let scores = pass::ood_scores(&mut session, set, quiet)?;
        let OodSet { name, about, distance, paired, .. } = set;
        Ok(OodScores {
            name: name.clone(),
            about: about.clone(),
            distance: *distance,
            paired: *paired,
            scores,
        })
    };
    let ood: Vec<OodScores> = sets.iter().map(&mut ood_scores).collect::<Result<_>>()?;
    let model = session.model();
    let report = measure(model, &test, &ood, bootstrap);
    let evaluation = FullEvaluation {
        title: model.card().title.clone(),
        training: model.card().training.clone(),
        model_sha256,
        dataset: data.name.clone(),
        selection: args.data.selection(),
        executor: session.executor().name().into(),
        bootstrap,
        limit: args.data.limit,
        report,
    };
    if let Some(path) = &args.out {
        evaluation.write(path)?;
    }
    if args.model.json {
        print(serde_json::json!(evaluation));
    } else {
        print(&evaluation.title);
        print_full(&evaluation);
    }
    Ok(())
}
