//! A model as the shaders run it: the steps of the convolutional part in both directions, the layers of the dense
//! coupling, and the numbers that they read. How steps become dispatches is up to a [`super::plan::Plan`].

use std::ops::Range;

use ibinn_shaders::layouts::Step;

use super::dense::{DenseNet, dense_nets};
use super::pack::Weights;
use super::scratch::LANES;
use super::steps::ProgramBuilder;
use crate::Model;
use crate::spec::element::Element;

/// Everything about a model that depends neither on the device nor on the batch.
pub(super) struct Program {
    /// The steps of both directions.
    pub steps: Vec<Step>,
    /// Those that encode.
    pub encode: Range<usize>,
    /// Those that decode.
    pub decode: Range<usize>,
    /// The `weights` buffer.
    pub weights: Weights,
    /// The `tables` buffer.
    pub tables: Vec<u32>,
    /// `net2` and `net1` of the dense coupling, in the order of encoding.
    pub dense: [DenseNet; 2],
    /// vec4 of scratch an image.
    pub scratch: usize,
    /// Partial log-dets an image.
    pub slots: u32,
    /// Dimensions D.
    pub dims: usize,
    /// Where the second half of a latent begins; each half is padded to whole vec4.
    half: usize,
    /// vec4 of a latent.
    pub latent_groups: usize,
    /// Log-det that is the same for all images, nats.
    pub constant_log_det: f64,
}

impl Program {
    /// Plans both directions of `model`.
    pub fn new(model: &Model) -> Self {
        let spec = model.spec();
        let dims = spec.dims();
        let first = dims / 2;
        let half = first.next_multiple_of(LANES);
        let latent_groups = (half + dims - first).div_ceil(LANES);
        let mut builder = ProgramBuilder::new(model, latent_groups * LANES);
        let place = |i: usize| if i < first { i } else { half + i - first };
        builder.forward(place);
        let encoding = builder.steps.len();
        builder.inverse(place);
        let ProgramBuilder { scratch, mut weights, tables, steps, mut slots, .. } = builder;
        let Some(Element::Dense(dense)) = spec.elements().last() else {
            unreachable!("every flow ends with a dense coupling");
        };
        let dense = dense_nets(model, dense, half / LANES, &mut weights, &mut slots);
        Self {
            encode: 0..encoding,
            decode: encoding..steps.len(),
            steps,
            weights,
            tables,
            dense,
            scratch: scratch.length(),
            slots,
            dims,
            half,
            latent_groups,
            constant_log_det: spec.elements().iter().map(|element| constant_log_det(model, element)).sum(),
        }
    }

    /// Latents, N×D → as the shaders keep them.
    pub fn pad_latents(&self, z: &[f32]) -> Vec<f32> {
        let first = self.dims / 2;
        let mut padded = vec![0.0; z.len() / self.dims * self.latent_groups * LANES];
        for (to, from) in padded.chunks_exact_mut(self.latent_groups * LANES).zip(z.chunks_exact(self.dims)) {
            to[..first].copy_from_slice(&from[..first]);
            to[self.half..][..self.dims - first].copy_from_slice(&from[first..]);
        }
        padded
    }

    /// The inverse of [`pad_latents`](Self::pad_latents).
    pub fn unpad_latents(&self, padded: &[f32], z: &mut Vec<f32>) {
        let first = self.dims / 2;
        for row in padded.chunks_exact(self.latent_groups * LANES) {
            z.extend_from_slice(&row[..first]);
            z.extend_from_slice(&row[self.half..][..self.dims - first]);
        }
    }
}

fn constant_log_det(model: &Model, element: &Element) -> f64 {
    match element {
        Element::Coupling(coupling) => model.mixing(coupling).log_det,
        Element::Dct(dct) => dct.log_det(),
        _ => 0.0,
    }
}
