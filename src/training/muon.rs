//! Muon: momentum made orthogonal, for the filters of convolutions (method §1.6).
//!
//! K. Jordan et al., “Muon: an optimizer for hidden layers in neural networks”, 2024. A filter is taken for the matrix
//! (out, in·k·k) that it is to each pixel's window; the step has its momentum's singular vectors, and singular values of
//! about 1.

use super::Layout;
use crate::Real;
use crate::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use crate::cpu::parallel;
use crate::spec::tensors::{TensorInfo, TensorKind};

/// Coefficients of the odd polynomial a·s + b·s³ + c·s⁵ that every singular value goes through, and how often it does. It
/// brings all that is above about 0.003 to between 0.68 and 1.14.
const COEFFICIENTS: [f64; 3] = [3.4445, -4.775, 2.0315];
const ITERATIONS: usize = 5;

/// Root mean square of the numbers of a step at the rate 1, where the longer side of the matrix has as many singular values
/// of 1 as it can: about that of a step of Adam.
const SIZE: f64 = 0.2;

/// Constants of the optimiser in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Muon {
    /// Learning rate.
    pub rate: f64,
    /// Momentum, Nesterov's.
    pub momentum: f64,
    /// Weight decay, apart from the gradient.
    pub weight_decay: f64,
}

impl Muon {
    /// Whether a tensor is stepped by Muon: filters of convolutions, (out, in, k, k).
    pub fn takes(info: &TensorInfo) -> bool {
        info.kind == TensorKind::Weight && info.shape.len() == 4
    }

    /// One step of all filters, with the gradient times `factor` as g: v ← m·v + g, then w ← (1 − rate·λ)·w − rate·o, with o
    /// the orthogonalised g + m·v times 0.2·√max(out, in·k·k).
    pub fn step(
        &self,
        layout: &Layout,
        values: &mut [f32],
        velocities: &mut [f32],
        (gradient, factor): (&[f32], f32),
    ) {
        let mut filters = Vec::new();
        let (mut values, mut velocities) = (values, velocities);
        for (info, range) in layout.tensors() {
            let (tensor, rest) = values.split_at_mut(range.len());
            let (velocity, later) = velocities.split_at_mut(range.len());
            (values, velocities) = (rest, later);
            if Self::takes(info) {
                filters.push((info.shape[0], tensor, velocity, &gradient[range]));
            }
        }
        let momentum = self.momentum as f32;
        let keep = (1.0 - self.rate * self.weight_decay) as f32;
        parallel::map(filters, |(rows, values, velocities, gradient)| {
            let mut update = vec![0.0; values.len()];
            for ((u, v), g) in update.iter_mut().zip(velocities).zip(gradient) {
                let g = g * factor;
                *v = *v * momentum + g;
                *u = g + *v * momentum;
            }
            let columns = values.len() / rows;
            let step = (self.rate * SIZE * (rows.max(columns) as f64).sqrt()) as f32;
            for (w, o) in values.iter_mut().zip(orthogonalised(&update, rows)) {
                *w = *w * keep - o * step;
            }
        });
    }
}

/// U f(S) Vᵀ of a matrix U S Vᵀ of so many rows, f(s) about 1 for all but the smallest singular values: five
/// Newton–Schulz steps from the matrix over its Frobenius norm. Zeros stay zeros.
pub(super) fn orthogonalised<F: Real>(matrix: &[F], rows: usize) -> Vec<F> {
    let columns = matrix.len() / rows;
    let square: f64 = matrix.iter().map(|v| v.to_f64() * v.to_f64()).sum();
    let scale = 1.0 / (square.sqrt() + 1e-30);
    let scaled: Vec<F> = matrix.iter().map(|v| F::from_f64(v.to_f64() * scale)).collect();
    // The shorter side lies along the rows, so that the products of the columns are a small matrix.
    let wide = rows <= columns;
    let (mut y, long, short) =
        if wide { (transposed(&scaled, rows), columns, rows) } else { (scaled, rows, columns) };
    let starts = |count: usize| (0..count).map(|i| (i * short) as u32).collect::<Vec<_>>();
    let (long_rows, short_rows) = (starts(long), starts(short));
    let bias = vec![F::default(); short];
    let [a, b, c] = COEFFICIENTS.map(F::from_f64);
    for _ in 0..ITERATIONS {
        // y ← y·(a + b·g + c·g²) with g = yᵀy.
        let mut gram = vec![F::default(); short * short];
        let products = Products {
            input: &y,
            rows: &long_rows,
            taps: &[0],
            inputs: short,
            gradient: &y,
            places: &long_rows,
            outputs: short,
        };
        accumulate(&products, &mut gram);
        let mut polynomial = vec![F::default(); short * short];
        let packed = Packed::from_fn(&bias, short, 1, |n, k, _| gram[k * short + n]);
        let rows = Rows { input: &short_rows, taps: &[0], output: &short_rows };
        multiply(&packed, &gram, &rows, &mut polynomial, false);
        for (i, (p, g)) in polynomial.iter_mut().zip(&gram).enumerate() {
            *p = c * *p + b * *g;
            if i % (short + 1) == 0 {
                *p += a;
            }
        }
        let packed = Packed::from_fn(&bias, short, 1, |n, k, _| polynomial[k * short + n]);
        let mut next = vec![F::default(); y.len()];
        let rows = Rows { input: &long_rows, taps: &[0], output: &long_rows };
        multiply(&packed, &y, &rows, &mut next, false);
        y = next;
    }
    if wide { transposed(&y, long) } else { y }
}

