//! Rows of inputs times a packed matrix: *out\[p\]\[n\] = b\[n\] + Σ_t Σ_k a\[p, tap t, k\] · w\[t, k, n\]*, with p running
//! over pixels (or images, for linear layers) and t over the 9 or 1 taps.
//!
//! The matrix is cut into panels of outputs, and a panel is computed for a few rows at a time: a tile of sums that stays in
//! registers while inputs and weights stream past. Every sum is taken in the same order, whichever tile it belongs to, so
//! that a row's outputs do not depend on the rows beside it.

use super::packed::Packed;
use super::vector::Vector;
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

/// One panel of the matrix, for all rows.
struct Panel<'a, F> {
    /// (taps · depth) × lanes.
    weights: *const F,
    /// Lanes.
    bias: *const F,
    /// Outputs that are stored: all lanes but those of padding.
    width: usize,
    input: *const F,
    rows: &'a [u32],
    taps: &'a [u32],
    depth: usize,
    /// The panel's first output of the row at offset 0.
    output: *mut F,
    places: &'a [u32],
    relu: bool,
}

/// The tiles of one kind of machine.
trait Tiles<F> {
    /// Computes a panel of `lanes` outputs, one of the numbers that [`super::packed`] cuts matrices into.
    ///
    /// # Safety
    /// The panel's pointers and offsets must be those of a [`Multiplication`], and the machine must have the tiles'
    /// instructions.
    unsafe fn panel(lanes: usize, panel: &Panel<'_, F>);
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

/// Tiles that the compiler vectorises.
struct Plain;

impl<F: Real> Tiles<F> for Plain {
    #[inline(always)]
    unsafe fn panel(lanes: usize, panel: &Panel<'_, F>) {
        // SAFETY: passed on.
        unsafe {
            match lanes {
                4 => plain::<F, 4>(panel),
                8 => plain::<F, 8>(panel),
                12 => plain::<F, 12>(panel),
                _ => plain::<F, 16>(panel),
            }
        }
    }
}

/// A row at a time.
#[inline(always)]
unsafe fn plain<F: Real, const LANES: usize>(panel: &Panel<'_, F>) {
    for (&row, &place) in panel.rows.iter().zip(panel.places) {
        // SAFETY: as `Tiles` demands.
        unsafe {
            let mut sums = *panel.bias.cast::<[F; LANES]>();
            let mut weights = panel.weights.cast::<[F; LANES]>();
            for &tap in panel.taps {
                let input = panel.input.add((row + tap) as usize);
                for k in 0..panel.depth {
                    let (value, weight) = (*input.add(k), *weights);
                    for (sum, weight) in sums.iter_mut().zip(weight) {
                        *sum = value * weight + *sum;
                    }
                    weights = weights.add(1);
                }
            }
            for (n, sum) in sums.iter().enumerate().take(panel.width) {
                *panel.output.add(place as usize + n) = if panel.relu { sum.relu() } else { *sum };
            }
        }
    }
}

/// All rows of a panel, `ROWS` at a time, in registers.
///
/// WebAssembly engines assign registers worse the larger a function is, so there each kind of tile has one of its own.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
unsafe fn registers<V: Vector, const VECTORS: usize, const ROWS: usize>(panel: &Panel<'_, f32>) {
    let mut first = 0;
    while first + 1 < panel.rows.len() {
        // SAFETY: passed on.
        unsafe { tile::<V, VECTORS, ROWS>(panel, first) };
        first += ROWS;
    }
    if first < panel.rows.len() {
        // SAFETY: passed on.
        unsafe { single::<V, VECTORS>(panel, first) };
    }
}

/// One row, as is often left over.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
unsafe fn single<V: Vector, const VECTORS: usize>(panel: &Panel<'_, f32>, first: usize) {
    // SAFETY: passed on.
    unsafe { tile::<V, VECTORS, 1>(panel, first) };
}

/// Up to `ROWS` rows from `first` on; where there are fewer, the last one is computed again instead.
#[inline(always)]
unsafe fn tile<V: Vector, const VECTORS: usize, const ROWS: usize>(panel: &Panel<'_, f32>, first: usize) {
    let last = panel.rows.len() - 1;
    // SAFETY: as `Tiles` demands.
    unsafe {
        let inputs: [*const f32; ROWS] = std::array::from_fn(|r| {
            panel.input.add(*panel.rows.get_unchecked((first + r).min(last)) as usize)
        });
        let load =
            |from: *const f32| -> [V; VECTORS] { std::array::from_fn(|v| V::load(from.add(v * V::LANES))) };
        let mut sums = [load(panel.bias); ROWS];
        let mut weights = panel.weights;
        for &tap in panel.taps {
            for k in tap as usize..tap as usize + panel.depth {
                let weight = load(weights);
                weights = weights.add(VECTORS * V::LANES);
                for r in 0..ROWS {
                    let value = V::splat(inputs[r].add(k));
                    for v in 0..VECTORS {
                        sums[r][v] = value.mul_add(weight[v], sums[r][v]);
                    }
                }
            }
        }
        for (r, row) in sums.iter().enumerate() {
            if first + r <= last {
                let row = if panel.relu { row.map(|sum| sum.relu()) } else { *row };
                store(panel, first + r, &row);
            }
        }
    }
}

/// Writes a row of the tile.
#[inline(always)]
unsafe fn store<V: Vector, const VECTORS: usize>(panel: &Panel<'_, f32>, row: usize, sums: &[V; VECTORS]) {
    // SAFETY: as `Tiles` demands; lanes of padding stay behind.
    unsafe {
        let to = panel.output.add(*panel.places.get_unchecked(row) as usize);
        if panel.width == VECTORS * V::LANES {
            for (v, sum) in sums.iter().enumerate() {
                sum.store(to.add(v * V::LANES));
            }
        } else {
            let mut lanes = [0.0; 16];
            for (v, sum) in sums.iter().enumerate() {
                sum.store(lanes.as_mut_ptr().add(v * V::LANES));
            }
            std::ptr::copy_nonoverlapping(lanes.as_ptr(), to, panel.width);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Panel, Tiles, registers};
    use core::arch::x86_64::{__m256, __m512};

    /// 32 registers of 16 numbers.
    pub(super) struct Avx512;
    /// 16 registers of 8 numbers.
    pub(super) struct Avx2;

    impl Tiles<f32> for Avx512 {
        #[inline(always)]
        unsafe fn panel(lanes: usize, panel: &Panel<'_, f32>) {
            // SAFETY: passed on.
            unsafe {
                if lanes == 16 {
                    registers::<__m512, 1, 12>(panel)
                } else {
                    registers::<__m256, 1, 12>(panel)
                }
            }
        }
    }

    impl Tiles<f32> for Avx2 {
        #[inline(always)]
        unsafe fn panel(lanes: usize, panel: &Panel<'_, f32>) {
            // SAFETY: passed on.
            unsafe {
                if lanes == 16 { registers::<__m256, 2, 6>(panel) } else { registers::<__m256, 1, 12>(panel) }
            }
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
    use super::{Panel, Tiles, registers};
    use core::arch::wasm32::v128;

    /// Registers of 4 numbers, on machines with as few as 16 of them.
    pub(super) struct Simd128;

    impl Tiles<f32> for Simd128 {
        #[inline(always)]
        unsafe fn panel(lanes: usize, panel: &Panel<'_, f32>) {
            // SAFETY: passed on.
            unsafe {
                match lanes {
                    4 => registers::<v128, 1, 4>(panel),
                    8 => registers::<v128, 2, 4>(panel),
                    12 => registers::<v128, 3, 3>(panel),
                    _ => registers::<v128, 4, 2>(panel),
                }
            }
        }
    }
}

impl Multiplication<'_, f32> {
    /// The registers of this machine.
    pub(crate) fn vectorised(mut self) {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: the features that the functions are compiled for are detected just before.
            if std::arch::is_x86_feature_detected!("avx512f") {
                return unsafe { self.avx512() };
            }
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
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
