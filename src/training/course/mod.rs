//! A course: a flow that learns a visitor's pictures, from nothing or from a model that there is, as the page trains it
//! (method §11).
//!
//! It knows neither clock nor files. A step is a batch of groups of 32 images; each group's [`Slope`] can be computed by a
//! [`Helper`] elsewhere, and the slopes are averaged in order, so that what is learnt does not depend on who computed them.
//! Everything follows from pictures, start, settings and the number of steps.

mod checkpoint;
mod finish;
mod pictures;
mod start;
#[cfg(test)]
mod tests;

pub use finish::Learnt;
pub use pictures::Pictures;
pub use start::{Start, closed_form};

use crate::image::Framing;
use crate::spec::fold::Tensors;
use crate::spec::tensors::PERMUTATION;
use crate::{Error, Gamma, Method, ModelSpec, Result};

use super::{Dropout, Memory, Muon, Net, Sgd, Slope, Step, StepReport, Terms, Trainee};
use crate::training::Diverged;
use pictures::Order;

/// Images that batch-norm normalises together.
pub const GROUP: usize = 32;

/// What may change between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The trade-off.
    pub gamma: Gamma,
    /// How much pictures are varied, from 0 to 1.
    pub strength: f64,
}

/// What a group's slope is computed from, beside the parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Normalised images x′, 32×C×H×W.
    pub images: Vec<f32>,
    /// Their labels.
    pub labels: Vec<u16>,
    /// The trade-off.
    pub gamma: Gamma,
    /// Which group it is, counted from the course's first: by it hidden units are dropped.
    pub number: u64,
}

/// What computes slopes for a course, where the course is not.
pub struct Helper {
    net: Net,
    seed: u64,
}

impl Helper {
    /// One for a flow of `spec` with its fixed permutation, in a course with this seed.
    pub fn new(spec: &ModelSpec, permutation: &[u32], seed: u64) -> Self {
        Self { net: Net::new(spec, permutation, Memory::Stored), seed }
    }

    /// The slope of a group at the parameters `values`.
    pub fn slope(&self, values: &[f32], task: &Task) -> Slope {
        slope(&self.net, values, task, self.seed)
    }
}

fn slope(net: &Net, values: &[f32], task: &Task, seed: u64) -> Slope {
    // How the step is taken does not matter to the slope.
    let step = step(net.spec(), task.gamma, seed, task.number, (FROM_NOTHING, 0));
    Slope::of(net, values, (&task.images, &task.labels), &step, Vec::new())
}

/// Steps until rates have their full size.
const WARM_UP: u64 = 30;
/// Learning rates.
#[derive(Clone, Copy)]
struct Rates {
    /// Of the filters of convolutions.
    filters: f64,
    /// Of everything else.
    rest: f64,
}

const FROM_NOTHING: Rates = Rates { filters: 0.02, rest: 0.03 };
/// What there is already must not be lost before it is understood.
const FROM_A_MODEL: Rates = Rates { filters: 0.005, rest: 0.01 };

/// How much of the averages of weights stays in a step. They are what is shown and saved, as rates do not fall to an end.
const AVERAGE: f64 = 0.98;

/// Constants of a step that follows so many, or, by `number`, of a group.
fn step(spec: &ModelSpec, gamma: Gamma, seed: u64, number: u64, (rates, steps): (Rates, u64)) -> Step {
    let warm = ((steps + 1) as f64 / WARM_UP as f64).min(1.0);
    Step {
        method: Method::IbInn { gamma },
        label_smoothing: 0.01,
        dropout: Dropout { seed, step: number, conv: vec![0.0; spec.stages().len()], dense: 0.3 },
        sgd: Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0, weights_rate: 0.0 },
        muon: Some(Muon { rate: rates.filters * warm, momentum: 0.9, weight_decay: 0.01 }),
        learning_rate: rates.rest * warm,
        average: Some(AVERAGE),
    }
}

/// A flow in training on a visitor's pictures.
pub struct Course {
    pictures: Pictures,
    order: Order,
    settings: Settings,
    seed: u64,
    /// Title of the model that it began with; none of a course from nothing.
    origin: Option<String>,
    trainee: Trainee,
    /// Pictures of none of the classes, C×H×W bytes each.
    others: Vec<u8>,
    framing: Option<Framing>,
    /// Steps taken.
    steps: u64,
    /// Steps taken since the pictures were last changed.
    on_these: u64,
}

