//! The images to train, to validate and to test on, of a data set by name or by path.

use std::path::{Path, PathBuf};

use crate::by_path::{self, Cache, Collection, Description, Reading};
use crate::{DataDir, Dataset, Error, REGISTRY, Result, Split, find, load};

/// Whether `dataset` is the path of a data set: every name that is not in the registry is one.
pub fn is_path(dataset: &str) -> bool {
    !REGISTRY.iter().any(|known| known.name == dataset)
}

/// The whole path of the data set `dataset`, so that it means the same from every folder; a name as it is.
///
/// # Errors
/// [`Error::Usage`] when there is no such data set and no such file.
pub fn absolute(dataset: &str) -> Result<String> {
    if !is_path(dataset) {
        return Ok(dataset.into());
    }
    let path = Path::new(dataset);
    if !path.exists() {
        return Err(match find(dataset) {
            // What is written like a path is meant to be one.
            Err(_) if dataset.contains(['/', '\\', '.']) => {
                Error::data(path, "there is no such file or folder")
            }
            Err(error) => error,
            Ok(_) => unreachable!("a name of the registry is no path"),
        });
    }
    // Kept as text, as configurations hold it: a path that is none keeps its own form.
    let whole: PathBuf = std::path::absolute(path).map_err(|source| Error::io(path, source))?;
    Ok(whole.to_str().map_or_else(|| dataset.into(), Into::into))
}

/// All images of a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Sets {
    /// The images to train on.
    pub train: Dataset,
    /// The images that are set aside for validation; none where the data set has none.
    pub val: Option<Dataset>,
    /// The images to test on.
    pub test: Dataset,
    /// What was found at a path; none of a data set by name.
    pub description: Option<Description>,
}

impl Sets {
    /// Loads the data set `dataset`, a name or a path; of one by path the images get `shape`, or without it the one that
    /// `reading` and the pictures say.
    ///
    /// # Errors
    /// As [`load`] and [`by_path::read`].
    pub fn load(
        dataset: &str,
        reading: &Reading,
        shape: Option<[usize; 3]>,
        data_dir: &DataDir,
        quiet: bool,
    ) -> Result<Self> {
        if is_path(dataset) {
            let dataset = absolute(dataset)?;
            let Collection { train, val, test, description } =
                by_path::read(Path::new(&dataset), reading, shape, &Cache::within(data_dir), quiet)?;
            return Ok(Self { train, val, test, description: Some(description) });
        }
        let [train, test] = [Split::Train, Split::Test].map(|split| load(dataset, split, data_dir));
        Ok(Self { train: train?, val: None, test: test?, description: None })
    }

    /// One part of it.
    ///
    /// # Errors
    /// [`Error::Usage`] when it has no validation images, and those are asked for.
    pub fn part(self, split: Split) -> Result<Dataset> {
        match split {
            Split::Train => Ok(self.train),
            Split::Test => Ok(self.test),
            Split::Val => {
                let name = self.train.name;
                self.val.ok_or_else(|| Error::Usage(format!("{name} has no validation images")))
            }
        }
    }
}

impl Dataset {
    /// Gives the images the numbers that a model's `classes` have, by name; images of classes that the model does not know
    /// are left out. Says which those are, if any.
    ///
    /// # Errors
    /// [`Error::Usage`] when the model knows none of the classes.
    pub fn match_classes(&mut self, classes: &[String]) -> Result<Option<String>> {
        if self.class_names == classes {
            return Ok(None);
        }
        let number = |name: &String| classes.iter().position(|own| own == name).map(|i| i as u16);
        let numbers: Vec<Option<u16>> = self.class_names.iter().map(number).collect();
        if numbers.iter().all(Option::is_none) {
            return Err(Error::Usage(format!(
                "the model knows none of the classes of {} ({}), its own are {}",
                self.name,
                some(&self.class_names),
                some(classes)
            )));
        }
        let before = self.len();
        let number = |i: &usize| numbers[usize::from(self.labels[*i])];
        let kept: Vec<usize> = (0..before).filter(|i| number(i).is_some()).collect();
        let labels = kept.iter().filter_map(number).collect();
        *self = Self { labels, ..self.choose(&kept) };
        let unknown = self.class_names.iter().zip(&numbers).filter(|(_, number)| number.is_none());
        let unknown: Vec<String> = unknown.map(|(name, _)| name.clone()).collect();
        self.class_names = classes.to_vec();
        Ok((!unknown.is_empty()).then(|| {
            format!(
                "{} images of {} are left out, whose classes the model does not know: {}",
                before - self.len(),
                self.name,
                some(&unknown)
            )
        }))
    }
}

/// The first of some names.
fn some(names: &[String]) -> String {
    const NAMED: usize = 5;
    let named: Vec<String> = names.iter().take(NAMED).map(|name| by_path::printable(name)).collect();
    format!("{}{}", named.join(", "), if names.len() > NAMED { ", …" } else { "" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Images;

    #[test]
    fn classes_are_matched_by_name() {
        let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let data = Dataset {
            name: "some".into(),
            shape: [1, 1, 2],
            images: Images::new((0..8).collect(), 2),
            labels: vec![0, 1, 2, 0],
            class_names: names(&["cat", "cow", "dog"]),
            mean: vec![0.5],
            std: vec![0.5],
        };
        let mut same = data.clone();
        assert_eq!(same.match_classes(&names(&["cat", "cow", "dog"])).unwrap(), None);
        assert_eq!(same, data);
        let mut some = data.clone();
        let said = some.match_classes(&names(&["dog", "horse", "cat"])).unwrap().unwrap();
        assert_eq!(said, "1 images of some are left out, whose classes the model does not know: cow");
        assert_eq!((some.labels, some.images.to_bytes()), (vec![2, 0, 2], vec![0, 1, 4, 5, 6, 7]));
        let refused = data.clone().match_classes(&names(&["horse"])).unwrap_err().to_string();
        assert_eq!(refused, "the model knows none of the classes of some (cat, cow, dog), its own are horse");
    }

    #[test]
    fn a_name_is_a_name_and_everything_else_a_path() {
        assert_eq!(absolute("mnist").unwrap(), "mnist");
        assert!(is_path("./mnist") && is_path("photos") && !is_path("cifar-10"));
        assert!(
            absolute("fashon-mnist").unwrap_err().to_string().contains("there is no data set `fashon-mnist`")
        );
        assert!(
            absolute("photos/").unwrap_err().to_string().contains("photos/: there is no such file or folder")
        );
        let here = absolute("./src").unwrap();
        assert!(Path::new(&here).is_absolute() && here.ends_with("src"), "{here}");
    }
}
