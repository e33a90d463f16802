//! The layers of the feed-forward networks (method §2.8), forwards and backwards: entry, residual blocks, pooling.
//!
//! With the subnet F and the skip convolution K (or the identity), *y = leaky(K x + F x)*; backwards
//! *d = dy·leaky′(y)*, which is the gradient of both sums' parts: *dx = Kᵀ d + F′ d*, *dK = Σ d⊗x*, its bias's *Σ d*.

use std::ops::Range;
use std::sync::Arc;

use super::buffers::Map;
use super::dense::rectify;
use super::linear::{TrainedLinear, Vectors};
use super::subnet::{Hidden, TrainedSubnet, to_weight};
use super::transposed::Transposed;
use super::{GROUP, Pass, rounded_total, total};
use crate::Real;
use crate::cpu::border::Bordered;
use crate::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use crate::cpu::parallel;
use crate::cpu::residual::{add_residual, leaky_slope};
use crate::cpu::scratch::{MapRole, Shared};
use crate::cpu::subnet::{as_rows, side_by_side};
use crate::spec::Shape;
use crate::spec::feed_forward::{Block, Entry};
use crate::spec::layout::Layout;
use crate::spec::linear::DenseNet;
use crate::spec::tensors::LayerTensors;

/// The 1×1 convolution that comes first.
pub(super) struct TrainedEntry {
    weight: Range<usize>,
    bias: Range<usize>,
    channels: usize,
    places: Arc<[u32]>,
}

impl TrainedEntry {
    pub fn new(entry: &Entry, layout: &Layout, shared: &mut Shared) -> Self {
        let (shape, [weight, bias]) = (entry.shape, layout.layer(&entry.tensors()));
        Self {
            weight,
            bias,
            channels: shape.channels,
            places: shared.offsets(side_by_side(shape.pixels(), shape.channels)),
        }
    }

    fn len(&self) -> usize {
        self.places.len() * self.channels
    }

    /// Runs on a batch of maps.
    pub fn forward<F: Real>(&self, pass: &Pass<'_, F>, x: &[F]) -> Map<F> {
        let (weight, bias) = (&pass.values[self.weight.clone()], &pass.values[self.bias.clone()]);
        let conv = Packed::new(weight, bias, self.channels, 1);
        let rows = Rows { input: &self.places, taps: &[0], output: &self.places };
        let mut y = pass.map(self.len());
        let images = y.chunks_mut(self.len()).zip(x.chunks(self.len())).collect();
        parallel::map(images, |(y, x): (&mut [F], &[F])| multiply(&conv, x, &rows, y, false));
        y
    }

    /// The gradients of its parameters; that of what came in where it is wanted.
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        x: &[F],
        dy: &[F],
        gradient: &mut [F],
        wants_x: bool,
    ) -> Option<Map<F>> {
        let (c, len, places) = (self.channels, self.len(), &self.places[..]);
        let groups = x.chunks(GROUP * len).zip(dy.chunks(GROUP * len)).collect();
        let parts = parallel::map(groups, |(x, dy): (&[F], &[F])| {
            let mut sums = vec![F::default(); c * c];
            for (x, dy) in x.chunks_exact(len).zip(dy.chunks_exact(len)) {
                // With outputs for inputs, so that the sums lie as the weight does.
                let products = Products {
                    input: dy,
                    rows: places,
                    taps: &[0],
                    inputs: c,
                    gradient: x,
                    places,
                    outputs: c,
                };
                accumulate(&products, &mut sums);
            }
            (sums, channel_sums(dy, c))
        });
        let (sums, biases): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        gradient[self.weight.clone()].copy_from_slice(&total(sums));
        rounded_total(&biases, &mut gradient[self.bias.clone()]);
        if !wants_x {
            return None;
        }
        let weight = &pass.values[self.weight.clone()];
        let conv = Packed::from_fn(&vec![F::default(); c], c, 1, |k, n, _| weight[n * c + k]);
        let mut dx = pass.map(len);
        let images = dx.chunks_mut(len).zip(dy.chunks(len)).collect();
        let rows = Rows { input: places, taps: &[0], output: places };
        parallel::map(images, |(dx, dy): (&mut [F], &[F])| multiply(&conv, dy, &rows, dx, false));
        Some(dx)
    }
}

/// Σ over pixels of each channel.
fn channel_sums<F: Real>(map: &[F], channels: usize) -> Vec<f64> {
    let mut sums = vec![0.0; channels];
    for pixel in map.chunks_exact(channels) {
        sums.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += v.to_f64());
    }
    sums
}

/// The convolution that brings x to the shape of a strided subnet's result.
struct Skip {
    weight: Range<usize>,
    bias: Range<usize>,
    input: Bordered,
    gradient: Bordered,
    inputs: usize,
    outputs: usize,
    rows: [Arc<[u32]>; 3],
    /// Offsets of gradients in their bordered map.
    places: Arc<[u32]>,
    transposed: Transposed,
}

