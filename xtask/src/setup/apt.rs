//! Debian's packages, installed where that can be done: on Debian and its children, as root.

use crate::error::{Error, Result};
use crate::shell::{self, say};
use std::path::Path;
use std::process::Command;
use std::sync::Once;

/// The command that installs `packages`, as one would type it.
pub fn command_to_type(packages: &[&str]) -> String {
    format!("sudo apt-get update && sudo apt-get install --no-install-recommends {}", packages.join(" "))
}

/// Whether this is Debian or one of its children.
pub fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && shell::which(&["apt-get"]).is_some()
}

/// Installs `packages`, for `what` (a noun phrase).
///
/// # Errors
/// `Missing` with the command to type where we may not install; the end of apt's output where it failed.
pub fn install(what: &str, packages: &[&str]) -> Result<()> {
    let root = shell::capture(Command::new("id").arg("-u")).is_ok_and(|id| id == "0");
    if !is_debian() || !root {
        return Err(Error::Missing { what: what.into(), command: command_to_type(packages) });
    }
    say("setup", format_args!("{what}: installing {} with apt-get ...", packages.join(", ")));
    static UPDATE: Once = Once::new();
    UPDATE.call_once(|| {
        // A source that cannot be reached need not be the one that has the package: installing decides.
        if let Err(error) = shell::capture(apt_get().arg("update")) {
            say("setup", format_args!("going on with the package lists that are there: {error}"));
        }
    });
    shell::capture(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages)).map(drop)
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]);
    command
}
