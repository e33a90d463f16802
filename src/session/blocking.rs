//! A session for programs that wait for each result, as native ones do.

use std::ops::{Deref, Range};

use pollster::block_on;

use super::executor::ExecutorChoice;
use super::{Classified, Explosion, Samples, Sampling};
use crate::head::novelty::Detector;
use crate::{Encoded, Model, NoveltyFit, Result};

/// A [`Session`](super::Session) whose calls return when their result is there.
///
/// Whatever does not wait for the executor is reached by [`Deref`].
pub struct Session(super::Session);

impl Session {
    /// See [`Session::new`](super::Session::new).
    ///
    /// # Errors
    /// The same.
    pub fn new(model: Model, choice: ExecutorChoice) -> Result<Self> {
        block_on(super::Session::new(model, choice)).map(Self)
    }

    /// See [`Session::into_model`](super::Session::into_model).
    pub fn into_model(self) -> Model {
        self.0.into_model()
    }

    /// See [`Session::set_novelty`](super::Session::set_novelty).
    ///
    /// # Errors
    /// The same.
    pub fn set_novelty(&mut self, detector: Detector, fit: NoveltyFit) -> Result<()> {
        self.0.set_novelty(detector, fit)
    }

    /// See [`Session::encode`](super::Session::encode).
    ///
    /// # Errors
    /// The same.
    pub fn encode(&mut self, pixels: &[f32]) -> Result<Encoded> {
        block_on(self.0.encode(pixels))
    }

    /// See [`Session::decode`](super::Session::decode).
    ///
    /// # Errors
    /// The same.
    pub fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        block_on(self.0.decode(z))
    }

    /// See [`Session::decode_as_is`](super::Session::decode_as_is).
    ///
    /// # Errors
    /// The same.
    pub fn decode_as_is(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        block_on(self.0.decode_as_is(z))
    }

    /// See [`Session::explosions`](super::Session::explosions).
    ///
    /// # Errors
    /// The same.
    pub fn explosions(&mut self, pixels: &[f32]) -> Result<Vec<Option<Explosion>>> {
        block_on(self.0.explosions(pixels))
    }

    /// See [`Session::classify`](super::Session::classify).
    ///
    /// # Errors
    /// The same.
    pub fn classify(
        &mut self,
        pixels: &[f32],
        numbers: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Classified>> {
        block_on(self.0.classify(pixels, numbers))
    }

    /// See [`Session::sample`](super::Session::sample).
    ///
    /// # Errors
    /// The same.
    pub fn sample(
        &mut self,
        sampling: &Sampling,
        draws: impl IntoIterator<Item = (usize, u64)>,
    ) -> Result<Samples> {
        block_on(self.0.sample(sampling, draws))
    }

    /// See [`Session::interpolate`](super::Session::interpolate).
    ///
    /// # Errors
    /// The same.
    pub fn interpolate(
        &mut self,
        ends: (&[f32], &[f32]),
        steps: usize,
        part: Range<usize>,
    ) -> Result<Samples> {
        block_on(self.0.interpolate(ends, steps, part))
    }
}

impl Deref for Session {
    type Target = super::Session;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
