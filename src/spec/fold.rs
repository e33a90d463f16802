//! From the training form to the folded form: batch-norm becomes part of the convolution it follows.

use std::collections::BTreeMap;

use crate::spec::model_spec::ModelSpec;
use crate::spec::tensors::{EMPIRICAL_MEANS, HiddenTensors, TensorInfo};

/// Stabiliser of batch-norm's variance (method §2.3).
pub const BATCH_NORM_EPSILON: f64 = 1e-4;

/// Tensors by name, flattened in row-major order.
pub type Tensors = BTreeMap<String, Vec<f64>>;

/// Folds every batch-norm of `training` (in the training form of [`crate::spec::tensors`]) with its running statistics:
/// w ← w·γ/√(v+ε), b = β − m·γ/√(v+ε). Everything else is handed on.
///
/// # Panics
/// When a tensor of a subnet is missing.
pub fn fold_batch_norm(spec: &ModelSpec, mut training: Tensors) -> Tensors {
    for subnet in spec.subnets() {
        for HiddenTensors { conv, norm } in subnet.tensors().hidden {
            let mut take = |info: &TensorInfo| {
                let values = training.remove(&info.name);
                values.unwrap_or_else(|| panic!("the training form has no tensor `{}`", info.name))
            };
            let [gamma, beta] = [&norm.gamma, &norm.beta].map(&mut take);
            let [mean, var] = [&norm.running_mean, &norm.running_var].map(&mut take);
            let mut weight = take(&conv.weight);
            let factor: Vec<f64> =
                gamma.iter().zip(&var).map(|(g, v)| g / (v + BATCH_NORM_EPSILON).sqrt()).collect();
            let bias = beta.iter().zip(&mean).zip(&factor).map(|((b, m), f)| b - m * f).collect();
            let per_output = conv.weight.len() / subnet.width;
            for (row, f) in weight.chunks_mut(per_output).zip(&factor) {
                row.iter_mut().for_each(|w| *w *= f);
            }
            training.insert(conv.weight.name, weight);
            training.insert(conv.bias.name, bias);
        }
    }
    training
}

/// The training form of `folded` tensors, with batch-norms that change nothing: mean 0, variance 1 − ε, γ = 1 and the
/// convolution's bias as β. Everything else is handed on, the empirical means left out.
///
/// # Panics
/// When a tensor of a subnet is missing.
pub fn unfold_batch_norm(spec: &ModelSpec, mut folded: Tensors) -> Tensors {
    folded.remove(EMPIRICAL_MEANS);
    for subnet in spec.subnets() {
        for HiddenTensors { conv, norm } in subnet.tensors().hidden {
            let bias = folded.remove(&conv.bias.name);
            let bias = bias.unwrap_or_else(|| panic!("the folded form has no tensor `{}`", conv.bias.name));
            let all = |value: f64| vec![value; bias.len()];
            folded.insert(norm.gamma.name, all(1.0));
            folded.insert(norm.running_mean.name, all(0.0));
            folded.insert(norm.running_var.name, all(1.0 - BATCH_NORM_EPSILON));
            folded.insert(norm.beta.name, bias);
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Preset;
    use crate::spec::tensors::{SubnetTensors, folded_tensors, training_tensors};

    fn tensors(spec: &ModelSpec) -> Tensors {
        training_tensors(spec).into_iter().map(|info| (info.name.clone(), vec![1.0; info.len()])).collect()
    }

    #[test]
    fn folding_matches_the_hand_computed_values_and_gives_the_folded_form() {
        let spec = Preset::Tiny.spec().unwrap();
        let mut training = tensors(&spec);
        let SubnetTensors { hidden: [HiddenTensors { conv, norm }, _], .. } = spec.subnets()[0].tensors();
        for (info, value) in [(&norm.gamma, 3.0), (&norm.beta, 5.0), (&norm.running_mean, 2.0)] {
            training.get_mut(&info.name).unwrap().fill(value);
        }
        training.get_mut(&norm.running_var.name).unwrap().fill(4.0 - BATCH_NORM_EPSILON);
        let folded = fold_batch_norm(&spec, training);
        assert!(folded[&conv.weight.name].iter().all(|w| (w - 1.5).abs() < 1e-12));
        assert!(folded[&conv.bias.name].iter().all(|b| (b - 2.0).abs() < 1e-12));
        let mut wanted: Vec<String> = folded_tensors(&spec).into_iter().map(|info| info.name).collect();
        wanted.retain(|name| name != EMPIRICAL_MEANS);
        wanted.sort();
        assert_eq!(folded.into_keys().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn folding_what_was_unfolded_gives_it_back() {
        let spec = Preset::Tiny.spec().unwrap();
        let infos = folded_tensors(&spec).into_iter().filter(|info| info.name != EMPIRICAL_MEANS);
        let number = |i: usize| (i % 17) as f64 - 8.0;
        let folded: Tensors =
            infos.map(|info| (info.name.clone(), (0..info.len()).map(number).collect())).collect();
        let training = unfold_batch_norm(&spec, folded.clone());
        assert!(training.keys().eq(tensors(&spec).keys()));
        assert_eq!(fold_batch_norm(&spec, training), folded);
    }

    #[test]
    #[should_panic(expected = "no tensor `down0.lowres.bn2.beta`")]
    fn a_missing_tensor_does_not_read_as_empty() {
        let spec = Preset::Tiny.spec().unwrap();
        let mut training = tensors(&spec);
        training.remove("down0.lowres.bn2.beta").unwrap();
        fold_batch_norm(&spec, training);
    }
}
