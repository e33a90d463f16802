//! Where things are: the repository, cargo's target directory, the folders with npm packages.

use crate::error::{AtPath, Error, Result};
use crate::shell;
use std::path::PathBuf;

/// The places that the commands work in, all absolute.
pub struct Workspace {
    /// The repository.
    pub root: PathBuf,
    /// Cargo's target directory, wherever the user keeps it.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds the repository and asks cargo for its target directory.
    ///
    /// # Errors
    /// When cargo cannot read the workspace.
    pub fn find() -> Result<Self> {
        // Cargo sets the variable at run time too; the one compiled in may name another clone that shares the target directory.
        let package =
            std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let package = PathBuf::from(package);
        let root = package.parent().unwrap_or(&package).to_owned();
        let mut metadata = shell::cargo();
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let text = shell::capture(&mut metadata)?;
        let json: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| Error::Message(format!("`cargo metadata` printed no JSON: {error}")))?;
        let target = json["target_directory"]
            .as_str()
            .ok_or_else(|| Error::Message("`cargo metadata` names no target directory".into()))?;
        Ok(Self { root, target: target.into() })
    }

    /// A program that the workspace builds with the dev profile.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A path as messages show it: relative to the repository where it lies inside.
    pub fn shown(&self, path: &std::path::Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The text of Cargo.lock.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lockfile(&self) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        std::fs::read_to_string(&path).at(&path)
    }
}
