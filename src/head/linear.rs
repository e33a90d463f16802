//! A linear layer on top of a network, in f64.

use crate::head::posterior::Posterior;
use crate::math::to_f64;

/// A linear layer with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Linear {
    /// A layer with `weight`, (outputs, inputs) row-major, and one `bias` an output.
    pub fn new(weight: Vec<f64>, bias: Vec<f64>) -> Self {
        Self { weight, bias }
    }

    /// Numbers that it takes.
    pub fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    /// What it makes of [`inputs`](Self::inputs) numbers.
    pub fn apply(&self, inputs: &[f64]) -> Vec<f64> {
        let rows = self.weight.chunks_exact(self.inputs()).zip(&self.bias);
        rows.map(|(row, bias)| bias + row.iter().zip(inputs).map(|(w, v)| w * v).sum::<f64>()).collect()
    }

    /// The transposed matrix times one number for each output.
    pub(crate) fn apply_transposed(&self, outputs: &[f64]) -> Vec<f64> {
        let mut inputs = vec![0.0; self.inputs()];
        for (row, d) in self.weight.chunks_exact(self.inputs()).zip(outputs) {
            inputs.iter_mut().zip(row).for_each(|(sum, w)| *sum += w * d);
        }
        inputs
    }

    /// The posterior whose logits it gives for `features`.
    pub fn posterior(&self, features: &[f32]) -> Posterior {
        Posterior::new(self.apply(&to_f64(features)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_layer_gives_the_hand_computed_posterior() {
        let linear = Linear::new(vec![1.0, 2.0, 0.0, -1.0], vec![0.5, 3f64.ln() + 6.5]);
        assert_eq!(linear.inputs(), 2);
        // Logits 0.5 + 1 + 2·2 = 5.5 and ln 3 + 6.5 − 2 = ln 3 + 4.5, one less than ln 3 above the first.
        let posterior = linear.posterior(&[1.0, 2.0]);
        assert!((posterior.logits[0] - 5.5).abs() < 1e-12);
        assert!((posterior.logits[1] - 3f64.ln() - 4.5).abs() < 1e-12);
        let odds = posterior.probabilities[1] / posterior.probabilities[0];
        assert!((odds - 3.0 / std::f64::consts::E).abs() < 1e-12);
    }
}
