//! The few operations that everything else is made of.

use burn::tensor::module::{conv2d, linear};
use burn::tensor::ops::ConvOptions;
use burn::tensor::{DType, Tensor, TensorData};
use ibinn::spec::element::Coupling;

/// 3×3 convolution with padding 1 and the given stride; `x` (B, I, H, W), `weight` (O, I, 3, 3).
pub fn conv3x3(x: Tensor<4>, weight: Tensor<4>, stride: usize) -> Tensor<4> {
    conv2d(x, weight, None, ConvOptions::new([stride, stride], [1, 1], [1, 1], 1))
}

/// The 3×3 convolution with padding 1, a stride of 2 and a bias; `weight` (O, I, 3, 3), `bias` (O).
pub fn reducing_conv3x3(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    conv2d(x, weight, Some(bias), ConvOptions::new([2, 2], [1, 1], [1, 1], 1))
}

/// 1×1 convolution; `x` (B, I, H, W), `weight` (O, I, 1, 1), `bias` (O).
pub fn conv1x1(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [0, 0], [1, 1], 1))
}

/// Linear layer; `x` (B, I), `weight` (O, I), `bias` (O).
pub fn fully_connected(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    linear(x, weight.transpose(), Some(bias))
}

/// The affine coupling with the soft clamp ℓ = 0.7·tanh(k·a_s) (method §2.2): `x` and both halves of `a` are
/// (B, C, H, W). Returns x·e^ℓ + a_t and Σℓ per image.
pub fn affine(x: Tensor<4>, a: Tensor<4>, slope: f64) -> (Tensor<4>, Tensor<1>) {
    let [batch, channels, ..] = x.dims();
    let scale = (a.clone().narrow(1, 0, channels) * slope).tanh() * Coupling::CLAMP_BOUND;
    let shift = a.narrow(1, channels, channels);
    let log_det = scale.clone().reshape([batch as i32, -1]).sum_dim(1).reshape([batch]);
    (x * scale.exp() + shift, log_det)
}

/// Reads a tensor back.
///
/// # Panics
/// When the device has been lost.
pub fn read<const R: usize>(tensor: Tensor<R>) -> Vec<f64> {
    read_f32(tensor).into_iter().map(f64::from).collect()
}

/// Reads a tensor back without widening.
///
/// # Panics
/// When the device has been lost.
pub fn read_f32<const R: usize>(tensor: Tensor<R>) -> Vec<f32> {
    let data: TensorData = tensor.into_data();
    if data.dtype() == DType::F32 {
        return data.try_into_vec().unwrap_or_else(|_| unreachable!("the type is checked above"));
    }
    data.iter::<f32>().collect()
}
