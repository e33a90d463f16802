//! How a program becomes dispatches: which shader runs what, and over how much of the batch.

use ibinn_shaders::layouts::{Dense, Layer, Run, Step, Sums};
use ibinn_shaders::{DENSE_COUPLE_1, DENSE_COUPLE_8, DENSE_HIDDEN_1, DENSE_HIDDEN_8, FLOW, LOG_DET, Shader};

use super::arrangement::Arrangement;
use super::program::Program;
use super::step::{items, work};

/// Multiply-adds an image that one dispatch of many steps may cost. Browsers end a dispatch that takes seconds.
const WORK_PER_RUN: usize = 100_000_000;
/// Latents that an invocation of the dense coupling computes at once, where there are several: the IMAGES of its shaders.
pub(super) const ROWS_TOGETHER: usize = 8;
/// Workgroups that a dispatch may have in x.
const MOST_WORKGROUPS: usize = 65_535;

/// How many workgroups a dispatch takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grid {
    /// One an image.
    Images,
    /// One for so many items, of all images together.
    Items { an_image: usize, a_workgroup: usize },
    /// In x a fixed number, in y one for so many images.
    Groups { x: usize, images: usize },
}

impl Grid {
    /// Workgroups in x and y for `images` images.
    pub fn workgroups(self, images: usize) -> [u32; 2] {
        let [x, y] = match self {
            Self::Images => [images, 1],
            Self::Items { an_image, a_workgroup } => {
                let all = (an_image * images).div_ceil(a_workgroup);
                [all.min(MOST_WORKGROUPS), all.div_ceil(MOST_WORKGROUPS)]
            }
            Self::Groups { x, images: together } => [x, images.div_ceil(together)],
        };
        [x as u32, y as u32]
    }
}

/// One dispatch.
#[derive(Clone, Debug)]
pub(super) struct Dispatch {
    /// What runs.
    pub shader: &'static Shader,
    /// Its `override size`, when it has one.
    pub size: Option<u32>,
    /// The contents of its uniform.
    pub uniform: Vec<u32>,
    /// Over how much.
    pub grid: Grid,
}

/// The dispatches of both directions, in order.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Images to latents and log-dets.
    pub encode: Vec<Dispatch>,
    /// Latents to images.
    pub decode: Vec<Dispatch>,
}

impl Plan {
    /// Plans batches of up to `images` images.
    pub fn new(program: &Program, arrangement: Arrangement, images: usize) -> Self {
        let planner = Planner { program, arrangement, images };
        let [net2, net1] = program.dense.map(|net| net.layers);
        let mut encode = planner.flow(program.encode.clone());
        encode.extend([net2, net1].iter().flat_map(|net| planner.dense(net, false)));
        let uniform = Sums { slots: program.slots }.words().to_vec();
        encode.push(Dispatch { shader: &LOG_DET, size: None, uniform, grid: Grid::Images });
        let mut decode: Vec<Dispatch> =
            [net1, net2].iter().flat_map(|net| planner.dense(net, true)).collect();
        decode.extend(planner.flow(program.decode.clone()));
        Self { encode, decode }
    }

    /// Rows of latents that dispatches for `images` images may touch.
    pub fn rows(images: usize) -> usize {
        if images == 1 { 1 } else { images.next_multiple_of(ROWS_TOGETHER) }
    }
}

struct Planner<'a> {
    program: &'a Program,
    arrangement: Arrangement,
    images: usize,
}

impl Planner<'_> {
    /// The convolutional part: many steps a dispatch, or one.
    fn flow(&self, steps: std::ops::Range<usize>) -> Vec<Dispatch> {
        if self.arrangement.fused {
            self.runs(steps)
        } else {
            self.program.steps[steps].iter().map(|step| self.layer(*step)).collect()
        }
    }

    /// Runs of steps of bounded work.
    fn runs(&self, steps: std::ops::Range<usize>) -> Vec<Dispatch> {
        let (mut runs, mut first, mut sum) = (Vec::new(), steps.start, 0);
        for i in steps.clone() {
            sum += work(&self.program.steps[i]);
            if sum > WORK_PER_RUN || i + 1 == steps.end {
                let (scratch_length, slots) = (self.program.scratch as u32, self.program.slots);
                let run = Run { first: first as u32, end: i as u32 + 1, scratch_length, slots };
                runs.push(Dispatch {
                    shader: &FLOW,
                    size: None,
                    uniform: run.words().to_vec(),
                    grid: Grid::Images,
                });
                (first, sum) = (i + 1, 0);
            }
        }
        runs
    }

    fn layer(&self, step: Step) -> Dispatch {
        // The one whose tiles reach least over the edges of the map.
        let pixels = |shader: &&Shader| {
            items(&step, shader) as usize * shader.parameter("ROWS") * shader.parameter("COLUMNS")
        };
        let shaders = self.arrangement.tiles.shaders(step.kind);
        let shader = shaders.iter().min_by_key(pixels).unwrap_or(&shaders[0]);
        let items = items(&step, shader);
        let Program { scratch, slots, .. } = self.program;
        let step = Step { items, ..step };
        let layer =
            Layer { step, images: self.images as u32, scratch_length: *scratch as u32, slots: *slots };
        let size = self.arrangement.tiles.workgroup_size(Some(step.kind));
        let grid = Grid::Items { an_image: items as usize, a_workgroup: size as usize };
        Dispatch { shader, size: Some(size), uniform: layer.words().to_vec(), grid }
    }

    fn dense(&self, [hidden, couple]: &[Dense; 2], inverse: bool) -> [Dispatch; 2] {
        let shaders: [&'static Shader; 2] = match self.images {
            1 => [&DENSE_HIDDEN_1, &DENSE_COUPLE_1],
            _ => [&DENSE_HIDDEN_8, &DENSE_COUPLE_8],
        };
        let dispatch = |shader: &'static Shader, layer: &Dense| {
            let size = self.arrangement.tiles.workgroup_size(None);
            let x = layer.groups_out.div_ceil(size) as usize;
            let layer = Dense { inverse: inverse.into(), ..*layer };
            let grid = Grid::Groups { x, images: shader.parameter("IMAGES") };
            Dispatch { shader, size: Some(size), uniform: layer.words().to_vec(), grid }
        };
        [dispatch(shaders[0], hidden), dispatch(shaders[1], couple)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_that_the_dense_coupling_touches() {
        for (shader, images) in [(&DENSE_HIDDEN_1, 1), (&DENSE_COUPLE_1, 1)] {
            assert_eq!(Plan::rows(images), shader.parameter("IMAGES"));
        }
        for shader in [&DENSE_HIDDEN_8, &DENSE_COUPLE_8] {
            assert_eq!(ROWS_TOGETHER, shader.parameter("IMAGES"));
        }
        assert_eq!(Plan::rows(9), 16);
    }

    #[test]
    fn workgroups_cover_the_batch() {
        let items = Grid::Items { an_image: 10, a_workgroup: 64 };
        assert_eq!(items.workgroups(7), [2, 1]);
        let many = Grid::Items { an_image: 65_536 * 8, a_workgroup: 8 };
        assert_eq!(many.workgroups(3), [65_535, 4]);
        assert_eq!(Grid::Groups { x: 5, images: 8 }.workgroups(9), [5, 2]);
        assert_eq!(Grid::Images.workgroups(9), [9, 1]);
    }
}
