//! What a run tells while it runs: a progress bar for people, JSON lines for programs, `train.jsonl` for later.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::StepReport;
use super::events::Events;
use super::validation::Validated;
use crate::error::{Error, Result};
use ibinn_data::picture::png::Encoded;
use ibinn_files::{atomic, lease};
use ibinn_terminal::output::print;
use ibinn_terminal::progress::{Progress, Unit};

/// Steps that one line of the log averages over.
const EVERY: usize = 20;

/// A line of the log: means over the steps since the line before.
#[derive(Serialize)]
struct Line {
    step: usize,
    /// Steps of the whole run.
    steps: usize,
    epoch: usize,
    loss: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    l_x: Option<f64>,
    l_y: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kl_bits: Option<f64>,
    accuracy: f64,
    gradient_norm: f64,
    learning_rate: f64,
    images_per_second: f64,
    #[serde(flatten)]
    validation: Option<ValidationLine>,
}

/// What a line says of validation images, where they were looked at.
#[derive(Clone, Copy, Serialize)]
struct ValidationLine {
    validation_loss: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_l_x: Option<f64>,
    validation_l_y: f64,
    validation_accuracy: f64,
}

impl From<Validated> for ValidationLine {
    fn from(Validated { loss, l_x, l_y, accuracy }: Validated) -> Self {
        Self {
            validation_loss: loss,
            validation_l_x: l_x,
            validation_l_y: l_y,
            validation_accuracy: accuracy,
        }
    }
}

impl Line {
    /// Its numbers by name.
    fn scalars(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let all = [
            ("loss", Some(self.loss)),
            ("l_x", self.l_x),
            ("l_y", Some(self.l_y)),
            ("kl_bits", self.kl_bits),
            ("accuracy", Some(self.accuracy)),
            ("gradient_norm", Some(self.gradient_norm)),
            ("learning_rate", Some(self.learning_rate)),
            ("images_per_second", Some(self.images_per_second)),
            ("validation/loss", self.validation.map(|v| v.validation_loss)),
            ("validation/l_x", self.validation.and_then(|v| v.validation_l_x)),
            ("validation/l_y", self.validation.map(|v| v.validation_l_y)),
            ("validation/accuracy", self.validation.map(|v| v.validation_accuracy)),
        ];
        all.into_iter().filter_map(|(name, number)| Some((name, number?)))
    }
}

/// Follows a run.
pub struct Log {
    progress: Progress,
    json: bool,
    file: File,
    path: PathBuf,
    /// Where the lines go as well.
    events: Option<Events>,
    recent: Vec<StepReport>,
    batch: usize,
    steps_per_epoch: usize,
    epochs: usize,
    since: Instant,
}

