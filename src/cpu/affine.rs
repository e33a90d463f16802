//! The affine map at the heart of every coupling, y = x·e^ℓ + t with ℓ the clamped scale, its inverse and its gradients.
//!
//! The scales are gathered first, so that clamp and exponential run over numbers that lie side by side.

use super::kernel::{Loops, wide};
use super::scratch::grown;
use crate::Real;
use crate::spec::element::{Coupling, Dense};

/// Sums of log-dets are kept apart by position, which lets them be taken several at once.
const SUMS: usize = 8;

/// What keeps the logarithm ℓ of a factor within bounds.
pub(super) trait Clamp<F>: Copy {
    /// ℓ(s).
    fn log_factor(self, s: F) -> F;
    /// dℓ/ds, given s and ℓ(s).
    fn slope(self, s: F, log_factor: F) -> F;
}

/// ℓ = b·tanh(k·s) with b = 0.7, of the convolutional couplings (method §2.2); dℓ/ds = k·(b − ℓ²/b).
#[derive(Clone, Copy)]
pub(super) struct Tanh<F> {
    bound: F,
    inverse_bound: F,
    slope: F,
}

impl<F: Real> Tanh<F> {
    /// With the factor k.
    pub fn new(slope: f64) -> Self {
        let bound = Coupling::CLAMP_BOUND;
        Self { bound: F::from_f64(bound), inverse_bound: F::from_f64(1.0 / bound), slope: F::from_f64(slope) }
    }
}

impl<F: Real> Clamp<F> for Tanh<F> {
    #[inline(always)]
    fn log_factor(self, s: F) -> F {
        self.bound * (self.slope * s).tanh()
    }
    #[inline(always)]
    fn slope(self, _: F, log_factor: F) -> F {
        self.slope * (self.bound - log_factor * log_factor * self.inverse_bound)
    }
}

/// ℓ = E(s) = f·arctan(s/2) with f = 1.272, of the dense coupling (method §2.6); dℓ/ds = f/2 / (1 + s²/4).
#[derive(Clone, Copy)]
pub(super) struct Arctan;

impl<F: Real> Clamp<F> for Arctan {
    #[inline(always)]
    fn log_factor(self, s: F) -> F {
        F::from_f64(Dense::CLAMP_FACTOR) * (F::from_f64(0.5) * s).atan()
    }
    #[inline(always)]
    fn slope(self, s: F, _: F) -> F {
        F::from_f64(Dense::CLAMP_FACTOR / 2.0) / (F::from_f64(1.0) + F::from_f64(0.25) * s * s)
    }
}

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

/// Encodes in place: x ← x·e^ℓ + t; returns Σℓ in nats.
///
/// `a` holds `width` scales s, then `width` shifts t of each pixel; `logs` is a buffer.
pub(super) fn affine<F: Real>(part: Part<'_, F>, a: &[F], logs: &mut Vec<F>, clamp: impl Clamp<F>) -> f64 {
    gather(a, part.width, logs);
    let mut sums = [0.0f64; SUMS];
    wide(Forward { logs, sums: &mut sums, clamp });
    for_each(part, a, logs, |x, e, t| *x = *x * e + t);
    sums.iter().sum()
}

/// Decodes in place: y ← (y − t)·e^−ℓ; arguments as for [`affine`].
pub(super) fn unaffine<F: Real>(part: Part<'_, F>, a: &[F], logs: &mut Vec<F>, clamp: impl Clamp<F>) {
    gather(a, part.width, logs);
    wide(Inverse { logs, clamp });
    for_each(part, a, logs, |y, e, t| *y = (*y - t) * e);
}

/// Where [`affine_backward`] computes.
pub(super) struct AffineBuffers<'a, F> {
    /// Factors e^ℓ.
    pub logs: &'a mut Vec<F>,
    /// Slopes dℓ/ds.
    pub slopes: &'a mut Vec<F>,
}

