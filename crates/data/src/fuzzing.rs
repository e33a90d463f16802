//! Doors for the fuzz targets (`fuzz/`): readers that are not to be reached by any file.

use std::path::Path;

use crate::by_path;
use crate::registry::Files;
use crate::{Result, find, idx};

/// Reads an idx file of a data set by itself, of labels where its name says so.
///
/// # Errors
/// What is wrong with it.
pub fn idx(path: &Path) -> Result<()> {
    idx::check(path, find("mnist")?)
}

/// Reads records of a data set, of any number where the file's name is none of its own.
///
/// # Errors
/// What is wrong with them.
pub fn cifar(path: &Path, set: &str) -> Result<()> {
    let known = find(set)?;
    if let Files::Cifar(layout) = known.files { layout.check(path, known) } else { Ok(()) }
}

/// Reads a table of pictures and labels, whose name's ending says of which kind it is.
///
/// # Errors
/// What is wrong with it, as a sentence about "it".
pub fn table(name: &str, bytes: &[u8]) -> std::result::Result<(), String> {
    by_path::table::parse(name, bytes).map(drop)
}
