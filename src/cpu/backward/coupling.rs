//! Coupling blocks (method §2.2), forwards, backwards, and from what they gave back to what came in.
//!
//! With (x₁, x₂) = x, what the subnet makes of x₁ as scale s and shift t, and the mixing matrix M = diag(e^α)·W, forwards
//!
//! *u = (x₁, x₂·e^ℓ(s) + t)*, *y = M u + o* at every pixel, *log-det = Σℓ + P·Σα*.
//!
//! Backwards, with dy and the log-det's gradient dL given,
//!
//! *do = Σ dy*, *dα = Σ dy·(y − o) + P·dL*, *du = Mᵀ dy*,
//!
//! and from du as [`affine_backward`] and [`subnet`](super::subnet) say. W is not trained.

use std::ops::Range;
use std::sync::Arc;

use super::Memory;
use super::buffers::Map;
use super::corrections::Corrections;
use super::subnet::{Hidden, TrainedSubnet};
use super::{GROUP, Pass, rounded_total};
use crate::Real;
use crate::cpu::affine::{AffineBuffers, Part, Tanh, affine, affine_backward, unaffine};
use crate::cpu::coupling::packed;
use crate::cpu::kernel::{Packed, Rows, multiply};
use crate::cpu::parallel;
use crate::cpu::scratch::{Shared, grown};
use crate::cpu::subnet::side_by_side;
use crate::spec::element::Coupling;
use crate::spec::layout::Layout;
use crate::spec::mixing::{Conv1x1, Mixing};
use crate::spec::tensors::CouplingTensors;

/// A coupling block.
pub(super) struct TrainedCoupling {
    subnet: TrainedSubnet,
    channels: usize,
    /// Channels that the subnet sees.
    first: usize,
    pixels: usize,
    /// Offsets of the pixels.
    places: Arc<[u32]>,
    rotation: Range<usize>,
    log_alpha: Range<usize>,
    offset: Range<usize>,
}

/// What a block's inverse misses of an image: of what the subnet sees, and of the rest.
type ImageCorrections<F> = [Corrections<F>; 2];

/// What a block keeps for its backward pass.
pub(super) enum Kept<F> {
    /// The hidden layers; what came in is kept, too.
    Stored(Box<Hidden<F>>),
    /// What makes what came in of what came out.
    Reversible(Vec<ImageCorrections<F>>),
}

/// The gradient before the mixing from that after it: du = Mᵀ dy.
fn transposed<F: Real>(Conv1x1 { weight, bias }: &Conv1x1) -> Packed<F> {
    let c = bias.len();
    Packed::from_fn(&vec![F::default(); c], c, 1, |k, n, _| F::from_f64(weight[n * c + k]))
}

/// A group of images on its way back through a block.
struct Group<'a, F> {
    x: &'a [F],
    y: &'a [F],
    dy: &'a [F],
    dx: &'a mut [F],
    /// Gradients of the log-dets.
    log_det: &'a [F],
    log_alpha: Vec<f64>,
    offset: Vec<f64>,
}

impl TrainedCoupling {
    pub fn new(coupling: &Coupling, layout: &Layout, shared: &mut Shared) -> Self {
        let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
        let shape = coupling.shape;
        Self {
            subnet: TrainedSubnet::new(coupling.subnet(), shape, 0, layout, shared),
            channels: shape.channels,
            first: coupling.split().0,
            pixels: shape.pixels(),
            places: shared.offsets(side_by_side(shape.pixels(), shape.channels)),
            rotation: layout.range(&rotation),
            log_alpha: layout.range(&log_alpha),
            offset: layout.range(&offset),
        }
    }

    /// The subnet.
    pub fn subnet(&self) -> &TrainedSubnet {
        &self.subnet
    }

    fn mixing<F: Real>(&self, values: &[F]) -> Mixing {
        let [rotation, log_alpha, offset] = [&self.rotation, &self.log_alpha, &self.offset]
            .map(|range| values[range.clone()].iter().map(|v| v.to_f64()).collect::<Vec<_>>());
        Mixing::new(self.pixels, &rotation, &log_alpha, &offset)
    }

