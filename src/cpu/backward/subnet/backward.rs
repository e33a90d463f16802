//! A subnet backwards, layer by layer from the last one.

use std::ops::Range;

use super::super::buffers::Map;
use super::super::norm::GradientSums;
use super::super::{GROUP, Pass, rounded_total, total};
use super::{Below, Hidden, LastLayer, TrainedSubnet};
use crate::Real;
use crate::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use crate::cpu::parallel;
use crate::cpu::scratch::{Scratch, grown};
use crate::spec::element::Subnet;

impl TrainedSubnet {
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
        rounded_total(&biases, &mut gradient[self.tensors.bias3.clone()]);
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

impl GradientSums {
    /// Writes them where the gradients of γ and β belong.
    fn write<F: Real>(&self, gradient: &mut [F], gamma: &Range<usize>, beta: &Range<usize>) {
        for (range, sums) in [(gamma, &self.gamma), (beta, &self.beta)] {
            gradient[range.clone()].iter_mut().zip(sums).for_each(|(to, &sum)| *to = F::from_f64(sum));
        }
    }
}

/// (taps, inputs, outputs) → (outputs, inputs, taps).
pub(in crate::cpu::backward) fn to_weight<F: Real>(
    sums: &[F],
    inputs: usize,
    outputs: usize,
    weight: &mut [F],
) {
    let taps = weight.len() / (inputs * outputs);
    for (n, weight) in weight.chunks_exact_mut(inputs * taps).enumerate() {
        for (k, weight) in weight.chunks_exact_mut(taps).enumerate() {
            for (tap, to) in weight.iter_mut().enumerate() {
                *to = sums[(tap * inputs + k) * outputs + n];
            }
        }
    }
}
