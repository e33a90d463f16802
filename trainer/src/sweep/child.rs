//! One run of a sweep, in processes of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Options, Planned};
use crate::error::{Error, Result};
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_figures::samples::read_model;
use ibinn_files::atomic;
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

/// Does what of `run` is still to be done; tells `epoch` how far training is. The evaluation, and whether it was there
/// before.
///
/// # Errors
/// When the folder holds another run, or a process fails; what it did is kept.
pub fn finish(
    run: &Planned,
    options: &Options,
    threads: usize,
    epoch: &mut impl FnMut(usize),
) -> Result<(FullEvaluation, bool)> {
    let file = |name: &str| run.folder.join(name);
    let trained = trained(&file(names::MODEL))?;
    if file(names::CONFIG).exists() {
        same(&RunFolder::open(&run.folder)?.config, run)?;
    }
    if trained
        && file(names::EVALUATION).exists()
        && let Ok(evaluation) = FullEvaluation::read(&run.folder)
        && options.evaluating.made(&evaluation)
    {
        return Ok((evaluation, true));
    }
    if !trained {
        train(run, options, threads, epoch)?;
    }
    evaluate(run, options, threads)?;
    Ok((FullEvaluation::read(&run.folder)?, false))
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

fn train(run: &Planned, options: &Options, threads: usize, epoch: &mut impl FnMut(usize)) -> Result<()> {
    let mut command = trainer(threads, options.data_dir.as_deref())?;
    command.arg("train").arg("--json");
    if run.folder.join(names::CHECKPOINT).exists() {
        command.arg("--resume").arg(&run.folder);
    } else {
        std::fs::create_dir_all(&run.folder).map_err(|source| Error::unwritable(&run.folder, source))?;
        let config = run.folder.join(names::CONFIG);
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

fn evaluate(run: &Planned, options: &Options, threads: usize) -> Result<()> {
    let Evaluating { ood, bootstrap, limit } = &options.evaluating;
    let mut command = trainer(threads, options.data_dir.as_deref())?;
    command.args(["evaluate", "--full"]).arg(run.folder.join(names::MODEL)).arg("--json");
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

/// This program, to be called with so many threads.
fn trainer(threads: usize, data_dir: Option<&Path>) -> Result<Command> {
    let program = std::env::current_exe().map_err(|source| Error::io(Path::new("trainer"), source))?;
    let mut command = Command::new(program);
    // Rayon's own variable: runs side by side would otherwise each take all of the cores.
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        command.env("RAYON_NUM_THREADS", threads.to_string());
    }
    if let Some(folder) = data_dir {
        command.env("IBINN_DATA_DIR", folder);
    }
    Ok(command)
}

/// Runs a process to its end, handing over each line of its output.
///
/// # Errors
/// [`Error::Child`] with the last thing that it said when it fails.
fn follow(mut command: Command, mut line: impl FnMut(&str)) -> Result<()> {
    let broken = |source: std::io::Error| Error::Child(format!("a process could not be run ({source})"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(broken)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Read beside, since a process whose stderr nobody reads stops when the pipe is full.
    let complaints = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_string(&mut text);
        }
        text
    });
    if let Some(stdout) = stdout {
        BufReader::new(stdout).lines().map_while(|read| read.ok()).for_each(|text| line(&text));
    }
    let status = child.wait().map_err(broken)?;
    let complaints = complaints.join().unwrap_or_default();
    if status.success() {
        return Ok(());
    }
    let last = complaints.lines().rev().find(|line| !line.trim().is_empty());
    Err(Error::Child(match last {
        Some(text) => text.trim_start_matches("error: ").into(),
        None => format!("its process ended with {status}"),
    }))
}
