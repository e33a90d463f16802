//! Sums of outer products, *s\[t\]\[k\]\[n\] += Σ_p a\[p, tap t, k\] · y\[p\]\[n\]*: the gradient of the weights of
//! [`multiply()`](super::multiply()).

use super::multiply::beside_each_other;
use super::vector::Vector;
#[cfg(target_arch = "x86_64")]
use super::vector::{has_avx2, has_avx512};
use crate::Real;

/// Outputs in a tile. What is left over becomes half a tile where it fits, and is padded.
const LANES: usize = 16;
#[cfg(target_arch = "x86_64")]
const HALF: usize = LANES / 2;

/// Inputs of some rows that stay in the first cache while all tiles are summed over them.
const CACHED: usize = 4096;

/// The arguments of [`accumulate`].
#[derive(Clone, Copy)]
pub struct Products<'a, F> {
    /// Inputs a.
    pub input: &'a [F],
    /// Offset of each row's first element in the input.
    pub rows: &'a [u32],
    /// Offset of each tap from there.
    pub taps: &'a [u32],
    /// Inputs k of each row and tap.
    pub inputs: usize,
    /// Gradients y of the outputs.
    pub gradient: &'a [F],
    /// Offset of each row's first element in the gradients.
    pub places: &'a [u32],
    /// Outputs N.
    pub outputs: usize,
}

/// Adds the products of all rows to `sums`, taps × inputs × outputs.
///
/// # Panics
/// When an offset points outside its slice, or a length does not fit: the layers make them from their own shapes.
pub fn accumulate<F: Real>(products: &Products<'_, F>, sums: &mut [F]) {
    let Products { rows, taps, inputs, gradient, places, outputs, input } = *products;
    assert_eq!(places.len(), rows.len());
    assert_eq!(sums.len(), taps.len() * inputs * outputs);
    let greatest = |offsets: &[u32]| offsets.iter().fold(0, |most, &offset| most.max(offset as usize));
    assert!(
        rows.is_empty()
            || greatest(rows) + greatest(taps) + inputs <= input.len()
                && greatest(places) + outputs <= gradient.len()
    );
    if !sums.is_empty() {
        F::accumulate(Accumulation { products, sums });
    }
}

/// The arguments of [`accumulate()`], known to fit each other.
pub struct Accumulation<'a, F> {
    products: &'a Products<'a, F>,
    sums: &'a mut [F],
}

impl<F: Real> Accumulation<'_, F> {
    /// Any machine, left to the compiler.
    pub(crate) fn plain(self) {
        let Products { input, rows, taps, inputs, gradient, places, outputs } = *self.products;
        for (&tap, sums) in taps.iter().zip(self.sums.chunks_exact_mut(inputs * outputs)) {
            for (&row, &place) in rows.iter().zip(places) {
                let (a, y) =
                    (&input[(row + tap) as usize..][..inputs], &gradient[place as usize..][..outputs]);
                for (sums, &a) in sums.chunks_exact_mut(outputs).zip(a) {
                    sums.iter_mut().zip(y).for_each(|(sum, &y)| *sum += a * y);
                }
            }
        }
    }
}

impl Accumulation<'_, f32> {
    /// The registers of this machine.
    pub(crate) fn vectorised(self) {
        let Products { rows, taps, inputs, places, .. } = *self.products;
        let chunk = (CACHED / inputs).max(1);
        let mut merged = [0; 3];
        let (taps, inputs) = if beside_each_other(taps, inputs) {
            merged.iter_mut().zip(taps.iter().step_by(3)).for_each(|(tap, &first)| *tap = first);
            (&merged[..], 3 * inputs)
        } else {
            (taps, inputs)
        };
        for (rows, places) in rows.chunks(chunk).zip(places.chunks(chunk)) {
            let products = Products { rows, places, taps, inputs, ..*self.products };
            // SAFETY: `accumulate` has checked the offsets.
            unsafe { best(&products, self.sums) };
        }
    }
}

