//! Elements without parameters: folding, Haar, DCT, permutation.

use burn::tensor::{Device, Int, Tensor, TensorData};
use ibinn::ModelSpec;
use ibinn::spec::dct::Dct;
use ibinn::spec::element::Element;

/// Constants of the elements without parameters.
pub(super) struct FixedTensors {
    /// The Haar transform of a 2×2 patch, (4, 4).
    haar: Tensor<2>,
    /// Those of a flow; none of a feed-forward network.
    pub flow: Option<FlowTensors>,
}

/// Constants at the end of a flow.
pub(super) struct FlowTensors {
    /// The transposed two-dimensional DCT with its rows in flattening order, (N², N²).
    dct: Tensor<2>,
    /// The permutation before the dense coupling, (D).
    pub permutation: Tensor<1, Int>,
}

impl FixedTensors {
    pub fn new(spec: &ModelSpec, permutation: &[u32], device: &Device) -> Self {
        let find = |e: &Element| if let Element::Dct(dct) = e { Some(*dct) } else { None };
        let flow = |dct: Dct| {
            let side = dct.n * dct.n;
            let order = permutation.iter().map(|&i| i as i32).collect::<Vec<_>>();
            FlowTensors {
                dct: Tensor::from_data(TensorData::new(flattened_dct(&dct), [side, side]), device),
                permutation: Tensor::from_data(TensorData::new(order, [permutation.len()]), device),
            }
        };
        let haar =
            [1.0f32, 1., 1., 1., 1., -1., 1., -1., 1., 1., -1., -1., 1., -1., -1., 1.].map(|v| v * 0.5);
        Self {
            haar: Tensor::from_data(TensorData::new(haar.to_vec(), [4, 4]), device),
            flow: spec.elements().iter().find_map(find).map(flow),
        }
    }
}

/// Entry (row·N + column, k_x·N + k_y) = M\[k_y, row\]·M\[k_x, column\] (method §2.5).
fn flattened_dct(dct: &Dct) -> Vec<f32> {
    let (n, m) = (dct.n, dct.matrix());
    let entry = |pixel: usize, k: usize| m[(k % n) * n + pixel / n] * m[(k / n) * n + pixel % n];
    (0..n * n).flat_map(|pixel| (0..n * n).map(move |k| entry(pixel, k) as f32)).collect()
}

/// 2×2 space-to-depth, out\[4c + 2·dy + dx\] = x\[c, 2i + dy, 2j + dx\] (method §2.4).
pub(super) fn space_to_depth(x: Tensor<4>) -> Tensor<4> {
    let [batch, c, h, w] = x.dims();
    x.reshape([batch, c, h / 2, 2, w / 2, 2]).permute([0, 1, 3, 5, 2, 4]).reshape([
        batch,
        4 * c,
        h / 2,
        w / 2,
    ])
}

/// The orthonormal Haar transform (method §2.1).
pub(super) fn haar(x: Tensor<4>, fixed: &FixedTensors) -> Tensor<4> {
    let folded = space_to_depth(x);
    let [batch, c, h, w] = folded.dims();
    let patches = folded.reshape([batch * c / 4, 4, h * w]);
    let matrix = fixed.haar.clone().reshape([1, 4, 4]).expand([batch * c / 4, 4, 4]);
    // The matrix has no gradient, but both factors must live in the same context.
    let matrix = if patches.is_autodiff() { matrix.autodiff() } else { matrix };
    matrix.matmul(patches).reshape([batch, c, h, w])
}

/// DCT and flattening, (B, C, N, N) → (B, D) with index (k_x·N + k_y)·C + c (method §2.5).
pub(super) fn dct(x: Tensor<4>, fixed: &FlowTensors) -> Tensor<2> {
    let [batch, c, n, _] = x.dims();
    let maps = x.reshape([batch * c, n * n]);
    let matrix = if maps.is_autodiff() { fixed.dct.clone().autodiff() } else { fixed.dct.clone() };
    maps.matmul(matrix).reshape([batch, c, n * n]).swap_dims(1, 2).reshape([batch, c * n * n])
}
