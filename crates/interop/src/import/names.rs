//! What the authors call the tensors of an element.

use ibinn::spec::element::{Element, Subnet};
use ibinn::spec::linear::DenseNet;
use ibinn::spec::tensors::{
    CouplingTensors, HiddenTensors, LayerTensors, NormTensors, SubnetTensors, TensorInfo,
};

/// A kind of element, as its tensors tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Haar transform.
    Haar,
    /// Coupling block.
    Coupling,
    /// Down-coupling.
    Down,
    /// DCT.
    Dct,
    /// Dense coupling.
    Dense,
}

impl Kind {
    /// The kind of the element that has tensors of these names.
    pub fn of<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<Self> {
        names.find_map(|name| match name.split('.').next()? {
            "haar_weights" => Some(Self::Haar),
            "act_norm" => Some(Self::Coupling),
            "s_hi" => Some(Self::Down),
            "inv_weight" => Some(Self::Dct),
            "s1" => Some(Self::Dense),
            _ => None,
        })
    }
}

/// Whether a coupling block's subnet begins with a ReLU, by the first of these names that it has: position 1 is that of the
/// first batch-norm where there is none.
pub(super) const FIRST_CONVOLUTIONS: [(bool, &str); 2] = [(false, "s.0.weight"), (true, "s.1.weight")];

/// Every tensor of `element` in training form that the authors keep, with their name for it.
pub(super) fn theirs(element: &Element) -> Vec<(TensorInfo, String)> {
    match element {
        Element::Coupling(coupling) => {
            let positions = if coupling.leading_relu { [1, 2, 4, 5, 8] } else { [0, 1, 3, 4, 7] };
            let mut names = subnet(&coupling.subnet(), "s", positions);
            let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
            let own = [(rotation, "w"), (log_alpha, "act_norm"), (offset, "act_offset")];
            names.extend(own.map(|(info, name)| (info, name.into())));
            names
        }
        Element::Down(down) => [
            subnet(&down.strided(), "s_hi", [0, 1, 3, 4, 6]),
            subnet(&down.lowres(), "s_lo", [0, 1, 3, 4, 7]),
        ]
        .concat(),
        Element::Dense(dense) => {
            let net = |(net, name): (DenseNet, &str)| {
                let [first, second] = net.tensors();
                [layer(first, name, 0), layer(second, name, 3)].concat()
            };
            dense.nets().into_iter().zip(["s1", "s2"]).flat_map(net).collect()
        }
        Element::Haar { .. } | Element::Dct(_) | Element::Permutation { .. } => Vec::new(),
    }
}

fn layer(
    LayerTensors { weight, bias }: LayerTensors,
    net: &str,
    position: usize,
) -> [(TensorInfo, String); 2] {
    [(weight, "weight"), (bias, "bias")].map(|(info, part)| (info, format!("{net}.{position}.{part}")))
}

/// The names of a subnet with these positions of conv1, bn1, conv2, bn2 and conv3 among its layers, ReLUs and dropout
/// included.
fn subnet(subnet: &Subnet, net: &str, positions: [usize; 5]) -> Vec<(TensorInfo, String)> {
    let SubnetTensors { hidden, last } = subnet.tensors();
    let [conv1, norm1, conv2, norm2, conv3] = positions;
    let hidden = hidden.into_iter().zip([(conv1, norm1), (conv2, norm2)]);
    let mut names: Vec<_> = hidden
        .flat_map(|(HiddenTensors { conv, norm }, (conv_at, norm_at))| {
            let NormTensors { gamma, beta, running_mean, running_var } = norm;
            [
                (conv.weight, format!("{net}.{conv_at}.weight")),
                (gamma, format!("{net}.{norm_at}.weight")),
                (beta, format!("{net}.{norm_at}.bias")),
                (running_mean, format!("{net}.{norm_at}.running_mean")),
                (running_var, format!("{net}.{norm_at}.running_var")),
            ]
        })
        .collect();
    names.extend(layer(last, net, conv3));
    names
}

/// Whether a tensor holds what follows from the others: constants, inverses, counters.
pub(super) fn redundant(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::Haar => name == "haar_weights",
        Kind::Dct => matches!(name, "weight" | "inv_weight"),
        Kind::Coupling => name == "w_inv" || name.ends_with(".num_batches_tracked"),
        Kind::Down => name.starts_with("reshape_kernels.") || name.ends_with(".num_batches_tracked"),
        Kind::Dense => false,
    }
}
