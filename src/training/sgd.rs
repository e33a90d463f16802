//! Stochastic gradient descent with three parameter groups (method §1.4).

use super::Layout;
use crate::cpu::parallel;
use crate::spec::tensors::{Role, TensorInfo};

/// Numbers that one task works on. Squares are summed over a chunk, then over chunks in order, so that the norm does not
/// depend on the number of threads.
const CHUNK: usize = 1 << 14;
/// Momentum of the mixture's weights.
const WEIGHTS_MOMENTUM: f32 = 0.8;

/// Constants of the optimiser.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Momentum of the network's tensors; the means have none.
    pub momentum: f64,
    /// Weight decay of the network's tensors; the means have none.
    pub weight_decay: f64,
    /// Largest global norm of the gradient over network, means and weights of the mixture.
    pub clip: f64,
    /// The means' learning rate as a multiple of the network's; 0 freezes them.
    pub means_rate: f64,
    /// That of the mixture's weights; 0 freezes them.
    pub weights_rate: f64,
}

impl Sgd {
    /// Whether a tensor is trained.
    pub fn trains(&self, role: Role) -> bool {
        match role {
            Role::Network => true,
            Role::Means => self.means_rate > 0.0,
            Role::Weights => self.weights_rate > 0.0,
            Role::Statistic | Role::Fixed => false,
        }
    }

    /// The global norm of a gradient. What is frozen is not part of it (method §7.16).
    pub fn norm(&self, layout: &Layout, gradient: &[f32]) -> f64 {
        let trained = layout.tensors().filter(|(info, _)| self.trains(info.role()));
        let chunks = trained.flat_map(|(_, range)| gradient[range].chunks(CHUNK)).collect();
        let square = |&v: &f32| f64::from(v) * f64::from(v);
        let squares = parallel::map(chunks, |chunk: &[f32]| chunk.iter().map(square).sum::<f64>());
        squares.iter().sum::<f64>().sqrt()
    }

    /// The factor min(1, clip/(norm + 10⁻⁶)) of a gradient of the given norm.
    pub fn clipping(&self, norm: f64) -> f32 {
        (self.clip / (norm + 1e-6)).min(1.0) as f32
    }

