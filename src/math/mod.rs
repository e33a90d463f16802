//! Numbers: the executors' number type, elementary functions that vectorise, symmetric matrices, streams of random
//! numbers.

pub(crate) mod elementary;
pub mod random;
mod real;
pub(crate) mod symmetric;

pub use real::Real;

/// The same numbers in f64.
pub(crate) fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}
