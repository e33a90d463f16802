//! Data sets: what there is, where it lies, and reading it.

pub mod augment;
mod augmentation;
pub mod by_path;
mod cifar;
mod error;
pub mod fetch;
pub mod files;
mod folder;
#[cfg(fuzzing)]
pub mod fuzzing;
mod idx;
mod images;
mod npy;
pub mod ood;
pub mod picture;
mod prepare;
mod registry;
mod sets;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ibinn::image::Framing;
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::Shape;
use ibinn::synthetic::Split as Half;
use ibinn::{ModelSpec, synthetic};
use serde::{Deserialize, Serialize};

pub use augmentation::Augmentation;
pub use error::{Error, Result};
pub use images::Images;
pub use prepare::{Preparation, batch};
pub use registry::{DatasetInfo, Files, REGISTRY, find};
pub use sets::{Sets, absolute, is_path};

/// Which part of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// The training images.
    Train,
    /// The images that are set aside for validation, of data sets that have such.
    Val,
    /// The test images.
    #[default]
    Test,
}

impl Split {
    /// The word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }

    /// What its images are called, as in "300 training images".
    pub fn adjective(self) -> &'static str {
        match self {
            Self::Train => "training",
            Self::Val => "validation",
            Self::Test => "test",
        }
    }
}

/// Images with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Channels, rows, columns.
    pub shape: [usize; 3],
    /// N images of C·H·W bytes.
    pub images: Images,
    /// N labels, each the number of a class.
    pub labels: Vec<u16>,
    /// Names of the classes.
    pub class_names: Vec<String>,
    /// Per-channel mean for normalisation, in units of [0, 1].
    pub mean: Vec<f32>,
    /// Per-channel standard deviation for normalisation, in units of [0, 1].
    pub std: Vec<f32>,
}

impl Dataset {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Bytes of an image.
    pub fn image_len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes of image `i`, C×H×W.
    ///
    /// # Panics
    /// When there is no image `i`.
    pub fn image(&self, i: usize) -> &[u8] {
        self.images.get(i)
    }

    /// How the images lie on a plain ground; none where they have none.
    pub fn framing(&self) -> Option<Framing> {
        Framing::measure(self.images.iter(), self.shape)
    }

    /// Checks that the images have the shape that `spec` takes; `taker` is its name in messages.
    ///
    /// # Errors
    /// [`Error::Usage`] names both shapes.
    pub fn check_shape(&self, spec: &ModelSpec, taker: &str) -> Result<()> {
        let [channels, height, width] = self.shape;
        let taken = spec.input_shape();
        if taken == (Shape { channels, height, width }) {
            return Ok(());
        }
        Err(Error::Usage(format!(
            "the images of {} are {channels}×{height}×{width} (channels × rows × columns), but {taker} takes {}×{}×{}",
            self.name, taken.channels, taken.height, taken.width
        )))
    }

    /// Keeps only the first `count` images, all where there are fewer.
    pub fn truncate(&mut self, count: usize) {
        self.images.truncate(count);
        self.labels.truncate(count);
    }

    /// The first `count` images; of images that lie class by class, as many that are spread evenly over all.
    pub fn some(&self, count: usize) -> Vec<usize> {
        let (count, all) = (count.min(self.len()), self.len());
        if self.labels.is_sorted() {
            (0..count).map(|i| i * all / count).collect()
        } else {
            (0..count).collect()
        }
    }

    /// The same data set of only the images at `indices`, in that order.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn choose(&self, indices: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            shape: self.shape,
            images: self.images.choose(indices.iter().copied()),
            labels: indices.iter().map(|&i| self.labels[i]).collect(),
            class_names: self.class_names.clone(),
            mean: self.mean.clone(),
            std: self.std.clone(),
        }
    }

    /// Takes `count` images out, drawn by `seed`, in the order in which they lie.
    ///
    /// # Errors
    /// [`Error::Usage`] when there are no more images than that.
    pub fn hold_out(&mut self, count: usize, seed: u64) -> Result<Self> {
        if count >= self.len() {
            return Err(Error::Usage(format!(
                "hold-out is {count}, and {} has {} training images: some must be left to train on",
                self.name,
                self.len()
            )));
        }
        let mut drawn = vec![false; self.len()];
        let order = Stream::new(seed, Purpose::HoldOut, 0).permutation(self.len());
        order[..count].iter().for_each(|&i| drawn[i as usize] = true);
        let part =
            |taken: bool| self.choose(&(0..self.len()).filter(|&i| drawn[i] == taken).collect::<Vec<_>>());
        let (kept, held_out) = (part(false), part(true));
        *self = kept;
        Ok(held_out)
    }
}

/// The folder that holds the data sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder given, else `$IBINN_DATA_DIR`, else `ibinn` in the user's data folder.
    ///
    /// # Errors
    /// When none is given and the user's data folder is unknown.
    pub fn resolve(given: Option<PathBuf>) -> Result<Self> {
        let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let folder = given.or_else(|| var("IBINN_DATA_DIR")).or_else(|| {
            let base = var("XDG_DATA_HOME").or_else(|| var("LOCALAPPDATA"));
            base.or_else(|| var("HOME").map(|home| home.join(".local").join("share")))
                .map(|base| base.join("ibinn"))
        });
        folder.map(Self).ok_or_else(|| {
            Error::Usage("where are the data sets? Give --data-dir or set IBINN_DATA_DIR".into())
        })
    }

    /// The folder of a data set inside it.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Reads one part of a data set by name.