    /// One step down a `gradient` of which g is `factor` times: v ← m·v + g + λ·w and w ← w − rate·v; of the means
    /// w ← w − rate·g alone, at their own rate, and of the mixture's weights without decay, with a momentum of 0.8. Tensors of which `takes` does not say so are left to others.
    pub fn step(
        &self,
        layout: &Layout,
        values: &mut [f32],
        velocities: &mut [f32],
        (gradient, factor): (&[f32], f32),
        rate: f64,
        takes: impl Fn(&TensorInfo) -> bool,
    ) {
        let [means_rate, weights_rate] =
            [self.means_rate, self.weights_rate].map(|factor| (rate * factor) as f32);
        let [momentum, decay, rate] = [self.momentum, self.weight_decay, rate].map(|v| v as f32);
        let mut chunks = Vec::new();
        let (mut values, mut velocities) = (values, velocities);
        for (info, range) in layout.tensors() {
            let (tensor, rest) = values.split_at_mut(range.len());
            let (velocity, later) = velocities.split_at_mut(range.len());
            (values, velocities) = (rest, later);
            if self.trains(info.role()) && takes(info) {
                let tensor = tensor.chunks_mut(CHUNK).zip(velocity.chunks_mut(CHUNK));
                chunks.extend(tensor.zip(gradient[range].chunks(CHUNK)).map(|chunk| (info.role(), chunk)));
            }
        }
        parallel::map(chunks, |(role, ((values, velocities), gradient))| {
            if role == Role::Means {
                values.iter_mut().zip(gradient).for_each(|(w, g)| *w -= g * factor * means_rate);
                return;
            }
            if role == Role::Weights {
                for ((w, v), g) in values.iter_mut().zip(velocities).zip(gradient) {
                    *v = *v * WEIGHTS_MOMENTUM + g * factor;
                    *w -= *v * weights_rate;
                }
                return;
            }
            for ((w, v), g) in values.iter_mut().zip(velocities).zip(gradient) {
                *v = *v * momentum + (g * factor + *w * decay);
                *w -= *v * rate;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Preset;
    use crate::spec::element::Element;
    use crate::spec::head::HeadSpec;

    /// Takes `steps` steps down the constant slope `gradient` of one tensor that begins as `start`.
    fn descend(sgd: Sgd, rate: f64, start: f32, slope: [f32; 4], steps: usize) -> Vec<f32> {
        let spec = Preset::Tiny.spec().unwrap();
        let layout = Layout::new(&spec);
        let coupling = spec.elements().iter().find_map(|element| match element {
            Element::Coupling(coupling) => Some(coupling.tensors()),
            _ => None,
        });
        let range = layout.range(&coupling.unwrap().offset);
        let [mut values, mut gradient, mut velocities] = [0.0; 3].map(|zero| vec![zero; layout.len()]);
        values[range.clone()].fill(start);
        gradient[range.clone()].copy_from_slice(&slope);
        for _ in 0..steps {
            let norm = sgd.norm(&layout, &gradient);
            let clipped = (&gradient[..], sgd.clipping(norm));
            sgd.step(&layout, &mut values, &mut velocities, clipped, rate, |_| true);
        }
        assert!(values.iter().enumerate().all(|(i, v)| range.contains(&i) || *v == 0.0));
        values[range].to_vec()
    }

    fn assert_close(got: &[f32], wanted: &[f32]) {
        assert!(got.iter().zip(wanted).all(|(g, w)| (g - w).abs() < 1e-6), "{got:?} instead of {wanted:?}");
    }

    #[test]
    fn momentum_and_decay_match_the_hand_computed_values() {
        let sgd = Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0, weights_rate: 0.0 };
        assert_close(&descend(sgd, 0.07, 1.0, [1.0; 4], 1), &[0.929_993; 4]);
        assert_close(&descend(sgd, 0.07, 1.0, [1.0; 4], 2), &[0.796_980_2; 4]);
    }

    #[test]
    fn a_long_gradient_is_clipped_to_the_norm() {
        let sgd = Sgd { momentum: 0.0, weight_decay: 0.0, clip: 8.0, means_rate: 3.0, weights_rate: 0.0 };
        assert_close(&descend(sgd, 1.0, 0.0, [6.0, 8.0, 0.0, 0.0], 1), &[-4.8, -6.4, 0.0, 0.0]);
    }

    #[test]
    fn weights_of_the_mixture_have_their_own_rate_and_momentum() {
        let spec = Preset::Tiny.spec().unwrap().with_class_prior(crate::ClassPrior::Learned).unwrap();
        let layout = Layout::new(&spec);
        let HeadSpec::Mixture { log_weights: Some(info), .. } = spec.head() else { panic!("it has weights") };
        let place = layout.range(&info).start;
        for (weights_rate, wanted) in [(784.0, [-0.784, -2.1952]), (0.0, [0.0, 0.0])] {
            let sgd = Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0, weights_rate };
            let [mut values, mut gradient, mut velocities] = [0.0; 3].map(|zero| vec![zero; layout.len()]);
            gradient[place] = 0.1;
            assert_eq!(sgd.norm(&layout, &gradient) > 0.0, weights_rate > 0.0);
            for wanted in wanted {
                sgd.step(&layout, &mut values, &mut velocities, (&gradient, 1.0), 0.01, |_| true);
                assert_close(&values[place..][..1], &[wanted]);
            }
        }
    }

    #[test]
    fn means_have_their_own_rate_and_frozen_ones_are_no_part_of_the_norm() {
        let spec = Preset::Tiny.spec().unwrap();
        let layout = Layout::new(&spec);
        let HeadSpec::Mixture { means, .. } = spec.head() else { panic!("an IB-INN has a mixture") };
        let means = layout.range(&means);
        for (means_rate, wanted) in [(3.0, -0.06), (0.0, 0.0)] {
            let sgd = Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate, weights_rate: 0.0 };
            let [mut values, mut gradient, mut velocities] = [0.0; 3].map(|zero| vec![zero; layout.len()]);
            gradient[means.start] = 2.0;
            let norm = sgd.norm(&layout, &gradient);
            assert_eq!(norm, if means_rate > 0.0 { 2.0 } else { 0.0 });
            let clipped = (&gradient[..], sgd.clipping(norm));
            sgd.step(&layout, &mut values, &mut velocities, clipped, 0.01, |_| true);
            assert_close(&values[means.start..][..1], &[wanted]);
            assert!(velocities.iter().all(|&v| v == 0.0));
        }
    }
}
