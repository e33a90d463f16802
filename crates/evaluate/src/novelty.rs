//! Fitting novelty to a model's training images.

use ibinn::NoveltyFit;
use ibinn::head::novelty::Detector;
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::blocking::Session;

use crate::pass::{check_labels, classify_images};
use crate::{Error, Result};
use ibinn_data::Dataset;

/// Images that novelty is fitted to, and that are set aside, at most.
const MOST: usize = 20_000;

/// Fits novelty to images of `data`, the training images of the session's model: drawn by `seed`, without noise, as they
/// are evaluated (method §3.6).
///
/// # Errors
/// When the images do not fit the model, the executor fails, or novelty cannot be fitted to the features.
pub fn fit(session: &mut Session, data: &Dataset, seed: u64, quiet: bool) -> Result<()> {
    check_labels(session.model(), data)?;
    let mut order = Stream::new(seed, Purpose::NoveltyImages, 0).permutation(data.len());
    order.truncate(MOST);
    let indices: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
    let labels: Vec<usize> = indices.iter().map(|&i| usize::from(data.labels[i])).collect();
    let mut features = Vec::new();
    classify_images(session, (data, &indices), "fitting novelty", quiet, |_, seen| {
        features.extend(seen.features);
        Ok(())
    })?;
    let spec = session.model().spec();
    let detector =
        Detector::fit(&features, &labels, spec.classes().len(), spec.features()).map_err(Error::core)?;
    let set_aside = Detector::set_aside(&labels);
    let fit = NoveltyFit { dataset: data.name.clone(), fitted: labels.len() - set_aside, set_aside };
    session.set_novelty(detector, fit).map_err(Error::core)
}
