//! HyperQueue, which tests run sweeps on: its Python package, in a virtual environment of its own.

use crate::error::{Error, Result};
use crate::setup::apt;
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = "hyperqueue==0.27.0";
/// The variable by which tests find it.
pub const VARIABLE: &str = "IBINN_HYPERQUEUE";

/// Finds a Python that has the package, the one that `IBINN_HYPERQUEUE` names or our own, or makes it. Only on Linux, which the package is
/// for.
///
/// # Errors
/// Names the command to type.
pub fn find_or_install(workspace: &Workspace) -> Result<Option<PathBuf>> {
    if !cfg!(target_os = "linux") {
        say("setup", "hyperqueue: not needed, it is for Linux");
        return Ok(None);
    }
    let folder = workspace.target.join("tools/hyperqueue");
    let own = folder.join("bin/python");
    let named = std::env::var_os(VARIABLE).map(PathBuf::from);
    if let Some(found) = named.into_iter().chain([own.clone()]).find(|python| has_package(python)) {
        say("setup", format_args!("hyperqueue: found in {}", found.display()));
        return Ok(Some(found));
    }
    say("setup", format_args!("hyperqueue: installing {PACKAGE} into {} ...", folder.display()));
    let make = || shell::capture(Command::new("python3").args(["-m", "venv"]).arg(&folder));
    // Debian ships it apart.
    make().or_else(|_| {
        apt::install("virtual environments of Python", &["python3-venv"]).and_then(|()| make())
    })?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    shell::capture(Command::new(&own).args(pip)).map_err(|_| Error::Missing {
        what: "HyperQueue".into(),
        command: format!("{} -m pip install {PACKAGE}", own.display()),
    })?;
    Ok(Some(own))
}

fn has_package(python: &Path) -> bool {
    shell::capture(Command::new(python).args(["-c", "import hyperqueue"])).is_ok()
}
