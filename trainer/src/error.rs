//! The trainer's one error type.

use std::path::PathBuf;

/// Everything that can go wrong, each as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read or written, or does not hold what it should.
    #[error(transparent)]
    File(#[from] ibinn_files::Error),
    /// A data set, or a picture.
    #[error(transparent)]
    Data(#[from] ibinn_data::Error),
    /// A measure that cannot be taken.
    #[error(transparent)]
    Evaluate(#[from] ibinn_evaluate::Error),
    /// A run's folder, or its configuration.
    #[error(transparent)]
    Runs(#[from] ibinn_runs::Error),
    /// A figure, a table or a report.
    #[error(transparent)]
    Figures(#[from] ibinn_figures::Error),
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
    /// Work that was ended before its time and can be gone on with, and how.
    #[error("{0}")]
    Interrupted(String),
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

ibinn_files::about_files!(Error);

impl Error {
    /// An [`Error::Core`].
    pub fn core(source: ibinn::Error) -> Self {
        Self::Core(source)
    }
}

/// `Result` with the trainer's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
