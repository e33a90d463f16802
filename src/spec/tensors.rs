//! The names and shapes of every tensor of a model, in its two forms.
//!
//! *Training form* is what the trainer optimises and checkpoints hold: batch-norm apart from the convolutions.
//! *Folded form* is what a model file holds and the executors run: batch-norm folded into the 3×3 convolution it
//! follows, which thereby gains a bias. Channel scale, soft permutation and offset stay apart, so that their exact
//! inverse needs no matrix inversion.

use crate::Family;
use crate::spec::element::{Element, Subnet};
use crate::spec::feed_forward::{Block, Layer};
use crate::spec::model_spec::ModelSpec;

/// What a tensor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Trained with the network's learning rate, momentum and weight decay (method §1.4).
    Network,
    /// The means μ of the mixture, trained at their own rate.
    Means,
    /// Running batch-norm statistics.
    Statistic,
    /// Drawn once, never trained: rotations of the soft permutations, the permutation of the dense coupling.
    Fixed,
}

/// Name, shape and role of one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Path, as in `stage0.block0.subnet.conv1.weight`.
    pub name: String,
    /// Shape, outermost dimension first. Convolution weights are (out, in, rows, columns), linear ones (out, in).
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
}

impl TensorInfo {
    /// Numbers in the tensor.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The means μ_y that the model was trained with, (K, D).
pub const MEANS: &str = "means";
/// Mean latent of each class's training images, (K, D): where samples are drawn around (method §4.6, Fig 8).
pub const EMPIRICAL_MEANS: &str = "empirical_means";
/// The fixed permutation before the dense coupling, (D), as integers.
pub const PERMUTATION: &str = "dense.perm";
/// Path of the linear layer that gives the logits of a model without a mixture.
pub const HEAD: &str = "head";
/// Path of the linear layer that gives mean and spread of a VIB's code.
pub const CODE: &str = "code";
/// Numbers in the code of a VIB (method §2.8).
pub const CODE_LENGTH: usize = 128;

/// A linear layer with a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearInfo {
    /// Path of its tensors.
    pub name: &'static str,
    /// Numbers in.
    pub inputs: usize,
    /// Numbers out.
    pub outputs: usize,
}

struct TensorList {
    list: Vec<TensorInfo>,
    folded: bool,
}

impl TensorList {
    fn add(&mut self, prefix: &str, name: &str, shape: &[usize], role: Role) {
        self.list.push(TensorInfo { name: format!("{prefix}.{name}"), shape: shape.to_vec(), role });
    }

    fn subnet(&mut self, subnet: &Subnet) {
        let (prefix, w) = (subnet.name.as_str(), subnet.width);
        for (layer, input) in [(1, subnet.input), (2, w)] {
            self.add(prefix, &format!("conv{layer}.weight"), &[w, input, 3, 3], Role::Network);
            if self.folded {
                self.add(prefix, &format!("conv{layer}.bias"), &[w], Role::Network);
            } else {
                for (part, role) in [
                    ("gamma", Role::Network),
                    ("beta", Role::Network),
                    ("running_mean", Role::Statistic),
                    ("running_var", Role::Statistic),
                ] {
                    self.add(prefix, &format!("bn{layer}.{part}"), &[w], role);
                }
            }
        }
        self.add(prefix, "conv3.weight", &[subnet.output, w, 1, 1], Role::Network);
        self.add(prefix, "conv3.bias", &[subnet.output], Role::Network);
    }

    fn element(&mut self, element: &Element) {
        for subnet in element.subnets() {
            self.subnet(&subnet);
        }
        match element {
            Element::Coupling(coupling) => {
                let c = coupling.shape.channels;
                self.add(&coupling.name, "mix.matrix", &[c, c], Role::Fixed);
                self.add(&coupling.name, "scale.log_alpha", &[c], Role::Network);
                self.add(&coupling.name, "offset", &[c], Role::Network);
            }
            Element::Permutation { dims } => {
                self.list.push(TensorInfo {
                    name: PERMUTATION.into(),
                    shape: vec![*dims],
                    role: Role::Fixed,
                });
            }
            Element::Dense(dense) => {
                for (net, input, output) in dense.nets() {
                    self.fully_connected(net, input, dense.hidden, output);
                }
            }
            Element::Haar { .. } | Element::Down(_) | Element::Dct(_) => {}
        }
    }

    /// Two linear layers, `fc1` and `fc2`.
    fn fully_connected(&mut self, prefix: &str, input: usize, hidden: usize, output: usize) {
        for (layer, inputs, outputs) in [(1, input, hidden), (2, hidden, output)] {
            self.convolution(&format!("{prefix}.fc{layer}"), &[outputs, inputs]);
        }
    }

