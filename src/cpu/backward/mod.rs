//! Training on the CPU: every layer forwards on a batch, with batch-norm by the statistics of the batch, and backwards, from
//! the gradient of what it gave to that of what came in and of its parameters.
//!
//! The layers are those of the executor beside it, on the same kernels and in the same layout: maps are pixel-major, image
//! after image. As batch-norm needs the whole batch, a batch passes a layer before the next one begins. It is cut into
//! groups of a fixed size, over which the threads are spread; sums are taken over a group, then over groups in order, so that
//! results do not depend on the number of threads.

mod buffers;
mod corrections;
mod coupling;
mod dense;
mod down;
mod dropout;
mod linear;
mod network;
mod norm;
mod residual;
mod rows;
mod subnet;
mod transposed;

pub use dropout::Dropout;
pub(crate) use network::{Network, Recorded};

use buffers::{Buffers, Map};

use super::parallel;
use super::scratch::Pool;
use crate::Real;

/// Images of a group.
const GROUP: usize = 8;
/// Numbers that a task adds up at a time.
const CHUNK: usize = 1 << 13;

/// What the forward pass keeps for the backward pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Memory {
    /// The hidden layers of all subnets.
    #[default]
    Stored,
    /// Of coupling blocks, what makes their inverse exact: what came in and their hidden layers are computed anew.
    Reversible,
}

/// What a batch-norm does in a pass over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Normalize {
    /// It normalises by the statistics of the batch.
    ByBatch,
    /// It only adds its β: that of a folded convolution is its bias.
    Not,
}

/// What all layers of a pass over a batch see.
struct Pass<'a, F> {
    /// All tensors in training form.
    values: &'a [F],
    /// Images.
    batch: usize,
    normalize: Normalize,
    /// Buffers of the threads.
    pool: &'a Pool<F>,
    /// Buffers of batches.
    buffers: &'a Buffers<F>,
}

impl<F: Real> Pass<'_, F> {
    /// A map with `len` numbers an image, which are whatever was there.
    fn map(&self, len: usize) -> Map<F> {
        self.buffers.take(self.batch * len)
    }
}

/// Adds up what the groups give, in order.
fn total<F: Real>(parts: Vec<Vec<F>>) -> Vec<F> {
    let mut parts = parts.into_iter();
    let Some(mut all) = parts.next() else { return Vec::new() };
    let rest: Vec<_> = parts.collect();
    let chunks = all.chunks_mut(CHUNK).enumerate().collect();
    parallel::map(chunks, |(i, sums): (usize, &mut [F])| {
        for part in &rest {
            sums.iter_mut().zip(&part[i * CHUNK..]).for_each(|(sum, &v)| *sum += v);
        }
    });
    all
}

/// The same for numbers in double precision, rounded.
fn rounded_total<F: Real>(parts: &[Vec<f64>], to: &mut [F]) {
    for (k, to) in to.iter_mut().enumerate() {
        *to = F::from_f64(parts.iter().map(|part| part[k]).sum());
    }
}
