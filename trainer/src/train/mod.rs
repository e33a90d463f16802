//! The training loop.
//!
//! A loop of its own over Burn tensors: two parameter groups with their own momentum and rate, clipping by the global
//! norm, batch-norm re-estimation and exact resume do not fit a stock learner.

mod batches;
pub mod checkpoint;
pub mod export;
pub mod init;
pub mod log;
pub mod schedule;
pub mod sgd;

use std::path::Path;

use burn::tensor::Tensor;
use ibinn::fold::Tensors;
use ibinn::tensors::{PERMUTATION, Role};
use ibinn::{Family, ModelSpec};

use crate::backend::Place;
use crate::config::{Config, Memory};
use crate::data::{Dataset, Preparation};
use crate::error::{Error, Result};
use crate::net::mixture::smoothed_targets;
use crate::net::{BatchNorm, BatchStatistics, Dropout, Net, Objective, Terms, Values, code_noise, ops};
use batches::{Batch, Batches};
use checkpoint::Checkpoint;
use sgd::{Sgd, Velocities};

/// A loss or an L_X beyond this counts as diverged (spec §7.2).
const DIVERGED: f64 = 1e5;

/// Weight of the newest batch in the running statistics during training (spec §2.3).
fn newest_batch(family: Family) -> f64 {
    if family.is_flow() { 0.999 } else { 0.1 }
}

/// A run between two steps.
pub struct Run<'a> {
    config: &'a Config,
    data: &'a Dataset,
    batches: Batches<'a>,
    spec: ModelSpec,
    net: Net,
    values: Values,
    velocities: Velocities,
    step: usize,
    /// Steps done when the last checkpoint was written.
    saved: usize,
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

impl<'a> Run<'a> {
    /// A fresh run on `data`.
    ///
    /// # Errors
    /// When the preset does not fit the data set, or the data set has fewer images than a batch.
    pub fn start(config: &'a Config, data: &'a Dataset, place: &Place) -> Result<Self> {
        let preset = config.preset.spec().map_err(Error::core)?;
        data.check_shape(&preset, &format!("preset {}", config.preset))?;
        let model = &config.model;
        let spec = preset
            .with_family(model.family())
            .and_then(|spec| spec.for_data(data.class_names.clone(), data.mean.clone(), data.std.clone()))
            .map_err(Error::core)?;
        let tensors =
            init::initial_tensors(&spec, config.seed, model.initial_scale(), model.means_distance());
        Self::assemble(config, data, place, spec, &tensors, &Tensors::new(), 0)
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When the data set has fewer images than a batch, or is not the one that the checkpoint was made on.
    pub fn resume(
        config: &'a Config,
        data: &'a Dataset,
        place: &Place,
        checkpoint: Checkpoint,
    ) -> Result<Self> {
        let Checkpoint { spec, step, tensors, velocities, .. } = checkpoint;
        if spec.classes() != data.class_names || spec.dims() != data.image_len() {
            return Err(Error::Usage(format!("the checkpoint was not made on the data set {}", data.name)));
        }
        Self::assemble(config, data, place, spec, &tensors, &velocities, step)
    }

    fn assemble(
        config: &'a Config,
        data: &'a Dataset,
        place: &Place,
        spec: ModelSpec,
        tensors: &Tensors,
        velocities: &Tensors,
        step: usize,
    ) -> Result<Self> {
        if config.augment && data.shape[0] != 3 {
            return Err(Error::Usage(format!(
                "augment is for colour images, and those of {} are grey",
                data.name
            )));
        }
        if data.len() < config.batch {
            return Err(Error::Usage(format!(
                "{} has {} training images, fewer than a batch of {}",
                data.name,
                data.len(),
                config.batch
            )));
        }
        let permutation: Vec<u32> =
            tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect();
        if config.memory == Memory::Reversible && !place.is_cpu {
            return Err(Error::Usage(format!(
                "memory reversible is for training on the CPU (--backend cpu), not on {}",
                place.description
            )));
        }
        if config.memory == Memory::Reversible && spec.elements().is_empty() {
            return Err(Error::Usage(format!(
                "memory reversible is for models of coupling blocks, and a {} has none",
                spec.family()
            )));
        }
        let net = Net::new(&spec, &permutation, &place.device).with_memory(config.memory);
        let values = net.upload(tensors);
        let velocities =
            net.infos().iter().map(|info| velocities.get(&info.name).map(|v| net.vector(v))).collect();
        let preparation = Preparation {
            augment: config.augment,
            dequantize: config.dequantize,
            sigma: config.noise as f32,
            mean: spec.input().mean.clone(),
            std: spec.input().std.clone(),
        };
        Ok(Self {
            config,
            data,
            batches: Batches::new(config, data, preparation),
            spec,
            net,
            values,
            velocities,
            step,
            saved: step,
        })
    }

    /// Steps of an epoch; the last incomplete batch is dropped (spec §1.1).
    pub fn steps_per_epoch(&self) -> usize {
        self.batches.per_epoch()
    }

    /// Steps of the whole run.
    pub fn total_steps(&self) -> usize {
        self.config.epochs * self.steps_per_epoch()
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The architecture.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

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
        let objective = self.config.model.objective();
        let noise = matches!(objective, Objective::Vib(_))
            .then(|| code_noise(self.config.seed, self.step as u64, labels.len(), &device).autodiff());
        let terms = self.net.terms(&tracked, &forward, targets, objective, noise);
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

    fn diverged(&self, why: String) -> Error {
        Error::Diverged { step: self.step, why, kept: self.saved }
    }

    /// Batches that re-estimation takes: as configured, else five epochs (spec §4.0).
    pub fn batch_norm_batches(&self) -> usize {
        self.config.batch_norm_batches.unwrap_or(5 * self.steps_per_epoch())
    }

    /// Replaces the running statistics by plain means over batches in training mode, without weight updates
    /// (spec §4.0); calls `done` after each batch.
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

    /// What the exported model's empirical class means are computed over.
    pub fn source(&self) -> export::Source<'_> {
        export::Source { data: self.data, seed: self.config.seed, preparation: self.batches.preparation() }
    }

    /// All tensors in training form.
    pub fn tensors(&self) -> Tensors {
        self.net.download(&self.values)
    }

    /// The state of the run.
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        let velocities = self.net.infos().iter().zip(&self.velocities);
        Ok(Checkpoint {
            spec: self.spec.clone(),
            config: self.config.to_toml()?,
            step: self.step,
            tensors: self.tensors(),
            velocities: velocities
                .filter(|(info, _)| info.role == Role::Network)
                .filter_map(|(info, v)| Some((info.name.clone(), ops::read(v.clone()?))))
                .collect(),
        })
    }

    /// Saves the state of the run. A step can spoil the weights without its own loss telling, and such a state must not
    /// replace a good one.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a weight is not finite; when `path` cannot be written.
    pub fn save(&mut self, path: &Path) -> Result<()> {
        let checkpoint = self.checkpoint()?;
        if let Some(name) = checkpoint.spoiled() {
            return Err(self.diverged(format!("tensor `{name}` is not finite")));
        }
        checkpoint.save(path)?;
        self.saved = self.step;
        Ok(())
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