    /// A weight of this shape and a bias.
    fn convolution(&mut self, prefix: &str, shape: &[usize]) {
        self.add(prefix, "weight", shape, Role::Network);
        self.add(prefix, "bias", &shape[..1], Role::Network);
    }

    fn layer(&mut self, layer: &Layer) {
        match layer {
            Layer::Haar { .. } | Layer::Pool { .. } => {}
            Layer::Entry { shape } => self.convolution("entry", &[shape.channels, shape.channels, 1, 1]),
            Layer::Block(Block { subnet, skip, .. }) => {
                self.subnet(subnet);
                if let Some(skip) = skip {
                    self.convolution(skip, &[subnet.output, subnet.input, 3, 3]);
                }
            }
            Layer::Dense { features, hidden } => self.fully_connected("dense", *features, *hidden, *features),
        }
    }
}

/// The linear layers on top of the network, in order; none of a model with a mixture.
pub fn head_layers(spec: &ModelSpec) -> Vec<LinearInfo> {
    let (features, classes) = (spec.features(), spec.classes().len());
    let linear = |name, inputs, outputs| LinearInfo { name, inputs, outputs };
    match spec.family() {
        Family::IbInn => Vec::new(),
        Family::ResNet | Family::IRevNet => vec![linear(HEAD, features, classes)],
        Family::Vib => vec![linear(CODE, features, 2 * CODE_LENGTH), linear(HEAD, CODE_LENGTH, classes)],
    }
}

fn build(spec: &ModelSpec, folded: bool) -> Vec<TensorInfo> {
    let mut tensors = TensorList { list: Vec::new(), folded };
    spec.elements().iter().for_each(|element| tensors.element(element));
    spec.layers().iter().for_each(|layer| tensors.layer(layer));
    for layer in head_layers(spec) {
        tensors.convolution(layer.name, &[layer.outputs, layer.inputs]);
    }
    if spec.family().has_mixture() {
        let shape = vec![spec.classes().len(), spec.dims()];
        let names = [MEANS, EMPIRICAL_MEANS];
        let names = if folded { &names[..] } else { &names[..1] };
        let means = |&name: &&str| TensorInfo { name: name.into(), shape: shape.clone(), role: Role::Means };
        tensors.list.extend(names.iter().map(means));
    }
    tensors.list
}

/// The training-form tensors of one element.
pub fn training_tensors_of(element: &Element) -> Vec<TensorInfo> {
    let mut tensors = TensorList { list: Vec::new(), folded: false };
    tensors.element(element);
    tensors.list
}

/// Every tensor of the training form: the network's in the order in which an image passes them, then those of the
/// linear layers on top, or the means of a mixture.
pub fn training_tensors(spec: &ModelSpec) -> Vec<TensorInfo> {
    build(spec, false)
}

/// Every tensor of the folded form, in the same order; the empirical means come last.
pub fn folded_tensors(spec: &ModelSpec) -> Vec<TensorInfo> {
    build(spec, true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Preset;

    #[test]
    fn cifar_net_has_120_batch_norm_layers_and_117648_fixed_mixing_numbers() {
        let spec = Preset::Cifar10.spec().unwrap();
        let list = training_tensors(&spec);
        assert_eq!(list.iter().filter(|t| t.name.ends_with("running_var")).count(), 120);
        let mixing: usize = list.iter().filter(|t| t.name.ends_with("mix.matrix")).map(TensorInfo::len).sum();
        assert_eq!(2 * mixing, 117_648);
    }

    #[test]
    fn both_forms_have_unique_names() {
        for family in Family::ALL {
            let spec = Preset::Tiny.spec().unwrap().with_family(family).unwrap();
            for list in [training_tensors(&spec), folded_tensors(&spec)] {
                let mut names: Vec<_> = list.iter().map(|t| &t.name).collect();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), list.len());
            }
        }
    }

    #[test]
    fn what_stands_on_top_of_the_network_is_last() {
        let last = |family, folded: bool| {
            let spec = Preset::Tiny.spec().unwrap().with_family(family).unwrap();
            let list = if folded { folded_tensors(&spec) } else { training_tensors(&spec) };
            let TensorInfo { name, shape, .. } = list.last().unwrap().clone();
            (name, shape)
        };
        assert_eq!(last(Family::IbInn, true), (EMPIRICAL_MEANS.into(), vec![10, 784]));
        assert_eq!(last(Family::IbInn, false), (MEANS.into(), vec![10, 784]));
        assert_eq!(last(Family::IRevNet, true), ("head.bias".into(), vec![10]));
        assert_eq!(last(Family::Vib, false), ("head.bias".into(), vec![10]));
    }
}
