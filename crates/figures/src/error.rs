//! What can go wrong on the way to a figure.

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read or written, or does not hold what it should.
    #[error(transparent)]
    File(#[from] ibinn_files::Error),
    /// A data set, or an image of one.
    #[error(transparent)]
    Data(#[from] ibinn_data::Error),
    /// A measure that cannot be taken.
    #[error(transparent)]
    Evaluate(#[from] ibinn_evaluate::Error),
    /// A run's folder, or its configuration.
    #[error(transparent)]
    Runs(#[from] ibinn_runs::Error),
    /// A request that the core refuses.
    #[error("{0}")]
    Core(#[source] ibinn::Error),
    /// A model file that the core refuses.
    #[error("{}: {source}", path.display())]
    Model {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: ibinn::Error,
    },
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
