//! Rows of inputs times a packed matrix: *out\[p\]\[n\] = b\[n\] + Σ_t Σ_k a\[p, tap t, k\] · w\[t, k, n\]*, with p running
//! over pixels (or images, for linear layers) and t over the 9 or 1 taps.

use super::vector::Vector;
use crate::Real;

/// Outputs in a panel of the matrix. What is left over when they are cut into panels becomes half a panel where it fits.
const LANES: usize = if cfg!(target_arch = "x86_64") { 16 } else { 8 };
const HALF: usize = LANES / 2;

/// A matrix (taps · inputs) × outputs with its bias, packed in panels.
pub struct Packed<F> {
    panels: Vec<F>,
    bias: Vec<F>,
    taps: usize,
    inputs: usize,
    outputs: usize,
}

/// First output and lanes of each panel.
fn panels(outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..outputs.div_ceil(LANES))
        .map(move |i| (i * LANES, if outputs - i * LANES > HALF { LANES } else { HALF }))
}

impl<F: Real> Packed<F> {
    /// Packs the weights that `weight` gives for (output, input, tap), and one bias an output.
    pub fn from_fn(
        bias: &[F],
        inputs: usize,
        taps: usize,
        weight: impl Fn(usize, usize, usize) -> F,
    ) -> Self {
        let outputs = bias.len();
        let mut packed = Vec::with_capacity(outputs.next_multiple_of(HALF) * inputs * taps);
        for (first, lanes) in panels(outputs) {
            for tap in 0..taps {
                for k in 0..inputs {
                    packed.extend(
                        (first..first + lanes)
                            .map(|n| if n < outputs { weight(n, k, tap) } else { F::default() }),
                    );
                }
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(outputs.next_multiple_of(LANES), F::default());
        Self { panels: packed, bias, taps, inputs, outputs }
    }

    /// Packs `weight`, row-major (outputs, inputs, taps) as convolution and linear weights are, and `bias`.
    pub fn new(weight: &[F], bias: &[F], inputs: usize, taps: usize) -> Self {
        Self::from_fn(bias, inputs, taps, |n, k, tap| weight[(n * inputs + k) * taps + tap])
    }

    /// Number of outputs per row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

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
    F::multiply(Multiplication { matrix, input, rows, output, relu });
}

/// The arguments of [`multiply`].
pub struct Multiplication<'a, F> {
    matrix: &'a Packed<F>,
    input: &'a [F],
    rows: &'a Rows<'a>,
    output: &'a mut [F],
    relu: bool,
}

/// A tile of sums: `LANES` outputs of `ROWS` rows.
trait Tile<F> {
    /// Outputs.
    const LANES: usize;
    /// Rows.
    const ROWS: usize;

    /// Adds the products of `depth` inputs of each row, `inputs[r]` on, with the panel's weights to `sums`, `ROWS` × `LANES`.
    ///
    /// # Safety
    /// Each input must have `depth` numbers, the weights `depth` · `LANES`, and the machine the tile's instructions.
    unsafe fn add(
        sums: &mut [F],
        taps: impl Iterator<Item = usize>,
        inputs: &[*const F],
        weights: &[F],
        depth: usize,
    );
}

impl<F: Real> Multiplication<'_, F> {
    /// Any machine, left to the compiler.
    pub(crate) fn plain(mut self) {
        // SAFETY: needs no instructions.
        unsafe { self.run::<Plain<LANES>, Plain<HALF>>() }
    }

    /// Panels with the tile `T`, half a panel with the tile `H`.
    ///
    /// # Safety
    /// The machine must have the tiles' instructions.
    #[inline(always)]
    unsafe fn run<T: Tile<F>, H: Tile<F>>(&mut self) {
        let mut weights = self.matrix.panels.as_slice();
        for (first, lanes) in panels(self.matrix.outputs) {
            let (panel, rest) = weights.split_at(self.matrix.taps * self.matrix.inputs * lanes);
            weights = rest;
            // SAFETY: passed on.
            unsafe {
                if lanes == T::LANES { self.panel::<T>(first, panel) } else { self.panel::<H>(first, panel) }
            }
        }
    }

