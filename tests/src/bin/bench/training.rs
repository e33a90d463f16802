//! The training step.

use std::error::Error;

use ibinn::Preset;
use ibinn_runs::config::{Backend, Config, Memory, Settings};
use ibinn_tests::noise::noise;
use serde_json::{Value, json};
use trainer::backend;
use trainer::train::Run;

use crate::measure::{Subject, in_turns};
use crate::{Options, machine};

/// The batch of the paper's runs.
const BATCH: usize = 128;
/// Images to take batches from: an epoch of two steps, so that shuffling is part of what is measured.
const IMAGES: usize = 2 * BATCH;

/// Measures steps of `preset` on the CPU, keeping what `memory` says, with data preparation, gradients and update.
///
/// # Errors
/// When the run cannot start.
pub fn run(preset: Preset, memory: Memory, options: &Options) -> Result<Value, Box<dyn Error>> {
    let data = noise(preset, IMAGES);
    let config = Config::resolve(Settings {
        preset: Some(preset.into()),
        dataset: Some(data.name.clone()),
        batch: Some(BATCH),
        memory: Some(memory),
        backend: Some(Backend::Cpu),
        ..Settings::default()
    })?;
    let device = backend::choose(config.backend)?;
    let mut run = Run::start(&config, &data, &device)?;
    let step = || {
        run.advance().expect("the first steps do not diverge");
    };
    let subject = Subject {
        about: json!({
            "runtime": "trainer", "model": preset.name(), "direction": "training", "batch": BATCH,
            "backend": device.description, "memory": memory,
        }),
        images: BATCH,
        // Forwards, and backwards twice as much.
        multiply_adds: 3 * BATCH * preset.spec()?.multiply_adds(),
        expected_ms: 0.0,
        run: Box::new(step),
    };
    let cells = in_turns(vec![subject], options.budget(), options.limit());
    Ok(json!({ "cells": cells, "peak_memory_mib": machine::peak_memory() }))
}
