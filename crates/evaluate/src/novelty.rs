//! Fitting novelty to a model's training images.

use ibinn::Model;
use ibinn::NoveltyFit;
use ibinn::head::novelty::Detector;
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::executor::Executor;

use crate::judge::{check_labels, pixels, progress};
use crate::{Error, Result};
use ibinn_data::Dataset;

/// Images that novelty is fitted to and set aside of, at most.
const MOST: usize = 20_000;
/// Images that run together.
const BATCH: usize = 256;

/// The model with novelty fitted to images of `data`, its training images: drawn by `seed`, without noise, as they are
/// judged (method §3.6).
///
/// # Errors
/// When the images do not fit the model, the executor fails, or novelty cannot be fitted to the features.
pub fn fit(model: Model, executor: &mut Executor, data: &Dataset, seed: u64, quiet: bool) -> Result<Model> {
    check_labels(&model, data)?;
    data.check_shape(model.spec(), "the model")?;
    let mut order = Stream::new(seed, Purpose::NoveltyImages, 0).permutation(data.len());
    order.truncate(MOST);
    let indices: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
    let labels: Vec<usize> = indices.iter().map(|&i| usize::from(data.labels[i])).collect();
    let spec = model.spec();
    let mut features = Vec::with_capacity(indices.len() * spec.features());
    let mut progress = progress(indices.len(), "fitting novelty", quiet);
    for chunk in indices.chunks(BATCH) {
        let x = spec.normalize(&pixels(data, chunk));
        features.extend(pollster::block_on(executor.features(&x)).map_err(Error::core)?);
        progress.advance(chunk.len() as u64);
    }
    progress.finish();
    let detector =
        Detector::fit(&features, &labels, spec.classes().len(), spec.features()).map_err(Error::core)?;
    let set_aside = Detector::set_aside(&labels);
    let fit = NoveltyFit { dataset: data.name.clone(), fitted: labels.len() - set_aside, set_aside };
    model.with_novelty(detector, fit).map_err(Error::core)
}
