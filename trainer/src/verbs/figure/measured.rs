//! Figures of what was measured, and of what runs logged.

use std::path::PathBuf;

use clap::Args;

use super::OutArgs;
use crate::error::{Error, Result};
use ibinn_figures::figure::{self, NoisyRun};
use ibinn_figures::labels::distinct;
use ibinn_runs::replicates::Replicates;
use ibinn_runs::results::{FullEvaluation, RunFolder, evaluations, run_folders};

/// Flags of `figure gamma`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer figure gamma runs/gamma --out gamma.svg
  trainer figure gamma runs/gamma --all --out gamma-all.svg gamma-all.png")]
pub struct GammaArgs {
    #[command(flatten)]
    evaluated: EvaluatedArgs,
    /// Every calibration error and every set in a panel of its own (Fig 11)
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure sigma`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  trainer figure sigma runs/sigma --out sigma.svg      # what `trainer sweep --over sigma --out runs/sigma` left")]
pub struct SigmaArgs {
    #[command(flatten)]
    evaluated: EvaluatedArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure calibration`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  trainer figure calibration runs/gamma/gamma-1 runs/res-net --out calibration.svg")]
pub struct CalibrationArgs {
    #[command(flatten)]
    evaluated: EvaluatedArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure reliability`.
#[derive(Debug, Args)]
#[command(
    after_help = "Bins of fewer than ten images are left out. Dotted: with the logits divided by the temperature in the model's card, where
there is one.

Example:
  trainer evaluate runs/first/model.safetensors --full --out first.json
  trainer figure reliability first.json --out reliability.svg"
)]
pub struct ReliabilityArgs {
    #[command(flatten)]
    evaluated: EvaluatedArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure training`.
#[derive(Debug, Args)]
#[command(
    after_help = "CI(X, Z) is what the latents hold of the image, CI(Z, Y) what they hold of the class: the loss weighs one against the
other by γ. Both are averages over the batches that were trained on, with their noise and dropout.

Examples:
  trainer figure training runs/first --out training.svg
  trainer figure training runs/gamma/* --out training.svg"
)]
pub struct TrainingArgs {
    /// Folders of runs, or folders of such
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    out: OutArgs,
}

/// What was evaluated.
#[derive(Debug, Args)]
struct EvaluatedArgs {
    /// Evaluations, run folders that hold one, or folders of such
    #[arg(required = true, value_name = "RUN|EVALUATION.json")]
    evaluated: Vec<PathBuf>,
}

impl EvaluatedArgs {
    /// The evaluations in the order in which models are shown, those that differ by their seed together.
    fn read(&self) -> Result<Vec<Replicates>> {
        let mut found = Replicates::group(evaluations(&self.evaluated)?)?;
        found.sort_by(|a, b| a.first().training.method.order(b.first().training.method));
        Ok(found)
    }

    /// All evaluations in that order, and a name for each.
    fn named(&self) -> Result<(Vec<String>, Vec<FullEvaluation>)> {
        let mut found = evaluations(&self.evaluated)?;
        found.sort_by(|(_, a), (_, b)| a.training.method.order(b.training.method));
        let names =
            distinct(found.iter().map(|(path, evaluation)| (evaluation.training.method, path.as_path())));
        Ok((names, found.into_iter().map(|(_, evaluation)| evaluation).collect()))
    }
}

pub fn gamma(args: &GammaArgs) -> Result<()> {
    args.out.check()?;
    let evaluated = args.evaluated.read()?;
    args.out.write(&if args.all { figure::gamma_all(&evaluated)? } else { figure::gamma(&evaluated)? })
}

pub fn sigma(args: &SigmaArgs) -> Result<()> {
    args.out.check()?;
    let mut runs = Vec::new();
    for (path, evaluation) in evaluations(&args.evaluated.evaluated)? {
        // An evaluation does not tell σ, its run's configuration does.
        let folder = if path.is_dir() { path.clone() } else { path.with_file_name("") };
        let config = RunFolder::open(&folder)?.config;
        if config.noise <= 0.0 {
            return Err(Error::data(&folder, "this run has no Gaussian noise (noise = 0)"));
        }
        runs.push(NoisyRun { sigma: config.noise, dequantize: config.dequantize, evaluation });
    }
    args.out.write(&figure::sigma(&runs)?)
}

pub fn calibration(args: &CalibrationArgs) -> Result<()> {
    args.out.check()?;
    let (names, evaluated) = args.evaluated.named()?;
    args.out.write(&figure::calibration(&names, &evaluated))
}

pub fn reliability(args: &ReliabilityArgs) -> Result<()> {
    args.out.check()?;
    let (names, evaluated) = args.evaluated.named()?;
    let measured = |evaluation: &FullEvaluation| !evaluation.report.top_label.reliability_diagram.is_empty();
    if !evaluated.iter().any(measured) {
        return Err(Error::Usage(
            "none of these evaluations has a reliability diagram: measure anew by trainer evaluate --full"
                .into(),
        ));
    }
    args.out.write(&figure::reliability(&names, &evaluated))
}

pub fn training(args: &TrainingArgs) -> Result<()> {
    args.out.check()?;
    let folders = run_folders(&args.runs)?;
    let classes = figure::classes(&folders)?;
    args.out.write(&figure::training(&figure::logs(&folders)?, classes))
}