///
/// # Errors
/// When the name is unknown, or a file is missing or damaged; the message says how to get it.
pub fn load(name: &str, split: Split, data_dir: &DataDir) -> Result<Dataset> {
    let known = find(name)?;
    if split == Split::Train && !known.trains {
        return Err(Error::Usage(format!("{name} has no training images")));
    }
    let half = match split {
        Split::Train => Half::Train,
        Split::Test => Half::Test,
        Split::Val => return Err(Error::Usage(format!("{name} has no validation images"))),
    };
    let (images, labels) = match known.files {
        Files::Drawn { alphabet, train, test } => {
            draw(alphabet, half, if half == Half::Train { train } else { test })
        }
        Files::Idx { folder, torchvision } => {
            let folders = [folder, torchvision].map(|folder| data_dir.folder(folder));
            let prefix = if half == Half::Train { "train" } else { "t10k" };
            idx::read(&folders, prefix, known)?
        }
        Files::Cifar(cifar) => cifar.read(&data_dir.folder(cifar.folder), half, known)?,
    };
    Ok(Dataset {
        name: name.into(),
        shape: known.shape,
        images: Images::new(images, known.shape.iter().product()),
        labels,
        class_names: known.classes.iter().map(|c| (*c).into()).collect(),
        mean: known.mean.to_vec(),
        std: known.std.to_vec(),
    })
}

/// Draws `count` images of the built-in data set.
fn draw(alphabet: synthetic::Alphabet, half: Half, count: usize) -> (Vec<u8>, Vec<u16>) {
    use rayon::prelude::*;
    let glyphs: Vec<_> =
        (0..count as u64).into_par_iter().map(|i| synthetic::draw(alphabet, half, 0, i)).collect();
    let images = glyphs.iter().flat_map(|glyph| glyph.pixels).collect();
    (images, glyphs.iter().map(|glyph| u16::from(glyph.label)).collect())
}

/// Reads a file, or says how to get it.
fn read_file(path: &Path, known: &DatasetInfo) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let way = match fetch::origin(known) {
                Some(_) => format!("get it with: trainer data fetch {}", known.name),
                None => "it has no official address to fetch it from".into(),
            };
            Error::data(path, format!("there is no such file; {way}"))
        }
        _ => Error::io(path, source),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn of_images_that_lie_class_by_class_some_are_spread_over_all() {
        let data = Dataset {
            name: "some".into(),
            shape: [1, 1, 1],
            images: Images::new((0..6).collect(), 1),
            labels: vec![0, 0, 0, 1, 1, 1],
            class_names: vec![],
            mean: vec![],
            std: vec![],
        };
        assert_eq!(data.some(3), [0, 2, 4]);
        assert_eq!(data.some(9), [0, 1, 2, 3, 4, 5]);
        assert!(data.some(0).is_empty());
        let chosen = data.choose(&[0, 2, 4]);
        assert_eq!((chosen.images.to_bytes(), chosen.labels), (vec![0, 2, 4], vec![0, 0, 1]));
        let mixed = Dataset { labels: vec![1, 0, 1], images: Images::new(vec![7; 3], 1), ..data_of_one() };
        assert_eq!(mixed.some(2), [0, 1]);
    }

    fn data_of_one() -> Dataset {
        Dataset {
            name: "one".into(),
            shape: [1, 1, 1],
            images: Images::new(vec![0], 1),
            labels: vec![0],
            class_names: vec![],
            mean: vec![],
            std: vec![],
        }
    }

    #[test]
    fn images_are_held_out_by_the_seed_and_none_is_lost() {
        let data_dir = DataDir("/nonexistent".into());
        let mut whole = load("builtin", Split::Test, &data_dir).unwrap();
        whole.truncate(50);
        let held = |seed| {
            let mut kept = whole.clone();
            let held = kept.hold_out(20, seed).unwrap();
            (kept, held)
        };
        let (kept, out) = held(3);
        assert_eq!((kept.len(), out.len()), (30, 20));
        let sorted = |parts: &[&Dataset]| {
            let mut all: Vec<(Vec<u8>, u16)> = parts
                .iter()
                .flat_map(|part| (0..part.len()).map(|i| (part.image(i).to_vec(), part.labels[i])))
                .collect();
            all.sort();
            all
        };
        assert_eq!(sorted(&[&kept, &out]), sorted(&[&whole]));
        assert_eq!(held(3), (kept, out.clone()));
        assert_ne!(held(4).1, out);
        let message = whole.clone().hold_out(50, 0).unwrap_err().to_string();
        assert!(message.contains("hold-out is 50") && message.contains("50 training images"), "{message}");
    }

    #[test]
    fn fewer_images_are_kept_and_never_more_than_there_are() {
        let data_dir = DataDir("/nonexistent".into());
        let whole = load("builtin", Split::Test, &data_dir).unwrap();
        let keeping = |count: usize| {
            let mut data = whole.clone();
            data.truncate(count);
            (data.len(), data.images.len())
        };
        assert_eq!(keeping(3), (3, 3));
        for count in [4001, usize::MAX] {
            assert_eq!(keeping(count), (4000, 4000));
        }
    }
}
