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

use std::ops::Range;
use std::sync::Arc;

use super::buffers::Map;
use super::norm::{GradientSums, Moments, Norm};
use super::transposed::Transposed;
use super::{GROUP, Pass, total};
use crate::Real;
use crate::cpu::border::Bordered;
use crate::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use crate::cpu::parallel;
use crate::cpu::scratch::{MapRole, Scratch, Shared, grown};
use crate::cpu::subnet::{as_rows, side_by_side};
use crate::spec::Shape;
use crate::spec::element::Subnet;
use crate::spec::tensors::{NormTensors, SubnetTensors};
use crate::training::Layout;

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
        values: &[F],
        tensors: &NormPlaces,
        moments: Vec<Moments>,
        stride: usize,
    ) -> Norm<F> {
        let (gamma, beta) = (&values[tensors.gamma.clone()], &values[tensors.beta.clone()]);
        Norm::new(&merged(moments), gamma, beta, self.shape.width / stride)
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
        let norm1 = self.norm(values, &self.tensors.norm1, moments, 1);

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
        let norm2 = self.norm(values, &self.tensors.norm2, moments, stride);
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

    /// The last layer backwards. `work` is called for every image of every group of `groups` with its number in the group
    /// and what the subnet gave for it, (Q, O), and makes the gradient of that. The gradients of the layer's parameters go
    /// to `gradient`.
    pub fn backward_last<F: Real, G: Send>(
        &self,
        pass: &Pass<'_, F>,
        last: &LastLayer<'_, F>,
        groups: Vec<G>,
        gradient: &mut [F],
        work: impl Fn(&mut G, usize, &[F], &mut [F], &mut Scratch<F>) + Sync,
    ) -> (Vec<G>, Below<F>) {
        let Subnet { width, output, .. } = self.sizes;
        let (weight, norm) = (&pass.values[self.tensors.conv3.clone()], &last.hidden.norm2);
        let conv = Packed::from_fn(&vec![F::default(); width], output, 1, |k, n, _| weight[n * width + k]);
        let [hidden_rows, taps, output_rows] = &self.rows[2];
        let len = self.hidden_lengths()[1];
        let unmasked = norm.mask_row(None);
        let mut dz = pass.map(len);
        let groups = dz.chunks_mut(GROUP * len).zip(groups).enumerate().collect();
        let parts = parallel::map(groups, |(group, (dz, mut outer)): (usize, (&mut [F], G))| {
            let (mut conv3, mut bias) = (vec![F::default(); width * output], vec![0.0; output]);
            let mut sums = GradientSums::zeros(width);
            pass.pool.with(|scratch| {
                let mut a = std::mem::take(&mut scratch.result);
                let mut da = std::mem::take(&mut scratch.gradient);
                for (i, dz) in dz.chunks_exact_mut(len).enumerate() {
                    let image = group * GROUP + i;
                    last.run(image, &mut scratch.hidden, &mut a);
                    let da = grown(&mut da, self.results());
                    work(&mut outer, i, &a[..self.results()], da, scratch);
                    for pixel in da.chunks_exact(output) {
                        bias.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += v.to_f64());
                    }
                    let products = Products {
                        input: &scratch.hidden[..len],
                        rows: hidden_rows,
                        taps,
                        inputs: width,
                        gradient: da,
                        places: output_rows,
                        outputs: output,
                    };
                    accumulate(&products, &mut conv3);
                    multiply(&conv, da, &Rows { input: output_rows, taps, output: hidden_rows }, dz, false);
                    let hidden = last.second(image);
                    match last.mask(image) {
                        Some(mask) => norm.rectify(hidden, &norm.mask_row(Some(mask)), dz, &mut sums),
                        None => norm.rectify(hidden, &unmasked, dz, &mut sums),
                    }
                }
                scratch.result = a;
                scratch.gradient = da;
            });
            (outer, conv3, bias, sums)
        });
        let mut all = GradientSums::zeros(width);
        let (mut groups, mut conv3, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        for (group, part, bias, sums) in parts {
            groups.push(group);
            conv3.push(part);
            biases.push(bias);
            all.add(&sums);
        }
        to_weight(&total(conv3), width, output, &mut gradient[self.tensors.conv3.clone()]);
        super::rounded_total(&biases, &mut gradient[self.tensors.bias3.clone()]);
        all.write(gradient, &self.tensors.norm2.gamma, &self.tensors.norm2.beta);
        (groups, Below { dz, sums: all })
    }

    /// The hidden layers backwards, from what the last one left. Adds the gradient of what came in to `dx`, which lies as
    /// what came in does, if it is wanted.
    pub fn backward_hidden<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        hidden: &Hidden<F>,
        below: Below<F>,
        dx: Option<&mut [F]>,
        gradient: &mut [F],
    ) {
        let (dz, sums) = self.backward_second(pass, hidden, &below, gradient);
        drop(below);
        self.backward_first(pass, x, hidden, (&dz, &sums), dx, gradient);
    }

    /// The second convolution with the batch-norm that follows it: the gradient before the first ReLU, (B, P, w), and the
    /// sums for the first batch-norm.
    fn backward_second<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        hidden: &Hidden<F>,
        below: &Below<F>,
        gradient: &mut [F],
    ) -> (Map<F>, GradientSums) {
        let (w, Hidden { first, second, norm1, norm2 }) = (self.sizes.width, hidden);
        let [len1, len2] = self.hidden_lengths();
        let conv = self.transposed[1].pack(&pass.values[self.tensors.conv2.clone()]);
        let (bordered, [rows, taps, _]) = (&self.gradients[1], &self.rows[1]);
        let (norm2, unmasked) = (norm2.backward(&below.sums), norm1.mask_row(None));
        let mut dz1 = pass.map(len1);
        let upper = below.dz.chunks(GROUP * len2).zip(second.chunks(GROUP * len2));
        let groups = dz1.chunks_mut(GROUP * len1).zip(first.chunks(GROUP * len1)).zip(upper).collect();
        type Layers<'a, F> = ((&'a mut [F], &'a [F]), (&'a [F], &'a [F]));
        let parts = parallel::map(groups, |((dz1, first), (dz2, second)): Layers<'_, F>| {
            let (mut conv2, mut sums) = (vec![F::default(); 9 * w * w], GradientSums::zeros(w));
            pass.pool.with(|scratch| {
                let images = dz1.chunks_exact_mut(len1).zip(first.chunks_exact(len1));
                let images = images.zip(dz2.chunks_exact(len2).zip(second.chunks_exact(len2)));
                for ((dz1, first), (dz2, second)) in images {
                    let mut dh = bordered.take(scratch);
                    norm2.run(second, dz2, bordered.row(), &mut dh[bordered.first()..]);
                    let active = self.first_active(norm1, first, scratch);
                    let products = Products {
                        input: &active,
                        rows,
                        taps,
                        inputs: w,
                        gradient: &dh,
                        places: &self.places[1],
                        outputs: w,
                    };
                    accumulate(&products, &mut conv2);
                    conv.run(&dh, dz1);
                    norm1.rectify(first, &unmasked, dz1, &mut sums);
                    self.hidden.give_back(active, scratch);
                    bordered.give_back(dh, scratch);
                }
            });
            (conv2, sums)
        });
        let mut all = GradientSums::zeros(w);
        parts.iter().for_each(|(_, sums)| all.add(sums));
        let conv2 = total(parts.into_iter().map(|(conv2, _)| conv2).collect());
        to_weight(&conv2, w, w, &mut gradient[self.tensors.conv2.clone()]);
        all.write(gradient, &self.tensors.norm1.gamma, &self.tensors.norm1.beta);
        (dz1, all)
    }

    /// The first convolution with the batch-norm that follows it; the gradient of what came in is added to `dx`.
    fn backward_first<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        hidden: &Hidden<F>,
        (dz, sums): (&[F], &GradientSums),
        dx: Option<&mut [F]>,
        gradient: &mut [F],
    ) {
        let Subnet { input, width, leading_relu, .. } = self.sizes;
        let (row, step, pixels) = (self.row(), self.shape.channels, self.shape.pixels());
        let len = self.hidden_lengths()[0];
        let conv = self.transposed[0].pack(&pass.values[self.tensors.conv1.clone()]);
        let (bordered, [rows, taps, _]) = (&self.gradients[0], &self.rows[0]);
        let norm1 = hidden.norm1.backward(sums);
        let lower = dz.chunks(GROUP * len).zip(hidden.first.chunks(GROUP * len));
        let mut dx: Vec<Option<&mut [F]>> = match dx {
            Some(dx) => dx.chunks_mut(GROUP * row).map(Some).collect(),
            None => x.chunks(GROUP * row).map(|_| None).collect(),
        };
        let groups = x.chunks(GROUP * row).zip(lower).zip(dx.drain(..)).collect();
        type Item<'a, F> = ((&'a [F], (&'a [F], &'a [F])), Option<&'a mut [F]>);
        let parts = parallel::map(groups, |((x, (dz, first)), mut dx): Item<'_, F>| {
            let mut conv1 = vec![F::default(); 9 * input * width];
            pass.pool.with(|scratch| {
                let hidden = dz.chunks_exact(len).zip(first.chunks_exact(len));
                for (i, (x, (dz, first))) in x.chunks_exact(row).zip(hidden).enumerate() {
                    let mut dh = bordered.take(scratch);
                    norm1.run(first, dz, bordered.row(), &mut dh[bordered.first()..]);
                    let padded = self.input.filled(x, step, self.first, leading_relu, scratch);
                    let products = Products {
                        input: &padded,
                        rows,
                        taps,
                        inputs: input,
                        gradient: &dh,
                        places: &self.places[0],
                        outputs: width,
                    };
                    accumulate(&products, &mut conv1);
                    if let Some(dx) = &mut dx {
                        let map = grown(&mut scratch.hidden, pixels * input);
                        conv.run(&dh, map);
                        self.add(map, x, &mut dx[i * row..][..row]);
                    }
                    self.input.give_back(padded, scratch);
                    bordered.give_back(dh, scratch);
                }
            });
            conv1
        });
        to_weight(&total(parts), input, width, &mut gradient[self.tensors.conv1.clone()]);
    }

    /// Adds the gradient of what the first convolution read to that of an image's map.
    fn add<F: Real>(&self, map: &[F], x: &[F], dx: &mut [F]) {
        let (step, input) = (self.shape.channels, self.sizes.input);
        let pixels = dx.chunks_exact_mut(step).zip(x.chunks_exact(step)).zip(map.chunks_exact(input));
        for ((dx, x), map) in pixels {
            for ((dx, &x), &d) in dx[self.first..].iter_mut().zip(&x[self.first..]).zip(map) {
                if !self.sizes.leading_relu || x > F::default() {
                    *dx += d;
                }
            }
        }
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

impl GradientSums {
    /// Writes them where the gradients of γ and β belong.
    fn write<F: Real>(&self, gradient: &mut [F], gamma: &Range<usize>, beta: &Range<usize>) {
        for (range, sums) in [(gamma, &self.gamma), (beta, &self.beta)] {
            gradient[range.clone()].iter_mut().zip(sums).for_each(|(to, &sum)| *to = F::from_f64(sum));
        }
    }
}

/// (taps, inputs, outputs) → (outputs, inputs, taps).
pub(super) fn to_weight<F: Real>(sums: &[F], inputs: usize, outputs: usize, weight: &mut [F]) {
    let taps = weight.len() / (inputs * outputs);
    for (n, weight) in weight.chunks_exact_mut(inputs * taps).enumerate() {
        for (k, weight) in weight.chunks_exact_mut(taps).enumerate() {
            for (tap, to) in weight.iter_mut().enumerate() {
                *to = sums[(tap * inputs + k) * outputs + n];
            }
        }
    }
}

/// The moments of all images or groups, in order.
fn merged(moments: impl IntoIterator<Item = Moments>) -> Moments {
    let merged = moments.into_iter().reduce(|all, next| all.merge(&next));
    merged.unwrap_or_else(|| unreachable!("a batch has an image"))
}
