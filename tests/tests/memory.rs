//! Reversible training: what is computed anew in the backward pass is what was there in the forward pass, to the bit, and
//! less memory is needed for it.
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use ibinn::Preset;
use ibinn::spec::fold::Tensors;
use ibinn_runs::config::{Backend, Config, Memory, Settings};
use ibinn_tests::noise::noise;
use trainer::backend;
use trainer::train::{Run, StepReport};

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which remembers the most that was taken at a time.
struct Remembering;

fn note(taken: usize) {
    PEAK.fetch_max(TAKEN.fetch_add(taken, Relaxed) + taken, Relaxed);
}

// SAFETY: every call is passed on as it is.
unsafe impl GlobalAlloc for Remembering {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Relaxed);
        // SAFETY: passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Remembering = Remembering;

/// Tests run one at a time, so that each one's peak is its own.
static ALONE: Mutex<()> = Mutex::new(());

/// What training gave, and the most bytes that the steps took at a time.
struct Trained {
    tensors: Tensors,
    reports: Vec<StepReport>,
    peak: usize,
}

/// Some steps, with dropout of both kinds, augmentation where there is colour, and noise.
fn train(preset: Preset, memory: Memory, batch: usize, steps: usize) -> Trained {
    let data = noise(preset, 2 * batch);
    let settings = Settings {
        preset: Some(preset.into()),
        dataset: Some(data.name.clone()),
        batch: Some(batch),
        conv_dropout: Some(0.25),
        dense_dropout: Some(0.5),
        memory: Some(memory),
        backend: Some(Backend::Cpu),
        ..Settings::default()
    };
    let config = Config::resolve(settings).unwrap();
    let device = backend::choose(config.backend).unwrap();
    let mut run = Run::start(&config, &data, &device).unwrap();
    let before = TAKEN.load(Relaxed);
    PEAK.store(before, Relaxed);
    let reports = (0..steps).map(|_| run.advance().unwrap()).collect();
    Trained { peak: PEAK.load(Relaxed) - before, tensors: run.tensors(), reports }
}

/// Compares both memories, and gives the bytes that reversible training spares.
fn compare(preset: Preset, batch: usize, steps: usize) -> usize {
    let _alone = ALONE.lock().unwrap();
    let [stored, reversible] =
        [Memory::Stored, Memory::Reversible].map(|memory| train(preset, memory, batch, steps));
    assert_eq!(stored.reports, reversible.reports);
    let differs = |name: &&String| stored.tensors[*name] != reversible.tensors[*name];
    let apart: Vec<_> = stored.tensors.keys().filter(differs).collect();
    assert!(apart.is_empty(), "{} tensors differ, among them {}", apart.len(), apart[0]);
    stored.peak - reversible.peak
}

#[test]
fn steps_are_the_same_with_either_memory() {
    let spared = compare(Preset::Compact28, 48, 2);
    // Both hidden layers of four blocks of 24 channels on 14×14 pixels and four of 48 on 7×7, but those of one block.
    let hidden = 4 * 48 * 2 * 4 * (24 * 196 + 48 * 49);
    assert!(spared > hidden / 2, "{spared} of {hidden} bytes");
}

#[test]
fn the_full_cifar_net_steps_the_same_where_its_inverse_alone_would_be_lost() {
    // At its start the inverse of this net multiplies errors by 1e20 (method §2.7).
    compare(Preset::Cifar10, 4, 1);
}
