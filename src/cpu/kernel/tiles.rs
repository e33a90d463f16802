//! Tiles of sums that stay in registers while inputs and weights stream past, for each kind of machine.

use super::vector::Vector;
use crate::Real;

/// One panel of the matrix, for all rows.
pub(super) struct Panel<'a, F> {
    /// (taps · depth) × lanes.
    pub weights: *const F,
    /// Lanes.
    pub bias: *const F,
    /// Outputs that are stored: all lanes but those of padding.
    pub width: usize,
    pub input: *const F,
    pub rows: &'a [u32],
    pub taps: &'a [u32],
    pub depth: usize,
    /// The panel's first output of the row at offset 0.
    pub output: *mut F,
    pub places: &'a [u32],
    pub relu: bool,
}

/// The tiles of one kind of machine.
pub(super) trait Tiles<F> {
    /// Computes a panel of `lanes` outputs, one of the numbers that [`super::packed`] cuts matrices into.
    ///
    /// # Safety
    /// The panel's pointers and offsets must be those of a [`Multiplication`], and the machine must have the tiles'
    /// instructions.
    unsafe fn panel(lanes: usize, panel: &Panel<'_, F>);
}

/// Tiles that the compiler vectorises.
pub(super) struct Plain;

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
pub(super) mod x86 {
    use super::{Panel, Tiles, registers};
    use core::arch::x86_64::{__m256, __m512};

    /// 32 registers of 16 numbers.
    pub struct Avx512;
    /// 16 registers of 8 numbers.
    pub struct Avx2;

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
pub(super) mod wasm {
    use super::{Panel, Tiles, registers};
    use core::arch::wasm32::v128;

    /// Registers of 4 numbers, on machines with as few as 16 of them.
    pub struct Simd128;

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
