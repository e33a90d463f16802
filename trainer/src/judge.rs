//! What a model says of images, by the executors that also run in the page.

use ibinn::Model;
use ibinn::executor::Executor;
use ibinn::latent::Score;

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::measures::report::{Scores, TestScores};
use crate::ood::OodSet;
use crate::progress::{Progress, Unit};

/// Images that are encoded together.
const BATCH: usize = 256;

/// One image's latent and what the mixture says of it.
pub struct Scored {
    /// Latent, D numbers.
    pub z: Vec<f32>,
    /// Log-det in nats.
    pub log_det: f32,
    /// The mixture's view.
    pub score: Score,
}

/// Pixels in [0, 1] of the images at `indices`, without noise (spec §1.2, test transform).
pub fn pixels(data: &Dataset, indices: &[usize]) -> Vec<f32> {
    indices.iter().flat_map(|&i| data.image(i).iter().map(|&v| f32::from(v) / 255.0)).collect()
}

/// Progress over `images`, or none where `quiet`.
pub fn progress(images: usize, what: &str, quiet: bool) -> Progress {
    Progress::new(Some(images as u64), Unit::Images, what, quiet)
}

/// Encodes the images at `indices` and hands each result to `take`, in order.
///
/// # Errors
/// When the executor fails, or the data set's images do not fit the model.
pub fn encode_each(
    model: &Model,
    executor: &mut Executor,
    data: &Dataset,
    indices: &[usize],
    progress: &mut Progress,
    take: impl FnMut(usize, Scored) -> Result<()>,
) -> Result<()> {
    data.check_shape(model.spec(), "the model")?;
    encode_pixels(model, executor, |chunk| pixels(data, chunk), indices, progress, take)
}

/// The same for images that are no data set: `pixels` gives those at some indices, in [0, 1] and in the model's shape.
///
/// # Errors
/// When the executor fails.
pub fn encode_pixels(
    model: &Model,
    executor: &mut Executor,
    pixels: impl Fn(&[usize]) -> Vec<f32>,
    indices: &[usize],
    progress: &mut Progress,
    mut take: impl FnMut(usize, Scored) -> Result<()>,
) -> Result<()> {
    let spec = model.spec();
    let mixture = model.mixture();
    for chunk in indices.chunks(BATCH) {
        let x = spec.normalize(&pixels(chunk));
        let encoded = pollster::block_on(executor.encode(&x)).map_err(Error::core)?;
        for ((&i, z), &log_det) in chunk.iter().zip(encoded.z.chunks(spec.dims())).zip(&encoded.log_det) {
            take(i, Scored { z: z.to_vec(), log_det, score: mixture.score(z, f64::from(log_det)) })?;
        }
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

/// What the mixture says of the images at `indices` of `data`; `also` is shown each with its index.
///
/// # Errors
/// When the executor fails, the images do not fit the model, or one has no finite likelihood.
pub fn test_scores(
    model: &Model,
    executor: &mut Executor,
    (data, indices): (&Dataset, &[usize]),
    quiet: bool,
    mut also: impl FnMut(usize, &Scored),
) -> Result<TestScores> {
    let mut test = TestScores::default();
    let mut progress = progress(indices.len(), "judging", quiet);
    encode_each(model, executor, data, indices, &mut progress, |i, scored| {
        finite(&scored.score, &data.name, i)?;
        test.push(&scored.score, usize::from(data.labels[i]));
        also(i, &scored);
        Ok(())
    })?;
    Ok(test)
}

/// What the mixture says of the images of an out-of-distribution set.
///
/// # Errors
/// When the executor fails, or an image has no finite likelihood.
pub fn ood_scores(model: &Model, executor: &mut Executor, set: &OodSet, quiet: bool) -> Result<Scores> {
    let mut scores = Scores::default();
    let indices: Vec<usize> = (0..set.len()).collect();
    let mut progress = progress(indices.len(), &format!("judging {}", set.name), quiet);
    encode_pixels(
        model,
        executor,
        |chunk| set.pixels(chunk),
        &indices,
        &mut progress,
        |i, scored| {
            finite(&scored.score, &set.name, i)?;
            scores.push(&scored.score);
            Ok(())
        },
    )?;
    Ok(scores)
}

/// Refuses an image whose latent is beyond all numbers: ranks and means would mean nothing.
fn finite(score: &Score, set: &str, image: usize) -> Result<()> {
    if score.l_x.is_finite() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "image {image} of {set} has no likelihood under this model: its L_X is {}",
        score.l_x
    )))
}
