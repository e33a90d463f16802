//! What a classifier says of an image: its logits and what follows from them.

use std::sync::Arc;

/// ln Σ exp, safe for large arguments.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_finite() {
        largest + values.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
    } else {
        largest
    }
}

/// Targets of a smoothed label: 1 − ε + ε/K for the label and ε/K for the others (method §1.3).
pub fn smooth_label(label: usize, classes: usize, epsilon: f64) -> Vec<f64> {
    (0..classes).map(|k| epsilon / classes as f64 + if k == label { 1.0 - epsilon } else { 0.0 }).collect()
}

/// The largest of some numbers by its position; the first of several, 0 of none.
pub(crate) fn largest(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |best, k| if values[k] > values[best] { k } else { best })
}

/// The posterior q(y|x) of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// One a class; of a mixture −|z − μ_y|²/2, with ln w_y where its weights are not equal.
    pub logits: Vec<f64>,
    /// One a class: softmax of the logits.
    pub probabilities: Vec<f64>,
    /// ln w_y, one a class, which the logits contain; none where all classes are equally probable beforehand.
    pub(super) ln_prior: Option<Arc<[f64]>>,
}

impl Posterior {
    /// The posterior of these logits.
    pub fn new(logits: Vec<f64>) -> Self {
        let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = logits.iter().map(|logit| (logit - top).exp()).collect();
        let total: f64 = shares.iter().sum();
        let probabilities = shares.iter().map(|share| share / total).collect();
        Self { probabilities, logits, ln_prior: None }
    }

    /// The most probable class.
    pub fn prediction(&self) -> usize {
        largest(&self.logits)
    }

    /// The same at temperature T > 0: softmax of logits / T (method §4.9).
    #[must_use]
    pub fn at_temperature(&self, temperature: f64) -> Self {
        let tempered = Self::new(self.logits.iter().map(|logit| logit / temperature).collect());
        Self { ln_prior: self.ln_prior.clone(), ..tempered }
    }

    /// The same where the classes are as frequent as another prior p′ says: by Bayes' rule ln p′(y)/p(y), K numbers, is added to
    /// the logits.
    #[must_use]
    pub fn with_prior(&self, ln_ratio: &[f64]) -> Self {
        Self::new(self.logits.iter().zip(ln_ratio).map(|(logit, ratio)| logit + ratio).collect())
    }

    /// −ln of the probability of a class, in nats; finite where the probability underflows.
    pub fn surprise(&self, class: usize) -> f64 {
        log_sum_exp(&self.logits) - self.logits[class]
    }

    /// L_Y for the given targets (K numbers that sum to 1), in nats: 0 where the posterior is the prior, for equally probable
    /// classes at most ln K (method §3.3).
    pub fn l_y(&self, targets: &[f64]) -> f64 {
        let total = log_sum_exp(&self.logits);
        let uniform = -(self.logits.len() as f64).ln();
        let prior = |class: usize| self.ln_prior.as_ref().map_or(uniform, |prior| prior[class]);
        let terms = targets.iter().zip(&self.logits).enumerate();
        terms.map(|(class, (t, logit))| t * (logit - total - prior(class))).sum()
    }

    /// Entropy in nats (method §4.3).
    pub fn entropy(&self) -> f64 {
        self.probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() < tolerance, "{got} instead of {wanted}");
    }

    #[test]
    fn best_attainable_l_y_is_that_of_the_smoothed_label() {
        for (epsilon, classes, wanted) in
            [(0.02, 10, 2.172_885), (0.05, 10, 2.020_189), (0.02, 100, 4.416_927)]
        {
            let targets = smooth_label(3, classes, epsilon);
            close(targets.iter().sum(), 1.0, 1e-12);
            let entropy: f64 = targets.iter().map(|t| -t * t.ln()).sum();
            close((classes as f64).ln() - entropy, wanted, 1e-6);
            // Logits equal to ln of the targets reach it.
            let posterior = Posterior::new(targets.iter().map(|t| t.ln()).collect());
            close(posterior.l_y(&targets), wanted, 1e-6);
            close(posterior.entropy(), entropy, 1e-12);
            assert_eq!(posterior.prediction(), 3);
        }
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let posterior = Posterior::new(vec![1000.0, 1000.0, -1000.0]);
        assert_eq!(posterior.probabilities, [0.5, 0.5, 0.0]);
        close(posterior.entropy(), 2f64.ln(), 1e-12);
    }
}
