//! Stochastic gradient descent with two parameter groups (spec §1.4).

use burn::tensor::{Gradients, Tensor};
use ibinn::tensors::Role;

use crate::net::{Net, Values, ops};

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
    /// Frozen means are not part of the norm (spec §7.16).
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn step(
        &self,
        net: &Net,
        values: &mut Values,
        velocities: &mut Velocities,
        tracked: &[Tensor<1>],
        gradients: &mut Gradients,
        rate: f64,
    ) -> f64 {
        let trains = |role| role == Role::Network || (role == Role::Means && self.means_rate > 0.0);
        let gradients: Vec<Option<Tensor<1>>> = net
            .infos()
            .iter()
            .zip(tracked)
            .map(|(info, value)| if trains(info.role) { value.grad_remove(gradients) } else { None })
            .collect();
        let squares: Vec<_> = gradients.iter().flatten().map(|g| (g.clone() * g.clone()).sum()).collect();
        let norm = ops::read(Tensor::cat(squares, 0)).iter().sum::<f64>().sqrt();
        let factor = (self.clip / (norm + 1e-6)).min(1.0);
        for (i, gradient) in gradients.into_iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            let mut step = gradient * factor;
            if net.infos()[i].role == Role::Means {
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use burn::tensor::Device;
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
            sgd.step(&net, &mut values, &mut velocities, &tracked, &mut gradients, rate);
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
