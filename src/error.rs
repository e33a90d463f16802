//! The core's one error type.

/// Everything that can go wrong in the core, each as one sentence for the person who reads it.
///
/// The core knows no files: whoever read the bytes adds the path.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A `ModelSpec` that describes no network that can exist.
    #[error("model spec: {0}")]
    Spec(String),
    /// Bytes that are not a model file of ours.
    #[error("not an ibinn model file: {0}")]
    Format(String),
    /// A model card that does not fit its model, or is not sound in itself.
    #[error("model card: {0}")]
    Card(String),
    /// A model file of a version that this program cannot read.
    #[error(
        "model format version {found} is not supported: this program reads version {supported}, update it"
    )]
    Version {
        /// The version that the file names.
        found: String,
        /// The only version read here.
        supported: u32,
    },
    /// A tensor that is missing, superfluous, mis-shaped or not finite.
    #[error("tensor `{name}` {problem}")]
    Tensor {
        /// The tensor at fault.
        name: String,
        /// What is wrong with it, as the rest of a sentence.
        problem: String,
    },
    /// An argument whose length or value does not fit the model.
    #[error("{0}")]
    Input(String),
    /// No usable GPU adapter, or none that gives what the engine needs.
    #[error("no usable GPU: {0}")]
    NoGpu(String),
    /// The GPU device was lost, and asking for it again did not help.
    #[error("the GPU device was lost: {0}")]
    DeviceLost(String),
    /// A GPU operation failed.
    #[error("GPU: {0}")]
    Gpu(String),
}

impl Error {
    /// An [`Error::Tensor`] about `name`.
    pub(crate) fn tensor(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Tensor { name: name.into(), problem: problem.into() }
    }
}

/// `Result` with the core's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
