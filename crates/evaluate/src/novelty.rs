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

/// Images that p-values come from.
#[derive(Clone, Copy, Debug)]
pub enum Calibration<'a> {
    /// A quarter of the training images: the fit has not seen them, but the network has.
    Training,
    /// Images that were held out of the training.
    HeldOut(&'a Dataset),
    /// Images that are spared from the test set: this many of them ([`Dataset::some`]).
    Test(&'a Dataset, usize),
}

/// Fits novelty to images of `data`, those that the session's model was trained on: drawn by `seed`, without noise, as they
/// are evaluated (method §3.6).
///
/// # Errors
/// When the images do not fit the model, the executor fails, or novelty cannot be fitted to the features.
pub fn fit(
    session: &mut Session,
    data: &Dataset,
    calibration: Calibration<'_>,
    seed: u64,
    quiet: bool,
) -> Result<()> {
    let (latents, labels) = features(session, data, seed, quiet)?;
    let spec = session.model().spec();
    let (classes, dims) = (spec.classes().len(), spec.features());
    let others = match calibration {
        Calibration::Training => None,
        Calibration::HeldOut(others) => Some(features(session, others, seed, quiet)?),
        Calibration::Test(test, count) => Some(features_of(session, test, &test.some(count), quiet)?),
    };
    let (detector, fitted, set_aside) = match others {
        None => {
            let detector = Detector::fit(&latents, &labels, classes, dims);
            let set_aside = Detector::set_aside(&labels);
            (detector, labels.len() - set_aside, set_aside)
        }
        Some((others, of_others)) => {
            let detector = Detector::fit_beside((latents, &labels), (&others, &of_others), classes, dims);
            (detector, labels.len(), of_others.len())
        }
    };
    let held_out = !matches!(calibration, Calibration::Training);
    let test_images = matches!(calibration, Calibration::Test(..)).then_some(set_aside);
    let fit = NoveltyFit { dataset: data.name.clone(), fitted, set_aside, held_out, test_images };
    session.set_novelty(detector.map_err(Error::core)?, fit).map_err(Error::core)
}

/// What the head sees of images of `data` in random order, with their labels.
fn features(session: &mut Session, data: &Dataset, seed: u64, quiet: bool) -> Result<(Vec<f32>, Vec<usize>)> {
    let mut order = Stream::new(seed, Purpose::NoveltyImages, 0).permutation(data.len());
    order.truncate(MOST);
    let indices: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
    features_of(session, data, &indices, quiet)
}

/// The same of the images at `indices`.
fn features_of(
    session: &mut Session,
    data: &Dataset,
    indices: &[usize],
    quiet: bool,
) -> Result<(Vec<f32>, Vec<usize>)> {
    check_labels(session.model(), data)?;
    let labels = indices.iter().map(|&i| usize::from(data.labels[i])).collect();
    let mut features = Vec::new();
    classify_images(session, (data, indices), "fitting novelty", quiet, |_, seen| {
        features.extend(seen.features);
        Ok(())
    })?;
    Ok((features, labels))
}
