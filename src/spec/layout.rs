//! Where every tensor of the training form lies in a flat buffer.

use std::collections::HashMap;
use std::ops::Range;

use super::ModelSpec;
use super::fold::Tensors;
use super::tensors::{LayerTensors, TensorInfo, training_tensors};

/// The tensors of a network in training form, one after the other: parameters, gradients and velocities are each a buffer
/// in this order.
#[derive(Clone, Debug)]
pub struct Layout {
    infos: Vec<TensorInfo>,
    ranges: HashMap<String, Range<usize>>,
    len: usize,
}

impl Layout {
    /// That of `spec`, in the order of [`training_tensors`].
    pub fn new(spec: &ModelSpec) -> Self {
        let infos = training_tensors(spec);
        let mut len = 0;
        let place = |info: &TensorInfo| {
            let range = len..len + info.len();
            len = range.end;
            (info.name.clone(), range)
        };
        let ranges = infos.iter().map(place).collect();
        Self { infos, ranges, len }
    }

    /// Names, shapes and roles of the tensors, in order.
    pub fn infos(&self) -> &[TensorInfo] {
        &self.infos
    }

    /// Each tensor with its place, in order.
    pub fn tensors(&self) -> impl Iterator<Item = (&TensorInfo, Range<usize>)> {
        self.infos.iter().map(|info| (info, self.range(info)))
    }

    /// Numbers of a buffer.
    #[allow(clippy::len_without_is_empty, reason = "no network is without tensors")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The place of a tensor.
    ///
    /// # Panics
    /// When the training form of this network has no such tensor: who asks has it from the same spec.
    pub fn range(&self, info: &TensorInfo) -> Range<usize> {
        let range = self.ranges.get(&info.name).filter(|range| range.len() == info.len());
        range.unwrap_or_else(|| panic!("the network has no tensor `{}` to train", info.name)).clone()
    }

    /// The places of a layer's weights and biases.
    pub(crate) fn layer(&self, LayerTensors { weight, bias }: &LayerTensors) -> [Range<usize>; 2] {
        [self.range(weight), self.range(bias)]
    }

    /// A buffer with `tensors`; those that are missing are 0.
    pub fn gather(&self, tensors: &Tensors) -> Vec<f32> {
        let mut values = vec![0.0; self.len];
        for (info, range) in self.tensors() {
            let given = tensors.get(&info.name).into_iter().flatten();
            values[range].iter_mut().zip(given).for_each(|(to, &from)| *to = from as f32);
        }
        values
    }

    /// The tensors of a buffer of which `wanted` says so.
    pub fn scatter(&self, values: &[f32], wanted: impl Fn(&TensorInfo) -> bool) -> Tensors {
        let tensors = self.tensors().filter(|(info, _)| wanted(info));
        let to_f64 = |range: Range<usize>| values[range].iter().map(|&v| f64::from(v)).collect();
        tensors.map(|(info, range)| (info.name.clone(), to_f64(range))).collect()
    }
}
