//! What learns: the core on the CPU, a graph of Burn's on a GPU.

use ibinn::ModelSpec;
use ibinn::spec::fold::Tensors;
use ibinn::training::{self, Diverged, Dropout, Step, Trainee};
use ibinn_runs::config::Memory;

use crate::backend::TrainDevice;
use crate::net::GraphTrainee;

/// A network in training.
pub(super) enum Learner {
    /// On the CPU.
    Core(Box<Trainee>),
    /// On a GPU.
    Graph(Box<GraphTrainee>),
}

impl Learner {
    /// Begins with `tensors` in training form and the `velocities` of those that have them.
    pub fn new(
        spec: &ModelSpec,
        tensors: &Tensors,
        velocities: &Tensors,
        memory: Memory,
        device: &TrainDevice,
    ) -> Self {
        let memory = match memory {
            Memory::Stored => training::Memory::Stored,
            Memory::Reversible => training::Memory::Reversible,
        };
        match &device.graph {
            None => Self::Core(Box::new(Trainee::new(spec, tensors, velocities, memory))),
            Some(device) => Self::Graph(Box::new(GraphTrainee::new(spec, tensors, velocities, device))),
        }
    }

    /// One step on normalised images x′, N×C×H×W, and their labels.
    ///
    /// # Errors
    /// [`Diverged`].
    pub fn learn(
        &mut self,
        images: Vec<f32>,
        labels: &[u16],
        step: &Step,
    ) -> Result<training::StepReport, Diverged> {
        match self {
            Self::Core(trainee) => trainee.learn(&images, labels, step),
            Self::Graph(trainee) => trainee.learn(images, labels, step),
        }
    }

    /// Moves the running statistics towards those of a batch of images, with the given weight.
    pub fn observe(&mut self, images: Vec<f32>, dropout: &Dropout, weight: f64) {
        match self {
            Self::Core(trainee) => trainee.observe(&images, dropout, weight),
            Self::Graph(trainee) => trainee.observe(images, dropout, weight),
        }
    }

    /// All tensors in training form.
    pub fn tensors(&self) -> Tensors {
        match self {
            Self::Core(trainee) => trainee.tensors(),
            Self::Graph(trainee) => trainee.tensors(),
        }
    }

    /// Velocities of the network's tensors.
    pub fn velocities(&self) -> Tensors {
        match self {
            Self::Core(trainee) => trainee.velocities(),
            Self::Graph(trainee) => trainee.velocities(),
        }
    }
}
