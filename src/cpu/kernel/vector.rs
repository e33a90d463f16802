//! Vector registers of the machines that the kernels are written for.
//!
//! Their methods are compiled into functions that enable the instructions they need, and may only be called there.

/// Loops that the compiler vectorises. An implementation's `run` must be `#[inline(always)]`, so that it is compiled for the
/// instructions of whoever calls it.
pub trait Loops {
    /// Runs them.
    fn run(self);
}

/// Whether the machine has all that functions for 512-bit registers are compiled for.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f") && has_avx2()
}

/// Whether the machine has all that functions for 256-bit registers are compiled for.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

/// Runs loops with the widest registers of the machine.
pub fn wide(loops: impl Loops) {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn avx2(loops: impl Loops) {
            loops.run();
        }
        if has_avx2() {
            // SAFETY: the features that the function is compiled for are detected just before.
            return unsafe { avx2(loops) };
        }
    }
    loops.run();
}

/// A register of single-precision numbers.
///
/// # Safety
/// `load` and `store` touch [`LANES`](Self::LANES) numbers, and each implementation needs its instruction set.
pub(super) unsafe trait Vector: Copy {
    /// Numbers in the register.
    const LANES: usize;
    /// Reads `LANES` numbers.
    unsafe fn load(from: *const f32) -> Self;
    /// Writes `LANES` numbers.
    unsafe fn store(self, to: *mut f32);
    /// The number at `from` in every lane.
    unsafe fn splat(from: *const f32) -> Self;
    /// self · factor + sum.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// The larger of each number and 0.
    unsafe fn relu(self) -> Self;
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use core::arch::x86_64::*;

    // SAFETY: unaligned loads and stores of exactly the numbers that the type holds.
    unsafe impl Vector for __m256 {
        const LANES: usize = 8;
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { _mm256_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm256_storeu_ps(to, self) }
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            unsafe { _mm256_set1_ps(*from) }
        }
        #[inline(always)]
        unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
            unsafe { _mm256_fmadd_ps(self, factor, sum) }
        }
        #[inline(always)]
        unsafe fn relu(self) -> Self {
            unsafe { _mm256_max_ps(self, _mm256_setzero_ps()) }
        }
    }

    // SAFETY: as above.
    unsafe impl Vector for __m512 {
        const LANES: usize = 16;
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { _mm512_loadu_ps(from) }
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { _mm512_storeu_ps(to, self) }
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            unsafe { _mm512_set1_ps(*from) }
        }
        #[inline(always)]
        unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
            unsafe { _mm512_fmadd_ps(self, factor, sum) }
        }
        #[inline(always)]
        unsafe fn relu(self) -> Self {
            unsafe { _mm512_max_ps(self, _mm512_setzero_ps()) }
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm {
    use super::Vector;
    use core::arch::wasm32::*;

    // SAFETY: unaligned loads and stores of exactly the numbers that the type holds.
    unsafe impl Vector for v128 {
        const LANES: usize = 4;
        #[inline(always)]
        unsafe fn load(from: *const f32) -> Self {
            unsafe { v128_load(from.cast()) }
        }
        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { v128_store(to.cast(), self) }
        }
        #[inline(always)]
        unsafe fn splat(from: *const f32) -> Self {
            unsafe { v128_load32_splat(from.cast()) }
        }
        #[inline(always)]
        unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
            #[cfg(target_feature = "relaxed-simd")]
            return f32x4_relaxed_madd(self, factor, sum);
            #[cfg(not(target_feature = "relaxed-simd"))]
            f32x4_add(f32x4_mul(self, factor), sum)
        }
        #[inline(always)]
        unsafe fn relu(self) -> Self {
            f32x4_pmax(f32x4_splat(0.0), self)
        }
    }
}
