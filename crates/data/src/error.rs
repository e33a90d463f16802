//! What can be wrong with data sets and pictures.

use std::path::Path;

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read or written, or does not hold what it should.
    #[error(transparent)]
    File(#[from] ibinn_files::Error),
    /// A download that failed.
    #[error("{url}: {problem}")]
    Download {
        /// The address.
        url: String,
        /// What went wrong.
        problem: String,
    },
    /// A request that the core refuses.
    #[error("{0}")]
    Core(#[source] ibinn::Error),
    /// Flags or settings that do not go together.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }

    /// A file or folder that cannot be read.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        ibinn_files::Error::io(path, source).into()
    }

    /// A file whose contents are not what they should be.
    pub fn data(path: &Path, problem: impl Into<String>) -> Self {
        ibinn_files::Error::contents(path, problem).into()
    }

    /// A file or folder that cannot be written.
    pub fn unwritable(path: &Path, source: std::io::Error) -> Self {
        ibinn_files::Error::unwritable(path, source).into()
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
