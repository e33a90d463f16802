//! What was measured, drawn: figures, tables, and reports.

pub mod draw;
mod error;
pub mod figure;
pub mod labels;
pub mod paper;
pub mod report;
pub mod samples;
pub mod table;

pub use error::{Error, Result};
