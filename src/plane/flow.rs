//! The plane's flow: coupling blocks of method §2.2 on two numbers a point, forwards, backwards and differentiated.

use super::subnet::{Activations, Lane, Subnet, TILE, dot, sum};
use crate::Real;
use crate::math::random::{Purpose, Stream};
use crate::spec::element::Coupling;

/// Bound of the soft clamp.
const CLAMP: f64 = Coupling::CLAMP_BOUND;
/// Its slope.
const SLOPE: f64 = Coupling::CLAMP_SLOPE;
/// The last layer of a subnet starts at this share of its usual size: the flow begins near a rotation.
const LAST_LAYER: f64 = 0.1;
/// Log-scale and offset of the two channels.
const AFFINE: usize = 4;

/// A chain of coupling blocks. Parameters lie apart, flat, one block behind the other: subnet, α, o.
#[derive(Clone, Debug)]
pub(super) struct Flow<F> {
    subnet: Subnet,
    /// (cos, sin) of each block's soft permutation.
    rotations: Vec<[F; 2]>,
}

/// Points of a tile: two coordinates, and the log-det so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile<F> {
    pub x: [Lane<F>; 2],
    pub log_det: Lane<F>,
}

impl<F: Real> Default for Tile<F> {
    fn default() -> Self {
        Self { x: [[F::default(); TILE]; 2], log_det: [F::default(); TILE] }
    }
}

/// What the forward pass leaves for the backward pass, a record for each block.
#[derive(Clone, Default)]
pub(super) struct Tape<F>(Vec<Record<F>>);

#[derive(Clone)]
struct Record<F> {
    input: [Lane<F>; 2],
    activations: Activations<F>,
    tanh: Lane<F>,
    factor: Lane<F>,
    /// The output without its offset.
    centred: [Lane<F>; 2],
}

impl<F: Real> Flow<F> {
    /// A flow of so many blocks, whose rotations follow from the seed; and its initial parameters.
    ///
    /// A rotation by an angle from 45° to 135° mixes the channels in every block; one drawn from all angles, as the
    /// images' many channels have it, would at times leave two channels as they are.
    pub fn new(blocks: usize, hidden: usize, seed: u64) -> (Self, Vec<F>) {
        let subnet = Subnet { hidden };
        let mut rotations = Vec::with_capacity(blocks);
        let mut parameters = Vec::with_capacity(blocks * (subnet.parameters() + AFFINE));
        for block in 0..blocks {
            let mut stream = Stream::new(seed, Purpose::Init, block as u64);
            let angle = std::f64::consts::FRAC_PI_4 * stream.range(1.0, 3.0);
            rotations.push([libm::cos(angle), libm::sin(angle)].map(F::from_f64));
            for (i, (length, fan_in)) in subnet.tensors().into_iter().enumerate() {
                let (bias, last) = (i % 2 == 1, i >= 4);
                let size = if last { LAST_LAYER } else { 1.0 } / libm::sqrt(fan_in as f64);
                let mut draw =
                    || size * if bias { stream.range(-1.0, 1.0) } else { libm::sqrt(2.0) * stream.normal() };
                parameters.extend((0..length).map(|_| F::from_f64(draw())));
            }
            parameters.extend([F::default(); AFFINE]);
        }
        (Self { subnet, rotations }, parameters)
    }

