//! `trainer figure`.

mod latent;
mod measured;
mod models;
mod pictures;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::Result;
use ibinn_figures::draw::{Format, Sheet};
use ibinn_files::atomic;
use ibinn_terminal::output::{path_text, print};

/// Flags of `figure`.
#[derive(Debug, Args)]
#[command(
    after_help = "A file's ending decides what is written: .svg, or .png, whose words need a font of the system.

Examples:
  trainer figure gamma runs/gamma --out gamma.svg gamma.png               # Fig 6; --all: Fig 11
  trainer figure samples runs/gamma/*/model.safetensors --out samples.svg # Fig 14
  trainer figure latent runs/first/model.safetensors --out latent.svg     # Fig 7
  trainer figure training runs/first --out training.svg"
)]
pub struct FigureArgs {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Debug, Subcommand)]
enum Figure {
    /// Error, bits/dim, calibration, entropy increase and detection over γ (Figs 6 and 11)
    Gamma(measured::GammaArgs),
    /// Losses, quality and cross-information over the noise σ (Fig 10)
    Sigma(measured::SigmaArgs),
    /// Calibration curves of one or several models
    Calibration(measured::CalibrationArgs),
    /// Reliability diagrams of the predicted class, and risk–coverage curves
    Reliability(measured::ReliabilityArgs),
    /// Cross-informations, error and gradient norm during training, from the logs of runs
    Training(measured::TrainingArgs),
    /// Test images in the plane of the class means (Fig 7)
    Latent(latent::LatentArgs),
    /// The way of an image through latent space as its colours are rotated (Fig 12)
    RotationPath(latent::RotationPathArgs),
    /// Samples of each class, a block a model (Figs 8 and 14)
    Samples(pictures::SamplesArgs),
    /// Interpolations between two images, a row a model (Fig 9)
    Interpolations(pictures::InterpolationsArgs),
    /// Images of out-of-distribution sets beside those of the test set (Fig 5)
    OodExamples(pictures::OodExamplesArgs),
}

/// Where a figure is written.
#[derive(Clone, Debug, Args)]
struct OutArgs {
    /// Files to write, .svg or .png
    #[arg(long, required = true, num_args = 1.., value_name = "FILE.svg|FILE.png")]
    out: Vec<PathBuf>,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    json: bool,
}

impl OutArgs {
    /// Finds out whether the files can be written, before the work.
    fn check(&self) -> Result<()> {
        for path in &self.out {
            Format::of(path)?;
            atomic::check(path)?;
        }
        Ok(())
    }

    fn write(&self, sheet: &Sheet) -> Result<()> {
        let scene = sheet.scene();
        self.out.iter().try_for_each(|path| scene.write(path))?;
        if self.json {
            let out: Vec<_> = self.out.iter().map(|path| path_text(path)).collect();
            print(serde_json::json!({ "out": out, "width": scene.width, "height": scene.height }));
        } else {
            self.out.iter().for_each(|path| print(path.display()));
        }
        Ok(())
    }
}

pub(super) fn run(args: FigureArgs) -> Result<()> {
    match args.figure {
        Figure::Gamma(args) => measured::gamma(&args),
        Figure::Sigma(args) => measured::sigma(&args),
        Figure::Calibration(args) => measured::calibration(&args),
        Figure::Reliability(args) => measured::reliability(&args),
        Figure::Training(args) => measured::training(&args),
        Figure::Latent(args) => latent::latent(&args),
        Figure::RotationPath(args) => latent::rotation_path(&args),
        Figure::Samples(args) => pictures::samples(&args),
        Figure::Interpolations(args) => pictures::interpolations(&args),
        Figure::OodExamples(args) => pictures::ood_examples(&args),
    }
}
