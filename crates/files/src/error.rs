//! What can be wrong with a file.

use std::path::{Path, PathBuf};

/// A file at fault, as one sentence for the person who reads it.
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
    Contents {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A lease that another worker has taken over.
    #[error("{}: this worker was not heard of for too long, and another worker has taken over; nothing more is written", lease.display())]
    Lost {
        /// The lease.
        lease: PathBuf,
    },
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

    /// An [`Error::Contents`] about `path`.
    pub fn contents(path: &Path, problem: impl Into<String>) -> Self {
        Self::Contents { path: path.into(), problem: problem.into() }
    }
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Gives the error of a crate that is made `From` an [`Error`] the constructors of one about a file.
#[macro_export]
macro_rules! about_files {
    ($error:ty) => {
        impl $error {
            /// A file or folder that cannot be read.
            pub fn io(path: &std::path::Path, source: std::io::Error) -> Self {
                $crate::Error::io(path, source).into()
            }

            /// A file or folder that cannot be written.
            pub fn unwritable(path: &std::path::Path, source: std::io::Error) -> Self {
                $crate::Error::unwritable(path, source).into()
            }

            /// A file whose contents are not what they should be.
            pub fn data(path: &std::path::Path, problem: impl Into<String>) -> Self {
                $crate::Error::contents(path, problem).into()
            }
        }
    };
}