impl Skip {
    fn new(tensors: &LayerTensors, block: &Block, layout: &Layout, shared: &mut Shared) -> Self {
        let (shape, outputs, [weight, bias]) = (block.input, block.subnet.output, layout.layer(tensors));
        let reduced = Shape { channels: outputs, height: shape.height / 2, width: shape.width / 2 };
        let input = Bordered::new(MapRole::Input, shape, shared);
        let gradient = Bordered::new(MapRole::Gradient, reduced, shared);
        let rows = [input.windows(2), input.window(), side_by_side(reduced.pixels(), outputs)];
        Self {
            weight,
            bias,
            inputs: shape.channels,
            outputs,
            rows: rows.map(|offsets| shared.offsets(offsets)),
            places: shared.offsets(gradient.pixels()),
            transposed: Transposed::new(shape.channels, reduced, 2, &gradient, shared),
            input,
            gradient,
        }
    }

    fn pack<F: Real>(&self, values: &[F]) -> Packed<F> {
        Packed::new(&values[self.weight.clone()], &values[self.bias.clone()], self.inputs, 9)
    }

    fn backward<F: Real>(&self, pass: &Pass<'_, F>, x: &[F], d: &[F], dx: &mut [F], gradient: &mut [F]) {
        let conv = self.transposed.pack(&pass.values[self.weight.clone()]);
        let [rows, taps, output] = &self.rows;
        let (len, reduced) = (dx.len() / pass.batch, output.len() * self.outputs);
        let groups = x.chunks(GROUP * len).zip(dx.chunks_mut(GROUP * len)).zip(d.chunks(GROUP * reduced));
        type Item<'a, F> = ((&'a [F], &'a mut [F]), &'a [F]);
        let parts = parallel::map(groups.collect(), |((x, dx), d): Item<'_, F>| {
            let mut sums = vec![F::default(); 9 * self.inputs * self.outputs];
            pass.pool.with(|scratch| {
                let images = x.chunks_exact(len).zip(dx.chunks_exact_mut(len)).zip(d.chunks_exact(reduced));
                for ((x, dx), d) in images {
                    let padded = self.input.filled(x, self.inputs, 0, false, scratch);
                    let bordered = self.gradient.filled(d, self.outputs, 0, false, scratch);
                    let products = Products {
                        input: &padded,
                        rows,
                        taps,
                        inputs: self.inputs,
                        gradient: &bordered,
                        places: &self.places,
                        outputs: self.outputs,
                    };
                    accumulate(&products, &mut sums);
                    conv.run(&bordered, dx);
                    self.input.give_back(padded, scratch);
                    self.gradient.give_back(bordered, scratch);
                }
            });
            (sums, channel_sums(d, self.outputs))
        });
        let (sums, biases): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        to_weight(&total(sums), self.inputs, self.outputs, &mut gradient[self.weight.clone()]);
        rounded_total(&biases, &mut gradient[self.bias.clone()]);
    }
}

/// A residual block with a convolutional subnet.
pub(super) struct TrainedBlock {
    subnet: TrainedSubnet,
    skip: Option<Skip>,
    /// Numbers of an image's map.
    len: usize,
}

impl TrainedBlock {
    pub fn new(block: &Block, layout: &Layout, shared: &mut Shared) -> Self {
        Self {
            subnet: TrainedSubnet::new(block.subnet.clone(), block.input, 0, layout, shared),
            skip: block.skip_tensors().map(|tensors| Skip::new(&tensors, block, layout, shared)),
            len: block.input.len(),
        }
    }

    /// The subnet.
    pub fn subnet(&self) -> &TrainedSubnet {
        &self.subnet
    }

    /// Runs on a batch of maps.
    pub fn forward<F: Real>(&self, pass: &Pass<'_, F>, x: &[F], mask: Option<&[F]>) -> (Map<F>, Hidden<F>) {
        let hidden = self.subnet.hidden(pass, x);
        let last = self.subnet.last(pass, &hidden, mask);
        let skip = self.skip.as_ref().map(|skip| (skip, skip.pack(pass.values)));
        let len = self.subnet.results();
        let mut y = pass.map(len);
        let images = y.chunks_mut(len).zip(x.chunks(self.len)).enumerate().collect();
        parallel::map(images, |(image, (y, x)): (usize, (&mut [F], &[F]))| {
            pass.pool.with(|scratch| {
                match &skip {
                    None => y.copy_from_slice(x),
                    Some((skip, conv)) => {
                        let padded = skip.input.filled(x, skip.inputs, 0, false, scratch);
                        multiply(conv, &padded, &as_rows(&skip.rows), y, false);
                        skip.input.give_back(padded, scratch);
                    }
                }
                last.run(image, &mut scratch.hidden, &mut scratch.result);
                add_residual(y, &scratch.result[..len]);
            });
        });
        drop(last);
        (y, hidden)
    }

