//! The training step.

use std::error::Error;

use ibinn::Preset;
use ibinn_runs::config::{Backend, Config, Memory, Settings};
use ibinn_tests::noise::noise;
use serde_json::{Value, json};
use trainer::train::Run;
use trainer::{backend, launches};

use crate::measure::{Subject, in_turns};
use crate::{Options, machine};

/// Measures steps of `preset` on `batch` images, keeping what `memory` says, with data preparation, gradients and update.
///
/// # Errors
/// When the run cannot start.
pub fn run(
    preset: Preset,
    memory: Memory,
    backend: Backend,
    batch: usize,
    options: &Options,
) -> Result<Value, Box<dyn Error>> {
    // An epoch of two steps, so that shuffling is part of what is measured.
    let data = noise(preset, 2 * batch);
    let config = Config::resolve(Settings {
        preset: Some(preset.into()),
        dataset: Some(data.name.clone()),
        batch: Some(batch),
        memory: Some(memory),
        backend: Some(backend),
        ..Settings::default()
    })?;
    let device = backend::choose(config.backend)?;
    let mut run = Run::start(&config, &data, &device)?;
    let mut step = || {
        run.advance().expect("the first steps do not diverge");
    };
    // The first step has no velocities yet.
    step();
    let launches = device.graph.is_some().then(|| launches::counted(&mut step));
    let subject = Subject {
        about: json!({
            "runtime": "trainer", "model": preset.name(), "direction": "training", "batch": batch,
            "backend": device.description, "memory": memory, "launches": launches,
        }),
        images: batch,
        // Forwards, and backwards twice as much.
        multiply_adds: 3 * batch * preset.spec()?.multiply_adds(),
        expected_ms: 0.0,
        run: Box::new(step),
    };
    let cells = in_turns(vec![subject], options.budget(), options.limit());
    Ok(json!({ "cells": cells, "peak_memory_mib": machine::peak_memory() }))
}
