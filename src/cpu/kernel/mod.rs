//! The arithmetic kernels of the CPU: what both inference and training spend their time in.
//!
//! A convolution, a channel mixing and a linear layer are all rows of inputs times a matrix ([`multiply()`]), and the
//! gradients of their weights are sums of outer products ([`accumulate()`]). Both keep a tile of sums in vector registers,
//! whose shape depends on the machine.

mod accumulate;
mod multiply;
mod packed;
mod tiles;
mod vector;

pub use accumulate::{Products, accumulate};
pub use multiply::{Rows, multiply};
pub use packed::Packed;
pub use vector::{Loops, wide};

pub(crate) use accumulate::Accumulation;
pub(crate) use multiply::Multiplication;
