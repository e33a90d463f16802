//! The layers of the dense coupling's subnets (method §2.6).

use ibinn_shaders::layouts::Dense as Layer;

use super::pack::{Padded, Weights};
use super::scratch::LANES;
use crate::Model;
use crate::spec::element::Dense;
use crate::spec::linear;

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
    dense: &Dense,
    groups_first: usize,
    weights: &mut Weights,
    slots: &mut u32,
) -> [DenseNet; 2] {
    let (first, second) = dense.split();
    let first = Half { numbers: first, first_group: 0, groups: groups_first };
    let second = Half { numbers: second, first_group: groups_first, groups: second.div_ceil(LANES) };
    let latent_groups = groups_first + second.groups;
    let [net1, net2] = dense.nets();
    let mut net = |net, source: Half, dest: Half| {
        let net = dense_net(model, net, [source, dest], latent_groups, weights, *slots);
        *slots += dest.groups as u32;
        net
    };
    let mut nets = [net(&net2, second, first), net(&net1, first, second)];
    nets.iter_mut().flat_map(|net| &mut net.layers).for_each(|layer| layer.slots = *slots);
    nets
}

fn dense_net(
    model: &Model,
    net: &linear::DenseNet,
    [source, dest]: [Half; 2],
    latent_groups: usize,
    weights: &mut Weights,
    slot: u32,
) -> DenseNet {
    let [first, second] = net.tensors();
    let [(w1, b1), (w2, b2)] =
        [first, second].map(|layer| (model.tensor(&layer.weight), model.tensor(&layer.bias)));
    let (inputs, hidden, outputs) = (source.numbers, net.hidden, dest.numbers);
    let groups_hidden = hidden.div_ceil(LANES);
    let padded_inputs = Padded::to_groups(inputs, source.groups);
    let padded_hidden = Padded::to_groups(hidden, groups_hidden);
    let padded_outputs = Padded::to_groups(outputs, dest.groups);
    let first = |o: usize, i: usize, _| w1[o * inputs + i];
    let second = |o: usize, i: usize, part: usize| w2[(part * outputs + o) * hidden + i];
    let layer1 = Layer {
        groups_in: source.groups as u32,
        groups_out: groups_hidden as u32,
        source: source.first_group as u32,
        source_row: latent_groups as u32,
        dest: 0,
        dest_row: groups_hidden as u32,
        weights: weights.pack(&padded_hidden, &padded_inputs, 1, first),
        bias: weights.pack_bias(&padded_hidden, 1, |o, _| b1[o]),
        ..Layer::default()
    };
    let layer2 = Layer {
        groups_in: groups_hidden as u32,
        groups_out: dest.groups as u32,
        source: 0,
        source_row: groups_hidden as u32,
        dest: dest.first_group as u32,
        dest_row: latent_groups as u32,
        weights: weights.pack(&padded_outputs, &padded_hidden, 2, second),
        bias: weights.pack_bias(&padded_outputs, 2, |o, part| b2[part * outputs + o]),
        slot,
        ..Layer::default()
    };
    DenseNet { layers: [layer1, layer2] }
}