/// The gradients of [`affine`]. The part `d` holds that of y and becomes that of x; `x` lies as `d` does, and is what came
/// in; `da` becomes those of scales and shifts, which lie as in `a`; `log_det` is that of Σℓ:
///
/// *dx = dy·e^ℓ*, *dt = dy*, *ds = (dy·x·e^ℓ + dΣℓ)·dℓ/ds*.
pub(super) fn affine_backward<F: Real>(
    d: Part<'_, F>,
    x: &[F],
    (a, da): (&[F], &mut [F]),
    log_det: F,
    buffers: AffineBuffers<'_, F>,
    clamp: impl Clamp<F>,
) {
    let Part { map: d, step, first, width } = d;
    let AffineBuffers { logs, slopes } = buffers;
    gather(a, width, logs);
    let slopes = grown(slopes, logs.len());
    wide(Slopes { logs, slopes, clamp });
    let numbers = logs.chunks_exact(width).zip(slopes.chunks_exact(width));
    let pixels = d.chunks_exact_mut(step).zip(x.chunks_exact(step)).zip(da.chunks_exact_mut(2 * width));
    for (((d, x), da), (factors, slopes)) in pixels.zip(numbers) {
        let (d, x) = (&mut d[first..first + width], &x[first..first + width]);
        let (ds, dt) = da.split_at_mut(width);
        dt.copy_from_slice(d);
        for i in 0..width {
            let dx = d[i] * factors[i];
            ds[i] = (dx * x[i] + log_det) * slopes[i];
            d[i] = dx;
        }
    }
}

/// s → e^ℓ, and dℓ/ds.
struct Slopes<'a, F, C> {
    logs: &'a mut [F],
    slopes: &'a mut [F],
    clamp: C,
}

impl<F: Real, C: Clamp<F>> Loops for Slopes<'_, F, C> {
    #[inline(always)]
    fn run(self) {
        let Self { logs, slopes, clamp } = self;
        for (s, slope) in logs.iter_mut().zip(slopes) {
            let log_factor = clamp.log_factor(*s);
            *slope = clamp.slope(*s, log_factor);
            *s = log_factor.exp();
        }
    }
}

/// s → e^ℓ, and Σℓ.
struct Forward<'a, F, C> {
    logs: &'a mut [F],
    sums: &'a mut [f64; SUMS],
    clamp: C,
}

