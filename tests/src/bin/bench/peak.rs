//! The most single-precision multiply-adds that one thread can do here: the ceiling of every kernel.

use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value, json};

/// Steps of each accumulator in one measurement.
const STEPS: usize = 4_000_000;
const MEASUREMENTS: usize = 9;

/// GFLOP/s of one thread with the widest registers that the CPU executor uses, the best of several; null on machines
/// without AVX2.
pub fn measure() -> Value {
    #[cfg(target_arch = "x86_64")]
    {
        let has_fma = std::arch::is_x86_feature_detected!("fma");
        // SAFETY: the features that the functions are compiled for are detected just before.
        if std::arch::is_x86_feature_detected!("avx512f") {
            return json!({ "registers": "AVX-512", "gflops": best(16, || unsafe { avx512() }) });
        }
        if has_fma && std::arch::is_x86_feature_detected!("avx2") {
            return json!({ "registers": "AVX2", "gflops": best(8, || unsafe { avx2() }) });
        }
    }
    Value::Null
}

const ACCUMULATORS: usize = 12;

fn best(lanes: usize, work: impl Fn() -> f32) -> f64 {
    let flops = (2 * lanes * ACCUMULATORS * STEPS) as f64;
    (0..MEASUREMENTS)
        .map(|_| {
            let started = Instant::now();
            black_box(work());
            flops / started.elapsed().as_secs_f64() / 1e9
        })
        .fold(0.0, f64::max)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2() -> f32 {
    use core::arch::x86_64::*;
    let (factor, term) = (_mm256_set1_ps(black_box(0.999)), _mm256_set1_ps(black_box(0.001)));
    let mut sums = [_mm256_setzero_ps(); ACCUMULATORS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = _mm256_fmadd_ps(*sum, factor, term);
        }
    }
    sums.into_iter().map(|sum| _mm256_cvtss_f32(sum)).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512() -> f32 {
    use core::arch::x86_64::*;
    let (factor, term) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(0.001)));
    let mut sums = [_mm512_setzero_ps(); ACCUMULATORS];
    for _ in 0..STEPS {
        for sum in &mut sums {
            *sum = _mm512_fmadd_ps(*sum, factor, term);
        }
    }
    sums.into_iter().map(|sum| _mm512_cvtss_f32(sum)).sum()
}
