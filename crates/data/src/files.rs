//! Whether the files of a data set are right: the one notion that `trainer data list`, `check` and `fetch` go by.
//!
//! They are right when they can be read to the end, as somebody's own selection can; a gzipped one has a checksum of its own.

use std::path::{Path, PathBuf};

use super::fetch::origin;
use super::registry::{DatasetInfo, Files};
use super::{DataDir, idx};
use crate::{Error, Result};
use ibinn_files::Error as FileError;

/// How it stands with a file, or with all the files of a data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there and right.
    Right,
    /// It is not there.
    Missing,
    /// It is there, and this is wrong with it.
    Damaged(String),
}

impl State {
    /// How it stands with the file `path` of `known`.
    ///
    /// # Errors
    /// When the file is there and cannot be opened.
    pub(super) fn of_file(path: &Path, known: &DatasetInfo) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::Missing);
        }
        match check_file(path, known) {
            Ok(()) => Ok(Self::Right),
            Err(Error::File(FileError::Contents { problem, .. })) => Ok(Self::Damaged(problem)),
            Err(error) => Err(error),
        }
    }

    /// How it stands with the files of `known` that are read: missing where one of them is, else damaged where one is.
    pub fn of(known: &DatasetInfo, data_dir: &DataDir) -> Self {
        let mut state = Self::Right;
        for path in read(known, data_dir) {
            match Self::of_file(&path, known) {
                Ok(Self::Right) => {}
                Ok(Self::Missing) => return Self::Missing,
                Ok(damaged) => state = damaged,
                Err(error) => state = Self::Damaged(error.to_string()),
            }
        }
        state
    }
}

/// Checks the files of `known` that are read.
///
/// # Errors
/// Names the first that is missing or damaged, and says how to get it.
pub fn check(known: &DatasetInfo, data_dir: &DataDir) -> Result<()> {
    for path in read(known, data_dir) {
        check_file(&path, known).map_err(|error| match error {
            Error::File(FileError::Contents { path, problem })
                if path.exists() && origin(known).is_some() =>
            {
                Error::data(&path, format!("{problem}; replace it with: trainer data fetch {}", known.name))
            }
            other => other,
        })?;
    }
    Ok(())
}

/// The files that are read of `known`: of those that may be gzipped, the plain one where it is there.
fn read(known: &DatasetInfo, data_dir: &DataDir) -> Vec<PathBuf> {
    match known.files {
        Files::Drawn { .. } => Vec::new(),
        Files::Idx { folder, torchvision } => {
            let halves = if known.trains { &["train", "t10k"][..] } else { &["t10k"] };
            let folders = [folder, torchvision].map(|folder| data_dir.folder(folder));
            halves.iter().flat_map(|half| idx::paths(&folders, half)).collect()
        }
        Files::Cifar(cifar) => {
            cifar.files().map(|(name, _)| data_dir.folder(cifar.folder).join(name)).collect()
        }
    }
}

/// Checks a file by itself.
fn check_file(path: &Path, known: &DatasetInfo) -> Result<()> {
    if let Files::Cifar(cifar) = known.files { cifar.check(path, known) } else { idx::check(path, known) }
}
