//! From the training form to the folded form: batch-norm becomes part of the convolution it follows.

use std::collections::BTreeMap;

use crate::spec::model_spec::ModelSpec;

/// Stabiliser of batch-norm's variance (method §2.3).
pub const BATCH_NORM_EPSILON: f64 = 1e-4;

/// Tensors by name, flattened in row-major order.
pub type Tensors = BTreeMap<String, Vec<f64>>;

/// Folds every batch-norm of `training` (names of [`crate::spec::tensors::training_tensors`]) with its running statistics:
/// w ← w·γ/√(v+ε), b = β − m·γ/√(v+ε). Everything else is handed on.
pub fn fold_batch_norm(spec: &ModelSpec, mut training: Tensors) -> Tensors {
    for subnet in spec.subnets() {
        for layer in [1, 2] {
            let mut take = |part: &str| {
                training.remove(&format!("{}.bn{layer}.{part}", subnet.name)).unwrap_or_default()
            };
            let (gamma, beta, mean, var) =
                (take("gamma"), take("beta"), take("running_mean"), take("running_var"));
            let factor: Vec<f64> =
                gamma.iter().zip(&var).map(|(g, v)| g / (v + BATCH_NORM_EPSILON).sqrt()).collect();
            let bias = beta.iter().zip(&mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
            let conv = format!("{}.conv{layer}", subnet.name);
            if let Some(weight) = training.get_mut(&format!("{conv}.weight")) {
                let per_output = weight.len() / subnet.width;
                for (row, f) in weight.chunks_mut(per_output).zip(&factor) {
                    row.iter_mut().for_each(|w| *w *= f);
                }
            }
            training.insert(format!("{conv}.bias"), bias);
        }
    }
    training
}
