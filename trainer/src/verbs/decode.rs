//! `trainer decode`.

use std::path::PathBuf;

use clap::Args;
use ibinn::model::container::{Array, Container};

use super::shared::{ModelArgs, write_grid};
use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_files::atomic;
use ibinn_terminal::output::{counted, path_text, print};

/// Flags of `decode`.
#[derive(Debug, Args)]
#[command(after_help = "The output holds x (N, C, H, W): pixels in [0, 1].

Examples:
  trainer decode model.safetensors latents.safetensors --out images.safetensors
  trainer decode model.safetensors latents.safetensors --out images.safetensors --png images.png")]
pub struct DecodeArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// File with `z` (N, D), as `encode` writes it
    latents: PathBuf,
    /// File to write the images to
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Also write the images as a grid
    #[arg(long, value_name = "FILE.png")]
    png: Option<PathBuf>,
}

pub(super) fn run(args: DecodeArgs) -> Result<()> {
    atomic::check(&args.out)?;
    args.png.as_deref().map(png::check).transpose()?;
    let model = args.model.load_flow()?;
    let path = &args.latents;
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let container = Container::parse(&bytes).map_err(|e| Error::data(path, e.to_string()))?;
    let array = container.arrays.get("z").ok_or_else(|| Error::data(path, "it has no tensor `z`"))?;
    let dims = model.spec().dims();
    if array.shape.len() != 2 || array.shape[1] != dims {
        return Err(Error::data(path, format!("`z` has shape {:?}, must be [N, {dims}]", array.shape)));
    }
    let z = array.to_f32();
    if let Some(i) = z.iter().position(|v| !v.is_finite()) {
        return Err(Error::data(path, format!("`z` holds {} in row {}", z[i], i / dims)));
    }
    let mut session = args.model.session(model)?;
    let pixels = session.decode(&z).map_err(Error::core)?;
    let (model, executor) = (session.model(), session.executor());
    let input = model.spec().input();
    let n = array.shape[0];
    let shape = [n, input.channels, input.height, input.width];
    let mut out = Container::default();
    out.arrays.insert("x".into(), Array::f32(&shape, &pixels));
    atomic::write(&args.out, &out.to_bytes())?;
    if let Some(path) = &args.png {
        write_grid(path, model, &pixels, (n as f64).sqrt().ceil().max(1.0) as usize)?;
    }
    if args.model.json {
        print(serde_json::json!({ "out": path_text(&args.out), "images": n, "executor": executor.name() }));
    } else {
        print(format_args!("{} in {}", counted(n, "image"), args.out.display()));
    }
    Ok(())
}
