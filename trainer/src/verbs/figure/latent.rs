//! Figures of latent space.

use std::path::PathBuf;

use clap::Args;
use ibinn::{Family, LatentMap, Model};

use super::super::dataset::{DatasetArgs, check_index};
use super::super::shared::ModelArgs;
use super::OutArgs;
use super::models::{self, Named};
use crate::error::{Error, Result};
use ibinn_data::Split;
use ibinn_data::ood::ColourTurn;
use ibinn_evaluate::pass;
use ibinn_figures::figure::{self, Path, PathImages};

/// Strengths along the path of an image.
const STRENGTHS: usize = 8;

/// Flags of `figure latent`.
#[derive(Debug, Args)]
#[command(after_help = "Every class has a standard deviation of 1; the bar shows how long that is.

Examples:
  trainer figure latent runs/first/model.safetensors --out latent.svg
  trainer figure latent runs/gamma/*/model.safetensors --out latent.svg latent.png")]
pub struct LatentArgs {
    /// Model files
    #[arg(required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure rotation-path`.
#[derive(Debug, Args)]
#[command(
    after_help = "Colours are rotated about mid-grey as in the out-of-distribution set `rgb-rotation`, by eight strengths from 0 to 1. Grey
images have only one direction to be turned in: turned half way about mid-grey, they show it as contrast, which shrinks,
vanishes, and comes back inverted. That is our counterpart, not the paper's.

Examples:
  trainer figure rotation-path cifar.safetensors --index 7 --out path.svg
  trainer figure rotation-path fashion.safetensors --index 0 --without-images --out path.svg"
)]
pub struct RotationPathArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DatasetArgs,
    /// Which test image
    #[arg(long, default_value_t = 0, value_name = "N")]
    index: usize,
    /// Leave out what the image looks like along the way
    #[arg(long)]
    without_images: bool,
    /// Files to write, .svg or .png
    #[arg(long, required = true, num_args = 1.., value_name = "FILE.svg|FILE.png")]
    out: Vec<PathBuf>,
}

pub fn latent(args: &LatentArgs) -> Result<()> {
    args.out.check()?;
    // One legend serves all, so they must share their classes.
    let models = models::load(&args.models, Family::require_mixture)?;
    let mut maps = Vec::new();
    for Named { name, path, model } in &models {
        maps.push((name.clone(), map(model, path)?, model.spec().classes()));
    }
    args.out.write(&figure::latent(&maps))
}

pub fn rotation_path(args: &RotationPathArgs) -> Result<()> {
    let out = OutArgs { out: args.out.clone(), json: args.model.json };
    out.check()?;
    let model = args.model.load_mixture()?;
    let map = map(&model, &args.model.model)?.clone();
    let data = args.data.load(args.model.at(&model), Split::Test)?;
    check_index("--index", args.index, &data)?;
    let image = pass::pixels(&data, &[args.index]);
    let strengths: Vec<f64> = (0..STRENGTHS).map(|i| i as f64 / (STRENGTHS - 1) as f64).collect();
    let mut pixels = Vec::new();
    for &strength in &strengths {
        pixels.extend(ColourTurn::new(strength, data.shape[0])?.image(&image));
    }
    let mut session = args.model.session(model)?;
    let z = session.encode(&pixels).map_err(Error::core)?.z;
    let path = Path {
        about: ColourTurn::about(data.shape[0]).into(),
        points: session.project(&z).map_err(Error::core)?,
        strengths,
        images: (!args.without_images).then_some(PathImages { pixels, shape: data.shape }),
    };
    let model = session.model();
    out.write(&figure::path(&model.card().training.method.to_string(), model, &map, &path))
}

/// The latent map of a model's card.
fn map<'a>(model: &'a Model, path: &std::path::Path) -> Result<&'a LatentMap> {
    let map = model.card().evaluation.as_ref().and_then(|evaluation| evaluation.latent_map.as_ref());
    map.ok_or_else(|| {
        Error::data(
            path,
            "its card has no latent map; evaluate it anew with: trainer export MODEL --dataset NAME --precision f32 --out FILE",
        )
    })
}
