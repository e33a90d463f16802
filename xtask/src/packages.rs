//! The packages of the workspace, in the selections that every command shares.
//!
//! Cargo unites the features of what it builds together, so each other selection would build Burn, which takes minutes,
//! anew.

use crate::error::Result;
use crate::shell;
use crate::workspace::Workspace;
use std::path::PathBuf;

/// The arguments of each selection.
pub const SELECTIONS: [&[&str]; 3] = [&MAIN, &["--package", "ibinn-web"], &["--package", "xtask"]];
const MAIN: [&str; 5] = ["--workspace", "--exclude", "xtask", "--exclude", "ibinn-web"];

/// The packages without Burn, with overflow checks and debug assertions, which nobody wants to build Burn with.
pub const CHECKED: [&str; 11] = [
    "--profile",
    "checked",
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "ibinn-web",
    "--exclude",
    "trainer",
    "--exclude",
    "ibinn-tests",
];

/// The tests that need no GPU, no browser and no data but what is in the repository.
pub const PORTABLE: [&[&str]; 3] = [
    &["--workspace", "--exclude", "xtask", "--exclude", "ibinn-web", "--lib", "--bins", "--test", "cli"],
    &["--package", "ibinn", "--test", "core", "golden"],
    &["--package", "xtask"],
];

/// Builds the trainer; returns its program.
///
/// # Errors
/// When it does not compile.
pub fn build_trainer(workspace: &Workspace) -> Result<PathBuf> {
    build_program(workspace, "trainer")
}

/// Builds a program of the first selection; returns where it lies.
///
/// # Errors
/// When it does not compile.
pub fn build_program(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut cargo = shell::cargo();
    shell::run(cargo.arg("build").args(MAIN).args(["--bin", name]).current_dir(&workspace.root))?;
    Ok(workspace.program(name))
}
