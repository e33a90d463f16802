//! Training runs as folders: their configuration, where they ran, and what was measured of them.

pub mod config;
pub mod environment;
mod error;
pub mod examples;
pub mod replicates;
pub mod results;

pub use error::{Error, Result};
