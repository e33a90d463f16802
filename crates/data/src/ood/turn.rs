//! A growing change of an image's colours, for its path through latent space (method §4.6, Fig 12).

use ibinn::image::RgbRotation;

use crate::{Error, Result};

/// The rotation of the colours by a strength, or what of it there can be in a grey image.
pub struct ColourTurn(Kind);

enum Kind {
    Rgb(RgbRotation),
    /// The contrast about mid-grey is multiplied by this.
    Grey(f64),
}

impl ColourTurn {
    /// By `strength`, from 0 for nothing to 1 for half a turn, of images with `channels` channels.
    ///
    /// A grey image has one direction of colour. Turned about mid-grey by the angle π·α^1.2 of [`RgbRotation`], what is
    /// seen of it in that direction is its contrast times the angle's cosine: it shrinks, vanishes and comes back inverted.
    ///
    /// # Errors
    /// As [`RgbRotation::new`].
    pub fn new(strength: f64, channels: usize) -> Result<Self> {
        let rotation = RgbRotation::new(strength).map_err(Error::core)?;
        Ok(Self(if channels == 3 {
            Kind::Rgb(rotation)
        } else {
            Kind::Grey((std::f64::consts::PI * strength.powf(1.2)).cos())
        }))
    }

    /// What it does, for people.
    pub fn about(channels: usize) -> &'static str {
        if channels == 3 {
            "colours rotated about mid-grey, strength 0 to 1"
        } else {
            "contrast turned about mid-grey, strength 0 to 1"
        }
    }

    /// Changes an image, planes in [0, 1].
    pub fn image(&self, planes: &[f32]) -> Vec<f32> {
        match &self.0 {
            Kind::Rgb(rotation) => rotation.image(planes),
            Kind::Grey(factor) => {
                planes.iter().map(|&v| (0.5 + factor * (f64::from(v) - 0.5)).clamp(0.0, 1.0) as f32).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn grey_images_keep_vanish_and_invert() {
        let turned = |strength: f64| ColourTurn::new(strength, 1).unwrap().image(&[0.0, 0.5, 0.9]);
        assert_eq!(turned(0.0), [0.0, 0.5, 0.9]);
        let quarter = turned(0.5f64.powf(1.0 / 1.2));
        assert!(quarter.iter().all(|v| (v - 0.5).abs() < 1e-6), "{quarter:?}");
        let half = turned(1.0);
        assert!(half.iter().zip([1.0, 0.5, 0.1]).all(|(v, wanted)| (v - wanted).abs() < 1e-6), "{half:?}");
    }

    #[test]
    fn colours_turn_as_the_published_set_does() {
        let image = [1.0, 0.0, 0.0];
        let turned = ColourTurn::new(RgbRotation::PUBLISHED, 3).unwrap().image(&image);
        assert!((turned[0] - 0.425_245).abs() < 1e-6);
    }
}
