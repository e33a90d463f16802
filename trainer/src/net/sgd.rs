//! The optimiser's step on Burn tensors (method §1.4).

use burn::tensor::{Gradients, Tensor};
use ibinn::spec::tensors::Role;
use ibinn::training::Sgd;

use super::{Net, Values, ops};

/// Velocities in the order of the net's tensors; `None` until the first step and for what is not trained.
pub type Velocities = Vec<Option<Tensor<1>>>;

/// What [`Sgd::step`] does with the gradients of `tracked`; returns their norm before clipping, and takes no step when it is
/// not finite.
///
/// # Panics
/// When the device has been lost.
pub fn step(
    sgd: &Sgd,
    net: &Net,
    values: &mut Values,
    velocities: &mut Velocities,
    tracked: Values,
    gradients: &mut Gradients,
    rate: f64,
) -> f64 {
    let infos = net.infos();
    let mut gradient = |value: &Tensor<1>| value.grad_remove(gradients);
    let gradients: Vec<Option<Tensor<1>>> = infos
        .iter()
        .zip(&tracked)
        .map(|(info, value)| if sgd.trains(info.role()) { gradient(value) } else { None })
        .collect();
    // They share their numbers with the values, which are then changed in place.
    drop(tracked);
    let squares: Vec<_> = gradients.iter().flatten().map(|g| (g.clone() * g.clone()).sum()).collect();
    let norm = ops::read(Tensor::cat(squares, 0)).iter().sum::<f64>().sqrt();
    if !norm.is_finite() {
        return norm;
    }
    let factor = (sgd.clip / (norm + 1e-6)).min(1.0);
    for (i, gradient) in gradients.into_iter().enumerate() {
        let Some(gradient) = gradient else { continue };
        let mut step = gradient * factor;
        if infos[i].role() == Role::Means {
            values[i] = values[i].clone() - step * (rate * sgd.means_rate);
            continue;
        }
        step = step + values[i].clone() * sgd.weight_decay;
        if let Some(velocity) = velocities[i].take() {
            step = velocity * sgd.momentum + step;
        }
        values[i] = values[i].clone() - step.clone() * rate;
        velocities[i] = Some(step);
    }
    norm
}
