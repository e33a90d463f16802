//! Residual blocks (spec §2.8): convolutional ones on one pixel-major map at a time, the dense one on a group of images.

use super::kernel::{Packed, Rows, multiply};
use super::subnet::{SubnetLayer, pad, window};
use super::{Scratch, Weights};
use crate::Real;
use crate::element::Shape;
use crate::feed_forward::{Block, LEAKY_SLOPE};

/// The leaky ReLU.
fn leaky<F: Real>(value: F) -> F {
    if value > F::default() { value } else { F::from_f64(LEAKY_SLOPE) * value }
}

/// x ← leakyReLU(x + f).
fn add_residual<F: Real>(x: &mut [F], f: &[F]) {
    x.iter_mut().zip(f).for_each(|(x, &f)| *x = leaky(*x + f));
}

/// The convolution that brings x to the shape of a strided subnet's result.
struct Skip<F> {
    conv: Packed<F>,
    input: Shape,
    rows: [Vec<u32>; 3],
}

impl<F: Real> Skip<F> {
    fn new(name: &str, input: Shape, outputs: usize, weights: &Weights<'_, F>) -> Self {
        let get = |part: &str| weights.get(&format!("{name}.{part}"));
        let (channels, row, columns) = (input.channels, input.width + 2, input.width / 2);
        let pixels = 0..input.pixels() / 4;
        let source = |p: usize| ((p / columns * 2 * row + p % columns * 2) * channels) as u32;
        let target = |p: usize| (p * outputs) as u32;
        Self {
            conv: Packed::new(&get("weight"), &get("bias"), channels, 9),
            input,
            rows: [pixels.clone().map(source).collect(), window(row, channels), pixels.map(target).collect()],
        }
    }

    fn run(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        let Scratch { padded, swap, .. } = scratch;
        let channels = self.input.channels;
        pad(map, channels, 0..channels, self.input, false, padded);
        let [input, taps, output] = &self.rows;
        swap.resize(output.len() * self.conv.outputs(), F::default());
        multiply(&self.conv, padded, &Rows { input, taps, output }, swap, false);
        std::mem::swap(map, swap);
    }
}

/// A residual block with a convolutional subnet.
pub(super) struct BlockLayer<F> {
    subnet: SubnetLayer<F>,
    skip: Option<Skip<F>>,
    channels: usize,
}

impl<F: Real> BlockLayer<F> {
    pub fn new(block: &Block, weights: &Weights<'_, F>) -> Self {
        let skip = |name: &String| Skip::new(name, block.input, block.subnet.output, weights);
        Self {
            subnet: SubnetLayer::new(&block.subnet, block.input, weights),
            skip: block.skip.as_ref().map(skip),
            channels: block.input.channels,
        }
    }

    /// Runs in place.
    pub fn run(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        self.subnet.run(map, self.channels, 0, scratch);
        if let Some(skip) = &self.skip {
            skip.run(map, scratch);
        }
        add_residual(map, &scratch.result);
    }
}

/// The dense residual block.
pub(super) struct DenseBlock<F> {
    hidden: Packed<F>,
    output: Packed<F>,
}

impl<F: Real> DenseBlock<F> {
    pub fn new(features: usize, hidden: usize, weights: &Weights<'_, F>) -> Self {
        let get = |part: &str| weights.get(&format!("dense.{part}"));
        Self {
            hidden: Packed::new(&get("fc1.weight"), &get("fc1.bias"), features, 1),
            output: Packed::new(&get("fc2.weight"), &get("fc2.bias"), hidden, 1),
        }
    }

    /// Runs on a group of vectors in place.
    pub fn run(&self, features: &mut [F]) {
        let (width, outputs) = (self.hidden.outputs(), self.output.outputs());
        let count = features.len() / outputs;
        let rows = |step: usize| -> Vec<u32> { (0..count).map(|image| (image * step) as u32).collect() };
        let (outer, inner) = (rows(outputs), rows(width));
        let (mut hidden, mut result) = (vec![F::default(); count * width], features.to_vec());
        let expand = Rows { input: &outer, taps: &[0], output: &inner };
        multiply(&self.hidden, features, &expand, &mut hidden, true);
        let reduce = Rows { input: &inner, taps: &[0], output: &outer };
        multiply(&self.output, &hidden, &reduce, &mut result, false);
        add_residual(features, &result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::element::Subnet;

    #[test]
    fn a_block_matches_the_hand_computed_values() {
        // A subnet of zeros whose last bias is 1 or −4, so that y = leakyReLU(x + bias).
        let shape = Shape { channels: 2, height: 1, width: 1 };
        let subnet = |stride, output| Subnet {
            name: "s".into(),
            input: 2,
            width: 1,
            output,
            stride,
            leading_relu: true,
        };
        let get = |name: &str| match name {
            "s.conv3.bias" => vec![1.0, -4.0],
            "s.conv1.weight" => vec![0.0; 18],
            "s.conv2.weight" => vec![0.0; 9],
            "s.conv3.weight" => vec![0.0; 2],
            _ => vec![0.0],
        };
        let block = Block { input: shape, subnet: subnet(1, 2), skip: None };
        let layer = BlockLayer::<f64>::new(&block, &Weights(&get));
        let mut map = vec![-3.0, 7.0];
        layer.run(&mut map, &mut Scratch::default());
        assert_eq!(map, [-0.02, 3.0]);
    }

    #[test]
    fn a_skip_is_a_convolution_with_a_stride_of_two() {
        // One channel of 4×4 with 1 to 16; the window of result (0, 0) is centred on pixel (0, 0), that of (1, 1) on (2, 2).
        let input = Shape { channels: 1, height: 4, width: 4 };
        let get = |name: &str| match name {
            "skip.weight" => (1..=9).map(f64::from).collect(),
            _ => vec![0.5],
        };
        let skip = Skip::<f64>::new("skip", input, 1, &Weights(&get));
        let mut map: Vec<f64> = (1..=16).map(f64::from).collect();
        skip.run(&mut map, &mut Scratch::default());
        assert_eq!(map.len(), 4);
        assert_eq!(map[0], 0.5 + 5.0 * 1.0 + 6.0 * 2.0 + 8.0 * 5.0 + 9.0 * 6.0);
        let window = [6.0, 7.0, 8.0, 10.0, 11.0, 12.0, 14.0, 15.0, 16.0];
        let sum: f64 = window.iter().zip(1..).map(|(v, w)| v * f64::from(w)).sum();
        assert_eq!(map[3], 0.5 + sum);
    }

    #[test]
    fn the_dense_block_matches_the_hand_computed_values() {
        let get = |name: &str| match name {
            "dense.fc1.weight" => vec![1.0, 1.0, -1.0, 0.0],
            "dense.fc1.bias" => vec![0.0, 0.5],
            "dense.fc2.weight" => vec![2.0, 0.0, 0.0, -1.0],
            _ => vec![0.0, 0.25],
        };
        let block = DenseBlock::<f64>::new(2, 2, &Weights(&get));
        // (1, 2): hidden (3, 0), F = (6, 0.25). (−2, 1): hidden (0, 2.5), F = (0, −2.25).
        let mut features = vec![1.0, 2.0, -2.0, 1.0];
        block.run(&mut features);
        let wanted = [7.0, 2.25, -0.02, -0.0125];
        assert!(
            features.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-15),
            "{features:?}"
        );
    }
}
