//! What can go wrong while a model is evaluated.

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A data set, or an image of one.
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
    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
