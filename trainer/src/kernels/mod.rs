//! Training of flows on a GPU by kernels of our own, forwards and backwards (`train_*.wgsl` of the crate `ibinn-shaders`).
//!
//! They run on the buffers of Burn's tensors, which does what is behind the last map: DCT, dense coupling, mixture and loss are
//! a small graph of its own, whose gradient is where the way back begins. Parameters, gradient and velocities are each one
//! buffer in the core's [`Layout`](ibinn::training::Layout), as on the CPU, so that a step of the optimiser is one launch.
//!
//! A subnet keeps what its two 3×3 convolutions give, and batch-norm, ReLU and dropout are applied by whoever reads it.

mod coupling;
mod down;
mod gpu;
mod optimizer;
mod subnet;
mod trainee;
mod trunk;

pub use trainee::FlowTrainee;
