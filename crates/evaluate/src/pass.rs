//! What a model says of images, by the executors that also run in the page.

use ibinn::Model;
use ibinn::head::Classification;
use ibinn::session::Classified;
use ibinn::session::blocking::Session;

use crate::measures::scores::{Scores, TestScores};
use crate::{Error, Result};
use ibinn_data::Dataset;
use ibinn_data::ood::OodSet;
use ibinn_terminal::progress::{Progress, Unit};

/// Pixels in [0, 1] of the images at `indices`, without noise (method §1.2, test transform).
pub fn pixels(data: &Dataset, indices: &[usize]) -> Vec<f32> {
    indices.iter().flat_map(|&i| data.image(i).iter().map(|&v| f32::from(v) / 255.0)).collect()
}

/// Progress over `images`, or none where `quiet`.
pub fn progress(images: usize, what: &str, quiet: bool) -> Progress {
    Progress::new(Some(images as u64), Unit::Images, what, quiet)
}

/// Checks that `model` knows every class that `data` has.
///
/// # Errors
/// [`Error::Usage`] names the label that it does not know.
pub fn check_labels(model: &Model, data: &Dataset) -> Result<()> {
    let classes = model.spec().classes().len();
    match data.labels.iter().find(|&&label| usize::from(label) >= classes) {
        Some(label) => Err(Error::Usage(format!(
            "{} has a label {label}, but the model knows {classes} classes",
            data.name
        ))),
        None => Ok(()),
    }
}

/// What the model says of the images at `indices` of `data`; `also` is shown what the head saw of each, with its index.
///
/// # Errors
/// When the executor fails, the images do not fit the model, or it maps one beyond all numbers.
pub fn test_scores(
    session: &mut Session,
    (data, indices): (&Dataset, &[usize]),
    quiet: bool,
    mut also: impl FnMut(usize, &[f32]),
) -> Result<TestScores> {
    let mut test = TestScores::default();
    let fit = session.model().card().novelty.as_ref().filter(|fit| fit.dataset == data.name);
    let gave_p = data.some(fit.and_then(|fit| fit.test_images).unwrap_or(0));
    classify_images(session, (data, indices), "evaluating", quiet, |i, seen| {
        check_finite(&seen.found, &data.name, i)?;
        also(i, &seen.features);
        test.push(seen.found, usize::from(data.labels[i]), gave_p.binary_search(&i).is_ok());
        Ok(())
    })?;
    Ok(test)
}

/// What the model says of the images of an out-of-distribution set.
///
/// # Errors
/// When the executor fails, or the model maps an image beyond all numbers.
pub fn ood_scores(session: &mut Session, set: &OodSet, quiet: bool) -> Result<Scores> {
    let mut scores = Scores::default();
    let indices: Vec<usize> = (0..set.len()).collect();
    let mut progress = progress(set.len(), &format!("evaluating {}", set.name), quiet);
    classify_each(
        session,
        &indices,
        |chunk| set.pixels(chunk),
        &mut progress,
        |i, seen| {
            check_finite(&seen.found, &set.name, i)?;
            scores.push(&seen.found);
            Ok(())
        },
    )?;
    Ok(scores)
}

/// Classifies the images at `indices` of `data` and hands over each with its index, in order; `what` says to what end.
///
/// # Errors
/// When the executor fails, the images do not fit the model, or `take` refuses one.
pub fn classify_images(
    session: &mut Session,
    (data, indices): (&Dataset, &[usize]),
    what: &str,
    quiet: bool,
    take: impl FnMut(usize, Classified) -> Result<()>,
) -> Result<()> {
    data.check_shape(session.model().spec(), "the model")?;
    let mut progress = progress(indices.len(), what, quiet);
    classify_each(session, indices, |chunk| pixels(data, chunk), &mut progress, take)
}

/// Classifies the images whose `pixels` are given for some indices at a time, in [0, 1] and in the model's shape.
fn classify_each(
    session: &mut Session,
    indices: &[usize],
    pixels: impl Fn(&[usize]) -> Vec<f32>,
    progress: &mut Progress,
    mut take: impl FnMut(usize, Classified) -> Result<()>,
) -> Result<()> {
    for chunk in indices.chunks(ibinn::Session::BATCH) {
        let numbers = chunk.iter().map(|&i| i as u64);
        let seen = session.classify(&pixels(chunk), numbers).map_err(Error::core)?;
        chunk.iter().zip(seen).try_for_each(|(&i, seen)| take(i, seen))?;
        progress.advance(chunk.len() as u64);
    }
    progress.finish();
    Ok(())
}

/// Refuses an image that a model maps beyond all numbers: ranks and means would mean nothing.
fn check_finite(found: &Classification, set: &str, image: usize) -> Result<()> {
    if let Some(l_x) = found.l_x().filter(|l_x| !l_x.is_finite()) {
        return Err(Error::Usage(format!(
            "image {image} of {set} has no likelihood under this model: its L_X is {l_x}"
        )));
    }
    if !found.posterior.logits.iter().all(|logit| logit.is_finite()) {
        return Err(Error::Usage(format!(
            "image {image} of {set} has no posterior under this model: its logits are not finite"
        )));
    }
    Ok(())
}
