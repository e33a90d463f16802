//! What a run asks of a machine, estimated.

use std::collections::HashMap;
use std::time::Instant;

use crate::backend::TrainDevice;
use crate::error::Result;
use crate::sweep::Planned;
use crate::train::Run;
use ibinn_data::{DataDir, Dataset, Sets};
use ibinn_runs::config::{Backend, Config};

/// What a run asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Processor cores.
    pub cores: usize,
    /// Memory, in units of 2²⁰ bytes.
    pub megabytes: u64,
    /// Time of the whole run, evaluation included.
    pub minutes: u64,
    /// Whether it trains on a GPU.
    pub gpu: bool,
}

/// What a step takes.
pub enum Measure<'a> {
    /// So many seconds for the first run, on the machine that the sweep is meant for.
    Given(f64),
    /// What the first run takes here, to be timed.
    Here(&'a TrainDevice),
}

/// Steps that are timed, after one that is not.
const TIMED: usize = 3;
/// Of what is estimated, so much is asked for: those who ask for too little lose what they did.
const MARGIN: f64 = 1.5;
/// Time for starting, reading and evaluating, minutes.
const AROUND: f64 = 10.0;
/// What the program takes without a network, bytes.
const PROGRAM: u64 = 512 << 20;
/// Units in which memory is asked for, in 2²⁰ bytes.
const GRAIN: u64 = 256;

/// What each of `runs` asks for, on `cores` cores. Other runs than the first are taken to need time by their multiply-adds.
///
/// # Errors
/// When a data set cannot be read, or the first run cannot begin.
pub fn requests(
    runs: &[Planned],
    cores: usize,
    measure: &Measure<'_>,
    data_dir: &DataDir,
) -> Result<Vec<Request>> {
    let mut loaded: HashMap<String, Dataset> = HashMap::new();
    let mut per_image = None;
    let mut requests = Vec::with_capacity(runs.len());
    for Planned { config, .. } in runs {
        let reading = config.reading.unwrap_or_default();
        let key = format!("{} {reading:?}", config.dataset);
        if !loaded.contains_key(&key) {
            let sets = Sets::load(&config.dataset, &reading, None, data_dir, true)?;
            loaded.insert(key.clone(), sets.train);
        }
        let data = &loaded[&key];
        let spec = config.spec(data)?;
        let work = spec.multiply_adds() as f64 * config.batch as f64;
        let per_work = match per_image {
            Some(known) => known,
            None => *per_image.insert(step_seconds(config, data, measure)? / work),
        };
        let bytes = spec.training_bytes(config.batch) as u64 + (data.len() * data.image_len()) as u64;
        requests.push(Request {
            cores,
            megabytes: ((bytes as f64 * MARGIN) as u64 + PROGRAM).div_ceil(GRAIN << 20) * GRAIN,
            minutes: (MARGIN * per_work * work * steps(config, data) / 60.0 + AROUND).ceil() as u64,
            gpu: config.backend == Backend::Wgpu,
        });
    }
    Ok(requests)
}

/// Steps of training, and the passes after it that re-estimate batch-norm, which go forwards only.
fn steps(config: &Config, data: &Dataset) -> f64 {
    let images = config.train_images.unwrap_or(usize::MAX).min(data.len());
    let per_epoch = images.saturating_sub(config.hold_out.unwrap_or(0)) / config.batch;
    let forwards = config.batch_norm_batches.unwrap_or(5 * per_epoch);
    config.epochs as f64 * per_epoch as f64 + forwards as f64 / 3.0
}

fn step_seconds(config: &Config, data: &Dataset, measure: &Measure<'_>) -> Result<f64> {
    let device = match measure {
        Measure::Given(seconds) => return Ok(*seconds),
        Measure::Here(device) => device,
    };
    let mut run = Run::start(config, data, device)?;
    run.advance()?;
    let begun = Instant::now();
    for _ in 0..TIMED {
        run.advance()?;
    }
    Ok(begun.elapsed().as_secs_f64() / TIMED as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::sweep::{Axis, plan_for};
    use ibinn_runs::config::Settings;

    #[test]
    fn time_follows_steps_and_work_and_memory_the_batch() {
        let settings = Settings {
            dataset: Some("builtin".into()),
            epochs: Some(100),
            train_images: Some(640),
            batch_norm_batches: Some(1),
            ..Settings::default()
        };
        let axes: [Axis; 2] = ["preset=tiny,compact28".parse().unwrap(), "batch=64,640".parse().unwrap()];
        let runs = plan_for(&axes, &settings, Path::new("x"), None, None).unwrap();
        let data_dir = DataDir::resolve(None).unwrap();
        let asked = requests(&runs, 2, &Measure::Given(0.59), &data_dir).unwrap();
        // 1000 steps of 0.59 s are almost 10 minutes, with the margin 15, and 10 for what is around; ten times the batch, a tenth of the steps.
        assert_eq!((asked[0].minutes, asked[1].minutes), (25, 25));
        assert!(asked[2].minutes > 2 * asked[0].minutes, "{asked:?}");
        assert!(asked[3].megabytes > asked[2].megabytes, "{asked:?}");
        assert!(
            asked.iter().all(|request| request.cores == 2 && !request.gpu && request.megabytes % GRAIN == 0)
        );
    }
}
