//! The dense coupling (method §2.6), on a group of latents at once so that its large weights are read once a group.

use super::affine::{Arctan, Part, affine, unaffine};
use super::kernel::{Packed, Rows, multiply};
use super::scratch::{Scratch, grown};
use super::{GROUP, LayerBuilder};
use crate::Real;
use crate::spec::element::Dense;
use crate::spec::linear::DenseNet;

/// A subnet of two linear layers, and the half of the latents that it transforms.
struct Net<F> {
    hidden: Packed<F>,
    output: Packed<F>,
    /// Numbers from one latent to the next.
    dims: usize,
    /// The first number that the coupling transforms, and how many.
    first: usize,
    width: usize,
    /// Offsets for a group: of the numbers that the subnet sees, of its hidden layer, of its result.
    offsets: [Vec<u32>; 3],
}

impl<F: Real> Net<F> {
    fn new(net: &DenseNet, dims: usize, source: usize, target: usize, builder: &LayerBuilder<'_, F>) -> Self {
        let [first, second] = net.tensors();
        let (hidden, width) = (net.hidden, net.outputs / 2);
        let offsets = |step: usize, first: usize| (0..GROUP).map(|i| (i * step + first) as u32).collect();
        Self {
            hidden: builder.packed(&first, net.inputs, 1),
            output: builder.packed(&second, hidden, 1),
            dims,
            first: target,
            width,
            offsets: [offsets(dims, source), offsets(hidden, 0), offsets(2 * width, 0)],
        }
    }

    /// Runs on the latents in `z`, at most a group; returns scale and shift of each.
    fn run<'a>(&self, z: &[F], hidden: &'a mut Vec<F>, result: &'a mut Vec<F>) -> &'a [F] {
        let count = z.len() / self.dims;
        let [source, middle, end] = self.offsets.each_ref().map(|offsets| &offsets[..count]);
        let hidden = grown(hidden, count * self.hidden.outputs());
        let result = grown(result, count * self.output.outputs());
        multiply(&self.hidden, z, &Rows { input: source, taps: &[0], output: middle }, hidden, true);
        multiply(&self.output, hidden, &Rows { input: middle, taps: &[0], output: end }, result, false);
        result
    }

    fn part<'a>(&self, latents: &'a mut [F]) -> Part<'a, F> {
        Part { map: latents, step: self.dims, first: self.first, width: self.width }
    }
}

/// The dense coupling.
pub(super) struct DenseLayer<F> {
    net1: Net<F>,
    net2: Net<F>,
}

impl<F: Real> DenseLayer<F> {
    pub fn new(dense: &Dense, builder: &LayerBuilder<'_, F>) -> Self {
        let [net1, net2] = dense.nets();
        let second = dense.split().0;
        Self {
            net1: Net::new(&net1, dense.dims, 0, second, builder),
            net2: Net::new(&net2, dense.dims, second, 0, builder),
        }
    }

    /// Encodes a group of latents in place and adds to each one's log-det.
    pub fn forward(&self, z: &mut [F], log_det: &mut [f64], scratch: &mut Scratch<F>) {
        for net in [&self.net2, &self.net1] {
            let a = net.run(z, &mut scratch.hidden, &mut scratch.result);
            for ((z, a), log_det) in
                z.chunks_exact_mut(net.dims).zip(a.chunks_exact(2 * net.width)).zip(&mut *log_det)
            {
                *log_det += affine(net.part(z), a, &mut scratch.logs, Arctan);
            }
        }
    }

    /// Decodes a group of latents in place.
    pub fn inverse(&self, z: &mut [F], scratch: &mut Scratch<F>) {
        for net in [&self.net1, &self.net2] {
            let a = net.run(z, &mut scratch.hidden, &mut scratch.result);
            unaffine(net.part(z), a, &mut scratch.logs, Arctan);
        }
    }
}
