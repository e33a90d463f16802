//! A model as the shaders run it: the steps of the convolutional part in both directions, the layers of the dense
//! coupling, and the numbers that they read.

use ibinn_shaders::constants::*;

use super::pack::Weights;
use super::scratch::{LANES, Map, Role, Scratch};
use crate::element::{Coupling, Dct, Dense, Down, Element, Shape, Subnet};
use crate::spec::Stem;
use crate::{Model, ModelSpec};

/// 32-bit words of a `Step` in WGSL.
const STEP_WORDS: usize = 16;
/// Multiply-adds an image that one dispatch may cost. Browsers end a dispatch that takes seconds.
const WORK_PER_RUN: usize = 100_000_000;

/// A `Step` of `step.wgsl`.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    kind: u32,
    option: u32,
    planes_in: usize,
    planes_out: usize,
    source: usize,
    source_row: usize,
    source_plane: usize,
    dest: usize,
    dest_row: usize,
    dest_plane: usize,
    height: usize,
    width: usize,
    weights: usize,
    bias: usize,
    slope: f32,
    table: usize,
}

impl Step {
    /// A step from one map to another, of the size of the latter.
    fn between(kind: u32, source: Map, dest: Map) -> Self {
        Self { kind, ..Self::default() }.reading(source).writing(dest)
    }

    fn reading(self, map: Map) -> Self {
        let (source, source_row, source_plane) = (map.offset, map.row(), map.plane());
        Self { planes_in: map.planes, source, source_row, source_plane, ..self }
    }

    fn writing(self, map: Map) -> Self {
        let (dest, dest_row, dest_plane) = (map.offset, map.row(), map.plane());
        Self {
            planes_out: map.planes,
            height: map.height,
            width: map.width,
            dest,
            dest_row,
            dest_plane,
            ..self
        }
    }

    /// In the order of the fields in WGSL.
    fn words(self) -> [u32; STEP_WORDS] {
        let n = |value: usize| value as u32;
        [
            self.kind,
            self.option,
            n(self.planes_in),
            n(self.planes_out),
            n(self.height),
            n(self.width),
            n(self.source),
            n(self.source_row),
            n(self.source_plane),
            n(self.dest),
            n(self.dest_row),
            n(self.dest_plane),
            n(self.weights),
            n(self.bias),
            self.slope.to_bits(),
            n(self.table),
        ]
    }

    /// Multiply-adds an image, those with zeros included.
    fn work(&self) -> usize {
        let parts = match self.kind {
            KIND_CONVOLVE | KIND_CONVOLVE_STRIDED => 9,
            KIND_COUPLE => 2,
            KIND_MIX => 1,
            _ => return 0,
        };
        parts * self.planes_in * self.planes_out * LANES * LANES * self.height * self.width
    }
}

/// Steps `first..end` of the list, run by one dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// The first step.
    pub first: u32,
    /// One past the last step.
    pub end: u32,
}

/// A `Layer` of `latent_tile.wgsl` without what depends on the direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct DenseNet {
    /// Groups of four inputs; where they begin in a latent.
    pub groups_in: usize,
    pub source: usize,
    /// Groups of four hidden units.
    pub groups_hidden: usize,
    /// Groups of four numbers that are coupled; where they begin in a latent.
    pub groups_out: usize,
    pub dest: usize,
    /// Weights and bias of both layers.
    pub weights: [usize; 2],
    pub bias: [usize; 2],
}

/// Everything about a model that does not depend on the batch.
pub(super) struct Program {
    /// The steps of both directions as the words of the `steps` buffer.
    pub steps: Vec<u32>,
    /// Runs that encode.
    pub encode: Vec<Run>,
    /// Runs that decode.
    pub decode: Vec<Run>,
    /// The `weights` buffer.
    pub weights: Weights,
    /// The `tables` buffer.
    pub tables: Vec<u32>,
    /// `net2` and `net1` of the dense coupling, in the order of encoding.
    pub dense: [DenseNet; 2],
    /// vec4 of scratch an image.
    pub scratch: usize,
    /// Dimensions D.
    pub dims: usize,
    /// Where the second half of a latent begins; each half is padded to whole vec4.
    half: usize,
    /// vec4 of a latent.
    pub latent_groups: usize,
    /// Log-det that is the same for all images, nats.
    pub constant_log_det: f64,
}

