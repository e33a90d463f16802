//! Encode and decode of the native executors.

use std::cell::RefCell;
use std::error::Error;

use ibinn::{CpuExecutor, GpuExecutor, ModelSpec};
use pollster::block_on;
use serde_json::{Value, json};

use crate::cases::{self, IMAGES, PRESETS};
use crate::measure::{Subject, in_turns};
use crate::{Options, peak};

const BATCHES: [usize; 2] = [1, IMAGES];

/// Measures all of [`PRESETS`].
///
/// # Errors
/// When an executor refuses its input.
pub fn run(options: &Options) -> Result<Value, Box<dyn Error>> {
    let mut cells = Vec::new();
    let mut adapter = Value::Null;
    for preset in PRESETS {
        let spec = preset.spec()?;
        let model = cases::model(preset.name(), &spec);
        let x = spec.normalize(&cases::pixels(&spec));
        let cpu = CpuExecutor::<f32>::new(&model);
        let z = cpu.encode(&x)?.z;
        let gpu = block_on(GpuExecutor::new(&model)).map(RefCell::new);
        adapter = match &gpu {
            Ok(gpu) => {
                let gpu = gpu.borrow();
                let adapter = gpu.adapter();
                json!({ "name": adapter.name, "backend": adapter.backend, "software": adapter.software })
            }
            Err(error) => json!({ "missing": error.to_string() }),
        };
        for batch in BATCHES {
            let (x, z) = (&x[..batch * spec.dims()], &z[..batch * spec.dims()]);
            let cell = Cell { spec: &spec, model: preset.name(), batch, earlier: &cells };
            let mut subjects = vec![
                cell.subject("cpu", "encode", json!({}), || drop(cpu.encode(x))),
                cell.subject("cpu", "decode", json!({}), || drop(cpu.decode(z))),
            ];
            if let Ok(gpu) = &gpu {
                let [encode, decode] =
                    gpu.borrow().dispatches(batch).map(|count| json!({ "dispatches": count }));
                subjects.push(
                    cell.subject("gpu", "encode", encode, || drop(block_on(gpu.borrow_mut().encode(x)))),
                );
                subjects.push(
                    cell.subject("gpu", "decode", decode, || drop(block_on(gpu.borrow_mut().decode(z)))),
                );
            }
            let measured = in_turns(subjects, options.budget(), options.limit());
            cells.extend(measured);
        }
    }
    Ok(json!({ "cells": cells, "adapter": adapter, "peak": peak::measure() }))
}

struct Cell<'a> {
    spec: &'a ModelSpec,
    model: &'a str,
    batch: usize,
    /// What was measured before: single images tell what a batch will take.
    earlier: &'a [Value],
}

impl Cell<'_> {
    /// An image among many costs about half of what it costs alone.
    fn expected_ms(&self, executor: &str, direction: &str) -> f64 {
        let same = |cell: &&Value| {
            cell["runtime"] == executor && cell["model"] == self.model && cell["direction"] == direction
        };
        let single = self.earlier.iter().find(same).and_then(|cell| cell["median_ms"].as_f64());
        single.unwrap_or_default() * self.batch as f64 / 2.0
    }

    fn subject<'a>(
        &self,
        executor: &str,
        direction: &str,
        mut about: Value,
        run: impl Fn() + 'a,
    ) -> Subject<'a> {
        about["runtime"] = json!(executor);
        about["model"] = json!(self.model);
        about["direction"] = json!(direction);
        about["batch"] = json!(self.batch);
        Subject {
            about,
            images: self.batch,
            multiply_adds: self.batch * self.spec.multiply_adds(),
            expected_ms: self.expected_ms(executor, direction),
            run: Box::new(run),
        }
    }
}
