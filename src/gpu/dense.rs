//! The layers of the dense coupling's subnets (method §2.6).

use ibinn_shaders::layouts::Dense as Layer;

use super::pack::Weights;
use super::scratch::LANES;
use crate::Model;
use crate::spec::element::{Dense, Element};

/// One subnet from a half of the latents to the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct DenseNet {
    /// Both layers, forwards. The rows of `hidden` are as long as the hidden layer.
    pub layers: [Layer; 2],
}

/// A half of the latents: numbers, where it begins, and groups of four.
#[derive(Clone, Copy)]
struct Half {
    numbers: usize,
    first_group: usize,
    groups: usize,
}

/// `net2` and `net1`, in the order of encoding, with their partial log-dets behind the first `slots`.
pub(super) fn dense_nets(
    model: &Model,
    groups_first: usize,
    weights: &mut Weights,
    slots: &mut u32,
) -> [DenseNet; 2] {
    let spec = model.spec();
    let hidden = spec.elements().iter().find_map(|element| match element {
        Element::Dense(Dense { hidden, .. }) => Some(*hidden),
        _ => None,
    });
    let dense = Dense { dims: spec.dims(), hidden: hidden.unwrap_or(1) };
    let (first, second) = dense.split();
    let first = Half { numbers: first, first_group: 0, groups: groups_first };
    let second = Half { numbers: second, first_group: groups_first, groups: second.div_ceil(LANES) };
    let [(name1, ..), (name2, ..)] = dense.nets();
    let mut net = |name, source: Half, dest: Half| {
        let net = dense_net(
            model,
            name,
            dense.hidden,
            [source, dest],
            groups_first + second.groups,
            weights,
            *slots,
        );
        *slots += dest.groups as u32;
        net
    };
    let mut nets = [net(name2, second, first), net(name1, first, second)];
    nets.iter_mut().flat_map(|net| &mut net.layers).for_each(|layer| layer.slots = *slots);
    nets
}

fn dense_net(
    model: &Model,
    name: &str,
    hidden: usize,
    [source, dest]: [Half; 2],
    latent_groups: usize,
    weights: &mut Weights,
    slot: u32,
) -> DenseNet {
    let tensor = |part: &str| model.tensor(&format!("{name}.{part}"));
    let (w1, b1, w2, b2) =
        (tensor("fc1.weight"), tensor("fc1.bias"), tensor("fc2.weight"), tensor("fc2.bias"));
    let groups_hidden = hidden.div_ceil(LANES);
    let (inputs, outputs) = (source.numbers, dest.numbers);
    let first = |o: usize, i: usize, _| if o < hidden && i < inputs { w1[o * inputs + i] } else { 0.0 };
    let second = |o: usize, i: usize, part: usize| {
        if o < outputs && i < hidden { w2[(part * outputs + o) * hidden + i] } else { 0.0 }
    };
    let layer1 = Layer {
        groups_in: source.groups as u32,
        groups_out: groups_hidden as u32,
        source: source.first_group as u32,
        source_row: latent_groups as u32,
        dest: 0,
        dest_row: groups_hidden as u32,
        weights: weights.pack(groups_hidden, LANES * source.groups, 1, first),
        bias: weights.pack_bias(groups_hidden, 1, |o, _| b1.get(o).copied().unwrap_or(0.0)),
        ..Layer::default()
    };
    let layer2 = Layer {
        groups_in: groups_hidden as u32,
        groups_out: dest.groups as u32,
        source: 0,
        source_row: groups_hidden as u32,
        dest: dest.first_group as u32,
        dest_row: latent_groups as u32,
        weights: weights.pack(dest.groups, LANES * groups_hidden, 2, second),
        bias: weights.pack_bias(
            dest.groups,
            2,
            |o, part| if o < outputs { b2[part * outputs + o] } else { 0.0 },
        ),
        slot,
        ..Layer::default()
    };
    DenseNet { layers: [layer1, layer2] }
}
