//! The flow on Burn tensors: forward only, since autodiff makes the backward pass and the core's executors the
//! inverse.
//!
//! Parameters are kept flat, one rank-1 tensor each in the order of the core's [`training_tensors`], which makes
//! clipping, weight decay, checkpoints and counting the same for all.

mod coupling;
mod dense;
mod fixed;
mod fused;
pub mod mixture;
pub mod ops;
mod subnet;

use std::collections::HashMap;

use burn::tensor::{Device, Tensor, TensorData};
use ibinn::ModelSpec;
use ibinn::element::Element;
use ibinn::fold::Tensors;
use ibinn::tensors::{MEANS, Role, TensorInfo, training_tensors};

pub use subnet::{BatchNorm, BatchStatistics};

/// Where the flow's fixed tensors and its parameters live, ready for forward passes.
pub struct Net {
    spec: ModelSpec,
    infos: Vec<TensorInfo>,
    index: HashMap<String, usize>,
    device: Device,
    fixed: fixed::FixedTensors,
}

/// The values of all training-form tensors, in the order of [`Net::infos`]; the permutation's entry is its indices.
pub type Values = Vec<Tensor<1>>;

/// Random masks of one training step; without them (evaluation, gradient checks) nothing is dropped.
pub struct Dropout {
    /// Seed of the run.
    pub seed: u64,
    /// Global step number.
    pub step: u64,
    /// Probability by stage for the channels of the subnets' last hidden layer.
    pub conv: Vec<f64>,
    /// Probability for the hidden units of the dense coupling.
    pub dense: f64,
}

/// What a forward pass gives.
pub struct Forward {
    /// Latents, (B, D).
    pub z: Tensor<2>,
    /// Log-dets in nats with the true DCT constant, (B).
    pub log_det: Tensor<1>,
    /// Batch statistics of every batch-norm, in encoding order, when it normalised by them.
    pub statistics: Vec<BatchStatistics>,
}

/// One forward pass in progress.
struct Pass<'a> {
    net: &'a Net,
    values: &'a [Tensor<1>],
    batch_norm: BatchNorm,
    dropout: Option<&'a Dropout>,
    layers: u64,
    statistics: Vec<BatchStatistics>,
}

impl Pass<'_> {
    fn flat(&self, name: &str) -> Tensor<1> {
        self.values[self.net.index[name]].clone()
    }

    fn get<const R: usize>(&self, name: &str) -> Tensor<R> {
        let shape: [usize; R] = std::array::from_fn(|d| self.net.infos[self.net.index[name]].shape[d]);
        self.flat(name).reshape(shape)
    }
}

impl Net {
    /// Prepares the architecture `spec` on `device`.
    pub fn new(spec: &ModelSpec, permutation: &[u32], device: &Device) -> Self {
        let infos = training_tensors(spec);
        let index = infos.iter().enumerate().map(|(i, info)| (info.name.clone(), i)).collect();
        let fixed = fixed::FixedTensors::new(spec, permutation, device);
        Self { spec: spec.clone(), infos, index, device: device.clone(), fixed }
    }

    /// Names, shapes and roles of all tensors.
    pub fn infos(&self) -> &[TensorInfo] {
        &self.infos
    }

    /// The architecture.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The device of parameters and inputs.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Moves tensors to the device.
    ///
    /// # Panics
    /// When `tensors` lacks one of [`infos`](Self::infos).
    pub fn upload(&self, tensors: &Tensors) -> Values {
        self.infos.iter().map(|info| self.vector(&tensors[&info.name])).collect()
    }

    /// Reads values back, by name.
    pub fn download(&self, values: &[Tensor<1>]) -> Tensors {
        self.infos
            .iter()
            .zip(values)
            .map(|(info, value)| (info.name.clone(), ops::read(value.clone())))
            .collect()
    }

    /// A rank-1 tensor on the device.
    pub fn vector(&self, values: &[f64]) -> Tensor<1> {
        let data: Vec<f32> = values.iter().map(|&v| v as f32).collect();
        Tensor::from_data(TensorData::new(data, [values.len()]), &self.device)
    }

    /// A batch of normalised images, N×C×H×W, on the device.
    pub fn images(&self, x: Vec<f32>) -> Tensor<4> {
        let shape = self.spec.input_shape();
        let count = x.len() / shape.len();
        Tensor::from_data(
            TensorData::new(x, [count, shape.channels, shape.height, shape.width]),
            &self.device,
        )
    }

    /// Values that record a gradient where they are trained; rotations, statistics and permutation are constants.
    pub fn tracked(&self, values: &[Tensor<1>]) -> Values {
        let track = |(info, value): (&TensorInfo, &Tensor<1>)| {
            let value = value.clone().autodiff();
            if matches!(info.role, Role::Flow | Role::Means) { value.require_grad() } else { value }
        };
        self.infos.iter().zip(values).map(track).collect()
    }

    /// The means μ of `values`, (K, D).
    pub fn means(&self, values: &[Tensor<1>]) -> Tensor<2> {
        values[self.index[MEANS]].clone().reshape([self.spec.classes().len(), self.spec.dims()])
    }

    /// Images x′ (B, C, H, W) → latents and log-dets.
    pub fn forward(
        &self,
        values: &[Tensor<1>],
        x: Tensor<4>,
        batch_norm: BatchNorm,
        dropout: Option<&Dropout>,
    ) -> Forward {
        let batch = x.dims()[0];
        let mut pass = Pass { net: self, values, batch_norm, dropout, layers: 0, statistics: Vec::new() };
        let mut map = x;
        let mut log_det: Option<Tensor<1>> = None;
        let mut constant = 0.0;
        let mut add = |term: Tensor<1>| {
            log_det = Some(match log_det.take() {
                Some(sum) => sum + term,
                None => term,
            });
        };
        let mut stage = 0;
        let mut flat = None;
        for element in self.spec.elements() {
            match element {
                Element::Haar { .. } => map = fixed::haar(map, &self.fixed),
                Element::Coupling(coupling) => {
                    let (out, term) = pass.coupling(coupling, map, stage);
                    map = out;
                    add(term);
                }
                Element::Down(down) => {
                    let (out, term) = pass.down(down, map, stage);
                    map = out;
                    add(term);
                    stage += 1;
                }
                Element::Dct(dct) => {
                    flat = Some(fixed::dct(map.clone(), &self.fixed));
                    constant += dct.log_det();
                }
                Element::Permutation { .. } => {
                    flat = flat.map(|z| z.select(1, self.fixed.permutation.clone()));
                }
                Element::Dense(dense) => {
                    if let Some(z) = flat.take() {
                        let (out, term) = pass.dense(dense, z);
                        flat = Some(out);
                        add(term);
                    }
                }
            }
        }
        let z = flat.unwrap_or_else(|| map.reshape([batch, self.spec.dims()]));
        let log_det = log_det.unwrap_or_else(|| Tensor::zeros([batch], &self.device)) + constant;
        Forward { z, log_det, statistics: pass.statistics }
    }

    /// Positions in the values of each batch-norm's (running mean, running variance), in encoding order.
    pub fn statistic_positions(&self) -> Vec<(usize, usize)> {
        self.infos
            .iter()
            .enumerate()
            .filter(|(_, info)| info.name.ends_with("running_mean"))
            .map(|(i, info)| (i, self.index[&info.name.replace("running_mean", "running_var")]))
            .collect()
    }
}
