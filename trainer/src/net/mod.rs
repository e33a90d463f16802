//! Training on a GPU: the networks as graphs on Burn tensors. They run forwards; autodiff makes the backward pass, and the
//! core's executors the inverse. Training on the CPU is the core's ([`ibinn::training`]).
//!
//! Parameters are kept flat, one rank-1 tensor each in the order of the core's [`training_tensors`], which makes
//! clipping, weight decay, checkpoints and counting the same for all.

mod classifier;
mod coupling;
mod dense;
mod fixed;
pub mod mixture;
mod objective;
pub mod ops;
mod residual;
pub mod sgd;
mod subnet;
mod trainee;

use std::collections::{HashMap, HashSet};

use burn::tensor::{Device, Tensor, TensorData};
use ibinn::ModelSpec;
use ibinn::spec::element::{Element, SubnetKind};
use ibinn::spec::feed_forward::Layer;
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{LayerTensors, Role, TensorInfo, training_tensors, training_tensors_of};
use ibinn::training::Dropout;

use fixed::FlowTensors;

pub use classifier::code_noise;
pub use mixture::smoothed_targets;
pub use objective::{Terms, share_right};
pub use subnet::{BatchNorm, BatchStatistics};
pub use trainee::GraphTrainee;

/// A network with its fixed tensors and the places of its parameters, ready for forward passes.
pub struct Net {
    spec: ModelSpec,
    infos: Vec<TensorInfo>,
    index: HashMap<String, usize>,
    device: Device,
    fixed: fixed::FixedTensors,
}

/// The values of all training-form tensors, in the order of [`Net::infos`]; the permutation's entry is its indices.
pub type Values = Vec<Tensor<1>>;

/// What a forward pass gives.
pub struct Forward {
    /// What the head sees: latents of a flow, (B, D), or the features of a feed-forward network, (B, F).
    pub features: Tensor<2>,
    /// Log-dets of a flow in nats with the true DCT constant, (B).
    pub log_det: Option<Tensor<1>>,
    /// Batch statistics of every batch-norm, in the order of the layers, when it normalised by them.
    pub statistics: Vec<BatchStatistics>,
}

/// One forward pass in progress.
struct Pass<'a> {
    net: &'a Net,
    values: &'a [Tensor<1>],
    batch_norm: BatchNorm,
    dropout: Option<&'a Dropout>,
    /// Masks drawn so far.
    masks: u64,
    statistics: Vec<BatchStatistics>,
}

