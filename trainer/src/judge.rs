//! Judging a model on a data set, by the executors that also run in the page.

use ibinn::executor::Executor;
use ibinn::latent::{BitsPerDim, Score, smooth_label};
use ibinn::{Evaluation, Model, Typicality};

use crate::data::Dataset;
use crate::error::{Error, Result};
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

/// Error, likelihoods and typicality of `model` on the images at `indices` of `data`.
///
/// # Errors
/// When the executor fails, the images do not fit the model, or fewer than two are given.
pub fn evaluate(
    model: &Model,
    executor: &mut Executor,
    data: &Dataset,
    indices: &[usize],
    progress: &mut Progress,
) -> Result<Evaluation> {
    check_labels(model, data)?;
    let classes = model.spec().classes().len();
    let (mut wrong, mut l_y, mut scores) = (0usize, 0.0, Vec::with_capacity(indices.len()));
    encode_each(model, executor, data, indices, progress, |i, Scored { score, .. }| {
        let label = usize::from(data.labels[i]);
        wrong += usize::from(score.prediction() != label);
        l_y += score.l_y(&smooth_label(label, classes, 0.0));
        scores.push(score.l_x);
        Ok(())
    })?;
    let typicality = Typicality::from_scores(&scores)
        .ok_or_else(|| Error::Usage("judging needs at least two images with finite likelihoods".into()))?;
    let l_x = typicality.mean;
    let bits = BitsPerDim::new(l_x, &model.spec().input().std);
    Ok(Evaluation {
        dataset: data.name.clone(),
        images: indices.len(),
        executor: executor.name().into(),
        error: 100.0 * wrong as f64 / indices.len() as f64,
        l_x,
        l_y: l_y / indices.len() as f64,
        bits_per_dim: bits.correct,
        bits_per_dim_tables: bits.tables,
        typicality,
    })
}
