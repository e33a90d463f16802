//! Subnets (method §2.3): conv3×3, batch-norm, ReLU, conv3×3, batch-norm, ReLU, mask, conv1×1.
//!
//! With the convolutions C₁, C₂, C₃, the batch-norms N₁, N₂ and the mask m, forwards
//!
//! *h₁ = C₁ x*, *z₁ = relu(N₁ h₁)*, *h₂ = C₂ z₁*, *z₂ = m·relu(N₂ h₂)*, *a = C₃ z₂ + b*,
//!
//! of which h₁ and h₂ are kept; what follows from them is computed again. Backwards, with da given,
//!
//! *dC₃ = Σ da⊗z₂*, *db = Σ da*, *dz₂ = C₃ᵀ da*, *dh₂ = N₂′ dz₂*, *dC₂ = Σ dh₂⊗z₁*, *dz₁ = C₂ᵀ dh₂*, *dh₁ = N₁′ dz₁*,
//! *dC₁ = Σ dh₁⊗x*, *dx = C₁ᵀ dh₁*,
//!
//! each C′s product over a window and its sum over pixels; N′ is that of [`norm`](super::norm). A leading ReLU passes dx
//! where x is positive.

mod backward;

use std::ops::Range;
use std::sync::Arc;

use super::buffers::Map;
use super::norm::{GradientSums, Moments, Norm};
use super::transposed::Transposed;
use super::{GROUP, Normalize, Pass};
use crate::Real;
use crate::cpu::border::Bordered;
use crate::cpu::kernel::{Packed, multiply};
use crate::cpu::parallel;
use crate::cpu::scratch::{MapRole, Scratch, Shared, grown};
use crate::cpu::subnet::{as_rows, side_by_side};
use crate::spec::Shape;
use crate::spec::element::Subnet;
use crate::spec::layout::Layout;
use crate::spec::tensors::{NormTensors, SubnetTensors};

/// Places of a batch-norm's tensors.
struct NormPlaces {
    gamma: Range<usize>,
    beta: Range<usize>,
    mean: Range<usize>,
    variance: Range<usize>,
}

/// Places of a subnet's tensors.
struct SubnetPlaces {
    conv1: Range<usize>,
    norm1: NormPlaces,
    conv2: Range<usize>,
    norm2: NormPlaces,
    conv3: Range<usize>,
    bias3: Range<usize>,
}

impl SubnetPlaces {
    fn new(subnet: &Subnet, layout: &Layout) -> Self {
        let norm = |tensors: &NormTensors| NormPlaces {
            gamma: layout.range(&tensors.gamma),
            beta: layout.range(&tensors.beta),
            mean: layout.range(&tensors.running_mean),
            variance: layout.range(&tensors.running_var),
        };
        let SubnetTensors { hidden: [first, second], last } = subnet.tensors();
        let [conv3, bias3] = layout.layer(&last);
        Self {
            conv1: layout.range(&first.conv.weight),
            norm1: norm(&first.norm),
            conv2: layout.range(&second.conv.weight),
            norm2: norm(&second.norm),
            conv3,
            bias3,
        }
    }
}

pub(super) use backward::to_weight;

/// A subnet that reads some of the channels of a map.
pub(super) struct TrainedSubnet {
    tensors: SubnetPlaces,
    sizes: Subnet,
    /// The map that it reads; its channels are those of the whole map.
    shape: Shape,
    /// The first channel that it reads.
    first: usize,
    input: Bordered,
    hidden: Bordered,
    /// Gradients of what the convolutions gave.
    gradients: [Bordered; 2],
    /// Offsets of gradients in their bordered maps.
    places: [Arc<[u32]>; 2],
    rows: [[Arc<[u32]>; 3]; 3],
    transposed: [Transposed; 2],
}

/// What the hidden layers made of a batch.
pub(super) struct Hidden<F> {
    /// What the first convolution gave, (B, P, w).
    first: Map<F>,
    /// What the second convolution gave, (B, Q, w).
    second: Map<F>,
    norm1: Norm<F>,
    norm2: Norm<F>,
}

/// What the last layer of a subnet leaves for those below it.
pub(super) struct Below<F> {
    /// The gradient before the second ReLU, (B, Q, w).
    dz: Map<F>,
    sums: GradientSums,
}

