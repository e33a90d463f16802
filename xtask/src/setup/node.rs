//! Node.js and the npm packages.

use crate::error::{AtPath, Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Those that Vite and its packages run on.
const NODES: &str = "Node.js 20.19, 22.13, or 24 and newer";

fn is_supported((major, minor): (u32, u32)) -> bool {
    match major {
        20 => minor >= 19,
        22 => minor >= 13,
        _ => major >= 24,
    }
}

/// Checks Node.js, and installs the packages of those folders (relative to the repository) that have a package.json and
/// whose lock file changed since the last time.
///
/// # Errors
/// Names Node.js when it is missing or too old, and npm's words when it failed.
pub fn find_or_install_packages(workspace: &Workspace, folders: &[&str]) -> Result<()> {
    let missing = |what: String| Error::Missing {
        what,
        command: format!(
            "npm --version && node --version (after installing {NODES}, from https://nodejs.org)"
        ),
    };
    let version = shell::capture(Command::new("node").arg("--version")).map_err(|_| missing(NODES.into()))?;
    if !parsed(&version).is_some_and(is_supported) {
        return Err(missing(format!("{NODES} (here is {version})")));
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

/// (20, 19) of v20.19.2.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::{is_supported, parsed};

    #[test]
    fn versions_are_read_and_the_old_ones_refused() {
        assert_eq!(parsed("v20.19.2\n"), Some((20, 19)));
        for unreadable in ["v8", "20.1.0", "v.1", ""] {
            assert_eq!(parsed(unreadable), None);
        }
        for (version, supported) in
            [((18, 20), false), ((20, 18), false), ((20, 19), true), ((21, 7), false), ((22, 12), false)]
        {
            assert_eq!(is_supported(version), supported, "{version:?}");
        }
        assert!(is_supported((22, 13)) && is_supported((24, 0)) && !is_supported((23, 11)));
    }
}
