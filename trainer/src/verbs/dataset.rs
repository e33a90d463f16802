//! Which images a verb works on.

use std::path::{Path, PathBuf};

use clap::Args;
use ibinn::Model;
use ibinn::spec::Shape;

use crate::error::{Error, Result};
use ibinn_data::by_path::{self, Reading};
use ibinn_data::picture::{Fit, Ground, Look};
use ibinn_data::{DataDir, Dataset, Sets, Split, is_path, load};
use ibinn_evaluate::pass;
use ibinn_runs::config::{Config, Settings};
use ibinn_runs::results::Selection;
use ibinn_runs::results::names::CONFIG;

/// A model with where it lies.
#[derive(Clone, Copy, Debug)]
pub struct ModelAt<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its file.
    pub path: &'a Path,
    /// Whether output is for programs.
    pub quiet: bool,
}

/// A data set.
#[derive(Clone, Debug, Args)]
pub struct DatasetArgs {
    /// Data set by name, see `trainer data list`, or by path [default: the one the model was trained on, one by path as the
    /// configuration beside the model says]
    #[arg(long, value_name = "NAME|PATH")]
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

    /// Loads the part `split` of the data set for a model: one by path in the model's shape, its classes matched by name.
    ///
    /// # Errors
    /// When the data set is unknown, missing or damaged, or its images are not those that the model takes.
    pub fn load(&self, at: ModelAt<'_>, split: Split) -> Result<Dataset> {
        let (dataset, reading) = self.which(at)?;
        if !is_path(&dataset) {
            let data = load(&dataset, split, &self.folder()?)?;
            data.check_shape(at.model.spec(), "the model")?;
            return Ok(data);
        }
        let mut data = self.sets(at, &dataset, &reading)?.part(split)?;
        let said = data.match_classes(at.model.spec().classes())?;
        if let Some(said) = said.filter(|_| !at.quiet) {
            eprintln!("{said}");
        }
        Ok(data)
    }

    /// Loads the validation images of a data set by path; none where it has none.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_val(&self, at: ModelAt<'_>) -> Result<Option<Dataset>> {
        let (dataset, reading) = self.which(at)?;
        if !is_path(&dataset) {
            return Ok(None);
        }
        let mut val = self.sets(at, &dataset, &reading)?.val;
        if let Some(val) = &mut val {
            val.match_classes(at.model.spec().classes())?;
        }
        Ok(val)
    }

    /// Which data set, and how its pictures are read.
    fn which(&self, at: ModelAt<'_>) -> Result<(String, Reading)> {
        let trained_on = &at.model.card().training.dataset;
        let named = self.dataset.as_ref().unwrap_or(trained_on);
        // What lies beside a model is of no concern where a name says it all.
        let beside = if is_path(named) { beside(at.path)? } else { None };
        let reading = beside.as_ref().and_then(|config| config.reading).unwrap_or_default();
        let own = beside.filter(|config| by_path::name(Path::new(&config.dataset)) == *trained_on);
        match (&self.dataset, own) {
            (Some(dataset), _) => Ok((dataset.clone(), reading)),
            (None, Some(config)) => Ok((config.dataset, reading)),
            (None, None) if is_path(trained_on) => Err(Error::Usage(format!(
                "the model was trained on {trained_on}, which is no data set by name, and there is no configuration beside it \
                 that says where that is: name it by --dataset"
            ))),
            (None, None) => Ok((trained_on.clone(), reading)),
        }
    }

    /// All of a data set by path in the model's shape.
    fn sets(&self, at: ModelAt<'_>, dataset: &str, reading: &Reading) -> Result<Sets> {
        let Shape { channels, height, width } = at.model.spec().input_shape();
        Ok(Sets::load(dataset, reading, Some([channels, height, width]), &self.folder()?, at.quiet)?)
    }
}

/// The configuration of the run whose folder a model lies in, if it lies in one.
fn beside(model: &Path) -> Result<Option<Config>> {
    let file = model.with_file_name(CONFIG);
    if !file.exists() {
        return Ok(None);
    }
    Ok(Some(Config::resolve(Settings::read(&file)?)?))
}

/// How pictures become images.
#[derive(Clone, Debug, Default, Args)]
pub struct LookArgs {
    /// How pictures of other proportions become images [default: as the model's own, else crop]
    #[arg(long)]
    pub fit: Option<Fit>,
    /// Make dark light and light dark [default: as the model's own, else false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub invert: Option<bool>,
    /// What is behind transparent pictures: white, black or #rrggbb [default: as the model's own, else white]
    #[arg(long, value_name = "COLOUR")]
    pub ground: Option<Ground>,
}

impl LookArgs {
    /// As these flags say, else as the images of the model at `path` were read.
    ///
    /// # Errors
    /// When the configuration beside the model cannot be read.
    pub fn of_model(&self, path: &Path) -> Result<Look> {
        let own = beside(path)?.and_then(|config| config.reading).unwrap_or_default().look;
        Ok(Look {
            fit: self.fit.unwrap_or(own.fit),
            invert: self.invert.unwrap_or(own.invert),
            ground: self.ground.unwrap_or(own.ground),
        })
    }
}

/// The first `limit` images of `data`; of images that lie class by class, as many that are spread evenly over all.
///
/// # Errors
/// [`Error::Usage`] when none is left.
pub fn first(data: &Dataset, limit: Option<usize>) -> Result<Vec<usize>> {
    let indices = data.some(limit.unwrap_or(usize::MAX));
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
    /// Which part of the data set
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
    pub fn load(&self, at: ModelAt<'_>) -> Result<(Dataset, Vec<usize>)> {
        let data = self.set.load(at, self.split)?;
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
    /// Which part of the data set
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
    pub fn pixels(&self, at: ModelAt<'_>) -> Result<Option<Vec<f32>>> {
        if self.indices.len() != 2 {
            return Ok(None);
        }
        let data = self.set.load(at, self.split)?;
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
