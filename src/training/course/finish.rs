//! From a course to a model: what its latents say of the classes, and of what is none of them (method §11.3).

use std::collections::BTreeMap;

use super::pictures::{Order, Pictures};
use super::{Course, FROM_NOTHING, GROUP, step};
use crate::cpu::CpuExecutor;
use crate::head::novelty::{Detector, Discriminants};
use crate::head::posterior::smooth_label;
use crate::spec::fold::{Tensors, fold_batch_norm};
use crate::spec::tensors::{EMPIRICAL_MEANS, MEANS, PERMUTATION};
use crate::training::{Memory, Trainee};
use crate::{Card, Error, Method, Model, ModelSpec, NoveltyFit, Result, Training, Validation};

/// Parts into which the pictures are cut: the scores of one are those by discriminants that were fitted to the others.
const FOLDS: usize = 5;

/// Pictures of a class whose latents are taken, at most.
const OF_A_CLASS: usize = 250;
/// Latents of them all, about: few pictures are varied more often.
const LATENTS: usize = 600;
/// Variations of a picture, at most.
const MOST_COPIES: usize = 16;
/// Strength of every second variation: such a one is still like a picture that somebody else would have made.
const LITTLE: f64 = 0.4;
/// Pictures that are held out, at least, where p-values come from them alone.
const ENOUGH: usize = 200;
/// Directions in which other things differ from the pictures, at most.
const OTHER_AXES: usize = 100;
/// Pictures that are held out and looked at, at most.
const MOST_HELD_OUT: usize = 500;

/// A model of a visitor's pictures, and how well it tells them apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Learnt {
    /// The model.
    pub model: Model,
    /// Of the pictures of each class (rows), as they are and little varied, how many are taken for each class (columns), every
    /// one by discriminants that were fitted without it. They are all pictures where the flow has not learnt from them, else
    /// those that are held out.
    pub confusion: Vec<Vec<usize>>,
}

/// What latents say of what is like the pictures, and of which pictures are like each other.
pub(super) struct Fitted {
    detector: Detector,
    fit: NoveltyFit,
    confusion: Vec<Vec<usize>>,
}

impl Fitted {
    /// The model with the detector.
    ///
    /// # Errors
    /// As [`Model::set_novelty`].
    pub fn join(self, mut model: Model) -> Result<Learnt> {
        model.set_novelty(self.detector, self.fit)?;
        Ok(Learnt { model, confusion: self.confusion })
    }
}

/// The latents of pictures as they are shown and varied, and of other things.
pub(super) struct Latents {
    z: Vec<f32>,
    dims: usize,
    /// Pictures of each class.
    pictures: Vec<usize>,
    /// What each latent is of.
    of: Vec<Of>,
    /// Those of pictures of none of the classes.
    others: Vec<f32>,
}

/// What a latent is of.
#[derive(Clone, Copy)]
struct Of {
    class: usize,
    /// Which picture of its class.
    number: usize,
    held_out: bool,
    /// Whether it is the picture as it is shown, or little varied.
    plain: bool,
}

impl Latents {
    /// Those of the pictures, each as it is and some times varied, beside `others`, C×H×W bytes each.
    ///
    /// # Errors
    /// [`Error::Input`] when the pictures do not fit the network.
    pub fn new(executor: &CpuExecutor<f32>, pictures: &Pictures, others: &[u8], seed: u64) -> Result<Self> {
        let spec = executor.spec();
        let copies = (LATENTS / pictures.len()).min(MOST_COPIES);
        let mut seen = vec![0; pictures.classes().len()];
        let (mut pixels, mut of) = (Vec::new(), Vec::new());
        for picture in 0..pictures.len() {
            let class = usize::from(pictures.label(picture));
            if seen[class] == OF_A_CLASS {
                continue;
            }
            let of_picture =
                |plain| Of { class, number: seen[class], held_out: pictures.is_held_out(picture), plain };
            pixels.extend(pictures.pixels(picture, None));
            of.push(of_picture(true));
            for copy in 0..copies {
                // Beyond the positions that a course comes to.
                let index = (1 << 62) | (picture * copies + copy) as u64;
                let little = copy % 2 == 1;
                let strength = if little { LITTLE } else { 1.0 };
                pixels.extend(pictures.pixels(picture, Some((seed, index, strength))));
                of.push(of_picture(little));
            }
            seen[class] += 1;
        }
        let latents = |pixels: &[f32]| Ok(executor.encode(&spec.normalize(pixels))?.z);
        let others: Vec<f32> = others.iter().map(|&v| f32::from(v) / 255.0).collect();
        let (z, others) = (latents(&pixels)?, latents(&others)?);
        Ok(Self { z, dims: spec.dims(), pictures: seen, of, others })
    }

    fn rows(&self) -> impl Iterator<Item = (&[f32], Of)> {
        self.z.chunks_exact(self.dims).zip(self.of.iter().copied())
    }

