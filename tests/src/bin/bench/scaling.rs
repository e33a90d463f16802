//! Cost against size: batch, depth and resolution, each varied from `compact28`.

use std::error::Error;

use ibinn::{CpuExecutor, ModelSpec, Preset, SpecFields};
use serde_json::{Value, json};

use crate::Options;
use crate::cases::{self, IMAGES};
use crate::measure::{Subject, in_turns};

const BATCHES: [usize; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const DEPTHS: [usize; 4] = [1, 2, 3, 4];
const SIDES: [usize; 8] = [8, 12, 16, 24, 28, 32, 48, 64];

/// One architecture of a row of sizes.
pub struct Size {
    /// What varies: `depth` or `side`.
    pub axis: &'static str,
    /// How much of it there is.
    pub value: usize,
    /// The name of its case's files.
    pub file: String,
    /// The architecture.
    pub spec: ModelSpec,
}

/// The architectures of both rows: `compact28` with its blocks multiplied, and for other sides of the image.
///
/// # Errors
/// When an architecture is impossible, which none is.
pub fn sizes() -> ibinn::Result<Vec<Size>> {
    let fields = SpecFields::from(Preset::Compact28.spec()?);
    let size = |axis, value, change: &dyn Fn(&mut SpecFields)| {
        let mut fields = fields.clone();
        change(&mut fields);
        Ok(Size { axis, value, file: format!("{axis}{value}"), spec: fields.try_into()? })
    };
    let depths = DEPTHS.map(|depth| {
        size("depth", depth, &|fields| fields.stages.iter_mut().for_each(|stage| stage.blocks *= depth))
    });
    let sides = SIDES
        .map(|side| size("side", side, &|fields| (fields.input.height, fields.input.width) = (side, side)));
    depths.into_iter().chain(sides).collect()
}

/// Times encoding: images of `compact28` for every batch, and batches of [`IMAGES`] for every size.
///
/// # Errors
/// When the executor refuses its input.
pub fn run(options: &Options) -> Result<Value, Box<dyn Error>> {
    let spec = Preset::Compact28.spec()?;
    let mut points = row("batch", BATCHES.map(|batch| (batch, batch, spec.clone())).into(), options);
    let mut architectures: Vec<_> = sizes()?;
    while let Some(axis) = architectures.first().map(|size| size.axis) {
        let (these, others) = architectures.into_iter().partition(|size| size.axis == axis);
        let these: Vec<Size> = these;
        points.extend(row(
            axis,
            these.into_iter().map(|size| (size.value, IMAGES, size.spec)).collect(),
            options,
        ));
        architectures = others;
    }
    Ok(json!({ "cells": points }))
}

/// Points of one row, (value, batch, architecture) each.
fn row(axis: &str, points: Vec<(usize, usize, ModelSpec)>, options: &Options) -> Vec<Value> {
    let prepared: Vec<_> = points
        .into_iter()
        .map(|(value, batch, spec)| {
            let executor = CpuExecutor::<f32>::new(&cases::model(axis, &spec));
            let x = spec.normalize(&cases::pixels(&spec));
            let x: Vec<f32> = x.iter().copied().cycle().take(batch * spec.dims()).collect();
            (value, batch, spec, executor, x)
        })
        .collect();
    let subjects = prepared
        .iter()
        .map(|(value, batch, spec, executor, x)| Subject {
            about: json!({ "runtime": "cpu", "axis": axis, "value": value, "batch": batch, "multiply_adds": spec.multiply_adds() }),
            images: *batch,
            multiply_adds: batch * spec.multiply_adds(),
            expected_ms: 0.0,
            run: Box::new(move || drop(executor.encode(x))),
        })
        .collect();
    in_turns(subjects, options.budget(), options.limit())
}
