//! Residual blocks (method §2.8): convolutional ones on one pixel-major map at a time, the dense one on a group of images.

use super::border::Bordered;
use super::kernel::{Packed, Rows, multiply};
use super::scratch::{MapRole, Scratch, grown};
use super::subnet::{SubnetLayer, side_by_side};
use super::{GROUP, LayerBuilder};
use crate::Real;
use crate::spec::feed_forward::{Block, LEAKY_SLOPE};
use crate::spec::linear::DenseNet;
use crate::spec::tensors::LayerTensors;

/// The leaky ReLU.
fn leaky<F: Real>(value: F) -> F {
    if value > F::default() { value } else { F::from_f64(LEAKY_SLOPE) * value }
}

/// The slope of the leaky ReLU where it gave `value`.
pub(super) fn leaky_slope<F: Real>(value: F) -> F {
    F::from_f64(if value > F::default() { 1.0 } else { LEAKY_SLOPE })
}

/// x ← leakyReLU(x + f).
pub(super) fn add_residual<F: Real>(x: &mut [F], f: &[F]) {
    x.iter_mut().zip(f).for_each(|(x, &f)| *x = leaky(*x + f));
}

/// The convolution that brings x to the shape of a strided subnet's result.
struct Skip<F> {
    conv: Packed<F>,
    input: Bordered,
    channels: usize,
    rows: [Vec<u32>; 3],
}

impl<F: Real> Skip<F> {
    fn new(tensors: &LayerTensors, block: &Block, builder: &mut LayerBuilder<'_, F>) -> Self {
        let (input, outputs) = (block.input, block.subnet.output);
        let conv = builder.packed(tensors, input.channels, 9);
        let bordered = Bordered::new(MapRole::Input, input, &mut builder.shared);
        Self {
            conv,
            rows: [bordered.windows(2), bordered.window(), side_by_side(input.pixels() / 4, outputs)],
            input: bordered,
            channels: input.channels,
        }
    }

    fn run(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        let bordered = self.input.filled(map, self.channels, 0, false, scratch);
        let [input, taps, output] = &self.rows;
        map.resize(output.len() * self.conv.outputs(), F::default());
        multiply(&self.conv, &bordered, &Rows { input, taps, output }, map, false);
        self.input.give_back(bordered, scratch);
    }
}

/// A residual block with a convolutional subnet.
pub(super) struct BlockLayer<F> {
    subnet: SubnetLayer<F>,
    skip: Option<Skip<F>>,
    channels: usize,
}

impl<F: Real> BlockLayer<F> {
    pub fn new(block: &Block, builder: &mut LayerBuilder<'_, F>) -> Self {
        Self {
            subnet: SubnetLayer::new(&block.subnet, block.input, builder),
            skip: block.skip_tensors().map(|tensors| Skip::new(&tensors, block, builder)),
            channels: block.input.channels,
        }
    }

    /// Runs in place.
    pub fn run(&self, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        self.subnet.run(map, self.channels, 0, scratch);
        if let Some(skip) = &self.skip {
            skip.run(map, scratch);
        }
        add_residual(map, &scratch.result[..self.subnet.results()]);
    }
}

/// The dense residual block.
pub(super) struct DenseBlock<F> {
    hidden: Packed<F>,
    output: Packed<F>,
    /// Offsets of the vectors of a group, and of their hidden layers.
    offsets: [Vec<u32>; 2],
}

impl<F: Real> DenseBlock<F> {
    pub fn new(net: &DenseNet, builder: &LayerBuilder<'_, F>) -> Self {
        let [first, second] = net.tensors();
        Self {
            hidden: builder.packed(&first, net.inputs, 1),
            output: builder.packed(&second, net.hidden, 1),
            offsets: [side_by_side(GROUP, net.inputs), side_by_side(GROUP, net.hidden)],
        }
    }

    /// Runs on a group of vectors in place.
    pub fn run(&self, features: &mut [F], scratch: &mut Scratch<F>) {
        let count = features.len() / self.output.outputs();
        let [outer, inner] = self.offsets.each_ref().map(|offsets| &offsets[..count]);
        let hidden = grown(&mut scratch.hidden, count * self.hidden.outputs());
        let result = grown(&mut scratch.result, features.len());
        multiply(&self.hidden, features, &Rows { input: outer, taps: &[0], output: inner }, hidden, true);
        multiply(&self.output, hidden, &Rows { input: inner, taps: &[0], output: outer }, result, false);
        add_residual(features, result);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::spec::Shape;
    use crate::spec::element::{Subnet, SubnetKind};
    use crate::spec::tensors::{TensorInfo, TensorKind};

    #[test]
    fn a_block_matches_the_hand_computed_values() {
        // A subnet of zeros whose last bias is 1 or −4, so that y = leakyReLU(x + bias).
        let shape = Shape { channels: 2, height: 1, width: 1 };
        let subnet = Subnet {
            name: "s".into(),
            input: 2,
            width: 1,
            output: 2,
            kind: SubnetKind::Plain,
            leading_relu: true,
        };
        let last = subnet.tensors().last.bias;
        let get = |info: &TensorInfo| if *info == last { vec![1.0, -4.0] } else { vec![0.0; info.len()] };
        let block = Block { input: shape, subnet, skip: None };
        let layer = BlockLayer::<f64>::new(&block, &mut LayerBuilder::new(&get));
        let mut map = vec![-3.0, 7.0];
        layer.run(&mut map, &mut Scratch::default());
        assert_eq!(map, [-0.02, 3.0]);
    }

    #[test]
    fn a_skip_is_a_convolution_with_a_stride_of_two() {
        // One channel of 4×4 with 1 to 16; the window of result (0, 0) is centred on pixel (0, 0), that of (1, 1) on (2, 2).
        let input = Shape { channels: 1, height: 4, width: 4 };
        let subnet = Subnet {
            name: "s".into(),
            input: 1,
            width: 1,
            output: 1,
            kind: SubnetKind::Strided,
            leading_relu: false,
        };
        let block = Block { input, subnet, skip: Some("skip".into()) };
        let tensors = block.skip_tensors().unwrap();
        let get = |info: &TensorInfo| match info.kind {
            TensorKind::Weight => (1..=9).map(f64::from).collect(),
            _ => vec![0.5],
        };
        let skip = Skip::<f64>::new(&tensors, &block, &mut LayerBuilder::new(&get));
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
        let get = |info: &TensorInfo| match info.name.as_str() {
            "dense.fc1.weight" => vec![1.0, 1.0, -1.0, 0.0],
            "dense.fc1.bias" => vec![0.0, 0.5],
            "dense.fc2.weight" => vec![2.0, 0.0, 0.0, -1.0],
            _ => vec![0.0, 0.25],
        };
        let net = DenseNet { name: "dense", inputs: 2, hidden: 2, outputs: 2 };
        let block = DenseBlock::<f64>::new(&net, &LayerBuilder::new(&get));
        // (1, 2): hidden (3, 0), F = (6, 0.25). (−2, 1): hidden (0, 2.5), F = (0, −2.25).
        let mut features = vec![1.0, 2.0, -2.0, 1.0];
        block.run(&mut features, &mut Scratch::default());
        let wanted = [7.0, 2.25, -0.02, -0.0125];
        assert!(
            features.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-15),
            "{features:?}"
        );
    }
}