    #[inline(always)]
    unsafe fn panel<T: Tile<F>>(&mut self, first: usize, weights: &[F]) {
        let Self { matrix, input, rows, .. } = self;
        let depth = matrix.inputs;
        let width = T::LANES.min(matrix.outputs - first);
        let bias = &matrix.bias[first..first + T::LANES];
        let furthest = rows.taps.iter().max().map_or(0, |&tap| tap as usize) + depth;
        let mut sums = [F::default(); 16 * 16];
        let sums = &mut sums[..T::ROWS * T::LANES];
        for start in (0..rows.input.len()).step_by(T::ROWS) {
            let count = T::ROWS.min(rows.input.len() - start);
            // The last tile repeats its last row: one kernel for all, and only real rows are stored.
            let inputs: [*const F; 16] = std::array::from_fn(|r| {
                let offset = rows.input[start + r.min(count - 1)] as usize;
                input[offset..offset + furthest].as_ptr()
            });
            sums.chunks_exact_mut(T::LANES).for_each(|sum| sum.copy_from_slice(bias));
            // SAFETY: every input has been sliced to the furthest tap's end, and a panel holds taps · depth rows of weights.
            unsafe {
                T::add(sums, rows.taps.iter().map(|&tap| tap as usize), &inputs[..T::ROWS], weights, depth)
            };
            for (r, sum) in sums.chunks_exact(T::LANES).enumerate().take(count) {
                let target = &mut self.output[rows.output[start + r] as usize + first..][..width];
                for (out, value) in target.iter_mut().zip(sum) {
                    *out = if self.relu { value.relu() } else { *value };
                }
            }
        }
    }
}

/// A tile that the compiler vectorises, small enough for it to keep in registers.
struct Plain<const LANES: usize>;

impl<F: Real, const L: usize> Tile<F> for Plain<L> {
    const LANES: usize = L;
    const ROWS: usize = 4;

    #[inline(always)]
    unsafe fn add(
        sums: &mut [F],
        taps: impl Iterator<Item = usize>,
        inputs: &[*const F],
        weights: &[F],
        depth: usize,
    ) {
        let (sums, _) = sums.as_chunks_mut::<L>();
        let Ok(target) = <&mut [[F; L]; 4]>::try_from(sums) else { return };
        let mut local = *target;
        for (tap, weights) in taps.zip(weights.chunks_exact(depth * L)) {
            for (k, weight) in weights.as_chunks::<L>().0.iter().enumerate() {
                for (sum, input) in local.iter_mut().zip(inputs) {
                    // SAFETY: the caller's inputs reach to tap + depth.
                    let value = unsafe { *input.add(tap + k) };
                    for (s, w) in sum.iter_mut().zip(weight) {
                        *s = value * *w + *s;
                    }
                }
            }
        }
        *target = local;
    }
}

/// A tile of `ROWS` × `VECTORS` registers.
struct Registers<V, const VECTORS: usize, const ROWS: usize>(std::marker::PhantomData<V>);

impl<V: Vector, const VECTORS: usize, const ROWS: usize> Tile<f32> for Registers<V, VECTORS, ROWS> {
    const LANES: usize = VECTORS * V::LANES;
    const ROWS: usize = ROWS;

