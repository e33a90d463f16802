//! The names and shapes of every tensor of a model, in its two forms.
//!
//! *Training form* is what the trainer optimises and checkpoints hold: batch-norm apart from the convolutions.
//! *Folded form* is what a model file holds and the executors run: batch-norm folded into the 3×3 convolution it
//! follows, which thereby gains a bias. Channel scale, soft permutation and offset stay apart, so that their exact
//! inverse needs no matrix inversion.

use crate::element::{Element, Subnet};
use crate::spec::ModelSpec;

/// What a tensor is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Trained with the flow's learning rate, momentum and weight decay (spec §1.4).
    Flow,
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
/// Mean latent of each class's training images, (K, D): where samples are drawn around (spec §4.6, Fig 8).
pub const EMPIRICAL_MEANS: &str = "empirical_means";
/// The fixed permutation before the dense coupling, (D), as integers.
pub const PERMUTATION: &str = "dense.perm";

struct Builder {
    list: Vec<TensorInfo>,
    folded: bool,
}

impl Builder {
    fn add(&mut self, prefix: &str, name: &str, shape: &[usize], role: Role) {
        self.list.push(TensorInfo { name: format!("{prefix}.{name}"), shape: shape.to_vec(), role });
    }

    fn subnet(&mut self, subnet: &Subnet) {
        let (prefix, w) = (subnet.name.as_str(), subnet.width);
        for (layer, input) in [(1, subnet.input), (2, w)] {
            self.add(prefix, &format!("conv{layer}.weight"), &[w, input, 3, 3], Role::Flow);
            if self.folded {
                self.add(prefix, &format!("conv{layer}.bias"), &[w], Role::Flow);
            } else {
                for (part, role) in [
                    ("gamma", Role::Flow),
                    ("beta", Role::Flow),
                    ("running_mean", Role::Statistic),
                    ("running_var", Role::Statistic),
                ] {
                    self.add(prefix, &format!("bn{layer}.{part}"), &[w], role);
                }
            }
        }
        self.add(prefix, "conv3.weight", &[subnet.output, w, 1, 1], Role::Flow);
        self.add(prefix, "conv3.bias", &[subnet.output], Role::Flow);
    }

    fn element(&mut self, element: &Element) {
        for subnet in element.subnets() {
            self.subnet(&subnet);
        }
        match element {
            Element::Coupling(coupling) => {
                let c = coupling.shape.channels;
                self.add(&coupling.name, "mix.matrix", &[c, c], Role::Fixed);
                self.add(&coupling.name, "scale.log_alpha", &[c], Role::Flow);
                self.add(&coupling.name, "offset", &[c], Role::Flow);
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
                    self.add(net, "fc1.weight", &[dense.hidden, input], Role::Flow);
                    self.add(net, "fc1.bias", &[dense.hidden], Role::Flow);
                    self.add(net, "fc2.weight", &[output, dense.hidden], Role::Flow);
                    self.add(net, "fc2.bias", &[output], Role::Flow);
                }
            }
            Element::Haar { .. } | Element::Down(_) | Element::Dct(_) => {}
        }
    }
}

fn build(elements: &[Element], folded: bool) -> Vec<TensorInfo> {
    let mut builder = Builder { list: Vec::new(), folded };
    for element in elements {
        builder.element(element);
    }
    builder.list
}

fn means(spec: &ModelSpec, name: &str) -> TensorInfo {
    TensorInfo { name: name.into(), shape: vec![spec.classes().len(), spec.dims()], role: Role::Means }
}

/// The training-form tensors of one element.
pub fn training_tensors_of(element: &Element) -> Vec<TensorInfo> {
    build(std::slice::from_ref(element), false)
}

/// Every tensor of the training form: the elements' in encoding order, then the means.
pub fn training_tensors(spec: &ModelSpec) -> Vec<TensorInfo> {
    let mut list = build(spec.elements(), false);
    list.push(means(spec, MEANS));
    list
}

/// Every tensor of the folded form: the elements' in encoding order, then means and empirical means.
pub fn folded_tensors(spec: &ModelSpec) -> Vec<TensorInfo> {
    let mut list = build(spec.elements(), true);
    list.push(means(spec, MEANS));
    list.push(means(spec, EMPIRICAL_MEANS));
    list
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
        let spec = Preset::Tiny.spec().unwrap();
        for list in [training_tensors(&spec), folded_tensors(&spec)] {
            let mut names: Vec<_> = list.iter().map(|t| &t.name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), list.len());
        }
    }
}