struct Builder<'a> {
    model: &'a Model,
    scratch: Scratch,
    weights: Weights,
    tables: Vec<u32>,
    steps: Vec<Step>,
}

impl Program {
    /// Plans both directions of `model`.
    pub fn new(model: &Model) -> Self {
        let spec = model.spec();
        let dims = spec.dims();
        let first = dims / 2;
        let half = first.next_multiple_of(LANES);
        let latent_groups = (half + dims - first).div_ceil(LANES);
        let mut builder = Builder {
            model,
            scratch: Scratch::default(),
            weights: Weights::default(),
            tables: Vec::new(),
            steps: Vec::new(),
        };
        let place = |i: usize| if i < first { i } else { half + i - first };
        builder.forward(spec, latent_groups * LANES, place);
        let encoding = builder.steps.len();
        builder.inverse(spec, latent_groups * LANES, place);
        let encode = runs(&builder.steps, 0..encoding);
        let decode = runs(&builder.steps, encoding..builder.steps.len());
        let dense = builder.dense(spec, half / LANES);
        Self {
            steps: builder.steps.iter().flat_map(|step| step.words()).collect(),
            encode,
            decode,
            weights: builder.weights,
            tables: builder.tables,
            dense,
            scratch: builder.scratch.length(),
            dims,
            half,
            latent_groups,
            constant_log_det: spec.elements().iter().map(|element| constant_log_det(model, element)).sum(),
        }
    }

    /// Latents, N×D → as the shaders keep them.
    pub fn pad_latents(&self, z: &[f32]) -> Vec<f32> {
        let first = self.dims / 2;
        let mut padded = vec![0.0; z.len() / self.dims * self.latent_groups * LANES];
        for (to, from) in padded.chunks_exact_mut(self.latent_groups * LANES).zip(z.chunks_exact(self.dims)) {
            to[..first].copy_from_slice(&from[..first]);
            to[self.half..][..self.dims - first].copy_from_slice(&from[first..]);
        }
        padded
    }

    /// The inverse of [`pad_latents`](Self::pad_latents).
    pub fn unpad_latents(&self, padded: &[f32], z: &mut Vec<f32>) {
        let first = self.dims / 2;
        for row in padded.chunks_exact(self.latent_groups * LANES) {
            z.extend_from_slice(&row[..first]);
            z.extend_from_slice(&row[self.half..][..self.dims - first]);
        }
    }
}

fn constant_log_det(model: &Model, element: &Element) -> f64 {
    match element {
        Element::Coupling(coupling) => {
            let alpha = model.tensor(&format!("{}.scale.log_alpha", coupling.name));
            coupling.shape.pixels() as f64 * alpha.iter().map(|&a| f64::from(a)).sum::<f64>()
        }
        Element::Dct(dct) => dct.log_det(),
        _ => 0.0,
    }
}

/// Cuts the steps into runs of bounded work.
fn runs(steps: &[Step], range: std::ops::Range<usize>) -> Vec<Run> {
    let (mut runs, mut first, mut work) = (Vec::new(), range.start, 0);
    for i in range.clone() {
        work += steps[i].work();
        if work > WORK_PER_RUN || i + 1 == range.end {
            runs.push(Run { first: first as u32, end: i as u32 + 1 });
            (first, work) = (i + 1, 0);
        }
    }
    runs
}

