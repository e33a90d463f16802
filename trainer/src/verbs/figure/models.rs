//! Several models in one figure.

use std::path::{Path, PathBuf};

use clap::Args;
use ibinn::session::blocking::Session;
use ibinn::{Family, Model};

use crate::error::{Error, Result};
use crate::verbs::shared::ExecutorArgs;
use ibinn_figures::labels::distinct;
use ibinn_figures::samples::read_model;

/// Models of the same images and classes, to be run.
#[derive(Debug, Args)]
pub struct ModelsArgs {
    /// Model files
    #[arg(required = true)]
    models: Vec<PathBuf>,
    #[command(flatten)]
    executor: ExecutorArgs,
}

impl ModelsArgs {
    /// As [`load`] gives them.
    pub fn load(&self, able: fn(Family) -> ibinn::Result<()>) -> Result<Vec<Named<'_>>> {
        load(&self.models, able)
    }

    /// Prepares `model` to be run.
    pub fn session(&self, model: Model) -> Result<Session> {
        self.executor.session(model)
    }
}

/// A model with its name in the figure.
pub struct Named<'a> {
    /// The name.
    pub name: String,
    /// Its file.
    pub path: &'a Path,
    /// The model.
    pub model: Model,
}

/// The models at `paths`, all of which must be `able` and of the same images and classes, in the order in which they are
/// shown.
pub fn load(paths: &[PathBuf], able: fn(Family) -> ibinn::Result<()>) -> Result<Vec<Named<'_>>> {
    let mut models: Vec<(Model, &Path)> = Vec::new();
    for path in paths {
        let model = read_model(path)?;
        able(model.spec().family()).map_err(|source| Error::Model { path: path.clone(), source })?;
        if let Some((first, _)) = models.first() {
            let (spec, first) = (model.spec(), first.spec());
            if spec.input() != first.input() || spec.classes() != first.classes() {
                return Err(Error::data(
                    path,
                    "it takes other images or knows other classes than the first model",
                ));
            }
        }
        models.push((model, path));
    }
    let method = |model: &Model| model.card().training.method;
    models.sort_by(|(a, _), (b, _)| method(a).order(method(b)));
    let names = distinct(models.iter().map(|(model, path)| (method(model), *path)));
    Ok(models.into_iter().zip(names).map(|((model, path), name)| Named { name, path, model }).collect())
}
