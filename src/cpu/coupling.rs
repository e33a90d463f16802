//! Coupling blocks (method §2.2) and down-couplings (method §2.4), on one pixel-major map at a time.

use std::sync::Arc;

use super::affine::{Clamp, Part, Tanh, affine, unaffine};
use super::kernel::{Packed, Rows, multiply};
use super::scratch::Scratch;
use super::subnet::{SubnetLayer, side_by_side};
use super::{LayerBuilder, to_planes};
use crate::Real;
use crate::spec::Shape;
use crate::spec::element::{Coupling, Down};
use crate::spec::mixing::{Conv1x1, Mixing};
use crate::spec::tensors::{CouplingTensors, TensorInfo};

/// The weights of a 1×1 convolution.
pub(super) fn packed<F: Real>(convolution: &Conv1x1) -> Packed<F> {
    let [weight, bias] = [&convolution.weight, &convolution.bias]
        .map(|v| v.iter().map(|&v| F::from_f64(v)).collect::<Vec<_>>());
    Packed::new(&weight, &bias, bias.len(), 1)
}

/// A coupling block.
pub(super) struct CouplingLayer<F> {
    subnet: SubnetLayer<F>,
    mix: Packed<F>,
    unmix: Packed<F>,
    channels: usize,
    first: usize,
    pixels: Arc<[u32]>,
    /// The part of the log-det that is the same for all images.
    pub constant_log_det: f64,
}

impl<F: Real> CouplingLayer<F> {
    pub fn new(coupling: &Coupling, builder: &mut LayerBuilder<'_, F>) -> Self {
        let get = |info: &TensorInfo| builder.get(info).iter().map(|v| v.to_f64()).collect::<Vec<_>>();
        let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
        let mixing = Mixing::new(coupling.shape.pixels(), &get(&rotation), &get(&log_alpha), &get(&offset));
        let c = coupling.shape.channels;
        Self {
            subnet: SubnetLayer::new(&coupling.subnet(), coupling.shape, builder),
            mix: packed(&mixing.forward),
            unmix: packed(&mixing.inverse),
            channels: c,
            first: coupling.split().0,
            pixels: builder.shared.offsets(side_by_side(coupling.shape.pixels(), c)),
            constant_log_det: mixing.log_det,
        }
    }

    fn mix_with(&self, matrix: &Packed<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        let rows = Rows { input: &self.pixels, taps: &[0], output: &self.pixels };
        scratch.replaced(map, |map, out| multiply(matrix, map, &rows, out, false));
    }

    /// x2 in a map.
    fn second<'a>(&self, map: &'a mut [F]) -> Part<'a, F> {
        Part { map, step: self.channels, first: self.first, width: self.channels - self.first }
    }

    /// Encodes in place; returns Σℓ.
    pub fn forward(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        self.subnet.run(map, self.channels, 0, scratch);
        let a = &scratch.result[..self.subnet.results()];
        let log_det = affine(self.second(map), a, &mut scratch.logs, Tanh::new(Coupling::CLAMP_SLOPE));
        self.mix_with(&self.mix, map, scratch);
        log_det
    }

    /// Decodes in place.
    pub fn inverse(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        self.mix_with(&self.unmix, map, scratch);
        self.subnet.run(map, self.channels, 0, scratch);
        let a = &scratch.result[..self.subnet.results()];
        unaffine(self.second(map), a, &mut scratch.logs, Tanh::new(Coupling::CLAMP_SLOPE));
    }
}

/// A coupling block (method §2.2) on one image, run both ways: what a figure of it shows. Maps are C×H×W.
#[derive(Clone, Debug, PartialEq)]
pub struct BothWays<F> {
    /// Shape of all maps but those of ℓ and t, which have the channels of x₂ alone.
    pub shape: Shape,
    /// Channels of x₁, which come first, pass as they are, and decide what becomes of the others.
    pub first: usize,
    /// What comes in: x₁, x₂.
    pub x: Vec<F>,
    /// ℓ, the logarithm of the factor of each number of x₂.
    pub log_scale: Vec<F>,
    /// t, the shift of each number of x₂.
    pub shift: Vec<F>,
    /// x₁, x₂·e^ℓ + t.
    pub u: Vec<F>,
    /// What the block gives: the channels of u, mixed.
    pub y: Vec<F>,
    /// x again, computed from y alone.
    pub back: Vec<F>,
}

