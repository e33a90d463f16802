//! The dense coupling (method §2.6), forwards and backwards.
//!
//! With (x₁, x₂) = x and the subnets A₂ and A₁, each *a = W₂·m·relu(W₁ x + b₁) + b₂* with a mask m,
//!
//! *y₁ = x₁·e^E(s(A₂ x₂)) + t(A₂ x₂)*, *y₂ = x₂·e^E(s(A₁ y₁)) + t(A₁ y₁)*, *log-det = ΣE* of both.
//!
//! Backwards, A₁'s coupling comes first: it makes dx₂ of dy₂ and adds the gradient of what A₁ read to dy₁; A₂'s makes dx₁
//! of that, and adds to dx₂.

use super::buffers::Map;
use super::linear::{TrainedLinear, Vectors};
use super::{GROUP, Pass};
use crate::Real;
use crate::cpu::affine::{AffineBuffers, Arctan, Part, affine, affine_backward};
use crate::cpu::parallel;
use crate::spec::element::Dense;
use crate::spec::layout::Layout;
use crate::spec::linear::DenseNet;

/// A subnet of two linear layers, and the half of the latents that it transforms.
struct Net {
    layers: [TrainedLinear; 2],
    /// The first number that it sees.
    source: usize,
    /// The first number that the coupling transforms, and how many.
    target: usize,
    width: usize,
}

/// The dense coupling.
pub(super) struct TrainedDense {
    dims: usize,
    net1: Net,
    net2: Net,
}

/// What a subnet keeps for its backward pass.
struct KeptNet<F> {
    /// The hidden layer after ReLU and mask, (B, H).
    hidden: Map<F>,
    /// Scales and shifts, (B, 2·width).
    a: Map<F>,
}

/// What the coupling keeps for its backward pass.
pub(super) struct Kept<F> {
    net1: KeptNet<F>,
    net2: KeptNet<F>,
}

/// Factors of the hidden units of both subnets, (B, H), in the order in which a latent passes them: `net2`, then `net1`.
pub(super) type Masks<'a, F> = [Option<&'a [F]>; 2];

/// Images of a group: two ends of the coupling, scales and shifts or their gradients.
type Item<'a, F> = (&'a mut [F], &'a [F], &'a mut [f64]);

impl Net {
    fn new(net: &DenseNet, source: usize, target: usize, layout: &Layout) -> Self {
        let layers = net.tensors().map(|layer| TrainedLinear::new(&layer, layout));
        Self { layers, source, target, width: net.outputs / 2 }
    }