    #[inline(always)]
    unsafe fn add(
        sums: &mut [f32],
        taps: impl Iterator<Item = usize>,
        inputs: &[*const f32],
        weights: &[f32],
        depth: usize,
    ) {
        // SAFETY: `sums` holds ROWS · LANES numbers, the weights depth · LANES for each tap, and the inputs reach to
        // tap + depth, as the caller promises.
        unsafe {
            let at = |r: usize, v: usize| r * Self::LANES + v * V::LANES;
            let from = sums.as_ptr();
            let mut local: [[V; VECTORS]; ROWS] =
                std::array::from_fn(|r| std::array::from_fn(|v| V::load(from.add(at(r, v)))));
            let inputs: [*const f32; ROWS] = std::array::from_fn(|r| *inputs.get_unchecked(r));
            let mut weight = weights.as_ptr();
            for tap in taps {
                for k in tap..tap + depth {
                    let w: [V; VECTORS] = std::array::from_fn(|v| V::load(weight.add(v * V::LANES)));
                    weight = weight.add(Self::LANES);
                    for r in 0..ROWS {
                        let value = V::splat(*inputs[r].add(k));
                        for v in 0..VECTORS {
                            local[r][v] = value.mul_add(w[v], local[r][v]);
                        }
                    }
                }
            }
            let to = sums.as_mut_ptr();
            for (r, row) in local.iter().enumerate() {
                for (v, sum) in row.iter().enumerate() {
                    sum.store(to.add(at(r, v)));
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
        {
            use core::arch::wasm32::v128;
            // Machines with as few as 16 registers run it. SAFETY: compiled with the feature.
            return unsafe { self.run::<Registers<v128, 2, 4>, Registers<v128, 1, 8>>() };
        }
        #[allow(unreachable_code, reason = "where the feature is always there")]
        self.plain();
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx2,fma")]
    fn avx512(&mut self) {
        use core::arch::x86_64::{__m256, __m512};
        // SAFETY: the function's own features.
        unsafe { self.run::<Registers<__m512, 1, 12>, Registers<__m256, 1, 12>>() };
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn avx2(&mut self) {
        use core::arch::x86_64::__m256;
        // SAFETY: the function's own features.
        unsafe { self.run::<Registers<__m256, 2, 6>, Registers<__m256, 1, 12>>() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, so that every order of summation gives the same.
    fn number(i: usize) -> f32 {
        (i * 7 % 11) as f32 - 5.0
    }

    #[test]
    fn every_shape_gives_the_plain_sums() {
        for (outputs, inputs, count) in
            [(1, 1, 1), (4, 3, 5), (8, 2, 13), (9, 5, 12), (24, 6, 25), (48, 7, 11)]
        {
            let taps = [0u32, 3, 10];
            let weight: Vec<f32> = (0..outputs * inputs * 3).map(number).collect();
            let bias: Vec<f32> = (0..outputs).map(|n| number(n + 3)).collect();
            let input: Vec<f32> = (0..count * 4 + 10 + inputs).map(|i| number(i + 1)).collect();
            let input_rows: Vec<u32> = (0..count as u32).map(|p| p * 4).collect();
            let output_rows: Vec<u32> = (0..count).map(|p| (p * (outputs + 1)) as u32).collect();
            let rows = Rows { input: &input_rows, taps: &taps, output: &output_rows };
            for relu in [false, true] {
                let mut wanted = vec![-99.0; count * (outputs + 1)];
                for p in 0..count {
                    for n in 0..outputs {
                        let mut sum = bias[n];
                        for (t, &tap) in taps.iter().enumerate() {
                            for k in 0..inputs {
                                sum += input[p * 4 + tap as usize + k] * weight[(n * inputs + k) * 3 + t];
                            }
                        }
                        wanted[p * (outputs + 1) + n] = if relu { sum.max(0.0) } else { sum };
                    }
                }
                let packed = Packed::new(&weight, &bias, inputs, 3);
                let mut got = vec![-99.0; wanted.len()];
                multiply(&packed, &input, &rows, &mut got, relu);
                assert_eq!(got, wanted, "{outputs} outputs, {inputs} inputs, {count} rows");

                let widen = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
                let packed = Packed::new(&widen(&weight), &widen(&bias), inputs, 3);
                let mut got = vec![-99.0; wanted.len()];
                multiply(&packed, &widen(&input), &rows, &mut got, relu);
                assert_eq!(got, widen(&wanted));
            }
        }
    }
}