impl<F: Real> CouplingLayer<F> {
    /// The block on a map of this shape, pixel-major, both ways.
    pub fn both_ways(&self, shape: Shape, x: &[F], scratch: &mut Scratch<F>) -> BothWays<F> {
        let planes = |map: &[F], channels: usize| {
            let mut planes = vec![F::default(); map.len()];
            to_planes(map, channels, &mut planes);
            planes
        };
        let (width, clamp) = (self.channels - self.first, Tanh::new(Coupling::CLAMP_SLOPE));
        self.subnet.run(x, self.channels, 0, scratch);
        let a = scratch.result[..self.subnet.results()].to_vec();
        let of_pixels = |part: usize| a.chunks_exact(width).skip(part).step_by(2).flatten().copied();
        let log_scale: Vec<F> = of_pixels(0).map(|s| clamp.log_factor(s)).collect();
        let shift: Vec<F> = of_pixels(1).collect();
        let mut map = x.to_vec();
        affine(self.second(&mut map), &a, &mut scratch.logs, clamp);
        let u = planes(&map, self.channels);
        self.mix_with(&self.mix, &mut map, scratch);
        let y = planes(&map, self.channels);
        self.inverse(&mut map, scratch);
        BothWays {
            shape,
            first: self.first,
            x: planes(x, self.channels),
            log_scale: planes(&log_scale, width),
            shift: planes(&shift, width),
            u,
            y,
            back: planes(&map, self.channels),
        }
    }
}

/// A down-coupling.
pub(super) struct DownLayer<F> {
    strided: SubnetLayer<F>,
    lowres: SubnetLayer<F>,
    input: Shape,
    /// Channels of y1, after folding.
    first: usize,
}

impl<F: Real> DownLayer<F> {
    pub fn new(down: &Down, builder: &mut LayerBuilder<'_, F>) -> Self {
        Self {
            strided: SubnetLayer::new(&down.strided(), down.input, builder),
            lowres: SubnetLayer::new(&down.lowres(), down.input.folded(), builder),
            input: down.input,
            first: 4 * down.split().0,
        }
    }

    /// Channels after folding.
    fn folded(&self) -> usize {
        4 * self.input.channels
    }

    /// y1 in a folded map.
    fn first<'a>(&self, map: &'a mut [F]) -> Part<'a, F> {
        Part { map, step: self.folded(), first: 0, width: self.first }
    }

    /// y2 in a folded map.
    fn second<'a>(&self, map: &'a mut [F]) -> Part<'a, F> {
        Part { map, step: self.folded(), first: self.first, width: self.folded() - self.first }
    }

    /// Encodes in place; returns Σℓ.
    pub fn forward(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        self.strided.run(map, self.input.channels, 0, scratch);
        scratch.replaced(map, |map, out| fold(map, self.input, out));
        let a = &scratch.result[..self.strided.results()];
        let log_det = affine(self.second(map), a, &mut scratch.logs, Tanh::new(Down::CLAMP_SLOPE));
        self.lowres.run(map, self.folded(), self.first, scratch);
        let a = &scratch.result[..self.lowres.results()];
        log_det + affine(self.first(map), a, &mut scratch.logs, Tanh::new(Down::CLAMP_SLOPE))
    }

    /// Decodes in place.
    pub fn inverse(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        self.lowres.run(map, self.folded(), self.first, scratch);
        let a = &scratch.result[..self.lowres.results()];
        unaffine(self.first(map), a, &mut scratch.logs, Tanh::new(Down::CLAMP_SLOPE));
        // x1 is whole now; the part of the unfolded map that belongs to x2 is still transformed, and unused here.
        let mut unfolded = std::mem::take(&mut scratch.swap);
        unfolded.resize(map.len(), F::default());
        unfold(map, self.input, &mut unfolded);
        self.strided.run(&unfolded, self.input.channels, 0, scratch);
        let a = &scratch.result[..self.strided.results()];
        unaffine(self.second(map), a, &mut scratch.logs, Tanh::new(Down::CLAMP_SLOPE));
        unfold(map, self.input, &mut unfolded);
        scratch.swap = std::mem::replace(map, unfolded);
    }
}

