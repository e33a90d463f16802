//! Every tensor of a model, in its two forms.
//!
//! *Training form* is what the trainer optimises and checkpoints hold: batch-norm apart from the convolutions.
//! *Folded form* is what a model file holds and the executors run: batch-norm folded into the 3×3 convolution it
//! follows, which thereby gains a bias. Channel scale, soft permutation and offset stay apart, so that their exact
//! inverse needs no matrix inversion.
//!
//! Who needs a certain tensor asks the part of the network that has it, as in `coupling.tensors().rotation`.

use crate::spec::element::{Element, Subnet};
use crate::spec::feed_forward::Layer;
use crate::spec::head::HeadSpec;
use crate::spec::linear::DenseNet;
use crate::spec::model_spec::ModelSpec;

pub use crate::spec::handles::{CouplingTensors, HiddenTensors, LayerTensors, NormTensors, SubnetTensors};
pub use crate::spec::tensor_info::{
    EMPIRICAL_MEANS, LOG_WEIGHTS, MEANS, PERMUTATION, Role, TensorInfo, TensorKind,
};

struct TensorList {
    list: Vec<TensorInfo>,
    folded: bool,
}

impl TensorList {
    fn layer_tensors(&mut self, LayerTensors { weight, bias }: LayerTensors) {
        self.list.extend([weight, bias]);
    }

    fn subnet(&mut self, subnet: &Subnet) {
        let tensors = subnet.tensors();
        for HiddenTensors { conv, norm } in tensors.hidden {
            if self.folded {
                self.layer_tensors(conv);
            } else {
                let NormTensors { gamma, beta, running_mean, running_var } = norm;
                self.list.extend([conv.weight, gamma, beta, running_mean, running_var]);
            }
        }
        self.layer_tensors(tensors.last);
    }

    fn element(&mut self, element: &Element) {
        for subnet in element.subnets() {
            self.subnet(&subnet);
        }
        match element {
            Element::Coupling(coupling) => {
                let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
                self.list.extend([rotation, log_alpha, offset]);
            }
            Element::Permutation { dims } => {
                self.list.push(TensorInfo::new(PERMUTATION, &[*dims], TensorKind::Permutation));
            }
            Element::Dense(dense) => {
                let nets = dense.nets();
                nets.iter().flat_map(DenseNet::tensors).for_each(|layer| self.layer_tensors(layer));
            }
            Element::Haar { .. } | Element::Down(_) | Element::Dct(_) => {}
        }
    }

    fn layer(&mut self, layer: &Layer) {
        match layer {
            Layer::Haar { .. } | Layer::Pool { .. } => {}
            Layer::Entry(entry) => self.layer_tensors(entry.tensors()),
            Layer::Block(block) => {
                self.subnet(&block.subnet);
                block.skip_tensors().into_iter().for_each(|skip| self.layer_tensors(skip));
            }
            Layer::Dense(net) => net.tensors().into_iter().for_each(|layer| self.layer_tensors(layer)),
        }
    }
}

fn build(spec: &ModelSpec, folded: bool) -> Vec<TensorInfo> {
    let mut tensors = TensorList { list: Vec::new(), folded };
    spec.elements().iter().for_each(|element| tensors.element(element));
    spec.layers().iter().for_each(|layer| tensors.layer(layer));
    let head = spec.head();
    head.layers().iter().for_each(|layer| tensors.layer_tensors(layer.tensors()));
    if let HeadSpec::Mixture { means, log_weights, empirical_means } = head {
        tensors.list.push(means);
        tensors.list.extend(log_weights);
        tensors.list.extend(folded.then_some(empirical_means));
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
    use crate::{Family, Preset};

    #[test]
    fn cifar_net_has_120_batch_norm_layers_and_117648_fixed_mixing_numbers() {
        let spec = Preset::Cifar10.spec().unwrap();
        let list = training_tensors(&spec);
        assert_eq!(list.iter().filter(|t| t.kind == TensorKind::RunningVariance).count(), 120);
        let mixing: usize = list.iter().filter(|t| t.kind == TensorKind::Rotation).map(TensorInfo::len).sum();
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

    #[test]
    fn names_in_files_stay_as_they_are() {
        let spec = Preset::Tiny.spec().unwrap();
        let names = |list: Vec<TensorInfo>| list.into_iter().map(|info| info.name).collect::<Vec<_>>();
        let block = [
            "subnet.conv1.weight",
            "subnet.bn1.gamma",
            "subnet.bn1.beta",
            "subnet.bn1.running_mean",
            "subnet.bn1.running_var",
            "subnet.conv2.weight",
            "subnet.bn2.gamma",
            "subnet.bn2.beta",
            "subnet.bn2.running_mean",
            "subnet.bn2.running_var",
            "subnet.conv3.weight",
            "subnet.conv3.bias",
            "mix.matrix",
            "scale.log_alpha",
            "offset",
        ];
        assert_eq!(names(training_tensors(&spec))[..15], block.map(|name| format!("stage0.block0.{name}")));
        let folded = names(folded_tensors(&spec));
        assert_eq!(folded[1], "stage0.block0.subnet.conv1.bias");
        let dense = ["perm", "net1.fc1.weight", "net1.fc1.bias", "net1.fc2.weight", "net1.fc2.bias"];
        let first = folded.iter().position(|name| name == PERMUTATION).unwrap();
        assert_eq!(folded[first..first + 5], dense.map(|name| format!("dense.{name}")));
        let vib = names(folded_tensors(&spec.with_family(Family::Vib).unwrap()));
        for name in
            ["entry.weight", "down0.strided.conv2.bias", "down0.skip.bias", "dense.fc2.bias", "code.bias"]
        {
            assert!(vib.iter().any(|known| known == name), "{name}");
        }
    }

    #[test]
    fn every_part_names_tensors_that_the_lists_have() {
        for family in Family::ALL {
            let spec = Preset::Tiny.spec().unwrap().with_family(family).unwrap();
            let (training, folded) = (training_tensors(&spec), folded_tensors(&spec));
            for subnet in spec.subnets() {
                let SubnetTensors { hidden, last } = subnet.tensors();
                for HiddenTensors { conv, norm } in hidden {
                    let NormTensors { gamma, beta, running_mean, running_var } = norm;
                    let norm = [gamma, beta, running_mean, running_var];
                    assert!(norm.iter().all(|info| training.contains(info) && !folded.contains(info)));
                    assert!(training.contains(&conv.weight) && folded.contains(&conv.weight));
                    assert!(!training.contains(&conv.bias) && folded.contains(&conv.bias));
                }
                assert!([last.weight, last.bias].iter().all(|info| training.contains(info)));
            }
        }
    }
}
