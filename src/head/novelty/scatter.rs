//! Means of classes and the scatter within them.

use crate::cpu::kernel::{Products, accumulate};
use crate::cpu::parallel;
use crate::{Error, Result};

/// Latents whose products are summed in f32 before they go to f64.
const BLOCK: usize = 512;
/// Rows of the matrix that are summed together.
const PANEL: usize = 128;

/// How latents of several classes lie.
pub(super) struct Scatter {
    /// Share of each class.
    pub shares: Vec<f64>,
    /// Mean of each class, (K, D).
    pub class_means: Vec<f64>,
    /// Mean of all, D.
    pub mean: Vec<f64>,
    /// Covariance within classes, (D, D); what lies above the diagonal means nothing.
    pub within: Vec<f64>,
}

impl Scatter {
    /// Of `latents`, rows of `dims` numbers, with their labels.
    ///
    /// # Errors
    /// [`Error::Input`] when a class has none.
    pub fn new(mut latents: Vec<f32>, labels: &[usize], classes: usize, dims: usize) -> Result<Self> {
        let mut counts = vec![0usize; classes];
        let mut class_means = vec![0.0; classes * dims];
        for (z, &label) in latents.chunks_exact(dims).zip(labels) {
            counts[label] += 1;
            class_means[label * dims..][..dims].iter_mut().zip(z).for_each(|(sum, &v)| *sum += f64::from(v));
        }
        if let Some(class) = counts.iter().position(|&count| count == 0) {
            return Err(Error::Input(format!("class {class} has no image")));
        }
        for (mean, &count) in class_means.chunks_exact_mut(dims).zip(&counts) {
            mean.iter_mut().for_each(|sum| *sum /= count as f64);
        }
        let shares: Vec<f64> = counts.iter().map(|&count| count as f64 / labels.len() as f64).collect();
        let mut mean = vec![0.0; dims];
        for (of_class, share) in class_means.chunks_exact(dims).zip(&shares) {
            mean.iter_mut().zip(of_class).for_each(|(m, c)| *m += share * c);
        }
        for (z, &label) in latents.chunks_exact_mut(dims).zip(labels) {
            let centre = &class_means[label * dims..][..dims];
            z.iter_mut().zip(centre).for_each(|(v, c)| *v = (f64::from(*v) - c) as f32);
        }
        Ok(Self { shares, class_means, mean, within: covariance(&latents, dims) })
    }
}

/// Σ z zᵀ / N of rows whose mean is zero, up to the diagonal.
fn covariance(latents: &[f32], dims: usize) -> Vec<f64> {
    let count = latents.len() / dims;
    let mut matrix = vec![0.0; dims * dims];
    let panels = matrix.chunks_mut(PANEL * dims).enumerate().collect();
    parallel::map(panels, |(panel, rows): (usize, &mut [f64])| {
        let (first, inputs) = (panel * PANEL, rows.len() / dims);
        let outputs = first + inputs;
        for block in (0..count).step_by(BLOCK) {
            let latent = |i: usize| ((block + i) * dims) as u32;
            let places: Vec<u32> = (0..BLOCK.min(count - block)).map(latent).collect();
            let starts: Vec<u32> = places.iter().map(|place| place + first as u32).collect();
            let mut sums = vec![0.0; inputs * outputs];
            let products = Products {
                input: latents,
                rows: &starts,
                taps: &[0],
                inputs,
                gradient: latents,
                places: &places,
                outputs,
            };
            accumulate(&products, &mut sums);
            for (row, sums) in rows.chunks_exact_mut(dims).zip(sums.chunks_exact(outputs)) {
                row.iter_mut().zip(sums).for_each(|(to, &sum)| *to += f64::from(sum));
            }
        }
    });
    matrix.iter_mut().for_each(|sum| *sum /= count as f64);
    matrix
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::math::random::{Purpose, Stream};

    #[test]
    fn a_scatter_by_hand() {
        // Class 0: (0, 0), (2, 2), (1, 4); class 1: (10, 0), (12, 2).
        let latents = vec![0.0, 0.0, 2.0, 2.0, 10.0, 0.0, 1.0, 4.0, 12.0, 2.0];
        let scatter = Scatter::new(latents, &[0, 0, 1, 0, 1], 2, 2).unwrap();
        assert_eq!(scatter.shares, [0.6, 0.4]);
        assert_eq!(scatter.class_means, [1.0, 2.0, 11.0, 1.0]);
        assert!((scatter.mean[0] - 5.0).abs() < 1e-12 && (scatter.mean[1] - 1.6).abs() < 1e-12);
        // Σ x² = 2 + 2, Σ xy = 2 + 2, Σ y² = 8 + 2, of five.
        let [a, _, b, c] = scatter.within[..] else { panic!("{:?}", scatter.within) };
        assert!((a - 0.8).abs() < 1e-6 && (b - 0.8).abs() < 1e-6 && (c - 2.0).abs() < 1e-6);
        assert!(Scatter::new(vec![0.0; 4], &[0, 0], 2, 2).is_err());
    }

    #[test]
    fn blocks_and_panels_give_the_plain_sums() {
        let (dims, count) = (PANEL + 37, 2 * BLOCK + 11);
        let mut stream = Stream::new(9, Purpose::Test, 0);
        let latents: Vec<f32> = (0..count * dims).map(|_| stream.normal() as f32).collect();
        let found = covariance(&latents, dims);
        for (i, j) in [(0, 0), (5, 3), (PANEL, 0), (PANEL + 36, PANEL - 1), (PANEL + 36, PANEL + 36)] {
            let products = latents.chunks(dims).map(|z| f64::from(z[i]) * f64::from(z[j]));
            let wanted = products.sum::<f64>() / count as f64;
            assert!((found[i * dims + j] - wanted).abs() < 1e-6, "{i}, {j}");
        }
    }
}
