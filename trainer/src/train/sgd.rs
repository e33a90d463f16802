//! Stochastic gradient descent with two parameter groups (method §1.4).

use burn::tensor::{Device, Gradients, Tensor};
use ibinn::spec::tensors::Role;
use rayon::prelude::*;

use crate::net::{Net, Values, ops};

/// Numbers that one task works on. Squares are summed over a chunk, then over chunks in order, so that the norm does not
/// depend on the number of threads.
const CHUNK: usize = 1 << 14;

/// Constants of the optimiser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Momentum of the network's tensors; the means have none.
    pub momentum: f64,
    /// Weight decay of the network's tensors; the means have none.
    pub weight_decay: f64,
    /// Largest global norm of the gradient over network and means.
    pub clip: f64,
    /// The means' learning rate as a multiple of the network's; 0 freezes them.
    pub means_rate: f64,
}

/// Velocities in the order of the net's tensors; `None` until the first step and for what is not trained.
pub type Velocities = Vec<Option<Tensor<1>>>;

impl Sgd {
    /// One step: clips, then v ← m·v + g + λ·w and w ← w − rate·v. Returns the gradient's norm before clipping.
    ///
    /// Frozen means are not part of the norm (method §7.16).
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn step(
        &self,
        net: &Net,
        values: &mut Values,
        velocities: &mut Velocities,
        tracked: Values,
        gradients: &mut Gradients,
        rate: f64,
    ) -> f64 {
        let trains = |role| role == Role::Network || (role == Role::Means && self.means_rate > 0.0);
        let gradients: Vec<Option<Tensor<1>>> = net
            .infos()
            .iter()
            .zip(&tracked)
            .map(|(info, value)| if trains(info.role()) { value.grad_remove(gradients) } else { None })
            .collect();
        // They share their numbers with the values, which are then changed in place.
        drop(tracked);
        if *net.device() == Device::flex() {
            return self.step_in_place(net, values, velocities, gradients, rate);
        }
        let squares: Vec<_> = gradients.iter().flatten().map(|g| (g.clone() * g.clone()).sum()).collect();
        let norm = ops::read(Tensor::cat(squares, 0)).iter().sum::<f64>().sqrt();
        let factor = (self.clip / (norm + 1e-6)).min(1.0);
        for (i, gradient) in gradients.into_iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            let mut step = gradient * factor;
            if net.infos()[i].role() == Role::Means {
                values[i] = values[i].clone() - step * (rate * self.means_rate);
                continue;
            }
            step = step + values[i].clone() * self.weight_decay;
            if let Some(velocity) = velocities[i].take() {
                step = velocity * self.momentum + step;
            }
            values[i] = values[i].clone() - step.clone() * rate;
            velocities[i] = Some(step);
        }
        norm
    }

    /// The same on the CPU, in one pass over each tensor.
    fn step_in_place(
        &self,
        net: &Net,
        values: &mut Values,
        velocities: &mut Velocities,
        gradients: Vec<Option<Tensor<1>>>,
        rate: f64,
    ) -> f64 {
        let gradients: Vec<_> = gradients.into_iter().map(|gradient| gradient.map(ops::read_f32)).collect();
        let norm = gradients.iter().flatten().map(|gradient| squares(gradient)).sum::<f64>().sqrt();
        let factor = (self.clip / (norm + 1e-6)).min(1.0) as f32;
        let tensors = net.infos().iter().zip(gradients).zip(values.iter_mut().zip(velocities));
        for ((info, gradient), (value, velocity)) in tensors {
            let Some(gradient) = gradient else { continue };
            let mut weights = ops::read_f32(std::mem::replace(value, net.plain_vector(Vec::new())));
            let chunks = weights.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK));
            if info.role() == Role::Means {
                let rate = (rate * self.means_rate) as f32;
                chunks.for_each(|(weights, gradient)| {
                    weights.iter_mut().zip(gradient).for_each(|(w, g)| *w -= g * factor * rate);
                });
            } else {
                let [momentum, decay, rate] = [self.momentum, self.weight_decay, rate].map(|v| v as f32);
                let mut steps = velocity.take().map_or_else(|| vec![0.0; gradient.len()], ops::read_f32);
                chunks.zip(steps.par_chunks_mut(CHUNK)).for_each(|((weights, gradient), steps)| {
                    for ((w, g), step) in weights.iter_mut().zip(gradient).zip(steps) {
                        *step = *step * momentum + (g * factor + *w * decay);
                        *w -= *step * rate;
                    }
                });
                *velocity = Some(net.plain_vector(steps));
            }
            *value = net.plain_vector(weights);
        }
        norm
    }
}

/// The sum of the squares.
fn squares(values: &[f32]) -> f64 {
    let square = |&v: &f32| f64::from(v) * f64::from(v);
    let chunks = values.par_chunks(CHUNK).map(|chunk| chunk.iter().map(square).sum::<f64>());
    chunks.collect::<Vec<_>>().iter().sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn::Preset;

    /// Takes `steps` steps down the constant slope `gradient` of one tensor that begins as `start`.
    fn descend(sgd: Sgd, rate: f64, start: f64, gradient: [f32; 4], steps: usize) -> Vec<f64> {
        let spec = Preset::Tiny.spec().unwrap();
        let permutation: Vec<u32> = (0..spec.dims() as u32).collect();
        let net = Net::new(&spec, &permutation, &Device::flex());
        let mut values: Values =
            net.infos().iter().map(|info| net.vector(&vec![start; info.len()])).collect();
        let mut velocities: Velocities = vec![None; values.len()];
        let i = net.infos().iter().position(|info| info.name == "stage0.block0.offset").unwrap();
        for _ in 0..steps {
            let tracked = net.tracked(&values);
            let slope = Tensor::<1>::from_floats(gradient, net.device()).autodiff();
            let mut gradients = (tracked[i].clone() * slope).sum().backward();
            sgd.step(&net, &mut values, &mut velocities, tracked, &mut gradients, rate);
        }
        ops::read(values[i].clone())
    }

    fn assert_close(got: &[f64], wanted: &[f64]) {
        assert!(got.iter().zip(wanted).all(|(g, w)| (g - w).abs() < 1e-6), "{got:?} instead of {wanted:?}");
    }

    #[test]
    fn momentum_and_decay_match_the_hand_computed_values() {
        let sgd = Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0 };
        assert_close(&descend(sgd, 0.07, 1.0, [1.0; 4], 1), &[0.929_993; 4]);
        assert_close(&descend(sgd, 0.07, 1.0, [1.0; 4], 2), &[0.796_980_19; 4]);
    }

    #[test]
    fn a_long_gradient_is_clipped_to_the_norm() {
        let sgd = Sgd { momentum: 0.0, weight_decay: 0.0, clip: 8.0, means_rate: 3.0 };
        assert_close(&descend(sgd, 1.0, 0.0, [6.0, 8.0, 0.0, 0.0], 1), &[-4.8, -6.4, 0.0, 0.0]);
    }
}
