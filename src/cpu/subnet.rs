//! Convolutional subnets (method §2.3), batch-norm already folded in.

use std::sync::Arc;

use super::LayerBuilder;
use super::border::Bordered;
use super::kernel::{Packed, Rows, multiply};
use super::scratch::{MapRole, Scratch, grown};
use crate::Real;
use crate::spec::Shape;
use crate::spec::element::Subnet;
use crate::spec::tensors::SubnetTensors;

/// Offsets of `pixels` pixels that lie one after the other.
pub(super) fn side_by_side(pixels: usize, channels: usize) -> Vec<u32> {
    (0..pixels).map(|p| (p * channels) as u32).collect()
}

/// A subnet ready to run on one map at a time.
pub(super) struct SubnetLayer<F> {
    conv1: Packed<F>,
    conv2: Packed<F>,
    conv3: Packed<F>,
    leading_relu: bool,
    input: Bordered,
    hidden: Bordered,
    rows1: [Arc<[u32]>; 3],
    rows2: [Arc<[u32]>; 3],
    rows3: [Arc<[u32]>; 3],
}

impl<F: Real> SubnetLayer<F> {
    /// Packs the weights of `subnet`, which will see maps of the size of `shape` (its channels do not matter).
    pub fn new(subnet: &Subnet, shape: Shape, builder: &mut LayerBuilder<'_, F>) -> Self {
        let SubnetTensors { hidden: [first, second], last } = subnet.tensors();
        let conv1 = builder.packed(&first.conv, subnet.input, 9);
        let conv2 = builder.packed(&second.conv, subnet.width, 9);
        let conv3 = builder.packed(&last, subnet.width, 1);
        let input =
            Bordered::new(MapRole::Input, Shape { channels: subnet.input, ..shape }, &mut builder.shared);
        let hidden =
            Bordered::new(MapRole::Hidden, Shape { channels: subnet.width, ..shape }, &mut builder.shared);
        let pixels = shape.pixels() / (subnet.stride() * subnet.stride());
        let hidden2 = side_by_side(pixels, subnet.width);
        let mut shared = |rows: [Vec<u32>; 3]| rows.map(|offsets| builder.shared.offsets(offsets));
        Self {
            conv1,
            conv2,
            conv3,
            leading_relu: subnet.leading_relu,
            rows1: shared([input.windows(1), input.window(), hidden.pixels()]),
            rows2: shared([hidden.windows(subnet.stride()), hidden.window(), hidden2.clone()]),
            rows3: shared([hidden2, vec![0], side_by_side(pixels, subnet.output)]),
            input,
            hidden,
        }
    }

    /// Numbers that [`run`](Self::run) gives.
    pub fn results(&self) -> usize {
        self.rows3[0].len() * self.conv3.outputs()
    }

    /// Runs on some channels of `map`, pixel-major with `step` numbers a pixel, from channel `first` on. The first
    /// [`results`](Self::results) numbers of `scratch.result` are the result, pixel-major; of a coupling scale a_s, then
    /// shift a_t.
    pub fn run(&self, map: &[F], step: usize, first: usize, scratch: &mut Scratch<F>) {
        let input = self.input.filled(map, step, first, self.leading_relu, scratch);
        let mut hidden1 = self.hidden.take(scratch);
        multiply(&self.conv1, &input, &as_rows(&self.rows1), &mut hidden1, true);
        let hidden2 = grown(&mut scratch.hidden, self.rows2[0].len() * self.conv2.outputs());
        multiply(&self.conv2, &hidden1, &as_rows(&self.rows2), hidden2, true);
        let result = grown(&mut scratch.result, self.results());
        multiply(&self.conv3, hidden2, &as_rows(&self.rows3), result, false);
        self.input.give_back(input, scratch);
        self.hidden.give_back(hidden1, scratch);
    }
}

pub(super) fn as_rows([input, taps, output]: &[Arc<[u32]>; 3]) -> Rows<'_> {
    Rows { input, taps, output }
}
