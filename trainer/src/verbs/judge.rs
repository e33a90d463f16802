//! `trainer judge`.

use clap::Args;
use ibinn::Model;
use ibinn::executor::Executor;
use ibinn::latent::Score;

use super::judge_text::print_report;
use super::shared::{DataArgs, ModelArgs};
use crate::data::{DataDir, Dataset};
use crate::error::{Error, Result};
use crate::judge;
use crate::measures::bootstrap::Bootstrap;
use crate::measures::report::{OodScores, Scores, TestScores, measure};
use crate::ood::{OodSet, Source};
use crate::output::print;

/// Flags of `judge`.
#[derive(Debug, Args)]
#[command(after_help = "Out-of-distribution sets:
  rgb-rotation, rgb-rotation:0.6   the test images with their colours rotated, by strength 0.35 or another
  noise, noise:0.05                the test images with Gaussian noise, by σ = 0.015 or another, in units of [0, 1]
  quickdraw, natural32             the folder of that name in the data folder
  kmnist, notmnist, builtin-letters, ...   the test images of a data set, see `trainer data list`
  a path                           a file or folder of .npy bitmaps, CIFAR records (.bin) or PNG pictures; of a folder of
                                   .npy files, the first 2000 images of each

Line drawings (.npy without colour) are drawn in a colour of their own on white for colour models, as in the paper,
and left as they are, light on dark, for grey ones.

Examples:
  trainer judge model.safetensors
  trainer judge model.safetensors --ood kmnist notmnist builtin-letters noise
  trainer judge cifar.safetensors --ood rgb-rotation quickdraw noise photographs/
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
}

pub(super) fn run(args: JudgeArgs) -> Result<()> {
    let bootstrap = Bootstrap::new(args.bootstrap, args.seed)?;
    let data_dir = DataDir::resolve(args.data.data_dir.clone())?;
    let sources: Vec<Source> =
        args.ood.iter().map(|name| Source::new(name, &data_dir)).collect::<Result<_>>()?;
    let model = args.model.load()?;
    let (data, indices) = args.data.load(&model)?;
    data.check_shape(model.spec(), "the model")?;
    judge::check_labels(&model, &data)?;
    // All sets are read before the work, so that a bad file is not noticed after minutes of it.
    let limit = args.data.limit.unwrap_or(usize::MAX);
    let load = |source: &Source| source.load(model.spec(), (&data, &indices), &data_dir, limit, args.seed);
    let sets: Vec<OodSet> = sources.iter().map(load).collect::<Result<_>>()?;

    let mut executor = args.model.executor(&model)?;
    let quiet = args.model.json;
    let test = test_scores(&model, &mut executor, &data, &indices, quiet)?;
    let ood: Vec<OodScores> =
        sets.iter().map(|set| ood_scores(&model, &mut executor, set, quiet)).collect::<Result<_>>()?;
    let report = measure(&model, &test, &ood, bootstrap);
    if args.model.json {
        let about = serde_json::json!({
            "model": args.model.model, "dataset": data.name, "executor": executor.name(), "bootstrap": bootstrap,
            "report": report,
        });
        print(about);
    } else {
        print(&model.card().title);
        print_report(&report, &data.name, bootstrap);
    }
    Ok(())
}

fn test_scores(
    model: &Model,
    executor: &mut Executor,
    data: &Dataset,
    indices: &[usize],
    quiet: bool,
) -> Result<TestScores> {
    let mut test = TestScores::default();
    let mut progress = judge::progress(indices.len(), "judging", quiet);
    judge::encode_each(model, executor, data, indices, &mut progress, |i, scored| {
        finite(&scored.score, &data.name, i)?;
        test.push(&scored.score, usize::from(data.labels[i]));
        Ok(())
    })?;
    Ok(test)
}

fn ood_scores(model: &Model, executor: &mut Executor, set: &OodSet, quiet: bool) -> Result<OodScores> {
    let mut scores = Scores::default();
    let indices: Vec<usize> = (0..set.len()).collect();
    let mut progress = judge::progress(indices.len(), &format!("judging {}", set.name), quiet);
    judge::encode_pixels(
        model,
        executor,
        |chunk| set.pixels(chunk),
        &indices,
        &mut progress,
        |i, scored| {
            finite(&scored.score, &set.name, i)?;
            scores.push(&scored.score);
            Ok(())
        },
    )?;
    Ok(OodScores { name: set.name.clone(), about: set.about.clone(), scores })
}

/// Refuses an image whose latent is beyond all numbers: ranks and means would mean nothing.
fn finite(score: &Score, set: &str, image: usize) -> Result<()> {
    if score.l_x.is_finite() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "image {image} of {set} has no likelihood under this model: its L_X is {}",
        score.l_x
    )))
}
