//! The training loop.
//!
//! A loop of its own: two parameter groups with their own momentum and rate, clipping by the global norm, batch-norm
//! re-estimation and exact resume do not fit a stock learner. What happens in a step is the [`learner`]'s.

mod batches;
pub mod checkpoint;
pub mod events;
pub mod export;
mod learner;
pub mod log;
mod step;

use std::path::Path;

use ibinn::ModelSpec;
use ibinn::spec::fold::Tensors;
use ibinn::training::initial_tensors;

use crate::backend::TrainDevice;
use crate::error::{Error, Result};
use batches::Batches;
use checkpoint::{Checkpoint, State};
use ibinn_data::{Dataset, Preparation};
use ibinn_runs::config::{Config, Memory, Optimizer};
use learner::Learner;
pub use step::StepReport;

/// Epochs that re-estimate the batch-norm statistics, where no number of batches is set (method §4.0).
const BATCH_NORM_EPOCHS: usize = 5;

/// A run between two steps.
pub struct Run<'a> {
    config: &'a Config,
    data: &'a Dataset,
    batches: Batches<'a>,
    spec: ModelSpec,
    learner: Learner,
    step: usize,
    /// Steps done when the last checkpoint was written.
    saved: usize,
}

impl<'a> Run<'a> {
    /// A fresh run on `data`.
    ///
    /// # Errors
    /// When the preset does not fit the data set, or the data set has fewer images than a batch.
    pub fn start(config: &'a Config, data: &'a Dataset, device: &TrainDevice) -> Result<Self> {
        let spec = config.spec(data)?;
        let model = &config.model;
        let tensors = initial_tensors(&spec, config.seed, model.initial_scale(), model.means_distance());
        let state = State { tensors, velocities: Tensors::new(), averages: Tensors::new() };
        Self::assemble(config, data, device, spec, &state, 0)
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When the data set has fewer images than a batch, or is not the one that the checkpoint was made on.
    pub fn resume(
        config: &'a Config,
        data: &'a Dataset,
        device: &TrainDevice,
        checkpoint: Checkpoint,
    ) -> Result<Self> {
        let Checkpoint { spec, step, state, .. } = checkpoint;
        if spec.classes() != data.class_names || spec.dims() != data.image_len() {
            return Err(Error::Usage(format!("the checkpoint was not made on the data set {}", data.name)));
        }
        Self::assemble(config, data, device, spec, &state, step)
    }

    fn assemble(
        config: &'a Config,
        data: &'a Dataset,
        device: &TrainDevice,
        spec: ModelSpec,
        state: &State,
        step: usize,
    ) -> Result<Self> {
        if config.augment.needs_colour() && data.shape[0] != 3 {
            return Err(Error::Usage(format!(
                "augment repo is for colour images, and those of {} are grey",
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
        let per_epoch = data.len() / config.batch;
        // What comes after training, re-estimating batch-norm, counts on.
        let re_estimated = config.batch_norm_batches.unwrap_or(BATCH_NORM_EPOCHS * per_epoch);
        let steps = config.epochs.checked_mul(per_epoch);
        if steps.and_then(|steps| steps.checked_add(re_estimated)).is_none() {
            return Err(Error::Usage(match steps {
                Some(steps) if steps < re_estimated => format!(
                    "batch-norm-batches is {re_estimated}, which after {steps} steps is more than can be counted"
                ),
                _ => format!(
                    "epochs is {}, which with {per_epoch} steps each is more than can be counted",
                    config.epochs
                ),
            }));
        }
        let on_the_cpu =
            [("optimizer muon", config.optimizer == Optimizer::Muon), ("average", config.average.is_some())];
        if let (true, Some((what, _))) =
            (device.graph.is_some(), on_the_cpu.into_iter().find(|(_, wanted)| *wanted))
        {
            return Err(Error::Usage(format!(
                "{what} is for training on the CPU (--backend cpu), not on {}",
                device.description
            )));
        }
        if config.memory == Memory::Reversible && device.graph.is_some() {
            return Err(Error::Usage(format!(
                "memory reversible is for training on the CPU (--backend cpu), not on {}",
                device.description
            )));
        }
        if config.memory == Memory::Reversible && spec.elements().is_empty() {
            return Err(Error::Usage(format!(
                "memory reversible is for models of coupling blocks, and a {} has none",
                spec.family()
            )));
        }
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
            learner: Learner::new(&spec, state, config.memory, device),
            spec,
            step,
            saved: step,
        })
    }

    /// Steps of an epoch; the last incomplete batch is dropped (method §1.1).
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

    /// What the exported model's empirical class means are computed over.
    pub fn source(&self) -> export::Source<'_> {
        export::Source { data: self.data, seed: self.config.seed, preparation: self.batches.preparation() }
    }

    /// All tensors in training form.
    pub fn tensors(&self) -> Tensors {
        self.learner.tensors()
    }

    /// The state of the run.
    pub fn checkpoint(&self) -> Result<Checkpoint> {
        Ok(Checkpoint {
            spec: self.spec.clone(),
            config: self.config.to_toml()?,
            step: self.step,
            state: self.learner.state(),
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
