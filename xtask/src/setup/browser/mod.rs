//! The browsers that the page is tested in.

mod chromium;
mod firefox;

use crate::error::{Error, Result};
use crate::shell::{self, say};
use std::path::PathBuf;
use std::process::Command;

pub use chromium::find_or_install as chromium;
pub use firefox::find_or_install as firefox;

/// The browser that a variable names; none when it is not set.
///
/// # Errors
/// When it names no program.
fn named(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.is_file() {
        return Err(Error::Message(format!("{variable} names {}, which is not a program", path.display())));
    }
    say("setup", format_args!("browser: {variable} names {}", path.display()));
    Ok(Some(path))
}

/// The first program that starts, and the version it names. (On some systems `chromium-browser` and `firefox` are scripts
/// that only say how to install them.)
fn first_that_starts(programs: impl Iterator<Item = PathBuf>) -> Option<(PathBuf, String)> {
    programs.into_iter().find_map(|path| {
        // Browsers on Windows open a window when asked for their version.
        if cfg!(windows) {
            return Some((path, "a browser".into()));
        }
        let version = shell::capture(Command::new(&path).arg("--version")).ok()?;
        Some((path, version))
    })
}

/// Programs of these names on the path, then those of `places` that exist.
fn candidates(names: &'static [&str], places: &'static [&str]) -> impl Iterator<Item = PathBuf> {
    let on_path = names.iter().filter_map(|name| shell::which(&[name]));
    on_path.chain(places.iter().map(PathBuf::from).filter(|path| path.is_file()))
}
