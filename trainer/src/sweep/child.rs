//! One run of a sweep, in processes of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::{Options, Planned};
use crate::error::{Error, Result};
use crate::interrupt;
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_figures::samples::read_model;
use ibinn_files::atomic;
use ibinn_files::lease::Lease;
use ibinn_runs::config::Config;
use ibinn_runs::results::{FullEvaluation, RunFolder, Selection, names};

/// How a run is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluating {
    /// Out-of-distribution sets by name or path.
    pub ood: Vec<String>,
    /// How its intervals are drawn.
    pub bootstrap: Bootstrap,
    /// Only the first images of every set.
    pub limit: Option<usize>,
}

impl Evaluating {
    /// Whether `evaluation` was made so.
    fn made(&self, evaluation: &FullEvaluation) -> bool {
        let names = evaluation.report.ood.iter().map(|set| &set.name);
        let selected = evaluation.selection == Selection::default() && evaluation.limit == self.limit;
        selected && evaluation.bootstrap == self.bootstrap && names.eq(&self.ood)
    }
}

/// The evaluation of a run with which nothing is left to be done.
///
/// # Errors
/// When the folder holds another run, or a model that cannot be read.
pub fn finished(run: &Planned, evaluating: &Evaluating) -> Result<Option<FullEvaluation>> {
    if run.folder.join(names::CONFIG).exists() {
        same(&RunFolder::open(&run.folder)?.config, run)?;
    }
    if !run.folder.join(names::EVALUATION).exists() || !trained(&run.folder.join(names::MODEL))? {
        return Ok(None);
    }
    Ok(FullEvaluation::read(&run.folder).ok().filter(|evaluation| evaluating.made(evaluation)))
}

/// What works on a run.
pub struct Work<'a> {
    /// The run.
    pub run: &'a Planned,
    /// How it is done.
    pub options: &'a Options,
    /// The right to do it.
    pub lease: &'a Lease,
    /// Threads of each process.
    pub threads: usize,
}

impl Work<'_> {
    /// Does what of the run is still to be done; tells `epoch` how far training is.
    ///
    /// # Errors
    /// When a process fails, or is ended; what it did is kept.
    pub fn finish(&self, epoch: &mut impl FnMut(usize)) -> Result<FullEvaluation> {
        if !trained(&self.run.folder.join(names::MODEL))? {
            self.train(epoch)?;
        }
        self.evaluate()?;
        Ok(FullEvaluation::read(&self.run.folder)?)
    }

    fn train(&self, epoch: &mut impl FnMut(usize)) -> Result<()> {
        let run = self.run;
        let mut command = self.trainer()?;
        command.arg("train").arg("--json").args(self.device());
        if run.folder.join(names::CHECKPOINT).exists() {
            command.arg("--resume").arg(&run.folder);
        } else {
            let config = run.folder.join(names::CONFIG);
            self.lease.check()?;
            atomic::write(&config, run.config.to_toml()?.as_bytes())?;
            command.arg("--config").arg(config).arg("--out").arg(&run.folder);
        }
        follow(command, |line| {
            let value: Option<serde_json::Value> = serde_json::from_str(line).ok();
            if let Some(number) = value.and_then(|value| value.get("epoch")?.as_u64()) {
                epoch(number as usize - 1);
            }
        })
    }

    fn evaluate(&self) -> Result<()> {
        let run = self.run;
        let Evaluating { ood, bootstrap, limit } = &self.options.evaluating;
        let mut command = self.trainer()?;
        command.args(["evaluate", "--full"]).arg(run.folder.join(names::MODEL)).arg("--json");
        command.args(self.device());
        command.arg("--out").arg(run.folder.join(names::EVALUATION));
        command.args([
            "--bootstrap",
            &bootstrap.resamples().to_string(),
            "--seed",
            &bootstrap.seed().to_string(),
        ]);
        if let Some(limit) = limit {
            command.args(["--limit", &limit.to_string()]);
        }
        if !ood.is_empty() {
            command.arg("--ood").args(ood);
        }
        follow(command, |_| ())
    }

    /// The flag that names the GPU, if one was named.
    fn device(&self) -> impl Iterator<Item = &str> {
        self.options.device.iter().flat_map(|device| ["--device", device])
    }

    /// This program, to be called with so many threads, to work under the lease.
    fn trainer(&self) -> Result<Command> {
        let program = std::env::current_exe().map_err(|source| Error::io(Path::new("trainer"), source))?;
        let mut command = Command::new(program);
        // Rayon's own variable: runs side by side would otherwise each take all of the cores.
        if std::env::var_os("RAYON_NUM_THREADS").is_none() {
            command.env("RAYON_NUM_THREADS", self.threads.to_string());
        }
        command.env(interrupt::LEASE, self.lease.path());
        if let Some(folder) = &self.options.data_dir {
            command.env("IBINN_DATA_DIR", folder);
        }
        Ok(command)
    }
}

/// Whether a run's model is there with all that `trainer train` does to it at last, which is to evaluate it.
fn trained(model: &Path) -> Result<bool> {
    Ok(model.exists() && read_model(model)?.card().evaluation.is_some())
}

/// Checks that the folder's run is the one that is planned, but for where it is computed and how often it is saved.
fn same(found: &Config, run: &Planned) -> Result<()> {
    let Config { backend, checkpoint_every, .. } = run.config;
    if (Config { backend, checkpoint_every, ..found.clone() }) == run.config {
        return Ok(());
    }
    Err(Error::data(
        &run.folder.join(names::CONFIG),
        "the folder holds a run with other settings; name another --out, or remove it",
    ))
}

/// Time between two looks at whether to end.
const LOOK: Duration = Duration::from_millis(100);

/// Runs a process to its end, handing over each line of its output; asks it to end by closing its stdin.
///
/// # Errors
/// [`Error::Child`] with the last thing that it said when it fails; [`Error::Interrupted`] when it was ended.
fn follow(mut command: Command, mut line: impl FnMut(&str)) -> Result<()> {
    let broken = |source: std::io::Error| Error::Child(format!("a process could not be run ({source})"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(broken)?;
    let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    // Read beside, since a process whose stderr nobody reads stops when the pipe is full.
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines());
        lines.map_while(|read| read.ok()).try_for_each(|text| sender.send(text))
    });
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if interrupt::asked() {
            stdin = None;
        }
    }
    let status = child.wait().map_err(broken)?;
    drop(stdin);
    let complaints = complaints.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    if interrupt::asked() || interrupt::is_status(status) {
        return Err(Error::Interrupted("its process was ended".into()));
    }
    let last = complaints.lines().rev().find(|line| !line.trim().is_empty());
    Err(Error::Child(match last {
        Some(text) => text.trim_start_matches("error: ").into(),
        None => format!("its process ended with {status}"),
    }))
}
