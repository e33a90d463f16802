//! Files: written whole or not at all, and what can be wrong with one.

pub mod atomic;
mod error;
pub mod scratch;

pub use error::{Error, Result};
