//! The training loop.
//!
//! A loop of its own: two parameter groups with their own momentum and rate, clipping by the global norm, batch-norm
//! re-estimation and exact resume do not fit a stock learner. What happens in a step is the [`learner`]'s.

mod batches;
pub mod checkpoint;
pub mod events;
pub mod export;
pub mod init;
mod learner;
pub mod log;
mod step;
pub mod validation;

use std::path::Path;

use ibinn::spec::fold::Tensors;
use ibinn::training::initial_tensors;
use ibinn::{ClassPrior, Model, ModelSpec};

use crate::backend::TrainDevice;
use crate::error::{Error, Result};
use batches::Batches;
use checkpoint::{Checkpoint, State};
use ibinn_data::Dataset;
use ibinn_runs::config::{Config, Memory, Optimizer};
use learner::Learner;
pub use step::StepReport;
use validation::Lowest;

/// Epochs that re-estimate the batch-norm statistics, where no number of batches is set (method §4.0).
const BATCH_NORM_EPOCHS: usize = 5;

/// A run between two steps.
pub struct Run<'a> {
    config: &'a Config,
    data: &'a Dataset,
    device: &'a TrainDevice,
    batches: Batches<'a>,
    spec: ModelSpec,
    learner: Learner,
    step: usize,
    /// Steps done when the last checkpoint was written.
    saved: usize,
    /// The lowest validation loss.
    lowest: Option<Lowest>,
}

impl<'a> Run<'a> {
    /// A fresh run on `data`.
    ///
    /// # Errors
    /// When the preset does not fit the data set, or the data set has fewer images than a batch.
    pub fn start(config: &'a Config, data: &'a Dataset, device: &'a TrainDevice) -> Result<Self> {
        let spec = config.spec(data)?;
        let model = &config.model;
        let mut tensors = initial_tensors(&spec, config.seed, model.initial_scale(), model.means_distance());
        init::weigh_classes(&mut tensors, &spec, data);
        Self::assemble(config, data, device, spec, &State::of(tensors), 0)
    }

    /// A fresh run on `data` that begins with the weights of `model` ([`init::start`]).
    ///
    /// # Errors
    /// As [`init::start`], and when the data set has fewer images than a batch.
    pub fn start_from(
        config: &'a Config,
        data: &'a Dataset,
        device: &'a TrainDevice,
        model: &Model,
    ) -> Result<Self> {
        let (spec, tensors) = init::start(config, model, data)?;
        Self::assemble(config, data, device, spec, &State::of(tensors), 0)
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// When the data set has fewer images than a batch, or is not the one that the checkpoint was made on.
    pub fn resume(
        config: &'a Config,
        data: &'a Dataset,
        device: &'a TrainDevice,
        checkpoint: Checkpoint,
    ) -> Result<Self> {
        let Checkpoint { spec, step, state, lowest, .. } = checkpoint;
        if spec.classes() != data.class_names || spec.dims() != data.image_len() {
            return Err(Error::Usage(format!("the checkpoint was not made on the data set {}", data.name)));
        }
        Ok(Self { lowest, ..Self::assemble(config, data, device, spec, &state, step)? })
    }

    /// Goes back to an earlier `checkpoint` of this run.
    pub fn go_back(&mut self, checkpoint: &Checkpoint) {
        self.learner = Learner::new(&self.spec, &checkpoint.state, self.config.memory, self.device);
        self.step = checkpoint.step;
    }

    fn assemble(
        config: &'a Config,
        data: &'a Dataset,
        device: &'a TrainDevice,
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
        let prior = config.model.class_prior();
        let on_the_cpu = [
            ("optimizer muon", config.optimizer == Optimizer::Muon),
            ("average", config.average.is_some()),
            ("class-prior counts", prior == ClassPrior::Counts),
            ("class-prior learned", prior == ClassPrior::Learned),
        ];
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
        let preparation = init::preparation(config, &spec);
        Ok(Self {
            config,
            data,
            device,
            batches: Batches::new(config, data, preparation),
            learner: Learner::new(&spec, state, config.memory, device),
            spec,
            step,
            saved: step,
            lowest: None,
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
            lowest: self.lowest,
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