impl Course {
    /// A course on `pictures` from `start`.
    pub fn new(pictures: Pictures, start: Start, settings: Settings, seed: u64) -> Self {
        let Start { spec, tensors, origin, others, framing } = start;
        let trainee = Trainee::new(&spec, &tensors, &Tensors::new(), Memory::Stored);
        let order = Order::new(seed);
        Self { pictures, order, settings, seed, origin, framing, trainee, others, steps: 0, on_these: 0 }
    }

    /// The flow's architecture.
    pub fn spec(&self) -> &ModelSpec {
        self.trainee.net().spec()
    }

    /// The pictures.
    pub fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// What may change between two steps.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Changes what may change.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Goes on with other pictures, of the same classes and shape.
    ///
    /// # Errors
    /// [`Error::Input`] when they are of others.
    pub fn set_pictures(&mut self, pictures: Pictures) -> Result<()> {
        if pictures.classes() != self.pictures.classes() || pictures.shape() != self.pictures.shape() {
            return Err(Error::Input("the pictures are not of the classes that are learnt".into()));
        }
        self.pictures = pictures;
        self.order = Order::new(self.seed);
        self.on_these = 0;
        Ok(())
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Seed of every random draw.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Images of a step.
    pub fn batch(&self) -> usize {
        self.groups() * GROUP
    }

    /// Groups of a step: two, or four where there are many pictures.
    pub fn groups(&self) -> usize {
        const MANY: usize = 2000;
        if self.pictures.len() < MANY { 2 } else { 4 }
    }

    /// The parameters, at which slopes are computed.
    pub fn values(&self) -> &[f32] {
        self.trainee.values()
    }

    /// The fixed permutation of the flow.
    pub fn permutation(&self) -> Vec<u32> {
        let tensors = self.trainee.tensors();
        tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect()
    }

    /// The tasks of the next step, one a group.
    pub fn tasks(&mut self) -> Vec<Task> {
        (0..self.groups()).map(|group| self.task(group)).collect()
    }

    fn task(&mut self, group: usize) -> Task {
        let first = self.on_these * self.batch() as u64 + (group * GROUP) as u64;
        let Self { pictures, order, settings, trainee, .. } = self;
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        for position in first..first + GROUP as u64 {
            let (pixels, label) = order.varied(pictures, position, settings.strength);
            images.extend(pixels);
            labels.push(label);
        }
        let images = trainee.net().spec().normalize(&images);
        let number = self.steps * self.groups() as u64 + group as u64;
        Task { images, labels, gamma: self.settings.gamma, number }
    }

    /// The slope of a group, computed here.
    pub fn slope(&self, task: &Task) -> Slope {
        slope(self.trainee.net(), self.trainee.values(), task, self.seed)
    }

    /// Takes the step that the slopes of all its groups say, in order.
    ///
    /// # Errors
    /// [`Diverged`]; nothing has changed then.
    ///
    /// # Panics
    /// When there is no slope.
    pub fn take(&mut self, slopes: Vec<Slope>) -> Result<StepReport, Diverged> {
        let slope = Slope::mean(slopes).unwrap_or_else(|| panic!("a step has at least one slope"));
        let rates = if self.origin.is_some() { FROM_A_MODEL } else { FROM_NOTHING };
        let step = step(self.spec(), self.settings.gamma, self.seed, self.steps, (rates, self.steps));
        let report = self.trainee.learn_from(slope, &step)?;
        self.steps += 1;
        self.on_these += 1;
        Ok(report)
    }

    /// What has been learnt so far: a model (method §11.3).
    ///
    /// # Errors
    /// When a weight is not finite.
    pub fn learnt(&self) -> Result<Learnt> {
        finish::learnt(self)
    }

    /// One step, all of it here; what it says of the batch.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn step(&mut self) -> Result<Terms, Diverged> {
        let slopes = self.tasks().iter().map(|task| self.slope(task)).collect();
        Ok(self.take(slopes)?.terms)
    }
}
