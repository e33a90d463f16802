//! Flags and steps that several verbs share.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ibinn::executor::{Executor, ExecutorChoice};
use ibinn::{Family, Model};

use crate::data::{DataDir, Dataset, Split, load};
use crate::error::{Error, Result};

/// A model file and what runs it.
#[derive(Clone, Debug, Args)]
pub struct ModelArgs {
    /// Model file
    pub model: PathBuf,
    /// What runs the model; auto takes a real GPU when there is one
    #[arg(long, default_value = "auto", value_name = "auto|gpu|cpu")]
    pub executor: ExecutorChoice,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    pub json: bool,
}

impl ModelArgs {
    /// Reads the model.
    ///
    /// # Errors
    /// When the file cannot be read or is not a sound model.
    pub fn load(&self) -> Result<Model> {
        read_model(&self.model)
    }

    /// Reads a model that takes images to latents and back.
    ///
    /// # Errors
    /// As [`load`](Self::load), and when its network is no flow.
    pub fn load_flow(&self) -> Result<Model> {
        self.load_able(Family::require_flow)
    }

    /// Reads a model with a Gaussian mixture over its latents.
    ///
    /// # Errors
    /// As [`load`](Self::load), and when it has none.
    pub fn load_mixture(&self) -> Result<Model> {
        self.load_able(Family::require_mixture)
    }

    fn load_able(&self, require: impl Fn(Family) -> ibinn::Result<()>) -> Result<Model> {
        let model = self.load()?;
        require(model.spec().family()).map_err(|source| Error::Model { path: self.model.clone(), source })?;
        Ok(model)
    }

    /// Prepares the executor of `model`, telling which one unless the output is for programs.
    ///
    /// # Errors
    /// When the GPU that was asked for is not there.
    pub fn executor(&self, model: &Model) -> Result<Executor> {
        let executor = pollster::block_on(Executor::new(model, self.executor)).map_err(Error::core)?;
        if !self.json {
            eprintln!("{}", executor.describe());
        }
        Ok(executor)
    }
}

/// Reads a model file.
///
/// # Errors
/// When the file cannot be read or is not a sound model.
pub fn read_model(path: &Path) -> Result<Model> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    Model::from_bytes(&bytes).map_err(|source| Error::Model { path: path.into(), source })
}

/// Images that one picture holds at most.
const MOST_IMAGES: usize = 10_000;

/// Checks the number of images that `flag` asks for in one picture, `rows` of `count`.
///
/// # Errors
/// [`Error::Usage`] when there are fewer than `least` in a row or more than a picture holds.
pub fn check_count(flag: &str, count: usize, least: usize, rows: usize) -> Result<()> {
    let most = MOST_IMAGES / rows;
    if (least..=most).contains(&count) {
        Ok(())
    } else {
        Err(Error::Usage(format!("{flag} is {count}, must be from {least} to {most}")))
    }
}

/// Which half of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SplitName {
    /// The training images.
    Train,
    /// The test images.
    Test,
}

/// A data set and which of its images.
#[derive(Clone, Debug, Args)]
pub struct DataArgs {
    /// Data set by name, see `trainer data list` [default: the one the model was trained on]
    #[arg(long)]
    pub dataset: Option<String>,
    /// Folder that holds the data sets [default: $IBINN_DATA_DIR, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Which half of the data set
    #[arg(long, default_value = "test")]
    pub split: SplitName,
    /// Only these images, counted from 0
    #[arg(long, value_delimiter = ',', value_name = "0,3,9", conflicts_with = "limit")]
    pub indices: Option<Vec<usize>>,
    /// Only the first N images
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

impl DataArgs {
    /// Loads the data set and says which images are meant.
    ///
    /// # Errors
    /// When the data set is unknown, missing or damaged, or an index is beyond its end.
    pub fn load(&self, model: &Model) -> Result<(Dataset, Vec<usize>)> {
        let name = self.dataset.as_deref().unwrap_or(&model.card().training.dataset);
        let split = match self.split {
            SplitName::Train => Split::Train,
            SplitName::Test => Split::Test,
        };
        let data = load(name, split, &DataDir::resolve(self.data_dir.clone())?)?;
        let indices = match &self.indices {
            Some(indices) => indices.clone(),
            None => (0..data.len().min(self.limit.unwrap_or(usize::MAX))).collect(),
        };
        if let Some(beyond) = indices.iter().find(|&&i| i >= data.len()) {
            return Err(Error::Usage(format!(
                "--indices: {beyond} is beyond the end, {} has {} images, counted from 0",
                data.name,
                data.len()
            )));
        }
        if indices.is_empty() {
            return Err(Error::Usage("no image is left to work on: --limit must be at least 1".into()));
        }
        Ok((data, indices))
    }
}

/// The out-of-distribution sets of a card.
#[derive(Clone, Debug, Args)]
pub struct CardOodArgs {
    /// Out-of-distribution sets, by name or path as for `trainer judge`; the first 2000 images of each
    /// [default: those that need no files]
    #[arg(long, num_args = 1.., value_name = "NAME|PATH")]
    pub ood: Vec<String>,
}

/// The classes that `--class` names, by name or number; all of them without it.
///
/// # Errors
/// When a name is unknown; the message lists the known ones.
pub fn classes(model: &Model, wanted: &[String]) -> Result<Vec<usize>> {
    let names = model.spec().classes();
    if wanted.is_empty() {
        return Ok((0..names.len()).collect());
    }
    let find = |name: &String| {
        let by_name = names.iter().position(|known| known.eq_ignore_ascii_case(name));
        by_name.or_else(|| name.parse().ok().filter(|&k| k < names.len())).ok_or_else(|| {
            Error::Usage(format!(
                "--class: the model knows no `{name}`, its classes are {}",
                names.join(", ")
            ))
        })
    };
    wanted.iter().map(find).collect()
}

/// Decodes latents to pixels in [0, 1], N×C×H×W.
///
/// # Errors
/// When the executor fails.
pub fn decode_pixels(model: &Model, executor: &mut Executor, z: &[f32]) -> Result<Vec<f32>> {
    let x = pollster::block_on(executor.decode(z)).map_err(Error::core)?;
    Ok(model.spec().denormalize(&x))
}

/// Writes images, pixels in [0, 1], as a PNG grid with `columns` images a row.
///
/// # Errors
/// When the file cannot be written.
pub fn write_grid(path: &Path, model: &Model, pixels: &[f32], columns: usize) -> Result<()> {
    let input = model.spec().input();
    let bytes: Vec<u8> = pixels.iter().map(|v| (v * 255.0).round() as u8).collect();
    crate::png::write_grid(path, &bytes, [input.channels, input.height, input.width], columns)
}
