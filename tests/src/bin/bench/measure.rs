//! Timing several things in turns, so that whatever disturbs the machine disturbs all of them alike.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{allocations, machine};

/// Runs that a measurement has at least, where its budget allows.
const LEAST_RUNS: usize = 10;
/// A thing's turn lasts at least so long.
const TURN: Duration = Duration::from_millis(100);

/// One thing to measure.
pub struct Subject<'a> {
    /// What is known of it beforehand: an object, to which the measurements are added.
    pub about: Value,
    /// Images that a run processes.
    pub images: usize,
    /// Multiply-adds of a run.
    pub multiply_adds: usize,
    /// What a run takes as far as one knows, in milliseconds; 0 when one does not.
    pub expected_ms: f64,
    /// One run.
    pub run: Box<dyn FnMut() + 'a>,
}

struct Progress {
    times: Vec<f64>,
    cpu_ms: f64,
    first_ms: f64,
}

/// Measures all subjects; each gets `budget` and at least [`LEAST_RUNS`] where those fit. One that is expected to take longer
/// than `limit`, or does so in its first run, is left out.
pub fn in_turns(subjects: Vec<Subject<'_>>, budget: Duration, limit: Duration) -> Vec<Value> {
    let before = machine::read();
    let limit_ms = milliseconds(limit);
    let mut all: Vec<(Subject<'_>, Progress)> =
        subjects.into_iter().map(|subject| first_runs(subject, limit_ms)).collect();
    let budget_ms = milliseconds(budget);
    let mut going = true;
    while going {
        going = false;
        for (subject, progress) in &mut all {
            let spent: f64 = progress.times.iter().sum();
            let enough = progress.times.len() >= LEAST_RUNS && spent >= budget_ms / 2.0;
            if progress.first_ms > limit_ms || enough || spent >= budget_ms {
                continue;
            }
            going = true;
            let (started, clocks) = (Instant::now(), machine::read());
            while started.elapsed() < TURN {
                let run = Instant::now();
                (subject.run)();
                progress.times.push(milliseconds(run.elapsed()));
            }
            progress.cpu_ms += machine::own_ms(clocks).unwrap_or(f64::NAN);
        }
    }
    let others = machine::others(before);
    all.into_iter().map(|(subject, progress)| result(subject, progress, others)).collect()
}

fn first_runs(mut subject: Subject<'_>, limit_ms: f64) -> (Subject<'_>, Progress) {
    let mut first_ms = subject.expected_ms;
    if first_ms <= limit_ms {
        let started = Instant::now();
        (subject.run)();
        first_ms = milliseconds(started.elapsed());
    }
    if first_ms <= limit_ms {
        // Counted in the second run: what the first one allocates may stay.
        let (count, bytes) = allocations::of(&mut subject.run);
        subject.about["allocations"] = json!(count);
        subject.about["allocated_bytes"] = json!(bytes);
    }
    (subject, Progress { times: Vec::new(), cpu_ms: 0.0, first_ms })
}

fn result(subject: Subject<'_>, mut progress: Progress, others: Option<f64>) -> Value {
    let runs = progress.times.len();
    let mut result = subject.about;
    result["first_ms"] = json!(progress.first_ms);
    if runs == 0 {
        result["skipped"] = json!(format!("about {:.0} s a run", progress.first_ms / 1e3));
        return result;
    }
    progress.times.sort_by(f64::total_cmp);
    let median = (progress.times[(runs - 1) / 2] + progress.times[runs / 2]) / 2.0;
    result["runs"] = json!(runs);
    result["median_ms"] = json!(median);
    result["min_ms"] = json!(progress.times[0]);
    result["cpu_ms"] = json!(progress.cpu_ms / runs as f64);
    result["images_per_second"] = json!(subject.images as f64 * 1e3 / median);
    result["gflops"] = json!(2.0 * subject.multiply_adds as f64 / median / 1e6);
    result["others"] = json!(others);
    result
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
