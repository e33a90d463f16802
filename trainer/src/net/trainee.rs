//! A network on a Burn device with what changes from step to step: the core's [`Trainee`](ibinn::training::Trainee) on a
//! GPU.

use burn::tensor::{Device, Tensor};
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{PERMUTATION, Role};
use ibinn::training::{self, Diverged, Dropout, Step, StepReport};
use ibinn::{Method, ModelSpec};

use super::mixture::smoothed_targets;
use super::sgd::{self, Velocities};
use super::{BatchNorm, BatchStatistics, Net, Terms, Values, code_noise, ops};

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
        let Terms { loss, l_x, l_y, class_nll, kl, logits } = terms;
        let mut gradients = loss.backward();

        let number = |term: Tensor<1>| ops::read(term.inner())[0];
        let logits = ops::read(logits.inner());
        let right =
            logits.chunks(classes).zip(labels).filter(|(row, label)| largest(row) == usize::from(**label));
        let terms = training::Terms {
            loss: number(loss),
            l_x: l_x.map(number),
            l_y: number(l_y),
            class_nll: class_nll.map(number),
            kl: kl.map(number),
            accuracy: right.count() as f64 / labels.len() as f64,
        };
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

fn largest(row: &[f64]) -> usize {
    (0..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best })
}
