//! Sweeps: one run for each value of a setting or each combination of several, each in its own process (method §4.6, Figs 6, 10 and 11).
//!
//! A run that breaks, even by a lost device or a killed process, leaves the others alone, and what it had done is on its
//! disk: the same command goes on with it. Several such commands, on one machine or many that share the folder, divide the
//! runs among them: each holds a lease of the run that it works on.

mod child;
pub mod emit;
mod plan;
mod status;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::interrupt;
use child::Work;
pub use child::{Evaluating, finished};
use ibinn_files::lease::{Holder, Lease};
use ibinn_files::{atomic, lease};
use ibinn_runs::results::{FullEvaluation, names};
use ibinn_terminal::output::{path_text, print};
use ibinn_terminal::progress::{Progress, Unit};
pub use plan::{Axis, Over, Planned, Shard, plan_for};
pub use status::{Logged, Status, statuses, time_left};

/// Time between two looks at runs that other workers have.
const LOOK: Duration = Duration::from_secs(2);

/// How a sweep is done.
pub struct Options {
    /// Processes at a time.
    pub jobs: usize,
    /// How each run is evaluated.
    pub evaluating: Evaluating,
    /// The GPU of all runs, where one was named.
    pub device: Option<String>,
    /// Folder that holds the data sets, where it was named.
    pub data_dir: Option<PathBuf>,
    /// The age of a heartbeat by which its worker is taken for dead.
    pub lease: Duration,
    /// Whether to print JSON lines instead of progress.
    pub json: bool,
}

/// What became of a run.
enum Outcome {
    /// It was finished before, or by another worker.
    Kept(FullEvaluation),
    /// It is finished now.
    Done(FullEvaluation),
    /// It broke, and why.
    Failed(String),
    /// Another worker has it.
    Elsewhere(Option<Holder>),
    /// It was ended before its time.
    Interrupted,
}

/// The runs that are still to be done.
struct Queue<'a> {
    waiting: VecDeque<&'a Planned>,
    /// Those that other workers have, to be looked at again.
    elsewhere: Vec<&'a Planned>,
}

/// Trains and evaluates `runs`, some at a time, until all are finished, here or by other workers.
///
/// # Errors
/// [`Error::Sweep`] when some run failed; the others are done then. [`Error::Interrupted`] when it was asked to end.
pub fn run(runs: &[Planned], options: &Options) -> Result<()> {
    let _patience = interrupt::patiently();
    let epochs: u64 = runs.iter().map(|run| run.config.epochs as u64).sum();
    let progress = Mutex::new(Progress::new(Some(epochs), Unit::Epochs, "sweeping", options.json));
    let (failed, interrupted) = (Mutex::new(Vec::new()), Mutex::new(0));
    let queue = Mutex::new(Queue { waiting: runs.iter().collect(), elsewhere: Vec::new() });
    let threads = std::thread::available_parallelism().map_or(1, usize::from) / options.jobs;
    let work = || {
        while let Some(run) = next(&queue) {
            let mut done = 0;
            let mut epoch = |epoch: usize| {
                let mut progress = lock(&progress);
                progress.message(format!("{}: epoch {epoch}/{}", run.label, run.config.epochs));
                progress.advance(epoch.saturating_sub(done) as u64);
                done = done.max(epoch);
            };
            let outcome = attempt(run, options, threads.max(1), &mut epoch);
            match &outcome {
                Outcome::Kept(_) | Outcome::Done(_) => epoch(run.config.epochs),
                Outcome::Failed(why) => {
                    epoch(run.config.epochs);
                    lock(&failed).push(format!("{}: {why}", run.label));
                }
                Outcome::Elsewhere(_) => lock(&queue).elsewhere.push(run),
                Outcome::Interrupted => *lock(&interrupted) += 1,
            }
            tell(run, &outcome, options.json, &mut lock(&progress));
        }
    };
    std::thread::scope(|scope| {
        (0..options.jobs.min(runs.len())).for_each(|_| drop(scope.spawn(work)));
    });
    lock(&progress).finish();
    if interrupt::asked() || *lock(&interrupted) > 0 {
        return Err(Error::Interrupted("stopped before all runs were done; the same command goes on".into()));
    }
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Sweep { failed: failed.len(), runs: runs.len(), reasons: failed.join("; ") })
    }
}

/// The next run to look at; none when all are done, or the sweep is to end. Those that other workers have are waited for.
fn next<'a>(queue: &Mutex<Queue<'a>>) -> Option<&'a Planned> {
    let mut looked = Instant::now();
    while !interrupt::asked() {
        let mut queue = lock(queue);
        if let Some(run) = queue.waiting.pop_front() {
            return Some(run);
        }
        if queue.elsewhere.is_empty() {
            return None;
        }
        if looked.elapsed() >= LOOK {
            looked = Instant::now();
            let again = std::mem::take(&mut queue.elsewhere);
            queue.waiting.extend(again);
        }
        drop(queue);
        std::thread::sleep(LOOK / 20);
    }
    None
}

/// Does what is left of a run, if nobody else does.
fn attempt(run: &Planned, options: &Options, threads: usize, epoch: &mut impl FnMut(usize)) -> Outcome {
    let failure = run.folder.join(names::FAILURE);
    let begun = || -> Result<std::result::Result<Lease, Outcome>> {
        if let Some(evaluation) = finished(run, &options.evaluating)? {
            return Ok(Err(Outcome::Kept(evaluation)));
        }
        std::fs::create_dir_all(&run.folder).map_err(|source| Error::unwritable(&run.folder, source))?;
        let lease = match Lease::take(&run.folder, options.lease)? {
            Ok(lease) => lease,
            Err(holder) => return Ok(Err(Outcome::Elsewhere(holder))),
        };
        // Another worker may have finished it in between.
        Ok(match finished(run, &options.evaluating)? {
            Some(evaluation) => Err(Outcome::Kept(evaluation)),
            None => Ok(lease),
        })
    };
    let lease = match begun() {
        Ok(Ok(lease)) => lease,
        Ok(Err(outcome)) => return outcome,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    let finished = Work { run, options, lease: &lease, threads }.finish(epoch);
    // Whatever went wrong with a run that is another worker's now is of no interest.
    if lease.check().is_err() {
        return Outcome::Elsewhere(lease::holder(&run.folder));
    }
    match finished {
        Ok(evaluation) => {
            // What is left of an earlier attempt tells nothing any more. Best effort.
            let _ = std::fs::remove_file(&failure);
            Outcome::Done(evaluation)
        }
        Err(Error::Interrupted(_)) => Outcome::Interrupted,
        Err(error) => {
            // For `--status`, which goes without where it cannot be written.
            let _ = atomic::write(&failure, format!("{error}\n").as_bytes());
            Outcome::Failed(error.to_string())
        }
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
        Outcome::Elsewhere(holder) => {
            if let Some(holder) = holder {
                progress.message(format!("{}: {} works on it", run.label, holder.worker));
            }
            return;
        }
        Outcome::Interrupted => return,
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
