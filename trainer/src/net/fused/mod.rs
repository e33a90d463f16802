//! Coupling blocks and subnets on the CPU as single operations with backward passes of their own, on the core's kernels.
//!
//! Burn's convolutions and batch-norms, one by one, take three times as long on the CPU and keep every intermediate map.
//! On other devices, and when gradients of anything else are asked for, these decline and the layers are composed.

mod affine;
mod backward;
mod buffers;
mod chain;
mod corrections;
mod coupling;
mod forward;
mod geometry;
mod maps;
mod norm;
mod rows;
mod subnet;
mod transposed;

use burn::backend::Flex;
use burn::tensor::{Device, Tensor, TensorData};

use super::BatchStatistics;
use forward::{Hidden, Parameters};
use norm::Norm;

pub(super) use buffers::Buffers;
pub(super) use chain::Chain;
pub(super) use subnet::subnet;

type Primitive = <Flex as burn::backend::BackendTypes>::FloatTensorPrimitive;

/// Statistics of both batch-norms of a subnet.
pub(super) type Statistics = [BatchStatistics; 2];

fn statistics(hidden: &Hidden, device: &Device) -> Statistics {
    let of = |norm: &Norm| {
        let vector =
            |values: &[f32]| Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device);
        BatchStatistics { mean: vector(&norm.mean), variance: vector(&norm.variance) }
    };
    [of(&hidden.norm1), of(&hidden.norm2)]
}

/// The numbers of a tensor in row-major order.
fn values(primitive: Primitive) -> Vec<f32> {
    primitive.into_data().try_into_vec().unwrap_or_else(|_| unreachable!("the caller checked the type"))
}

fn primitive(values: Vec<f32>, shape: &[usize]) -> Primitive {
    Primitive::from_data(TensorData::new(values, shape))
}

impl<T> From<[T; 8]> for Parameters<T> {
    fn from([conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3]: [T; 8]) -> Self {
        Self { conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3 }
    }
}

impl<T> Parameters<T> {
    /// In the order of a subnet's layers.
    fn into_array(self) -> [T; 8] {
        let Self { conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3 } = self;
        [conv1, gamma1, beta1, conv2, gamma2, beta2, conv3, bias3]
    }
}
