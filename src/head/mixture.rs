//! The latent space: a Gaussian mixture with unit covariance and one mean per class, of equal weights unless they are given
//! (method §3).
//!
//! Everything here is computed in f64. |z|² is of the order of D, so logits are formed as z·μ − |μ|²/2 and the
//! common −|z|²/2 is added last, which keeps posteriors free of cancellation (method §7.6).

use std::sync::Arc;

use crate::head::posterior::{Posterior, log_sum_exp};
use crate::math::random::{Purpose, Stream};
use crate::{Projection, Real};

const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// The mixture q(z) = Σ_y w_y N(z; μ_y, I), w_y = 1/K unless others are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    means: Vec<f64>,
    half_squares: Vec<f64>,
    dims: usize,
    /// ln w_y; none where they are equal.
    ln_weights: Option<Arc<[f64]>>,
}

/// What the mixture says of one latent z with its log-det.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Which class it may be of; the logits are −|z − μ_y|²/2, with ln w_y where the weights are not equal.
    pub posterior: Posterior,
    /// log q(z) + log-det = log q(x′), in nats, of the normalised input, with all constants.
    pub log_likelihood: f64,
    /// L_X in nats per dimension, without the 2π term (method §3.3).
    pub l_x: f64,
}

/// Initial means of method §3.1: disjoint supports of ⌊D/K⌋ entries of κ = `distance`/√⌊2D/K⌋ each, so that all are
/// orthogonal and about `distance` apart. Returns (K, D), row-major.
pub fn initial_means(classes: usize, dims: usize, distance: f64) -> Vec<f64> {
    let kappa = distance / libm::sqrt((2 * dims / classes) as f64);
    let mut means = vec![0.0; classes * dims];
    for y in 0..classes {
        for k in 0..dims / classes {
            means[y * dims + classes * k + y] = kappa;
        }
    }
    means
}

impl Mixture {
    /// A mixture around `means`, (K, `dims`) row-major; numbers beyond a whole row are ignored.
    pub fn new(means: Vec<f64>, dims: usize) -> Self {
        let half_squares =
            means.chunks_exact(dims).map(|mu| mu.iter().map(|v| v * v).sum::<f64>() / 2.0).collect();
        Self { means, half_squares, dims, ln_weights: None }
    }

    /// The same with the weights w = softmax φ, one a class.
    #[must_use]
    pub fn with_log_weights(self, phi: &[f64]) -> Self {
        let total = log_sum_exp(phi);
        Self { ln_weights: Some(phi.iter().map(|v| v - total).collect()), ..self }
    }

    /// w_y, one a class.
    pub fn weights(&self) -> Vec<f64> {
        match &self.ln_weights {
            Some(ln_weights) => ln_weights.iter().map(|v| v.exp()).collect(),
            None => vec![1.0 / self.classes() as f64; self.classes()],
        }
    }

    /// Number of classes K.
    pub fn classes(&self) -> usize {
        self.half_squares.len()
    }

    /// Number of dimensions D.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// μ_y, D numbers.
    pub fn mean(&self, class: usize) -> &[f64] {
        &self.means[class * self.dims..(class + 1) * self.dims]
    }

    /// The plane in which the means differ most.
    pub fn projection(&self) -> Projection {
        Projection::new(&self.means, self.dims)
    }

    /// Scores one latent of D numbers, whose encoding had the given log-det in nats (method §3.2, §3.3).
    pub fn score<F: Real>(&self, z: &[F], log_det: f64) -> Score {
        let half_square = z.iter().map(|v| v.to_f64() * v.to_f64()).sum::<f64>() / 2.0;
        let relative: Vec<f64> = (0..self.classes())
            .map(|y| {
                let dot: f64 = self.mean(y).iter().zip(z).map(|(m, v)| m * v.to_f64()).sum();
                let relative = dot - self.half_squares[y];
                self.ln_weights.as_ref().map_or(relative, |ln_weights| relative + ln_weights[y])
            })
            .collect();
        let total = log_sum_exp(&relative);
        let ln_k = if self.ln_weights.is_none() { (self.classes() as f64).ln() } else { 0.0 };
        let log_mixture = total - half_square - ln_k;
        let d = self.dims as f64;
        Score {
            posterior: Posterior {
                probabilities: relative.iter().map(|r| (r - total).exp()).collect(),
                logits: relative.iter().map(|r| r - half_square).collect(),
                ln_prior: self.ln_weights.clone(),
            },
            log_likelihood: log_mixture + log_det - d * HALF_LN_TAU,
            l_x: -(log_mixture + log_det) / d,
        }
    }
}

/// L_cN per sample in nats per dimension: (|z − μ_label|²/2 − log-det) / D (method §3.3).
pub fn class_nll(score: &Score, label: usize, log_det: f64, dims: usize) -> f64 {
    let Posterior { logits, ln_prior, .. } = &score.posterior;
    let weight = ln_prior.as_ref().map_or(0.0, |prior| prior[label]);
    (weight - logits[label] - log_det) / dims as f64
}

