//! Rows of inputs times a packed matrix: *out\[p\]\[n\] = b\[n\] + Σ_t Σ_k a\[p, tap t, k\] · w\[t, k, n\]*, with p running
//! over pixels (or images, for linear layers) and t over the 9 or 1 taps.
//!
//! The matrix is cut into panels of outputs, and a panel is computed for a few rows at a time: a tile of sums that stays in
//! registers while inputs and weights stream past. Every sum is taken in the same order, whichever tile it belongs to, so
//! that a row's outputs do not depend on the rows beside it.

use super::packed::Packed;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::tiles::wasm;
#[cfg(target_arch = "x86_64")]
use super::tiles::x86;
use super::tiles::{Panel, Plain, Tiles};
#[cfg(target_arch = "x86_64")]
use super::vector::{has_avx2, has_avx512};
use crate::Real;

/// Where the rows of the input lie, and where the outputs go.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// Offset of each row's first element in the input.
    pub input: &'a [u32],
    /// Offset of each tap from there.
    pub taps: &'a [u32],
    /// Offset of each row's first element in the output.
    pub output: &'a [u32],
}

/// Computes all rows; `relu` clips the results at 0.
///
/// # Panics
/// When an offset points outside `input` or `output`: the layers make them from their own shapes.
pub fn multiply<F: Real>(matrix: &Packed<F>, input: &[F], rows: &Rows<'_>, output: &mut [F], relu: bool) {
    let greatest = |offsets: &[u32]| offsets.iter().fold(0, |most, &offset| most.max(offset as usize));
    assert!(rows.taps.len() == matrix.taps && rows.input.len() == rows.output.len());
    assert!(
        rows.input.is_empty()
            || greatest(rows.input) + greatest(rows.taps) + matrix.inputs <= input.len()
                && greatest(rows.output) + matrix.outputs() <= output.len()
    );
    F::multiply(Multiplication { matrix, input, rows, output, relu });
}

/// The arguments of [`multiply()`], known to fit each other.
pub struct Multiplication<'a, F> {
    matrix: &'a Packed<F>,
    input: &'a [F],
    rows: &'a Rows<'a>,
    output: &'a mut [F],
    relu: bool,
}

impl<F: Real> Multiplication<'_, F> {
    /// Any machine, left to the compiler.
    pub(crate) fn plain(mut self) {
        // SAFETY: needs no instructions.
        unsafe { self.run::<Plain>() }
    }

    /// # Safety
    /// The machine must have the tiles' instructions.
    #[inline(always)]
    unsafe fn run<T: Tiles<F>>(&mut self) {
        let Self { matrix, input, rows, relu, .. } = *self;
        let mut merged = [0; 3];
        let (taps, depth) = match beside_each_other(rows.taps, matrix.inputs) {
            true => {
                merged.iter_mut().zip(rows.taps.iter().step_by(3)).for_each(|(tap, &first)| *tap = first);
                (&merged[..], 3 * matrix.inputs)
            }
            false => (rows.taps, matrix.inputs),
        };
        for cut in matrix.panels() {
            let panel = Panel {
                weights: cut.weights.as_ptr(),
                bias: cut.bias.as_ptr(),
                width: cut.width,
                input: input.as_ptr(),
                rows: rows.input,
                taps,
                depth,
                output: self.output.as_mut_ptr().wrapping_add(cut.first),
                places: rows.output,
                relu,
            };
            // SAFETY: `multiply` has checked the offsets against the slices.
            unsafe { T::panel(cut.lanes, &panel) };
        }
    }
}

/// Whether the taps are those of three rows of a 3×3 window, each of which lies in one piece: three longer taps then.
pub(super) fn beside_each_other(taps: &[u32], depth: usize) -> bool {
    let step = depth as u32;
    taps.len() == 9 && taps.as_chunks::<3>().0.iter().all(|&[a, b, c]| b == a + step && c == b + step)
}

