//! A feed-forward network (method §2.8) as its layers.

use super::fixed;
use super::kernel::{Packed, Rows, multiply};
use super::residual::{BlockLayer, DenseBlock};
use super::scratch::Scratch;
use super::subnet::side_by_side;
use super::{LayerBuilder, to_pixel_major};
use crate::spec::Shape;
use crate::spec::feed_forward;
use crate::{ModelSpec, Real};

/// What works on one map at a time.
#[allow(clippy::large_enum_variant, reason = "a net has at most some hundreds")]
enum Layer<F> {
    Haar(Shape),
    Entry { conv: Packed<F>, pixels: Vec<u32> },
    Block(BlockLayer<F>),
    Pool { channels: usize },
}

/// A feed-forward network ready to run on groups of images.
pub(super) struct FeedForward<F> {
    layers: Vec<Layer<F>>,
    dense: DenseBlock<F>,
    channels: usize,
    dims: usize,
    features: usize,
}

impl<F: Real> FeedForward<F> {
    pub fn new(spec: &ModelSpec, builder: &mut LayerBuilder<'_, F>) -> Self {
        let (mut layers, mut dense) = (Vec::new(), None);
        for layer in spec.layers() {
            layers.push(match layer {
                feed_forward::Layer::Haar { input } => Layer::Haar(*input),
                feed_forward::Layer::Entry(entry) => {
                    let Shape { channels, .. } = entry.shape;
                    Layer::Entry {
                        conv: builder.packed(&entry.tensors(), channels, 1),
                        pixels: side_by_side(entry.shape.pixels(), channels),
                    }
                }
                feed_forward::Layer::Block(block) => Layer::Block(BlockLayer::new(block, builder)),
                feed_forward::Layer::Pool { input } => Layer::Pool { channels: input.channels },
                feed_forward::Layer::Dense(net) => {
                    dense = Some(DenseBlock::new(net, builder));
                    continue;
                }
            });
        }
        let dense =
            dense.unwrap_or_else(|| unreachable!("every feed-forward network ends with a dense block"));
        Self { layers, dense, channels: spec.input().channels, dims: spec.dims(), features: spec.features() }
    }

    /// Takes a group of images to their features.
    pub fn run(&self, images: &[F], features: &mut [F], scratch: &mut Scratch<F>) {
        let mut map = std::mem::take(&mut scratch.map);
        for (image, out) in images.chunks_exact(self.dims).zip(features.chunks_exact_mut(self.features)) {
            map.resize(self.dims, F::default());
            to_pixel_major(image, self.channels, &mut map);
            for layer in &self.layers {
                run_layer(layer, &mut map, scratch);
            }
            out.copy_from_slice(&map);
        }
        scratch.map = map;
        self.dense.run(features, scratch);
    }
}

fn run_layer<F: Real>(layer: &Layer<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) {
    match layer {
        Layer::Haar(shape) => scratch.replaced(map, |map, out| fixed::haar(map, *shape, out)),
        Layer::Entry { conv, pixels } => {
            let rows = Rows { input: pixels, taps: &[0], output: pixels };
            scratch.replaced(map, |map, out| multiply(conv, map, &rows, out, false));
        }
        Layer::Block(block) => block.run(map, scratch),
        Layer::Pool { channels } => {
            let pixels = map.len() / channels;
            for c in 0..*channels {
                let sum: f64 = map.iter().skip(c).step_by(*channels).map(|v| v.to_f64()).sum();
                map[c] = F::from_f64(sum / pixels as f64);
            }
            map.truncate(*channels);
        }
    }
}