/// Bits per dimension of an L_X in nats per dimension (with the true DCT log-det) for 8-bit images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BitsPerDim {
    /// The correct density of the pixels (method §3.5, C).
    pub correct: f64,
    /// The convention of the paper's tables (method §3.5, T), but with the true DCT log-det.
    pub tables: f64,
}

impl BitsPerDim {
    /// Converts `l_x`; `std` is the per-channel normalisation in units of [0, 1].
    pub fn new(l_x: f64, std: &[f32]) -> Self {
        let ln2 = std::f64::consts::LN_2;
        let mean_ln_std = std.iter().map(|&s| f64::from(s).ln()).sum::<f64>() / std.len() as f64;
        let tables = l_x + 256f64.ln();
        Self { correct: (tables + HALF_LN_TAU + mean_ln_std) / ln2, tables: tables / ln2 }
    }
}

/// A latent drawn around `centre` (D numbers): centre + T·n, n ~ N(0, I) (method §4.6, Fig 8).
///
/// Sample `index` under `seed` has the same noise n for every centre and temperature, so that turning one knob
/// moves one picture instead of drawing another.
pub fn sample(centre: &[f32], temperature: f64, seed: u64, index: u64) -> Vec<f32> {
    let mut stream = Stream::new(seed, Purpose::Sample, index);
    centre.iter().map(|&m| (f64::from(m) + temperature * stream.normal()) as f32).collect()
}