impl Multiplication<'_, f32> {
    /// The registers of this machine.
    pub(crate) fn vectorised(mut self) {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: the features that the functions are compiled for are detected just before.
            if has_avx512() {
                return unsafe { self.avx512() };
            }
            if has_avx2() {
                return unsafe { self.avx2() };
            }
        }
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        // SAFETY: compiled with the feature.
        return unsafe { self.run::<wasm::Simd128>() };
        #[allow(unreachable_code, reason = "where the feature is always there")]
        self.plain();
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx2,fma")]
    fn avx512(&mut self) {
        // SAFETY: the function's own features.
        unsafe { self.run::<x86::Avx512>() };
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn avx2(&mut self) {
        // SAFETY: the function's own features.
        unsafe { self.run::<x86::Avx2>() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, so that every order of summation gives the same.
    fn number(i: usize) -> f32 {
        (i * 7 % 11) as f32 - 5.0
    }

    /// Compares with the plain sums, in single and double precision, for taps at the given offsets.
    fn check(outputs: usize, inputs: usize, count: usize, taps: &[u32], relu: bool) {
        let weight: Vec<f32> = (0..outputs * inputs * taps.len()).map(number).collect();
        let bias: Vec<f32> = (0..outputs).map(|n| number(n + 3)).collect();
        let furthest = taps.iter().max().map_or(0, |&tap| tap as usize);
        let input: Vec<f32> = (0..count * 4 + furthest + inputs).map(|i| number(i + 1)).collect();
        let input_rows: Vec<u32> = (0..count as u32).map(|p| p * 4).collect();
        let output_rows: Vec<u32> = (0..count).map(|p| (p * (outputs + 1)) as u32).collect();
        let rows = Rows { input: &input_rows, taps, output: &output_rows };
        let mut wanted = vec![-99.0; count * (outputs + 1)];
        for p in 0..count {
            for n in 0..outputs {
                let mut sum = bias[n];
                for (t, &tap) in taps.iter().enumerate() {
                    for k in 0..inputs {
                        sum += input[p * 4 + tap as usize + k] * weight[(n * inputs + k) * taps.len() + t];
                    }
                }
                wanted[p * (outputs + 1) + n] = if relu { sum.max(0.0) } else { sum };
            }
        }
        let packed = Packed::new(&weight, &bias, inputs, taps.len());
        let mut got = vec![-99.0; wanted.len()];
        multiply(&packed, &input, &rows, &mut got, relu);
        assert_eq!(got, wanted, "{outputs} outputs, {inputs} inputs, {count} rows");

        let widen = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
        let packed = Packed::new(&widen(&weight), &widen(&bias), inputs, taps.len());
        let mut got = vec![-99.0; wanted.len()];
        multiply(&packed, &widen(&input), &rows, &mut got, relu);
        assert_eq!(got, widen(&wanted));
    }

    #[test]
    fn every_shape_gives_the_plain_sums() {
        for (outputs, inputs, count) in
            [(1, 1, 1), (4, 3, 5), (8, 2, 13), (9, 5, 12), (20, 1, 2), (24, 6, 25), (48, 7, 11), (56, 3, 7)]
        {
            for relu in [false, true] {
                check(outputs, inputs, count, &[0, 3, 10], relu);
                check(outputs, inputs, count, &[0], relu);
                // A 3×3 window in rows of 20 numbers, which lies in three pieces, and one that lies in nine.
                for step in [inputs, 8] {
                    let window = std::array::from_fn::<_, 9, _>(|t| (t / 3 * 40 + t % 3 * step) as u32);
                    check(outputs, inputs, count, &window, relu);
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "assertion failed")]
    fn rows_outside_of_the_input_are_refused() {
        let packed = Packed::new(&[1.0f32; 3], &[0.0], 3, 1);
        multiply(&packed, &[0.0; 5], &Rows { input: &[3], taps: &[0], output: &[0] }, &mut [0.0], false);
    }
}
