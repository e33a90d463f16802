//! Gradual disturbances of an image.

use super::noise::{fraction, normal};
use super::{ImageShape, RgbRotation};
use crate::{Error, Result};

/// The widest blur: beyond it nothing is left of an image.
const MOST_BLUR: f64 = 100.0;

/// Ways to disturb an image, all of them gradual; zeros leave it as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Corruption {
    /// Turn about the centre, degrees, clockwise; what comes in from outside is black.
    pub rotation: f64,
    /// Standard deviation of Gaussian noise, in units of the pixels' range.
    pub noise: f64,
    /// Standard deviation of a Gaussian blur, pixels.
    pub blur: f64,
    /// 1 turns light into dark; at ½ everything is grey.
    pub inversion: f64,
    /// Side of a black square that covers the image, as a share of the image's own.
    pub occlusion: f64,
    /// Strength of the paper's rotation of the colours (method §4.5); nothing to a grey image.
    pub colours: f64,
}

impl Corruption {
    /// The image, C×H×W pixels in [0, 1], disturbed: always in the same order, and with the same noise every time.
    ///
    /// # Errors
    /// [`Error::Input`] when the pixels are no image of `shape`, or an amount is negative, far too large or no number.
    pub fn apply(&self, pixels: &[f32], shape: ImageShape) -> Result<Vec<f32>> {
        if pixels.len() != shape.iter().product::<usize>() || pixels.is_empty() {
            return Err(Error::Input(format!("{} numbers are no image of {shape:?}", pixels.len())));
        }
        let &Self { rotation, noise, blur, inversion, occlusion, colours } = self;
        let amounts = [
            ("noise", noise, f64::MAX),
            ("blur", blur, MOST_BLUR),
            ("inversion", inversion, 1.0),
            ("occlusion", occlusion, f64::MAX),
        ];
        for (name, amount, most) in amounts {
            if !(0.0..=most).contains(&amount) {
                return Err(Error::Input(format!("{name} is {amount}, must be a number from 0 to {most}")));
            }
        }
        if !rotation.is_finite() {
            return Err(Error::Input(format!("rotation is {rotation}, must be a number")));
        }
        let colour_rotation = RgbRotation::new(colours)?;

        let mut image = pixels.to_vec();
        if rotation != 0.0 {
            image = rotated(&image, shape, rotation.to_radians());
        }
        if blur > 0.0 {
            image = blurred(&image, shape, blur);
        }
        if colours > 0.0 && shape[0] == 3 {
            image = colour_rotation.image(&image);
        }
        let each = |image: &mut [f32], f: &dyn Fn(usize, f64) -> f64| {
            image.iter_mut().enumerate().for_each(|(i, v)| *v = f(i, f64::from(*v)) as f32);
        };
        if inversion > 0.0 {
            each(&mut image, &|_, v| v + inversion * (1.0 - 2.0 * v));
        }
        if occlusion > 0.0 {
            let covered = Cover::new(shape, occlusion);
            each(&mut image, &|i, v| v * (1.0 - covered.share(i)));
        }
        if noise > 0.0 {
            each(&mut image, &|i, v| (v + noise * normal(i as u32)).clamp(0.0, 1.0));
        }
        Ok(image)
    }
}

