//! What can be wrong with a run's folder.

use std::path::Path;

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read or written, or does not hold what it should.
    #[error(transparent)]
    File(#[from] ibinn_files::Error),
    /// A data set.
    #[error(transparent)]
    Data(#[from] ibinn_data::Error),
    /// A request that the core refuses.
    #[error("{0}")]
    Core(#[source] ibinn::Error),
    /// Flags or settings that do not go together.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    /// A file or folder that cannot be read.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        ibinn_files::Error::io(path, source).into()
    }

    /// A file whose contents are not what they should be.
    pub fn data(path: &Path, problem: impl Into<String>) -> Self {
        ibinn_files::Error::contents(path, problem).into()
    }

    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
