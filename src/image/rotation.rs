//! Rotation of the colour space: images whose shapes stay and whose colours do not (method §4.5).

use std::f64::consts::PI;

use crate::{Error, Result};

/// A fixed rotation of RGB about mid-grey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RgbRotation {
    strength: f64,
    matrix: [[f64; 3]; 3],
}

impl RgbRotation {
    /// Strength α of the published tables.
    pub const PUBLISHED: f64 = 0.35;

    /// R_x(0.2π·α^0.7)·R_y(π·α^1.2): nothing for α = 0, half a turn for α = 1.
    ///
    /// # Errors
    /// [`Error::Usage`] when α is negative or not finite.
    pub fn new(strength: f64) -> Result<Self> {
        if !(strength >= 0.0 && strength.is_finite()) {
            return Err(Error::Input(format!("rgb-rotation: the strength is {strength}, must be 0 or more")));
        }
        let (sin_a, cos_a) = (0.2 * PI * strength.powf(0.7)).sin_cos();
        let (sin_b, cos_b) = (PI * strength.powf(1.2)).sin_cos();
        let matrix = [
            [cos_b, 0.0, sin_b],
            [sin_a * sin_b, cos_a, -sin_a * cos_b],
            [-cos_a * sin_b, sin_a, cos_a * cos_b],
        ];
        Ok(Self { strength, matrix })
    }

    /// Strength α.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// R, row-major: rgb ← clamp(R·(rgb − ½) + ½, 0, 1).
    pub fn matrix(&self) -> [[f64; 3]; 3] {
        self.matrix
    }

    /// Rotates one pixel in [0, 1].
    pub fn pixel(&self, rgb: [f64; 3]) -> [f64; 3] {
        self.matrix.map(|row| {
            let sum: f64 = row.iter().zip(rgb).map(|(r, v)| r * (v - 0.5)).sum();
            (sum + 0.5).clamp(0.0, 1.0)
        })
    }

    /// Rotates an image in [0, 1] of three planes.
    pub fn image(&self, planes: &[f32]) -> Vec<f32> {
        let plane = planes.len() / 3;
        let mut out = vec![0.0; planes.len()];
        for i in 0..plane {
            let rgb = self.pixel([0, 1, 2].map(|c| f64::from(planes[c * plane + i])));
            (0..3).for_each(|c| out[c * plane + i] = rgb[c] as f32);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn angle(rotation: &RgbRotation) -> f64 {
        let trace: f64 = (0..3).map(|i| rotation.matrix[i][i]).sum();
        ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos()
    }

    #[test]
    fn pixels_match_the_hand_computed_values() {
        let rotation = RgbRotation::new(RgbRotation::PUBLISHED).unwrap();
        for (rgb, wanted) in [
            ([1.0, 0.0, 0.0], [0.425_245, 0.231_207, 0.0]),
            ([0.6, 0.5, 0.4], [0.485_049, 0.541_736, 0.365_707]),
            ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
            // Only mid-grey stays.
            ([0.3, 0.3, 0.3], [0.218_742, 0.300_137, 0.469_199]),
        ] {
            let rotated = rotation.pixel(rgb);
            for (got, wanted) in rotated.into_iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-6, "{rotated:?} instead of {wanted:?}");
            }
        }
        assert!((angle(&rotation) - 0.937_623).abs() < 1e-6);
    }

    #[test]
    fn every_strength_is_a_rotation() {
        for strength in [0.0, 0.043, 0.35, 1.0, 1.7] {
            let rotation = RgbRotation::new(strength).unwrap();
            for i in 0..3 {
                for j in 0..3 {
                    let dot: f64 = (0..3).map(|k| rotation.matrix[i][k] * rotation.matrix[j][k]).sum();
                    assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-12);
                }
            }
        }
        let (none, half) = (RgbRotation::new(0.0).unwrap(), RgbRotation::new(1.0).unwrap());
        assert_eq!(none.image(&[0.1, 0.5, 0.9, 0.2, 0.0, 1.0]), [0.1, 0.5, 0.9, 0.2, 0.0, 1.0]);
        assert!((angle(&half) - PI).abs() < 1e-6);
    }

    #[test]
    fn impossible_strengths_are_refused() {
        for strength in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(RgbRotation::new(strength).unwrap_err().to_string().contains("rgb-rotation"));
        }
    }
}
