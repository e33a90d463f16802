//! Training, evaluating and sampling IB-INNs: the library behind the `trainer` binary.

pub mod backend;
pub mod error;
pub mod net;
pub mod sweep;
pub mod train;
pub mod verbs;
