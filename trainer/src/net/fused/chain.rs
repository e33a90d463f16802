//! The coupling blocks of a stage, one operation each, and what they keep for the backward pass: everything, or nearly
//! nothing.

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::{DType, Device, Tensor};
use ibinn::spec::Shape;
use ibinn::spec::element::Coupling;

use super::buffers::Buffers;
use super::coupling::{Block, BlockGradients, ImageCorrections};
use super::forward::{Hidden, Parameters, Weights};
use super::{Statistics, primitive, statistics, values};
use ibinn_runs::config::Memory;

/// Trained tensors of a block: those of its subnet in order, log α and offset.
const PARAMETERS: usize = 10;

/// A run of coupling blocks in progress: its state has a row for each image, the map pixel after pixel, then the log-det so
/// far.
pub(in crate::net) struct Chain {
    state: Tensor<2>,
    memory: Memory,
    buffers: Buffers,
    tape: Arc<Tape>,
    device: Device,
}

/// The state at the end of the chain and, in the backward pass, where that has got to: each block takes what it gave off
/// the tape, and leaves what came in there for the block before it.
#[derive(Debug, Default)]
struct Tape(Mutex<Option<Vec<f32>>>);

impl Tape {
    fn put(&self, state: Vec<f32>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }

    fn take(&self) -> Vec<f32> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        state.unwrap_or_else(|| unreachable!("each block leaves a state for the one before it"))
    }
}

impl Chain {
    /// Begins a run with the maps `x`, (B, C, H, W). `None` when it cannot be run here.
    pub fn enter(x: &Tensor<4>, memory: Memory, buffers: &Buffers, device: &Device) -> Option<Self> {
        let plain = x.clone().try_into_primitive::<Flex>().is_ok();
        if x.dtype() != DType::F32 || !plain && x.clone().try_into_primitive::<Autodiff<Flex>>().is_err() {
            return None;
        }
        let [batch, channels, height, width] = x.dims();
        let map = x.clone().permute([0, 2, 3, 1]).reshape([batch, height * width * channels]);
        let log_det = Tensor::<2>::zeros([batch, 1], device);
        let log_det = if x.is_autodiff() { log_det.autodiff() } else { log_det };
        let state = Tensor::cat(vec![map, log_det], 1);
        Some(Self { state, memory, buffers: buffers.clone(), tape: Arc::default(), device: device.clone() })
    }

    /// Images in the batch.
    pub fn batch(&self) -> usize {
        self.state.dims()[0]
    }

    /// Ends the run: maps, (B, C, H, W), and log-dets, (B).
    pub fn leave(self, shape: Shape) -> (Tensor<4>, Tensor<1>) {
        let Shape { channels, height, width } = shape;
        let [batch, row] = self.state.dims();
        let map = self.state.clone().narrow(1, 0, row - 1).reshape([batch, height, width, channels]);
        (map.permute([0, 3, 1, 2]), self.state.narrow(1, row - 1, 1).reshape([batch]))
    }

