//! What the authors call the tensors of an element.

use ibinn::spec::element::Element;

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

/// Positions of the layers conv1, bn1, conv2, bn2 and conv3 among those of a subnet, ReLUs and dropout included.
type Positions = [usize; 5];

/// The authors' name for the tensor of `element` that is called `name` in training form.
pub(super) fn theirs(element: &Element, name: &str) -> Option<String> {
    let name = name.strip_prefix(element.name())?.strip_prefix('.')?;
    match element {
        Element::Coupling(coupling) => match name {
            "mix.matrix" => Some("w".into()),
            "scale.log_alpha" => Some("act_norm".into()),
            "offset" => Some("act_offset".into()),
            _ => {
                let positions = if coupling.leading_relu { [1, 2, 4, 5, 8] } else { [0, 1, 3, 4, 7] };
                layer("s", positions, name.strip_prefix("subnet.")?)
            }
        },
        Element::Down(_) => match name.split_once('.')? {
            ("strided", rest) => layer("s_hi", [0, 1, 3, 4, 6], rest),
            ("lowres", rest) => layer("s_lo", [0, 1, 3, 4, 7], rest),
            _ => None,
        },
        Element::Dense(_) => {
            let (net, rest) = name.split_once('.')?;
            let (layer, part) = rest.split_once('.')?;
            Some(format!("{}.{}.{part}", net.replace("net", "s"), if layer == "fc1" { 0 } else { 3 }))
        }
        Element::Haar { .. } | Element::Dct(_) | Element::Permutation { .. } => None,
    }
}

fn layer(net: &str, positions: Positions, name: &str) -> Option<String> {
    let (layer, part) = name.split_once('.')?;
    let layers = ["conv1", "bn1", "conv2", "bn2", "conv3"];
    let position = positions[layers.iter().position(|known| *known == layer)?];
    let part = match part {
        "gamma" => "weight",
        "beta" => "bias",
        other => other,
    };
    Some(format!("{net}.{position}.{part}"))
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
