//! A network on a Burn device with what changes from step to step: the core's [`Trainee`](ibinn::training::Trainee) on a
//! GPU.

use burn::tensor::{Device, Tensor};
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{PERMUTATION, Role};
use ibinn::training::{self, Diverged, Dropout, Step, StepReport};
use ibinn::{Method, ModelSpec};

use super::mixture::smoothed_targets;
use super::sgd::{self, Velocities};
use super::{BatchNorm, BatchStatistics, Net, Values, code_noise, ops, share_right};

/// A network in training on a Burn device.
pub struct GraphTrainee {
    net: Net,
    values: Values,
    velocities: Velocities,
}

impl GraphTrainee {
    /// Begins with `tensors` in training form and the `velocities` of those that have them.
    pub fn new(spec: &ModelSpec, tensors: &Tensors, velocities: &Tensors, device: &Device) -> Self {
        let permutation: Vec<u32> =
            tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect();
        let net = Net::new(spec, &permutation, device);
        let values = net.upload(tensors);
        let velocities =
            net.infos().iter().map(|info| velocities.get(&info.name).map(|v| net.vector(v))).collect();
        Self { net, values, velocities }
    }

    /// All tensors in training form.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn tensors(&self) -> Tensors {
        self.net.download(&self.values)
    }

    /// Velocities of the network's tensors; none before the first step.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn velocities(&self) -> Tensors {
        let velocities = self.net.infos().iter().zip(&self.velocities);
        velocities
            .filter(|(info, _)| info.role() == Role::Network)
            .filter_map(|(info, v)| Some((info.name.clone(), ops::read(v.clone()?))))
            .collect()
    }

    /// Learns from normalised images x′, N×C×H×W, and their labels, as the core's does.
    ///
    /// # Errors
    /// [`Diverged`]; nothing has changed then.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn learn(&mut self, images: Vec<f32>, labels: &[u16], step: &Step) -> Result<StepReport, Diverged> {
        let x = self.net.images(images);
        let classes = self.net.spec().classes().len();
        let device = self.net.device().clone();
        let targets = smoothed_targets(labels, classes, step.label_smoothing);
        let targets = Tensor::<2>::from_data(targets, &device).autodiff();
        let tracked = self.net.tracked(&self.values);
        let forward = self.net.forward(&tracked, x.autodiff(), BatchNorm::Batch, Some(&step.dropout));
        let Dropout { seed, step: number, .. } = step.dropout;
        let noise = matches!(step.method, Method::Vib { .. })
            .then(|| code_noise(seed, number, labels.len(), &device).autodiff());
        let terms = self.net.terms(&tracked, &forward, targets, step.method, noise);
        let mut gradients = terms.loss.clone().backward();
        let (terms, _) = terms.read_with(None, |logits| share_right(logits, classes, labels));
        StepReport { terms, gradient_norm: 0.0 }.check()?;
        let gradient_norm = sgd::step(
            &step.sgd,
            &self.net,
            &mut self.values,
            &mut self.velocities,
            tracked,
            &mut gradients,
            step.learning_rate,
        );
        let report = StepReport { terms, gradient_norm };
        report.check()?;
        self.absorb(forward.statistics, training::newest_batch(self.net.spec().family()));
        Ok(report)
    }

    /// Moves the running statistics towards those of a batch of images, with the given weight, without learning from it
    /// (method §4.0).
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn observe(&mut self, images: Vec<f32>, dropout: &Dropout, weight: f64) {
        let x = self.net.images(images);
        let forward = self.net.forward(&self.values, x, BatchNorm::Batch, Some(dropout));
        self.absorb(forward.statistics, weight);
    }

    fn absorb(&mut self, statistics: Vec<BatchStatistics>, weight: f64) {
        for ((mean, var), batch) in self.net.statistic_positions().into_iter().zip(statistics) {
            for (position, new) in [(mean, batch.mean), (var, batch.variance)] {
                self.values[position] = new * weight + self.values[position].clone() * (1.0 - weight);
            }
        }
    }
}