/// Calls `copy` with the offset of every number of a folded map and of its counterpart in the unfolded one, which has
/// `shape`: out\[4c + 2·dy + dx\] at pixel (i, j) is x\[c\] at (2i + dy, 2j + dx) (method §2.4). Maps are pixel-major.
#[inline(always)]
fn folding(shape: Shape, mut copy: impl FnMut(usize, usize)) {
    let Shape { channels, height, width } = shape;
    let mut folded = 0;
    for i in 0..height / 2 {
        for j in 0..width / 2 {
            for patch in 0..4 {
                let (y, x) = (2 * i + patch / 2, 2 * j + patch % 2);
                let unfolded = (y * width + x) * channels;
                for c in 0..channels {
                    copy(folded + 4 * c + patch, unfolded + c);
                }
            }
            folded += 4 * channels;
        }
    }
}

/// 2×2 space-to-depth: (C, H, W) → (4C, H/2, W/2).
pub(super) fn fold<F: Real>(map: &[F], shape: Shape, out: &mut [F]) {
    folding(shape, |folded, unfolded| out[folded] = map[unfolded]);
}

/// The inverse of [`fold`]; `shape` is the unfolded one.
pub(super) fn unfold<F: Real>(map: &[F], shape: Shape, out: &mut [F]) {
    folding(shape, |folded, unfolded| out[unfolded] = map[folded]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_the_documented_order_and_inverts() {
        let shape = Shape { channels: 2, height: 2, width: 2 };
        // Pixel-major: channel 0 holds 1 2 3 4, channel 1 holds 5 6 7 8.
        let map = [1.0f32, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 8.0];
        let (mut folded, mut back) = ([0.0; 8], [0.0; 8]);
        fold(&map, shape, &mut folded);
        assert_eq!(folded, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        unfold(&folded, shape, &mut back);
        assert_eq!(back, map);
    }

    /// One pixel, two channels, a subnet that always answers (a_s, a_t) = (1, 0.5), and α = ln 0.75.
    fn one_pixel(rotation: [f64; 4]) -> CouplingLayer<f64> {
        let shape = Shape { channels: 2, height: 1, width: 1 };
        let coupling = Coupling { name: "c".into(), shape, width: 1, leading_relu: false };
        let get = |info: &TensorInfo| match info.name.as_str() {
            "c.mix.matrix" => rotation.to_vec(),
            "c.scale.log_alpha" => vec![0.75f64.ln(); 2],
            "c.subnet.conv3.bias" => vec![1.0, 0.5],
            _ => vec![0.0; info.len()],
        };
        CouplingLayer::new(&coupling, &mut LayerBuilder::new(&get))
    }

    #[test]
    fn one_pixel_block_matches_the_hand_computed_values_and_inverts() {
        for (rotation, wanted) in [
            ([1.0, 0.0, 0.0, 1.0], [2.25, 1.983_388_432_9]),
            ([0.0, -1.0, 1.0, 0.0], [-1.983_388_432_9, 2.25]),
        ] {
            let layer = one_pixel(rotation);
            let (mut map, mut scratch) = (vec![3.0, 2.0], Scratch::default());
            let log_det = layer.forward(&mut map, &mut scratch) + layer.constant_log_det;
            assert!((log_det + 0.505_596_548_7).abs() < 1e-9);
            assert!(map.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-9), "{map:?}");
            layer.inverse(&mut map, &mut scratch);
            assert!((map[0] - 3.0).abs() < 1e-12 && (map[1] - 2.0).abs() < 1e-12);
        }
    }
}
