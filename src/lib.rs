//! The shared core of ibinn: what an invertible neural network trained with the information bottleneck
//! (Ardizzone et al., NeurIPS 2020) is, and running it in both directions.
//!
//! A [`ModelSpec`] describes an architecture as data; a [`Model`] is a spec with its tensors and its [`Card`], and
//! knows its file format. [`CpuExecutor`] and (feature `wgpu`) [`GpuExecutor`] run it: *encode* takes normalised
//! images x′ to latents z with their log-det, *decode* takes latents back. [`latent`] holds the Gaussian mixture
//! that turns latents into posteriors and likelihoods.
//!
//! The models that the paper compares with are here, too ([`Family`]): each is a network, that flow or a feed-forward
//! one, and a [`head::Head`] on top of it.
//!
//! Section numbers in the documentation ("spec §2.2") are those of the project's `docs/method.md`.

pub mod bottleneck;
pub mod card;
pub mod container;
pub mod cpu;
pub mod dct;
pub mod element;
mod elementary;
mod error;
pub mod executor;
mod family;
pub mod feed_forward;
mod fields;
pub mod fold;
mod gamma;
#[cfg(feature = "wgpu")]
pub mod gpu;
pub mod head;
pub mod lab;
pub mod latent;
mod model;
pub mod pen;
pub mod posterior;
mod preset;
pub mod projection;
mod real;
pub mod rng;
#[cfg(feature = "wgpu")]
mod self_check;
mod spec;
pub mod tensors;
pub mod training;

pub use card::{
    CalibrationBin, CalibrationCurve, Card, Evaluation, LatentMap, Likelihood, OodRow, Training, Typicality,
};
pub use cpu::CpuExecutor;
pub use error::{Error, Result};
pub use family::Family;
pub use fields::{InputSpec, SpecFields, StageSpec, Stem};
pub use gamma::Gamma;
#[cfg(feature = "wgpu")]
pub use gpu::GpuExecutor;
pub use model::{Model, Precision};
pub use preset::Preset;
pub use projection::Projection;
pub use real::Real;
pub use spec::ModelSpec;

/// A batch of latents, and the log-det of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded<F = f32> {
    /// Latents, N×D.
    pub z: Vec<F>,
    /// log|det ∂z/∂x′| of each image in nats, with the true DCT constant.
    pub log_det: Vec<F>,
}
