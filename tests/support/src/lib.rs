//! What tests of more than one package share, of the core alone.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a failed test")]

pub mod checkpoint;
pub mod golden;
pub mod nets;

use std::path::PathBuf;

/// The folder that the environment variable `name` points to.
///
/// Without it the caller's test cannot run, and says so on stderr. Where `CI` is set, that fails, but for what `IBINN_WITHOUT`
/// names.
pub fn folder(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(name).map(PathBuf::from);
    if folder.is_none() {
        let without = std::env::var("IBINN_WITHOUT").unwrap_or_default();
        let excused = without.split_whitespace().any(|other| other == name);
        let must = std::env::var_os("CI").is_some() && !excused;
        assert!(!must, "{name} is not set, and in CI every test must run that IBINN_WITHOUT does not excuse");
        eprintln!("not run: {name} is not set");
    }
    folder
}

/// The folder of real data sets, `IBINN_DATA_DIR`.
pub fn data_dir() -> Option<PathBuf> {
    folder("IBINN_DATA_DIR")
}

/// The folder of golden vectors, `IBINN_REFERENCE_DIR`.
pub fn reference_dir() -> Option<PathBuf> {
    folder("IBINN_REFERENCE_DIR")
}
