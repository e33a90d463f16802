//! Convolutional subnets with batch-norm (method §2.3).

use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};
use ibinn::spec::element::Subnet;
use ibinn::spec::fold::BATCH_NORM_EPSILON;
use ibinn::spec::tensors::{NormTensors, SubnetTensors};

use super::{Pass, ops};

/// What batch-norm normalises by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchNorm {
    /// The statistics of the batch: training, and re-estimation of the running statistics.
    Batch,
    /// The running statistics: evaluation.
    Running,
}

/// Mean and unbiased variance of one batch-norm's input over (B, H, W), per channel, without gradient.
pub struct BatchStatistics {
    /// Mean, (C).
    pub mean: Tensor<1>,
    /// Unbiased variance, (C).
    pub variance: Tensor<1>,
}

impl Pass<'_> {
    /// Batch-norm, then ReLU.
    fn normalize(&mut self, x: Tensor<4>, norm: &NormTensors) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let per_channel = [1, channels, 1, 1];
        let gamma = self.get::<1>(&norm.gamma).reshape(per_channel);
        let beta = self.get::<1>(&norm.beta).reshape(per_channel);
        let (centred, variance) = match self.batch_norm {
            BatchNorm::Batch => {
                let count = (batch * height * width) as f64;
                let mean = channel_sum(x.clone()) / count;
                let centred = x - mean.clone();
                let variance = channel_sum(centred.clone() * centred.clone()) / count;
                self.statistics.push(BatchStatistics {
                    mean: mean.inner().reshape([channels]),
                    variance: variance.clone().inner().reshape([channels]) * (count / (count - 1.0)),
                });
                (centred, variance)
            }
            BatchNorm::Running => {
                let mean = self.get::<1>(&norm.running_mean).reshape(per_channel);
                (x - mean, self.get::<1>(&norm.running_var).reshape(per_channel))
            }
        };
        relu(centred * (gamma / (variance + BATCH_NORM_EPSILON).sqrt()) + beta)
    }

    /// The next mask of the step: factors that drop with the probability `p`; `None` when nothing is dropped.
    pub(super) fn dropout_mask<const R: usize>(&mut self, p: f64, shape: [usize; R]) -> Option<Tensor<R>> {
        let factors = self.dropout?.mask(p, self.masks, shape.iter().product())?;
        self.masks += 1;
        Some(Tensor::from_data(TensorData::new(factors, shape), self.net.device()).autodiff())
    }

    /// Runs `subnet`, dropping whole channels of its last hidden layer with the probability of `stage`.
    pub(super) fn subnet(&mut self, subnet: &Subnet, x: Tensor<4>, stage: usize) -> Tensor<4> {
        let p = self.dropout.map_or(0.0, |dropout| dropout.of_stage(stage));
        let mask = self.dropout_mask(p, [x.dims()[0], subnet.width, 1, 1]);
        let x = if subnet.leading_relu { relu(x) } else { x };
        let SubnetTensors { hidden: [first, second], last } = subnet.tensors();
        let x = ops::conv3x3(x, self.get(&first.conv.weight), 1);
        let x = self.normalize(x, &first.norm);
        let x = ops::conv3x3(x, self.get(&second.conv.weight), subnet.stride());
        let mut x = self.normalize(x, &second.norm);
        if let Some(mask) = mask {
            x = x * mask;
        }
        ops::conv1x1(x, self.get(&last.weight), self.get(&last.bias))
    }
}

/// Sum over batch and pixels, (1, C, 1, 1).
fn channel_sum(x: Tensor<4>) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).sum_dim(2).sum_dim(0).reshape([1, channels, 1, 1])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::net::Net;
    use burn::tensor::Device;
    use ibinn::Preset;

    #[test]
    fn batch_norm_matches_the_hand_computed_values() {
        let spec = Preset::Tiny.spec().unwrap();
        let permutation: Vec<u32> = (0..spec.dims() as u32).collect();
        let net = Net::new(&spec, &permutation, &Device::flex());
        // γ = β = 1, so that the ReLU that follows passes both values.
        let values: Vec<_> = net.infos().iter().map(|info| net.vector(&vec![1.0; info.len()])).collect();
        let mut pass = Pass {
            net: &net,
            values: &values,
            batch_norm: BatchNorm::Batch,
            dropout: None,
            masks: 0,
            statistics: Vec::new(),
        };
        let x: Vec<f32> = (0..16).map(|i| if i < 8 { 0.0 } else { 2.0 }).collect();
        let x = Tensor::from_data(TensorData::new(x, [2, 8, 1, 1]), net.device());
        let y = ops::read(pass.normalize(x, &spec.subnets()[0].tensors().hidden[0].norm));
        let side = 1.0 / (1.0f64 + 1e-4).sqrt();
        assert!(y[..8].iter().all(|v| (v - (1.0 - side)).abs() < 1e-6), "{y:?}");
        assert!(y[8..].iter().all(|v| (v - (1.0 + side)).abs() < 1e-6), "{y:?}");
        let statistics = pass.statistics.remove(0);
        assert!(ops::read(statistics.mean).iter().all(|v| (v - 1.0).abs() < 1e-6));
        assert!(ops::read(statistics.variance).iter().all(|v| (v - 2.0).abs() < 1e-6));
    }
}
