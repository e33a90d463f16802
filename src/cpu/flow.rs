//! A flow as its layers, in both directions.

use super::coupling::{BothWays, CouplingLayer, DownLayer};
use super::dense::DenseLayer;
use super::fixed::{self, DctLayer};
use super::scratch::Scratch;
use super::{GROUP, LayerBuilder, TraceStep, to_pixel_major, to_planes};
use crate::spec::Shape;
use crate::spec::element::Element;
use crate::{ModelSpec, Real};

/// Elements that work on one image at a time.
#[allow(clippy::large_enum_variant, reason = "a net has at most some hundreds")]
enum Layer<F> {
    Haar(Shape),
    Coupling(CouplingLayer<F>),
    Down(DownLayer<F>),
    Dct(DctLayer<F>),
    Permutation(Vec<u32>),
}

/// A flow ready to run on groups of images.
pub(super) struct Flow<F> {
    layers: Vec<Layer<F>>,
    dense: DenseLayer<F>,
    /// Log-det of each layer that is the same for all images.
    constants: Vec<f64>,
    channels: usize,
    dims: usize,
}

impl<F: Real> Flow<F> {
    pub fn new(spec: &ModelSpec, builder: &mut LayerBuilder<'_, F>, permutation: &[u32]) -> Self {
        let (mut layers, mut constants, mut dense) = (Vec::new(), Vec::new(), None);
        for element in spec.elements() {
            let (layer, constant) = match element {
                Element::Haar { input } => (Layer::Haar(*input), 0.0),
                Element::Coupling(coupling) => {
                    let layer = CouplingLayer::new(coupling, builder);
                    let constant = layer.constant_log_det;
                    (Layer::Coupling(layer), constant)
                }
                Element::Down(down) => (Layer::Down(DownLayer::new(down, builder)), 0.0),
                Element::Dct(dct) => (Layer::Dct(DctLayer::new(dct)), dct.log_det()),
                Element::Permutation { .. } => (Layer::Permutation(permutation.to_vec()), 0.0),
                Element::Dense(element) => {
                    dense = Some(DenseLayer::new(element, builder));
                    continue;
                }
            };
            layers.push(layer);
            constants.push(constant);
        }
        let dense = dense.unwrap_or_else(|| unreachable!("every flow ends with a dense coupling"));
        Self { layers, dense, constants, channels: spec.input().channels, dims: spec.dims() }
    }

    fn forward_layer(&self, layer: &Layer<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        match layer {
            Layer::Haar(shape) => scratch.replaced(map, |map, out| fixed::haar(map, *shape, out)),
            Layer::Coupling(coupling) => return coupling.forward(map, scratch),
            Layer::Down(down) => return down.forward(map, scratch),
            Layer::Dct(dct) => dct.forward(map, scratch),
            Layer::Permutation(order) => {
                scratch.replaced(map, |map, out| fixed::permute(order, map, out));
            }
        }
        0.0
    }

    fn inverse_layer(&self, layer: &Layer<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
        match layer {
            Layer::Haar(shape) => scratch.replaced(map, |map, out| fixed::unhaar(map, *shape, out)),
            Layer::Coupling(coupling) => coupling.inverse(map, scratch),
            Layer::Down(down) => down.inverse(map, scratch),
            Layer::Dct(dct) => dct.inverse(map, scratch),
            Layer::Permutation(order) => {
                scratch.replaced(map, |map, out| fixed::unpermute(order, map, out));
            }
        }
    }

    /// Encodes a group of images in place.
    pub fn encode(&self, z: &mut [F], log_det: &mut [F], scratch: &mut Scratch<F>) {
        let mut sums = [self.constants.iter().sum::<f64>(); GROUP];
        let mut map = std::mem::take(&mut scratch.map);
        for (image, sum) in z.chunks_exact_mut(self.dims).zip(&mut sums) {
            map.resize(self.dims, F::default());
            to_pixel_major(image, self.channels, &mut map);
            for layer in &self.layers {
                *sum += self.forward_layer(layer, &mut map, scratch);
            }
            image.copy_from_slice(&map);
        }
        scratch.map = map;
        self.dense.forward(z, &mut sums, scratch);
        for (out, sum) in log_det.iter_mut().zip(sums) {
            *out = F::from_f64(sum);
        }
    }

    /// Decodes a group of latents in place.
    pub fn decode(&self, z: &mut [F], scratch: &mut Scratch<F>) {
        self.dense.inverse(z, scratch);
        let mut map = std::mem::take(&mut scratch.map);
        for image in z.chunks_exact_mut(self.dims) {
            map.clear();
            map.extend_from_slice(image);
            for layer in self.layers.iter().rev() {
                self.inverse_layer(layer, &mut map, scratch);
            }
            to_planes(&map, self.channels, image);
        }
        scratch.map = map;
    }

    /// The coupling block `number` on an image, both ways; none where there are fewer.
    pub fn both_ways(&self, spec: &ModelSpec, x: &[F], number: usize) -> Option<BothWays<F>> {
        let mut map = vec![F::default(); x.len()];
        to_pixel_major(x, self.channels, &mut map);
        let mut scratch = Scratch::default();
        let mut before = number;
        for (layer, element) in self.layers.iter().zip(spec.elements()) {
            if let (Layer::Coupling(layer), Element::Coupling(coupling)) = (layer, element) {
                if before == 0 {
                    return Some(layer.both_ways(coupling.shape, &map, &mut scratch));
                }
                before -= 1;
            }
            self.forward_layer(layer, &mut map, &mut scratch);
        }
        None
    }

    /// Encodes one image and returns what every element made of it, in order.
    pub fn trace(&self, spec: &ModelSpec, x: &[F]) -> Vec<TraceStep<F>> {
        let mut map = vec![F::default(); x.len()];
        to_pixel_major(x, self.channels, &mut map);
        let mut scratch = Scratch::default();
        let mut shape = spec.input_shape();
        let mut steps = Vec::new();
        for (i, element) in spec.elements().iter().enumerate() {
            let log_det = match self.layers.get(i) {
                Some(layer) => self.forward_layer(layer, &mut map, &mut scratch) + self.constants[i],
                None => {
                    let mut log_det = [0.0];
                    self.dense.forward(&mut map, &mut log_det, &mut scratch);
                    log_det[0]
                }
            };
            let mut planes = map.clone();
            if matches!(element, Element::Haar { .. } | Element::Down(_)) {
                shape = shape.folded();
            }
            if matches!(element, Element::Haar { .. } | Element::Down(_) | Element::Coupling(_)) {
                to_planes(&map, shape.channels, &mut planes);
            }
            steps.push((element.name().to_string(), planes, log_det));
        }
        steps
    }
}
