//! What a model is worth: what it says of images, and the measures of that.

pub mod card;
mod error;
pub mod judge;
pub mod measures;
pub mod novelty;

pub use error::{Error, Result};
