//! The figures of the paper, and some more that help to see what a run did (method §4.6).

mod by_gamma;
mod curves;
mod latent;
mod look;
mod pictures;
mod reliability;
mod sigma;
mod sweep;
mod training;

pub use curves::calibration;
pub use latent::{Path, PathImages, latent, path};
pub use look::set_name;
pub use pictures::{Block, Row, blocks, rows};
pub use reliability::reliability;
pub use sigma::{NoisyRun, sigma};
pub use sweep::{gamma, gamma_all};
pub use training::{TrainingLog, classes, logs, training};
