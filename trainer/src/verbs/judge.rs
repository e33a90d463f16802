//! `trainer judge`.

use std::path::PathBuf;

use clap::Args;

use super::judge_text::print_report;
use super::shared::{DataArgs, ModelArgs};
use crate::error::Result;
use ibinn_data::ood::{OodSet, Source};
use ibinn_evaluate::judge;
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_evaluate::measures::report::measure;
use ibinn_evaluate::measures::scores::OodScores;
use ibinn_files::atomic;
use ibinn_runs::results::{Judgement, digest};
use ibinn_terminal::output::print;

/// Flags of `judge`.
#[derive(Debug, Args)]
#[command(after_help = "Out-of-distribution sets:
  rgb-rotation, rgb-rotation:0.6   the test images with their colours rotated, by strength 0.35 or another
  noise, noise:0.05                the test images with Gaussian noise, by σ = 0.015 or another, in units of [0, 1]
  quickdraw, natural32             the folder of that name in the data folder
  kmnist, notmnist, builtin-letters, ...   the test images of a data set, see `trainer data list`
  a path                           a file, or a folder with the folders in it, of NumPy arrays (.npy; .npz as of MedMNIST), CIFAR
                                   records (.bin) or pictures (PNG, JPEG, WebP, GIF, BMP, TIFF, PNM by their bytes, turned as
                                   they are shown); of a folder of .npy files, the first 2000 images of each; what is none of
                                   these is left out, and how many files that are is told

Line drawings (.npy without colour) are drawn in a colour of their own on white for colour models, as in the paper,
and left as they are, light on dark, for grey ones.

Examples:
  trainer judge model.safetensors
  trainer judge model.safetensors --ood kmnist notmnist builtin-letters noise
  trainer judge cifar.safetensors --ood rgb-rotation quickdraw noise photographs/
  trainer judge runs/first/model.safetensors --ood kmnist noise --out runs/first/judge.json
  trainer judge model.safetensors --ood noise:0.1 --limit 1000 --bootstrap 0 --json")]
pub struct JudgeArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Out-of-distribution sets, by name or path; --limit takes the first images of these as well
    #[arg(long, num_args = 1.., value_name = "NAME|PATH")]
    ood: Vec<String>,
    /// Resamples for the intervals; 0 leaves the intervals out
    #[arg(long, default_value_t = 1000, value_name = "N")]
    bootstrap: usize,
    /// Seed of resamples, noise and colours
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write the numbers to this file as well, for `trainer table`, `figure` and `report`
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: JudgeArgs) -> Result<()> {
    let bootstrap = Bootstrap::new(args.bootstrap, args.seed)?;
    args.out.as_deref().map(atomic::check).transpose()?;
    let data_dir = args.data.set.folder()?;
    let sources = Source::all(&args.ood, &data_dir)?;
    let model = args.model.load()?;
    let model_sha256 = digest(&args.model.model)?;
    let (data, indices) = args.data.load(&model)?;
    judge::check_labels(&model, &data)?;
    // All sets are read before the work, so that a bad file is not noticed after minutes of it.
    let limit = args.data.limit.unwrap_or(usize::MAX);
    let load = |source: &Source| source.load(model.spec(), (&data, &indices), &data_dir, limit, args.seed);
    let sets: Vec<OodSet> = sources.iter().map(load).collect::<ibinn_data::Result<_>>()?;

    let mut session = args.model.session(model)?;
    let quiet = args.model.json;
    let test = judge::test_scores(&mut session, (&data, &indices), quiet, |_, _| ())?;
    let mut ood_scores = |set: &OodSet| -> Result<OodScores> {
        let scores = judge::ood_scores(&mut session, set, quiet)?;
        let (name, about) = (set.name.clone(), set.about.clone());
        Ok(OodScores { name, about, paired: set.is_paired(), scores })
    };
    let ood: Vec<OodScores> = sets.iter().map(&mut ood_scores).collect::<Result<_>>()?;
    let model = session.model();
    let report = measure(model, &test, &ood, bootstrap);
    let judgement = Judgement {
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
        judgement.write(path)?;
    }
    if args.model.json {
        print(serde_json::json!(judgement));
    } else {
        print(&judgement.title);
        print_report(&judgement);
    }
    Ok(())
}
