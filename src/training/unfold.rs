//! From a model back to a network in training (method §11.2): the batch-norms that its file has folded are set apart again.

use std::collections::BTreeMap;

use super::{Layout, Memory, Net, Statistics};
use crate::Model;
use crate::spec::fold::{BATCH_NORM_EPSILON, Tensors, unfold_batch_norm};
use crate::spec::tensors::{HiddenTensors, PERMUTATION, TensorInfo, TensorKind, folded_tensors};

/// The tensors of `model` in training form. Every batch-norm gets the statistics of the normalised images x′ that come in
/// `batches`, N×C×H×W each, and the γ and β by which it goes on changing nothing: the deviation and, beside the bias, the mean of
/// what its convolution gives. With these running statistics the network computes what the file does.
pub fn unfolded(model: &Model, batches: impl IntoIterator<Item = Vec<f32>>) -> Tensors {
    let spec = model.spec();
    let mut tensors = unfold_batch_norm(spec, folded(model));
    let net = Net::<f32>::new(spec, model.permutation(), Memory::Stored);
    let layout: &Layout = net.layout();
    let values = layout.gather(&tensors);
    let mut pooled = Pooled::default();
    for images in batches {
        let count = images.len() / spec.dims();
        pooled.add(count, net.statistics_without_norm(&values, &images));
    }
    for HiddenTensors { norm, .. } in spec.subnets().iter().flat_map(|subnet| subnet.tensors().hidden) {
        let of = |info: &TensorInfo| pooled.mean(layout.range(info).start);
        let (Some(mean), Some(variance)) = (of(&norm.running_mean), of(&norm.running_var)) else { continue };
        let between = pooled.variance(layout.range(&norm.running_mean).start);
        let variance: Vec<f64> =
            variance.iter().zip(between).map(|(within, between)| within + between).collect();
        let deviation = variance.iter().map(|v| (v + BATCH_NORM_EPSILON).sqrt()).collect();
        if let Some(beta) = tensors.get_mut(&norm.beta.name) {
            beta.iter_mut().zip(&mean).for_each(|(beta, mean)| *beta += mean);
        }
        tensors.insert(norm.gamma.name, deviation);
        tensors.insert(norm.running_mean.name, mean);
        tensors.insert(norm.running_var.name, variance);
    }
    tensors
}

/// The tensors of a model in folded form, the permutation among them.
pub(super) fn folded(model: &Model) -> Tensors {
    let infos = folded_tensors(model.spec()).into_iter();
    let values = |info: &_| model.tensor(info).iter().map(|&v| f64::from(v)).collect();
    let permutation = model.permutation().iter().map(|&i| f64::from(i)).collect();
    let tensors = infos.filter(|info| info.kind != TensorKind::Permutation);
    let mut folded: Tensors = tensors.map(|info| (info.name.clone(), values(&info))).collect();
    folded.insert(PERMUTATION.into(), permutation);
    folded
}

/// Statistics of several batches, weighed by their images.
#[derive(Default)]
struct Pooled {
    images: f64,
    /// By the place of a tensor: mean, and mean of the squared distance from it, of each number (B. P. Welford, 1962).
    sums: BTreeMap<usize, Vec<[f64; 2]>>,
}

impl Pooled {
    fn add(&mut self, images: usize, statistics: Statistics<f32>) {
        self.images += images as f64;
        let share = images as f64 / self.images;
        for (place, values) in statistics {
            let sums = self.sums.entry(place.start).or_insert_with(|| vec![[0.0; 2]; values.len()]);
            for ([mean, square], &value) in sums.iter_mut().zip(&values) {
                let apart = f64::from(value) - *mean;
                *mean += share * apart;
                *square += share * ((1.0 - share) * apart * apart - *square);
            }
        }
    }

    /// The mean over the batches; none where there was no batch.
    fn mean(&self, place: usize) -> Option<Vec<f64>> {
        Some(self.sums.get(&place)?.iter().map(|[mean, _]| *mean).collect())
    }

    /// The variance between the batches.
    fn variance(&self, place: usize) -> impl Iterator<Item = f64> {
        self.sums.get(&place).into_iter().flatten().map(|[_, square]| *square)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn batches_are_pooled_by_their_images() {
        // 1, 1, 4: mean 2, mean squared distance (1 + 1 + 4)/3.
        let mut pooled = Pooled::default();
        pooled.add(2, vec![(3..4, vec![1.0])]);
        pooled.add(1, vec![(3..4, vec![4.0])]);
        assert!((pooled.mean(3).unwrap()[0] - 2.0).abs() < 1e-12);
        assert!((pooled.variance(3).next().unwrap() - 2.0).abs() < 1e-12);
        assert_eq!(pooled.mean(0), None);
    }
}
