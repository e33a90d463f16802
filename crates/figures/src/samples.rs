//! What a model draws: latents around its class means, lines between latents, and the images of both.

use std::path::Path;

use ibinn::Model;
use ibinn::head::mixture;
use ibinn::session::executor::Executor;

use crate::draw::Picture;
use crate::{Error, Result};

/// Temperature of samples, where no other is asked for (method §4.6, Fig 8).
pub const TEMPERATURE: f64 = 0.7;

/// Reads a model file.
///
/// # Errors
/// When the file cannot be read or is not a sound model.
pub fn read_model(path: &Path) -> Result<Model> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    Model::from_bytes(&bytes).map_err(|source| Error::Model { path: path.into(), source })
}

/// Sample number `index` of `class`: a latent, D numbers, around its mean among `means`, (K, D).
pub fn draw(means: &[f32], dims: usize, class: usize, temperature: f64, seed: u64, index: usize) -> Vec<f32> {
    mixture::sample(&means[class * dims..][..dims], temperature, seed, index as u64)
}

/// `steps` latents at equal steps on the straight line from `a` to `b`, both included; `steps` is 2 or more.
pub fn line(a: &[f32], b: &[f32], steps: usize) -> Vec<f32> {
    (0..steps).flat_map(|i| mixture::interpolate(a, b, i as f64 / (steps - 1) as f64)).collect()
}

/// Decodes latents, N×D, to pixels in [0, 1], N×C×H×W.
///
/// # Errors
/// When the executor fails, or an image is beyond what single precision holds.
pub fn decode_pixels(model: &Model, executor: &mut Executor, z: &[f32]) -> Result<Vec<f32>> {
    let x = pollster::block_on(executor.decode(z)).map_err(Error::core)?;
    if let Some(i) = x.iter().position(|v| !v.is_finite()) {
        let problem = "is beyond what single precision holds: its latents, or the temperature that they are drawn with, are too large";
        return Err(Error::Usage(format!("image {}, counted from 0, {problem}", i / model.spec().dims())));
    }
    Ok(model.spec().denormalize(&x))
}

/// Pictures of images in the model's shape, N×C×H×W pixels in [0, 1].
pub fn pictures(model: &Model, pixels: &[f32]) -> Vec<Picture> {
    let input = model.spec().input();
    let shape = [input.channels, input.height, input.width];
    pixels.chunks_exact(model.spec().dims()).map(|pixels| Picture::from_planes(pixels, shape)).collect()
}
