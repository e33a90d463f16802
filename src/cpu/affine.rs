//! The affine map at the heart of every coupling, y = x·e^ℓ + t with ℓ the clamped scale, and its inverse.
//!
//! The scales are gathered first, so that clamp and exponential run over numbers that lie side by side.

use super::kernel::{Loops, wide};
use crate::Real;

/// Sums of log-dets are kept apart by position, which lets them be taken several at once.
const SUMS: usize = 8;

/// The numbers that a coupling transforms: `width` of them from `first` on in every `step` of `map`.
pub(super) struct Part<'a, F> {
    /// Maps or latents.
    pub map: &'a mut [F],
    /// Numbers from one pixel (or latent) to the next.
    pub step: usize,
    /// The first number of each.
    pub first: usize,
    /// How many of each.
    pub width: usize,
}

/// Encodes in place: x ← x·e^ℓ + t with ℓ = `clamp`(s); returns Σℓ in nats.
///
/// `a` holds `width` scales s, then `width` shifts t of each pixel; `logs` is a buffer.
pub(super) fn affine<F: Real>(part: Part<'_, F>, a: &[F], logs: &mut Vec<F>, clamp: impl Fn(F) -> F) -> f64 {
    gather(a, part.width, logs);
    let mut sums = [0.0f64; SUMS];
    wide(Forward { logs, sums: &mut sums, clamp });
    for_each(part, a, logs, |x, e, t| *x = *x * e + t);
    sums.iter().sum()
}

/// Decodes in place: y ← (y − t)·e^−ℓ; arguments as for [`affine`].
pub(super) fn unaffine<F: Real>(part: Part<'_, F>, a: &[F], logs: &mut Vec<F>, clamp: impl Fn(F) -> F) {
    gather(a, part.width, logs);
    wide(Inverse { logs, clamp });
    for_each(part, a, logs, |y, e, t| *y = (*y - t) * e);
}

/// s → e^ℓ, and Σℓ.
struct Forward<'a, F, C> {
    logs: &'a mut [F],
    sums: &'a mut [f64; SUMS],
    clamp: C,
}

impl<F: Real, C: Fn(F) -> F> Loops for Forward<'_, F, C> {
    #[inline(always)]
    fn run(self) {
        let Self { logs, sums, clamp } = self;
        for s in &mut *logs {
            *s = clamp(*s);
        }
        let (whole, rest) = logs.as_chunks::<SUMS>();
        for chunk in whole {
            for (sum, l) in sums.iter_mut().zip(chunk) {
                *sum += l.to_f64();
            }
        }
        for (sum, l) in sums.iter_mut().zip(rest) {
            *sum += l.to_f64();
        }
        for l in logs {
            *l = l.exp();
        }
    }
}

/// s → e^−ℓ.
struct Inverse<'a, F, C> {
    logs: &'a mut [F],
    clamp: C,
}

impl<F: Real, C: Fn(F) -> F> Loops for Inverse<'_, F, C> {
    #[inline(always)]
    fn run(self) {
        let Self { logs, clamp } = self;
        for s in logs {
            *s = (-clamp(*s)).exp();
        }
    }
}

fn gather<F: Real>(a: &[F], width: usize, logs: &mut Vec<F>) {
    logs.clear();
    a.chunks_exact(2 * width).for_each(|pixel| logs.extend_from_slice(&pixel[..width]));
}

/// Calls `f` with each number, its factor and its shift.
fn for_each<F: Real>(part: Part<'_, F>, a: &[F], factors: &[F], f: impl Fn(&mut F, F, F)) {
    let Part { map, step, first, width } = part;
    let pixels = map.chunks_exact_mut(step).zip(a.chunks_exact(2 * width)).zip(factors.chunks_exact(width));
    for ((x, a), factors) in pixels {
        for ((x, &t), &e) in x[first..first + width].iter_mut().zip(&a[width..]).zip(factors) {
            f(x, e, t);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clamp(slope: f64) -> impl Fn(f64) -> f64 {
        move |s| 0.7 * (slope * s).tanh()
    }

    fn whole(map: &mut [f64]) -> Part<'_, f64> {
        let width = map.len();
        Part { map, step: width, first: 0, width }
    }

    #[test]
    fn matches_the_hand_computed_values() {
        let (mut x, mut logs) = ([2.0], Vec::new());
        let log_det = affine(whole(&mut x), &[1.0, 0.5], &mut logs, clamp(0.1));
        assert!((log_det - 0.069_767_596_2).abs() < 1e-10);
        assert!((x[0] - (2.0 * 1.072_258_955_2 + 0.5)).abs() < 1e-9);
        unaffine(whole(&mut x), &[1.0, 0.5], &mut logs, clamp(0.1));
        assert!((x[0] - 2.0).abs() < 1e-14);
        let mut y = [0.0];
        let log_det = affine(whole(&mut y), &[1.0, 0.0], &mut logs, clamp(0.2));
        assert!((log_det - 0.138_162_724_2).abs() < 1e-10);
        for (a, factor) in [(1e9, 2.013_752_7), (-1e9, 0.496_585_3)] {
            let mut x = [1.0];
            affine(whole(&mut x), &[a, 0.0], &mut logs, clamp(0.1));
            assert!((x[0] - factor).abs() < 1e-7);
        }
    }

    #[test]
    fn touches_only_its_part_and_sums_over_all_of_them() {
        // 13 pixels of 3 numbers, the last of which is transformed: ℓ = s here.
        let mut map: Vec<f64> = (0..39).map(f64::from).collect();
        let a: Vec<f64> = (0..13).flat_map(|p| [0.01 * f64::from(p), 100.0]).collect();
        let (before, mut logs) = (map.clone(), Vec::new());
        let log_det = affine(Part { map: &mut map, step: 3, first: 2, width: 1 }, &a, &mut logs, |s| s);
        assert!((log_det - 0.78).abs() < 1e-12);
        for (i, (after, before)) in map.iter().zip(&before).enumerate() {
            let wanted = if i % 3 == 2 { before * (0.01 * (i / 3) as f64).exp() + 100.0 } else { *before };
            assert!((after - wanted).abs() < 1e-12, "{i}");
        }
        unaffine(Part { map: &mut map, step: 3, first: 2, width: 1 }, &a, &mut logs, |s| s);
        assert!(map.iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}
