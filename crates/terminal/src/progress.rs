//! Progress on stderr: a bar on a terminal, a plain line now and then elsewhere, nothing for programs.

use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time between two plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(30);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Images of a data set.
    Images,
    /// Batches of images.
    Batches,
    /// Steps of training; the message has a line of its own.
    Steps,
    /// Passes over the training images, of several runs.
    Epochs,
    /// Bytes of a download.
    Bytes,
}

impl Unit {
    fn template(self) -> &'static str {
        match self {
            Self::Images => "{msg} {wide_bar:.cyan/dim} {human_pos}/{human_len} images, {eta} left",
            Self::Batches => "{msg} {wide_bar:.cyan/dim} {human_pos}/{human_len} batches, {eta} left",
            Self::Epochs => "{msg} {wide_bar:.cyan/dim} {human_pos}/{human_len} epochs, {eta} left",
            Self::Steps => "{wide_msg}\n{wide_bar:.cyan/dim} {percent} %, {elapsed} gone, {eta} left",
            Self::Bytes => "{msg} {wide_bar:.cyan/dim} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
        }
    }
}

/// A task that takes time.
pub struct Progress {
    bar: ProgressBar,
    unit: Unit,
    /// When the last plain line was printed; `None` where a bar is drawn or nothing is said.
    plain: Option<Instant>,
}

impl Progress {
    /// Begins a task of `total` units, which is unknown for some downloads; `quiet` says nothing.
    pub fn new(total: Option<u64>, unit: Unit, message: impl Into<String>, quiet: bool) -> Self {
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let plain = (!quiet && bar.is_hidden()).then(Instant::now);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template =
            if total.is_some() { unit.template() } else { "{msg} {spinner} {bytes}, {bytes_per_sec}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_message(message.into());
        Self { bar, unit, plain }
    }

    /// Begins in the middle, at `done` units, without counting them in the speed.
    pub fn skip_to(&self, done: u64) {
        self.bar.set_position(done);
        self.bar.reset_eta();
    }

    /// Takes note of `units` more.
    pub fn advance(&mut self, units: u64) {
        self.bar.inc(units);
        if self.plain.is_some_and(|last| last.elapsed() >= PLAIN_EVERY) {
            eprintln!("{}", self.plain_line());
            self.plain = Some(Instant::now());
        }
    }

    fn plain_line(&self) -> String {
        let (message, done) = (self.bar.message(), self.bar.position());
        match (self.unit, self.bar.length().filter(|&total| total > 0)) {
            (Unit::Bytes, None) => format!("{message}: {}", HumanBytes(done)),
            (_, None) => message,
            (_, Some(total)) => {
                format!("{message}: {} %, {} left", 100 * done / total, HumanDuration(self.bar.eta()))
            }
        }
    }

    /// Replaces the message.
    pub fn message(&self, text: String) {
        self.bar.set_message(text);
    }

    /// Prints a line that stays.
    pub fn line(&mut self, text: &str) {
        if self.plain.is_some() {
            eprintln!("{text}");
            self.plain = Some(Instant::now());
        } else {
            self.bar.println(text);
        }
    }

    /// Ends the task; the bar disappears.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_tell_share_and_time_left() {
        let mut progress = Progress::new(Some(200), Unit::Images, "evaluating", true);
        progress.advance(50);
        assert!(progress.plain_line().starts_with("evaluating: 25 %, "), "{}", progress.plain_line());
        assert_eq!(Progress::new(Some(0), Unit::Images, "evaluating", true).plain_line(), "evaluating");
        let mut unknown = Progress::new(None, Unit::Bytes, "file.gz", true);
        unknown.advance(2048);
        assert_eq!(unknown.plain_line(), "file.gz: 2.00 KiB");
    }
}