/// Every pixel is read between the four around the place that it was turned from.
fn rotated(pixels: &[f32], [_, height, width]: ImageShape, angle: f64) -> Vec<f32> {
    let (sin, cos) = angle.sin_cos();
    let (middle_x, middle_y) = ((width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0);
    let turn = |(plane, i): (&[f32], usize)| {
        let (x, y) = ((i % width) as f64 - middle_x, (i / width) as f64 - middle_y);
        let (from_x, from_y) = (middle_x + cos * x + sin * y, middle_y - sin * x + cos * y);
        let (left, top) = (from_x.floor(), from_y.floor());
        let (right, down) = (from_x - left, from_y - top);
        let at = |row: f64, column: f64| {
            let inside = row >= 0.0 && row < height as f64 && column >= 0.0 && column < width as f64;
            if inside { f64::from(plane[row as usize * width + column as usize]) } else { 0.0 }
        };
        let between = |row: f64| (1.0 - right) * at(row, left) + right * at(row, left + 1.0);
        ((1.0 - down) * between(top) + down * between(top + 1.0)) as f32
    };
    let planes = pixels.chunks_exact(height * width);
    planes.flat_map(|plane| (0..plane.len()).map(move |i| (plane, i))).map(turn).collect()
}

/// Rows, then columns; beyond the border the outermost pixels go on.
fn blurred(pixels: &[f32], [_, height, width]: ImageShape, deviation: f64) -> Vec<f32> {
    let reach = (3.0 * deviation).ceil() as isize;
    let weights: Vec<f64> = (-reach..=reach).map(|i| (-0.5 * (i as f64 / deviation).powi(2)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let along = |image: &[f32], step_x: isize, step_y: isize| -> Vec<f32> {
        let near =
            |at: usize, step: isize, side: usize| (at as isize + step).clamp(0, side as isize - 1) as usize;
        let blur = |(plane, i): (&[f32], usize)| {
            let sum = weights.iter().zip(-reach..).map(|(weight, step)| {
                let row = near(i / width, step * step_y, height);
                let column = near(i % width, step * step_x, width);
                weight * f64::from(plane[row * width + column])
            });
            (sum.sum::<f64>() / total) as f32
        };
        let planes = image.chunks_exact(height * width);
        planes.flat_map(|plane| (0..plane.len()).map(move |i| (plane, i))).map(blur).collect()
    };
    along(&along(pixels, 1, 0), 0, 1)
}

/// A square, somewhere near the middle, the same every time; its edge covers pixels in part.
struct Cover {
    width: usize,
    /// Shares of each column and of each row.
    columns: Vec<f64>,
    rows: Vec<f64>,
}

impl Cover {
    fn new([_, height, width]: ImageShape, share: f64) -> Self {
        let half = share * height.min(width) as f64 / 2.0;
        let along = |side: usize, index: u32| {
            let centre = side as f64 * (0.5 + 0.2 * (fraction(index) - 0.5));
            let covered = |pixel: usize| {
                let pixel = pixel as f64;
                ((pixel + 1.0).min(centre + half) - pixel.max(centre - half)).max(0.0)
            };
            (0..side).map(covered).collect()
        };
        Self { width, columns: along(width, 0), rows: along(height, 1) }
    }

    fn share(&self, i: usize) -> f64 {
        self.columns[i % self.width] * self.rows[i / self.width % self.rows.len()]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NONE: Corruption =
        Corruption { rotation: 0.0, noise: 0.0, blur: 0.0, inversion: 0.0, occlusion: 0.0, colours: 0.0 };

    fn apply(corruption: Corruption, pixels: &[f32], shape: ImageShape) -> Vec<f32> {
        corruption.apply(pixels, shape).unwrap()
    }

    fn close(got: &[f32], wanted: &[f32]) {
        assert!(
            got.len() == wanted.len() && got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6),
            "{got:?}"
        );
    }

    #[test]
    fn nothing_leaves_an_image_as_it_is() {
        let image = [0.1, 0.9, 0.3, 0.0];
        assert_eq!(apply(NONE, &image, [1, 2, 2]), image);
        // A grey image has no colours to be rotated.
        assert_eq!(apply(Corruption { colours: 0.5, ..NONE }, &image, [1, 2, 2]), image);
    }

    #[test]
    fn a_quarter_turn_is_clockwise_and_half_a_turn_is_its_square() {
        let image = [0.1, 0.2, 0.3, 0.4];
        close(&apply(Corruption { rotation: 90.0, ..NONE }, &image, [1, 2, 2]), &[0.3, 0.1, 0.4, 0.2]);
        close(&apply(Corruption { rotation: 180.0, ..NONE }, &image, [1, 2, 2]), &[0.4, 0.3, 0.2, 0.1]);
        // Corners of a square image come in from outside.
        let turned = apply(Corruption { rotation: 45.0, ..NONE }, &[1.0; 25], [1, 5, 5]);
        assert!(turned[0] < 0.5 && (turned[12] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_blur_keeps_the_light_and_an_even_image() {
        let mut image = [0.0; 81];
        image[40] = 1.0;
        let blurred = apply(Corruption { blur: 1.0, ..NONE }, &image, [1, 9, 9]);
        assert!((blurred.iter().sum::<f32>() - 1.0).abs() < 1e-3);
        // 1 / (2π) but for the grid.
        assert!((blurred[40] - 0.159).abs() < 1e-3, "{}", blurred[40]);
        close(&apply(Corruption { blur: 2.0, ..NONE }, &[0.3; 27], [3, 3, 3]), &[0.3; 27]);
    }

    #[test]
    fn light_turns_into_dark_and_a_square_covers() {
        close(&apply(Corruption { inversion: 1.0, ..NONE }, &[0.2, 1.0], [1, 1, 2]), &[0.8, 0.0]);
        close(&apply(Corruption { inversion: 0.5, ..NONE }, &[0.2, 1.0], [1, 1, 2]), &[0.5, 0.5]);
        let covered = apply(Corruption { occlusion: 0.5, ..NONE }, &[1.0; 192], [3, 8, 8]);
        // A square of 4×4 of 64 pixels, in every channel.
        assert!((covered.iter().sum::<f32>() - 3.0 * 48.0).abs() < 1e-4);
        assert_eq!(covered[..64], covered[64..128]);
    }

    #[test]
    fn noise_stays_within_range_and_colours_turn_as_published() {
        let noisy = apply(Corruption { noise: 0.5, ..NONE }, &[0.5; 400], [1, 20, 20]);
        assert!(
            noisy.iter().all(|v| (0.0..=1.0).contains(v)) && noisy.contains(&0.0) && noisy.contains(&1.0)
        );
        let turned = apply(Corruption { colours: 0.35, ..NONE }, &[1.0, 0.0, 0.0], [3, 1, 1]);
        close(&turned, &[0.425_245, 0.231_207, 0.0]);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        for (corruption, wanted) in [
            (Corruption { noise: -1.0, ..NONE }, "noise is -1"),
            (Corruption { blur: 1e9, ..NONE }, "blur is 1000000000"),
            (Corruption { inversion: 2.0, ..NONE }, "inversion is 2"),
            (Corruption { occlusion: f64::NAN, ..NONE }, "occlusion is NaN"),
            (Corruption { rotation: f64::INFINITY, ..NONE }, "rotation is inf"),
            (Corruption { colours: -1.0, ..NONE }, "strength is -1"),
        ] {
            let message = corruption.apply(&[0.0; 4], [1, 2, 2]).unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
        assert!(NONE.apply(&[0.0; 3], [1, 2, 2]).is_err());
    }
}
