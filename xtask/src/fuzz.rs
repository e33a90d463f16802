//! `cargo xtask fuzz`: every reader of foreign bytes, fed with what nobody would write.

use crate::error::{AtPath, Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use crate::{setup, site, test};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What `cargo xtask fuzz` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask fuzz                       every target, a hundred thousand inputs each\n  \
    cargo xtask fuzz pickle --runs 10000000\n  \
    cargo xtask fuzz typescript            the page's address and the files that it is given\n\n\
    The targets are in fuzz/src/targets.rs, what they begin with is in fuzz/corpus. An input that a reader falls over is kept \
    in fuzz/artifacts; make a test of it, beside the reader.")]
pub struct Options {
    /// The targets [default: all].
    pub targets: Vec<String>,
    /// Inputs of each.
    #[arg(long, default_value_t = 100_000)]
    pub runs: u64,
    /// Write the corpus anew before.
    #[arg(long)]
    pub seeds: bool,
}

/// The target that is run by the browser tests.
const TYPESCRIPT: &str = "typescript";
/// Coverage as libFuzzer wants it told. No sanitizer: nothing that is fuzzed is unsafe, so a fault is a panic.
const COVERAGE: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];
/// Megabytes that reading one small input may take, and seconds.
const LIMITS: [&str; 2] = ["-rss_limit_mb=2048", "-timeout=20"];

/// Runs the targets.
///
/// # Errors
/// When there is no such target, or a reader falls over an input.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.root.join("fuzz");
    if options.seeds || !folder.join("corpus").is_dir() {
        shell::run(&mut cargo(workspace, &folder, "seeds", "run"))?;
    }
    let known = targets(&folder)?;
    let wanted = if options.targets.is_empty() { known.clone() } else { options.targets.clone() };
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(Error::Message(format!(
            "there is no target `{unknown}`, choose of {}",
            known.join(", ")
        )));
    }
    if wanted.iter().any(|name| name != TYPESCRIPT) {
        shell::run(&mut cargo(workspace, &folder, "fuzz", "build"))?;
    }
    let mut failed = Vec::new();
    for name in wanted {
        let started = Instant::now();
        let done = match &*name {
            TYPESCRIPT => typescript(workspace, options.runs),
            name => target(workspace, &folder, name, options.runs),
        };
        let seconds = started.elapsed().as_secs_f64();
        match done {
            Ok(()) => say("fuzz", format_args!("{name}: {} inputs in {seconds:.0} s", options.runs)),
            Err(error) => {
                say("fuzz", format_args!("{name}: {error}"));
                failed.push(name);
            }
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Error::Message(format!("fell over: {}", failed.join(", ")))),
    }
}

/// Every target has a corpus by its name.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let corpus = folder.join("corpus");
    let entries = std::fs::read_dir(&corpus).at(&corpus)?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.chain([TYPESCRIPT.to_owned()]).collect();
    names.sort();
    Ok(names)
}

/// Where what is instrumented is built, apart from all else.
fn built(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

/// The triple of this machine; naming it keeps build scripts and macros from being instrumented.
fn host() -> Result<String> {
    let version = shell::capture(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| Error::Message("rustc does not tell its host".into()))
}

fn cargo(workspace: &Workspace, folder: &Path, program: &str, verb: &str) -> Command {
    let mut command = shell::cargo();
    command.args([verb, "--bin", program]).current_dir(folder);
    command.env("CARGO_TARGET_DIR", built(workspace)).env("RUSTFLAGS", COVERAGE.join(" "));
    if let Ok(host) = host() {
        command.args(["--target", &host]);
    }
    command
}

fn target(workspace: &Workspace, folder: &Path, name: &str, runs: u64) -> Result<()> {
    let found = built(workspace).join("corpus").join(name);
    let artifacts = folder.join("artifacts");
    for folder in [&found, &artifacts] {
        std::fs::create_dir_all(folder).at(folder)?;
    }
    let program = built(workspace).join(host()?).join("debug/fuzz");
    let mut command = Command::new(program);
    command.env("IBINN_FUZZ_TARGET", name).args(LIMITS).arg(format!("-runs={runs}"));
    command.arg(format!("-artifact_prefix={}/{name}-", artifacts.display())).arg("-print_final_stats=1");
    // What is new goes into the first folder, and is begun with the next time.
    command.arg(found).arg(folder.join("corpus").join(name));
    shell::run(&mut command)
}

/// The page's readers, by fast-check, in the browser tests.
fn typescript(workspace: &Workspace, runs: u64) -> Result<()> {
    let tools = setup::for_site(workspace)?;
    let browsers = setup::for_browser_tests(workspace)?;
    let site = site::build(workspace, tools.wasm, &site::Options::default())?;
    let mut npm = test::npm(workspace, &browsers, &site)?;
    shell::run(npm.args(["--", "fuzz"]).env("IBINN_FUZZ_RUNS", runs.to_string()))
}
