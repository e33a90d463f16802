//! Coupling blocks (spec §2.2) and down-couplings (spec §2.4), on one pixel-major map at a time.

use super::kernel::{Packed, Rows, multiply};
use super::subnet::SubnetLayer;
use super::{Scratch, Weights};
use crate::Real;
use crate::element::{Coupling, Down, Shape};

/// Bound of the soft clamp ℓ = 0.7·tanh(k·a_s).
const CLAMP: f64 = 0.7;

/// x ← x·e^ℓ + a_t for the `channels` numbers of one pixel, `a` holding scale then shift; returns Σℓ.
fn affine<F: Real>(x: &mut [F], a: &[F], slope: F) -> f64 {
    let (scale, shift) = a.split_at(x.len());
    let mut sum = 0.0;
    for ((x, &s), &t) in x.iter_mut().zip(scale).zip(shift) {
        let l = F::from_f64(CLAMP) * (slope * s).tanh();
        sum += l.to_f64();
        *x = *x * l.exp() + t;
    }
    sum
}

/// The inverse of [`affine`].
fn unaffine<F: Real>(y: &mut [F], a: &[F], slope: F) {
    let (scale, shift) = a.split_at(y.len());
    for ((y, &s), &t) in y.iter_mut().zip(scale).zip(shift) {
        let l = F::from_f64(CLAMP) * (slope * s).tanh();
        *y = (*y - t) * (-l).exp();
    }
}

/// A coupling block.
pub(super) struct CouplingLayer<F> {
    subnet: SubnetLayer<F>,
    mix: Packed<F>,
    unmix: Packed<F>,
    channels: usize,
    first: usize,
    pixels: Vec<u32>,
    /// H·W·Σα: the part of the log-det that is the same for all images.
    pub constant_log_det: f64,
}

impl<F: Real> CouplingLayer<F> {
    pub fn new(coupling: &Coupling, weights: &Weights<'_, F>) -> Self {
        let get = |name: &str| weights.get(&format!("{}.{name}", coupling.name));
        let c = coupling.shape.channels;
        let (matrix, offset) = (get("mix.matrix"), get("offset"));
        let alpha: Vec<f64> = get("scale.log_alpha").iter().map(|a| a.to_f64()).collect();
        let at = |i: usize| matrix[i].to_f64();
        let mix: Vec<F> = (0..c * c).map(|i| F::from_f64(at(i) * alpha[i / c].exp())).collect();
        let unmix: Vec<f64> = (0..c * c).map(|i| at(i % c * c + i / c) * (-alpha[i % c]).exp()).collect();
        let unmix_bias: Vec<F> = unmix
            .chunks_exact(c)
            .map(|row| F::from_f64(-row.iter().zip(&offset).map(|(m, o)| m * o.to_f64()).sum::<f64>()))
            .collect();
        let unmix: Vec<F> = unmix.into_iter().map(F::from_f64).collect();
        Self {
            subnet: SubnetLayer::new(&coupling.subnet(), coupling.shape, weights),
            mix: Packed::new(&mix, &offset, c, 1),
            unmix: Packed::new(&unmix, &unmix_bias, c, 1),
            channels: c,
            first: coupling.split().0,
            pixels: (0..coupling.shape.pixels()).map(|p| (p * c) as u32).collect(),
            constant_log_det: coupling.shape.pixels() as f64 * alpha.iter().sum::<f64>(),
        }
    }

    fn mix_with(&self, matrix: &Packed<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        scratch.swap.resize(map.len(), F::default());
        let rows = Rows { input: &self.pixels, taps: &[0], output: &self.pixels };
        multiply(matrix, map, &rows, &mut scratch.swap, false);
        std::mem::swap(map, &mut scratch.swap);
    }

    /// Encodes in place; returns Σℓ.
    pub fn forward(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        self.subnet.run(map, self.channels, 0, scratch);
        let outputs = 2 * (self.channels - self.first);
        let slope = F::from_f64(Coupling::CLAMP_SLOPE);
        let mut log_det = 0.0;
        for (pixel, a) in map.chunks_exact_mut(self.channels).zip(scratch.result.chunks_exact(outputs)) {
            log_det += affine(&mut pixel[self.first..], a, slope);
        }
        self.mix_with(&self.mix, map, scratch);
        log_det
    }

    /// Decodes in place.
    pub fn inverse(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        self.mix_with(&self.unmix, map, scratch);
        self.subnet.run(map, self.channels, 0, scratch);
        let outputs = 2 * (self.channels - self.first);
        let slope = F::from_f64(Coupling::CLAMP_SLOPE);
        for (pixel, a) in map.chunks_exact_mut(self.channels).zip(scratch.result.chunks_exact(outputs)) {
            unaffine(&mut pixel[self.first..], a, slope);
        }
    }
}

/// A down-coupling.
pub(super) struct DownLayer<F> {
    strided: SubnetLayer<F>,
    lowres: SubnetLayer<F>,
    input: Shape,
    first: usize,
}

impl<F: Real> DownLayer<F> {
    pub fn new(down: &Down, weights: &Weights<'_, F>) -> Self {
        Self {
            strided: SubnetLayer::new(&down.strided(), down.input, weights),
            lowres: SubnetLayer::new(&down.lowres(), down.input.folded(), weights),
            input: down.input,
            first: down.split().0,
        }
    }

