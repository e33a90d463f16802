//! exp, tanh and arctan in single precision without branches, so that loops over them vectorise; a system's own are an
//! order of magnitude slower on wasm, and differ between platforms.

/// ln 2 in two parts, the first with few enough bits that n·LN2_HIGH is exact.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting it rounds to the nearest integer.
const ROUNDER: f32 = 12_582_912.0;
/// Beyond this e^x leaves the range of normal numbers.
const LARGEST_EXPONENT: f32 = 87.0;
/// Beyond this tanh is ±1 in single precision.
const TANH_LIMIT: f32 = 15.0;

/// e^x, off by 2 units in the last place at most, for x clamped to ±87.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT);
    let n = x * std::f32::consts::LOG2_E + ROUNDER - ROUNDER;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    // The Taylor polynomial: |r| ≤ ½ ln 2 leaves 6e-9.
    let mut p = 1.0 / 5040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = p * r + factor;
    }
    p * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

/// tanh x, off by 1.2e-7 at most.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x.abs().min(TANH_LIMIT));
    ((1.0 - e) / (1.0 + e)).copysign(x)
}

/// arctan x, off by 2e-7 at most: the fit of `clamp.wgsl`.
#[inline(always)]
pub(crate) fn arctan(x: f32) -> f32 {
    let a = x.abs();
    let turned = a > 1.0;
    let u = if turned { 1.0 / a.max(1.0) } else { a };
    let t = u * u;
    let mut p = 0.002_834_064_2;
    for factor in [
        -0.016_005_03,
        0.042_587_608,
        -0.074_954_46,
        0.106_367_54,
        -0.142_025_71,
        0.199_924_84,
        -0.333_330_66,
        1.0,
    ] {
        p = p * t + factor;
    }
    let angle = p * u;
    (if turned { std::f32::consts::FRAC_PI_2 - angle } else { angle }).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200,001 arguments from −`limit` to `limit`, and how far `f` is off `truth` at worst.
    fn worst(limit: f64, f: fn(f32) -> f32, error: impl Fn(f64, f64) -> f64, truth: fn(f64) -> f64) -> f64 {
        (-100_000..=100_000)
            .map(|i| (f64::from(i) / 100_000.0 * limit) as f32)
            .map(|x| error(f64::from(f(x)), truth(f64::from(x))))
            .fold(0.0, |worst, e| if e.is_nan() { f64::INFINITY } else { worst.max(e) })
    }

    #[test]
    fn as_accurate_as_said() {
        let relative = |got: f64, wanted: f64| (got - wanted).abs() / wanted;
        let absolute = |got: f64, wanted: f64| (got - wanted).abs();
        for limit in [0.7, 2.0, 30.0, 86.0] {
            let error = worst(limit, exp, relative, f64::exp);
            assert!(error < 2.4e-7, "exp to ±{limit}: {error:e}");
        }
        for limit in [0.01, 1.0, 20.0] {
            let error = worst(limit, tanh, absolute, f64::tanh);
            assert!(error < 1.2e-7, "tanh to ±{limit}: {error:e}");
            let error = worst(limit, arctan, absolute, f64::atan);
            assert!(error < 2e-7, "arctan to ±{limit}: {error:e}");
        }
    }

    #[test]
    fn extreme_arguments_stay_finite_and_in_range() {
        for x in [f32::MAX, f32::INFINITY, 1e9] {
            assert_eq!((tanh(x), tanh(-x)), (1.0, -1.0));
            assert!((arctan(x) - std::f32::consts::FRAC_PI_2).abs() < 1e-6);
            assert_eq!(arctan(-x), -arctan(x));
            assert!(exp(x).is_finite() && exp(-x) > 0.0);
        }
        assert_eq!((exp(0.0), tanh(0.0), arctan(0.0)), (1.0, 0.0, 0.0));
    }
}
