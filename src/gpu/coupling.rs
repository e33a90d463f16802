//! The steps of coupling blocks (method §2.2) and down-couplings (method §2.4).

use std::ops::Range;

use ibinn_shaders::constants::*;
use ibinn_shaders::layouts::Step;

use super::batch::Way;
use super::pack::Padded;
use super::scratch::{LANES, Map, MapRole};
use super::step::between;
use super::steps::ProgramBuilder;
use crate::spec::Shape;
use crate::spec::element::{Coupling, Down, Subnet, SubnetKind};
use crate::spec::tensors::{HiddenTensors, LayerTensors};

impl ProgramBuilder<'_> {
    /// A coupling block (method §2.2).
    pub fn coupling(&mut self, map: Map, coupling: &Coupling) -> Map {
        let second = coupling.split().0..coupling.shape.channels;
        self.couple(&coupling.subnet(), map, map, second, Coupling::CLAMP_SLOPE, Way::Encode);
        self.mix(map, &self.model.mixing(coupling).forward)
    }

    /// The inverse of a coupling block.
    pub fn uncoupling(&mut self, map: Map, coupling: &Coupling) -> Map {
        let map = self.mix(map, &self.model.mixing(coupling).inverse);
        let second = coupling.split().0..coupling.shape.channels;
        self.couple(&coupling.subnet(), map, map, second, Coupling::CLAMP_SLOPE, Way::Decode);
        map
    }

    /// A down-coupling (method §2.4).
    pub fn down(&mut self, map: Map, down: &Down) -> Map {
        let folded = self.map(MapRole::Flow, down.input.folded());
        self.push(between(KIND_FOLD, map, folded));
        let (first, total) = (LANES * down.split().0, LANES * down.input.channels);
        let second_planes = folded.after_planes(down.split().0);
        self.couple(&down.strided(), map, folded, first..total, Down::CLAMP_SLOPE, Way::Encode);
        self.couple(&down.lowres(), second_planes, folded, 0..first, Down::CLAMP_SLOPE, Way::Encode);
        folded
    }

    /// The inverse of a down-coupling.
    pub fn up(&mut self, folded: Map, down: &Down) -> Map {
        let (first, total) = (LANES * down.split().0, LANES * down.input.channels);
        let second_planes = folded.after_planes(down.split().0);
        self.couple(&down.lowres(), second_planes, folded, 0..first, Down::CLAMP_SLOPE, Way::Decode);
        let map = self.map(MapRole::Flow, down.input);
        let unfold = Step { channels: down.input.channels as u32, ..between(KIND_UNFOLD, folded, map) };
        // Once for x1, which the strided subnet sees, and again when x2 is whole, too.
        self.push(unfold);
        self.couple(&down.strided(), map, folded, first..total, Down::CLAMP_SLOPE, Way::Decode);
        self.push(unfold);
        map
    }

    /// Couples channels `channels` of `map` with what `subnet` makes of the first channels of `source`.
    fn couple(
        &mut self,
        subnet: &Subnet,
        source: Map,
        map: Map,
        channels: Range<usize>,
        slope: f64,
        way: Way,
    ) {
        let hidden = self.hidden(subnet, source);
        let LayerTensors { weight, bias } = subnet.tensors().last;
        let (weight, bias) = (self.model.tensor(&weight), self.model.tensor(&bias));
        let (count, width) = (channels.len(), subnet.width);
        let base = channels.start / LANES;
        let end = channels.end.div_ceil(LANES);
        let dest = Map { planes: end - base, ..map.after_planes(base) };
        let outputs = Padded::within(channels.start - LANES * base..channels.end - LANES * base, dest.planes);
        let inputs = Padded::to_groups(width, hidden.planes);
        // Part 0 is the scale, part 1 the shift.
        let w = |o: usize, i: usize, part: usize| weight[(o + part * count) * width + i];
        let weights = self.weights.pack(&outputs, &inputs, 2, w);
        let bias = self.weights.pack_bias(&outputs, 2, |o, part| bias[o + part * count]);
        let step = Step { weights, bias, slope: slope as f32, ..between(KIND_COUPLE, hidden, dest) };
        match way {
            Way::Decode => self.push(Step { flags: FLAG_INVERSE, ..step }),
            Way::Encode => {
                self.push(Step { slot: self.slots, ..step });
                self.slots += self.steps.last().map_or(0, |step| step.items);
            }
        }
    }

    /// Both 3×3 convolutions of `subnet`, which sees the first channels of `source`. Returns the last hidden layer.
    fn hidden(&mut self, subnet: &Subnet, source: Map) -> Map {
        let w = subnet.width;
        let shape = Shape { channels: w, height: source.height, width: source.width };
        let strided = subnet.kind == SubnetKind::Strided;
        let reduced =
            if strided { Shape { height: shape.height / 2, width: shape.width / 2, ..shape } } else { shape };
        let (first, second) = (self.map(MapRole::Hidden1, shape), self.map(MapRole::Hidden2, reduced));
        let source = Map { planes: subnet.input.div_ceil(LANES), ..source };
        let source = if subnet.leading_relu { self.rectified(source) } else { source };
        let kind = if strided { KIND_CONVOLVE_STRIDED } else { KIND_CONVOLVE };
        let [tensors1, tensors2] = subnet.tensors().hidden;
        for (HiddenTensors { conv, .. }, kind, inputs, from, to) in
            [(tensors1, KIND_CONVOLVE, subnet.input, source, first), (tensors2, kind, w, first, second)]
        {
            let (weight, bias) = (self.model.tensor(&conv.weight), self.model.tensor(&conv.bias));
            let outputs = Padded::to_groups(w, to.planes);
            let tap = |o: usize, i: usize, tap: usize| weight[(o * inputs + i) * 9 + tap];
            let weights = self.weights.pack(&outputs, &Padded::none(inputs), 9, tap);
            let bias = self.weights.pack_bias(&outputs, 1, |o, _| bias[o]);
            self.push(Step { channels: inputs as u32, weights, bias, ..between(kind, from, to) });
        }
        second
    }

    /// `source` through a ReLU: written by the mixing that made it where it was one, else by a step of its own.
    fn rectified(&mut self, source: Map) -> Map {
        let shape = Shape { channels: source.planes * LANES, height: source.height, width: source.width };
        let rectified = self.map(MapRole::Rectified, shape);
        match self.steps.last_mut() {
            Some(step) if step.kind == KIND_MIX && step.dest == source.offset as u32 => {
                step.rectified = rectified.offset as u32;
                step.rectified_planes = rectified.planes as u32;
            }
            _ => self.push(between(KIND_RECTIFY, source, rectified)),
        }
        rectified
    }
}
