//! Sweeps: one run for each value of a setting or each combination of several, each in its own process (method §4.6, Figs 6, 10 and 11).
//!
//! A run that breaks, even by a lost device or a killed process, leaves the others alone, and what it had done is on its
//! disk: the same command goes on with it.

mod child;
mod plan;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};
pub use child::Evaluating;
use ibinn_runs::results::FullEvaluation;
use ibinn_terminal::output::{path_text, print};
use ibinn_terminal::progress::{Progress, Unit};
pub use plan::{Axis, Over, Planned, Shard, plan_for};

/// How a sweep is done.
pub struct Options {
    /// Processes at a time.
    pub jobs: usize,
    /// How each run is evaluated.
    pub evaluating: Evaluating,
    /// Folder that holds the data sets, where it was named.
    pub data_dir: Option<PathBuf>,
    /// Whether to print JSON lines instead of progress.
    pub json: bool,
}

/// What became of a run.
enum Outcome {
    /// It was finished before.
    Kept(FullEvaluation),
    /// It is finished now.
    Done(FullEvaluation),
    /// It broke, and why.
    Failed(String),
}

/// Trains and evaluates `runs`, some at a time.
///
/// # Errors
/// [`Error::Sweep`] when some run failed; the others are done then.
pub fn run(runs: &[Planned], options: &Options) -> Result<()> {
    let epochs: u64 = runs.iter().map(|run| run.config.epochs as u64).sum();
    let progress = Mutex::new(Progress::new(Some(epochs), Unit::Epochs, "sweeping", options.json));
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from) / options.jobs;
    let work = || {
        while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut done = 0;
            let mut epoch = |epoch: usize| {
                let mut progress = lock(&progress);
                progress.message(format!("{}: epoch {epoch}/{}", run.label, run.config.epochs));
                progress.advance(epoch.saturating_sub(done) as u64);
                done = done.max(epoch);
            };
            let outcome = match child::finish(run, options, threads.max(1), &mut epoch) {
                Ok((evaluation, true)) => Outcome::Kept(evaluation),
                Ok((evaluation, false)) => Outcome::Done(evaluation),
                Err(error) => Outcome::Failed(error.to_string()),
            };
            epoch(run.config.epochs);
            tell(run, &outcome, options.json, &mut lock(&progress));
            if let Outcome::Failed(why) = outcome {
                lock(&failed).push(format!("{}: {why}", run.label));
            }
        }
    };
    std::thread::scope(|scope| {
        (0..options.jobs.min(runs.len())).for_each(|_| drop(scope.spawn(work)));
    });
    lock(&progress).finish();
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Sweep { failed: failed.len(), runs: runs.len(), reasons: failed.join("; ") })
    }
}

/// A panic elsewhere does not make numbers wrong that are only counted.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn tell(run: &Planned, outcome: &Outcome, json: bool, progress: &mut Progress) {
    let (state, evaluation, why) = match outcome {
        Outcome::Kept(evaluation) => ("kept", Some(evaluation), None),
        Outcome::Done(evaluation) => ("done", Some(evaluation), None),
        Outcome::Failed(why) => ("failed", None, Some(why)),
    };
    let error = evaluation.and_then(|j| j.report.error).map(|e| e.value);
    if json {
        print(serde_json::json!({
            "run": run.label, "folder": path_text(&run.folder), "state": state, "error": error, "why": why,
        }));
        return;
    }
    let numbers = error.map_or_else(String::new, |error| format!(", error {error:.2} %"));
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    progress.line(&format!("{}: {state}{numbers}{why}", run.label));
}
