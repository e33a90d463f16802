//! What a run tells while it runs: a progress bar for people, JSON lines for programs, `train.jsonl` for later.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::StepReport;
use crate::error::{Error, Result};

/// Steps that one line of the log averages over.
const EVERY: usize = 20;

/// Follows a run.
pub struct Log {
    bar: ProgressBar,
    json: bool,
    file: File,
    path: PathBuf,
    recent: Vec<StepReport>,
    batch: usize,
    steps_per_epoch: usize,
    epochs: usize,
    since: Instant,
}

impl Log {
    /// Begins, or goes on after `step` steps: later lines of an older log are dropped.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn open(path: &Path, json: bool, step: usize, batch: usize, steps_per_epoch: usize, epochs: usize) -> Result<Self> {
        let io = |source| Error::io(path, source);
        let kept: Vec<String> = match File::open(path) {
            Ok(file) if step > 0 => BufReader::new(file).lines().map_while(|line| line.ok()).filter(|l| before(l, step)).collect(),
            _ => Vec::new(),
        };
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(path).map_err(io)?;
        for line in kept {
            writeln!(file, "{line}").map_err(io)?;
        }
        let bar = ProgressBar::new((epochs * steps_per_epoch) as u64);
        if json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{msg}\n{wide_bar:.cyan/dim} {percent:>3} %  {elapsed} gone, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_position(step as u64);
        bar.reset_eta();
        let recent = Vec::new();
        Ok(Self { bar, json, file, path: path.into(), recent, batch, steps_per_epoch, epochs, since: Instant::now() })
    }

    /// Takes note of a step.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn step(&mut self, report: StepReport) -> Result<()> {
        self.recent.push(report);
        self.bar.inc(1);
        if report.step.is_multiple_of(EVERY) || report.step.is_multiple_of(self.steps_per_epoch) {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let Some(last) = self.recent.last().copied() else { return Ok(()) };
        let count = self.recent.len() as f64;
        let mean = |f: fn(&StepReport) -> f64| self.recent.iter().map(f).sum::<f64>() / count;
        let images_per_second = count * self.batch as f64 / self.since.elapsed().max(Duration::from_micros(1)).as_secs_f64();
        let epoch = (last.step - 1) / self.steps_per_epoch + 1;
        let (loss, l_x, l_y) = (mean(|r| r.loss), mean(|r| r.l_x), mean(|r| r.l_y));
        let accuracy = mean(|r| r.accuracy);
        let line = serde_json::json!({
            "step": last.step, "epoch": epoch, "loss": loss, "l_x": l_x, "l_y": l_y, "accuracy": accuracy,
            "gradient_norm": mean(|r| r.gradient_norm), "learning_rate": last.learning_rate,
            "images_per_second": images_per_second,
        });
        writeln!(self.file, "{line}").map_err(|source| Error::io(&self.path, source))?;
        if self.json {
            println!("{line}");
        }
        let message = format!(
            "epoch {epoch}/{}  loss {loss:+.3}  L_X {l_x:+.3}  L_Y {l_y:+.3}  accuracy {:.1} %  {images_per_second:.0} images/s",
            self.epochs,
            100.0 * accuracy,
        );
        self.bar.set_message(message.clone());
        if last.step.is_multiple_of(self.steps_per_epoch) {
            if self.bar.is_hidden() && !self.json {
                eprintln!("{message}");
            } else {
                self.bar.println(message);
            }
        }
        self.recent.clear();
        self.since = Instant::now();
        Ok(())
    }

    /// Time that passed between the last steps was spent on something else, such as a checkpoint.
    pub fn interruption(&mut self, spent: Duration) {
        self.since += spent;
    }

    /// Ends the progress bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Whether a log line tells of a step up to `step`.
fn before(line: &str, step: usize) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
    value.and_then(|v| v.get("step")?.as_u64()).is_some_and(|s| s <= step as u64)
}
