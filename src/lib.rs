//! The shared core of ibinn: what an invertible neural network trained with the information bottleneck
//! (Ardizzone et al., NeurIPS 2020) is, and running it in both directions.
//!
//! A [`ModelSpec`] describes an architecture as data; a [`Model`] is a spec with its tensors and its [`Card`], and
//! knows its file format. [`CpuExecutor`] and (feature `wgpu`) [`GpuExecutor`] run it: *encode* takes normalised
//! images x′ to latents z with their log-det, *decode* takes latents back. [`head::mixture`] holds the Gaussian mixture
//! that turns latents into posteriors and likelihoods. A [`Session`] is all of it together: images in; classifications,
//! latents and samples out.
//!
//! The models that the paper compares with are here, too ([`Family`]): each is a network, that flow or a feed-forward
//! one, and a [`head::Head`] on top of it.
//!
//! Section numbers in the documentation ("method §2.2") are those of the project's `docs/method.md`.

pub mod cpu;
mod encoded;
mod error;
pub mod gpu;
pub mod head;
pub mod image;
pub mod math;
pub mod model;
pub mod plane;
pub mod session;
pub mod spec;
pub mod synthetic;
pub mod training;

pub use cpu::CpuExecutor;
pub use encoded::Encoded;
pub use error::{Error, Result};
#[cfg(feature = "wgpu")]
pub use gpu::GpuExecutor;
pub use head::Projection;
pub use math::Real;
pub use model::card::{
    CalibrationBin, CalibrationCurve, Card, Evaluation, LatentMap, Likelihood, NoveltyDetection, NoveltyFit,
    NoveltyRow, OodRow, Training, Typicality, Validation,
};
pub use model::{Model, Precision};
pub use session::Session;
pub use spec::{
    Architecture, ClassPrior, Family, Gamma, InputSpec, Method, MethodName, ModelSpec, Preset, SpecFields,
    StageSpec, Stem,
};
