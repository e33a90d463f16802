//! What learns: the core on the CPU; on a GPU kernels of our own for flows, a graph of Burn's for feed-forward networks.

use ibinn::ModelSpec;
use ibinn::spec::fold::Tensors;
use ibinn::training::{self, Diverged, Dropout, Step, Trainee};
use ibinn_runs::config::Memory;

use crate::backend::TrainDevice;
use crate::kernels::FlowTrainee;
use crate::net::GraphTrainee;
use crate::train::checkpoint::State;

/// A network in training.
pub(super) enum Learner {
    /// On the CPU.
    Core(Box<Trainee>),
    /// A flow on a GPU.
    Flow(Box<FlowTrainee>),
    /// A feed-forward network on a GPU.
    Graph(Box<GraphTrainee>),
}

impl Learner {
    /// Begins with some state; on a GPU it has no averages.
    pub fn new(spec: &ModelSpec, state: &State, memory: Memory, device: &TrainDevice) -> Self {
        let State { tensors, velocities, averages } = state;
        let memory = match memory {
            Memory::Stored => training::Memory::Stored,
            Memory::Reversible => training::Memory::Reversible,
        };
        match &device.graph {
            None => {
                let trainee = Trainee::new(spec, tensors, velocities, memory);
                Self::Core(Box::new(trainee.with_averages(averages)))
            }
            Some(device) if spec.family().is_flow() => {
                Self::Flow(Box::new(FlowTrainee::new(spec, tensors, velocities, device)))
            }
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
            Self::Flow(trainee) => trainee.learn(images, labels, step),
            Self::Graph(trainee) => trainee.learn(images, labels, step),
        }
    }

    /// Moves the running statistics towards those of a batch of images, with the given weight.
    pub fn observe(&mut self, images: Vec<f32>, dropout: &Dropout, weight: f64) {
        match self {
            Self::Core(trainee) => trainee.observe(&images, dropout, weight),
            Self::Flow(trainee) => trainee.observe(images, dropout, weight),
            Self::Graph(trainee) => trainee.observe(images, dropout, weight),
        }
    }

    /// All tensors in training form.
    pub fn tensors(&self) -> Tensors {
        match self {
            Self::Core(trainee) => trainee.tensors(),
            Self::Flow(trainee) => trainee.tensors(),
            Self::Graph(trainee) => trainee.tensors(),
        }
    }

    /// What training goes on from.
    pub fn state(&self) -> State {
        let tensors = self.tensors();
        match self {
            Self::Core(trainee) => {
                State { tensors, velocities: trainee.velocities(), averages: trainee.averages() }
            }
            Self::Flow(trainee) => {
                State { tensors, velocities: trainee.velocities(), averages: Tensors::new() }
            }
            Self::Graph(trainee) => {
                State { tensors, velocities: trainee.velocities(), averages: Tensors::new() }
            }
        }
    }

    /// Ends the training: the moving averages, where there are any, become the weights.
    pub fn settle(&mut self) {
        if let Self::Core(trainee) = self {
            trainee.settle();
        }
    }
}
