//! The one arithmetic kernel of the CPU executor: rows of inputs times a packed matrix.
//!
//! A convolution, a channel mixing and a linear layer are all *out\[p\]\[n\] = Σ_t Σ_k a\[p, tap t, k\] · w\[t, k, n\]*, with
//! p running over pixels (or images, for linear layers) and t over the 9 or 1 taps. A tile of rows by eight outputs
//! is kept in registers; the compiler vectorises the inner loops for whatever the target has.

use crate::Real;

/// Outputs in a register tile.
const LANES: usize = 8;
/// Rows in a register tile: as many as the registers hold. Wasm has four lanes, on machines with as few as 16.
const ROWS: usize = if cfg!(target_family = "wasm") { 4 } else { 8 };

/// How the sum is rounded: once per step where the machine has fused multiply-add, twice where it has not.
trait MulAdd<F> {
    fn mul_add(a: F, b: F, sum: F) -> F;
}

struct Plain;

impl<F: Real> MulAdd<F> for Plain {
    #[inline(always)]
    fn mul_add(a: F, b: F, sum: F) -> F {
        a * b + sum
    }
}

#[cfg(target_arch = "x86_64")]
struct Fused;

#[cfg(target_arch = "x86_64")]
impl<F: Real> MulAdd<F> for Fused {
    #[inline(always)]
    fn mul_add(a: F, b: F, sum: F) -> F {
        a.mul_add(b, sum)
    }
}

/// A matrix (taps · inputs) × outputs with its bias, packed in panels of `LANES` outputs.
pub(super) struct Packed<F> {
    panels: Vec<F>,
    bias: Vec<F>,
    taps: usize,
    inputs: usize,
    outputs: usize,
}

impl<F: Real> Packed<F> {
    /// Packs `weight`, row-major (outputs, inputs, taps) as convolution and linear weights are, and `bias`.
    pub fn new(weight: &[F], bias: &[F], inputs: usize, taps: usize) -> Self {
        let outputs = bias.len();
        let mut panels = Vec::with_capacity(outputs.next_multiple_of(LANES) * inputs * taps);
        for panel in 0..outputs.div_ceil(LANES) {
            for tap in 0..taps {
                for k in 0..inputs {
                    panels.extend((panel * LANES..(panel + 1) * LANES).map(|n| {
                        if n < outputs { weight[(n * inputs + k) * taps + tap] } else { F::default() }
                    }));
                }
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(outputs.next_multiple_of(LANES), F::default());
        Self { panels, bias, taps, inputs, outputs }
    }

    /// Number of outputs per row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

/// Where the rows of the input lie, and where the outputs go.
pub(super) struct Rows<'a> {
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
pub(super) fn multiply<F: Real>(
    matrix: &Packed<F>,
    input: &[F],
    rows: &Rows<'_>,
    output: &mut [F],
    relu: bool,
) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
        // SAFETY: the features that the function was compiled for were detected just above.
        unsafe { multiply_avx2(matrix, input, rows, output, relu) };
        return;
    }
    multiply_with::<F, Plain>(matrix, input, rows, output, relu);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_avx2<F: Real>(matrix: &Packed<F>, input: &[F], rows: &Rows<'_>, output: &mut [F], relu: bool) {
    multiply_with::<F, Fused>(matrix, input, rows, output, relu);
}

#[inline(always)]
fn multiply_with<F: Real, M: MulAdd<F>>(
    matrix: &Packed<F>,
    input: &[F],
    rows: &Rows<'_>,
    output: &mut [F],
    relu: bool,
) {
    let depth = matrix.inputs * LANES;
    let per_panel = matrix.taps * depth;
    for (panel, weights) in matrix.panels.chunks_exact(per_panel).enumerate() {
        let first = panel * LANES;
        let width = LANES.min(matrix.outputs - first);
        let mut bias = [F::default(); LANES];
        bias.copy_from_slice(&matrix.bias[first..first + LANES]);
        for start in (0..rows.input.len()).step_by(ROWS) {
            let count = ROWS.min(rows.input.len() - start);
            // The last tile repeats its last row: one kernel for all, and only real rows are stored.
            let row = |r: usize| rows.input[start + r.min(count - 1)] as usize;
            let mut sums = [bias; ROWS];
            for (tap, weights) in rows.taps.iter().zip(weights.chunks_exact(depth)) {
                let inputs: [&[F]; ROWS] =
                    std::array::from_fn(|r| &input[row(r) + *tap as usize..][..matrix.inputs]);
                tile::<F, M>(&mut sums, &inputs, weights);
            }
            for (r, sum) in sums.iter().enumerate().take(count) {
                let target = &mut output[rows.output[start + r] as usize + first..][..width];
                for (out, value) in target.iter_mut().zip(sum) {
                    *out = if relu { value.relu() } else { *value };
                }
            }
        }
    }
}

#[inline(always)]
fn tile<F: Real, M: MulAdd<F>>(sums: &mut [[F; LANES]; ROWS], inputs: &[&[F]; ROWS], weights: &[F]) {
    let mut local = *sums;
    for (k, weight) in weights.as_chunks::<LANES>().0.iter().enumerate() {
        for (sum, input) in local.iter_mut().zip(inputs) {
            // The layers cut every input slice to the panel's depth.
            let value = input[k];
            for (s, w) in sum.iter_mut().zip(weight) {
                *s = M::mul_add(value, *w, *s);
            }
        }
    }
    *sums = local;
}