/// The transpose of a matrix of so many rows.
fn transposed<F: Real>(matrix: &[F], rows: usize) -> Vec<F> {
    let columns = matrix.len() / rows;
    (0..matrix.len()).map(|i| matrix[i % rows * columns + i / rows]).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Preset;
    use crate::math::random::{Purpose, Stream};
    use crate::training::initial_tensors;

    fn close(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() < tolerance, "{got} instead of {wanted}");
    }

    #[test]
    fn numbers_by_hand() {
        // One singular value: (3, 4)/5, and 1 → 0.701 → 1.113620 → 0.720706 → 1.089974 → 0.696436 by f(s) = 3.4445·s − 4.775·s³ + 2.0315·s⁵.
        let found = orthogonalised(&[3.0f64, 4.0], 1);
        let f = |s: f64| s * (3.4445 - s * s * (4.775 - s * s * 2.0315));
        close(f(1.0), 0.701, 1e-12);
        let value = f(f(f(f(f(1.0)))));
        close(value, 0.696_436_409_5, 1e-9);
        close(found[0], 0.6 * value, 1e-12);
        close(found[1], 0.8 * value, 1e-12);
        assert_eq!(orthogonalised(&[0.0f32; 6], 2), [0.0; 6]);
    }

    #[test]
    fn singular_values_become_about_one_and_vectors_stay() {
        // diag(2, 1) turned by two rotations, with two columns of zeros more.
        let rotation = |angle: f64| [angle.cos(), -angle.sin(), angle.sin(), angle.cos()];
        let product = |a: [f64; 4], b: [f64; 4]| {
            [0, 1, 2, 3].map(|i| a[i / 2 * 2] * b[i % 2] + a[i / 2 * 2 + 1] * b[2 + i % 2])
        };
        let (u, v) = (rotation(0.3), rotation(-1.1));
        let turned = |s: [f64; 2]| product(product(u, [s[0], 0.0, 0.0, s[1]]), v);
        let f = |s: f64| (0..5).fold(s, |s, _| s * (3.4445 - s * s * (4.775 - s * s * 2.0315)));
        let (given, wanted) = (turned([2.0, 1.0]), turned([f(2.0 / 5f64.sqrt()), f(1.0 / 5f64.sqrt())]));
        let wide = [given[0], given[1], 0.0, 0.0, given[2], given[3], 0.0, 0.0];
        let found = orthogonalised(&wide, 2);
        for (i, place) in [0, 1, 4, 5].into_iter().enumerate() {
            close(found[place], wanted[i], 1e-12);
        }
        assert!([2, 3, 6, 7].iter().all(|&zero| found[zero] == 0.0));
        // A high matrix is the transpose of a wide one.
        assert_eq!(orthogonalised(&transposed(&wide, 2), 4), transposed(&found, 2));
    }

    #[test]
    fn random_filters_of_every_shape_come_out_nearly_orthogonal() {
        for (rows, columns) in [(5, 12), (16, 18), (64, 24), (48, 64)] {
            let mut stream = Stream::new(1, Purpose::Test, rows as u64);
            let matrix: Vec<f32> = (0..rows * columns).map(|_| stream.normal() as f32).collect();
            let found = orthogonalised(&matrix, rows);
            let wide: Vec<f64> = matrix.iter().map(|&v| f64::from(v)).collect();
            for (found, wanted) in found.iter().zip(orthogonalised(&wide, rows)) {
                close(f64::from(*found), wanted, 1e-4);
            }
            // The trace of the smaller product is the sum of the squares of all singular values.
            let squares: f64 = found.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
            let mean = squares / rows.min(columns) as f64;
            assert!((0.4..1.35).contains(&mean), "{rows}×{columns}: {mean}");
        }
    }

    #[test]
    fn a_step_takes_filters_alone_and_is_that_of_its_formula() {
        let spec = Preset::Tiny.spec().unwrap();
        let layout = Layout::new(&spec);
        let start = layout.gather(&initial_tensors(&spec, 0, 0.8, 5.0));
        let mut stream = Stream::new(2, Purpose::Test, 0);
        let gradient: Vec<f32> = (0..layout.len()).map(|_| stream.normal() as f32).collect();
        let (mut values, mut velocities) = (start.clone(), vec![0.0; layout.len()]);
        let muon = Muon { rate: 0.05, momentum: 0.9, weight_decay: 0.01 };
        muon.step(&layout, &mut values, &mut velocities, (&gradient, 0.5));
        let mut filters = 0;
        for (info, range) in layout.tensors() {
            if !Muon::takes(info) {
                assert_eq!(values[range.clone()], start[range.clone()], "{}", info.name);
                assert!(velocities[range].iter().all(|&v| v == 0.0));
                continue;
            }
            filters += 1;
            let (rows, columns) = (info.shape[0], info.len() / info.shape[0]);
            let u: Vec<f64> = gradient[range.clone()].iter().map(|&g| 0.5 * f64::from(g) * 1.9).collect();
            let size = 0.05 * 0.2 * (rows.max(columns) as f64).sqrt();
            for ((i, o), g) in range.clone().zip(orthogonalised(&u, rows)).zip(&gradient[range]) {
                close(f64::from(values[i]), f64::from(start[i]) * (1.0 - 0.0005) - size * o, 1e-5);
                close(f64::from(velocities[i]), 0.5 * f64::from(*g), 1e-6);
            }
        }
        // Three convolutions in each of four blocks and of the two subnets between the stages.
        assert_eq!(filters, 18);
    }
}
