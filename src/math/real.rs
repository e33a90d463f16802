//! The number type of the CPU executor: f32 to run, f64 to check.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::cpu::kernel::Multiplication;
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
}

macro_rules! real {
    ($t:ident, $multiply:ident, $exp:path, $tanh:path, $atan:path) => {
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
                multiplication.$multiply();
            }
        }
    };
}

real!(f32, vectorised, elementary::exp, elementary::tanh, elementary::arctan);
real!(f64, plain, f64::exp, f64::tanh, f64::atan);
