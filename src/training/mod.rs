//! Training on the CPU: from a prepared batch to new weights, without a framework for differentiation.
//!
//! A [`Net`] gives the loss of a batch with the gradient of every tensor; [`Sgd`] and [`Muon`] step down it; a [`Trainee`] holds what
//! changes from step to step. Tensors lie in flat buffers, one after the other as a [`Layout`] says. The layers are in
//! [`cpu`](crate::cpu), each with the formulas of its gradients; the heads and losses are here.
//!
//! What a step gives depends on its arguments alone, to the bit, and not on the number of threads.

mod dropout;
mod init;
mod layout;
mod linear;
mod mixture;
mod muon;
mod net;
mod sgd;
mod terms;
#[cfg(test)]
mod tests;
mod trainee;

pub use dropout::Dropout;
pub use init::initial_tensors;
pub use layout::Layout;
pub use linear::code_noise;
pub use muon::Muon;
pub use net::{Batch, Descent, Net, Statistics};
pub use sgd::Sgd;
pub use terms::{CROSS_ENTROPY_WEIGHT, Terms};
pub use trainee::{Diverged, Step, StepReport, Trainee, newest_batch};

/// What the forward pass keeps for the backward pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Memory {
    /// The hidden layers of all subnets.
    #[default]
    Stored,
    /// Of coupling blocks, what makes their inverse exact: what came in and their hidden layers are computed anew.
    Reversible,
}
