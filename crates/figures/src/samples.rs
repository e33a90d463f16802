//! Model files, and the images of models as pictures.

use std::path::Path;

use ibinn::Model;
use ibinn::session::{Centre, Sampling};

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

/// How samples are drawn where nothing else is asked for, by this seed.
pub fn sampling(seed: u64) -> Sampling {
    Sampling { centre: Centre::EmpiricalMean, temperature: TEMPERATURE, seed }
}

/// Samples 0 to `count` of each class, a class after the other.
pub fn each(classes: &[usize], count: usize) -> impl Iterator<Item = (usize, u64)> {
    classes.iter().flat_map(move |&class| (0..count as u64).map(move |number| (class, number)))
}

/// Pictures of images in the model's shape, N×C×H×W pixels in [0, 1].
pub fn pictures(model: &Model, pixels: &[f32]) -> Vec<Picture> {
    let input = model.spec().input();
    let shape = [input.channels, input.height, input.width];
    pixels.chunks_exact(model.spec().dims()).map(|pixels| Picture::from_planes(pixels, shape)).collect()
}
