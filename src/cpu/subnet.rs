//! Convolutional subnets (spec §2.3), batch-norm already folded in.

use std::ops::Range;

use super::kernel::{Packed, Rows, multiply};
use super::{Scratch, Weights};
use crate::Real;
use crate::element::{Shape, Subnet};

/// Offsets of the 9 taps of a 3×3 window in a padded map of `row` pixels a row and `channels` channels.
pub(super) fn window(row: usize, channels: usize) -> Vec<u32> {
    (0..9).map(|t| ((t / 3 * row + t % 3) * channels) as u32).collect()
}

/// Offsets of the pixels of a `height`×`width` map: rows lie `row` pixels apart, pixels `step` channels.
fn pixels(height: usize, width: usize, row: usize, step: usize, first: usize) -> Vec<u32> {
    (0..height * width).map(|p| ((p / width * row + p % width) * step + first) as u32).collect()
}

/// Puts some `channels` of a pixel-major `map` with `stride` numbers a pixel into the middle of zeros that are a pixel
/// wide, optionally through a ReLU; `shape` tells the size of the map.
pub(super) fn pad<F: Real>(
    map: &[F],
    stride: usize,
    channels: Range<usize>,
    shape: Shape,
    relu: bool,
    padded: &mut Vec<F>,
) {
    let (row, count) = (shape.width + 2, channels.len());
    padded.clear();
    padded.resize(row * (shape.height + 2) * count, F::default());
    for (p, pixel) in map.chunks_exact(stride).enumerate() {
        let (y, x) = (p / shape.width + 1, p % shape.width + 1);
        let target = &mut padded[(y * row + x) * count..][..count];
        for (out, &value) in target.iter_mut().zip(&pixel[channels.clone()]) {
            *out = if relu { value.relu() } else { value };
        }
    }
}

/// A subnet ready to run on one map at a time.
pub(super) struct SubnetLayer<F> {
    conv1: Packed<F>,
    conv2: Packed<F>,
    conv3: Packed<F>,
    input_channels: usize,
    leading_relu: bool,
    shape: Shape,
    padded_pixels: usize,
    rows1: [Vec<u32>; 3],
    rows2: [Vec<u32>; 3],
    rows3: [Vec<u32>; 3],
}

impl<F: Real> SubnetLayer<F> {
    /// Packs the weights of `subnet`, which will see maps of the size of `shape` (its channels do not matter).
    pub fn new(subnet: &Subnet, shape: Shape, weights: &Weights<'_, F>) -> Self {
        let get = |name: &str| weights.get(&format!("{}.{name}", subnet.name));
        let w = subnet.width;
        let row = shape.width + 2;
        let (out_height, out_width) = (shape.height / subnet.stride, shape.width / subnet.stride);
        let stride = subnet.stride;
        let strided = (0..out_height * out_width)
            .map(|p| ((p / out_width * stride * row + p % out_width * stride) * w) as u32)
            .collect();
        Self {
            conv1: Packed::new(&get("conv1.weight"), &get("conv1.bias"), subnet.input, 9),
            conv2: Packed::new(&get("conv2.weight"), &get("conv2.bias"), w, 9),
            conv3: Packed::new(&get("conv3.weight"), &get("conv3.bias"), w, 1),
            input_channels: subnet.input,
            leading_relu: subnet.leading_relu,
            shape,
            padded_pixels: row * (shape.height + 2),
            rows1: [
                pixels(shape.height, shape.width, row, subnet.input, 0),
                window(row, subnet.input),
                pixels(shape.height, shape.width, row, w, (row + 1) * w),
            ],
            rows2: [strided, window(row, w), pixels(out_height, out_width, out_width, w, 0)],
            rows3: [
                pixels(out_height, out_width, out_width, w, 0),
                vec![0],
                pixels(out_height, out_width, out_width, subnet.output, 0),
            ],
        }
    }

    /// Runs on the first channels of `map`, pixel-major with `stride` numbers a pixel starting at `first`. The result
    /// is in `scratch.result`, pixel-major; of a coupling scale a_s, then shift a_t.
    pub fn run(&self, map: &[F], stride: usize, first: usize, scratch: &mut Scratch<F>) {
        let channels = self.input_channels;
        let Scratch { padded, hidden, flat, result, .. } = scratch;
        pad(map, stride, first..first + channels, self.shape, self.leading_relu, padded);
        hidden.clear();
        hidden.resize(self.padded_pixels * self.conv1.outputs(), F::default());
        multiply(&self.conv1, padded, &as_rows(&self.rows1), hidden, true);
        flat.resize(self.rows2[0].len() * self.conv2.outputs(), F::default());
        multiply(&self.conv2, hidden, &as_rows(&self.rows2), flat, true);
        result.resize(self.rows3[0].len() * self.conv3.outputs(), F::default());
        multiply(&self.conv3, flat, &as_rows(&self.rows3), result, false);
    }
}

fn as_rows([input, taps, output]: &[Vec<u32>; 3]) -> Rows<'_> {
    Rows { input, taps, output }
}
