//! The command line end to end: the real program, its files and its messages.
#![allow(clippy::unwrap_used)]

mod bad_data;
mod bad_flags;
mod bad_models;
mod by_path;
mod evaluate;
mod evaluation;
mod families;
mod fetch;
mod figure;
mod going_on;
#[cfg(target_os = "linux")]
mod hyperqueue;
mod import;
#[cfg(unix)]
mod interrupt;
#[cfg(target_os = "linux")]
mod odd_paths;
mod resume;
mod sweep;
mod train;
mod verbs;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ibinn_files::scratch::Scratch;
use serde_json::Value;

/// A run that takes seconds.
const QUICK: [&str; 16] = [
    "--preset",
    "tiny",
    "--dataset",
    "builtin",
    "--train-images",
    "512",
    "--batch",
    "64",
    "--epochs",
    "1",
    "--warm-up",
    "2",
    "--batch-norm-batches",
    "4",
    "--backend",
    "cpu",
];

/// What a call of the program gave.
struct Ran(Output);

/// Calls the program, with data sets and proxies only where `args` name them.
fn trainer(args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
    for variable in ["http_proxy", "https_proxy", "all_proxy"] {
        command.env_remove(variable).env_remove(variable.to_uppercase());
    }
    // Without a runtime folder, Mesa's Vulkan layer writes an error of its own to stderr.
    command.env("XDG_RUNTIME_DIR", std::env::temp_dir());
    Ran(command.args(args).env("IBINN_DATA_DIR", "/nonexistent").output().unwrap())
}

impl Ran {
    fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// stdout of a call that succeeded.
    fn text(&self) -> String {
        assert!(self.0.status.success(), "{}", self.stderr());
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    /// The last line of stdout, which must be JSON, of a call that succeeded and told people nothing.
    fn json(&self) -> Value {
        let text = self.text();
        assert_eq!(self.stderr(), "");
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    }

    /// The one sentence of a call that was refused.
    fn refusal(&self) -> String {
        let stderr = self.stderr();
        assert!(matches!(self.0.status.code(), Some(1 | 2)), "{:?}: {stderr}", self.0.status);
        let mut sentences = stderr.lines().filter(|line| line.starts_with("error: "));
        let sentence = sentences.next().unwrap_or_else(|| panic!("no error in: {stderr}")).to_string();
        assert!(sentences.next().is_none() && !stderr.contains("panicked"), "{stderr}");
        sentence
    }
}

/// A trained model, made once for all tests of this program.
fn model() -> &'static Path {
    static MODEL: OnceLock<PathBuf> = OnceLock::new();
    MODEL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-model");
        trainer(["train", "--overwrite", "--out"].into_iter().chain([text(&folder)]).chain(QUICK)).text();
        folder.join("model.safetensors")
    })
}

/// A path as an argument.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Names of everything in a folder, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The folder of official data sets; without it the caller's test does not run, which fails where `CI`
/// is set and `IBINN_WITHOUT` does not name it.
fn data_dir() -> Option<PathBuf> {
    let folder = std::env::var_os("IBINN_DATA_DIR").map(PathBuf::from);
    if folder.is_none() {
        let without = std::env::var("IBINN_WITHOUT").unwrap_or_default();
        let must = std::env::var_os("CI").is_some() && !without.contains("IBINN_DATA_DIR");
        assert!(
            !must,
            "IBINN_DATA_DIR is not set, and in CI every test must run that IBINN_WITHOUT does not excuse"
        );
        eprintln!("not run: IBINN_DATA_DIR is not set");
    }
    folder
}
