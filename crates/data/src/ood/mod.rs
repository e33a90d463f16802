//! Out-of-distribution sets: images that a model was not trained on, to see whether it notices (method §4.5).

mod altered;
mod files;
mod records;
mod sketch;
mod source;
mod suite;
mod turn;

use std::path::Path;

use ibinn::ModelSpec;
use ibinn::image::{RgbRotation, fit};
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::Shape;

use crate::{Error, Result};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
pub use source::{Source, without_files};
pub use suite::Suite;
pub use turn::ColourTurn;

/// An out-of-distribution set in the shape that a model takes.
#[derive(Clone, Debug, PartialEq)]
pub struct OodSet {
    /// Its name, as it was asked for.
    pub name: String,
    /// What it is made of, for people.
    pub about: String,
    /// How far it is from the training images; none where nobody says.
    pub distance: Option<Distance>,
    /// Whether each image is a form of the test image at its place.
    pub paired: bool,
    /// Bytes of one image as it is stored.
    stored: usize,
    /// N·`stored` bytes.
    bytes: Vec<u8>,
    finish: Finish,
}

/// How far images are from those that a model was trained on, as benchmarks group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// Things of the same kind.
    Near,
    /// Things of another kind.
    Far,
}

/// How stored bytes become pixels.
#[derive(Clone, Debug, PartialEq)]
enum Finish {
    /// v/255, all planes stored.
    Plain,
    /// v/255, then the rotation of the colours.
    Rotated(RgbRotation),
    /// v/255 plus noise of the image's own index, clamped.
    Noisy { sigma: f64, seed: u64, indices: Vec<usize> },
    /// One plane of ink, drawn in a colour of the image's own on white.
    Sketched { seed: u64 },
}

impl OodSet {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.bytes.len() / self.stored
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Keeps only the first `count` images.
    fn truncate(&mut self, count: usize) {
        self.bytes.truncate(count.saturating_mul(self.stored));
    }

    /// Pixels in [0, 1] of the images at `indices`, N×C×H×W, not rounded to bytes.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn pixels(&self, indices: &[usize]) -> Vec<f32> {
        indices.iter().flat_map(|&i| self.image(i)).collect()
    }

    fn image(&self, i: usize) -> Vec<f32> {
        let bytes = &self.bytes[i * self.stored..][..self.stored];
        let plain = || bytes.iter().map(|&v| f32::from(v) / 255.0);
        match &self.finish {
            Finish::Plain => plain().collect(),
            Finish::Rotated(rotation) => rotation.image(&plain().collect::<Vec<_>>()),
            Finish::Noisy { sigma, seed, indices } => {
                let mut stream = Stream::new(*seed, Purpose::OodNoise, indices[i] as u64);
                let noisy = |v: f32| (f64::from(v) + sigma * stream.normal()).clamp(0.0, 1.0) as f32;
                plain().map(noisy).collect()
            }
            Finish::Sketched { seed } => sketch::draw(bytes, sketch::colour(*seed, i)),
        }
    }
}

/// Images as a file holds them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pictures {
    /// Channels, rows, columns.
    pub shape: [usize; 3],
    /// N·C·H·W bytes.
    pub bytes: Vec<u8>,
}

/// Images, N·C·H·W bytes of the shape `from`, in the shape `to` as an upload is brought to it: grey ones in colour and the reverse,
/// larger or smaller.
fn in_shape(images: Vec<u8>, from: [usize; 3], to: [usize; 3]) -> Vec<u8> {
    if from == to {
        return images;
    }
    let [channels, rows, columns] = from;
    let plane = rows * columns;
    let fitted = |image: &[u8]| {
        let colour = |i: usize| [0, 1, 2].map(|c: usize| f32::from(image[c.min(channels - 1) * plane + i]));
        fit(colour, (columns, rows), to)
    };
    images.par_chunks_exact(channels * plane).flat_map_iter(fitted).collect()
}

/// Refuses images of a file whose shape is not the one that the model takes.
fn check_shape(path: &Path, shape: [usize; 3], spec: &ModelSpec) -> Result<()> {
    let (Shape { channels, height, width }, [c, h, w]) = (spec.input_shape(), shape);
    if shape == [channels, height, width] {
        return Ok(());
    }
    let problem = format!(
        "its images are {c}×{h}×{w} (channels × rows × columns), but the model takes {channels}×{height}×{width}"
    );
    Err(Error::data(path, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_another_shape_are_brought_to_the_models() {
        // A column of light in the middle of 2×4 pixels, as large as the model's 4×4 with its border's tone around.
        let grey = [0, 200, 200, 0, 0, 200, 200, 0];
        let row = [0, 200, 200, 0];
        let colour = in_shape(grey.to_vec(), [1, 2, 4], [3, 4, 4]);
        for plane in colour.chunks(16) {
            assert_eq!((&plane[4..8], &plane[8..12]), (&row[..], &row[..]));
        }
        let grey = in_shape([[90; 4], [30; 4], [60; 4]].concat(), [3, 2, 2], [1, 2, 2]);
        assert!(grey.iter().all(|&v| v == grey[0] && (30..90).contains(&v)), "{grey:?}");
    }
}