/// The straight line from `a` to `b` in latent space: (1 − t)·a + t·b (method §4.6, Fig 9).
pub fn interpolate(a: &[f32], b: &[f32], t: f64) -> Vec<f32> {
    a.iter().zip(b).map(|(&a, &b)| ((1.0 - t) * f64::from(a) + t * f64::from(b)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::posterior::smooth_label;

    fn close(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() < tolerance, "{got} instead of {wanted}");
    }

    #[test]
    fn initial_means_are_those_of_the_paper() {
        let distance = |means: &[f64], dims: usize, a: usize, b: usize| {
            let (a, b) = (&means[a * dims..][..dims], &means[b * dims..][..dims]);
            a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        };
        for (classes, support, kappa, apart) in
            [(10, 307, 0.201_783_6, 5.0), (100, 30, 0.640_184_4, 4.958_847)]
        {
            let means = initial_means(classes, 3072, 5.0);
            let first: Vec<f64> = means[..3072].iter().copied().filter(|v| *v != 0.0).collect();
            assert_eq!(first.len(), support);
            close(first[0], kappa, 1e-7);
            for (a, b) in [(0, 1), (2, 7), (4, classes - 1)] {
                close(distance(&means, 3072, a, b), apart, 1e-6);
            }
        }
        close(initial_means(10, 3072, 5.0)[..3072].iter().map(|v| v * v).sum(), 12.5, 1e-9);
    }

    #[test]
    fn scores_at_a_mean_match_the_hand_computed_values() {
        // Ten means at distance 5 of each other, D = 10; at z = μ_0 the log-det is 0.
        let side = 5.0 / 2f64.sqrt();
        let means: Vec<f64> = (0..100).map(|i| if i % 11 == 0 { side } else { 0.0 }).collect();
        let mixture = Mixture::new(means, 10);
        let mut z = [0.0f32; 10];
        z[0] = side as f32;
        let score = mixture.score(&z, 0.0);
        let posterior = &score.posterior;
        assert_eq!(posterior.prediction(), 0);
        close(score.l_x * 10.0, 2.302_551_553_7, 1e-6);
        close(posterior.probabilities[0], 0.999_966_461_2, 1e-8);
        close(posterior.l_y(&smooth_label(0, 10, 0.0)), 2.302_551_553_7, 1e-7);
        close(posterior.l_y(&smooth_label(0, 10, 0.02)), 2.077_551_553_7, 1e-6);
        close(posterior.entropy(), 4.527_737e-4, 1e-8);
    }

    #[test]
    fn two_classes_in_two_dimensions_match_the_hand_computed_values() {
        let score = Mixture::new(vec![1.0, 0.0, -1.0, 0.0], 2).score(&[0.0, 0.0], 0.0);
        close(score.l_x, 0.25, 1e-15);
        close(score.posterior.l_y(&smooth_label(0, 2, 0.0)), 0.0, 1e-15);
        close(class_nll(&score, 0, 0.0, 2), 0.25, 1e-15);
        close(score.log_likelihood, -0.5 - std::f64::consts::TAU.ln(), 1e-12);
    }

    #[test]
    fn weights_match_the_hand_computed_values() {
        // As far from both: the posterior is the prior, and tells nothing. The weights are e^φ over their sum, 1/4 and 3/4.
        let equal = Mixture::new(vec![1.0, 0.0, -1.0, 0.0], 2);
        assert_eq!(equal.weights(), [0.5, 0.5]);
        let weighted = equal.clone().with_log_weights(&[2.0, 2.0 + 3f64.ln()]);
        close(weighted.weights()[0], 0.25, 1e-12);
        let score = weighted.score(&[0.0, 0.0], 0.0);
        close(score.posterior.probabilities[1], 0.75, 1e-12);
        close(score.l_x, 0.25, 1e-12);
        close(score.posterior.l_y(&smooth_label(0, 2, 0.0)), 0.0, 1e-12);
        close(score.posterior.surprise(0), 4f64.ln(), 1e-12);
        close(class_nll(&score, 0, 0.0, 2), 0.25, 1e-12);
        // At the first mean, with distances 0 and 4 squared: 1/4 beside 3/4·e⁻².
        let score = weighted.score(&[1.0, 0.0], 0.5);
        let [near, far] = [0.25, 0.75 * (-2f64).exp()];
        close(score.posterior.probabilities[0], near / (near + far), 1e-12);
        close(score.l_x, -((near + far).ln() + 0.5) / 2.0, 1e-12);
        close(score.posterior.l_y(&smooth_label(0, 2, 0.0)), (near / (near + far) / 0.25).ln(), 1e-12);
        // Equal weights that are given are those that are not.
        let (a, b) =
            (equal.score(&[0.3, 0.1], 0.2), equal.with_log_weights(&[0.0; 2]).score(&[0.3, 0.1], 0.2));
        close(a.l_x, b.l_x, 1e-12);
        close(a.posterior.l_y(&[1.0, 0.0]), b.posterior.l_y(&[1.0, 0.0]), 1e-12);
    }

    #[test]
    fn bits_per_dim_match_the_hand_computed_values() {
        let std = [0.247, 0.243, 0.261];
        let bits = BitsPerDim::new(-2.218_071, &std);
        close(bits.tables, 4.8, 1e-4);
        // What the repository printed after August 2020 (method §3.5, R) subtracts the constant instead of adding it.
        close(bits.tables - HALF_LN_TAU / std::f64::consts::LN_2, 3.4743, 1e-4);
        close(bits.correct, 4.127, 1e-4);
        // The authors' L_X lacks 0.0311396 nats per dimension of the DCT's log-det.
        close(BitsPerDim::new(-2.218_071 + 0.031_139_6, &std).correct, 4.1719, 1e-4);
    }

    #[test]
    fn gradients_of_the_losses_match_central_differences() {
        let (dims, classes) = (6, 3);
        let mut stream = Stream::new(3, Purpose::Test, 0);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let (means, z) = (draw(classes * dims), draw(dims));
        let targets = smooth_label(1, classes, 0.1);
        // From the definition.
        let losses = |z: &[f64]| -> (f64, f64) {
            let logits: Vec<f64> = means
                .chunks(dims)
                .map(|mu| -0.5 * mu.iter().zip(z).map(|(m, z)| (z - m) * (z - m)).sum::<f64>())
                .collect();
            let total = log_sum_exp(&logits);
            let l_x = -(total - (classes as f64).ln()) / dims as f64;
            (l_x, targets.iter().zip(&logits).map(|(t, l)| t * (l - total)).sum())
        };
        let score = Mixture::new(means.clone(), dims).score(&z, 0.0);
        close(score.l_x, losses(&z).0, 1e-12);
        let slopes: f64 = targets.iter().zip(&score.posterior.probabilities).map(|(t, p)| t - p).sum();
        close(slopes, 0.0, 1e-12);
        for i in 0..dims {
            let at = |step: f64| {
                let mut moved = z.clone();
                moved[i] += step;
                losses(&moved)
            };
            let (above, below) = (at(1e-5), at(-1e-5));
            let mixed: f64 =
                (0..classes).map(|y| score.posterior.probabilities[y] * means[y * dims + i]).sum();
            let wanted_x = (z[i] - mixed) / dims as f64;
            let wanted_y: f64 = (0..classes)
                .map(|y| (targets[y] - score.posterior.probabilities[y]) * means[y * dims + i])
                .sum();
            close((above.0 - below.0) / 2e-5, wanted_x, 1e-8);
            close((above.1 - below.1) / 2e-5, wanted_y, 1e-8);
        }
    }

    #[test]
    fn the_same_noise_serves_every_centre_and_temperature() {
        let a = sample(&[0.0; 4], 1.0, 9, 2);
        let b = sample(&[1.0; 4], 0.5, 9, 2);
        assert!(a.iter().zip(&b).all(|(a, b)| (b - 1.0 - 0.5 * a).abs() < 1e-6));
        assert_ne!(a, sample(&[0.0; 4], 1.0, 9, 3));
        assert_eq!(interpolate(&[0.0, 2.0], &[1.0, 4.0], 0.5), [0.5, 3.0]);
    }
}