    /// The discriminants of the latents that are taken, beside the others if they are wanted.
    fn discriminants(&self, takes: impl Fn(Of) -> bool, beside_others: bool) -> Result<Discriminants> {
        let taken = || self.rows().filter(|(_, of)| takes(*of));
        let latents = taken().flat_map(|(z, _)| z).copied().collect();
        let labels: Vec<usize> = taken().map(|(_, of)| of.class).collect();
        // The fewer pictures, the less their scatter says.
        let shrinkage = (200.0 / self.pictures.iter().sum::<usize>() as f64).clamp(0.01, 5.0);
        let others = if beside_others { Some((&self.others[..], OTHER_AXES)) } else { None };
        Discriminants::fit_beside(latents, &labels, (self.pictures.len(), self.dims), shrinkage, others)
    }

    /// Means of a mixture by which the pictures are told apart (method §11.3), (K, D).
    ///
    /// # Errors
    /// As [`Discriminants::fit`].
    pub fn means(&self) -> Result<Vec<f64>> {
        Ok(self.discriminants(|_| true, false)?.means(&self.mean()))
    }

    /// The detector of the pictures, what it was fitted to, and which of them are taken for each other; `trained` is said of a
    /// flow that has learnt from those that are not held out. P-values come from those that are held out where these are enough,
    /// else from all, each by discriminants that were fitted without it.
    ///
    /// # Errors
    /// [`Error::Input`] when a class has a single picture; as [`Discriminants::fit_beside`].
    pub fn detector(&self, trained: bool) -> Result<Fitted> {
        let has_held_out = |class| self.of.iter().any(|of| of.held_out && of.class == class);
        let held_out = self.of.iter().filter(|of| of.held_out).count() >= ENOUGH
            && (0..self.pictures.len()).all(has_held_out);
        let mut scores = Vec::new();
        let mut confusion = vec![vec![0; self.pictures.len()]; self.pictures.len()];
        let mut score = |fitted: &Discriminants, takes: &dyn Fn(Of) -> bool| {
            for (z, of) in self.rows().filter(|(_, of)| of.plain && takes(*of)) {
                let distances = fitted.relative_distances(z);
                let nearest = (0..distances.len()).min_by(|&a, &b| distances[a].total_cmp(&distances[b]));
                if let Some(nearest) = nearest.filter(|_| of.held_out || !trained) {
                    confusion[of.class][nearest] += 1;
                }
                scores.push((distances, of.class));
            }
        };
        let detector = if held_out {
            let fitted = self.discriminants(|of| !of.held_out, true)?;
            score(&fitted, &|of| of.held_out);
            fitted
        } else {
            for fold in 0..FOLDS {
                // The only picture of a class cannot be left out.
                let left = |of: Of| of.number % FOLDS == fold && self.pictures[of.class] > 1;
                if self.of.iter().any(|of| left(*of)) {
                    score(&self.discriminants(|of| !left(of), true)?, &left);
                }
            }
            self.discriminants(|_| true, true)?
        };
        let fitted = self.of.iter().filter(|of| !(held_out && of.held_out)).count();
        let fit = NoveltyFit {
            dataset: DATASET.into(),
            fitted,
            set_aside: scores.len(),
            held_out,
            test_images: None,
        };
        if let Some(class) = (0..self.pictures.len()).find(|&class| scores.iter().all(|(_, of)| *of != class))
        {
            return Err(Error::Input(format!(
                "class {class} has a single picture, and novelty needs two of each"
            )));
        }
        Ok(Fitted { detector: Detector::calibrated(detector, scores), fit, confusion })
    }

    /// The mean of all, D.
    fn mean(&self) -> Vec<f64> {
        let mut mean = vec![0.0; self.dims];
        for (z, _) in self.rows() {
            mean.iter_mut().zip(z).for_each(|(m, &z)| *m += f64::from(z) / self.of.len() as f64);
        }
        mean
    }

    /// The mean of each class, (K, D), over the pictures that are learnt from, as they are and varied.
    pub fn class_means(&self) -> Vec<f64> {
        let mut means = vec![0.0; self.pictures.len() * self.dims];
        let mut counts = vec![0.0; self.pictures.len()];
        for (z, of) in self.rows().filter(|(_, of)| !of.held_out) {
            counts[of.class] += 1.0;
            let mean = &mut means[of.class * self.dims..][..self.dims];
            mean.iter_mut().zip(z).for_each(|(m, &z)| *m += f64::from(z));
        }
        means
            .chunks_exact_mut(self.dims)
            .zip(counts)
            .flat_map(|(mean, n)| mean.iter_mut().map(move |m| *m / n))
            .collect()
    }
}

/// Groups that re-estimate the statistics of batch-norm.
const RE_ESTIMATED_BY: u64 = 8;

