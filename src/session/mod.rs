//! Running a model: what runs it, and whether a GPU computes rightly.

pub mod executor;
#[cfg(feature = "wgpu")]
mod self_check;