impl Pass<'_> {
    fn get<const R: usize>(&self, info: &TensorInfo) -> Tensor<R> {
        self.net.tensor(self.values, info)
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

    /// Of a flow, what is behind its last map: DCT, permutation, dense coupling and head. Its tensors are those that are trained
    /// there.
    pub fn tail_of(spec: &ModelSpec, permutation: &[u32], device: &Device) -> Self {
        let on_maps = |element: &&Element| matches!(element, Element::Coupling(_) | Element::Down(_));
        let on_maps: HashSet<String> = spec
            .elements()
            .iter()
            .filter(on_maps)
            .flat_map(training_tensors_of)
            .map(|info| info.name)
            .collect();
        let whole = Self::new(spec, permutation, device);
        let is_behind = |info: &TensorInfo| !on_maps.contains(&info.name) && info.role() != Role::Fixed;
        let infos: Vec<TensorInfo> = whole.infos.into_iter().filter(is_behind).collect();
        let index = infos.iter().enumerate().map(|(i, info)| (info.name.clone(), i)).collect();
        Self { infos, index, ..whole }
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

    /// The same without rounding.
    pub fn plain_vector(&self, values: Vec<f32>) -> Tensor<1> {
        let shape = [values.len()];
        Tensor::from_data(TensorData::new(values, shape), &self.device)
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
            if matches!(info.role(), Role::Network | Role::Means) { value.require_grad() } else { value }
        };
        self.infos.iter().zip(values).map(track).collect()
    }

    /// A tensor of `values` in its shape.
    fn tensor<const R: usize>(&self, values: &[Tensor<1>], info: &TensorInfo) -> Tensor<R> {
        let shape: [usize; R] = std::array::from_fn(|d| info.shape[d]);
        values[self.index[&info.name]].clone().reshape(shape)
    }

    /// Images x′ (B, C, H, W) → what the head sees, with the log-dets of a flow.
    pub fn forward(
        &self,
        values: &[Tensor<1>],
        x: Tensor<4>,
        batch_norm: BatchNorm,
        dropout: Option<&Dropout>,
    ) -> Forward {
        let mut pass = Pass { net: self, values, batch_norm, dropout, masks: 0, statistics: Vec::new() };
        let (features, log_det) = match &self.fixed.flow {
            Some(constants) => {
                let (z, log_det) = self.flow(&mut pass, x, constants);
                (z, Some(log_det))
            }
            None => (self.feed_forward(&mut pass, x), None),
        };
        Forward { features, log_det, statistics: pass.statistics }
    }

    /// Latents and log-dets.
    fn flow(&self, pass: &mut Pass<'_>, x: Tensor<4>, constants: &FlowTensors) -> (Tensor<2>, Tensor<1>) {
        let batch = x.dims()[0];
        let mut map = x;
        let mut log_det: Option<Tensor<1>> = None;
        let mut add = |term: Tensor<1>| {
            log_det = Some(match log_det.take() {
                Some(sum) => sum + term,
                None => term,
            });
        };
        let mut stage = 0;
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
                Element::Dct(_) | Element::Permutation { .. } | Element::Dense(_) => break,
            }
        }
        let log_det = log_det.unwrap_or_else(|| Tensor::zeros([batch], &self.device));
        self.behind_maps(pass, map, log_det, constants)
    }

    /// Latents and log-dets from the last map and the log-dets of what is before it.
    fn behind_maps(
        &self,
        pass: &mut Pass<'_>,
        map: Tensor<4>,
        log_det: Tensor<1>,
        constants: &FlowTensors,
    ) -> (Tensor<2>, Tensor<1>) {
        let batch = map.dims()[0];
        let mut log_det = log_det;
        let mut flat = None;
        for element in self.spec.elements() {
            match element {
                Element::Haar { .. } | Element::Coupling(_) | Element::Down(_) => {}
                Element::Dct(dct) => {
                    flat = Some(fixed::dct(map.clone(), constants));
                    log_det = log_det + dct.log_det();
                }
                Element::Permutation { .. } => {
                    flat = flat.map(|z| z.select(1, constants.permutation.clone()));
                }
                Element::Dense(dense) => {
                    if let Some(z) = flat.take() {
                        let (out, term) = pass.dense(dense, z);
                        flat = Some(out);
                        log_det = log_det + term;
                    }
                }
            }
        }
        let z = flat.unwrap_or_else(|| map.reshape([batch, self.spec.dims()]));
        (z, log_det)
    }

    /// What the head of a [tail](Self::tail_of) sees of the last map, (B, C, H, W), and the log-dets of what is before it, (B).
    /// `masks` of the step's masks have been drawn already.
    ///
    /// # Panics
    /// When the network is no flow.
    pub fn tail(
        &self,
        values: &[Tensor<1>],
        map: Tensor<4>,
        log_det: Tensor<1>,
        dropout: Option<&Dropout>,
        masks: u64,
    ) -> Forward {
        let Some(constants) = &self.fixed.flow else { panic!("only a flow has a tail") };
        let batch_norm = BatchNorm::Batch;
        let mut pass = Pass { net: self, values, batch_norm, dropout, masks, statistics: Vec::new() };
        let (features, log_det) = self.behind_maps(&mut pass, map, log_det, constants);
        Forward { features, log_det: Some(log_det), statistics: Vec::new() }
    }

    /// The map that the first coupling block sees of a batch of normalised images, N×C×H×W.
    pub fn stem(&self, x: Vec<f32>) -> Tensor<4> {
        let x = self.images(x);
        match self.spec.elements().first() {
            Some(Element::Haar { .. }) => fixed::haar(x, &self.fixed),
            _ => x,
        }
    }

    /// Features.
    fn feed_forward(&self, pass: &mut Pass<'_>, x: Tensor<4>) -> Tensor<2> {
        let mut map = x;
        let mut stage = 0;
        let mut features = None;
        for layer in self.spec.layers() {
            match layer {
                Layer::Haar { .. } => map = fixed::haar(map, &self.fixed),
                Layer::Entry(entry) => {
                    let LayerTensors { weight, bias } = entry.tensors();
                    map = ops::conv1x1(map, pass.get(&weight), pass.get(&bias));
                }
                Layer::Block(block) => {
                    // As in a down-coupling, the low-res subnet belongs to the stage that is left (method §2.8).
                    let left = stage;
                    stage += usize::from(block.subnet.kind == SubnetKind::Lowres);
                    map = pass.block(block, map, left);
                }
                Layer::Pool { .. } => features = Some(residual::pool(map.clone())),
                Layer::Dense(net) => features = features.map(|features| pass.dense_block(net, features)),
            }
        }
        let batch = map.dims()[0];
        features.unwrap_or_else(|| map.reshape([batch as i32, -1]))
    }

    /// Positions in the values of each batch-norm's (running mean, running variance), in the order of the layers.
    pub fn statistic_positions(&self) -> Vec<(usize, usize)> {
        let norms = self.spec.subnets().into_iter().flat_map(|subnet| subnet.tensors().hidden);
        let position = |info: TensorInfo| self.index[&info.name];
        norms.map(|layer| (position(layer.norm.running_mean), position(layer.norm.running_var))).collect()
    }
}