    /// Runs a block with the statistics of the batch. `parameters` are those of its subnet in order, log α and offset, all
    /// flat; `mask` holds a factor for each hidden channel of each image, (B, w).
    pub fn block(
        mut self,
        coupling: &Coupling,
        parameters: [Tensor<1>; PARAMETERS],
        rotation: Vec<f32>,
        mask: Option<Vec<f32>>,
    ) -> Option<(Self, Statistics)> {
        let [batch, row] = self.state.dims();
        let (device, buffers) = (self.device.clone(), self.buffers.clone());
        let block = |plains: [Vec<f32>; PARAMETERS]| {
            let [p1, p2, p3, p4, p5, p6, p7, p8, log_alpha, offset] = plains;
            let parameters = Parameters::from([p1, p2, p3, p4, p5, p6, p7, p8]);
            Block::new(coupling, Weights { parameters, mask }, &rotation, &log_alpha, offset, buffers)
        };
        if self.state.clone().try_into_primitive::<Flex>().is_ok() {
            let plains: Option<Vec<_>> =
                parameters.into_iter().map(|p| p.try_into_primitive::<Flex>().ok().map(values)).collect();
            let block = block(plains?.try_into().ok()?);
            let x = values(self.state.try_into_primitive::<Flex>().ok()?);
            let (y, hidden, _) = block.forward(x, false);
            self.state = Tensor::from_primitive::<Flex>(primitive(y, &[batch, row]));
            return Some((self, statistics(&hidden, &device)));
        }
        let state = self.state.try_into_primitive::<Autodiff<Flex>>().ok()?;
        let tracked: Option<Vec<_>> =
            parameters.into_iter().map(|p| p.try_into_primitive::<Autodiff<Flex>>().ok()).collect();
        let tracked: [_; PARAMETERS] = tracked?.try_into().ok()?;
        let [p1, p2, p3, p4, p5, p6, p7, p8, p9, p10] = tracked.each_ref().map(|p| p.node());
        let nodes = [state.node(), p1, p2, p3, p4, p5, p6, p7, p8, p9, p10];
        let block = block(tracked.map(|p| values(p.into_primitive())));
        let prepared = BlockBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful();
        let reversible = self.memory == Memory::Reversible && matches!(prepared, OpsKind::Tracked(_));
        let (y, hidden, corrections) = block.forward(values(state.into_primitive()), reversible);
        let statistics = statistics(&hidden, &device);
        if reversible {
            self.tape.put(y.clone());
        }
        let y = primitive(y, &[batch, row]);
        let y = match prepared {
            OpsKind::Tracked(prepared) => {
                let kept = if reversible {
                    Kept::Corrections(corrections, self.tape.clone())
                } else {
                    Kept::Hidden(Box::new(hidden))
                };
                prepared.finish(Arc::new(Saved { block, kept, shape: [batch, row] }), y)
            }
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        };
        self.state = Tensor::from_primitive::<Autodiff<Flex>>(y);
        Some((self, statistics))
    }
}

/// What the backward pass needs of the forward one.
#[derive(Debug)]
struct Saved {
    block: Block,
    kept: Kept,
    shape: [usize; 2],
}

/// Where the backward pass has what came in from.
#[derive(Debug)]
enum Kept {
    /// It was kept, with the hidden layers.
    Hidden(Box<Hidden>),
    /// It is computed from what came out, with these corrections, as the hidden layers are from it.
    Corrections(Vec<ImageCorrections>, Arc<Tape>),
}

/// The step of the autodiff graph; its parents are the state and the parameters in order.
#[derive(Debug)]
struct BlockBackward;

impl Backward<Flex, { 1 + PARAMETERS }> for BlockBackward {
    type State = Arc<Saved>;

    fn backward(
        self,
        ops: Ops<Self::State, { 1 + PARAMETERS }>,
        gradients: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let gradient = values(gradients.consume::<Flex>(&ops.node));
        let Saved { block, kept, shape } = &*ops.state;
        let [state, parents @ ..] = ops.parents;
        let (dx, BlockGradients { subnet, log_alpha, offset }) = match kept {
            Kept::Hidden(hidden) => block.backward(hidden, &gradient, state.is_some()),
            Kept::Corrections(corrections, tape) => {
                let hidden = block.inverse(&tape.take(), corrections);
                let result = block.backward(&hidden, &gradient, state.is_some());
                tape.put(hidden.x);
                result
            }
        };
        if let Some(node) = state {
            gradients.register::<Flex>(node.id, primitive(dx, shape));
        }
        let own = subnet.into_array().into_iter().chain([log_alpha, offset]);
        for (node, values) in parents.into_iter().zip(own) {
            if let Some(node) = node {
                let shape = [values.len()];
                gradients.register::<Flex>(node.id, primitive(values, &shape));
            }
        }
    }
}
