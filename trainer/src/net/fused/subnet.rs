//! A convolutional subnet as one operation, for what is no coupling block: both subnets of a down-coupling.

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::{DType, Device, Tensor};
use ibinn::spec::element::Subnet;

use super::backward::backward;
use super::buffers::Buffers;
use super::forward::{Hidden, Parameters, Weights, output};
use super::geometry::Geometry;
use super::maps::Layout;
use super::{Statistics, primitive, statistics, values};

/// What a subnet gives in training mode.
pub(in crate::net) struct Output {
    /// (B, O, H', W').
    pub a: Tensor<4>,
    /// Statistics of both batch-norms.
    pub statistics: Statistics,
}

/// Runs `subnet` on `x`, (B, I, H, W), with the statistics of the batch. `parameters` are those of its training form in
/// order, flat; `mask` holds a factor for each hidden channel of each image, (B, w). `None` when it cannot be run here.
pub(in crate::net) fn subnet(
    subnet: &Subnet,
    x: &Tensor<4>,
    parameters: &[Tensor<1>; 8],
    mask: Option<Vec<f32>>,
    buffers: &Buffers,
    device: &Device,
) -> Option<Output> {
    if x.dtype() != DType::F32 {
        return None;
    }
    let [batch, _, height, columns] = x.dims();
    let geometry = Geometry::new(subnet, height, columns);
    let [rows, reduced] = geometry.reduced();
    let shape = [batch, subnet.output, rows, reduced];
    let run = |x: Vec<f32>, parameters: [Vec<f32>; 8]| {
        let weights = Weights { parameters: Parameters::from(parameters), mask };
        let hidden = Hidden::new(geometry, x, Layout::Planes, &weights, buffers);
        let a = primitive(output(&hidden, &weights), &shape);
        let statistics = statistics(&hidden, device);
        (a, statistics, Saved { hidden, weights })
    };
    if let Ok(plain) = x.clone().try_into_primitive::<Flex>() {
        let plains: Option<Vec<_>> =
            parameters.iter().map(|p| p.clone().try_into_primitive::<Flex>().ok().map(values)).collect();
        let (a, statistics, _) = run(values(plain), plains?.try_into().ok()?);
        return Some(Output { a: Tensor::from_primitive::<Flex>(a), statistics });
    }
    let x = x.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
    let tracked: Option<Vec<_>> =
        parameters.iter().map(|p| p.clone().try_into_primitive::<Autodiff<Flex>>().ok()).collect();
    let tracked: [_; 8] = tracked?.try_into().ok()?;
    let [p1, p2, p3, p4, p5, p6, p7, p8] = tracked.each_ref().map(|p| p.node());
    let nodes = [x.node(), p1, p2, p3, p4, p5, p6, p7, p8];
    let plains = tracked.map(|p| values(p.into_primitive()));
    let (a, statistics, saved) = run(values(x.into_primitive()), plains);
    let a = match SubnetBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(Arc::new(saved), a),
        OpsKind::UnTracked(prepared) => prepared.finish(a),
    };
    Some(Output { a: Tensor::from_primitive::<Autodiff<Flex>>(a), statistics })
}

/// What the backward pass needs of the forward one.
#[derive(Debug)]
struct Saved {
    hidden: Hidden,
    weights: Weights,
}

/// The step of the autodiff graph; its parents are x and the parameters in order.
#[derive(Debug)]
struct SubnetBackward;

impl Backward<Flex, 9> for SubnetBackward {
    type State = Arc<Saved>;

    fn backward(self, ops: Ops<Self::State, 9>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = values(gradients.consume::<Flex>(&ops.node));
        let Saved { hidden, weights } = &*ops.state;
        let [x, parents @ ..] = ops.parents;
        let mut dx = if x.is_some() { vec![0.0; hidden.x.len()] } else { Vec::new() };
        let parameters = backward(hidden, weights, &gradient, Layout::Planes, &mut dx);
        if let Some(node) = x {
            let [height, columns] = hidden.geometry.size();
            let batch = dx.len() / (hidden.geometry.input * height * columns);
            let shape = [batch, hidden.geometry.input, height, columns];
            gradients.register::<Flex>(node.id, primitive(dx, &shape));
        }
        for (node, values) in parents.into_iter().zip(parameters.into_array()) {
            if let Some(node) = node {
                let shape = [values.len()];
                gradients.register::<Flex>(node.id, primitive(values, &shape));
            }
        }
    }
}
