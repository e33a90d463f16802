//! The stochastic code of a VIB (method §2.8, §3.3), in f64.

use crate::head::posterior::{Posterior, largest};
use crate::head::{Classification, Linear};
use crate::math::random::{Purpose, Stream};
use crate::math::to_f64;

/// Codes that are drawn to predict a class (method §2.8).
pub const PREDICTION_SAMPLES: u64 = 12;
/// What is subtracted from r before the softplus that makes it a standard deviation (method §2.8).
pub const SPREAD_SHIFT: f64 = 5.0;
/// The least argument of that softplus, below which the logarithm of what it gives would be lost (method §7.14).
pub const LEAST_SPREAD: f64 = -80.0;

/// The distribution of one image's code: a Gaussian with its own mean and standard deviation in each dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeDistribution {
    /// Means m.
    pub mean: Vec<f64>,
    /// Standard deviations s = softplus(r − 5).
    pub std: Vec<f64>,
}

/// softplus(r − 5).
pub(crate) fn std_of(r: f64) -> f64 {
    let y = (r - SPREAD_SHIFT).max(LEAST_SPREAD);
    y.max(0.0) + (-y.abs()).exp().ln_1p()
}

impl CodeDistribution {
    /// What the code tells of the image: KL divergence from the standard normal distribution, in bits (method §3.3).
    pub fn kl_bits(&self) -> f64 {
        let nats = |(m, s): (&f64, &f64)| (m * m + s * s - 1.0) / 2.0 - s.ln();
        self.mean.iter().zip(&self.std).map(nats).sum::<f64>() / std::f64::consts::LN_2
    }
}

/// The linear layer that gives the code's distribution, and the one that sees the code.
#[derive(Clone, Debug, PartialEq)]
pub struct Bottleneck {
    code: Linear,
    head: Linear,
}

impl Bottleneck {
    /// `code` gives the means and then the spreads r of the code, `head` the logits.
    pub fn new(code: Linear, head: Linear) -> Self {
        Self { code, head }
    }

    /// How the code of `features` is distributed.
    pub fn distribution(&self, features: &[f32]) -> CodeDistribution {
        let mut mean = self.code.apply(&to_f64(features));
        let std = mean.split_off(mean.len() / 2).into_iter().map(std_of).collect();
        CodeDistribution { mean, std }
    }

    /// The posterior of a code.
    pub fn posterior(&self, code: &[f64]) -> Posterior {
        Posterior::new(self.head.apply(code))
    }

    /// Classifies an image with these `features`. Its `number` in its set decides its codes.
    pub fn classify(&self, features: &[f32], number: u64) -> Classification {
        let CodeDistribution { mean, std } = self.distribution(features);
        let draw = |sample: u64| {
            let mut stream = Stream::for_pair(0, Purpose::CodeSample, number, sample);
            let code: Vec<f64> = mean.iter().zip(&std).map(|(m, s)| m + s * stream.normal()).collect();
            self.posterior(&code)
        };
        let posterior = draw(0);
        let mut sums = posterior.probabilities.clone();
        for sample in 1..PREDICTION_SAMPLES {
            sums.iter_mut().zip(draw(sample).probabilities).for_each(|(sum, p)| *sum += p);
        }
        Classification { prediction: largest(&sums), posterior, density: None, novelty: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() < tolerance, "{got} instead of {wanted}");
    }

    #[test]
    fn kl_divergences_match_the_hand_computed_values() {
        let kl = |m: f64, s: f64| CodeDistribution { mean: vec![m], std: vec![s] }.kl_bits();
        close(kl(0.0, 1.0), 0.0, 1e-12);
        close(kl(1.0, 1.0), 0.721_347_5, 1e-7);
        close(std_of(0.0), 0.006_715_3, 1e-7);
        close(kl(0.0, std_of(0.0)), 6.497_0, 1e-4);
        // Dimensions add up.
        let both = CodeDistribution { mean: vec![1.0, 0.0], std: vec![1.0, std_of(0.0)] };
        close(both.kl_bits(), 0.721_347_5 + 6.497_0, 1e-4);
    }

    #[test]
    fn spreads_of_any_size_have_finite_logarithms() {
        assert!(std_of(-1e9).ln().is_finite());
        close(std_of(-35.0).ln(), -40.0, 1e-9);
        close(std_of(1e6), 1e6 - 5.0, 1e-9);
        close(std_of(5.0), std::f64::consts::LN_2, 1e-15);
    }

    /// One feature, a code of two dimensions with the given spread, and logits (c₀, c₁).
    fn bottleneck(r: f64) -> Bottleneck {
        let code = Linear::new(vec![1.0, -1.0, 0.0, 0.0], vec![0.0, 0.0, r, r]);
        Bottleneck::new(code, Linear::new(vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0]))
    }

    #[test]
    fn a_narrow_code_is_its_mean_and_a_wide_one_depends_on_the_number() {
        let narrow = bottleneck(-30.0).classify(&[2.0], 7);
        assert_eq!((narrow.prediction, narrow.density), (0, None));
        close(narrow.posterior.logits[0], 2.0, 1e-9);
        close(narrow.posterior.logits[1], -2.0, 1e-9);
        let wide = bottleneck(8.0);
        assert_eq!(wide.classify(&[2.0], 7), wide.classify(&[2.0], 7));
        assert_ne!(wide.classify(&[2.0], 7), wide.classify(&[2.0], 8));
    }

    #[test]
    fn the_prediction_is_that_of_the_mean_posterior() {
        // The class of one sample is often another than that of the mean of twelve, which is right more often.
        let wide = bottleneck(7.0);
        let all: Vec<Classification> = (0..400).map(|number| wide.classify(&[0.5], number)).collect();
        let right = |f: &dyn Fn(&Classification) -> usize| all.iter().filter(|c| f(c) == 0).count();
        let (of_twelve, of_one) = (right(&|c| c.prediction), right(&|c| c.posterior.prediction()));
        assert!(of_twelve > of_one + 40, "{of_twelve} and {of_one} of 400");
    }
}
