//! How far the runs of a sweep are, as their folders tell.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Evaluating, Planned, finished};
use ibinn_files::lease;
use ibinn_runs::results::names;
use ibinn_terminal::output::duration;

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Trained and evaluated; its test error in percent, where it has one.
    Done(Option<f64>),
    /// A worker is at it.
    Running {
        /// Machine and process.
        worker: String,
        /// For how long.
        since: Duration,
        /// What its log tells; none before the first line.
        progress: Option<Logged>,
    },
    /// It could not be finished, and why.
    Failed(String),
    /// Nobody is at it; what its log tells where it was begun.
    Waiting(Option<Logged>),
}

/// What the last line of a run's log tells.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// Steps done.
    pub step: usize,
    /// Steps of the whole run.
    pub steps: usize,
    /// The speed of training.
    pub images_per_second: f64,
}

impl Status {
    /// The word for it.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Running { .. } => "running",
            Self::Failed(_) => "failed",
            Self::Waiting(_) => "waiting",
        }
    }

    /// For programs.
    pub fn json(&self) -> serde_json::Value {
        let mut row = match self {
            Self::Done(error) => json!({ "error": error }),
            Self::Running { worker, since, progress } => {
                json!({ "worker": worker, "seconds": since.as_secs(), "progress": progress })
            }
            Self::Failed(why) => json!({ "why": why }),
            Self::Waiting(progress) => json!({ "progress": progress }),
        };
        row["state"] = self.state().into();
        row
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(Some(error)) => write!(f, "done, error {error:.2} %"),
            Self::Done(None) => f.write_str("done"),
            Self::Running { worker, since, progress } => {
                write!(f, "running on {worker} for {}", duration(*since))?;
                progress.iter().try_for_each(|logged| write!(f, ", {logged}"))
            }
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::Waiting(None) => f.write_str("waiting"),
            Self::Waiting(Some(logged)) => write!(f, "waiting, begun: {logged}"),
        }
    }
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {} of {}", self.step, self.steps)
    }
}

impl Logged {
    fn of(run: &Planned) -> Option<Self> {
        let text = std::fs::read_to_string(run.folder.join(names::LOG)).ok()?;
        // The last line may be half written.
        text.lines().rev().find_map(|line| serde_json::from_str(line).ok())
    }

    /// Time of the whole training and of what is left of it, at the speed of the last steps.
    fn times(&self, batch: usize) -> (Duration, Duration) {
        let seconds = |steps: usize| (steps * batch) as f64 / self.images_per_second.max(1e-9);
        let time = |steps| Duration::try_from_secs_f64(seconds(steps)).unwrap_or(Duration::MAX);
        (time(self.steps), time(self.steps.saturating_sub(self.step)))
    }
}

/// How far each of `runs` is, in their order. Nothing is written; whether a worker on another machine lives is told by the clock of
/// this one.
pub fn statuses(runs: &[Planned], evaluating: &Evaluating) -> Vec<Status> {
    runs.iter().map(|run| status(run, evaluating)).collect()
}

fn status(run: &Planned, evaluating: &Evaluating) -> Status {
    match finished(run, evaluating) {
        Ok(Some(evaluation)) => return Status::Done(evaluation.report.error.map(|error| error.value)),
        Ok(None) => {}
        Err(error) => return Status::Failed(error.to_string()),
    }
    if let Some(holder) = lease::holder(&run.folder) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let since = now.saturating_sub(Duration::from_secs(holder.since));
        return Status::Running { worker: holder.worker, since, progress: Logged::of(run) };
    }
    match std::fs::read_to_string(run.folder.join(names::FAILURE)) {
        Ok(why) => Status::Failed(why.trim().into()),
        Err(_) => Status::Waiting(Logged::of(run)),
    }
}

/// Time until all runs are trained, with as many workers as there are now, or one: what running ones have left, and for each of those that
/// wait the mean of the others' whole time. None where no log tells of a time.
pub fn time_left(runs: &[Planned], statuses: &[Status]) -> Option<Duration> {
    let known = |run: &Planned| Logged::of(run).map(|logged| logged.times(run.config.batch));
    let whole: Vec<Duration> = runs.iter().filter_map(|run| Some(known(run)?.0)).collect();
    let mean = whole
        .iter()
        .try_fold(Duration::ZERO, |sum, &time| sum.checked_add(time))?
        .checked_div(whole.len() as u32)?;
    let mut left = Duration::ZERO;
    let mut workers = 0;
    for (run, status) in runs.iter().zip(statuses) {
        match status {
            Status::Done(_) | Status::Failed(_) => continue,
            Status::Running { .. } => workers += 1,
            Status::Waiting(_) => {}
        }
        left = left.checked_add(known(run).map_or(mean, |(_, left)| left))?;
    }
    Some(left / workers.max(1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;
    use crate::sweep::{Axis, plan_for};
    use ibinn_evaluate::measures::bootstrap::Bootstrap;
    use ibinn_files::lease::Lease;
    use ibinn_files::scratch::Scratch;
    use ibinn_runs::config::Settings;

    fn planned(out: &Path) -> Vec<Planned> {
        let settings = Settings { batch: Some(100), ..Settings::default() };
        plan_for(&[Axis::seeds(4)], &settings, out, None, None).unwrap()
    }

    #[test]
    fn running_failed_and_waiting_are_told_apart_with_the_time_left() {
        let scratch = Scratch::new();
        let runs = planned(scratch.path());
        let evaluating = Evaluating { ood: vec![], bootstrap: Bootstrap::new(0, 0).unwrap(), limit: None };
        let log = |run: &Planned, step: usize| {
            std::fs::create_dir_all(&run.folder).unwrap();
            let line = format!("{{\"step\":{step},\"steps\":100,\"images_per_second\":50.0}}\n{{\"st");
            std::fs::write(run.folder.join(names::LOG), line).unwrap();
        };
        // A step takes two seconds, a whole run 200.
        log(&runs[0], 25);
        log(&runs[1], 50);
        log(&runs[2], 75);
        let _lease = Lease::take(&runs[0].folder, Duration::from_secs(60)).unwrap().unwrap();
        std::fs::write(runs[1].folder.join(names::FAILURE), "the lights went out\n").unwrap();
        let found = statuses(&runs, &evaluating);
        let logged = |step| Some(Logged { step, steps: 100, images_per_second: 50.0 });
        assert!(
            matches!(&found[0], Status::Running { progress, .. } if *progress == logged(25)),
            "{found:?}"
        );
        assert_eq!(found[1], Status::Failed("the lights went out".into()));
        assert_eq!((&found[2], &found[3]), (&Status::Waiting(logged(75)), &Status::Waiting(None)));
        // 150 s, 50 s and a whole run, by one worker.
        assert_eq!(time_left(&runs, &found), Some(Duration::from_secs(400)));
        assert_eq!(time_left(&runs[3..], &found[3..]), None);
    }
}
