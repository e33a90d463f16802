//! The steps of the convolutional part, element by element.

use ibinn_shaders::constants::*;
use ibinn_shaders::layouts::Step;

use super::pack::{Padded, Weights};
use super::scratch::{LANES, Map, MapRole, Scratch};
use super::step::{between, counted, writing};
use crate::spec::Shape;
use crate::spec::dct::Dct;
use crate::spec::element::Element;
use crate::spec::mixing::Conv1x1;
use crate::{Model, Stem};

/// Writes the steps of a model, with the maps and numbers that they work on.
pub(super) struct ProgramBuilder<'a> {
    pub model: &'a Model,
    /// Numbers of a latent as the shaders keep it.
    latent_length: usize,
    /// The maps of an image.
    pub scratch: Scratch,
    /// The `weights` buffer.
    pub weights: Weights,
    /// The `tables` buffer.
    pub tables: Vec<u32>,
    /// The steps so far.
    pub steps: Vec<Step>,
    /// Partial log-dets an image so far.
    pub slots: u32,
}

impl<'a> ProgramBuilder<'a> {
    /// No steps yet.
    pub fn new(model: &'a Model, latent_length: usize) -> Self {
        let (scratch, weights) = (Scratch::default(), Weights::default());
        Self { model, latent_length, scratch, weights, tables: Vec::new(), steps: Vec::new(), slots: 0 }
    }

    /// The map of `role` for `shape`.
    pub fn map(&mut self, role: MapRole, shape: Shape) -> Map {
        self.scratch.map(role, shape)
    }

    /// Adds a step.
    pub fn push(&mut self, step: Step) {
        self.steps.push(counted(step));
    }

    /// A table of offsets by (channel, row, column) of `shape`.
    fn table(&mut self, shape: Shape, offset: impl Fn(usize, usize, usize) -> usize) -> u32 {
        let first = self.tables.len();
        for c in 0..shape.channels {
            for y in 0..shape.height {
                self.tables.extend((0..shape.width).map(|x| offset(c, y, x) as u32));
            }
        }
        first as u32
    }

    /// Steps from images to latents; `place` tells where the numbers of a latent lie.
    pub fn forward(&mut self, place: impl Fn(usize) -> usize) {
        let spec = self.model.spec();
        let (shape, offset) = self.stem();
        let table = self.table(shape, offset);
        let mut map = self.load(shape, spec.dims(), table);
        for element in spec.elements() {
            match element {
                Element::Haar { input } => map = self.haar(map, input.folded()),
                Element::Coupling(coupling) => map = self.coupling(map, coupling),
                Element::Down(down) => map = self.down(map, down),
                Element::Dct(dct) => {
                    map = self.transform(map, dct, &dct.matrix());
                    let table = self.latent_table(dct, &place);
                    self.store(map, dct.channels, self.latent_length, table);
                }
                Element::Permutation { .. } | Element::Dense(_) => {}
            }
        }
    }

    /// Steps from latents to images.
    pub fn inverse(&mut self, place: impl Fn(usize) -> usize) {
        let spec = self.model.spec();
        let mut map = None;
        for element in spec.elements().iter().rev() {
            map = match (element, map) {
                (Element::Dct(dct), _) => {
                    let shape = Shape { channels: dct.channels, height: dct.n, width: dct.n };
                    let table = self.latent_table(dct, &place);
                    let loaded = self.load(shape, self.latent_length, table);
                    Some(self.transform(loaded, dct, &dct.inverse_matrix()))
                }
                (Element::Coupling(coupling), Some(map)) => Some(self.uncoupling(map, coupling)),
                (Element::Down(down), Some(map)) => Some(self.up(map, down)),
                (Element::Haar { input }, Some(map)) => Some(self.haar(map, input.folded())),
                (_, map) => map,
            };
        }
        if let Some(map) = map {
            let (shape, offset) = self.stem();
            let table = self.table(shape, offset);
            self.store(map, shape.channels, spec.dims(), table);
        }
    }

    /// The shape of the first map, and the offset in an image, C×H×W, of its numbers: with the Haar stem each 2×2 patch
    /// becomes four channels.
    fn stem(&self) -> (Shape, impl Fn(usize, usize, usize) -> usize + use<>) {
        let image = self.model.spec().input_shape();
        let folds = self.model.spec().stem() == Stem::Haar;
        let offset = move |c: usize, y: usize, x: usize| {
            let (c, y, x) = if folds { (c / 4, 2 * y + c % 4 / 2, 2 * x + c % 2) } else { (c, y, x) };
            (c * image.height + y) * image.width + x
        };
        (if folds { image.folded() } else { image }, offset)
    }

    /// A new map from rows of `length` numbers.
    fn load(&mut self, shape: Shape, length: usize, table: u32) -> Map {
        let map = self.map(MapRole::Flow, shape);
        let step = Step { kind: KIND_LOAD, channels: shape.channels as u32, table, ..Step::default() };
        self.push(Step { source_row: length as u32, ..writing(map, step) });
        map
    }

    /// A map to rows of `length` numbers.
    fn store(&mut self, map: Map, channels: usize, length: usize, table: u32) {
        let step = Step { channels: channels as u32, table, ..between(KIND_STORE, map, map) };
        self.push(Step { dest: 0, dest_row: length as u32, dest_plane: 0, ..step });
    }

    /// The place in a latent of each number that the DCT makes: flattened (method §2.5), then permuted.
    fn latent_table(&mut self, dct: &Dct, place: impl Fn(usize) -> usize) -> u32 {
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
        let next = self.map(MapRole::Next, shape);
        if next == map { self.map(MapRole::Flow, shape) } else { next }
    }

    /// A 1×1 convolution of each pixel.
    pub fn mix(&mut self, map: Map, convolution: &Conv1x1) -> Map {
        let c = convolution.bias.len();
        let dest = self.other(map);
        let channels = Padded::to_groups(c, map.planes);
        let weight = |o: usize, i: usize, _| convolution.weight[o * c + i] as f32;
        let weights = self.weights.pack(&channels, &channels, 1, weight);
        let bias = self.weights.pack_bias(&channels, 1, |o, _| convolution.bias[o] as f32);
        self.push(Step { weights, bias, ..between(KIND_MIX, map, dest) });
        dest
    }

    /// The Haar transform of folded 2×2 patches, which is its own inverse (method §2.1).
    fn haar(&mut self, map: Map, folded: Shape) -> Map {
        let sign = |band: usize, pixel: usize| {
            if (band & pixel).count_ones().is_multiple_of(2) { 0.5 } else { -0.5 }
        };
        let c = folded.channels;
        let entry = |o: usize, i: usize| if o / 4 == i / 4 { sign(o % 4, i % 4) } else { 0.0 };
        let weight = (0..c * c).map(|i| entry(i / c, i % c)).collect();
        self.mix(map, &Conv1x1 { weight, bias: vec![0.0; c] })
    }

    /// The DCT or its inverse, M X Mᵀ, by the rows of `matrix`.
    fn transform(&mut self, map: Map, dct: &Dct, matrix: &[f64]) -> Map {
        assert_eq!(dct.n, map.width);
        let weights = self.weights.plain(matrix.iter().map(|&m| m as f32));
        let mut map = map;
        for flags in [0, FLAG_ALONG_ROW] {
            let dest = self.other(map);
            self.push(Step { flags, weights, ..between(KIND_TRANSFORM, map, dest) });
            map = dest;
        }
        map
    }
}
