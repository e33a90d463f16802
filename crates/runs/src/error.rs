//! What can be wrong with a run's folder.

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

ibinn_files::about_files!(Error);

impl Error {
    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