    /// Numbers of an image's map.
    fn len(&self) -> usize {
        self.pixels * self.channels
    }

    fn mix<F: Real>(&self, matrix: &Packed<F>, from: &[F], to: &mut [F]) {
        let rows = Rows { input: &self.places, taps: &[0], output: &self.places };
        multiply(matrix, from, &rows, to, false);
    }

    /// x₂ in a map.
    fn second<'a, F>(&self, map: &'a mut [F]) -> Part<'a, F> {
        Part { map, step: self.channels, first: self.first, width: self.channels - self.first }
    }

    fn clamp<F: Real>() -> Tanh<F> {
        Tanh::new(Coupling::CLAMP_SLOPE)
    }

    /// Runs the block on a batch of maps, and adds to their log-dets.
    pub fn forward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        mask: Option<&[F]>,
        memory: Memory,
        log_det: &mut [f64],
    ) -> (Map<F>, Hidden<F>, Vec<ImageCorrections<F>>) {
        let hidden = self.subnet.hidden(pass, x);
        let last = self.subnet.last(pass, &hidden, mask);
        let mixing = self.mixing(pass.values);
        let (mix, unmix) = (packed(&mixing.forward), packed(&mixing.inverse));
        let (len, constant) = (self.len(), mixing.log_det);
        let mut y = pass.map(len);
        let groups = y.chunks_mut(GROUP * len).zip(x.chunks(GROUP * len)).zip(log_det.chunks_mut(GROUP));
        let groups = groups.enumerate().collect();
        type Item<'a, F> = (usize, ((&'a mut [F], &'a [F]), &'a mut [f64]));
        let corrections = parallel::map(groups, |(group, ((y, x), log_det)): Item<'_, F>| {
            pass.pool.with(|scratch| {
                let mut corrections = Vec::new();
                let images = y.chunks_exact_mut(len).zip(x.chunks_exact(len)).zip(log_det);
                for (i, ((y, x), log_det)) in images.enumerate() {
                    last.run(group * GROUP + i, &mut scratch.hidden, &mut scratch.result);
                    let a = &scratch.result[..self.subnet.results()];
                    let u = grown(&mut scratch.map, len);
                    u.copy_from_slice(x);
                    *log_det += constant + affine(self.second(u), a, &mut scratch.logs, Self::clamp());
                    self.mix(&mix, u, y);
                    if memory == Memory::Reversible {
                        self.mix(&unmix, y, u);
                        unaffine(self.second(u), a, &mut scratch.logs, Self::clamp());
                        corrections.push(self.corrections(x, u));
                    }
                }
                corrections
            })
        });
        drop(last);
        (y, hidden, corrections.into_iter().flatten().collect())
    }

    fn corrections<F: Real>(&self, wanted: &[F], got: &[F]) -> ImageCorrections<F> {
        let sides = [self.first, self.channels - self.first];
        let mut corrections = sides.map(|side| Corrections::with_capacity(self.pixels * side));
        for (wanted, got) in wanted.chunks_exact(self.channels).zip(got.chunks_exact(self.channels)) {
            for (c, (&wanted, &got)) in wanted.iter().zip(got).enumerate() {
                corrections[usize::from(c >= self.first)].push(wanted, got);
            }
        }
        corrections
    }

    /// From the maps after the block to those before it, exactly, and what the hidden layers made of these.
    pub fn inverse<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        y: &[F],
        mask: Option<&[F]>,
        corrections: &[ImageCorrections<F>],
    ) -> (Map<F>, Hidden<F>) {
        let unmix = packed(&self.mixing(pass.values).inverse);
        let len = self.len();
        let mut x = pass.map(len);
        let corrected = y.chunks(GROUP * len).zip(corrections.chunks(GROUP));
        let groups = x.chunks_mut(GROUP * len).zip(corrected).collect();
        type Corrected<'a, F> = (&'a mut [F], (&'a [F], &'a [ImageCorrections<F>]));
        parallel::map(groups, |(x, (y, corrections)): Corrected<'_, F>| {
            let images = x.chunks_exact_mut(len).zip(y.chunks_exact(len)).zip(corrections);
            for ((x, y), corrections) in images {
                self.mix(&unmix, y, x);
                let mut reader = corrections[0].reader();
                for pixel in x.chunks_exact_mut(self.channels) {
                    pixel[..self.first].iter_mut().for_each(|v| *v = reader.apply(*v));
                }
            }
        });
        let hidden = self.subnet.hidden(pass, &x);
        let last = self.subnet.last(pass, &hidden, mask);
        let groups = x.chunks_mut(GROUP * len).zip(corrections.chunks(GROUP)).enumerate().collect();
        type Item<'a, F> = (usize, (&'a mut [F], &'a [ImageCorrections<F>]));
        parallel::map(groups, |(group, (x, corrections)): Item<'_, F>| {
            pass.pool.with(|scratch| {
                for (i, (x, corrections)) in x.chunks_exact_mut(len).zip(corrections).enumerate() {
                    last.run(group * GROUP + i, &mut scratch.hidden, &mut scratch.result);
                    let a = &scratch.result[..self.subnet.results()];
                    unaffine(self.second(x), a, &mut scratch.logs, Self::clamp());
                    let mut reader = corrections[1].reader();
                    for pixel in x.chunks_exact_mut(self.channels) {
                        pixel[self.first..].iter_mut().for_each(|v| *v = reader.apply(*v));
                    }
                }
            });
        });
        drop(last);
        (x, hidden)
    }

    /// From the gradients `dy` of what the block gave and `log_det` of the log-dets to that of what came in; the gradients
    /// of its parameters go to `gradient`. Without `wants_x` what it gives is of no use.
    #[allow(clippy::too_many_arguments, reason = "both ends of a block, its log-dets and its parameters")]
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, y): (&[F], &[F]),
        hidden: &Hidden<F>,
        mask: Option<&[F]>,
        dy: &[F],
        log_det: &[F],
        gradient: &mut [F],
        wants_x: bool,
    ) -> Map<F> {
        let last = self.subnet.last(pass, hidden, mask);
        let transposed = transposed(&self.mixing(pass.values).forward);
        let offsets = &pass.values[self.offset.clone()];
        let (c, len) = (self.channels, self.len());
        let mut dx = pass.map(len);
        let ends = x.chunks(GROUP * len).zip(y.chunks(GROUP * len));
        let gradients = dy.chunks(GROUP * len).zip(dx.chunks_mut(GROUP * len)).zip(log_det.chunks(GROUP));
        let group = |((x, y), ((dy, dx), log_det))| Group {
            x,
            y,
            dy,
            dx,
            log_det,
            log_alpha: vec![0.0; c],
            offset: vec![0.0; c],
        };
        let groups = ends.zip(gradients).map(group).collect();
        let (groups, below) =
            self.subnet.backward_last(pass, &last, groups, gradient, |group, i, a, da, scratch| {
                let range = i * len..(i + 1) * len;
                let (x, y, dy) = (&group.x[range.clone()], &group.y[range.clone()], &group.dy[range.clone()]);
                for (dy, y) in dy.chunks_exact(c).zip(y.chunks_exact(c)) {
                    for k in 0..c {
                        group.log_alpha[k] += (dy[k] * (y[k] - offsets[k])).to_f64();
                        group.offset[k] += dy[k].to_f64();
                    }
                }
                let constant = self.pixels as f64 * group.log_det[i].to_f64();
                group.log_alpha.iter_mut().for_each(|sum| *sum += constant);
                let du = &mut group.dx[range];
                self.mix(&transposed, dy, du);
                let buffers = AffineBuffers { logs: &mut scratch.logs, slopes: &mut scratch.slopes };
                affine_backward(self.second(du), x, (a, da), group.log_det[i], buffers, Self::clamp());
            });
        drop(last);
        let (log_alpha, offset): (Vec<_>, Vec<_>) =
            groups.into_iter().map(|group| (group.log_alpha, group.offset)).unzip();
        rounded_total(&log_alpha, &mut gradient[self.log_alpha.clone()]);
        rounded_total(&offset, &mut gradient[self.offset.clone()]);
        let wanted = wants_x.then_some(&mut dx[..]);
        self.subnet.backward_hidden(pass, x, hidden, below, wanted, gradient);
        dx
    }
}