impl Log {
    /// Begins, or goes on after `step` steps: later lines of an older log are dropped. `json` prints the lines to stdout
    /// instead of progress to stderr.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn open(
        path: &Path,
        json: bool,
        step: usize,
        batch: usize,
        steps_per_epoch: usize,
        epochs: usize,
    ) -> Result<Self> {
        let kept: String = match File::open(path) {
            Ok(file) if step > 0 => {
                let lines = BufReader::new(file).lines().map_while(|line| line.ok());
                lines.filter(|line| before(line, step)).map(|line| line + "\n").collect()
            }
            _ => String::new(),
        };
        // What is kept is never off the disk: whoever stops the program now loses no line.
        atomic::write(path, kept.as_bytes())?;
        let file = OpenOptions::new().append(true).open(path);
        let file = file.map_err(|source| Error::unwritable(path, source))?;
        let progress = Progress::new(Some((epochs * steps_per_epoch) as u64), Unit::Steps, "training", json);
        progress.skip_to(step as u64);
        Ok(Self {
            progress,
            json,
            file,
            path: path.into(),
            events: None,
            recent: Vec::new(),
            batch,
            steps_per_epoch,
            epochs,
            since: Instant::now(),
        })
    }

    /// The same with its lines in TensorBoard's `events`, too.
    #[must_use]
    pub fn with_events(self, events: Option<Events>) -> Self {
        Self { events, ..self }
    }

    /// Whether its lines go to TensorBoard, which shows pictures beside them.
    pub fn shows_pictures(&self) -> bool {
        self.events.is_some()
    }

    /// Shows a picture of samples, of so many channels, beside the lines, after `step` steps.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn samples(&mut self, step: usize, (picture, channels): (&Encoded, usize)) -> Result<()> {
        match &mut self.events {
            Some(events) => events.picture(step, "samples", (picture, channels)),
            None => Ok(()),
        }
    }

    /// Takes note of a step, with what a validation after it says.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn step(&mut self, report: StepReport, validated: Option<Validated>) -> Result<()> {
        self.recent.push(report);
        let line = Line { validation: validated.map(Into::into), ..self.line(report) };
        let message = self.message(&line);
        self.progress.message(message.clone());
        self.progress.advance(1);
        let epoch_ends = report.step.is_multiple_of(self.steps_per_epoch);
        if epoch_ends {
            self.progress.line(&message);
        }
        if epoch_ends || report.step.is_multiple_of(EVERY) {
            lease::check()?;
            let text = serde_json::json!(line).to_string();
            writeln!(self.file, "{text}").map_err(|source| Error::unwritable(&self.path, source))?;
            if self.json {
                print(text);
            }
            if let Some(events) = &mut self.events {
                events.scalars(line.step, line.scalars())?;
            }
            self.recent.clear();
            self.since = Instant::now();
        }
        Ok(())
    }

    /// Means over the steps since the last line.
    fn line(&self, last: StepReport) -> Line {
        let count = self.recent.len() as f64;
        let mean = |f: fn(&StepReport) -> f64| self.recent.iter().map(f).sum::<f64>() / count;
        let mean_of_some = |f: fn(&StepReport) -> Option<f64>| {
            self.recent.iter().map(f).sum::<Option<f64>>().map(|sum| sum / count)
        };
        let seconds = self.since.elapsed().max(Duration::from_micros(1)).as_secs_f64();
        Line {
            step: last.step,
            steps: self.epochs * self.steps_per_epoch,
            epoch: (last.step - 1) / self.steps_per_epoch + 1,
            loss: mean(|r| r.of.terms.loss),
            l_x: mean_of_some(|r| r.of.terms.l_x),
            l_y: mean(|r| r.of.terms.l_y),
            kl_bits: mean_of_some(|r| r.of.terms.kl),
            accuracy: mean(|r| r.of.terms.accuracy),
            gradient_norm: mean(|r| r.of.gradient_norm),
            learning_rate: last.learning_rate,
            images_per_second: count * self.batch as f64 / seconds,
            validation: None,
        }
    }

    fn message(&self, line: &Line) -> String {
        let l_x = line.l_x.map(|l_x| format!("  L_X {l_x:+.3}")).unwrap_or_default();
        let kl = line.kl_bits.map(|kl| format!("  KL {kl:.1} bits")).unwrap_or_default();
        let validation = line.validation.map(|v| {
            format!("  validation loss {:+.3}, {:.1} %", v.validation_loss, 100.0 * v.validation_accuracy)
        });
        format!(
            "epoch {}/{}  loss {:+.3}{l_x}  L_Y {:+.3}{kl}  accuracy {:.1} %{}  {:.0} images/s",
            line.epoch,
            self.epochs,
            line.loss,
            line.l_y,
            100.0 * line.accuracy,
            validation.unwrap_or_default(),
            line.images_per_second
        )
        .replace('-', "−")
    }

    /// Time that passed between the last steps was spent on something else, such as a checkpoint.
    pub fn interruption(&mut self, spent: Duration) {
        self.since += spent;
    }

    /// Ends the progress bar.
    pub fn finish(&self) {
        self.progress.finish();
    }
}

/// Whether a log line tells of a step up to `step`.
fn before(line: &str, step: usize) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
    value.and_then(|v| v.get("step")?.as_u64()).is_some_and(|s| s <= step as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn::training::{self, Terms};
    use ibinn_files::scratch::Scratch;
    use std::io::Read;

    #[test]
    fn going_on_drops_later_lines_and_never_has_less_than_the_others_on_the_disk() {
        let scratch = Scratch::new();
        let path = scratch.path().join("train.jsonl");
        let lines = "{\"step\":20}\n{\"step\":40}\n{\"step\":60}\n{\"st";
        std::fs::write(&path, lines).unwrap();
        let mut before = File::open(&path).unwrap();
        let mut log = Log::open(&path, true, 40, 2, 1000, 1).unwrap();
        // The old log is replaced as a whole: what was open is not emptied.
        let mut text = String::new();
        before.read_to_string(&mut text).unwrap();
        assert_eq!(text, lines);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"step\":20}\n{\"step\":40}\n");
        let of = training::StepReport { terms: Terms::default(), gradient_norm: 1.0 };
        let report = StepReport { step: 60, learning_rate: 0.1, of };
        log.step(report, None).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        Log::open(&path, true, 0, 2, 1000, 1).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    }
}