    /// Encodes in place; returns Σℓ.
    pub fn forward(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        let c = self.input.channels;
        let slope = F::from_f64(Down::CLAMP_SLOPE);
        self.strided.run(map, c, 0, scratch);
        fold(map, self.input, &mut scratch.swap);
        std::mem::swap(map, &mut scratch.swap);
        let (folded, y1) = (4 * c, 4 * self.first);
        let mut log_det = 0.0;
        for (pixel, a) in map.chunks_exact_mut(folded).zip(scratch.result.chunks_exact(2 * (folded - y1))) {
            log_det += affine(&mut pixel[y1..], a, slope);
        }
        self.lowres.run(map, folded, y1, scratch);
        for (pixel, a) in map.chunks_exact_mut(folded).zip(scratch.result.chunks_exact(2 * y1)) {
            log_det += affine(&mut pixel[..y1], a, slope);
        }
        log_det
    }

    /// Decodes in place.
    pub fn inverse(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        let c = self.input.channels;
        let slope = F::from_f64(Down::CLAMP_SLOPE);
        let (folded, y1) = (4 * c, 4 * self.first);
        self.lowres.run(map, folded, y1, scratch);
        for (pixel, a) in map.chunks_exact_mut(folded).zip(scratch.result.chunks_exact(2 * y1)) {
            unaffine(&mut pixel[..y1], a, slope);
        }
        // x1 is whole now; the part of the unfolded map that belongs to x2 is still transformed, and unused here.
        unfold(map, self.input, &mut scratch.swap);
        let mut unfolded = std::mem::take(&mut scratch.swap);
        self.strided.run(&unfolded, c, 0, scratch);
        for (pixel, a) in map.chunks_exact_mut(folded).zip(scratch.result.chunks_exact(2 * (folded - y1))) {
            unaffine(&mut pixel[y1..], a, slope);
        }
        unfold(map, self.input, &mut unfolded);
        scratch.swap = std::mem::replace(map, unfolded);
    }
}

/// Offset in a pixel-major map of `shape` of the number that folding puts at channel 4c + 2·dy + dx of pixel p.
fn unfolded_index(shape: Shape, p: usize, channel: usize) -> usize {
    let half = shape.width / 2;
    let (y, x) = (2 * (p / half) + channel / 2 % 2, 2 * (p % half) + channel % 2);
    (y * shape.width + x) * shape.channels + channel / 4
}

/// 2×2 space-to-depth: (C, H, W) → (4C, H/2, W/2), out\[4c + 2·dy + dx\] = x\[c, 2i + dy, 2j + dx\] (spec §2.4).
pub(super) fn fold<F: Real>(map: &[F], shape: Shape, out: &mut Vec<F>) {
    let folded = 4 * shape.channels;
    out.resize(map.len(), F::default());
    for (p, pixel) in out.chunks_exact_mut(folded).enumerate() {
        for (channel, value) in pixel.iter_mut().enumerate() {
            *value = map[unfolded_index(shape, p, channel)];
        }
    }
}

/// The inverse of [`fold`]; `shape` is the unfolded one.
pub(super) fn unfold<F: Real>(map: &[F], shape: Shape, out: &mut Vec<F>) {
    let folded = 4 * shape.channels;
    out.resize(map.len(), F::default());
    for (p, pixel) in map.chunks_exact(folded).enumerate() {
        for (channel, &value) in pixel.iter().enumerate() {
            out[unfolded_index(shape, p, channel)] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn affine_matches_the_hand_computed_values() {
        let mut x = [2.0f64];
        let log_det = affine(&mut x, &[1.0, 0.5], 0.1);
        assert!((log_det - 0.069_767_596_2).abs() < 1e-10);
        assert!((x[0] - (2.0 * 1.072_258_955_2 + 0.5)).abs() < 1e-9);
        unaffine(&mut x, &[1.0, 0.5], 0.1);
        assert!((x[0] - 2.0).abs() < 1e-14);
        let mut y = [0.0f64];
        assert!((affine(&mut y, &[1.0, 0.0], 0.2) - 0.138_162_724_2).abs() < 1e-10);
        for (a, factor) in [(1e9, 2.013_752_7), (-1e9, 0.496_585_3)] {
            let mut x = [1.0f64];
            affine(&mut x, &[a, 0.0], 0.1);
            assert!((x[0] - factor).abs() < 1e-7);
        }
    }

    #[test]
    fn folding_keeps_the_documented_order_and_inverts() {
        let shape = Shape { channels: 2, height: 2, width: 2 };
        // Pixel-major: channel 0 holds 1 2 3 4, channel 1 holds 5 6 7 8.
        let map = [1.0f32, 5.0, 2.0, 6.0, 3.0, 7.0, 4.0, 8.0];
        let (mut folded, mut back) = (Vec::new(), Vec::new());
        fold(&map, shape, &mut folded);
        assert_eq!(folded, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        unfold(&folded, shape, &mut back);
        assert_eq!(back, map);
    }

    /// One pixel, two channels, a subnet that always answers (a_s, a_t) = (1, 0.5), and α = ln 0.75.
    fn one_pixel(rotation: [f64; 4]) -> CouplingLayer<f64> {
        let shape = Shape { channels: 2, height: 1, width: 1 };
        let coupling = Coupling { name: "c".into(), shape, width: 1, leading_relu: false };
        let get = |name: &str| match name {
            "c.mix.matrix" => rotation.to_vec(),
            "c.scale.log_alpha" => vec![0.75f64.ln(); 2],
            "c.offset" => vec![0.0; 2],
            "c.subnet.conv3.bias" => vec![1.0, 0.5],
            "c.subnet.conv3.weight" => vec![0.0; 2],
            name if name.ends_with("weight") => vec![0.0; 9],
            _ => vec![0.0],
        };
        CouplingLayer::new(&coupling, &Weights(&get))
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
