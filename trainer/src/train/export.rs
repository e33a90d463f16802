//! From a finished run to a model file.

use std::collections::BTreeMap;

use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::{Tensors, fold_batch_norm};
use ibinn::spec::tensors::{EMPIRICAL_MEANS, MEANS, PERMUTATION};
use ibinn::{Card, CpuExecutor, Model, ModelSpec};

use crate::error::{Error, Result};
use ibinn_data::{Dataset, Preparation, batch};

/// Images that the empirical class means are computed over, at most.
const MEAN_IMAGES: usize = 10_000;

/// What the empirical class means are computed over.
pub struct Source<'a> {
    /// The training images.
    pub data: &'a Dataset,
    /// Seed of their choice and of their noise.
    pub seed: u64,
    /// What is done to them.
    pub preparation: &'a Preparation,
}

/// How many images of `data` the empirical class means are computed over.
pub fn mean_images(data: &Dataset) -> usize {
    data.len().min(MEAN_IMAGES)
}

/// Folds batch-norm, computes the empirical class means of a mixture on the training images, and puts the model together.
///
/// The empirical means are plain means of z over training images of the class, prepared as in training (method §4.6,
/// without the bias that it describes); `done` is told how many of [`mean_images`] are encoded.
///
/// # Errors
/// [`Error::Core`] when a tensor is not finite.
pub fn model(
    spec: &ModelSpec,
    training: Tensors,
    source: &Source<'_>,
    card: Card,
    done: impl FnMut(usize),
) -> Result<Model> {
    let (mut tensors, permutation) = folded(spec, training);
    if !spec.family().has_mixture() {
        return Model::new(spec.clone(), card, tensors, permutation).map_err(Error::core);
    }
    // Assembled once to have every tensor checked before the executor sees it, and once more with its means.
    let draft =
        Model::new(spec.clone(), card.clone(), tensors.clone(), permutation.clone()).map_err(Error::core)?;
    tensors.insert(EMPIRICAL_MEANS.into(), empirical_means(&draft, source, done)?);
    Model::new(spec.clone(), card, tensors, permutation).map_err(Error::core)
}

/// The same without training images: the trained means stand for the empirical ones.
///
/// # Errors
/// [`Error::Core`] when a tensor is not finite.
pub fn model_without_images(spec: &ModelSpec, training: Tensors, card: Card) -> Result<Model> {
    let (tensors, permutation) = folded(spec, training);
    Model::new(spec.clone(), card, tensors, permutation).map_err(Error::core)
}

/// The folded form, with the trained means, if there are any, for the empirical ones, and the permutation.
fn folded(spec: &ModelSpec, training: Tensors) -> (BTreeMap<String, Vec<f32>>, Vec<u32>) {
    let mut folded = fold_batch_norm(spec, training);
    let permutation = folded.remove(PERMUTATION).unwrap_or_default().iter().map(|&i| i as u32).collect();
    let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect();
    let mut tensors: BTreeMap<String, Vec<f32>> =
        folded.into_iter().map(|(name, values)| (name, narrow(values))).collect();
    if let Some(means) = tensors.get(MEANS).cloned() {
        tensors.insert(EMPIRICAL_MEANS.into(), means);
    }
    (tensors, permutation)
}

fn empirical_means(model: &Model, source: &Source<'_>, mut done: impl FnMut(usize)) -> Result<Vec<f32>> {
    let &Source { data, seed, preparation } = source;
    let spec = model.spec();
    let (classes, dims) = (spec.classes().len(), spec.dims());
    let executor = CpuExecutor::<f32>::new(model);
    let mut order = Stream::new(seed, Purpose::MeanImages, 0).permutation(data.len());
    order.truncate(mean_images(data));
    let mut sums = vec![0.0f64; classes * dims];
    let mut counts = vec![0usize; classes];
    for chunk in order.chunks(512) {
        let indices: Vec<usize> = chunk.iter().map(|&i| i as usize).collect();
        let x = batch(data, &indices, u64::from(u32::MAX), seed, preparation);
        let encoded = executor.encode(&x).map_err(Error::core)?;
        for (&i, z) in indices.iter().zip(encoded.z.chunks(dims)) {
            let label = usize::from(data.labels[i]);
            counts[label] += 1;
            sums[label * dims..(label + 1) * dims].iter_mut().zip(z).for_each(|(s, &v)| *s += f64::from(v));
        }
        done(chunk.len());
    }
    // A class without an image keeps its trained mean.
    let trained = model.means().map_err(Error::core)?;
    Ok((0..classes * dims)
        .map(|i| match counts[i / dims] {
            0 => trained[i],
            count => (sums[i] / count as f64) as f32,
        })
        .collect())
}
