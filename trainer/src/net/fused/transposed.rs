//! From the gradient of what a 3×3 convolution gave to that of what it read: the transposed convolution.

use ibinn::cpu::kernel::{Packed, Rows, multiply};

use super::geometry::Border;

/// A transposed 3×3 convolution with padding 1. With a stride of 2, pixels of even and odd rows and columns are reached by
/// different taps, each by a part of them, so that no zeros are multiplied.
pub(super) struct Transposed {
    parts: Vec<Part>,
}

/// A convolution that gives some of the pixels.
struct Part {
    conv: Packed<f32>,
    input: Vec<u32>,
    taps: Vec<u32>,
    output: Vec<u32>,
}

impl Transposed {
    /// That of the convolution by `weight`, (outputs, `inputs`, 3, 3), with `stride`, which gave maps that lie in `border`.
    pub fn new(weight: &[f32], inputs: usize, border: Border, stride: usize) -> Self {
        let outputs = weight.len() / (9 * inputs);
        let part = |class: usize| {
            let (y, x) = (class / stride, class % stride);
            let (rows, columns) = (taps(y, stride), taps(x, stride));
            let taps: Vec<_> = rows.iter().flat_map(|&row| columns.iter().map(move |&c| (row, c))).collect();
            let entry = |k: usize, n: usize, t: usize| {
                let ((row, _), (column, _)) = taps[t];
                weight[(n * inputs + k) * 9 + 3 * row + column]
            };
            let wide = border.columns() * stride;
            let target =
                |q: usize| (q / border.columns() * stride + y) * wide + q % border.columns() * stride + x;
            let offset = |&((_, y), (_, x)): &((usize, usize), (usize, usize))| {
                ((y * border.row() + x) * outputs) as u32
            };
            Part {
                conv: Packed::from_fn(&vec![0.0; inputs], outputs, taps.len(), entry),
                input: border.windows(outputs, 1).rows,
                taps: taps.iter().map(offset).collect(),
                output: (0..border.inside()).map(|q| (target(q) * inputs) as u32).collect(),
            }
        };
        Self { parts: (0..stride * stride).map(part).collect() }
    }

    /// From a bordered map of gradients to a map without border.
    pub fn run(&self, gradient: &[f32], map: &mut [f32]) {
        for Part { conv, input, taps, output } in &self.parts {
            multiply(conv, gradient, &Rows { input, taps, output }, map, false);
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
    use crate::net::fused::geometry::Geometry;
    use ibinn::spec::element::{Subnet, SubnetKind};

    #[test]
    fn is_the_adjoint_of_the_convolution() {
        let (inputs, outputs, height, columns) = (2, 3, 4, 6);
        let number = |i: usize| (i * 7 % 11) as f32 - 5.0;
        for stride in [1, 2] {
            let subnet = Subnet {
                name: "test".into(),
                input: inputs,
                width: outputs,
                output: 1,
                kind: if stride == 2 { SubnetKind::Strided } else { SubnetKind::Plain },
                leading_relu: false,
            };
            let geometry = Geometry::new(&subnet, height, columns);
            let weight: Vec<f32> = (0..outputs * inputs * 9).map(number).collect();
            let x: Vec<f32> = (0..height * columns * inputs).map(|i| number(i + 1)).collect();
            let reduced = geometry.reduced_pixels();
            let g: Vec<f32> = (0..reduced * outputs).map(|i| number(i + 4)).collect();
            let bordered = |map: &[f32], border: Border, channels: usize| {
                let mut out = vec![0.0; border.pixels() * channels];
                for (p, pixel) in map.chunks_exact(channels).enumerate() {
                    out[border.at(p) * channels..][..channels].copy_from_slice(pixel);
                }
                out
            };
            let window = geometry.border().windows(inputs, stride);
            let conv = Packed::new(&weight, &vec![0.0; outputs], inputs, 9);
            let places: Vec<u32> = (0..reduced as u32).map(|q| q * outputs as u32).collect();
            let rows = Rows { input: &window.rows, taps: &window.taps, output: &places };
            let mut y = vec![0.0; reduced * outputs];
            multiply(&conv, &bordered(&x, geometry.border(), inputs), &rows, &mut y, false);
            let border = geometry.reduced_border();
            let mut dx = vec![f32::NAN; x.len()];
            Transposed::new(&weight, inputs, border, stride).run(&bordered(&g, border, outputs), &mut dx);
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            assert_eq!(dot(&y, &g), dot(&x, &dx), "stride {stride}");
        }
    }
}