/// The tiles of this machine.
///
/// # Safety
/// The offsets must lie inside their slices.
unsafe fn best(products: &Products<'_, f32>, sums: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: the features that the functions are compiled for are detected just before.
        if has_avx512() {
            return unsafe { avx512(products, sums) };
        }
        if has_avx2() {
            return unsafe { avx2(products, sums) };
        }
    }
    // SAFETY: passed on.
    unsafe {
        for n in (0..products.outputs).step_by(LANES) {
            column::<Scalar, LANES, 4, 2>(products, n, sums);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512(products: &Products<'_, f32>, sums: &mut [f32]) {
    use core::arch::x86_64::{__m256, __m512};
    for n in (0..products.outputs).step_by(LANES) {
        // SAFETY: the function's own features; offsets as the caller checked.
        unsafe {
            if products.outputs - n > HALF {
                column::<__m512, 1, 12, 6>(products, n, sums);
            } else {
                column::<__m256, 1, 12, 6>(products, n, sums);
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(products: &Products<'_, f32>, sums: &mut [f32]) {
    use core::arch::x86_64::__m256;
    for n in (0..products.outputs).step_by(LANES) {
        // SAFETY: as above.
        unsafe {
            if products.outputs - n > HALF {
                column::<__m256, 2, 6, 3>(products, n, sums);
            } else {
                column::<__m256, 1, 12, 6>(products, n, sums);
            }
        }
    }
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

/// All sums of the outputs from `n` on, `DEEP` or `SHALLOW` inputs at a time.
///
/// # Safety
/// The machine must have the vectors' instructions, and the offsets must lie inside their slices.
#[inline(always)]
unsafe fn column<V: Vector, const VECTORS: usize, const DEEP: usize, const SHALLOW: usize>(
    products: &Products<'_, f32>,
    n: usize,
    sums: &mut [f32],
) {
    for t in 0..products.taps.len() {
        let mut done = 0;
        while done < products.inputs {
            // SAFETY: passed on.
            done = unsafe {
                if products.inputs >= DEEP && products.inputs - done > SHALLOW {
                    tile::<V, VECTORS, DEEP>(products, t, done, n, sums)
                } else if products.inputs >= SHALLOW {
                    tile::<V, VECTORS, SHALLOW>(products, t, done, n, sums)
                } else {
                    tile::<V, VECTORS, 1>(products, t, done, n, sums)
                }
            };
        }
    }
}

/// The sums of `DEPTH` inputs of a tap over all rows, in registers, when those of `done` inputs are there already; returns
/// how many are there then. The last tile is moved back until it is full.
#[inline(always)]
unsafe fn tile<V: Vector, const VECTORS: usize, const DEPTH: usize>(
    products: &Products<'_, f32>,
    t: usize,
    done: usize,
    n: usize,
    sums: &mut [f32],
) -> usize {
    let Products { input, rows, taps, inputs, gradient, places, outputs } = *products;
    let first = done.min(inputs - DEPTH);
    let lanes = VECTORS * V::LANES;
    let width = lanes.min(outputs - n);
    // Behind a row's outputs its lanes hold other numbers, whose sums are not stored; only the end must not be passed.
    let inside = |place: &u32| *place as usize + n + lanes <= gradient.len();
    let whole = if width == lanes { rows.len() } else { places.iter().take_while(|&p| inside(p)).count() };
    // SAFETY: offsets lie inside their slices, as the caller promises, and the tile inside the sums.
    unsafe {
        let mut local = [[V::splat(&0.0); VECTORS]; DEPTH];
        let input = input.as_ptr().add(taps[t] as usize + first);
        let gradients = gradient.as_ptr().add(n);
        for p in 0..whole {
            let y = gradients.add(*places.get_unchecked(p) as usize);
            add(&mut local, input.add(*rows.get_unchecked(p) as usize), y);
        }
        for p in whole..rows.len() {
            let mut copy = [0.0f32; LANES];
            copy[..width].copy_from_slice(&gradient[places[p] as usize + n..][..width]);
            add(&mut local, input.add(rows[p] as usize), copy.as_ptr());
        }
        for (r, row) in local.iter().enumerate().skip(done - first) {
            let target = &mut sums[(t * inputs + first + r) * outputs + n..][..width];
            if width == lanes {
                for (v, sum) in row.iter().enumerate() {
                    let to = target.as_mut_ptr().add(v * V::LANES);
                    sum.mul_add(V::splat(&1.0), V::load(to)).store(to);
                }
            } else {
                let mut copy = [0.0f32; LANES];
                for (v, sum) in row.iter().enumerate() {
                    sum.store(copy.as_mut_ptr().add(v * V::LANES));
                }
                target.iter_mut().zip(&copy).for_each(|(sum, &add)| *sum += add);
            }
        }
    }
    first + DEPTH
}

/// Adds the products of one row.
#[inline(always)]
unsafe fn add<V: Vector, const VECTORS: usize, const DEPTH: usize>(
    local: &mut [[V; VECTORS]; DEPTH],
    x: *const f32,
    y: *const f32,
) {
    // SAFETY: the caller's pointers reach to DEPTH inputs and VECTORS registers of outputs.
    unsafe {
        let y: [V; VECTORS] = std::array::from_fn(|v| V::load(y.add(v * V::LANES)));
        for (r, sums) in local.iter_mut().enumerate() {
            let value = V::splat(x.add(r));
            for (sum, &y) in sums.iter_mut().zip(&y) {
                *sum = value.mul_add(y, *sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares with the plain sums, for taps at the given offsets.
    fn check(outputs: usize, inputs: usize, count: usize, taps: &[u32]) {
        // Small whole numbers, so that every order of summation gives the same.
        let number = |i: usize| (i * 7 % 11) as f32 - 5.0;
        let rows: Vec<u32> = (0..count as u32).map(|p| p * 3).collect();
        let places: Vec<u32> = (0..count).map(|p| (p * (outputs + 1)) as u32).collect();
        let furthest = taps.iter().max().map_or(0, |&tap| tap as usize);
        let input: Vec<f32> = (0..count * 3 + furthest + inputs).map(number).collect();
        let gradient: Vec<f32> = (0..count * (outputs + 1)).map(|i| number(i + 2)).collect();
        let products = Products {
            input: &input,
            rows: &rows,
            taps,
            inputs,
            gradient: &gradient,
            places: &places,
            outputs,
        };
        let mut sums = vec![1.0; taps.len() * inputs * outputs];
        accumulate(&products, &mut sums);
        let widen = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
        let (input64, gradient64) = (widen(&input), widen(&gradient));
        let Products { rows, places, .. } = products;
        let products =
            Products { input: &input64, rows, taps, inputs, gradient: &gradient64, places, outputs };
        let mut sums64 = vec![1.0; sums.len()];
        accumulate(&products, &mut sums64);
        assert_eq!(sums64, widen(&sums));
        for (t, &tap) in taps.iter().enumerate() {
            for k in 0..inputs {
                for n in 0..outputs {
                    let product =
                        |p: usize| input[p * 3 + tap as usize + k] * gradient[p * (outputs + 1) + n];
                    let wanted = 1.0 + (0..count).map(product).sum::<f32>();
                    let got = sums[(t * inputs + k) * outputs + n];
                    assert_eq!(got, wanted, "{outputs} outputs, {inputs} inputs, {count} rows");
                }
            }
        }
    }

    #[test]
    fn every_shape_gives_the_plain_sums() {
        for (outputs, inputs, count) in
            [(1, 1, 1), (4, 13, 5), (16, 2, 7), (24, 12, 9), (48, 5, 3), (8, 32, 200), (20, 70, 150)]
        {
            check(outputs, inputs, count, &[0, 2, 9]);
            check(outputs, inputs, count, &[0]);
            // A 3×3 window whose rows lie in one piece each.
            check(
                outputs,
                inputs,
                count,
                &std::array::from_fn::<_, 9, _>(|t| (t / 3 * 250 + t % 3 * inputs) as u32),
            );
        }
    }
}
