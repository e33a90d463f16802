//! Exploding inverses: images by which a decoded latent shows that the network's inverse has lost it (method §4.10).

use super::Session;
use crate::cpu::check_length;
use crate::{Encoded, Result};

/// Pixels of images that the inverse has not lost; those of pictures lie in [0, 1].
const RANGE: std::ops::RangeInclusive<f32> = -1.0..=2.0;
/// Largest difference of a pixel from itself, encoded and decoded again.
const ROUND_TRIP: f32 = 0.01;

/// How an image shows that the inverse has exploded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explosion {
    /// A pixel is no number.
    NotFinite,
    /// A pixel lies outside of [−1, 2], where pictures have [0, 1].
    OutOfRange,
    /// Encoded and decoded again, a pixel is off by more than 0.01.
    NoWayBack,
}

impl Explosion {
    /// The words for people, as in "a pixel is no number".
    pub fn about(self) -> &'static str {
        match self {
            Self::NotFinite => "a pixel is no number",
            Self::OutOfRange => "a pixel is far out of range",
            Self::NoWayBack => "it does not encode back",
        }
    }

    /// What the pixels of an image alone show.
    pub fn of(pixels: &[f32]) -> Option<Self> {
        if !pixels.iter().all(|v| v.is_finite()) {
            Some(Self::NotFinite)
        } else if !pixels.iter().all(|v| RANGE.contains(v)) {
            Some(Self::OutOfRange)
        } else {
            None
        }
    }
}

impl Session {
    /// What shows of each of some decoded images, N×C×H×W pixels as [`decode_as_is`](Self::decode_as_is) gives them, that
    /// the inverse has exploded; none of an image that encodes and decodes to itself.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) when they are not whole images, the executor's when it fails.
    pub async fn explosions(&mut self, pixels: &[f32]) -> Result<Vec<Option<Explosion>>> {
        let dims = self.model.spec().dims();
        check_length(pixels.len(), dims)?;
        let mut found: Vec<_> = pixels.chunks_exact(dims).map(Explosion::of).collect();
        let sound: Vec<usize> = (0..found.len()).filter(|&i| found[i].is_none()).collect();
        for part in sound.chunks(Self::BATCH) {
            let images: Vec<f32> = part.iter().flat_map(|&i| &pixels[i * dims..][..dims]).copied().collect();
            let Encoded { z, .. } = self.encode(&images).await?;
            let back = self.decode_as_is(&z).await?;
            let pairs = images.chunks_exact(dims).zip(back.chunks_exact(dims));
            for (&i, (image, back)) in part.iter().zip(pairs) {
                // A difference that is no number is none that is small.
                let returns = image.iter().zip(back).all(|(a, b)| (a - b).abs() <= ROUND_TRIP);
                found[i] = (!returns).then_some(Explosion::NoWayBack);
            }
        }
        Ok(found)
    }
}
