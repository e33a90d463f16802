//! A subnet forward: conv3×3, batch-norm, ReLU, conv3×3, batch-norm, ReLU, mask, conv1×1 (method §2.3).

use ibinn::cpu::kernel::{Packed, Rows, multiply};
use rayon::prelude::*;

use super::buffers::{Buffers, Map};
use super::geometry::{Geometry, dense_rows};
use super::maps::{Layout, to_planes};
use super::norm::{Moments, Norm};

/// Images that one task works on. Sums are taken over a group, then over groups in order, so that results do not depend
/// on the number of threads.
pub(super) const GROUP: usize = 8;

/// The parameters of a subnet, each flattened in row-major order.
#[derive(Clone, Debug)]
pub(super) struct Parameters<T> {
    /// (w, I, 3, 3).
    pub conv1: T,
    /// (w).
    pub gamma1: T,
    /// (w).
    pub beta1: T,
    /// (w, w, 3, 3).
    pub conv2: T,
    /// (w).
    pub gamma2: T,
    /// (w).
    pub beta2: T,
    /// (O, w, 1, 1).
    pub conv3: T,
    /// (O).
    pub bias3: T,
}

/// What came in and what the hidden layers made of it: what the last layer and the backward pass need.
#[derive(Debug)]
pub(super) struct Hidden {
    /// Sizes.
    pub geometry: Geometry,
    /// What came in.
    pub x: Vec<f32>,
    /// How it lies.
    pub layout: Layout,
    /// What the first convolution gave, (B, P, w).
    pub hidden1: Map,
    /// What the second convolution gave, (B, Q, w).
    pub hidden2: Map,
    /// The first batch-norm.
    pub norm1: Norm,
    /// The second batch-norm.
    pub norm2: Norm,
}

/// A subnet's weights, and which hidden channels are dropped.
#[derive(Clone, Debug)]
pub(super) struct Weights {
    /// Parameters.
    pub parameters: Parameters<Vec<f32>>,
    /// Factor of each hidden channel of each image, (B, w), where dropout is on.
    pub mask: Option<Vec<f32>>,
}

impl Weights {
    /// The mask of one image.
    pub fn mask(&self, image: usize, width: usize) -> Option<&[f32]> {
        self.mask.as_ref().map(|mask| &mask[image * width..][..width])
    }
}

impl Hidden {
    /// Runs the hidden layers.
    pub fn new(
        geometry: Geometry,
        x: Vec<f32>,
        layout: Layout,
        weights: &Weights,
        buffers: &Buffers,
    ) -> Self {
        let Geometry { input, width, leading_relu, stride, .. } = geometry;
        let (pixels, reduced) = (geometry.pixels(), geometry.reduced_pixels());
        let (row, parameters) = (layout.row(input, pixels), &weights.parameters);
        let batch = x.len() / row;
        let zeros = vec![0.0; width];
        let (border, [_, columns]) = (geometry.border(), geometry.reduced());
        let bordered = |channels: usize| vec![0.0f32; border.pixels() * channels];

        let conv1 = Packed::new(&parameters.conv1, &zeros, input, 9);
        let windows = border.windows(input, 1);
        let rows = Rows { input: &windows.rows, taps: &windows.taps, output: &dense_rows(pixels, width) };
        let mut hidden1 = buffers.take(batch * pixels * width);
        let groups = hidden1.par_chunks_mut(GROUP * pixels * width).zip(x.par_chunks(GROUP * row));
        let moments = groups.map_init(
            || bordered(input),
            |bordered, (hidden, x)| {
                let images = hidden.chunks_exact_mut(pixels * width).zip(x.chunks_exact(row));
                let moments = images.map(|(hidden, x)| {
                    layout.pad(x, input, leading_relu, border, bordered);
                    multiply(&conv1, bordered, &rows, hidden, false);
                    Moments::of(hidden, border.columns(), width)
                });
                merged(moments)
            },
        );
        let moments = merged(moments.collect::<Vec<_>>());
        let norm1 = Norm::new(&moments, &parameters.gamma1, &parameters.beta1, border.columns());

        let conv2 = Packed::new(&parameters.conv2, &zeros, width, 9);
        let windows = border.windows(width, stride);
        let rows = Rows { input: &windows.rows, taps: &windows.taps, output: &dense_rows(reduced, width) };
        let mut hidden2 = buffers.take(batch * reduced * width);
        let groups =
            hidden2.par_chunks_mut(GROUP * reduced * width).zip(hidden1.par_chunks(GROUP * pixels * width));
        let moments = groups.map_init(
            || bordered(width),
            |bordered, (hidden2, hidden1)| {
                let images =
                    hidden2.chunks_exact_mut(reduced * width).zip(hidden1.chunks_exact(pixels * width));
                let moments = images.map(|(hidden2, hidden1)| {
                    norm1.activate(
                        hidden1,
                        None,
                        border.row() * width,
                        &mut bordered[border.at(0) * width..],
                    );
                    multiply(&conv2, bordered, &rows, hidden2, false);
                    Moments::of(hidden2, columns, width)
                });
                merged(moments)
            },
        );
        let moments = merged(moments.collect::<Vec<_>>());
        let norm2 = Norm::new(&moments, &parameters.gamma2, &parameters.beta2, columns);
        Self { geometry, x, layout, hidden1, hidden2, norm1, norm2 }
    }

