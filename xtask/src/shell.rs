//! Starting other programs.

use crate::error::{Error, Result};
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// One line of progress: which step, and what it found or does.
pub fn say(step: &str, what: impl std::fmt::Display) {
    eprintln!("{step:>14}  {what}");
}

/// The `cargo` that runs this program.
///
/// `cargo run` describes the xtask package in the environment of what it starts. Some build scripts watch these
/// variables (ring's does), so that passing them on would rebuild half of the workspace each time.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    remove_cargo_run_variables(&mut command);
    command
}

/// Removes from a command's environment what `cargo run` put into ours.
pub fn remove_cargo_run_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(set_by_cargo_run) {
            command.env_remove(name);
        }
    }
}

fn set_by_cargo_run(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || matches!(
            name,
            "CARGO" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
        )
}

/// npm (a batch file on Windows, which has to be named as such).
pub fn npm() -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.env("npm_config_audit", "false").env("npm_config_fund", "false");
    command.env("npm_config_update_notifier", "false");
    command
}

/// The command as one would type it: without its environment, the program without its folder.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a command whose output goes to the screen.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|source| Error::NotStarted { command: shown(command), source })?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: shown(command), status, output: String::new() })
}

/// Runs a command quietly and returns its standard output, trimmed.
///
/// # Errors
/// When it cannot be started or does not succeed; then the error holds the end of what it printed.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::NotStarted { command: shown(command), source })?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        return Ok(text);
    }
    let all = format!("{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = all.lines().filter(|line| !line.trim().is_empty()).collect();
    let tail = lines[lines.len().saturating_sub(12)..].iter().map(|line| format!("\n    {line}")).collect();
    Err(Error::Failed { command: shown(command), status: output.status, output: tail })
}

/// Runs a command and hands each line of its standard output to `line` as it comes; standard error goes to the screen.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn stream(command: &mut Command, mut line: impl FnMut(&str)) -> Result<()> {
    let text = shown(command);
    let not_started = |source| Error::NotStarted { command: text.clone(), source };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(not_started)?;
    if let Some(stdout) = child.stdout.take() {
        let mut reader = BufReader::new(stdout);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            line(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
            bytes.clear();
        }
    }
    let status = child.wait().map_err(not_started)?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: text, status, output: String::new() })
}

/// The first of `names` that is a program on `PATH`.
pub fn which(names: &[&str]) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let program = |folder: &Path, name: &str| {
        let file = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        file.is_file().then_some(file)
    };
    names.iter().find_map(|name| folders.iter().find_map(|folder| program(folder, name)))
}