/// The last layer of a subnet, ready to run image by image.
pub(super) struct LastLayer<'a, F> {
    subnet: &'a TrainedSubnet,
    hidden: &'a Hidden<F>,
    mask: Option<&'a [F]>,
    conv: Packed<F>,
}

impl TrainedSubnet {
    /// `sizes` on the channels from `first` on of maps of `shape`.
    pub fn new(sizes: Subnet, shape: Shape, first: usize, layout: &Layout, shared: &mut Shared) -> Self {
        let Subnet { input, width, output, .. } = sizes;
        let stride = sizes.stride();
        let of = |channels| Shape { channels, ..shape };
        let hidden_shape = of(width);
        let reduced = Shape { height: shape.height / stride, width: shape.width / stride, ..hidden_shape };
        let padded = Bordered::new(MapRole::Input, of(input), shared);
        let hidden = Bordered::new(MapRole::Hidden, hidden_shape, shared);
        let gradients = [hidden_shape, reduced].map(|shape| Bordered::new(MapRole::Gradient, shape, shared));
        let (first_dense, second_dense) =
            (side_by_side(shape.pixels(), width), side_by_side(reduced.pixels(), width));
        let rows = [
            [padded.windows(1), padded.window(), first_dense],
            [hidden.windows(stride), hidden.window(), second_dense.clone()],
            [second_dense, vec![0], side_by_side(reduced.pixels(), output)],
        ];
        let transposed = [
            Transposed::new(input, hidden_shape, 1, &gradients[0], shared),
            Transposed::new(width, reduced, stride, &gradients[1], shared),
        ];
        Self {
            tensors: SubnetPlaces::new(&sizes, layout),
            shape,
            first,
            places: [0, 1].map(|i| shared.offsets(gradients[i].pixels())),
            rows: rows.map(|rows| rows.map(|offsets| shared.offsets(offsets))),
            input: padded,
            hidden,
            gradients,
            transposed,
            sizes,
        }
    }

    /// Numbers of an image's map that it reads.
    fn row(&self) -> usize {
        self.shape.len()
    }

    /// Pixels Q of what it gives.
    fn reduced(&self) -> usize {
        self.rows[2][0].len()
    }

    /// Numbers that it gives for an image.
    pub fn results(&self) -> usize {
        self.reduced() * self.sizes.output
    }

    /// Hidden channels.
    pub fn width(&self) -> usize {
        self.sizes.width
    }

    /// Numbers of an image's hidden layers.
    fn hidden_lengths(&self) -> [usize; 2] {
        [self.shape.pixels(), self.reduced()].map(|pixels| pixels * self.sizes.width)
    }

