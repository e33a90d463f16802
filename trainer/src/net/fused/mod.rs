//! Convolutional subnets on the CPU as one operation with a backward pass of its own, on the core's kernels.
//!
//! Burn's convolutions and batch-norms, one by one, take three times as long on the CPU and keep every intermediate map.
//! On other devices, and when gradients of anything else are asked for, [`subnet`] declines and the layers are composed.

mod backward;
mod forward;
mod geometry;
mod maps;

use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex};
use burn::tensor::{DType, Device, Tensor, TensorData};
use ibinn::element::Subnet;

use super::BatchStatistics;
use backward::{SubnetGradients, backward};
use forward::{Parameters, Saved, forward};
use geometry::Geometry;
use maps::Norm;

type Primitive = <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// What a subnet gives in training mode.
pub(super) struct Output {
    /// (B, O, H', W').
    pub a: Tensor<4>,
    /// Statistics of both batch-norms.
    pub statistics: [BatchStatistics; 2],
}

/// Runs `subnet` on `x`, (B, I, H, W), with the statistics of the batch. `parameters` are those of its training form in
/// order, flat; `mask` holds a factor for each hidden channel of each image, (B, w). `None` when it cannot be run here.
pub(super) fn subnet(
    subnet: &Subnet,
    x: &Tensor<4>,
    parameters: &[Tensor<1>; 8],
    mask: Option<Vec<f32>>,
    device: &Device,
) -> Option<Output> {
    if x.dtype() != DType::F32 {
        return None;
    }
    let [batch, _, height, columns] = x.dims();
    let geometry = Geometry::new(subnet, height, columns);
    let [rows, reduced] = geometry.reduced();
    let shape = [batch, subnet.output, rows, reduced];
    let statistics = |norm: &Norm| BatchStatistics {
        mean: Tensor::from_data(TensorData::new(norm.mean.clone(), [subnet.width]), device),
        variance: Tensor::from_data(TensorData::new(norm.variance.clone(), [subnet.width]), device),
    };
    if let Ok(plain) = x.clone().try_into_primitive::<Flex>() {
        let plains: Option<Vec<_>> =
            parameters.iter().map(|p| p.clone().try_into_primitive::<Flex>().ok()).collect();
        let (a, saved) = forward(geometry, values(plain), in_order(plains?.into_iter().map(values))?, mask);
        let a = Tensor::from_primitive::<Flex>(primitive(a, &shape));
        return Some(Output { a, statistics: [statistics(&saved.norm1), statistics(&saved.norm2)] });
    }
    let x = x.clone().try_into_primitive::<Autodiff<Flex>>().ok()?;
    let tracked: Option<Vec<_>> =
        parameters.iter().map(|p| p.clone().try_into_primitive::<Autodiff<Flex>>().ok()).collect();
    let tracked: [_; 8] = tracked?.try_into().ok()?;
    let [p1, p2, p3, p4, p5, p6, p7, p8] = tracked.each_ref().map(|p| p.node());
    let nodes = [x.node(), p1, p2, p3, p4, p5, p6, p7, p8];
    let plains = in_order(tracked.into_iter().map(|p| values(p.into_primitive())))?;
    let (a, saved) = forward(geometry, values(x.into_primitive()), plains, mask);
    let statistics = [statistics(&saved.norm1), statistics(&saved.norm2)];
    let a = primitive(a, &shape);
    let a = match SubnetBackward.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(Arc::new(saved), a),
        OpsKind::UnTracked(prepared) => prepared.finish(a),
    };
    Some(Output { a: Tensor::from_primitive::<Autodiff<Flex>>(a), statistics })
}

/// The numbers of a tensor in row-major order.
fn values(primitive: Primitive) -> Vec<f32> {
    primitive.into_data().try_into_vec().unwrap_or_else(|_| unreachable!("the caller checked the type"))
}

fn primitive(values: Vec<f32>, shape: &[usize]) -> Primitive {
    Primitive::from_data(TensorData::new(values, shape))
}

fn in_order<T>(values: impl IntoIterator<Item = T>) -> Option<Parameters<T>> {
    let mut values = values.into_iter();
    Some(Parameters {
        conv1: values.next()?,
        gamma1: values.next()?,
        beta1: values.next()?,
        conv2: values.next()?,
        gamma2: values.next()?,
        beta2: values.next()?,
        conv3: values.next()?,
        bias3: values.next()?,
    })
}

/// The step of the autodiff graph; its parents are x and the parameters in order.
#[derive(Debug)]
struct SubnetBackward;

impl Backward<Flex, 9> for SubnetBackward {
    type State = Arc<Saved>;

    fn backward(self, ops: Ops<Self::State, 9>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let gradient = gradients.consume::<Flex>(&ops.node);
        let saved = ops.state;
        let [x, p1, p2, p3, p4, p5, p6, p7, p8] = ops.parents;
        let parents = [p1, p2, p3, p4, p5, p6, p7, p8];
        let SubnetGradients { x: dx, parameters } = backward(&saved, &values(gradient), x.is_some());
        if let (Some(node), Some(dx)) = (x, dx) {
            let [height, columns] = saved.geometry.size();
            let batch = dx.len() / (saved.geometry.input * height * columns);
            let shape = [batch, saved.geometry.input, height, columns];
            gradients.register::<Flex>(node.id, primitive(dx, &shape));
        }
        let Parameters { conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3 } = parameters;
        let values = [conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3];
        for (node, values) in parents.into_iter().zip(values) {
            if let Some(node) = node {
                let shape = [values.len()];
                gradients.register::<Flex>(node.id, primitive(values, &shape));
            }
        }
    }
}
