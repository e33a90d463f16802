//! The crate's one error type.

/// Why a call was refused, as one sentence for the person who reads it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Bytes that are no sound model file.
    #[error("{name}: {source}")]
    Model {
        /// Where they came from.
        name: String,
        /// What is wrong with them.
        source: ibinn::Error,
    },
    /// The core refused.
    #[error(transparent)]
    Core(#[from] ibinn::Error),
    /// An argument that JavaScript allows and the model does not.
    #[error("{0}")]
    Argument(String),
    /// A value could not be handed to JavaScript.
    #[error("a result could not be handed to JavaScript: {0}")]
    Value(#[from] serde_wasm_bindgen::Error),
}

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;
