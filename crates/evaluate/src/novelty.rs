//! Fitting novelty to a model's training images.

use ibinn::NoveltyFit;
use ibinn::head::novelty::Detector;
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::blocking::Session;

use crate::pass::{check_labels, classify_images};
use crate::{Error, Result};
use ibinn_data::Dataset;

/// Images that novelty is fitted to, and as many that its p-values come from, at most.
const MOST: usize = 20_000;

/// Fits novelty to images of `data`, those that the session's model was trained on: drawn by `seed`, without noise, as they
/// are evaluated (method §3.6). Its p-values come from `held_out`, which the model has never seen, else from a quarter of those
/// images, which the fit has not seen.
///
/// # Errors
/// When the images do not fit the model, the executor fails, or novelty cannot be fitted to the features.
pub fn fit(
    session: &mut Session,
    data: &Dataset,
    held_out: Option<&Dataset>,
    seed: u64,
    quiet: bool,
) -> Result<()> {
    let (latents, labels) = features(session, data, seed, quiet)?;
    let spec = session.model().spec();
    let (classes, dims) = (spec.classes().len(), spec.features());
    let (detector, fitted, set_aside) = match held_out {
        None => {
            let detector = Detector::fit(&latents, &labels, classes, dims);
            let set_aside = Detector::set_aside(&labels);
            (detector, labels.len() - set_aside, set_aside)
        }
        Some(held_out) => {
            let (others, of_others) = features(session, held_out, seed, quiet)?;
            let detector = Detector::fit_beside((latents, &labels), (&others, &of_others), classes, dims);
            (detector, labels.len(), of_others.len())
        }
    };
    let held_out = held_out.is_some();
    let fit = NoveltyFit { dataset: data.name.clone(), fitted, set_aside, held_out };
    session.set_novelty(detector.map_err(Error::core)?, fit).map_err(Error::core)
}

/// What the head sees of images of `data` in random order, with their labels.
fn features(session: &mut Session, data: &Dataset, seed: u64, quiet: bool) -> Result<(Vec<f32>, Vec<usize>)> {
    check_labels(session.model(), data)?;
    let mut order = Stream::new(seed, Purpose::NoveltyImages, 0).permutation(data.len());
    order.truncate(MOST);
    let indices: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
    let labels = indices.iter().map(|&i| usize::from(data.labels[i])).collect();
    let mut features = Vec::new();
    classify_images(session, (data, &indices), "fitting novelty", quiet, |_, seen| {
        features.extend(seen.features);
        Ok(())
    })?;
    Ok((features, labels))
}
