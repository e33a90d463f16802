//! `cargo xtask setup`: what building and testing need, found or installed, one line a step.

mod apt;
mod browser;
mod hyperqueue;
mod node;
mod tools;
mod vulkan;
mod wasm_target;

use crate::error::{Error, Result};
use crate::shell::say;
use crate::workspace::Workspace;
pub use hyperqueue::VARIABLE as HYPERQUEUE;
use std::path::PathBuf;
pub use wasm_target::Toolchain;

/// The folders whose npm packages the site needs; `web` comes before what uses it.
const SITE_PACKAGES: [&str; 2] = ["web", "www"];
const TEST_PACKAGES: &str = "tests/browser";
const NATIVE_TEST_PACKAGES: &str = "tests/onnx";
const BENCH_PACKAGES: &str = "tests/bench";

/// What building the site needs.
pub struct SiteTools {
    /// The Rust that builds for wasm.
    pub wasm: Toolchain,
}

/// What the tests in browsers need beside the site.
pub struct BrowserTools {
    /// The program of Chromium or Chrome.
    pub chrome: PathBuf,
    /// The program of Firefox; none where its tests do not run.
    pub firefox: Option<PathBuf>,
}

/// What `cargo xtask check` needs, each a program.
pub struct CheckTools {
    /// Finds misspelt words.
    pub typos: PathBuf,
    /// Holds dependencies to `deny.toml`.
    pub cargo_deny: PathBuf,
    /// Formats and lints TypeScript.
    pub biome: PathBuf,
}

/// Every step, each also when an earlier one failed.
///
/// # Errors
/// Names all that is missing and could not be installed.
pub fn everything(workspace: &Workspace) -> Result<()> {
    let steps = [
        wasm_target::find_or_install().map(drop),
        node::find_or_install_packages(
            workspace,
            &[&SITE_PACKAGES[..], &[TEST_PACKAGES, NATIVE_TEST_PACKAGES]].concat(),
        ),
        browser::chromium(workspace).map(drop),
        browser::firefox().map(drop),
        vulkan::find_or_install(),
        hyperqueue::find_or_install(workspace).map(drop),
        for_check(workspace).map(drop),
    ];
    let problems: Vec<String> =
        steps.into_iter().filter_map(|step| step.err().map(|error| error.to_string())).collect();
    if problems.is_empty() {
        say("setup", "everything is there");
        return Ok(());
    }
    Err(Error::Message(format!("not everything could be set up:\n  - {}", problems.join("\n  - "))))
}

/// What `cargo xtask site` needs: the wasm target, Node.js and the npm packages.
///
/// # Errors
/// Names what is missing.
pub fn for_site(workspace: &Workspace) -> Result<SiteTools> {
    let wasm = wasm_target::find_or_install()?;
    node::find_or_install_packages(workspace, &SITE_PACKAGES)?;
    Ok(SiteTools { wasm })
}

/// What checks need: the programs for spelling, dependencies and TypeScript.
///
/// # Errors
/// Names what is missing.
pub fn for_check(workspace: &Workspace) -> Result<CheckTools> {
    node::find_or_install_packages(workspace, &[&SITE_PACKAGES[..], &[TEST_PACKAGES]].concat())?;
    let biome = if cfg!(windows) { "biome.cmd" } else { "biome" };
    Ok(CheckTools {
        typos: tools::find_or_install(workspace, &tools::TYPOS)?,
        cargo_deny: tools::find_or_install(workspace, &tools::CARGO_DENY)?,
        biome: workspace.root.join(TEST_PACKAGES).join("node_modules/.bin").join(biome),
    })
}

/// What the native tests need: a Vulkan driver, where the system's graphics is Vulkan, the program that runs exported
/// ONNX files, and a Python with HyperQueue, which is given; none where its tests do not run.
///
/// # Errors
/// Names what is missing.
pub fn for_native_tests(workspace: &Workspace) -> Result<Option<PathBuf>> {
    node::find_or_install_packages(workspace, &[NATIVE_TEST_PACKAGES])?;
    vulkan::find_or_install()?;
    hyperqueue::find_or_install(workspace)
}

/// What the core's tests need: a Vulkan driver, where the system's graphics is Vulkan.
///
/// # Errors
/// Names what is missing.
pub fn for_core_tests() -> Result<()> {
    vulkan::find_or_install()
}

/// What the browser tests need beside the site: Playwright, a Chromium and a Firefox.
///
/// # Errors
/// Names what is missing.
pub fn for_browser_tests(workspace: &Workspace) -> Result<BrowserTools> {
    node::find_or_install_packages(workspace, &[TEST_PACKAGES])?;
    Ok(BrowserTools { chrome: browser::chromium(workspace)?, firefox: browser::firefox()? })
}

/// What the benchmarks in the browser need beside the site: the runtimes to compare with, and a Chromium, whose program is
/// given.
///
/// # Errors
/// Names what is missing.
pub fn for_bench(workspace: &Workspace) -> Result<PathBuf> {
    node::find_or_install_packages(workspace, &[BENCH_PACKAGES])?;
    browser::chromium(workspace)
}
