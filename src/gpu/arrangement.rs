//! Which of several ways to run a program is the fastest on an adapter: by timing them where there is a choice.
//!
//! They give the same bits, so that what is chosen shows in nothing but the time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::adapter::Adapter;
use super::program::Program;
use super::tuning::Tuning;

/// Up to this many images, a real GPU may run many steps a dispatch, one image a workgroup: with one a dispatch a small one would
/// wait for dispatches most of the time, and a large one has cores to spare.
const FUSED_IMAGES: usize = 64;
/// The tiles that software adapters like, in groups as wide as a GPU runs at once: more registers, fewer loads.
const LARGE_TILES: Tuning = Tuning::Software { lanes: 32 };

/// A way to run a program, in batches of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// Whose tiles and sizes of workgroups.
    pub tiles: Tuning,
    /// Whether one dispatch runs many steps, one image a workgroup, or a dispatch is one step of all images.
    pub fused: bool,
}

impl Arrangement {
    /// Those that an adapter of this kind may be fastest with for batches of `images` images; first the one that it gets where
    /// nothing is measured.
    pub(super) fn candidates(tuning: Tuning, images: usize) -> Vec<Self> {
        let stepwise = |tiles| Self { tiles, fused: false };
        match tuning {
            Tuning::Software { .. } => vec![stepwise(tuning)],
            Tuning::Hardware => {
                let fused = (images <= FUSED_IMAGES).then_some(Self { tiles: tuning, fused: true });
                fused.into_iter().chain([stepwise(tuning), stepwise(LARGE_TILES)]).collect()
            }
        }
    }
}

/// What was timed once need not be timed again: an adapter, a program and a size of batches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    adapter: Adapter,
    tuning: Tuning,
    /// The steps, whose maps and channels are all that time depends on.
    steps: Vec<[u32; 2]>,
    dims: usize,
    images: usize,
}

impl Place {
    /// Batches of `images` images of a program on an adapter.
    pub fn new(adapter: &Adapter, program: &Program, tuning: Tuning, images: usize) -> Self {
        let steps = program.steps.iter().map(|step| [step.kind, super::step::work(step) as u32]).collect();
        Self { adapter: adapter.clone(), tuning, steps, dims: program.dims, images }
    }

    /// What is known of it.
    pub fn remembered(&self) -> Option<Arrangement> {
        with_known(|known| known.get(self).copied())
    }

    /// Keeps it for as long as the program runs.
    pub fn remember(&self, arrangement: Arrangement) {
        with_known(|known| known.insert(self.clone(), arrangement));
    }
}

fn with_known<T>(look: impl FnOnce(&mut HashMap<Place, Arrangement>) -> T) -> T {
    static KNOWN: Mutex<Option<HashMap<Place, Arrangement>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    look(known.get_or_insert_default())
}

/// An arrangement with the time that a batch took there and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    /// The arrangement.
    pub arrangement: Arrangement,
    /// Encoding and decoding a full batch.
    pub time: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_gpu_has_a_choice_and_a_software_one_has_none() {
        let software = Tuning::Software { lanes: 4 };
        assert_eq!(Arrangement::candidates(software, 1), [Arrangement { tiles: software, fused: false }]);
        let fused = |images| {
            let candidates = Arrangement::candidates(Tuning::Hardware, images);
            candidates.iter().map(|candidate| candidate.fused).collect::<Vec<_>>()
        };
        assert_eq!(fused(64), [true, false, false]);
        assert_eq!(fused(65), [false, false]);
    }
}