    /// The parameters of each block: those of the subnet, then α₁ α₂ o₁ o₂.
    fn blocks<'a>(
        &self,
        parameters: &'a [F],
    ) -> impl DoubleEndedIterator<Item = (&'a [F], [F; AFFINE])> + ExactSizeIterator {
        let subnet = self.subnet.parameters();
        parameters.chunks_exact(subnet + AFFINE).map(move |block| {
            let (inner, affine) = block.split_at(subnet);
            (inner, std::array::from_fn(|i| affine[i]))
        })
    }

    /// Encodes a tile in place.
    pub fn encode(&self, parameters: &[F], tile: &mut Tile<F>, tape: &mut Tape<F>) {
        let blocks = self.rotations.len();
        tape.0.resize_with(blocks, || Record {
            input: [[F::default(); TILE]; 2],
            activations: Activations::default(),
            tanh: [F::default(); TILE],
            factor: [F::default(); TILE],
            centred: [[F::default(); TILE]; 2],
        });
        let each = self.blocks(parameters).zip(&self.rotations).zip(&mut tape.0);
        for (((inner, [alpha_1, alpha_2, offset_1, offset_2]), &[cos, sin]), record) in each {
            let [x1, x2] = tile.x;
            record.input = tile.x;
            let [scale, shift] = self.subnet.forward(inner, &x1, &mut record.activations);
            let constant = alpha_1 + alpha_2;
            let (e1, e2) = (alpha_1.exp(), alpha_2.exp());
            for p in 0..TILE {
                let tanh = (F::from_f64(SLOPE) * scale[p]).tanh();
                let l = F::from_f64(CLAMP) * tanh;
                let factor = l.exp();
                let u2 = x2[p] * factor + shift[p];
                let centred = [e1 * (cos * x1[p] - sin * u2), e2 * (sin * x1[p] + cos * u2)];
                tile.x[0][p] = centred[0] + offset_1;
                tile.x[1][p] = centred[1] + offset_2;
                tile.log_det[p] += l + constant;
                record.tanh[p] = tanh;
                record.factor[p] = factor;
                record.centred[0][p] = centred[0];
                record.centred[1][p] = centred[1];
            }
        }
    }

    /// Decodes a tile of latents in place; the log-det becomes that of the inverse.
    pub fn decode(&self, parameters: &[F], tile: &mut Tile<F>) {
        let mut activations = Activations::default();
        for ((inner, [alpha_1, alpha_2, offset_1, offset_2]), &[cos, sin]) in
            self.blocks(parameters).zip(&self.rotations).rev()
        {
            let (e1, e2) = ((-alpha_1).exp(), (-alpha_2).exp());
            for p in 0..TILE {
                let (v1, v2) = (e1 * (tile.x[0][p] - offset_1), e2 * (tile.x[1][p] - offset_2));
                tile.x[0][p] = cos * v1 + sin * v2;
                tile.x[1][p] = cos * v2 - sin * v1;
            }
            let [scale, shift] = self.subnet.forward(inner, &tile.x[0], &mut activations);
            for p in 0..TILE {
                let l = F::from_f64(CLAMP) * (F::from_f64(SLOPE) * scale[p]).tanh();
                tile.x[1][p] = (tile.x[1][p] - shift[p]) * (-l).exp();
                tile.log_det[p] += -(l + alpha_1 + alpha_2);
            }
        }
    }

    /// From the gradients at a tile's latents and log-dets to those of the parameters, which are added to `gradients`
    /// (method §3.4). `tape` is that of the tile's encoding.
    pub fn backward(
        &self,
        parameters: &[F],
        tape: &Tape<F>,
        mut d: [Lane<F>; 2],
        d_log_det: &Lane<F>,
        gradients: &mut [F],
    ) {
        let size = self.subnet.parameters() + AFFINE;
        let each = self.blocks(parameters).zip(&self.rotations).zip(&tape.0);
        let each = each.zip(gradients.chunks_exact_mut(size));
        for ((((inner, [alpha_1, alpha_2, ..]), &[cos, sin]), record), gradients) in each.rev() {
            let (d_inner, d_affine) = gradients.split_at_mut(size - AFFINE);
            let d_constant = sum(d_log_det);
            for c in 0..2 {
                d_affine[c] += dot(&d[c], &record.centred[c]) + d_constant;
                d_affine[2 + c] += sum(&d[c]);
            }
            let (e1, e2) = (alpha_1.exp(), alpha_2.exp());
            let mut outputs = [[F::default(); TILE]; 2];
            for p in 0..TILE {
                let (v1, v2) = (e1 * d[0][p], e2 * d[1][p]);
                let (d_u1, d_u2) = (cos * v1 + sin * v2, cos * v2 - sin * v1);
                let (tanh, factor) = (record.tanh[p], record.factor[p]);
                let slope = F::from_f64(CLAMP * SLOPE) * (F::from_f64(1.0) - tanh * tanh);
                outputs[0][p] = (d_u2 * record.input[1][p] * factor + d_log_det[p]) * slope;
                outputs[1][p] = d_u2;
                d[0][p] = d_u1;
                d[1][p] = d_u2 * factor;
            }
            let d_x1 = self.subnet.backward(inner, &record.input[0], &record.activations, &outputs, d_inner);
            for (d, more) in d[0].iter_mut().zip(d_x1) {
                *d += more;
            }
        }
    }
}
