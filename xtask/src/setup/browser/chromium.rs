//! A Chromium for the browser tests and benchmarks.

use super::super::apt;
use crate::error::{Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES: [&str; 3] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
];
// Chromium draws no text without a font, and only recommends one.
const DEBIAN_PACKAGES: [&str; 2] = ["chromium", "fonts-dejavu-core"];

/// Finds Chromium or Chrome (`CHROME` names one first), or installs it: Debian's package, else Playwright's download.
///
/// # Errors
/// When `CHROME` names no program; the command to type when nothing could be installed.
pub fn find_or_install(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(named) = super::named("CHROME")? {
        return Ok(named);
    }
    let tests = workspace.root.join("tests/browser");
    if let Some((browser, version)) = find(&tests) {
        say("setup", format_args!("browser: found {version} ({})", browser.display()));
        return Ok(browser);
    }
    let mut problem = None;
    if apt::is_debian() {
        match apt::install("a browser", &DEBIAN_PACKAGES) {
            Ok(()) => {
                if let Some((browser, version)) = find(&tests) {
                    say("setup", format_args!("browser: installed {version}"));
                    return Ok(browser);
                }
            }
            Err(error) => problem = Some(error),
        }
    }
    say("setup", "browser: fetching Playwright's Chromium ...");
    let npx = if cfg!(windows) { "npx.cmd" } else { "npx" };
    let fetched =
        shell::capture(Command::new(npx).args(["playwright", "install", "chromium"]).current_dir(&tests));
    if let Some((browser, version)) = find(&tests) {
        say("setup", format_args!("browser: installed {version} ({})", browser.display()));
        return Ok(browser);
    }
    let problem = problem.or(fetched.err()).map(|error| format!("\n    {error}")).unwrap_or_default();
    let command = "cd tests/browser && npx playwright install --with-deps chromium".to_owned();
    Err(Error::Message(format!("{}{problem}", Error::Missing { what: "Chromium or Chrome".into(), command })))
}

fn find(tests: &Path) -> Option<(PathBuf, String)> {
    super::first_that_starts(super::candidates(&NAMES, &PLACES).chain(playwrights(tests)))
}

/// The Chromium that Playwright fetched, if it did.
fn playwrights(tests: &Path) -> Option<PathBuf> {
    let script = "console.log(require('@playwright/test').chromium.executablePath())";
    let path = shell::capture(Command::new("node").args(["-e", script]).current_dir(tests)).ok()?;
    Some(PathBuf::from(path)).filter(|path| path.is_file())
}
