//! A Firefox for the browser tests: the second engine.

use super::super::apt;
use crate::error::{Error, Result};
use crate::shell::say;
use std::path::PathBuf;

const NAMES: [&str; 2] = ["firefox-esr", "firefox"];
const PLACES: [&str; 2] =
    ["/Applications/Firefox.app/Contents/MacOS/firefox", r"C:\Program Files\Mozilla Firefox\firefox.exe"];
const DEBIAN_PACKAGES: [&str; 1] = ["firefox-esr"];

/// Finds Firefox (`FIREFOX` names one first), or installs Debian's. Without one its tests do not run, and say so; where CI
/// is set, it has to be there.
///
/// # Errors
/// When `FIREFOX` names no program; where CI is set, the command to type when it could not be installed.
pub fn find_or_install() -> Result<Option<PathBuf>> {
    if let Some(named) = super::named("FIREFOX")? {
        return Ok(Some(named));
    }
    let find = || super::first_that_starts(super::candidates(&NAMES, &PLACES));
    if let Some((browser, version)) = find() {
        say("setup", format_args!("browser: found {version} ({})", browser.display()));
        return Ok(Some(browser));
    }
    let problem = apt::install("a second browser", &DEBIAN_PACKAGES).err();
    if let Some((browser, version)) = find() {
        say("setup", format_args!("browser: installed {version}"));
        return Ok(Some(browser));
    }
    let problem = problem.filter(|_| apt::is_debian()).unwrap_or_else(|| Error::Missing {
        what: "Firefox".into(),
        command:
            "your package manager's install command for firefox, or FIREFOX=/path/to/firefox cargo xtask test"
                .into(),
    });
    if std::env::var_os("CI").is_some() {
        return Err(problem);
    }
    say("setup", format_args!("browser: going on without the tests in Firefox: {problem}"));
    Ok(None)
}
