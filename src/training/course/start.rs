//! What a course begins with: nothing, or a model that there is (method §11.2).

use std::collections::BTreeMap;

use super::finish::{Latents, Learnt, narrow};
use super::pictures::{Order, Pictures};
use crate::cpu::CpuExecutor;
use crate::head::mixture::sample;
use crate::image::Framing;
use crate::spec::fold::Tensors;
use crate::spec::tensors::{EMPIRICAL_MEANS, LOG_WEIGHTS, MEANS, PERMUTATION};
use crate::training::initial_tensors;
use crate::training::unfold::{folded, unfolded};
use crate::{Architecture, Family, InputSpec, Model, ModelSpec, Preset, Result};

/// A flow that has learnt nothing of the pictures yet.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its architecture, with the classes of the pictures.
    pub spec: ModelSpec,
    /// Its tensors in training form.
    pub tensors: Tensors,
    /// Title of the model that it was; none of a fresh one.
    pub origin: Option<String>,
    /// Pictures of none of the classes, C×H×W bytes each: what novelty is fitted beside.
    pub others: Vec<u8>,
    /// How the pictures lie on a plain ground: as those of that model.
    pub framing: Option<Framing>,
}

/// Pictures by which a model's batch-norms are set apart again, at most.
const UNFOLDED_BY: usize = 256;

impl Start {
    /// Fresh weights, drawn by `seed`.
    ///
    /// # Errors
    /// [`Error::Spec`](crate::Error::Spec) when there is no flow for pictures of this shape.
    pub fn fresh(pictures: &Pictures, seed: u64) -> Result<Self> {
        let [channels, height, width] = pictures.shape();
        let like = if channels == 1 { Preset::Compact28 } else { Preset::Compact32 };
        let InputSpec { mean, std, .. } = like.spec()?.input().clone();
        let input = InputSpec { channels, height, width, mean, std };
        let classes = pictures.classes().to_vec();
        let spec = Architecture::auto(input.shape()).spec(Family::IbInn, input, classes)?;
        let tensors = initial_tensors(&spec, seed, 0.8, 5.0);
        Ok(Self { spec, tensors, origin: None, others: exchanged(pictures), framing: None })
    }

    /// The flow of `model`, with batch-norms again, under means for the classes of the pictures.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) when the model has no mixture, or takes pictures of another shape.
    pub fn from_model(model: &Model, pictures: &Pictures, seed: u64) -> Result<Self> {
        let known = closed_form(model, pictures, seed)?.model;
        let spec = known.spec().clone();
        let mut order = Order::new(seed);
        let most = (pictures.learnt().len() * 4).min(UNFOLDED_BY) as u64;
        let images: Vec<f32> = (0..most).flat_map(|i| order.varied(pictures, i, 1.0).0).collect();
        let tensors = unfolded(&known, [spec.normalize(&images)]);
        Ok(Self {
            spec,
            tensors,
            origin: Some(model.card().title.clone()),
            others: drawn(model, seed)?,
            framing: model.card().framing,
        })
    }
}

/// The flow of `model` as it is, with means and a detector of its own for the classes of the pictures (method §11.3): a model
/// of them before anything is trained.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) when the model has no mixture, or takes pictures of another shape.
pub fn closed_form(model: &Model, pictures: &Pictures, seed: u64) -> Result<Learnt> {
    model.spec().family().require_mixture()?;
    let input = model.spec().input().clone();
    let shape = [input.channels, input.height, input.width];
    if shape != pictures.shape() {
        return Err(crate::Error::Input(format!(
            "the model takes pictures of {shape:?} numbers, and these have {:?}",
            pictures.shape()
        )));
    }
    let spec = model.spec().for_data(pictures.classes().to_vec(), input.mean, input.std)?;
    let executor = CpuExecutor::<f32>::new(model);
    let latents = Latents::new(&executor, pictures, &drawn(model, seed)?, seed)?;
    let fitted = latents.detector(false)?;
    let mut tensors: BTreeMap<String, Vec<f32>> =
        folded(model).into_iter().map(|(name, values)| (name, narrow(values))).collect();
    tensors.remove(PERMUTATION);
    // New classes are equally probable.
    tensors.remove(LOG_WEIGHTS);
    tensors.insert(MEANS.into(), narrow(latents.means()?));
    tensors.insert(EMPIRICAL_MEANS.into(), narrow(latents.class_means()));
    let card = super::finish::card(pictures, model.card().training.method, seed, 0);
    fitted.join(Model::new(spec, card, tensors, model.permutation().to_vec())?)
}

/// Pictures of none of the classes, at most.
const OTHERS: usize = 100;

/// Pictures that `model` draws: what it knew before is none of the new classes.
fn drawn(model: &Model, seed: u64) -> Result<Vec<u8>> {
    let (spec, means) = (model.spec(), model.empirical_means()?);
    let centres = means.chunks_exact(spec.dims()).cycle().take(OTHERS).enumerate();
    let z: Vec<f32> = centres.flat_map(|(i, centre)| sample(centre, 1.0, seed, i as u64)).collect();
    let pixels = spec.denormalize(&CpuExecutor::<f32>::new(model).decode(&z)?);
    Ok(pixels.iter().map(|v| (v * 255.0).round().clamp(0.0, 255.0) as u8).collect())
}

/// The pictures themselves with their halves exchanged: of the same strokes or colours, and yet none of them.
fn exchanged(pictures: &Pictures) -> Vec<u8> {
    let [_, height, width] = pictures.shape();
    let learnt = pictures.learnt();
    let every = learnt.len().div_ceil(OTHERS);
    let of_picture = |(i, &picture): (usize, &usize)| {
        let (down, right) = if i % 2 == 0 { (height / 2, 0) } else { (0, width / 2) };
        let planes = pictures.bytes(picture).chunks_exact(height * width);
        let from = move |p: usize| (p / width + down) % height * width + (p % width + right) % width;
        planes.flat_map(move |plane| (0..height * width).map(move |p| plane[from(p)])).collect::<Vec<u8>>()
    };
    learnt.iter().step_by(every).enumerate().flat_map(of_picture).collect()
}
