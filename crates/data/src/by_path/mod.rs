//! Data sets by path: anyone's pictures, in folders, archives, tables and arrays.
//!
//! A plan says what there is; its pictures are decoded in parallel, brought to one shape and given to splits; a
//! description says all of it for people, with what was left out and why.

mod arrays;
mod decoded;
mod description;
mod feed;
mod layout;
mod left_out;
mod plan;
mod read;
mod rows;
mod splits;
mod store;
mod survey;
pub(crate) mod table;
#[cfg(test)]
mod tests;
#[cfg(any(test, fuzzing))]
pub mod written;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::picture::Look;
use crate::{DataDir, Dataset};
pub use description::{ClassCounts, Description};
pub use feed::{Fed, Feed};
pub use left_out::{LeftOut, Reason, printable};
pub use read::read;

/// Colour or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// One channel.
    Grey,
    /// Red, green and blue.
    Rgb,
}

impl Colour {
    /// Number of channels.
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// The least and the largest side of images.
pub const SIDES: [usize; 2] = [8, 128];
/// Sides are multiples of this, so that networks can halve them twice.
pub const SIDE_STEP: usize = 4;

/// How pictures are read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// The side of the images in pixels; unset, by the median picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<usize>,
    /// Whether the images have colour; unset, by the pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// What is done to a picture besides.
    #[serde(flatten)]
    pub look: Look,
    /// The share of pictures that may be unreadable.
    pub max_bad: f64,
}

impl Default for Reading {
    fn default() -> Self {
        Self { size: None, colour: None, look: Look::default(), max_bad: 0.01 }
    }
}

/// Where decoded pictures are kept that are not held in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Cache {
    /// The folder that holds a folder for each data set.
    pub folder: PathBuf,
    /// Bytes of images up to which a data set is held in memory.
    pub above: usize,
}

impl Cache {
    /// Bytes of images that are held in memory: a million of 32×32 in grey.
    const ABOVE: usize = 1 << 30;

    /// In the folder of the data sets.
    pub fn within(data_dir: &DataDir) -> Self {
        Self { folder: data_dir.folder("decoded"), above: Self::ABOVE }
    }
}

/// A data set that was read from a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// The images to train on.
    pub train: Dataset,
    /// The images that are set aside for validation; none where the data set has none.
    pub val: Option<Dataset>,
    /// The images to test on.
    pub test: Dataset,
    /// What it is, for people.
    pub description: Description,
}

/// The name of the data set at `path`: that of the folder or file, without its ending; with `./` where the registry has a
/// data set of this name.
pub fn name(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.into());
    let last = whole.file_name().unwrap_or(whole.as_os_str()).to_string_lossy();
    let endings =
        [".tar.gz", ".tgz", ".tar", ".zip", ".npz", ".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"];
    let ending = endings.iter().find(|ending| last.to_lowercase().ends_with(*ending));
    let stem = &last[..last.len() - ending.map_or(0, |ending| ending.len())];
    let stem = printable(if stem.is_empty() { &last } else { stem });
    if crate::REGISTRY.iter().any(|known| known.name == stem) { format!("./{stem}") } else { stem }
}
