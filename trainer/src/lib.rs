//! Training, evaluating and sampling IB-INNs: the library behind the `trainer` binary.

pub mod adapters;
pub mod backend;
pub mod error;
pub mod interrupt;
pub mod kernels;
pub mod launches;
pub mod net;
pub mod sweep;
pub mod train;
pub mod verbs;
