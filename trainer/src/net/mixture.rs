//! The losses on the latent mixture (method §3.3) as Burn tensors.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Tensor, TensorData};
use ibinn::Gamma;

/// What is minimised, of a model with a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// β_x·L_X − β_y·L_Y with the weights of γ.
    InformationBottleneck(Gamma),
    /// 2·L_cN: the likelihood under the mean of the label's class.
    ClassNll,
}

/// Batch means of the terms; all but `loss` are for reporting.
pub struct Losses {
    /// What is minimised.
    pub loss: Tensor<1>,
    /// L_X in nats per dimension.
    pub l_x: Tensor<1>,
    /// L_Y in nats.
    pub l_y: Tensor<1>,
    /// L_cN in nats per dimension.
    pub class_nll: Tensor<1>,
    /// −|z − μ_y|²/2, (B, K).
    pub logits: Tensor<2>,
}

/// Log of the sum of exponentials over dimension 1, (B).
fn log_sum_exp(x: Tensor<2>) -> Tensor<1> {
    let batch = x.dims()[0];
    let largest = x.clone().detach().max_dim(1);
    ((x - largest.clone()).exp().sum_dim(1).log() + largest).reshape([batch])
}

/// The losses of a batch of latents, (B, D), with their log-dets, (B), for `targets`, smoothed one-hot labels (B, K),
/// around `means` (K, D).
pub fn losses(
    z: &Tensor<2>,
    log_det: &Tensor<1>,
    means: Tensor<2>,
    targets: Tensor<2>,
    objective: Objective,
) -> Losses {
    let [classes, dims] = means.dims();
    let batch = z.dims()[0];
    let half_z = (z.clone() * z.clone()).sum_dim(1) * 0.5;
    let half_means = (means.clone() * means.clone()).sum_dim(1).reshape([1, classes]) * 0.5;
    // The common −|z|²/2 is kept apart, so that posteriors do not suffer from its size (method §7.6).
    let relative = z.clone().matmul(means.transpose()) - half_means;
    let half_z_flat = half_z.clone().reshape([batch]);
    let ln_k = (classes as f64).ln();
    let log_mixture = log_sum_exp(relative.clone()) - half_z_flat - ln_k;
    let l_x = ((log_mixture + log_det.clone()) * (-1.0 / dims as f64)).mean();
    let log_posterior = log_softmax(relative.clone(), 1);
    let l_y = (targets.clone() * log_posterior).sum() / batch as f64 + ln_k;
    let logits = relative - half_z;
    let hard = targets.round();
    let class_nll = (((hard * logits.clone()).sum_dim(1).reshape([batch]) + log_det.clone())
        * (-1.0 / dims as f64))
        .mean();
    let loss = match objective {
        Objective::InformationBottleneck(gamma) => {
            let (x, y) = gamma.loss_weights();
            l_x.clone() * x - l_y.clone() * y
        }
        Objective::ClassNll => class_nll.clone() * 2.0,
    };
    Losses { loss, l_x, l_y, class_nll, logits }
}

/// Smoothed one-hot labels (method §1.3), (B, K).
pub fn smoothed_targets(labels: &[u16], classes: usize, epsilon: f64) -> TensorData {
    let rows = labels
        .iter()
        .flat_map(|&label| ibinn::head::posterior::smooth_label(usize::from(label), classes, epsilon));
    TensorData::new(rows.map(|v| v as f32).collect::<Vec<_>>(), [labels.len(), classes])
}
