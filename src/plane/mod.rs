//! The plane: a flow on points of the plane, small enough to be trained while one watches.
//!
//! It is the method of the images' flow with nothing but its size changed: coupling blocks with a soft clamp, a soft
//! permutation and a learned scale and offset (method §2.2), a Gaussian mixture with learned means (method §3), noise on
//! the input, and the IB loss or class-NLL (method §3.3). Two dimensions can be drawn: the plane as the flow bends it,
//! the means as they move, the density and the decisions. The constants are in method §10.

mod adam;
mod flow;
mod objective;
mod subnet;
mod toy;
mod view;

pub use objective::Objective;
pub use toy::{Point, ToySet};
pub use view::{Field, Latents, Readout, mesh};

use crate::head::mixture::Mixture;
use crate::math::random::{Purpose, Stream};
use crate::{Error, Real, Result};
use adam::Adam;
use flow::{Flow, Tape, Tile};
use subnet::TILE;

/// Points of one optimiser step, drawn with replacement.
pub const BATCH: usize = 256;
/// Coupling blocks of the flow.
const BLOCKS: usize = 8;
/// Hidden units of each layer of a subnet.
const HIDDEN: usize = 24;
/// Distance between neighbouring means at the start.
const MEANS_DISTANCE: f64 = 2.0;
/// Learning rate of the means, relative to the flow's (method §1.4).
const MEANS_RATE: f64 = 3.0;

/// What stays as it is while a flow trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Number of classes K.
    pub classes: usize,
    /// Seed of the initial weights, the batches and the noise.
    pub seed: u64,
}

/// What may change between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What is minimised.
    pub objective: Objective,
    /// Learning rate of the flow.
    pub rate: f64,
    /// Standard deviation σ of the Gaussian noise that every step adds to its points.
    pub noise: f64,
}

/// A flow with its means, the points it is trained on, and the state of the training.
#[derive(Clone)]
pub struct PlaneTrainer<F = f32> {
    setup: Setup,
    settings: Settings,
    points: Vec<Point>,
    flow: Flow<F>,
    /// Those of the flow, then the means, (K, 2).
    parameters: Vec<F>,
    optimiser: Adam<F>,
    steps: u64,
}

impl<F: Real> PlaneTrainer<F> {
    /// An untrained flow with the means on a circle.
    ///
    /// # Errors
    /// [`Error::Input`] when there are fewer than two classes, or a setting is out of range.
    pub fn new(setup: Setup, settings: Settings) -> Result<Self> {
        if setup.classes < 2 {
            return Err(Error::Input(format!(
                "a flow on the plane needs two classes or more, not {}",
                setup.classes
            )));
        }
        let (flow, mut parameters) = Flow::new(BLOCKS, HIDDEN, setup.seed);
        parameters.extend(toy::polygon(setup.classes, MEANS_DISTANCE).into_iter().flatten().map(F::from_f64));
        let optimiser = Adam::new(parameters.len());
        let points = Vec::new();
        let mut trainer = Self { setup, settings, points, flow, parameters, optimiser, steps: 0 };
        trainer.set(settings)?;
        Ok(trainer)
    }

    /// Changes the settings; the training goes on from where it is.
    ///
    /// # Errors
    /// [`Error::Input`] when the rate or the noise is negative or not finite.
    pub fn set(&mut self, settings: Settings) -> Result<()> {
        for (name, value) in [("learning rate", settings.rate), ("noise", settings.noise)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::Input(format!("{name} is {value}, must be a number from 0 up")));
            }
        }
        self.settings = settings;
        Ok(())
    }

    /// Changes the points; the training goes on from where it is.
    ///
    /// # Errors
    /// [`Error::Input`] when a point is not finite or of a class that there is not.
    pub fn set_points(&mut self, points: Vec<Point>) -> Result<()> {
        let classes = self.setup.classes;
        if let Some(point) = points.iter().find(|p| p.class >= classes || !p.x.iter().all(|v| v.is_finite()))
        {
            let Point { x: [x, y], class } = point;
            return Err(Error::Input(format!(
                "({x}, {y}) of class {class} is no point: its numbers must be finite and its class below {classes}"
            )));
        }
        self.points = points;
        Ok(())
    }

    /// The points.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Optimiser steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The mixture with the means as they are now.
    pub fn mixture(&self) -> Mixture {
        let (_, means) = self.split();
        Mixture::new(means.iter().map(|m| m.to_f64()).collect(), 2)
    }

    /// One optimiser step on [`BATCH`] points; without points it does nothing.
    ///
    /// # Errors
    /// [`Error::Input`] when the gradient is not finite; parameters and steps then stay as they are.
    pub fn step(&mut self) -> Result<()> {
        if self.points.is_empty() {
            return Ok(());
        }
        let gradients = self.gradients();
        let means = self.parameters.len() - 2 * self.setup.classes;
        if !self.optimiser.step(&mut self.parameters, &gradients, self.settings.rate, means, MEANS_RATE) {
            return Err(Error::Input(format!(
                "the training diverged after {} steps; start again with a lower learning rate",
                self.steps
            )));
        }
        self.steps += 1;
        Ok(())
    }

    /// The gradient of the loss of the next step's batch.
    fn gradients(&self) -> Vec<F> {
        let mut gradients = vec![F::default(); self.parameters.len()];
        self.each_tile(|trainer, tile, tape, labels| {
            let (flow, _) = trainer.split();
            let of_flow = gradients.len() - 2 * trainer.setup.classes;
            let mut d_means = vec![0.0; 2 * trainer.setup.classes];
            let mixture = trainer.mixture();
            let (mut d, mut d_log_det) = ([[F::default(); TILE]; 2], [F::default(); TILE]);
            let weight = 1.0 / BATCH as f64;
            for (p, &label) in labels.iter().enumerate() {
                let z = [tile.x[0][p], tile.x[1][p]];
                let slopes = trainer.settings.objective.slopes(&mixture, z, label, weight, &mut d_means);
                for (d, slope) in d.iter_mut().zip(slopes.z) {
                    d[p] = F::from_f64(weight * slope);
                }
                d_log_det[p] = F::from_f64(weight * slopes.log_det);
            }
            let (flow_gradients, means_gradients) = gradients.split_at_mut(of_flow);
            trainer.flow.backward(flow, tape, d, &d_log_det, flow_gradients);
            for (g, d) in means_gradients.iter_mut().zip(d_means) {
                *g += F::from_f64(d);
            }
        });
        gradients
    }

    /// Encodes the next step's batch and hands over its tiles with their labels.
    fn each_tile(&self, mut take: impl FnMut(&Self, &Tile<F>, &Tape<F>, &[usize; TILE])) {
        let mut stream = Stream::new(self.setup.seed, Purpose::PlaneStep, self.steps);
        let (flow, _) = self.split();
        let mut tape = Tape::default();
        for _ in 0..BATCH / TILE {
            let (mut tile, mut labels) = (Tile::default(), [0; TILE]);
            for (p, label) in labels.iter_mut().enumerate() {
                let Point { x, class } = self.points[stream.below(self.points.len())];
                *label = class;
                for (c, &x) in x.iter().enumerate() {
                    tile.x[c][p] = F::from_f64(f64::from(x) + self.settings.noise * stream.normal());
                }
            }
            self.flow.encode(flow, &mut tile, &mut tape);
            take(self, &tile, &tape, &labels);
        }
    }

    /// The parameters of the flow, and the means.
    fn split(&self) -> (&[F], &[F]) {
        self.parameters.split_at(self.parameters.len() - 2 * self.setup.classes)
    }
}

#[cfg(test)]
mod tests;