    /// From the gradient `dy` of what it gave, which is spoilt, to that of what came in; the gradients of its parameters go to
    /// `gradient`.
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, y): (&[F], &[F]),
        hidden: &Hidden<F>,
        mask: Option<&[F]>,
        mut dy: Map<F>,
        gradient: &mut [F],
    ) -> Map<F> {
        let last = self.subnet.last(pass, hidden, mask);
        let len = self.subnet.results();
        let groups = dy.chunks_mut(GROUP * len).zip(y.chunks(GROUP * len)).collect();
        let (_, below) = self.subnet.backward_last(
            pass,
            &last,
            groups,
            gradient,
            |(dy, y): &mut (&mut [F], &[F]), i, _, da, _| {
                let (d, y) = (&mut dy[i * len..][..len], &y[i * len..][..len]);
                d.iter_mut().zip(y).for_each(|(d, &y)| *d = *d * leaky_slope(y));
                da.copy_from_slice(d);
            },
        );
        drop(last);
        let mut dx = match &self.skip {
            None => dy,
            Some(skip) => {
                let mut dx = pass.map(self.len);
                skip.backward(pass, x, &dy, &mut dx, gradient);
                dx
            }
        };
        self.subnet.backward_hidden(pass, x, hidden, below, Some(&mut dx), gradient);
        dx
    }
}

/// The dense residual block.
pub(super) struct TrainedDenseBlock {
    layers: [TrainedLinear; 2],
}

impl TrainedDenseBlock {
    pub fn new(net: &DenseNet, layout: &Layout) -> Self {
        Self { layers: net.tensors().map(|layer| TrainedLinear::new(&layer, layout)) }
    }

    /// Hidden units.
    pub fn hidden(&self) -> usize {
        self.layers[0].outputs()
    }

    /// Runs on a batch of vectors; also gives the hidden layer after ReLU and mask, (B, H).
    pub fn forward<F: Real>(&self, pass: &Pass<'_, F>, x: &[F], mask: Option<&[F]>) -> (Map<F>, Map<F>) {
        let step = x.len() / pass.batch;
        let mut hidden = self.layers[0].forward(pass, Vectors { values: x, step, first: 0 }, true);
        if let Some(mask) = mask {
            hidden.iter_mut().zip(mask).for_each(|(value, &factor)| *value = *value * factor);
        }
        let f =
            self.layers[1].forward(pass, Vectors { values: &hidden, step: self.hidden(), first: 0 }, false);
        let mut y = pass.map(step);
        y.copy_from_slice(x);
        add_residual(&mut y, &f);
        (y, hidden)
    }

    /// From the gradient `d` of what it gave to that of what came in, in place.
    pub fn backward<F: Real>(
        &self,
        pass: &Pass<'_, F>,
        (x, y): (&[F], &[F]),
        hidden: &[F],
        mask: Option<&[F]>,
        d: &mut [F],
        gradient: &mut [F],
    ) {
        let step = x.len() / pass.batch;
        d.iter_mut().zip(y).for_each(|(d, &y)| *d = *d * leaky_slope(y));
        let mut dh = pass.map(self.hidden());
        dh.fill(F::default());
        let kept = Vectors { values: hidden, step: self.hidden(), first: 0 };
        self.layers[1].backward(
            pass,
            kept,
            d,
            Vectors { values: &mut dh[..], step: kept.step, first: 0 },
            gradient,
        );
        rectify(hidden, mask, &mut dh);
        let seen = Vectors { values: x, step, first: 0 };
        self.layers[0].backward(
            pass,
            seen,
            &dh,
            Vectors { values: d, step: seen.step, first: seen.first },
            gradient,
        );
    }
}

/// Mean of each channel over all pixels of a batch of maps of `shape`, (B, C).
pub(super) fn pool<F: Real>(pass: &Pass<'_, F>, x: &[F], shape: Shape) -> Map<F> {
    let mut y = pass.map(shape.channels);
    for (y, x) in y.chunks_exact_mut(shape.channels).zip(x.chunks_exact(shape.len())) {
        let sums = channel_sums(x, shape.channels);
        y.iter_mut().zip(sums).for_each(|(y, sum)| *y = F::from_f64(sum / shape.pixels() as f64));
    }
    y
}

/// The gradient of what [`pool`] averaged: every pixel has its share of the mean's.
pub(super) fn unpool<F: Real>(pass: &Pass<'_, F>, dy: &[F], shape: Shape) -> Map<F> {
    let share = F::from_f64(1.0 / shape.pixels() as f64);
    let mut dx = pass.map(shape.len());
    for (dx, dy) in dx.chunks_exact_mut(shape.len()).zip(dy.chunks_exact(shape.channels)) {
        for pixel in dx.chunks_exact_mut(shape.channels) {
            pixel.iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = dy * share);
        }
    }
    dx
}
