//! The number type of the CPU executor: f32 to run, f64 to check.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::cpu::kernel::{Accumulation, Multiplication};
use crate::math::elementary;

/// f32 or f64.
pub trait Real:
    Copy
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
{
    /// Rounds an f64.
    fn from_f64(value: f64) -> Self;
    /// Widens to f64.
    fn to_f64(self) -> f64;
    /// √x.
    fn sqrt(self) -> Self;
    /// e^x.
    fn exp(self) -> Self;
    /// tanh x.
    fn tanh(self) -> Self;
    /// arctan x.
    fn atan(self) -> Self;
    /// The larger of x and 0.
    fn relu(self) -> Self;
    /// Computes a product on the fastest path there is for the type.
    #[doc(hidden)]
    fn multiply(multiplication: Multiplication<'_, Self>);
    /// Sums products on the fastest path there is for the type.
    #[doc(hidden)]
    fn accumulate(accumulation: Accumulation<'_, Self>);
    /// How many representable numbers it lies above `other`, where that fits and says everything about it.
    #[doc(hidden)]
    fn steps_above(self, other: Self) -> Option<i8>;
    /// The number so many representable numbers above.
    #[doc(hidden)]
    fn stepped(self, steps: i8) -> Self;
}

macro_rules! real {
    ($t:ident, $bits:ident, $kernels:ident, $exp:path, $tanh:path, $atan:path) => {
        impl Real for $t {
            fn from_f64(value: f64) -> Self {
                value as $t
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$t>::sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline(always)]
            fn atan(self) -> Self {
                $atan(self)
            }
            #[inline(always)]
            fn relu(self) -> Self {
                if self > 0.0 { self } else { 0.0 }
            }
            fn multiply(multiplication: Multiplication<'_, Self>) {
                multiplication.$kernels();
            }
            fn accumulate(accumulation: Accumulation<'_, Self>) {
                accumulation.$kernels();
            }
            #[inline(always)]
            fn steps_above(self, other: Self) -> Option<i8> {
                // The position of a number among all numbers, in order. −0 has that of 0, and a NaN has none.
                let rank = |value: Self| {
                    let bits = value.to_bits() as $bits;
                    if bits < 0 { $bits::MIN.wrapping_sub(bits) } else { bits }
                };
                let steps = rank(self).wrapping_sub(rank(other));
                let fits =
                    steps.unsigned_abs() < 128 && other.stepped(steps as i8).to_bits() == self.to_bits();
                fits.then_some(steps as i8)
            }
            #[inline(always)]
            fn stepped(self, steps: i8) -> Self {
                let bits = self.to_bits() as $bits;
                let rank = if bits < 0 { $bits::MIN.wrapping_sub(bits) } else { bits };
                let rank = rank.wrapping_add($bits::from(steps));
                $t::from_bits(if rank < 0 { $bits::MIN.wrapping_sub(rank) } else { rank } as _)
            }
        }
    };
}

real!(f32, i32, vectorised, elementary::exp, elementary::tanh, elementary::arctan);
real!(f64, i64, plain, f64::exp, f64::tanh, f64::atan);
