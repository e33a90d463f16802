//! Pictures brought to a model's shape, images disturbed and varied: what native programs and the page do to pixels before a
//! model sees them.

mod corrupt;
mod framing;
mod ground;
mod noise;
mod resample;
mod rotation;
mod variation;

pub use corrupt::Corruption;
pub use framing::{Framed, Framing, Spread};
pub use resample::{fit, on_ground, on_white, resample, resample_at};
pub use rotation::RgbRotation;
pub use variation::Variation;

/// Channels, rows and columns of an image, C×H×W.
pub type ImageShape = [usize; 3];
