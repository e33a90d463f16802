//! Node.js and the npm packages.

use crate::error::{AtPath, Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;
use std::process::Command;

const OLDEST_NODE: u32 = 20;

/// Checks Node.js, and installs the packages of those folders (relative to the repository) that have a package.json and
/// whose lock file changed since the last time.
///
/// # Errors
/// Names Node.js when it is missing or too old, and npm's words when it failed.
pub fn find_or_install_packages(workspace: &Workspace, folders: &[&str]) -> Result<()> {
    let missing = |what: String| Error::Missing {
        what,
        command: format!(
            "npm --version && node --version (after installing Node.js {OLDEST_NODE} or newer from https://nodejs.org)"
        ),
    };
    let version = shell::capture(Command::new("node").arg("--version"))
        .map_err(|_| missing(format!("Node.js {OLDEST_NODE} or newer")))?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        return Err(missing(format!("Node.js {OLDEST_NODE} or newer (here is {version})")));
    }
    let npm = shell::capture(shell::npm().arg("--version")).map_err(|_| missing("npm".into()))?;
    say("setup", format_args!("node: found Node.js {version}, npm {npm}"));
    for shown in folders {
        let folder = workspace.root.join(shown);
        if folder.join("package.json").is_file() {
            install(&folder, shown)?;
        }
    }
    Ok(())
}

/// Installs what the folder's lock file names, unless that is what was installed last.
fn install(folder: &Path, shown: &str) -> Result<()> {
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        return Err(Error::Message(format!(
            "{shown} has a package.json but no package-lock.json; type: npm install --prefix {shown}"
        )));
    }
    let wanted = fs::read(&lock).at(&lock)?;
    let stamp = folder.join("node_modules/.installed-package-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        say("setup", format_args!("npm packages: {shown} is up to date"));
        return Ok(());
    }
    // Playwright's own browser is fetched only where the system has none: setup's browser step decides.
    let mut npm = shell::npm();
    npm.args(["ci", "--no-progress"]).current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    shell::capture(&mut npm)?;
    // A folder without any dependency has no node_modules.
    let packages = folder.join("node_modules");
    fs::create_dir_all(&packages).at(&packages)?;
    fs::write(&stamp, wanted).at(&stamp)?;
    say("setup", format_args!("npm packages: installed those of {shown}"));
    Ok(())
}

/// 20 of v20.19.2.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn node_versions_are_read() {
        assert_eq!(major("v20.19.2\n"), Some(20));
        assert_eq!(major("v8"), Some(8));
        assert_eq!(major("20.1.0"), None);
        assert_eq!(major(""), None);
    }
}
