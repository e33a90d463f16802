//! A network with what changes from step to step: parameters, velocities, running statistics.

use super::{Dropout, Layout, Memory, Muon, Net, Sgd, Slope, Terms};
use crate::spec::fold::Tensors;
use crate::spec::tensors::{PERMUTATION, Role, TensorInfo};
use crate::{Family, Method, ModelSpec};

/// A network in training.
pub struct Trainee {
    net: Net,
    values: Vec<f32>,
    velocities: Vec<f32>,
    gradient: Vec<f32>,
    /// Moving averages of the trained tensors, where they are wanted.
    averages: Option<Vec<f32>>,
}

/// Constants of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is minimised.
    pub method: Method,
    /// How much of a label goes to all classes alike (method §1.3).
    pub label_smoothing: f64,
    /// What is dropped; also the run's seed and the step's number.
    pub dropout: Dropout,
    /// The optimiser.
    pub sgd: Sgd,
    /// What steps the filters of convolutions in its place.
    pub muon: Option<Muon>,
    /// Learning rate of the network.
    pub learning_rate: f64,
    /// How much of the moving averages of weights stays in a step; without it there are none.
    pub average: Option<f64>,
}

/// What one step tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// The loss and its terms, before the step.
    pub terms: Terms,
    /// Global norm of the gradient before clipping.
    pub gradient_norm: f64,
}

/// Why a step was not taken: the loss or its gradient is not finite, or far too large (method §7.2).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Diverged(pub String);

impl StepReport {
    /// Whether the step may be taken.
    ///
    /// # Errors
    /// [`Diverged`].
    pub fn check(&self) -> Result<(), Diverged> {
        let Self { terms, gradient_norm } = self;
        match terms.diverged() {
            Some(why) => Err(Diverged(why)),
            None if gradient_norm.is_finite() => Ok(()),
            None => Err(Diverged(format!("the gradient's norm is {gradient_norm}, at loss {}", terms.loss))),
        }
    }
}

impl Trainee {
    /// Begins with `tensors` in training form and the `velocities` of those that have them.
    pub fn new(spec: &ModelSpec, tensors: &Tensors, velocities: &Tensors, memory: Memory) -> Self {
        let permutation: Vec<u32> =
            tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect();
        let net = Net::new(spec, &permutation, memory);
        let layout = net.layout();
        Self {
            values: layout.gather(tensors),
            velocities: layout.gather(velocities),
            gradient: vec![0.0; layout.len()],
            averages: None,
            net,
        }
    }

    /// The same with the moving averages of a run that goes on.
    #[must_use]
    pub fn with_averages(mut self, averages: &Tensors) -> Self {
        self.averages = (!averages.is_empty()).then(|| self.layout().gather(averages));
        self
    }

    /// The network, whose parameters are the [`values`](Self::values).
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// Where the tensors lie in the buffers.
    pub fn layout(&self) -> &Layout {
        self.net.layout()
    }

    /// Parameters, running statistics and what is fixed.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// All tensors in training form.
    pub fn tensors(&self) -> Tensors {
        self.layout().scatter(&self.values, |_| true)
    }

    /// Velocities of the tensors that have a momentum.
    pub fn velocities(&self) -> Tensors {
        self.layout().scatter(&self.velocities, |info| info.role().has_velocity())
    }

    /// Learns from normalised images x′, N×C×H×W, and their labels: one step of the optimiser, and the running statistics
    /// move towards those of the batch.
    ///
    /// # Errors
    /// [`Diverged`]; nothing has changed then.
    pub fn learn(&mut self, images: &[f32], labels: &[u16], step: &Step) -> Result<StepReport, Diverged> {
        let buffer = std::mem::take(&mut self.gradient);
        let slope = Slope::of(&self.net, &self.values, (images, labels), step, buffer);
        self.learn_from(slope, step)
    }

    /// Goes down a slope: one step of the optimiser, and the running statistics move towards those that it holds.
    ///
    /// # Errors
    /// [`Diverged`]; nothing has changed then.
    pub fn learn_from(&mut self, slope: Slope, step: &Step) -> Result<StepReport, Diverged> {
        let Slope { terms, numbers } = slope;
        self.gradient = numbers;
        let layout = self.net.layout();
        let norm = step.sgd.norm(layout, &self.gradient);
        let report = StepReport { terms, gradient_norm: norm };
        report.check()?;
        let gradient = (&self.gradient[..], step.sgd.clipping(norm));
        let takes = |info: &TensorInfo| step.muon.is_none() || !Muon::takes(info);
        let (values, velocities) = (&mut self.values, &mut self.velocities);
        step.sgd.step(layout, values, velocities, gradient, step.learning_rate, takes);
        if let Some(muon) = &step.muon {
            muon.step(layout, values, velocities, gradient);
        }
        if let Some(stays) = step.average {
            self.average(stays, step.dropout.step);
        }
        let newest = newest_batch(self.net.spec().family());
        for (_, range) in self.net.layout().tensors().filter(|(info, _)| info.role() == Role::Statistic) {
            absorb(&mut self.values[range.clone()], &self.gradient[range], newest);
        }
        Ok(report)
    }

    /// Moves the averages towards the weights after step `number`, counted from 0: plain means at first, until each step weighs
    /// no more than it does for ever.
    fn average(&mut self, stays: f64, number: u64) {
        let newest = (1.0 - stays).max(1.0 / (number + 1) as f64) as f32;
        let averages = self.averages.get_or_insert_with(|| self.values.clone());
        for (average, value) in averages.iter_mut().zip(&self.values) {
            *average += (value - *average) * newest;
        }
    }

    /// Moving averages of the trained tensors; none where none are kept.
    pub fn averages(&self) -> Tensors {
        let Some(averages) = &self.averages else { return Tensors::new() };
        self.layout().scatter(averages, is_trained)
    }

    /// Ends the training: the moving averages, where there are any, become the weights. Running statistics are then those of
    /// other weights, until they are estimated anew ([`observe`](Self::observe)).
    pub fn settle(&mut self) {
        let Some(averages) = self.averages.take() else { return };
        for (_, range) in self.net.layout().tensors().filter(|(info, _)| is_trained(info)) {
            self.values[range.clone()].copy_from_slice(&averages[range]);
        }
    }

    /// Moves the running statistics towards those of a batch of images, with the given weight, without learning from it
    /// (method §4.0).
    pub fn observe(&mut self, images: &[f32], dropout: &Dropout, weight: f64) {
        let (.., statistics) = self.net.forward(&self.values, images, Some(dropout));
        for (range, batch) in statistics {
            absorb(&mut self.values[range], &batch, weight);
        }
    }
}

/// Moves running statistics towards those of a batch.
fn absorb(running: &mut [f32], batch: &[f32], newest: f64) {
    let [newest, rest] = [newest, 1.0 - newest].map(|v| v as f32);
    for (running, new) in running.iter_mut().zip(batch) {
        *running = new * newest + *running * rest;
    }
}

fn is_trained(info: &TensorInfo) -> bool {
    info.role().is_trained()
}

/// Weight of the newest batch in the running statistics during training (method §2.3).
pub fn newest_batch(family: Family) -> f64 {
    if family.is_flow() { 0.999 } else { 0.1 }
}
