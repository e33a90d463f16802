//! Files: written whole or not at all, what can be wrong with one, folders with one writer, on one machine or many, files mapped into memory, zip archives, and tables.

pub mod atomic;
pub mod csv;
mod error;
pub mod lease;
pub mod lock;
pub mod mapped;
pub mod scratch;
pub mod zip;

pub use error::{Error, Result};
