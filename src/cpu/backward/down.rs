//! Down-couplings (method §2.4), forwards and backwards.
//!
//! With f the folding of 2×2 patches into channels, (x₁, x₂) = x, and the strided subnet S and the low-res subnet R,
//!
//! *y₂ = f(x₂)·e^ℓ(S x₁) + t(S x₁)*, *y₁ = f(x₁)·e^ℓ(R y₂) + t(R y₂)*, *log-det = Σℓ* of both.
//!
//! Backwards, R's coupling comes first: it makes the gradient of f(x₁) of dy₁ and adds that of what R read to dy₂; S's
//! makes that of f(x₂) of dy₂; they are unfolded, and that of what S read is added to dx₁.

use super::buffers::Map;
use super::subnet::{Below, Hidden, LastLayer, TrainedSubnet};
use super::{GROUP, Pass};
use crate::Real;
use crate::cpu::affine::{AffineBuffers, Part, Tanh, affine, affine_backward};
use crate::cpu::coupling::{fold, unfold};
use crate::cpu::parallel;
use crate::cpu::scratch::{Scratch, Shared, grown};
use crate::spec::Shape;
use crate::spec::element::Down;
use crate::spec::layout::Layout;

/// A down-coupling.
pub(super) struct TrainedDown {
    strided: TrainedSubnet,
    lowres: TrainedSubnet,
    input: Shape,
    /// Channels of y₁, after folding.
    first: usize,
}

/// What it keeps for its backward pass.
pub(super) struct Kept<F> {
    strided: Hidden<F>,
    lowres: Hidden<F>,
}

impl<F> Kept<F> {
    /// The hidden layers of both subnets, in the order in which an image passes them.
    pub fn hidden(&self) -> [&Hidden<F>; 2] {
        [&self.strided, &self.lowres]
    }
}

/// Images of a group, and the gradients of what they became and of its log-dets.
type Group<'a, F> = ((&'a [F], &'a mut [F]), &'a [F]);

impl TrainedDown {
    pub fn new(down: &Down, layout: &Layout, shared: &mut Shared) -> Self {
        let first = 4 * down.split().0;
        Self {
            strided: TrainedSubnet::new(down.strided(), down.input, 0, layout, shared),
            lowres: TrainedSubnet::new(down.lowres(), down.input.folded(), first, layout, shared),
            input: down.input,
            first,
        }
    }

    /// Both subnets, in the order in which an image passes them.
    pub fn subnets(&self) -> [&TrainedSubnet; 2] {
        [&self.strided, &self.lowres]
    }

