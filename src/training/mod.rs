//! Training on the CPU: from a prepared batch to new weights, without a framework for differentiation.
//!
//! A [`Net`] gives the loss of a batch with the gradient of every tensor; [`Sgd`] and [`Muon`] step down it; a [`Trainee`] holds what
//! changes from step to step. Tensors lie in flat buffers, one after the other as a [`Layout`] says. The layers are in
//! [`cpu`](crate::cpu), each with the formulas of its gradients; the heads and losses are here.
//!
//! What a step gives depends on its arguments alone, to the bit, and not on the number of threads.

pub mod course;
mod init;
mod linear;
mod mixture;
mod muon;
mod net;
mod sgd;
mod slope;
mod terms;
#[cfg(test)]
mod tests;
mod trainee;
mod unfold;

pub use crate::cpu::backward::{Dropout, Memory};
pub use crate::spec::layout::Layout;
pub use init::initial_tensors;
pub use linear::code_noise;
pub use muon::Muon;
pub use net::{Batch, Descent, Net, Statistics};
pub use sgd::Sgd;
pub use slope::Slope;
pub use terms::{CROSS_ENTROPY_WEIGHT, Terms};
pub use trainee::{Diverged, Step, StepReport, Trainee, newest_batch};
pub use unfold::unfolded;
