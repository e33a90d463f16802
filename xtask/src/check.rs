//! `cargo xtask check`: the gate before a commit, which runs no test.

use crate::documents;
use crate::error::{Error, Result};
use crate::packages::SELECTIONS;
use crate::setup::{self, CheckTools};
use crate::shell;
use crate::site;
use crate::steps::{Steps, all};
use crate::workspace::Workspace;
use std::process::Command;

/// The folders with TypeScript whose types are checked; `web` comes before what uses it.
const TYPED: [&str; 3] = ["web", "www", "tests/browser"];

/// Runs the checks.
///
/// # Errors
/// When any of them failed.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::new(workspace);
    lint(&mut steps);
    check(&mut steps);
    steps.check("documents", documents::check);
    steps.check("types", |workspace| {
        build_typings(workspace)?;
        types(workspace)
    });
    steps.finish()
}

/// Format and clippy, which need no tools but Rust's.
pub fn lint(steps: &mut Steps<'_>) {
    steps.check("format", |workspace| {
        // The fuzz targets are a workspace of their own.
        let fuzz = ["fmt", "--all", "--check", "--manifest-path", "fuzz/Cargo.toml"];
        all([&fuzz[..3], &fuzz].map(|arguments| shell::run(cargo(workspace).args(arguments))))
    });
    steps.check("clippy", |workspace| all(SELECTIONS.map(|packages| clippy(workspace, packages))));
}

/// Spelling, dependencies, and the format of TypeScript, by tools that are built once.
fn check(steps: &mut Steps<'_>) {
    let tools = steps.check("setup, check", setup::for_check);
    let with = |tool: fn(&CheckTools) -> Command| {
        let tools = tools.as_ref();
        move |workspace: &Workspace| {
            let mut command = tool(tools.ok_or_else(|| Error::Message(NEEDS_SETUP.into()))?);
            shell::run(command.current_dir(&workspace.root))
        }
    };
    steps.check("spelling", with(|tools| Command::new(&tools.typos)));
    steps.check(
        "dependencies",
        with(|tools| {
            let mut command = Command::new(&tools.cargo_deny);
            // Not advisories: what is known of a crate changes without a commit, and is asked of the network.
            command.args(["--log-level", "error", "check", "licenses", "bans", "sources"]);
            command
        }),
    );
    steps.check(
        "typescript",
        with(|tools| {
            let mut command = Command::new(&tools.biome);
            command.args(["check", "--error-on-warnings"]);
            command
        }),
    );
}

const NEEDS_SETUP: &str = "not run, because \"setup, check\" failed";

fn clippy(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let mut command = cargo(workspace);
    shell::run(command.arg("clippy").args(packages).args(["--all-targets", "--", "-D", "warnings"]))
}

fn cargo(workspace: &Workspace) -> Command {
    let mut command = shell::cargo();
    command.current_dir(&workspace.root);
    command
}

/// Builds the site where it has never been: the types of the module are made of the wasm, and those of the page of the
/// module's.
fn build_typings(workspace: &Workspace) -> Result<()> {
    if workspace.root.join("web/pkg").is_dir() {
        return site::build_module(workspace);
    }
    let tools = setup::for_site(workspace)?;
    site::build(workspace, tools.wasm, &site::Options::default()).map(drop)
}

/// TypeScript's check of the module, the site and the browser tests.
///
/// # Errors
/// When a folder has no such check, or one fails.
pub fn types(workspace: &Workspace) -> Result<()> {
    for shown in TYPED {
        let folder = workspace.root.join(shown);
        if !site::has_script(&folder, "check")? {
            return Err(Error::Message(format!("{shown}/package.json has no script named check")));
        }
        shell::run(shell::npm().args(["run", "--silent", "check"]).current_dir(folder))?;
    }
    Ok(())
}
