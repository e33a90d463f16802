//! What a run does step by step: learning from a batch, and estimating the batch-norm statistics anew.

use burn::tensor::Tensor;
use ibinn::{Family, Method};

use super::batches::Batch;
use super::sgd::Sgd;
use super::{BATCH_NORM_EPOCHS, Run};
use crate::error::{Error, Result};
use crate::net::mixture::smoothed_targets;
use crate::net::{BatchNorm, BatchStatistics, Dropout, Terms, code_noise, ops};

/// A loss or an L_X beyond this counts as diverged (method §7.2).
const DIVERGED: f64 = 1e5;

/// Weight of the newest batch in the running statistics during training (method §2.3).
fn newest_batch(family: Family) -> f64 {
    if family.is_flow() { 0.999 } else { 0.1 }
}

/// What one step reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: usize,
    /// What was minimised.
    pub loss: f64,
    /// L_X in nats per dimension, of a model with a likelihood.
    pub l_x: Option<f64>,
    /// L_Y in nats.
    pub l_y: f64,
    /// What the code tells of the image, in bits, of a VIB.
    pub kl: Option<f64>,
    /// Share of the batch classified rightly.
    pub accuracy: f64,
    /// Global norm of the gradient before clipping.
    pub gradient_norm: f64,
    /// Learning rate of the network.
    pub learning_rate: f64,
}

impl Run<'_> {
    fn dropout(&self, step: usize) -> Dropout {
        let stages = self.spec.stages().len();
        let conv =
            (0..stages).map(|i| if i + 1 == stages { self.config.conv_dropout } else { 0.0 }).collect();
        Dropout { seed: self.config.seed, step: step as u64, conv, dense: self.config.dense_dropout }
    }

    /// One step of training, while the next one's batch is prepared.
    ///
    /// # Errors
    /// [`Error::Diverged`] when the loss or its gradient is not finite, or L_X is astronomical; the run must not go on
    /// then.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn advance(&mut self) -> Result<StepReport> {
        let batch = self.batches.get(self.step);
        let next = self.batches.job(self.step + 1);
        let (report, next) = rayon::join(|| self.learn(batch), || next.run());
        self.batches.keep(next);
        report
    }

    fn learn(&mut self, batch: Batch) -> Result<StepReport> {
        let Batch { images, labels, .. } = batch;
        let x = self.net.images(images);
        let classes = self.spec.classes().len();
        let device = self.net.device().clone();
        let targets = smoothed_targets(&labels, classes, self.config.label_smoothing);
        let targets = Tensor::<2>::from_data(targets, &device).autodiff();
        let tracked = self.net.tracked(&self.values);
        let dropout = self.dropout(self.step);
        let forward = self.net.forward(&tracked, x.autodiff(), BatchNorm::Batch, Some(&dropout));
        let method = self.config.model.method();
        let noise = matches!(method, Method::Vib { .. })
            .then(|| code_noise(self.config.seed, self.step as u64, labels.len(), &device).autodiff());
        let terms = self.net.terms(&tracked, &forward, targets, method, noise);
        let Terms { loss, l_x, l_y, kl, logits } = terms;
        let mut gradients = loss.backward();

        let number = |term: Tensor<1>| ops::read(term.inner())[0];
        let (loss, l_y) = (number(loss), number(l_y));
        let (l_x, kl) = (l_x.map(number), kl.map(number));
        let reported = [Some(loss), Some(l_y), l_x, kl];
        let too_large = loss > DIVERGED || l_x.is_some_and(|l_x| l_x > DIVERGED);
        if too_large || !reported.iter().flatten().all(|term| term.is_finite()) {
            let l_x = l_x.map(|l_x| format!(", L_X {l_x} nats/dim")).unwrap_or_default();
            return Err(self.diverged(format!("loss {loss}{l_x}")));
        }
        let logits = ops::read(logits.inner());
        let right =
            logits.chunks(classes).zip(&labels).filter(|(row, label)| argmax(row) == usize::from(**label));
        let accuracy = right.count() as f64 / labels.len() as f64;

        let sgd = Sgd {
            momentum: self.config.momentum,
            weight_decay: self.config.weight_decay,
            clip: self.config.clip,
            means_rate: self.config.model.means_rate(),
        };
        let learning_rate = self.config.schedule(self.steps_per_epoch()).at(self.step);
        let gradient_norm = sgd.step(
            &self.net,
            &mut self.values,
            &mut self.velocities,
            tracked,
            &mut gradients,
            learning_rate,
        );
        if !gradient_norm.is_finite() {
            return Err(self.diverged(format!("the gradient's norm is {gradient_norm}, at loss {loss}")));
        }
        self.absorb(forward.statistics, newest_batch(self.spec.family()));
        self.step += 1;
        Ok(StepReport { step: self.step, loss, l_x, l_y, kl, accuracy, gradient_norm, learning_rate })
    }

    pub(super) fn diverged(&self, why: String) -> Error {
        Error::Diverged { step: self.step, why, kept: self.saved }
    }

    /// Batches that re-estimation takes: as configured, else five epochs (method §4.0).
    pub fn batch_norm_batches(&self) -> usize {
        self.config.batch_norm_batches.unwrap_or(BATCH_NORM_EPOCHS * self.steps_per_epoch())
    }

    /// Replaces the running statistics by plain means over batches in training mode, without weight updates
    /// (method §4.0); calls `done` after each batch.
    pub fn reestimate_batch_norm(&mut self, mut done: impl FnMut()) {
        for i in 0..self.batch_norm_batches() {
            // The epochs after the last one: images and noise that training has not seen.
            let batch = self.batches.get(self.total_steps() + i);
            let x = self.net.images(batch.images);
            let dropout = self.dropout(self.total_steps() + i);
            let forward = self.net.forward(&self.values, x, BatchNorm::Batch, Some(&dropout));
            self.absorb(forward.statistics, 1.0 / (i + 1) as f64);
            done();
        }
    }

    /// Moves the running statistics towards those of a batch.
    fn absorb(&mut self, statistics: Vec<BatchStatistics>, weight: f64) {
        for ((mean, var), batch) in self.net.statistic_positions().into_iter().zip(statistics) {
            for (position, new) in [(mean, batch.mean), (var, batch.variance)] {
                self.values[position] = running(self.values[position].clone(), new, weight);
            }
        }
    }
}

/// A running statistic after a batch whose own has the given weight.
fn running(old: Tensor<1>, new: Tensor<1>, weight: f64) -> Tensor<1> {
    new * weight + old * (1.0 - weight)
}

fn argmax(row: &[f64]) -> usize {
    (0..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn running_statistics_become_the_plain_mean_of_the_batches() {
        let device = Device::flex();
        let batches = [1.0f32, 2.0, 6.0].map(|mean| Tensor::<1>::from_floats([mean], &device));
        let start = Tensor::from_floats([99.0f32], &device);
        let steps = (1..).zip(batches);
        let mean = steps.fold(start, |mean, (i, batch)| running(mean, batch, 1.0 / f64::from(i)));
        assert!((ops::read(mean)[0] - 3.0).abs() < 1e-6);
    }
}
