//! Files: written whole or not at all, what can be wrong with one, folders with one writer, files mapped into memory, and zip archives.

pub mod atomic;
mod error;
pub mod lock;
pub mod mapped;
pub mod scratch;
pub mod zip;

pub use error::{Error, Result};