    /// y₁ in a folded map.
    fn first<'a, F>(&self, map: &'a mut [F]) -> Part<'a, F> {
        Part { map, step: 4 * self.input.channels, first: 0, width: self.first }
    }

    /// y₂ in a folded map.
    fn second<'a, F>(&self, map: &'a mut [F]) -> Part<'a, F> {
        let step = 4 * self.input.channels;
        Part { map, step, first: self.first, width: step - self.first }
    }

    fn clamp<F: Real>() -> Tanh<F> {
        Tanh::new(Down::CLAMP_SLOPE)
    }

    /// Runs it on a batch of maps, and adds to their log-dets. `mask` is that of the low-res subnet: nothing is dropped in
    /// the strided one (method §9.2).
    pub fn forward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        mask: Option<&[F]>,
        log_det: &mut [f64],
    ) -> (Map<F>, Kept<F>) {
        let len = self.input.len();
        let mut y = pass.map(len);
        let strided = self.strided.hidden(pass, x);
        let last = self.strided.last(pass, &strided, None);
        self.couple(pass, &last, Some(x), &mut y, log_det, |map| self.second(map));
        drop(last);
        let lowres = self.lowres.hidden(pass, &y);
        let last = self.lowres.last(pass, &lowres, mask);
        self.couple(pass, &last, None, &mut y, log_det, |map| self.first(map));
        drop(last);
        (y, Kept { strided, lowres })
    }

    /// Transforms a part of every map of `y`, which is first folded from `x` where that is given.
    fn couple<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        last: &LastLayer<'_, F>,
        x: Option<&[F]>,
        y: &mut [F],
        log_det: &mut [f64],
        part: impl Fn(&mut [F]) -> Part<'_, F> + Sync,
    ) {
        let len = self.input.len();
        let groups = y.chunks_mut(GROUP * len).zip(log_det.chunks_mut(GROUP)).enumerate().collect();
        parallel::map(groups, |(group, (y, log_det)): (usize, (&mut [F], &mut [f64]))| {
            pass.pool.with(|scratch| {
                for (i, (y, log_det)) in y.chunks_exact_mut(len).zip(log_det).enumerate() {
                    let image = group * GROUP + i;
                    if let Some(x) = x {
                        fold(&x[image * len..][..len], self.input, y);
                    }
                    last.run(image, &mut scratch.hidden, &mut scratch.result);
                    let a = &scratch.result[..last.results()];
                    *log_det += affine(part(y), a, &mut scratch.logs, Self::clamp());
                }
            });
        });
    }

    /// From the gradients `dy`, which is spoilt, of what it gave and `log_det` of the log-dets to that of what came in; the
    /// gradients of its parameters go to `gradient`.
    #[allow(clippy::too_many_arguments, reason = "both ends of an element, its log-dets and its parameters")]
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, y): (&[F], &[F]),
        kept: &Kept<F>,
        mask: Option<&[F]>,
        dy: &mut [F],
        log_det: &[F],
        gradient: &mut [F],
    ) -> Map<F> {
        let len = self.input.len();
        let last = self.lowres.last(pass, &kept.lowres, mask);
        let below = self
            .uncouple(pass, (&self.lowres, &last), (x, &mut *dy, log_det), gradient, |map| self.first(map));
        drop(last);
        self.lowres.backward_hidden(pass, y, &kept.lowres, below, Some(&mut *dy), gradient);

        let last = self.strided.last(pass, &kept.strided, None);
        let below = self
            .uncouple(pass, (&self.strided, &last), (x, &mut *dy, log_det), gradient, |map| self.second(map));
        drop(last);
        let mut dx = pass.map(len);
        let images = dx.chunks_mut(len).zip(dy.chunks(len)).collect();
        parallel::map(images, |(dx, dy): (&mut [F], &[F])| unfold(dy, self.input, dx));
        self.strided.backward_hidden(pass, x, &kept.strided, below, Some(&mut dx), gradient);
        dx
    }

    /// The way back through what transformed a part of every map: the gradients of that part in `dy` become those of what it
    /// was before.
    fn uncouple<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (subnet, last): (&TrainedSubnet, &LastLayer<'_, F>),
        (x, dy, log_det): (&[F], &mut [F], &[F]),
        gradient: &mut [F],
        part: impl Fn(&mut [F]) -> Part<'_, F> + Sync,
    ) -> Below<F> {
        let len = self.input.len();
        let groups =
            x.chunks(GROUP * len).zip(dy.chunks_mut(GROUP * len)).zip(log_det.chunks(GROUP)).collect();
        let work = |((x, dy), log_det): &mut Group<'_, F>,
                    i: usize,
                    a: &[F],
                    da: &mut [F],
                    scratch: &mut Scratch<F>| {
            let folded = grown(&mut scratch.map, len);
            fold(&x[i * len..][..len], self.input, folded);
            let buffers = AffineBuffers { logs: &mut scratch.logs, slopes: &mut scratch.slopes };
            affine_backward(
                part(&mut dy[i * len..][..len]),
                folded,
                (a, da),
                log_det[i],
                buffers,
                Self::clamp(),
            );
        };
        subnet.backward_last(pass, last, groups, gradient, work).1
    }
}
