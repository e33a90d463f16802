//! What a model says of images, by the executors that also run in the page.

use ibinn::Model;
use ibinn::head::{Classification, Classified, Head};
use ibinn::session::executor::Executor;

use crate::measures::scores::{Scores, TestScores};
use crate::{Error, Result};
use ibinn_data::Dataset;
use ibinn_data::ood::OodSet;
use ibinn_terminal::progress::{Progress, Unit};

/// Images that are encoded together.
const BATCH: usize = 256;

/// One image's latent.
pub struct Latent {
    /// Latent, D numbers.
    pub z: Vec<f32>,
    /// Log-det in nats.
    pub log_det: f32,
}

/// Pixels in [0, 1] of the images at `indices`, without noise (method §1.2, test transform).
pub fn pixels(data: &Dataset, indices: &[usize]) -> Vec<f32> {
    indices.iter().flat_map(|&i| data.image(i).iter().map(|&v| f32::from(v) / 255.0)).collect()
}

/// Progress over `images`, or none where `quiet`.
pub fn progress(images: usize, what: &str, quiet: bool) -> Progress {
    Progress::new(Some(images as u64), Unit::Images, what, quiet)
}

/// Encodes the images at `indices` with a flow and hands each latent to `take`, in order.
///
/// # Errors
/// When the executor fails, the model is no flow, or the data set's images do not fit it.
pub fn encode_each(
    model: &Model,
    executor: &mut Executor,
    data: &Dataset,
    indices: &[usize],
    progress: &mut Progress,
    mut take: impl FnMut(usize, Latent) -> Result<()>,
) -> Result<()> {
    let spec = model.spec();
    data.check_shape(spec, "the model")?;
    in_batches(indices, progress, |chunk| {
        let x = spec.normalize(&pixels(data, chunk));
        let encoded = pollster::block_on(executor.encode(&x)).map_err(Error::core)?;
        let latents = encoded.z.chunks(spec.dims()).zip(&encoded.log_det);
        let mut images = chunk.iter().zip(latents);
        images.try_for_each(|(&i, (z, &log_det))| take(i, Latent { z: z.to_vec(), log_det }))
    })
}

fn in_batches(
    indices: &[usize],
    progress: &mut Progress,
    mut work: impl FnMut(&[usize]) -> Result<()>,
) -> Result<()> {
    for chunk in indices.chunks(BATCH) {
        work(chunk)?;
        progress.advance(chunk.len() as u64);
    }
    progress.finish();
    Ok(())
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
    model: &Model,
    executor: &mut Executor,
    (data, indices): (&Dataset, &[usize]),
    quiet: bool,
    mut also: impl FnMut(usize, &[f32]),
) -> Result<TestScores> {
    data.check_shape(model.spec(), "the model")?;
    let mut test = TestScores::default();
    let images = Images { name: &data.name, what: "judging", pixels: &|chunk| pixels(data, chunk) };
    classify_each(model, executor, images, indices, quiet, |i, features, found| {
        also(i, features);
        test.push(found, usize::from(data.labels[i]));
    })?;
    Ok(test)
}

/// What the model says of the images of an out-of-distribution set.
///
/// # Errors
/// When the executor fails, or the model maps an image beyond all numbers.
pub fn ood_scores(model: &Model, executor: &mut Executor, set: &OodSet, quiet: bool) -> Result<Scores> {
    let mut scores = Scores::default();
    let indices: Vec<usize> = (0..set.len()).collect();
    let what = format!("judging {}", set.name);
    let images = Images { name: &set.name, what: &what, pixels: &|chunk| set.pixels(chunk) };
    classify_each(model, executor, images, &indices, quiet, |_, _, found| scores.push(&found))?;
    Ok(scores)
}

/// Images of a set.
struct Images<'a> {
    /// The set's name.
    name: &'a str,
    /// What is done to them.
    what: &'a str,
    /// Gives those at some indices, in [0, 1] and in the model's shape.
    pixels: &'a dyn Fn(&[usize]) -> Vec<f32>,
}

/// Classifies the images at `indices` and hands over each with what the head saw of it, in order.
fn classify_each(
    model: &Model,
    executor: &mut Executor,
    images: Images<'_>,
    indices: &[usize],
    quiet: bool,
    mut take: impl FnMut(usize, &[f32], Classification),
) -> Result<()> {
    let (head, spec) = (Head::of(model), model.spec());
    let mut progress = progress(indices.len(), images.what, quiet);
    in_batches(indices, &mut progress, |chunk| {
        let x = spec.normalize(&(images.pixels)(chunk));
        let numbers: Vec<u64> = chunk.iter().map(|&i| i as u64).collect();
        let classified = pollster::block_on(head.classify(executor, &x, &numbers)).map_err(Error::core)?;
        let Classified { features, found } = classified;
        for ((&i, features), found) in chunk.iter().zip(features.chunks(spec.features())).zip(found) {
            check_finite(&found, images.name, i)?;
            take(i, features, found);
        }
        Ok(())
    })
}

/// Refuses an image that a model maps beyond all numbers: ranks and means would mean nothing.
fn check_finite(found: &Classification, set: &str, image: usize) -> Result<()> {
    if let Some(l_x) = found.l_x.filter(|l_x| !l_x.is_finite()) {
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
