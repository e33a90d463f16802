//! From the gradient of what a 3×3 convolution gave to that of what it read: the transposed convolution.

use std::sync::Arc;

use crate::Real;
use crate::cpu::border::Bordered;
use crate::cpu::kernel::{Packed, Rows, multiply};
use crate::cpu::scratch::Shared;
use crate::spec::Shape;

/// A transposed 3×3 convolution with padding 1. With a stride of 2, pixels of even and odd rows and columns are reached by
/// different taps, each by a part of them, so that no zeros are multiplied:
///
/// *dx\[s·q + t − 1\] += wᵀ\[t\]·dy\[q\]* for the taps t of both axes.
pub(super) struct Transposed {
    inputs: usize,
    outputs: usize,
    parts: Vec<Part>,
}

/// A convolution that gives some of the pixels.
struct Part {
    /// Row and column of each tap.
    taps: Vec<(usize, usize)>,
    /// Offsets of what it reads, from there to each tap, and of what it gives.
    rows: [Arc<[u32]>; 3],
}

impl Transposed {
    /// That of a convolution of `inputs` channels with `stride` which gave maps of `shape`, whose gradient lies in
    /// `gradient`.
    pub fn new(inputs: usize, shape: Shape, stride: usize, gradient: &Bordered, shared: &mut Shared) -> Self {
        let Shape { channels: outputs, width: columns, .. } = shape;
        let part = |class: usize| {
            let (y, x) = (class / stride, class % stride);
            let (rows, columns_of) = (taps(y, stride), taps(x, stride));
            let taps: Vec<_> =
                rows.iter().flat_map(|&row| columns_of.iter().map(move |&c| (row, c))).collect();
            let target = |q: usize| (q / columns * stride + y) * columns * stride + q % columns * stride + x;
            let offset = |&((_, y), (_, x)): &((usize, usize), (usize, usize))| {
                (y * gradient.row() + x * outputs) as u32
            };
            let places = (0..shape.pixels()).map(|q| (target(q) * inputs) as u32).collect();
            Part {
                rows: [gradient.windows(1), taps.iter().map(offset).collect(), places]
                    .map(|offsets| shared.offsets(offsets)),
                taps: taps.into_iter().map(|((row, _), (column, _))| (row, column)).collect(),
            }
        };
        Self { inputs, outputs, parts: (0..stride * stride).map(part).collect() }
    }

    /// Takes up the convolution's `weight`, (outputs, inputs, 3, 3).
    pub fn pack<F: Real>(&self, weight: &[F]) -> PackedTransposed<'_, F> {
        let zeros = vec![F::default(); self.inputs];
        let pack = |part: &Part| {
            let entry = |k: usize, n: usize, t: usize| {
                let (row, column) = part.taps[t];
                weight[(n * self.inputs + k) * 9 + 3 * row + column]
            };
            Packed::from_fn(&zeros, self.outputs, part.taps.len(), entry)
        };
        PackedTransposed { of: self, parts: self.parts.iter().map(pack).collect() }
    }
}

/// A [`Transposed`] convolution with its weights.
pub(super) struct PackedTransposed<'a, F> {
    of: &'a Transposed,
    parts: Vec<Packed<F>>,
}

impl<F: Real> PackedTransposed<'_, F> {
    /// From a bordered map of gradients to a map without border.
    pub fn run(&self, gradient: &[F], map: &mut [F]) {
        for (Part { rows: [input, taps, output], .. }, packed) in self.of.parts.iter().zip(&self.parts) {
            multiply(packed, gradient, &Rows { input, taps, output }, map, false);
        }
    }
}

/// The taps of one axis that read positions which are `at` modulo `stride`, each with where its output lies: 0 before, 1 at, 2
/// behind the position divided by the stride.
fn taps(at: usize, stride: usize) -> Vec<(usize, usize)> {
    // Tap k of output q reads position stride·q + k − 1.
    let reads = |&k: &usize| (at + 1 + stride - k).is_multiple_of(stride);
    (0..3).rev().filter(reads).map(|k| (k, (at + 1 + stride - k) / stride)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::scratch::{MapRole, Scratch};
    use crate::cpu::subnet::side_by_side;

    #[test]
    fn is_the_adjoint_of_the_convolution() {
        let (inputs, outputs, height, width) = (2, 3, 4, 6);
        let number = |i: usize| (i * 7 % 11) as f32 - 5.0;
        for stride in [1, 2] {
            let shape = Shape { channels: inputs, height, width };
            let reduced = Shape { channels: outputs, height: height / stride, width: width / stride };
            let weight: Vec<f32> = (0..outputs * inputs * 9).map(number).collect();
            let x: Vec<f32> = (0..shape.len()).map(|i| number(i + 1)).collect();
            let g: Vec<f32> = (0..reduced.len()).map(|i| number(i + 4)).collect();
            let (mut shared, mut scratch) = (Shared::default(), Scratch::default());
            let input = Bordered::new(MapRole::Input, shape, &mut shared);
            let gradient = Bordered::new(MapRole::Gradient, reduced, &mut shared);
            let conv = Packed::new(&weight, &vec![0.0; outputs], inputs, 9);
            let rows = Rows {
                input: &input.windows(stride),
                taps: &input.window(),
                output: &side_by_side(reduced.pixels(), outputs),
            };
            let mut y = vec![0.0; reduced.len()];
            multiply(&conv, &input.filled(&x, inputs, 0, false, &mut scratch), &rows, &mut y, false);
            let mut dx = vec![f32::NAN; x.len()];
            let transposed = Transposed::new(inputs, reduced, stride, &gradient, &mut shared);
            let g_bordered = gradient.filled(&g, outputs, 0, false, &mut scratch);
            transposed.pack(&weight).run(&g_bordered, &mut dx);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            assert_eq!(dot(&y, &g), dot(&x, &dx), "stride {stride}");
        }
    }
}