    fn norm<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        tensors: &NormPlaces,
        moments: Vec<Moments>,
        stride: usize,
    ) -> Norm<F> {
        let (gamma, beta) = (&pass.values[tensors.gamma.clone()], &pass.values[tensors.beta.clone()]);
        let (moments, columns) = (merged(moments), self.shape.width / stride);
        match pass.normalize {
            Normalize::ByBatch => Norm::new(&moments, gamma, beta, columns),
            Normalize::Not => Norm::plain(&moments, beta, columns),
        }
    }

    /// Runs the hidden layers on a batch of maps.
    pub fn hidden<F: Real>(&self, pass: &Pass<'_, F>, x: &[F]) -> Hidden<F> {
        let Subnet { input, width, leading_relu, .. } = self.sizes;
        let stride = self.sizes.stride();
        let (values, zeros, columns) = (pass.values, vec![F::default(); width], self.shape.width);
        let [len1, len2] = self.hidden_lengths();

        let conv = Packed::new(&values[self.tensors.conv1.clone()], &zeros, input, 9);
        let mut first = pass.map(len1);
        let groups = first.chunks_mut(GROUP * len1).zip(x.chunks(GROUP * self.row())).collect();
        let moments = parallel::map(groups, |(hidden, x)| {
            pass.pool.with(|scratch| {
                let images = hidden.chunks_exact_mut(len1).zip(x.chunks_exact(self.row()));
                merged(images.map(|(hidden, x)| {
                    let padded = self.input.filled(x, self.shape.channels, self.first, leading_relu, scratch);
                    multiply(&conv, &padded, &as_rows(&self.rows[0]), hidden, false);
                    self.input.give_back(padded, scratch);
                    Moments::of(hidden, columns, width)
                }))
            })
        });
        let norm1 = self.norm(pass, &self.tensors.norm1, moments, 1);

        let conv = Packed::new(&values[self.tensors.conv2.clone()], &zeros, width, 9);
        let mut second = pass.map(len2);
        let groups = second.chunks_mut(GROUP * len2).zip(first.chunks(GROUP * len1)).collect();
        let moments = parallel::map(groups, |(second, first)| {
            pass.pool.with(|scratch| {
                let images = second.chunks_exact_mut(len2).zip(first.chunks_exact(len1));
                merged(images.map(|(second, first)| {
                    let active = self.first_active(&norm1, first, scratch);
                    multiply(&conv, &active, &as_rows(&self.rows[1]), second, false);
                    self.hidden.give_back(active, scratch);
                    Moments::of(second, columns / stride, width)
                }))
            })
        });
        let norm2 = self.norm(pass, &self.tensors.norm2, moments, stride);
        Hidden { first, second, norm1, norm2 }
    }

    /// The first hidden layer of an image after batch-norm and ReLU, in its border.
    fn first_active<F: Real>(&self, norm: &Norm<F>, first: &[F], scratch: &mut Scratch<F>) -> Vec<F> {
        let mut active = self.hidden.take(scratch);
        norm.activate(first, None, self.hidden.row(), &mut active[self.hidden.first()..]);
        active
    }

    /// Batch statistics with the places of the running ones.
    pub fn statistics<F: Real>(&self, hidden: &Hidden<F>, to: &mut Vec<(Range<usize>, Vec<F>)>) {
        let SubnetPlaces { norm1, norm2, .. } = &self.tensors;
        for (tensors, norm) in [(norm1, &hidden.norm1), (norm2, &hidden.norm2)] {
            to.push((tensors.mean.clone(), norm.mean.clone()));
            to.push((tensors.variance.clone(), norm.variance.clone()));
        }
    }

    /// The last layer. `mask` holds a factor for each hidden channel of each image, (B, w).
    pub fn last<'a, F: Real>(
        &'a self,
        pass: &Pass<'_, F>,
        hidden: &'a Hidden<F>,
        mask: Option<&'a [F]>,
    ) -> LastLayer<'a, F> {
        let [weight, bias] =
            [&self.tensors.conv3, &self.tensors.bias3].map(|range| &pass.values[range.clone()]);
        LastLayer { subnet: self, hidden, mask, conv: Packed::new(weight, bias, self.sizes.width, 1) }
    }
}

impl<F: Real> LastLayer<'_, F> {
    /// What the second convolution gave for an image.
    fn second(&self, image: usize) -> &[F] {
        let len = self.subnet.hidden_lengths()[1];
        &self.hidden.second[image * len..][..len]
    }

    /// Numbers that the subnet gives for an image.
    pub fn results(&self) -> usize {
        self.subnet.results()
    }

    fn mask(&self, image: usize) -> Option<&[F]> {
        let width = self.subnet.sizes.width;
        self.mask.map(|mask| &mask[image * width..][..width])
    }

    /// What the subnet gives for an image, (Q, O), which becomes the first numbers of `result`; those of `active` become
    /// the last hidden layer, (Q, w).
    pub fn run(&self, image: usize, active: &mut Vec<F>, result: &mut Vec<F>) {
        let norm = &self.hidden.norm2;
        let active = grown(active, self.subnet.hidden_lengths()[1]);
        norm.activate(self.second(image), self.mask(image), norm.row(), active);
        let result = grown(result, self.subnet.results());
        multiply(&self.conv, active, &as_rows(&self.subnet.rows[2]), result, false);
    }
}

/// The moments of all images or groups, in order.
fn merged(moments: impl IntoIterator<Item = Moments>) -> Moments {
    let merged = moments.into_iter().reduce(|all, next| all.merge(&next));
    merged.unwrap_or_else(|| unreachable!("a batch has an image"))
}
