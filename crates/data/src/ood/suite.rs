//! The sets that OpenOOD v1.5 (Zhang et al. 2023, arXiv 2306.09301, §3) measures detection on.

use super::{Distance, Source};
use crate::files::State;
use crate::{DataDir, DatasetInfo, Error, REGISTRY, Result};

/// Sets of a data set, near and far, by what OpenOOD calls them.
const SUITES: [(&str, &[&str], &[&str]); 3] = [
    ("cifar-10", &["cifar-100", "tin"], &["mnist", "svhn", "texture", "places365"]),
    ("cifar-100", &["cifar-10", "tin"], &["mnist", "svhn", "texture", "places365"]),
    ("mnist", &["notmnist", "fashion-mnist"], &["texture", "cifar-10", "tin", "places365"]),
];

/// The sets of a suite that are there.
#[derive(Clone, Debug, PartialEq)]
pub struct Suite {
    /// Those whose files are there.
    pub sources: Vec<Source>,
    /// The names of the others.
    pub missing: Vec<String>,
}

impl Suite {
    /// The suite for models that were trained on `dataset`. Sets that are no data sets by name are folders of pictures or arrays of
    /// their names in the data folder.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is no suite for it.
    pub fn openood(dataset: &str, data_dir: &DataDir) -> Result<Self> {
        let Some((_, near, far)) = SUITES.iter().find(|(name, ..)| *name == dataset) else {
            let known = SUITES.map(|(name, ..)| name).join(", ");
            return Err(Error::Usage(format!("--suite: there is none for {dataset}, only for {known}")));
        };
        let mut suite = Self { sources: Vec::new(), missing: Vec::new() };
        for (names, distance) in [(near, Distance::Near), (far, Distance::Far)] {
            for name in *names {
                match source(name, data_dir)? {
                    Some(source) => suite.sources.push(source.at(distance)),
                    None => suite.missing.push((*name).to_string()),
                }
            }
        }
        Ok(suite)
    }
}

/// The set called `name`; none where its files are not there.
fn source(name: &str, data_dir: &DataDir) -> Result<Option<Source>> {
    let is_there = |known: &DatasetInfo| State::of(known, data_dir) != State::Missing;
    match REGISTRY.iter().find(|known| known.name == name) {
        Some(known) => is_there(known).then(|| Source::new(name, data_dir)).transpose(),
        None => Ok(data_dir.folder(name).is_dir().then(|| Source::folder(name, data_dir))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_not_there_is_named() {
        let scratch = ibinn_files::scratch::Scratch::new();
        std::fs::create_dir(scratch.path().join("svhn")).unwrap();
        let data_dir = DataDir::resolve(Some(scratch.path().into())).unwrap();
        let suite = Suite::openood("cifar-10", &data_dir).unwrap();
        assert_eq!(suite.missing, ["cifar-100", "tin", "mnist", "texture", "places365"]);
        assert_eq!(suite.sources, [Source::folder("svhn", &data_dir).at(Distance::Far)]);
        let refused = Suite::openood("kmnist", &data_dir).unwrap_err().to_string();
        assert_eq!(refused, "--suite: there is none for kmnist, only for cifar-10, cifar-100, mnist");
    }
}