impl Builder<'_> {
    fn tensor(&self, path: &str, name: &str) -> Vec<f32> {
        self.model.tensor(&format!("{path}.{name}")).to_vec()
    }

    fn map(&mut self, role: Role, shape: Shape) -> Map {
        self.scratch.map(role, shape)
    }

    /// A table of offsets by (channel, row, column) of `shape`.
    fn table(&mut self, shape: Shape, offset: impl Fn(usize, usize, usize) -> usize) -> usize {
        let first = self.tables.len();
        for c in 0..shape.channels {
            for y in 0..shape.height {
                self.tables.extend((0..shape.width).map(|x| offset(c, y, x) as u32));
            }
        }
        first
    }

    fn forward(&mut self, spec: &ModelSpec, latent_length: usize, place: impl Fn(usize) -> usize) {
        let mut map = self.load_image(spec);
        for element in spec.elements() {
            match element {
                Element::Haar { input } => map = self.haar(map, input.folded()),
                Element::Coupling(coupling) => map = self.coupling(map, coupling, false),
                Element::Down(down) => map = self.down(map, down),
                Element::Dct(dct) => {
                    map = self.transform(map, dct, &dct.matrix());
                    let table = self.latent_table(dct, &place);
                    let step =
                        Step { kind: KIND_STORE, option: dct.channels as u32, table, ..Step::default() };
                    // The size is that of the map read; dest_row is the length of a latent.
                    let step = step.writing(map).reading(map);
                    self.steps.push(Step { dest: 0, dest_row: latent_length, dest_plane: 0, ..step });
                }
                Element::Permutation { .. } | Element::Dense(_) => {}
            }
        }
    }

    fn inverse(&mut self, spec: &ModelSpec, latent_length: usize, place: impl Fn(usize) -> usize) {
        let mut map = None;
        for element in spec.elements().iter().rev() {
            map = match (element, map) {
                (Element::Dct(dct), _) => {
                    let shape = Shape { channels: dct.channels, height: dct.n, width: dct.n };
                    let loaded = self.map(Role::Flow, shape);
                    let table = self.latent_table(dct, &place);
                    let step =
                        Step { kind: KIND_LOAD, option: dct.channels as u32, table, ..Step::default() };
                    self.steps.push(Step { source_row: latent_length, ..step.writing(loaded) });
                    Some(self.transform(loaded, dct, &dct.inverse_matrix()))
                }
                (Element::Coupling(coupling), Some(map)) => Some(self.coupling(map, coupling, true)),
                (Element::Down(down), Some(map)) => Some(self.up(map, down)),
                (Element::Haar { input }, Some(map)) => Some(self.haar(map, input.folded())),
                (_, map) => map,
            };
        }
        if let Some(map) = map {
            self.store_image(spec, map);
        }
    }

    /// The shape of the first map, and the offset in an image, C×H×W, of its numbers: with the Haar stem each 2×2 patch
    /// becomes four channels.
    fn stem(spec: &ModelSpec) -> (Shape, impl Fn(usize, usize, usize) -> usize) {
        let image = spec.input_shape();
        let folds = spec.stem() == Stem::Haar;
        let offset = move |c: usize, y: usize, x: usize| {
            let (c, y, x) = if folds { (c / 4, 2 * y + c % 4 / 2, 2 * x + c % 2) } else { (c, y, x) };
            (c * image.height + y) * image.width + x
        };
        (if folds { image.folded() } else { image }, offset)
    }

    fn load_image(&mut self, spec: &ModelSpec) -> Map {
        let (shape, offset) = Self::stem(spec);
        let map = self.map(Role::Flow, shape);
        let table = self.table(shape, offset);
        let step = Step { kind: KIND_LOAD, option: shape.channels as u32, table, ..Step::default() };
        self.steps.push(Step { source_row: spec.dims(), ..step.writing(map) });
        map
    }

    fn store_image(&mut self, spec: &ModelSpec, map: Map) {
        let (shape, offset) = Self::stem(spec);
        let table = self.table(shape, offset);
        let step = Step { kind: KIND_STORE, option: shape.channels as u32, table, ..Step::default() };
        let step = step.writing(map).reading(map);
        self.steps.push(Step { dest: 0, dest_row: spec.dims(), dest_plane: 0, ..step });
    }

    /// The place in a latent of each number that the DCT makes: flattened (spec §2.5), then permuted.
    fn latent_table(&mut self, dct: &Dct, place: impl Fn(usize) -> usize) -> usize {
        let Dct { channels, n } = *dct;
        let mut position = vec![0; channels * n * n];
        for (to, &from) in self.model.permutation().iter().enumerate() {
            position[from as usize] = place(to);
        }
        self.table(Shape { channels, height: n, width: n }, |c, y, x| position[(x * n + y) * channels + c])
    }

    /// Where an element that works from map to map puts the result that `map` is read for.
    fn other(&mut self, map: Map) -> Map {
        let shape = Shape { channels: map.planes * LANES, height: map.height, width: map.width };
        let next = self.map(Role::Next, shape);
        if next == map { self.map(Role::Flow, shape) } else { next }
    }

    /// out = matrix · in + bias for each pixel; `matrix` and `bias` give 0 where there is no such channel.
    fn mix(&mut self, map: Map, matrix: impl Fn(usize, usize) -> f32, bias: impl Fn(usize) -> f32) -> Map {
        let dest = self.other(map);
        let weights = self.weights.planes(map.planes, map.planes, 1, |o, i, _| matrix(o, i));
        let bias = self.weights.bias(map.planes, 1, |o, _| bias(o));
        self.steps.push(Step { weights, bias, ..Step::between(KIND_MIX, map, dest) });
        dest
    }

    /// The Haar transform of folded 2×2 patches, which is its own inverse (spec §2.1).
    fn haar(&mut self, map: Map, folded: Shape) -> Map {
        let sign = |band: usize, pixel: usize| {
            if (band & pixel).count_ones().is_multiple_of(2) { 0.5 } else { -0.5 }
        };
        let matrix = move |o: usize, i: usize| {
            let exists = o.max(i) < folded.channels && o / 4 == i / 4;
            if exists { sign(o % 4, i % 4) } else { 0.0 }
        };
        self.mix(map, matrix, |_| 0.0)
    }

    /// The DCT or its inverse, M X Mᵀ, by the rows of `matrix`.
    fn transform(&mut self, map: Map, dct: &Dct, matrix: &[f64]) -> Map {
        debug_assert_eq!(dct.n, map.width);
        let weights = self.weights.plain(matrix.iter().map(|&m| m as f32));
        let mut map = map;
        for option in [0, OPTION_ALONG_ROW] {
            let dest = self.other(map);
            self.steps.push(Step { option, weights, ..Step::between(KIND_TRANSFORM, map, dest) });
            map = dest;
        }
        map
    }

    /// Both 3×3 convolutions of `subnet`, which sees the first channels of `source`. Returns the last hidden layer.
    fn hidden(&mut self, subnet: &Subnet, source: Map) -> Map {
        let w = subnet.width;
        let shape = Shape { channels: w, height: source.height, width: source.width };
        let strided = subnet.stride == 2;
        let reduced =
            if strided { Shape { height: shape.height / 2, width: shape.width / 2, ..shape } } else { shape };
        let (first, second) = (self.map(Role::Hidden1, shape), self.map(Role::Hidden2, reduced));
        let source = Map { planes: subnet.input.div_ceil(LANES), ..source };
        let relu = if subnet.leading_relu { OPTION_LEADING_RELU } else { 0 };
        let kind = if strided { KIND_CONVOLVE_STRIDED } else { KIND_CONVOLVE };
        for (layer, kind, option, inputs, from, to) in [
            ("conv1", KIND_CONVOLVE, relu, subnet.input, source, first),
            ("conv2", kind, 0, w, first, second),
        ] {
            let weight = self.tensor(&subnet.name, &format!("{layer}.weight"));
            let bias = self.tensor(&subnet.name, &format!("{layer}.bias"));
            let tap = |o: usize, i: usize, tap: usize| {
                if o < w && i < inputs { weight[(o * inputs + i) * 9 + tap] } else { 0.0 }
            };
            let weights = self.weights.planes(to.planes, from.planes, 9, tap);
            let bias = self.weights.bias(to.planes, 1, |o, _| bias.get(o).copied().unwrap_or(0.0));
            self.steps.push(Step { option, weights, bias, ..Step::between(kind, from, to) });
        }
        second
    }

    /// Couples channels `channels` of `map` with what the last convolution of `subnet` makes of `hidden`.
    fn couple(
        &mut self,
        subnet: &Subnet,
        hidden: Map,
        map: Map,
        channels: std::ops::Range<usize>,
        slope: f64,
        inverse: bool,
    ) {
        let weight = self.tensor(&subnet.name, "conv3.weight");
        let bias = self.tensor(&subnet.name, "conv3.bias");
        let (count, width) = (channels.len(), subnet.width);
        let base = channels.start / LANES;
        let end = channels.end.div_ceil(LANES);
        let dest = Map { planes: end - base, ..map.after_planes(base) };
        // Row of the weights for channel `o` of `dest` and part 0, the scale, or 1, the shift.
        let row = move |o: usize, part: usize| {
            let channel = LANES * base + o;
            channels.contains(&channel).then(|| channel - channels.start + part * count)
        };
        let w = |o: usize, i: usize, part: usize| match row(o, part) {
            Some(row) if i < width => weight[row * width + i],
            _ => 0.0,
        };
        let weights = self.weights.planes(dest.planes, hidden.planes, 2, w);
        let bias = self.weights.bias(dest.planes, 2, |o, part| row(o, part).map_or(0.0, |row| bias[row]));
        let option = if inverse { OPTION_INVERSE } else { 0 };
        let step =
            Step { option, weights, bias, slope: slope as f32, ..Step::between(KIND_COUPLE, hidden, dest) };
        self.steps.push(step);
    }

    /// A coupling block (spec §2.2).
    fn coupling(&mut self, map: Map, coupling: &Coupling, inverse: bool) -> Map {
        let c = coupling.shape.channels;
        let rotation = self.tensor(&coupling.name, "mix.matrix");
        let offset = self.tensor(&coupling.name, "offset");
        let alpha: Vec<f64> =
            self.tensor(&coupling.name, "scale.log_alpha").iter().map(|&a| f64::from(a)).collect();
        let at = |o: usize, i: usize| f64::from(rotation[o * c + i]);
        let unmix = |o: usize, i: usize| at(i, o) * (-alpha[i]).exp();
        let map = if inverse {
            let matrix = |o: usize, i: usize| if o.max(i) < c { unmix(o, i) as f32 } else { 0.0 };
            let bias = |o: usize| {
                let sum = |o| (0..c).map(|i| unmix(o, i) * f64::from(offset[i])).sum::<f64>();
                if o < c { -sum(o) as f32 } else { 0.0 }
            };
            self.mix(map, matrix, bias)
        } else {
            map
        };
        let subnet = coupling.subnet();
        let hidden = self.hidden(&subnet, map);
        self.couple(&subnet, hidden, map, coupling.split().0..c, Coupling::CLAMP_SLOPE, inverse);
        if inverse {
            return map;
        }
        let matrix = |o: usize, i: usize| if o.max(i) < c { (at(o, i) * alpha[o].exp()) as f32 } else { 0.0 };
        self.mix(map, matrix, |o| offset.get(o).copied().unwrap_or(0.0))
    }

    /// A down-coupling (spec §2.4).
    fn down(&mut self, map: Map, down: &Down) -> Map {
        let (first, total) = (LANES * down.split().0, LANES * down.input.channels);
        let strided = down.strided();
        let hidden = self.hidden(&strided, map);
        let folded = self.map(Role::Flow, down.input.folded());
        self.steps.push(Step::between(KIND_FOLD, map, folded));
        self.couple(&strided, hidden, folded, first..total, Down::CLAMP_SLOPE, false);
        let lowres = down.lowres();
        let hidden = self.hidden(&lowres, folded.after_planes(down.split().0));
        self.couple(&lowres, hidden, folded, 0..first, Down::CLAMP_SLOPE, false);
        folded
    }

    /// The inverse of a down-coupling.
    fn up(&mut self, folded: Map, down: &Down) -> Map {
        let (first, total) = (LANES * down.split().0, LANES * down.input.channels);
        let lowres = down.lowres();
        let hidden = self.hidden(&lowres, folded.after_planes(down.split().0));
        self.couple(&lowres, hidden, folded, 0..first, Down::CLAMP_SLOPE, true);
        let map = self.map(Role::Flow, down.input);
        let unfold = Step { option: down.input.channels as u32, ..Step::between(KIND_UNFOLD, folded, map) };
        // Once for x1, which the strided subnet sees, and again when x2 is whole, too.
        self.steps.push(unfold);
        let strided = down.strided();
        let hidden = self.hidden(&strided, map);
        self.couple(&strided, hidden, folded, first..total, Down::CLAMP_SLOPE, true);
        self.steps.push(unfold);
        map
    }

    /// `net2` and `net1` of the dense coupling (spec §2.6).
    fn dense(&mut self, spec: &ModelSpec, groups_first: usize) -> [DenseNet; 2] {
        let dims = spec.dims();
        let hidden = spec.elements().iter().find_map(|element| match element {
            Element::Dense(Dense { hidden, .. }) => Some(*hidden),
            _ => None,
        });
        let dense = Dense { dims, hidden: hidden.unwrap_or(1) };
        let (first, second) = dense.split();
        let groups_second = second.div_ceil(LANES);
        let [(name1, ..), (name2, ..)] = dense.nets();
        [
            self.dense_net(
                name2,
                (second, groups_first, groups_second),
                (first, 0, groups_first),
                dense.hidden,
            ),
            self.dense_net(
                name1,
                (first, 0, groups_first),
                (second, groups_first, groups_second),
                dense.hidden,
            ),
        ]
    }

    /// One subnet from a half of the latents to the other, each given as (numbers, first group, groups).
    fn dense_net(
        &mut self,
        name: &str,
        (inputs, source, groups_in): (usize, usize, usize),
        (outputs, dest, groups_out): (usize, usize, usize),
        hidden: usize,
    ) -> DenseNet {
        let tensor = |part: &str| self.model.tensor(&format!("{name}.{part}"));
        let (w1, b1, w2, b2) =
            (tensor("fc1.weight"), tensor("fc1.bias"), tensor("fc2.weight"), tensor("fc2.bias"));
        let groups_hidden = hidden.div_ceil(LANES);
        let first = |o: usize, i: usize, _| if o < hidden && i < inputs { w1[o * inputs + i] } else { 0.0 };
        let second = |o: usize, i: usize, part: usize| {
            if o < outputs && i < hidden { w2[(part * outputs + o) * hidden + i] } else { 0.0 }
        };
        DenseNet {
            groups_in,
            source,
            groups_hidden,
            groups_out,
            dest,
            weights: [
                self.weights.groups(groups_hidden, groups_in, 1, first),
                self.weights.groups(groups_out, groups_hidden, 2, second),
            ],
            bias: [
                self.weights.bias(groups_hidden, 1, |o, _| b1.get(o).copied().unwrap_or(0.0)),
                self.weights.bias(
                    groups_out,
                    2,
                    |o, part| if o < outputs { b2[part * outputs + o] } else { 0.0 },
                ),
            ],
        }
    }
}
