//! Linear layers (method §2.6, §2.8) on a batch of vectors.
//!
//! *y = W x + b*; backwards *dW = Σ dy⊗x*, *db = Σ dy*, *dx = Wᵀ dy*.
//!
//! Their matrices are large and the batch is small, so the threads share the outputs, not the images, and a part of the
//! matrix is packed by the task that multiplies by it.

use std::ops::Range;

use super::Pass;
use super::buffers::Map;
use crate::Real;
use crate::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use crate::cpu::parallel;
use crate::cpu::subnet::side_by_side;
use crate::spec::layout::Layout;
use crate::spec::tensors::LayerTensors;

/// Columns that a task works on.
const BLOCK: usize = 64;
/// Rows of a weight's gradient that a task works on.
const ROWS: usize = 32;

/// A linear layer.
pub(super) struct TrainedLinear {
    weight: Range<usize>,
    bias: Range<usize>,
    inputs: usize,
    outputs: usize,
}

/// A part of every vector of a batch.
#[derive(Clone, Copy)]
pub(super) struct Vectors<V> {
    /// The batch.
    pub values: V,
    /// Numbers from one vector to the next.
    pub step: usize,
    /// The first number of the part.
    pub first: usize,
}

impl<V> Vectors<V> {
    /// Offsets of the parts.
    fn offsets(&self, batch: usize) -> Vec<u32> {
        (0..batch).map(|i| (i * self.step + self.first) as u32).collect()
    }
}

impl TrainedLinear {
    /// The layer with these tensors.
    pub fn new(tensors: &LayerTensors, layout: &Layout) -> Self {
        let [weight, bias] = layout.layer(tensors);
        let outputs = bias.len();
        Self { inputs: weight.len() / outputs, weight, bias, outputs }
    }

    /// Numbers out.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Runs on a batch: (B, outputs), clipped at 0 with `relu`.
    pub fn forward<F: Real>(&self, pass: &Pass<'_, F>, x: Vectors<&[F]>, relu: bool) -> Map<F> {
        let (weight, bias) = (&pass.values[self.weight.clone()], &pass.values[self.bias.clone()]);
        let blocks = weight.chunks(BLOCK * self.inputs).zip(bias.chunks(BLOCK)).collect();
        let input = x.offsets(pass.batch);
        let parts = parallel::map(blocks, |(weight, bias): (&[F], &[F])| {
            let packed = Packed::new(weight, bias, self.inputs, 1);
            product(&packed, x.values, &input, relu)
        });
        let mut y = pass.map(self.outputs);
        spread(&parts, Vectors { values: &mut y, step: self.outputs, first: 0 }, |to, from| *to = from);
        y
    }

    /// From the gradient `dy`, (B, outputs), of what it gave for `x` to those of its parameters, and of what came in, which
    /// is added to `dx`.
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: Vectors<&[F]>,
        dy: &[F],
        dx: Vectors<&mut [F]>,
        gradient: &mut [F],
    ) {
        let (rows, places) = (side_by_side(pass.batch, self.outputs), x.offsets(pass.batch));
        let blocks = gradient[self.weight.clone()].chunks_mut(ROWS * self.inputs).enumerate().collect();
        parallel::map(blocks, |(block, sums): (usize, &mut [F])| {
            sums.fill(F::default());
            let products = Products {
                input: dy,
                rows: &rows,
                taps: &[(block * ROWS) as u32],
                inputs: sums.len() / self.inputs,
                gradient: x.values,
                places: &places,
                outputs: self.inputs,
            };
            accumulate(&products, sums);
        });
        let mut bias = vec![0.0; self.outputs];
        for dy in dy.chunks_exact(self.outputs) {
            bias.iter_mut().zip(dy).for_each(|(sum, v)| *sum += v.to_f64());
        }
        super::rounded_total(&[bias], &mut gradient[self.bias.clone()]);

        let weight = &pass.values[self.weight.clone()];
        let blocks = (0..self.inputs).step_by(BLOCK).collect();
        let parts = parallel::map(blocks, |first: usize| {
            let zeros = vec![F::default(); BLOCK.min(self.inputs - first)];
            let entry = |n: usize, k: usize, _| weight[k * self.inputs + first + n];
            let packed = Packed::from_fn(&zeros, self.outputs, 1, entry);
            product(&packed, dy, &rows, false)
        });
        spread(&parts, dx, |to, from| *to += from);
    }
}

/// Vectors times a matrix, one after the other.
fn product<F: Real>(matrix: &Packed<F>, x: &[F], input: &[u32], relu: bool) -> Vec<F> {
    let output = side_by_side(input.len(), matrix.outputs());
    let mut y = vec![F::default(); input.len() * matrix.outputs()];
    multiply(matrix, x, &Rows { input, taps: &[0], output: &output }, &mut y, relu);
    y
}

/// Puts blocks of columns, (B, [`BLOCK`] or fewer) each, into the vectors.
fn spread<F: Real>(parts: &[Vec<F>], to: Vectors<&mut [F]>, put: impl Fn(&mut F, F)) {
    let batch = to.values.len() / to.step;
    for (i, vector) in to.values.chunks_exact_mut(to.step).enumerate() {
        let columns = parts.iter().flat_map(|part| {
            let width = part.len() / batch;
            &part[i * width..][..width]
        });
        vector[to.first..].iter_mut().zip(columns).for_each(|(to, &from)| put(to, from));
    }
}
