//! Flags and steps that several verbs share.

use std::path::{Path, PathBuf};

use clap::Args;
use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::{Family, Model};

use super::dataset::ModelAt;
use crate::adapters::{adapters, find};
use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_figures::samples::read_model;

/// A model file and what runs it.
#[derive(Clone, Debug, Args)]
pub struct ModelArgs {
    /// Model file
    pub model: PathBuf,
    /// What runs it.
    #[command(flatten)]
    pub executor: ExecutorArgs,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    pub json: bool,
}

/// What runs a model.
#[derive(Clone, Debug, Args)]
pub struct ExecutorArgs {
    /// What runs the model; auto takes a real GPU when there is one
    #[arg(long, default_value = "auto", value_name = "auto|gpu|cpu")]
    pub executor: ExecutorChoice,
    /// The GPU that runs it, by its number in `trainer devices` or a part of its name
    #[arg(long, value_name = "N|NAME")]
    pub device: Option<String>,
}

impl ExecutorArgs {
    /// Prepares `model` to be run.
    ///
    /// # Errors
    /// When the GPU that was asked for is not there.
    pub fn session(&self, model: Model) -> Result<Session> {
        Session::new(model, self.choice()?).map_err(Error::core)
    }

    /// What is asked for.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is no such adapter, or the CPU is asked for as well.
    pub fn choice(&self) -> Result<ExecutorChoice> {
        match &self.device {
            None => Ok(self.executor),
            Some(_) if self.executor == ExecutorChoice::Cpu => {
                Err(Error::Usage("--device names a GPU, and --executor cpu runs the model on the CPU".into()))
            }
            Some(device) => Ok(ExecutorChoice::GpuAt(find(&adapters(), device)?)),
        }
    }
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

    /// `model`, which was read from this file, with where it lies.
    pub fn at<'a>(&'a self, model: &'a Model) -> ModelAt<'a> {
        ModelAt { model, path: &self.model, quiet: self.json }
    }

    fn load_able(&self, require: impl Fn(Family) -> ibinn::Result<()>) -> Result<Model> {
        let model = self.load()?;
        require(model.spec().family()).map_err(|source| Error::Model { path: self.model.clone(), source })?;
        Ok(model)
    }

    /// Prepares `model` to be run.
    ///
    /// # Errors
    /// When the GPU that was asked for is not there.
    pub fn quiet_session(&self, model: Model) -> Result<Session> {
        self.executor.session(model)
    }

    /// Prepares `model` to be run, telling by what unless the output is for programs.
    ///
    /// # Errors
    /// When the GPU that was asked for is not there.
    pub fn session(&self, model: Model) -> Result<Session> {
        let session = self.quiet_session(model)?;
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
    write_marked_grid(path, model, pixels, columns, &[])
}

/// The same with a frame around the images at `marked`: red, or white where images are grey.
///
/// # Errors
/// When the file cannot be written.
pub fn write_marked_grid(
    path: &Path,
    model: &Model,
    pixels: &[f32],
    columns: usize,
    marked: &[usize],
) -> Result<()> {
    let input = model.spec().input();
    let mut bytes: Vec<u8> = pixels.iter().map(|v| (v * 255.0).round() as u8).collect();
    let shape = [input.channels, input.height, input.width];
    let (height, width, plane) = (input.height, input.width, input.height * input.width);
    for &image in marked {
        let planes = bytes[image * model.spec().dims()..][..model.spec().dims()].chunks_exact_mut(plane);
        for (channel, plane) in planes.enumerate() {
            for (p, pixel) in plane.iter_mut().enumerate() {
                let (y, x) = (p / width, p % width);
                if y == 0 || x == 0 || y + 1 == height || x + 1 == width {
                    *pixel = if channel == 0 { 255 } else { 0 };
                }
            }
        }
    }
    Ok(png::write_grid(path, &bytes, shape, columns)?)
}
