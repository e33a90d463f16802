//! What a network costs: multiply-adds of one image, and trainable numbers.

use crate::ModelSpec;
use crate::spec::element::{Element, Subnet};
use crate::spec::feed_forward::{Block, Entry, Layer};
use crate::spec::linear::DenseNet;
use crate::spec::shape::Shape;
use crate::spec::tensors::{Role, TensorInfo, training_tensors, training_tensors_of};

impl ModelSpec {
    /// Multiply-adds of the network and, but for a mixture, what stands on top of it, for one image: convolutions,
    /// soft permutations, linear layers and DCT.
    pub fn multiply_adds(&self) -> usize {
        let flow: usize = self.elements().iter().map(Element::multiply_adds).sum();
        let feed_forward: usize = self.layers().iter().map(Layer::multiply_adds).sum();
        let head: usize = self.head().layers().iter().map(|layer| layer.inputs * layer.outputs).sum();
        flow + feed_forward + head
    }

    /// Trainable numbers, without the means of a mixture (method §2.1, §2.8, §8.13).
    pub fn parameter_count(&self) -> usize {
        trainable(&training_tensors(self))
    }

    /// About the bytes that a step of training on `batch` images takes on the CPU: weights, means, gradients and velocities, and
    /// of each image the map between two layers and two and a half times a hidden layer, which is within 30 % of what was
    /// measured of `compact28` and `cifar10` (docs/benchmarks.md).
    pub fn training_bytes(&self, batch: usize) -> usize {
        let means = self.classes().len() * self.dims();
        let map = |element: &Element| self.dims() + 5 * element.hidden() / 2;
        let flow: usize = self.elements().iter().map(map).sum();
        // Of a feed-forward network, layers have as many hidden maps as the flow's that they follow.
        let feed_forward: usize = self.layers().len() * self.dims() * 4;
        size_of::<f32>() * (3 * (self.parameter_count() + means) + batch * (flow + feed_forward))
    }
}

impl Element {
    /// Numbers of a hidden layer for one image, on average of the two.
    fn hidden(&self) -> usize {
        match self {
            Self::Haar { .. } | Self::Permutation { .. } | Self::Dct(_) => 0,
            Self::Coupling(coupling) => coupling.width * coupling.shape.pixels(),
            Self::Down(down) => {
                let (full, halved) = (down.input.pixels(), down.input.folded().pixels());
                down.width * (full + 3 * halved) / 2
            }
            Self::Dense(dense) => dense.hidden,
        }
    }

    /// Trainable numbers.
    pub fn parameter_count(&self) -> usize {
        trainable(&training_tensors_of(self))
    }

    /// Multiply-adds of one encode.
    pub fn multiply_adds(&self) -> usize {
        match self {
            Self::Haar { .. } | Self::Permutation { .. } => 0,
            Self::Coupling(coupling) => {
                let channels = coupling.shape.channels;
                coupling.subnet().multiply_adds(coupling.shape)
                    + channels * channels * coupling.shape.pixels()
            }
            Self::Down(down) => {
                down.strided().multiply_adds(down.input) + down.lowres().multiply_adds(down.input.folded())
            }
            Self::Dct(dct) => 2 * dct.channels * dct.n * dct.n * dct.n,
            Self::Dense(dense) => dense.nets().iter().map(DenseNet::multiply_adds).sum(),
        }
    }
}

impl Layer {
    /// Multiply-adds for one image.
    pub fn multiply_adds(&self) -> usize {
        match self {
            Self::Haar { .. } | Self::Pool { .. } => 0,
            Self::Entry(Entry { shape }) => shape.channels * shape.len(),
            Self::Block(Block { input, subnet, skip }) => {
                let skipping = if skip.is_some() { 9 * input.len() * subnet.output / 4 } else { 0 };
                subnet.multiply_adds(*input) + skipping
            }
            Self::Dense(net) => net.multiply_adds(),
        }
    }
}

impl Subnet {
    /// Multiply-adds on one map of the size of `input`, whose channels do not matter.
    fn multiply_adds(&self, input: Shape) -> usize {
        let pixels = input.pixels();
        let reduced = pixels / (self.stride() * self.stride());
        9 * self.input * self.width * pixels + (9 * self.width + self.output) * self.width * reduced
    }
}

impl DenseNet {
    fn multiply_adds(&self) -> usize {
        self.hidden * (self.inputs + self.outputs)
    }
}

fn trainable(tensors: &[TensorInfo]) -> usize {
    tensors.iter().filter(|tensor| tensor.role() == Role::Network).map(TensorInfo::len).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::Preset;

    #[test]
    fn memory_is_near_what_was_measured() {
        // Peaks of whole steps at batch 128, see docs/benchmarks.md.
        for (preset, measured) in [(Preset::Compact28, 0.09), (Preset::Cifar10, 0.81)] {
            let share = preset.spec().unwrap().training_bytes(128) as f64 / (measured * f64::from(1 << 30));
            // Of a small net's peak, a third is what no batch needs: the program, the data set.
            assert!((0.6..1.25).contains(&share), "{preset}: {share}");
        }
    }
}
