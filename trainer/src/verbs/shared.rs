//! Flags and steps that several verbs share.

use std::path::{Path, PathBuf};

use clap::Args;
use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::{Family, Model};

use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_data::{DataDir, Dataset, Split, load};
use ibinn_evaluate::pass;
use ibinn_figures::samples::read_model;
use ibinn_runs::results::Selection;

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
        Ok(read_model(&self.model)?)
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

    /// Prepares `model` to be run, telling by what unless the output is for programs.
    ///
    /// # Errors
    /// When the GPU that was asked for is not there.
    pub fn session(&self, model: Model) -> Result<Session> {
        let session = Session::new(model, self.executor).map_err(Error::core)?;
        if !self.json {
            eprintln!("{}", session.executor().describe());
        }
        Ok(session)
    }
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

/// Checks the temperature that samples are drawn with.
///
/// # Errors
/// [`Error::Usage`] when it is negative or no number.
pub fn check_temperature(temperature: f64) -> Result<()> {
    if temperature >= 0.0 && temperature.is_finite() {
        return Ok(());
    }
    Err(Error::Usage(format!("--temperature is {temperature}, must be 0 or more")))
}

/// A data set.
#[derive(Clone, Debug, Args)]
pub struct DatasetArgs {
    /// Data set by name, see `trainer data list` [default: the one the model was trained on]
    #[arg(long)]
    pub dataset: Option<String>,
    /// Folder that holds the data sets [default: $IBINN_DATA_DIR, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

impl DatasetArgs {
    /// Where the data sets are.
    ///
    /// # Errors
    /// As [`DataDir::resolve`].
    pub fn folder(&self) -> Result<DataDir> {
        Ok(DataDir::resolve(self.data_dir.clone())?)
    }

    /// Loads the half `split` of the data set for `model`.
    ///
    /// # Errors
    /// When the data set is unknown, missing or damaged, or its images are not those that the model takes.
    pub fn load(&self, model: &Model, split: Split) -> Result<Dataset> {
        let name = self.dataset.as_deref().unwrap_or(&model.card().training.dataset);
        let data = load(name, split, &self.folder()?)?;
        data.check_shape(model.spec(), "the model")?;
        Ok(data)
    }
}

/// The first `limit` images of `data`.
///
/// # Errors
/// [`Error::Usage`] when none is left.
pub fn first(data: &Dataset, limit: Option<usize>) -> Result<Vec<usize>> {
    let indices: Vec<usize> = (0..data.len().min(limit.unwrap_or(usize::MAX))).collect();
    if indices.is_empty() {
        return Err(Error::Usage("no image is left to work on: --limit must be at least 1".into()));
    }
    Ok(indices)
}

/// A data set and which of its images.
#[derive(Clone, Debug, Args)]
pub struct DataArgs {
    /// Which data set.
    #[command(flatten)]
    pub set: DatasetArgs,
    /// Which half of the data set
    #[arg(long, default_value = "test")]
    pub split: Split,
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
    /// As [`DatasetArgs::load`], or when an index is beyond the end.
    pub fn load(&self, model: &Model) -> Result<(Dataset, Vec<usize>)> {
        let data = self.set.load(model, self.split)?;
        let Some(indices) = &self.indices else {
            let indices = first(&data, self.limit)?;
            return Ok((data, indices));
        };
        indices.iter().try_for_each(|&index| check_index("--indices", index, &data))?;
        Ok((data, indices.clone()))
    }

    /// Which images of the data set are meant.
    pub fn selection(&self) -> Selection {
        Selection { split: self.split, by_index: self.indices.is_some() }
    }
}

/// The flags of [`PairArgs`], for whatever takes their place.
pub const PAIR: [&str; 4] = ["dataset", "data_dir", "split", "indices"];

/// Two images of a data set.
#[derive(Clone, Debug, Args)]
pub struct PairArgs {
    /// Which data set.
    #[command(flatten)]
    pub set: DatasetArgs,
    /// Which half of the data set
    #[arg(long, default_value = "test")]
    pub split: Split,
    /// Between these two images, counted from 0
    #[arg(long, value_delimiter = ',', value_name = "0,7")]
    pub indices: Vec<usize>,
}

impl PairArgs {
    /// Loads the two images, pixels in [0, 1]; none where not two are named.
    ///
    /// # Errors
    /// As [`DatasetArgs::load`], or when an index is beyond the end.
    pub fn pixels(&self, model: &Model) -> Result<Option<Vec<f32>>> {
        if self.indices.len() != 2 {
            return Ok(None);
        }
        let data = self.set.load(model, self.split)?;
        self.indices.iter().try_for_each(|&index| check_index("--indices", index, &data))?;
        Ok(Some(pass::pixels(&data, &self.indices)))
    }
}

/// Checks an image's number that `flag` gives.
///
/// # Errors
/// [`Error::Usage`] when `data` has no such image.
pub fn check_index(flag: &str, index: usize, data: &Dataset) -> Result<()> {
    if index < data.len() {
        return Ok(());
    }
    let (name, count) = (&data.name, data.len());
    Err(Error::Usage(format!("{flag}: {index} is beyond the end, {name} has {count} images, counted from 0")))
}

/// The out-of-distribution sets of a card.
#[derive(Clone, Debug, Args)]
pub struct CardOodArgs {
    /// Out-of-distribution sets, by name or path; see `trainer evaluate --help`. For a card the first 2000 images of
    /// each [default: those that need no files, without the data sets that the model was trained and is evaluated on]
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

/// Writes images, pixels in [0, 1], as a PNG grid with `columns` images a row.
///
/// # Errors
/// When the file cannot be written.
pub fn write_grid(path: &Path, model: &Model, pixels: &[f32], columns: usize) -> Result<()> {
    let input = model.spec().input();
    let bytes: Vec<u8> = pixels.iter().map(|v| (v * 255.0).round() as u8).collect();
    let shape = [input.channels, input.height, input.width];
    Ok(png::write_grid(path, &bytes, shape, columns)?)
}