    /// What the second convolution gave for one image.
    pub fn second(&self, image: usize) -> &[f32] {
        let length = self.geometry.reduced_pixels() * self.geometry.width;
        &self.hidden2[image * length..][..length]
    }
}

/// The last layer of a subnet, ready to run image by image.
pub(super) struct LastLayer<'a> {
    weights: &'a Weights,
    conv: Packed<f32>,
    input: Vec<u32>,
    output: Vec<u32>,
    /// Channels in.
    pub width: usize,
    /// Channels out.
    pub channels: usize,
}

impl<'a> LastLayer<'a> {
    /// Prepares it.
    pub fn new(geometry: &Geometry, weights: &'a Weights) -> Self {
        let Geometry { width, output, .. } = *geometry;
        let pixels = geometry.reduced_pixels();
        Self {
            weights,
            conv: Packed::new(&weights.parameters.conv3, &weights.parameters.bias3, width, 1),
            input: dense_rows(pixels, width),
            output: dense_rows(pixels, output),
            width,
            channels: output,
        }
    }

    /// From what the second convolution gave for `image` to the subnet's output, (Q, O); `active` is scratch, (Q, w).
    pub fn run(&self, norm: &Norm, hidden: &[f32], image: usize, active: &mut [f32], out: &mut [f32]) {
        norm.activate(hidden, self.weights.mask(image, self.width), norm.row(), active);
        let rows = Rows { input: &self.input, taps: &[0], output: &self.output };
        multiply(&self.conv, active, &rows, out, false);
    }
}

/// What a subnet gives, (B, O, H', W').
pub(super) fn output(hidden: &Hidden, weights: &Weights) -> Vec<f32> {
    let last = LastLayer::new(&hidden.geometry, weights);
    let (pixels, width, channels) = (hidden.geometry.reduced_pixels(), last.width, last.channels);
    let batch = hidden.hidden2.len() / (pixels * width);
    let mut out = vec![0.0f32; batch * pixels * channels];
    out.par_chunks_mut(pixels * channels).enumerate().for_each_init(
        || (vec![0.0f32; pixels * width], vec![0.0f32; pixels * channels]),
        |(active, map), (image, out)| {
            last.run(&hidden.norm2, hidden.second(image), image, active, map);
            to_planes(map, channels, out);
        },
    );
    out
}

/// The moments of all images or groups, in order.
fn merged(moments: impl IntoIterator<Item = Moments>) -> Moments {
    let merged = moments.into_iter().reduce(|all, next| all.merge(&next));
    merged.unwrap_or_else(|| unreachable!("a batch has an image"))
}