    fn part<'a, F>(&self, latents: &'a mut [F]) -> Part<'a, F> {
        let step = latents.len();
        Part { map: latents, step, first: self.target, width: self.width }
    }

    fn hidden(&self) -> usize {
        self.layers[0].outputs()
    }

    /// Transforms a batch of latents in place.
    fn forward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        z: &mut [F],
        mask: Option<&[F]>,
        log_det: &mut [f64],
    ) -> KeptNet<F> {
        let dims = z.len() / pass.batch;
        let source = Vectors { values: &*z, step: dims, first: self.source };
        let mut hidden = self.layers[0].forward(pass, source, true);
        if let Some(mask) = mask {
            hidden.iter_mut().zip(mask).for_each(|(value, &factor)| *value = *value * factor);
        }
        let a =
            self.layers[1].forward(pass, Vectors { values: &hidden, step: self.hidden(), first: 0 }, false);
        let len = 2 * self.width;
        let groups = z.chunks_mut(GROUP * dims).zip(a.chunks(GROUP * len)).zip(log_det.chunks_mut(GROUP));
        let groups = groups.map(|((z, a), log_det)| (z, a, log_det)).collect();
        parallel::map(groups, |(z, a, log_det): Item<'_, F>| {
            pass.pool.with(|scratch| {
                for ((z, a), log_det) in z.chunks_exact_mut(dims).zip(a.chunks_exact(len)).zip(log_det) {
                    *log_det += affine(self.part(z), a, &mut scratch.logs, Arctan);
                }
            });
        });
        KeptNet { hidden, a }
    }

    /// Backwards: turns the gradient `d` of what came out into that of what came in. `x` is what the coupling transformed,
    /// `source` what the subnet saw, both in whole latents.
    #[allow(clippy::too_many_arguments, reason = "both ends of a coupling, its log-dets and its parameters")]
    fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, source): (&[F], &[F]),
        kept: &KeptNet<F>,
        mask: Option<&[F]>,
        d: &mut [F],
        log_det: &[F],
        gradient: &mut [F],
    ) {
        let (dims, len) = (d.len() / pass.batch, 2 * self.width);
        let mut da = pass.map(len);
        let ends = d.chunks_mut(dims).zip(x.chunks(dims)).zip(log_det);
        let images = ends.zip(kept.a.chunks(len).zip(da.chunks_mut(len))).collect();
        type Item<'a, F> = (((&'a mut [F], &'a [F]), &'a F), (&'a [F], &'a mut [F]));
        parallel::map(images, |(((d, x), &log_det), (a, da)): Item<'_, F>| {
            pass.pool.with(|scratch| {
                let buffers = AffineBuffers { logs: &mut scratch.logs, slopes: &mut scratch.slopes };
                affine_backward(self.part(d), x, (a, da), log_det, buffers, Arctan);
            });
        });
        let hidden = Vectors { values: &*kept.hidden, step: self.hidden(), first: 0 };
        let mut dh = pass.map(self.hidden());
        dh.fill(F::default());
        let to = Vectors { values: &mut dh[..], step: self.hidden(), first: 0 };
        self.layers[1].backward(pass, hidden, &da, to, gradient);
        rectify(&kept.hidden, mask, &mut dh);
        let seen = Vectors { values: source, step: dims, first: self.source };
        self.layers[0].backward(
            pass,
            seen,
            &dh,
            Vectors { values: d, step: seen.step, first: seen.first },
            gradient,
        );
    }
}

/// Turns the gradient of a hidden layer into that before its ReLU and mask.
pub(super) fn rectify<F: Real>(hidden: &[F], mask: Option<&[F]>, d: &mut [F]) {
    for (i, (d, &value)) in d.iter_mut().zip(hidden).enumerate() {
        *d = match mask {
            _ if value <= F::default() => F::default(),
            Some(mask) => *d * mask[i],
            None => *d,
        };
    }
}

impl TrainedDense {
    pub fn new(dense: &Dense, layout: &Layout) -> Self {
        let [net1, net2] = dense.nets();
        let second = dense.split().0;
        Self {
            dims: dense.dims,
            net1: Net::new(&net1, 0, second, layout),
            net2: Net::new(&net2, second, 0, layout),
        }
    }

    /// Hidden units of both subnets.
    pub fn hidden(&self) -> usize {
        self.net1.hidden()
    }

    /// Runs on a batch of latents, and adds to their log-dets.
    pub fn forward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        [mask2, mask1]: Masks<'_, F>,
        log_det: &mut [f64],
    ) -> (Map<F>, Kept<F>) {
        let mut z = pass.map(self.dims);
        z.copy_from_slice(x);
        let net2 = self.net2.forward(pass, &mut z, mask2, log_det);
        let net1 = self.net1.forward(pass, &mut z, mask1, log_det);
        (z, Kept { net1, net2 })
    }

    /// Turns the gradient `d` of what it gave, with `log_det` those of the log-dets, into that of what came in; the gradients
    /// of its parameters go to `gradient`.
    #[allow(clippy::too_many_arguments, reason = "both ends of an element, its log-dets and its parameters")]
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, y): (&[F], &[F]),
        kept: &Kept<F>,
        [mask2, mask1]: Masks<'_, F>,
        d: &mut [F],
        log_det: &[F],
        gradient: &mut [F],
    ) {
        self.net1.backward(pass, (x, y), &kept.net1, mask1, d, log_det, gradient);
        self.net2.backward(pass, (x, x), &kept.net2, mask2, d, log_det, gradient);
    }
}
