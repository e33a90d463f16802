//! What a model is worth: what it says of images, and the measures of that.

pub mod card;
mod error;
pub mod measures;
pub mod novelty;
pub mod pass;

pub use error::{Error, Result};