/// The model of a course as it stands.
pub(super) fn learnt(course: &Course) -> Result<Learnt> {
    let Course { pictures, settings, seed, .. } = course;
    let draft = settled(course)?;
    let executor = CpuExecutor::<f32>::new(&draft);
    let latents = Latents::new(&executor, pictures, &course.others, *seed)?;
    let fitted = latents.detector(course.steps > 0)?;
    let card = card(pictures, Method::IbInn { gamma: settings.gamma }, *seed, course.steps);
    let card = Card { validation: validation(&draft, &executor, pictures)?, framing: course.framing, ..card };
    fitted.join(draft.with_empirical_means(narrow(latents.class_means()))?.with_card(card)?)
}

/// The flow with the averages of its weights and statistics of batch-norm that fit them.
fn settled(course: &Course) -> Result<Model> {
    let Course { pictures, trainee, settings, seed, .. } = course;
    let spec = course.spec();
    let mut tensors = trainee.tensors();
    if course.steps > 0 {
        tensors.extend(trainee.averages());
        let mut settled = Trainee::new(spec, &tensors, &Tensors::new(), Memory::Stored);
        let mut order = Order::new(*seed);
        for i in 0..RE_ESTIMATED_BY {
            // Beyond the positions that a course comes to.
            let first = (1 << 61) + i * GROUP as u64;
            let images: Vec<f32> = (first..first + GROUP as u64)
                .flat_map(|position| order.varied(pictures, position, settings.strength).0)
                .collect();
            let dropout = step(spec, settings.gamma, *seed, (1 << 31) + i, (FROM_NOTHING, 0)).dropout;
            settled.observe(&spec.normalize(&images), &dropout, 1.0 / (i + 1) as f64);
        }
        tensors = settled.tensors();
    }
    folded(spec, tensors, card(pictures, Method::IbInn { gamma: settings.gamma }, *seed, course.steps))
}

/// The model of tensors in training form, with its means for the empirical ones.
pub(super) fn folded(spec: &ModelSpec, training: Tensors, card: Card) -> Result<Model> {
    let mut folded = fold_batch_norm(spec, training);
    let permutation = folded.remove(PERMUTATION).unwrap_or_default().iter().map(|&i| i as u32).collect();
    let mut tensors: BTreeMap<String, Vec<f32>> =
        folded.into_iter().map(|(name, values)| (name, narrow(values))).collect();
    let means = tensors.get(MEANS).cloned().unwrap_or_default();
    tensors.insert(EMPIRICAL_MEANS.into(), means);
    Model::new(spec.clone(), card, tensors, permutation)
}

/// What is measured on the pictures that are held out; none where there are none.
fn validation(model: &Model, executor: &CpuExecutor<f32>, pictures: &Pictures) -> Result<Option<Validation>> {
    let held_out = pictures.held_out();
    let held_out = &held_out[..held_out.len().min(MOST_HELD_OUT)];
    if held_out.is_empty() {
        return Ok(None);
    }
    let (spec, mixture) = (model.spec(), model.mixture()?);
    let pixels: Vec<f32> = held_out.iter().flat_map(|&picture| pictures.pixels(picture, None)).collect();
    let encoded = executor.encode(&spec.normalize(&pixels))?;
    let (mut wrong, mut l_x, mut l_y) = (0, 0.0, 0.0);
    for ((z, &log_det), &picture) in encoded.z.chunks_exact(spec.dims()).zip(&encoded.log_det).zip(held_out) {
        let label = usize::from(pictures.label(picture));
        let score = mixture.score(z, f64::from(log_det));
        wrong += usize::from(score.posterior.prediction() != label);
        l_x += score.l_x;
        l_y += score.posterior.l_y(&smooth_label(label, spec.classes().len(), 0.0));
    }
    let images = held_out.len();
    let mean = |sum: f64| sum / images as f64;
    let bits = model.bits_per_dim(mean(l_x));
    Ok(Some(Validation {
        images,
        error: 100.0 * mean(wrong as f64),
        l_y: mean(l_y),
        bits_per_dim: Some(bits.correct),
        bits_per_dim_tables: Some(bits.tables),
        temperature: None,
    }))
}

pub(super) fn narrow(values: Vec<f64>) -> Vec<f32> {
    values.into_iter().map(|v| v as f32).collect()
}

/// The name of the data set of a visitor's pictures.
pub(super) const DATASET: &str = "own";

/// What a card calls a model of these pictures.
pub(super) fn title(pictures: &Pictures) -> String {
    format!("Your own: {}", pictures.classes().join(", "))
}

/// The card of a model of these pictures after so many steps.
pub(super) fn card(pictures: &Pictures, method: Method, seed: u64, steps: u64) -> Card {
    let training = Training {
        dataset: DATASET.into(),
        images: Some(pictures.learnt().len()),
        held_out: Some(pictures.held_out().len()).filter(|&count| count > 0),
        preset: "custom".into(),
        method,
        seed: Some(seed),
        epochs: None,
        steps: Some(steps as usize),
    };
    Card::new(title(pictures), training)
}
