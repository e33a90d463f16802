//! What a run does step by step: learning from a batch, and estimating the batch-norm statistics anew.

use ibinn::ClassPrior;
use ibinn::training::{self, Diverged, Dropout, Muon, Sgd, Step};
use ibinn_runs::config::Optimizer;

use super::batches::Batch;
use super::{BATCH_NORM_EPOCHS, Run};
use crate::error::{Error, Result};

/// What one step reports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: usize,
    /// Learning rate of the network.
    pub learning_rate: f64,
    /// The loss with its terms, and the gradient's norm.
    pub of: training::StepReport,
}

impl Run<'_> {
    pub(super) fn dropout(&self, step: usize) -> Dropout {
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
        let model = &self.config.model;
        let schedule = self.config.schedule(self.steps_per_epoch());
        let muon = Muon {
            rate: self.config.muon_rate * schedule.factor(self.step),
            momentum: self.config.momentum,
            weight_decay: self.config.muon_decay,
        };
        let step = Step {
            method: model.method_at(schedule.progress(self.step)),
            label_smoothing: self.config.label_smoothing,
            dropout: self.dropout(self.step),
            sgd: Sgd {
                momentum: self.config.momentum,
                weight_decay: self.config.weight_decay,
                clip: self.config.clip,
                means_rate: model.means_rate(),
                // The gradient of L_X is one of nats per dimension.
                weights_rate: if model.class_prior() == ClassPrior::Learned {
                    self.spec.dims() as f64
                } else {
                    0.0
                },
            },
            muon: (self.config.optimizer == Optimizer::Muon).then_some(muon),
            learning_rate: schedule.at(self.step),
            average: self.config.average,
        };
        let learnt = self.learner.learn(batch.images, &batch.labels, &step);
        let of = learnt.map_err(|Diverged(why)| self.diverged(why))?;
        self.step += 1;
        Ok(StepReport { step: self.step, learning_rate: step.learning_rate, of })
    }

    pub(super) fn diverged(&self, why: String) -> Error {
        Error::Diverged { step: self.step, why, kept: self.saved }
    }

    /// Batches that re-estimation takes: as configured, else five epochs (method §4.0).
    pub fn batch_norm_batches(&self) -> usize {
        self.config.batch_norm_batches.unwrap_or(BATCH_NORM_EPOCHS * self.steps_per_epoch())
    }

    /// Ends the training: puts the moving averages of weights, where there are any, in the place of the weights, and plain
    /// means over batches in training mode in that of the running statistics (method §4.0); calls `done` after each batch.
    pub fn reestimate_batch_norm(&mut self, mut done: impl FnMut()) {
        self.learner.settle();
        for i in 0..self.batch_norm_batches() {
            // The epochs after the last one: images and noise that training has not seen.
            let batch = self.batches.get(self.total_steps() + i);
            let dropout = self.dropout(self.total_steps() + i);
            self.learner.observe(batch.images, &dropout, 1.0 / (i + 1) as f64);
            done();
        }
    }
}
