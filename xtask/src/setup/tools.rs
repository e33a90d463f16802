//! The programs that check spelling and dependencies: found on `PATH`, or built once into the target folder.

use crate::error::{Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::path::PathBuf;

/// A program of crates.io.
pub struct Tool {
    /// Its name.
    pub program: &'static str,
    /// The crate that it comes from.
    pub package: &'static str,
    /// The version that is built where there is none.
    pub version: &'static str,
}

/// Says what is misspelt.
pub const TYPOS: Tool = Tool { program: "typos", package: "typos-cli", version: "1.52.0" };
/// Holds dependencies to `deny.toml`.
pub const CARGO_DENY: Tool = Tool { program: "cargo-deny", package: "cargo-deny", version: "0.20.2" };

/// Finds a tool, or builds it, unoptimised since that takes a third of the time and the tools are fast enough.
///
/// # Errors
/// With the command to type where it cannot be built.
pub fn find_or_install(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    let Tool { program, package, version } = *tool;
    if let Some(found) = shell::which(&[program]) {
        return Ok(found);
    }
    let root = workspace.target.join("tools");
    let built = root.join("bin").join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    if built.is_file() {
        return Ok(built);
    }
    say("setup", format_args!("{program}: building {package} {version}, a few minutes, once ..."));
    let mut cargo = shell::cargo();
    cargo
        .args(["install", "--quiet", "--locked", "--debug", package, "--version", version, "--root"])
        .arg(&root);
    // A target folder that the tool keeps to itself would only take space.
    cargo.env_remove("CARGO_TARGET_DIR");
    shell::run(&mut cargo).map_err(|_| Error::Missing {
        what: program.into(),
        command: format!("cargo install --locked {package}"),
    })?;
    Ok(built)
}
