//! The layers of the feed-forward networks that the paper compares with (method §2.8), as shapes and constants.

use crate::spec::element::{Subnet, SubnetKind};
use crate::spec::fields::{SpecFields, Stem};
use crate::spec::linear::DenseNet;
use crate::spec::shape::Shape;

/// Slope of the leaky ReLU that ends every residual block, for arguments below 0.
pub const LEAKY_SLOPE: f64 = 0.01;

/// A residual block y = leakyReLU(skip(x) + F(x)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Shape in.
    pub input: Shape,
    /// F, with a stride of 2 where there is a [`skip`](Self::skip).
    pub subnet: Subnet,
    /// Path of the convolution 3×3 with a stride of 2, padding 1 and a bias that brings x to F's shape; without it, x
    /// has that shape and is added as it is.
    pub skip: Option<String>,
}

/// A 1×1 convolution with a bias that keeps the number of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Shape in and out.
    pub shape: Shape,
}

/// One layer of a feed-forward network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Orthonormal 2×2 Haar transform.
    Haar {
        /// Shape in.
        input: Shape,
    },
    /// The first convolution.
    Entry(Entry),
    /// A residual block.
    Block(Block),
    /// The mean of each channel over all pixels.
    Pool {
        /// Shape in.
        input: Shape,
    },
    /// The residual block y = leakyReLU(x + F(x)) with this F.
    Dense(DenseNet),
}

/// The feed-forward network with a residual block for each coupling block of the flow and two for each
/// down-coupling, the first of them strided, on maps of the same shapes.
pub(crate) fn derive_layers(fields: &SpecFields) -> Vec<Layer> {
    let input = &fields.input;
    let mut shape = input.shape();
    let mut layers = Vec::new();
    if fields.stem == Stem::Haar {
        layers.push(Layer::Haar { input: shape });
        shape = shape.folded();
    }
    layers.push(Layer::Entry(Entry { shape }));
    for (i, stage) in fields.stages.iter().enumerate() {
        for k in 0..stage.blocks {
            let name = format!("stage{i}.block{k}.subnet");
            let leading_relu = fields.leading_relu(i, k);
            let subnet = subnet(name, SubnetKind::Plain, shape, stage.width);
            layers.push(same_size(shape, Subnet { leading_relu, ..subnet }));
        }
        if let Some(next) = fields.stages.get(i + 1) {
            let reduced = shape.folded();
            let strided = subnet(format!("down{i}.strided"), SubnetKind::Strided, shape, next.width);
            layers.push(Layer::Block(Block {
                input: shape,
                subnet: Subnet { output: reduced.channels, ..strided },
                skip: Some(format!("down{i}.skip")),
            }));
            let lowres = subnet(format!("down{i}.lowres"), SubnetKind::Lowres, reduced, next.width);
            layers.push(same_size(reduced, lowres));
            shape = reduced;
        }
    }
    layers.push(Layer::Pool { input: shape });
    let (features, hidden) = (shape.channels, fields.dense_hidden);
    layers.push(Layer::Dense(DenseNet { name: "dense", inputs: features, hidden, outputs: features }));
    layers
}

/// A subnet that keeps the number of channels.
fn subnet(name: String, kind: SubnetKind, shape: Shape, width: usize) -> Subnet {
    let channels = shape.channels;
    Subnet { name, input: channels, width, output: channels, kind, leading_relu: false }
}

fn same_size(input: Shape, subnet: Subnet) -> Layer {
    Layer::Block(Block { input, subnet, skip: None })
}

impl Layer {
    /// The convolutional subnet of this layer.
    pub fn subnet(&self) -> Option<&Subnet> {
        if let Self::Block(block) = self { Some(&block.subnet) } else { None }
    }

    /// Numbers that come out for each image, where the next layer sees them as a flat vector.
    pub fn features(&self) -> Option<usize> {
        match self {
            Self::Pool { input } => Some(input.channels),
            Self::Dense(net) => Some(net.outputs),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Family, Preset};

    #[test]
    fn the_resnet_has_the_blocks_of_the_flow() {
        let spec = Preset::Cifar10.spec().unwrap().with_family(Family::ResNet).unwrap();
        let blocks: Vec<&Block> = spec
            .layers()
            .iter()
            .filter_map(|layer| if let Layer::Block(block) = layer { Some(block) } else { None })
            .collect();
        assert_eq!(blocks.len(), 8 + 2 + 24 + 2 + 24);
        let channels = |block: &Block| {
            let Subnet { input, width, output, kind, leading_relu, .. } = block.subnet;
            (input, width, output, kind, leading_relu)
        };
        assert_eq!(channels(blocks[0]), (3, 16, 3, SubnetKind::Plain, false));
        assert_eq!(channels(blocks[1]), (3, 16, 3, SubnetKind::Plain, true));
        assert_eq!(channels(blocks[8]), (3, 32, 12, SubnetKind::Strided, false));
        assert_eq!(channels(blocks[9]), (12, 32, 12, SubnetKind::Lowres, false));
        assert_eq!(channels(blocks[59]), (48, 64, 48, SubnetKind::Plain, true));
        assert_eq!(blocks[8].skip.as_deref(), Some("down0.skip"));
        let dense = DenseNet { name: "dense", inputs: 48, hidden: 1024, outputs: 48 };
        assert_eq!(spec.layers().last(), Some(&Layer::Dense(dense)));
        assert_eq!(spec.features(), 48);
    }
}
