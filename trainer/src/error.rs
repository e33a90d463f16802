//! The trainer's one error type.

use std::path::{Path, PathBuf};

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file or folder that cannot be written.
    #[error("{}: it cannot be written ({source})", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file whose contents are not what they should be.
    #[error("{}: {problem}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A download that failed.
    #[error("{url}: {problem}")]
    Download {
        /// The address.
        url: String,
        /// What went wrong.
        problem: String,
    },
    /// A model file that the core refuses.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ibinn::Error,
    },
    /// A request that the core refuses.
    #[error("{0}")]
    Core(#[source] ibinn::Error),
    /// Training that ran away.
    #[error(
        "training diverged at step {step}: {why}; the checkpoint of step {kept} is kept, try a lower --learning-rate"
    )]
    Diverged {
        /// Steps done before the one that diverged.
        step: usize,
        /// How it shows.
        why: String,
        /// Steps done when the last checkpoint was written.
        kept: usize,
    },
    /// A process of a sweep that failed, in its own words.
    #[error("{0}")]
    Child(String),
    /// A sweep of which some runs failed.
    #[error(
        "{failed} of {runs} runs failed, the others are done ({reasons}); the same command goes on with them"
    )]
    Sweep {
        /// How many.
        failed: usize,
        /// Of how many.
        runs: usize,
        /// Which, and why.
        reasons: String,
    },
    /// Flags or settings that do not go together.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// An [`Error::Io`] about `path`.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    /// An [`Error::Unwritable`] about `path`.
    pub fn unwritable(path: &Path, source: std::io::Error) -> Self {
        Self::Unwritable { path: path.into(), source }
    }

    /// An [`Error::Data`] about `path`.
    pub fn data(path: &Path, problem: impl Into<String>) -> Self {
        Self::Data { path: path.into(), problem: problem.into() }
    }

    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }
}

/// `Result` with the trainer's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
