//! Convolutional subnets with batch-norm (method §2.3).

use burn::tensor::activation::relu;
use burn::tensor::{Tensor, TensorData};
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::element::Subnet;
use ibinn::spec::fold::BATCH_NORM_EPSILON;
use ibinn::spec::tensors::{NormTensors, SubnetTensors};

use super::{Pass, fused, ops};

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

/// The trained tensors of a subnet, in the order of its layers.
const SUBNET_PARAMETERS: [&str; 8] = [
    "conv1.weight",
    "bn1.gamma",
    "bn1.beta",
    "conv2.weight",
    "bn2.gamma",
    "bn2.beta",
    "conv3.weight",
    "conv3.bias",
];

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

    /// Survivors scaled by 1/(1−p), `count` numbers, from the run's own random numbers; `None` when nothing is dropped.
    fn survivors(&mut self, p: f64, count: usize) -> Option<Vec<f32>> {
        let dropout = self.dropout.filter(|_| p > 0.0)?;
        let mut stream = Stream::for_pair(dropout.seed, Purpose::Dropout, dropout.step, self.layers);
        self.layers += 1;
        let keep = (1.0 / (1.0 - p)) as f32;
        Some((0..count).map(|_| if stream.uniform() < p { 0.0 } else { keep }).collect())
    }

    /// A mask of [`survivors`](Self::survivors).
    pub(super) fn dropout_mask<const R: usize>(&mut self, p: f64, shape: [usize; R]) -> Option<Tensor<R>> {
        let survivors = self.survivors(p, shape.iter().product())?;
        Some(self.mask(survivors, shape))
    }

    fn mask<const R: usize>(&self, survivors: Vec<f32>, shape: [usize; R]) -> Tensor<R> {
        Tensor::from_data(TensorData::new(survivors, shape), self.net.device()).autodiff()
    }

    /// A factor for each hidden channel of `subnet` and each image, with the probability of `stage`.
    pub(super) fn channel_survivors(
        &mut self,
        subnet: &Subnet,
        batch: usize,
        stage: usize,
    ) -> Option<Vec<f32>> {
        let p = self.dropout.and_then(|d| d.conv.get(stage).copied()).unwrap_or(0.0);
        self.survivors(p, batch * subnet.width)
    }

    /// Runs `subnet`, dropping whole channels of its last hidden layer with the probability of `stage`.
    pub(super) fn subnet(&mut self, subnet: &Subnet, x: Tensor<4>, stage: usize) -> Tensor<4> {
        let path = |name: &str| format!("{}.{name}", subnet.name);
        let survivors = self.channel_survivors(subnet, x.dims()[0], stage);
        if self.batch_norm == BatchNorm::Batch {
            let parameters = SUBNET_PARAMETERS.map(|name| self.flat(&path(name)));
            let (buffers, device) = (&self.net.buffers, self.net.device());
            let output = fused::subnet(subnet, &x, &parameters, survivors.clone(), buffers, device);
            if let Some(output) = output {
                self.statistics.extend(output.statistics);
                return output.a;
            }
        }
        self.composed(subnet, x, survivors)
    }

    /// The subnet from Burn's operations, which every device has.
    fn composed(&mut self, subnet: &Subnet, x: Tensor<4>, survivors: Option<Vec<f32>>) -> Tensor<4> {
        let SubnetTensors { hidden: [first, second], last } = subnet.tensors();
        let x = if subnet.leading_relu { relu(x) } else { x };
        let x = ops::conv3x3(x, self.get(&first.conv.weight), 1);
        let x = self.normalize(x, &first.norm);
        let x = ops::conv3x3(x, self.get(&second.conv.weight), subnet.stride());
        let mut x = self.normalize(x, &second.norm);
        if let Some(survivors) = survivors {
            let shape = [x.dims()[0], subnet.width, 1, 1];
            x = x * self.mask(survivors, shape);
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
            layers: 0,
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

    /// Output, statistics and gradients (x first, then the parameters) of a subnet for a random cotangent.
    fn run(subnet: &Subnet, fused: bool) -> (Vec<f64>, Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let spec = Preset::Tiny.spec().unwrap();
        let permutation: Vec<u32> = (0..spec.dims() as u32).collect();
        let net = Net::new(&spec, &permutation, &Device::flex());
        let mut stream = Stream::new(7, Purpose::Test, 0);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let values: Vec<_> = net.infos().iter().map(|info| net.vector(&draw(info.len()))).collect();
        let values = net.tracked(&values);
        let (batch, side) = (11, if subnet.stride() == 2 { 14 } else { 7 });
        let x: Vec<f32> = draw(batch * subnet.input * side * side).iter().map(|&v| v as f32).collect();
        let x = Tensor::from_data(TensorData::new(x, [batch, subnet.input, side, side]), net.device());
        let x = x.autodiff().require_grad();
        let mut pass = Pass {
            net: &net,
            values: &values,
            batch_norm: BatchNorm::Batch,
            dropout: None,
            layers: 0,
            statistics: Vec::new(),
        };
        let mask = draw(batch * subnet.width).iter().map(|&v| if v > 0.5 { 0.0 } else { 1.5 }).collect();
        let parameters = SUBNET_PARAMETERS.map(|name| pass.flat(&format!("{}.{name}", subnet.name)));
        let a = if fused {
            let output =
                fused::subnet(subnet, &x, &parameters, Some(mask), &net.buffers, net.device()).unwrap();
            pass.statistics.extend(output.statistics);
            output.a
        } else {
            pass.composed(subnet, x.clone(), Some(mask))
        };
        let cotangent: Vec<f32> = draw(a.dims().iter().product()).iter().map(|&v| v as f32).collect();
        let cotangent = Tensor::from_data(TensorData::new(cotangent, a.dims()), net.device()).autodiff();
        let mut gradients = (a.clone() * cotangent).sum().backward();
        let mut read = vec![ops::read(x.grad_remove(&mut gradients).unwrap())];
        read.extend(parameters.iter().map(|p| ops::read(p.grad_remove(&mut gradients).unwrap())));
        let statistics = pass.statistics.into_iter().flat_map(|s| [ops::read(s.mean), ops::read(s.variance)]);
        (ops::read(a), statistics.collect(), read)
    }

    #[test]
    fn fused_and_composed_subnets_agree_with_dropout_for_both_strides() {
        let spec = Preset::Tiny.spec().unwrap();
        let subnets: Vec<Subnet> = spec.elements().iter().flat_map(|element| element.subnets()).collect();
        let strided = subnets.iter().find(|subnet| subnet.stride() == 2).unwrap();
        for subnet in [subnets.last().unwrap(), strided] {
            let (fused, composed) = (run(subnet, true), run(subnet, false));
            let close = |what: &str, got: &[f64], wanted: &[f64]| {
                assert_eq!(got.len(), wanted.len());
                let scale = wanted.iter().fold(1e-3f64, |most, v| most.max(v.abs()));
                for (got, wanted) in got.iter().zip(wanted) {
                    assert!(
                        (got - wanted).abs() < 1e-5 * scale,
                        "{}: {what}: {got} for {wanted}",
                        subnet.name
                    );
                }
            };
            close("output", &fused.0, &composed.0);
            fused.1.iter().zip(&composed.1).for_each(|(got, wanted)| close("statistics", got, wanted));
            let names = std::iter::once("x").chain(SUBNET_PARAMETERS);
            for ((name, got), wanted) in names.zip(&fused.2).zip(&composed.2) {
                close(name, got, wanted);
            }
        }
    }
}
