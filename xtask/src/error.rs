//! What can go wrong, each as one sentence that says what to do.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// A failed step.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A command ran and did not succeed.
    #[error("`{command}` failed ({status}){output}")]
    Failed {
        /// The command line.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it printed, when that was not already on the screen; starts with a line break.
        output: String,
    },
    /// A command could not be started at all.
    #[error("`{command}` could not be started: {source}")]
    NotStarted {
        /// The command line.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something that this machine needs is not there and could not be installed from here.
    #[error("{what} is missing; to install it, type: {command}")]
    Missing {
        /// The thing, as a noun phrase.
        what: String,
        /// The exact command that installs it.
        command: String,
    },
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Anything else, as a finished sentence.
    #[error("{0}")]
    Message(String),
}

/// The result of a step.
pub type Result<T> = std::result::Result<T, Error>;

/// Names the path in an I/O error.
pub trait AtPath<T> {
    /// Turns an I/O error into one that names `path`.
    fn at(self, path: &Path) -> Result<T>;
}

impl<T> AtPath<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { path: path.to_owned(), source })
    }
}
