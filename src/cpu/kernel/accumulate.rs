//! Sums of outer products, *s\[t\]\[k\]\[n\] += Σ_p a\[p, tap t, k\] · y\[p\]\[n\]*: the gradient of the weights of
//! [`multiply()`](super::multiply()).

use super::vector::Vector;

/// Outputs in a tile. What is left over becomes half a tile where it fits, and is padded.
const LANES: usize = 16;
const HALF: usize = LANES / 2;

/// The arguments of [`accumulate`].
#[derive(Clone, Copy)]
pub struct Products<'a> {
    /// Inputs a.
    pub input: &'a [f32],
    /// Offset of each row's first element in the input.
    pub rows: &'a [u32],
    /// Offset of each tap from there.
    pub taps: &'a [u32],
    /// Inputs k of each row and tap.
    pub inputs: usize,
    /// Gradients y of the outputs, row by row, N numbers each.
    pub gradient: &'a [f32],
    /// Outputs N.
    pub outputs: usize,
}

/// Adds the products of all rows to `sums`, taps × inputs × outputs.
///
/// # Panics
/// When an offset points outside the input, or a length does not fit: the layers make them from their own shapes.
pub fn accumulate(products: &Products<'_>, sums: &mut [f32]) {
    let Products { rows, taps, inputs, gradient, outputs, input } = *products;
    assert_eq!(gradient.len(), rows.len() * outputs);
    assert_eq!(sums.len(), taps.len() * inputs * outputs);
    let furthest = taps.iter().chain([&0]).fold(0, |most, &tap| most.max(tap as usize)) + inputs;
    assert!(rows.iter().all(|&row| row as usize + furthest <= input.len()));
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the features that the functions are compiled for are detected just before; lengths are checked above.
        if std::arch::is_x86_feature_detected!("avx512f") {
            return unsafe { avx512(products, sums) };
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            return unsafe { avx2(products, sums) };
        }
    }
    // SAFETY: lengths are checked above.
    unsafe { all::<Scalar, LANES, 4, Scalar, HALF>(products, sums) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512(products: &Products<'_>, sums: &mut [f32]) {
    use core::arch::x86_64::{__m256, __m512};
    // SAFETY: the function's own features; lengths as the caller checked.
    unsafe { all::<__m512, 1, 12, __m256, 1>(products, sums) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(products: &Products<'_>, sums: &mut [f32]) {
    use core::arch::x86_64::__m256;
    // SAFETY: as above.
    unsafe { all::<__m256, 2, 6, __m256, 1>(products, sums) }
}

/// One number at a time, where there are no registers of our own.
#[derive(Clone, Copy)]
struct Scalar(f32);

// SAFETY: touches one number.
unsafe impl Vector for Scalar {
    const LANES: usize = 1;
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        Self(unsafe { *from })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { *to = self.0 }
    }
    #[inline(always)]
    unsafe fn splat(from: *const f32) -> Self {
        Self(unsafe { *from })
    }
    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        Self(self.0 * factor.0 + sum.0)
    }
    #[inline(always)]
    unsafe fn relu(self) -> Self {
        Self(self.0.max(0.0))
    }
}

/// Every tile: `VECTORS` registers of `V` wide, or `HALVES` of `H` where half of that is enough.
///
/// # Safety
/// The machine must have the vectors' instructions, and the lengths must be as [`accumulate`] checks them.
#[inline(always)]
unsafe fn all<V: Vector, const VECTORS: usize, const DEPTH: usize, H: Vector, const HALVES: usize>(
    products: &Products<'_>,
    sums: &mut [f32],
) {
    for t in 0..products.taps.len() {
        for n in (0..products.outputs).step_by(LANES) {
            // SAFETY: passed on.
            unsafe {
                if products.outputs - n > HALF {
                    column::<V, VECTORS, DEPTH, LANES>(products, t, n, sums);
                } else {
                    column::<H, HALVES, 12, HALF>(products, t, n, sums);
                }
            }
        }
    }
}

/// Tiles of `DEPTH` inputs × `WIDTH` outputs from `n` on, for one tap; each is summed over all rows in registers.
#[inline(always)]
unsafe fn column<V: Vector, const VECTORS: usize, const DEPTH: usize, const WIDTH: usize>(
    products: &Products<'_>,
    t: usize,
    n: usize,
    sums: &mut [f32],
) {
    let Products { input, rows, taps, inputs, gradient, outputs } = *products;
    let width = WIDTH.min(outputs - n);
    for k in (0..inputs).step_by(DEPTH) {
        let depth = DEPTH.min(inputs - k);
        let mut tile = [[0.0f32; WIDTH]; DEPTH];
        // SAFETY: rows and taps stay inside the input, gradients inside theirs; a partial tile reads a copy.
        unsafe {
            let mut local = [[V::splat(&0.0); VECTORS]; DEPTH];
            // The last tile repeats its last input, whose sums are not taken.
            let offsets: [usize; DEPTH] = std::array::from_fn(|r| taps[t] as usize + k + r.min(depth - 1));
            for (p, &row) in rows.iter().enumerate() {
                let from = gradient.as_ptr().add(p * outputs + n);
                let mut copy = [0.0f32; WIDTH];
                let from = if width == WIDTH {
                    from
                } else {
                    copy[..width].copy_from_slice(std::slice::from_raw_parts(from, width));
                    copy.as_ptr()
                };
                let y: [V; VECTORS] = std::array::from_fn(|v| V::load(from.add(v * V::LANES)));
                let x = input.as_ptr().add(row as usize);
                for r in 0..DEPTH {
                    let value = V::splat(x.add(offsets[r]));
                    for v in 0..VECTORS {
                        local[r][v] = value.mul_add(y[v], local[r][v]);
                    }
                }
            }
            for (sums, row) in tile.iter_mut().zip(&local) {
                for (v, sum) in row.iter().enumerate() {
                    sum.store(sums.as_mut_ptr().add(v * V::LANES));
                }
            }
        }
        for (r, tile) in tile.iter().enumerate().take(depth) {
            let target = &mut sums[(t * inputs + k + r) * outputs + n..][..width];
            target.iter_mut().zip(tile).for_each(|(sum, &add)| *sum += add);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_gives_the_plain_sums() {
        // Small whole numbers, so that every order of summation gives the same.
        let number = |i: usize| (i * 7 % 11) as f32 - 5.0;
        for (outputs, inputs, count) in [(1, 1, 1), (4, 13, 5), (16, 2, 7), (24, 12, 9), (48, 5, 3)] {
            let taps = [0u32, 2, 9];
            let rows: Vec<u32> = (0..count as u32).map(|p| p * 3).collect();
            let input: Vec<f32> = (0..count * 3 + 9 + inputs).map(number).collect();
            let gradient: Vec<f32> = (0..count * outputs).map(|i| number(i + 2)).collect();
            let products =
                Products { input: &input, rows: &rows, taps: &taps, inputs, gradient: &gradient, outputs };
            let mut sums = vec![1.0; 3 * inputs * outputs];
            accumulate(&products, &mut sums);
            for (t, &tap) in taps.iter().enumerate() {
                for k in 0..inputs {
                    for n in 0..outputs {
                        let product = |p: usize| input[p * 3 + tap as usize + k] * gradient[p * outputs + n];
                        let wanted = 1.0 + (0..count).map(product).sum::<f32>();
                        assert_eq!(
                            sums[(t * inputs + k) * outputs + n],
                            wanted,
                            "{outputs} {inputs} {count}"
                        );
                    }
                }
            }
        }
    }
}
