//! The losses of the models without a likelihood (method §2.8, §3.3) as Burn tensors.

use std::f64::consts::LN_2;

use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Tensor, TensorData};
use ibinn::Gamma;
use ibinn::head::bottleneck::{LEAST_SPREAD, SPREAD_SHIFT};
use ibinn::spec::head::CODE_LENGTH;
use ibinn::spec::linear::LinearLayer;
use ibinn::spec::tensors::LayerTensors;
use ibinn::training::CROSS_ENTROPY_WEIGHT;

use super::{Net, Terms, ops};

/// The core's [`code_noise`](ibinn::training::code_noise) as a tensor, (B, 128).
pub fn code_noise(seed: u64, step: u64, batch: usize, device: &Device) -> Tensor<2> {
    let values = ibinn::training::code_noise(seed, step, batch);
    let values: Vec<f32> = values.into_iter().map(|v| v as f32).collect();
    Tensor::from_data(TensorData::new(values, [batch, CODE_LENGTH]), device)
}

/// softplus, for arguments of any size.
fn softplus(x: Tensor<2>) -> Tensor<2> {
    relu(x.clone()) + (-x.abs()).exp().log1p()
}

impl Net {
    fn linear(&self, values: &[Tensor<1>], layer: LinearLayer, x: Tensor<2>) -> Tensor<2> {
        let LayerTensors { weight, bias } = layer.tensors();
        ops::fully_connected(x, self.tensor(values, &weight), self.tensor(values, &bias))
    }

    /// Mean of Σ_y y_y·log q(y|x) over the batch in nats: minus the smoothed cross-entropy.
    fn log_likelihood(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
        let batch = logits.dims()[0];
        (targets * log_softmax(logits, 1)).sum() / batch as f64
    }

    /// The loss of the linear layer `head` on `features`, (B, F), for `targets`, (B, K).
    pub(super) fn cross_entropy(
        &self,
        values: &[Tensor<1>],
        head: LinearLayer,
        features: Tensor<2>,
        targets: Tensor<2>,
    ) -> Terms {
        let logits = self.linear(values, head, features);
        let likelihood = Self::log_likelihood(logits.clone(), targets);
        let ln_k = (self.spec().classes().len() as f64).ln();
        Terms {
            loss: likelihood.clone() * -CROSS_ENTROPY_WEIGHT,
            l_x: None,
            class_nll: None,
            l_y: likelihood + ln_k,
            kl: None,
            logits,
        }
    }

    /// The loss of a VIB with these layers on `features`, (B, F), for `targets`, (B, K), with the code's `noise`, (B, 128); without it the
    /// code is its mean.
    pub(super) fn vib(
        &self,
        values: &[Tensor<1>],
        [code, head]: [LinearLayer; 2],
        features: Tensor<2>,
        targets: Tensor<2>,
        gamma: Gamma,
        noise: Option<Tensor<2>>,
    ) -> Terms {
        let code = self.linear(values, code, features);
        let mean = code.clone().narrow(1, 0, CODE_LENGTH);
        let std = softplus((code.narrow(1, CODE_LENGTH, CODE_LENGTH) - SPREAD_SHIFT).clamp_min(LEAST_SPREAD));
        let square = |x: &Tensor<2>| x.clone() * x.clone();
        let nats = (square(&mean) + square(&std) - 1.0) * 0.5 - std.clone().log();
        let kl = (nats.sum_dim(1) / LN_2).mean();
        let code = match noise {
            Some(noise) => mean + std * noise,
            None => mean,
        };
        let logits = self.linear(values, head, code);
        let likelihood = Self::log_likelihood(logits.clone(), targets);
        let (weight_x, weight_y) = gamma.loss_weights();
        let (dims, ln_k) = (self.spec().dims() as f64, (self.spec().classes().len() as f64).ln());
        Terms {
            loss: kl.clone() * (weight_x / dims) - likelihood.clone() * (weight_y / LN_2),
            l_x: None,
            class_nll: None,
            l_y: likelihood + ln_k,
            kl: Some(kl),
            logits,
        }
    }
}
