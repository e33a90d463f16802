//! What a run knows of images that it does not learn from: the loss on validation images, and when it no longer falls.

use ibinn::head::Head;
use ibinn::head::posterior::smooth_label;
use ibinn::session::Classified;
use ibinn::session::blocking::Session;
use ibinn::training::CROSS_ENTROPY_WEIGHT;
use ibinn::{Card, Method, Model};
use ibinn_data::{Augmentation, Dataset, Preparation, batch};
use serde::{Deserialize, Serialize};

use super::batches::Batches;
use super::checkpoint::State;
use super::learner::Learner;
use super::{Run, export};
use crate::error::{Error, Result};

/// Steps between two validations, at least: epochs of few steps are validated together.
const EVERY: usize = 100;
/// Batches that re-estimate batch-norm for a validation.
const BATCH_NORM_BATCHES: usize = 8;

/// The loss on validation images, with its terms (method §3.3), as they would be of the model that training ended with here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Validated {
    /// What is minimised.
    pub loss: f64,
    /// L_X in nats per dimension, of a mixture.
    pub l_x: Option<f64>,
    /// L_Y in nats, of the smoothed labels.
    pub l_y: f64,
    /// Share of the images classified rightly.
    pub accuracy: f64,
}

/// The lowest validation loss of a run, and when it was last asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lowest {
    /// The loss.
    pub loss: f64,
    /// Steps done when it was.
    pub step: usize,
    /// Steps done at the last validation.
    pub validated: usize,
}

impl Lowest {
    /// With the next validation's loss, after `step` steps.
    fn next(before: Option<Self>, loss: f64, step: usize) -> Self {
        match before {
            Some(lowest) if lowest.loss <= loss || loss.is_nan() => Self { validated: step, ..lowest },
            _ => Self { loss, step, validated: step },
        }
    }
}

impl Run<'_> {
    /// Whether a validation is due: an epoch has ended, the last one or one with which a hundred steps or more are done since
    /// the last validation.
    pub fn validation_is_due(&self) -> bool {
        let per_epoch = self.steps_per_epoch();
        let stride = per_epoch * EVERY.div_ceil(per_epoch);
        self.step.is_multiple_of(stride) || self.step == self.total_steps()
    }

    /// The model as it would be if training ended here, but for the empirical means: with the moving averages of weights, where
    /// there are any, and batch-norm re-estimated over a few batches. The run itself is left as it is.
    ///
    /// # Errors
    /// [`Error::Core`] when a tensor is not finite.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn snapshot(&self, card: Card) -> Result<Model> {
        let State { mut tensors, averages, .. } = self.learner.state();
        tensors.extend(averages);
        let mut probe = Learner::new(&self.spec, &State::of(tensors), self.config.memory, self.device);
        let mut batches = Batches::new(self.config, self.data, self.batches.preparation().clone());
        for i in 0..BATCH_NORM_BATCHES {
            let batch = batches.get(self.total_steps() + i);
            let dropout = self.dropout(self.total_steps() + i);
            probe.observe(batch.images, &dropout, 1.0 / (i + 1) as f64);
        }
        export::model_without_images(&self.spec, probe.tensors(), card)
    }

    /// The loss of a [`snapshot`](Self::snapshot) on `images`: with the noise of training, drawn once for all validations,
    /// without augmentation and dropout.
    ///
    /// # Errors
    /// When the executor fails.
    pub fn validate(&self, session: &mut Session, images: &Dataset) -> Result<Validated> {
        let preparation = Preparation { augment: Augmentation::None, ..self.batches.preparation().clone() };
        let (method, smoothing) = (self.config.model.method(), self.config.label_smoothing);
        let classes = self.spec.classes().len();
        let head = Head::of(session.model());
        let (mut loss, mut l_x, mut l_y, mut right) = (0.0, None, 0.0, 0);
        let indices: Vec<usize> = (0..images.len()).collect();
        for chunk in indices.chunks(ibinn::Session::BATCH) {
            // An epoch that training does not come to.
            let x = batch(images, chunk, u64::from(u32::MAX), self.config.seed, &preparation);
            let numbers = chunk.iter().map(|&i| i as u64);
            let seen = session.classify(&self.spec.denormalize(&x), numbers).map_err(Error::core)?;
            for (seen, &i) in seen.iter().zip(chunk) {
                let label = usize::from(images.labels[i]);
                let targets = smooth_label(label, classes, smoothing);
                let own = seen.found.posterior.l_y(&targets);
                loss += of_image(method, &head, seen, (label, own), self.spec.dims());
                l_y += own;
                l_x = seen.found.l_x().map(|own| l_x.unwrap_or(0.0) + own);
                right += usize::from(seen.found.prediction == label);
            }
        }
        let mean = |sum: f64| sum / images.len() as f64;
        Ok(Validated { loss: mean(loss), l_x: l_x.map(mean), l_y: mean(l_y), accuracy: mean(right as f64) })
    }

    /// Takes note of a validation; whether its loss is the lowest so far.
    pub fn note(&mut self, validated: Validated) -> bool {
        let lowest = Lowest::next(self.lowest, validated.loss, self.step);
        self.lowest = Some(lowest);
        lowest.step == self.step
    }

    /// The lowest validation loss so far; none before the first validation.
    pub fn lowest(&self) -> Option<Lowest> {
        self.lowest
    }

    /// Whether the validation loss has not fallen for as many epochs as the run has patience.
    pub fn is_out_of_patience(&self) -> bool {
        let (Some(patience), Some(lowest)) = (self.config.patience, self.lowest) else { return false };
        (lowest.validated - lowest.step) / self.steps_per_epoch() >= patience
    }
}

/// The loss of one image, of which L_Y is `l_y` (method §3.3).
fn of_image(method: Method, head: &Head, seen: &Classified, (label, l_y): (usize, f64), dims: usize) -> f64 {
    let (found, d) = (&seen.found, dims as f64);
    // Targets sum to 1.
    let cross_entropy = (found.posterior.logits.len() as f64).ln() - l_y;
    match (method, head) {
        (Method::Vib { gamma }, Head::Bottleneck(bottleneck)) => {
            let (x, y) = gamma.loss_weights();
            let kl = bottleneck.distribution(&seen.features).kl_bits();
            x / d * kl + y * cross_entropy / std::f64::consts::LN_2
        }
        (Method::ClassNll { .. }, _) => {
            let log_det = f64::from(seen.log_det.unwrap_or_default());
            2.0 * (-found.posterior.logits[label] - log_det) / d
        }
        (Method::IbInn { gamma } | Method::Vib { gamma }, _) => {
            let (x, y) = gamma.loss_weights();
            x * found.l_x().unwrap_or_default() - y * l_y
        }
        (Method::ResNet | Method::IRevNet, _) => CROSS_ENTROPY_WEIGHT * cross_entropy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_loss_is_kept_with_its_step() {
        let mut lowest = None;
        for (step, loss) in [(10, 2.0), (20, 1.0), (30, 1.0), (40, f64::NAN), (50, 1.5)] {
            lowest = Some(Lowest::next(lowest, loss, step));
        }
        assert_eq!(lowest, Some(Lowest { loss: 1.0, step: 20, validated: 50 }));
    }
}