impl<F: Real, C: Clamp<F>> Loops for Forward<'_, F, C> {
    #[inline(always)]
    fn run(self) {
        let Self { logs, sums, clamp } = self;
        for s in &mut *logs {
            *s = clamp.log_factor(*s);
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

impl<F: Real, C: Clamp<F>> Loops for Inverse<'_, F, C> {
    #[inline(always)]
    fn run(self) {
        let Self { logs, clamp } = self;
        for s in logs {
            *s = (-clamp.log_factor(*s)).exp();
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

    /// ℓ = s.
    #[derive(Clone, Copy)]
    struct Unclamped;

    impl Clamp<f64> for Unclamped {
        fn log_factor(self, s: f64) -> f64 {
            s
        }
        fn slope(self, _: f64, _: f64) -> f64 {
            1.0
        }
    }

    fn whole(map: &mut [f64]) -> Part<'_, f64> {
        let width = map.len();
        Part { map, step: width, first: 0, width }
    }

    #[test]
    fn matches_the_hand_computed_values() {
        let (mut x, mut logs) = ([2.0], Vec::new());
        let log_det = affine(whole(&mut x), &[1.0, 0.5], &mut logs, Tanh::new(0.1));
        assert!((log_det - 0.069_767_596_2).abs() < 1e-10);
        assert!((x[0] - (2.0 * 1.072_258_955_2 + 0.5)).abs() < 1e-9);
        unaffine(whole(&mut x), &[1.0, 0.5], &mut logs, Tanh::new(0.1));
        assert!((x[0] - 2.0).abs() < 1e-14);
        let mut y = [0.0];
        let log_det = affine(whole(&mut y), &[1.0, 0.0], &mut logs, Tanh::new(0.2));
        assert!((log_det - 0.138_162_724_2).abs() < 1e-10);
        for (a, factor) in [(1e9, 2.013_752_7), (-1e9, 0.496_585_3)] {
            let mut x = [1.0];
            affine(whole(&mut x), &[a, 0.0], &mut logs, Tanh::new(0.1));
            assert!((x[0] - factor).abs() < 1e-7);
        }
    }

    #[test]
    fn touches_only_its_part_and_sums_over_all_of_them() {
        // 13 pixels of 3 numbers, the last of which is transformed: ℓ = s here.
        let mut map: Vec<f64> = (0..39).map(f64::from).collect();
        let a: Vec<f64> = (0..13).flat_map(|p| [0.01 * f64::from(p), 100.0]).collect();
        let (before, mut logs) = (map.clone(), Vec::new());
        let log_det = affine(Part { map: &mut map, step: 3, first: 2, width: 1 }, &a, &mut logs, Unclamped);
        assert!((log_det - 0.78).abs() < 1e-12);
        for (i, (after, before)) in map.iter().zip(&before).enumerate() {
            let wanted = if i % 3 == 2 { before * (0.01 * (i / 3) as f64).exp() + 100.0 } else { *before };
            assert!((after - wanted).abs() < 1e-12, "{i}");
        }
        unaffine(Part { map: &mut map, step: 3, first: 2, width: 1 }, &a, &mut logs, Unclamped);
        assert!(map.iter().zip(&before).all(|(a, b)| (a - b).abs() < 1e-12));
    }

    #[test]
    fn arctan_matches_the_hand_computed_values() {
        for (s, wanted) in [(1.0f64, 0.589_759_758_6), (10.0, 1.746_965_775_6), (1e18, 1.998_052_927_7)] {
            assert!((Arctan.log_factor(s) - wanted).abs() < 1e-9, "{s}");
            assert_eq!(Arctan.log_factor(-s), -Arctan.log_factor(s));
        }
        assert!((Arctan.log_factor(1.0f64).exp() - 1.803_555_074_8).abs() < 1e-9);
    }

    #[test]
    fn gradients_match_the_hand_computed_values() {
        // Gradients 3 of y and 2 of the log-det: 3·e^ℓ of x, and (3·2·e^ℓ + 2)·0.07·(1 − tanh² 0.1) of s.
        let (mut d, mut da, mut logs, mut slopes) = ([3.0], [0.0; 2], vec![], vec![]);
        let buffers = AffineBuffers { logs: &mut logs, slopes: &mut slopes };
        affine_backward(whole(&mut d), &[2.0], (&[1.0, 0.5], &mut da), 2.0, buffers, Tanh::new(0.1));
        assert!((d[0] - 3.216_776_866).abs() < 1e-8 && da[1] == 3.0);
        assert!((da[0] - (6.433_553_731 + 2.0) * 0.07 * (1.0 - 0.099_667_994 * 0.099_667_994)).abs() < 1e-8);
    }

    #[test]
    fn gradients_are_central_differences() {
        check(Tanh::new(0.2));
        check(Arctan);
    }

    /// E = Σ w·y + 0.3·Σℓ over two pixels of three numbers, the last two of which are transformed.
    fn check(clamp: impl Clamp<f64>) {
        let number = |i: usize| ((i * 7 + 3) % 11) as f64 / 3.0 - 1.5;
        let (x, w): (Vec<f64>, Vec<f64>) = (0..6).map(|i| (number(i), number(i + 9))).unzip();
        let a: Vec<f64> = (0..8).map(|i| number(i + 4)).collect();
        fn part(map: &mut [f64]) -> Part<'_, f64> {
            Part { map, step: 3, first: 1, width: 2 }
        }
        let energy = |x: &[f64], a: &[f64]| {
            let mut y = x.to_vec();
            let log_det = affine(part(&mut y), a, &mut Vec::new(), clamp);
            y.iter().zip(&w).map(|(y, w)| y * w).sum::<f64>() + 0.3 * log_det
        };
        let (mut d, mut da) = (w.clone(), vec![0.0; 8]);
        let buffers = AffineBuffers { logs: &mut vec![], slopes: &mut vec![] };
        affine_backward(part(&mut d), &x, (&a, &mut da), 0.3, buffers, clamp);
        let moved = |values: &[f64], i: usize, by: f64| {
            let mut moved = values.to_vec();
            moved[i] += by;
            moved
        };
        for (i, d) in d.iter().enumerate() {
            let wanted = (energy(&moved(&x, i, 1e-5), &a) - energy(&moved(&x, i, -1e-5), &a)) / 2e-5;
            assert!((d - wanted).abs() < 1e-8, "x {i}: {d} for {wanted}");
        }
        for (i, d) in da.iter().enumerate() {
            let wanted = (energy(&x, &moved(&a, i, 1e-5)) - energy(&x, &moved(&a, i, -1e-5))) / 2e-5;
            assert!((d - wanted).abs() < 1e-8, "a {i}: {d} for {wanted}");
        }
    }
}
