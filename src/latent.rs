//! The latent space: an equal-weight Gaussian mixture with unit covariance and one mean per class (spec §3).
//!
//! Everything here is computed in f64. |z|² is of the order of D, so logits are formed as z·μ − |μ|²/2 and the
//! common −|z|²/2 is added last, which keeps posteriors free of cancellation (spec §7.6).

use crate::rng::{Purpose, Stream};

const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// The mixture q(z) = 1/K Σ_y N(z; μ_y, I).
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    means: Vec<f64>,
    half_squares: Vec<f64>,
    dims: usize,
}

/// What the mixture says of one latent z with its log-det.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// −|z − μ_y|²/2 per class.
    pub logits: Vec<f64>,
    /// The posterior q(y|z) per class: softmax of the logits.
    pub posterior: Vec<f64>,
    /// log q(z) + log-det = log q(x′), in nats, of the normalised input, with all constants.
    pub log_likelihood: f64,
    /// L_X in nats per dimension, without the 2π term (spec §3.3).
    pub l_x: f64,
}

impl Score {
    /// The most probable class.
    pub fn prediction(&self) -> usize {
        (0..self.logits.len()).fold(0, |best, k| if self.logits[k] > self.logits[best] { k } else { best })
    }

    /// L_Y for the given targets (K numbers that sum to 1), in nats: 0 for a uniform posterior, at most ln K
    /// (spec §3.3).
    pub fn l_y(&self, targets: &[f64]) -> f64 {
        let total = log_sum_exp(&self.logits);
        let ln_k = (self.logits.len() as f64).ln();
        targets.iter().zip(&self.logits).map(|(t, logit)| t * (logit - total + ln_k)).sum()
    }

    /// Entropy of the posterior in nats (spec §4.3).
    pub fn entropy(&self) -> f64 {
        self.posterior.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
    }
}

/// ln Σ exp, safe for large arguments.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_finite() {
        largest + values.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
    } else {
        largest
    }
}

/// Targets of a smoothed label: 1 − ε + ε/K for the label and ε/K for the others (spec §1.3).
pub fn smooth_label(label: usize, classes: usize, epsilon: f64) -> Vec<f64> {
    (0..classes).map(|k| epsilon / classes as f64 + if k == label { 1.0 - epsilon } else { 0.0 }).collect()
}

/// Initial means of spec §3.1: disjoint supports of ⌊D/K⌋ entries of κ = `distance`/√⌊2D/K⌋ each, so that all are
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
        Self { means, half_squares, dims }
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

    /// Scores one latent of D numbers, whose encoding had the given log-det in nats (spec §3.2, §3.3).
    pub fn score(&self, z: &[f32], log_det: f64) -> Score {
        let half_square = z.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>() / 2.0;
        let relative: Vec<f64> = (0..self.classes())
            .map(|y| {
                let dot: f64 = self.mean(y).iter().zip(z).map(|(m, &v)| m * f64::from(v)).sum();
                dot - self.half_squares[y]
            })
            .collect();
        let total = log_sum_exp(&relative);
        let log_mixture = total - half_square - (self.classes() as f64).ln();
        let d = self.dims as f64;
        Score {
            posterior: relative.iter().map(|r| (r - total).exp()).collect(),
            logits: relative.iter().map(|r| r - half_square).collect(),
            log_likelihood: log_mixture + log_det - d * HALF_LN_TAU,
            l_x: -(log_mixture + log_det) / d,
        }
    }
}

/// L_cN per sample in nats per dimension: (|z − μ_label|²/2 − log-det) / D (spec §3.3).
pub fn class_nll(score: &Score, label: usize, log_det: f64, dims: usize) -> f64 {
    (-score.logits[label] - log_det) / dims as f64
}

/// Bits per dimension of an L_X in nats per dimension (with the true DCT log-det) for 8-bit images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BitsPerDim {
    /// The correct density of the pixels (spec §3.5, C).
    pub correct: f64,
    /// The convention of the paper's tables (spec §3.5, T), but with the true DCT log-det.
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

/// A latent drawn around `centre` (D numbers): centre + T·n, n ~ N(0, I) (spec §4.6, Fig 8).
///
/// Sample `index` under `seed` has the same noise n for every centre and temperature, so that turning one knob
/// moves one picture instead of drawing another.
pub fn sample(centre: &[f32], temperature: f64, seed: u64, index: u64) -> Vec<f32> {
    let mut stream = Stream::new(seed, Purpose::Sample, index);
    centre.iter().map(|&m| (f64::from(m) + temperature * stream.normal()) as f32).collect()
}

/// The straight line from `a` to `b` in latent space: (1 − t)·a + t·b (spec §4.6, Fig 9).
pub fn interpolate(a: &[f32], b: &[f32], t: f64) -> Vec<f32> {
    a.iter().zip(b).map(|(&a, &b)| ((1.0 - t) * f64::from(a) + t * f64::from(b)) as f32).collect()
}
