//! What was measured of a model, as a file for tables and figures: the evaluation that `trainer evaluate --full --out` writes.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use ibinn::Training;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::{Config, Settings};
use crate::{Error, Result};
use ibinn_data::Split;
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_evaluate::measures::report::Report;
use ibinn_files::atomic;

/// Names of what a run's folder holds.
pub mod names {
    /// Everything that the run needs to go on.
    pub const CHECKPOINT: &str = "checkpoint.safetensors";
    /// The same at the lowest validation loss, of a run that has patience.
    pub const LOWEST: &str = "lowest.safetensors";
    /// Every value of the run.
    pub const CONFIG: &str = "config.toml";
    /// The machine that trained it.
    pub const ENVIRONMENT: &str = "environment.json";
    /// Its log.
    pub const LOG: &str = "train.jsonl";
    /// The finished model.
    pub const MODEL: &str = "model.safetensors";
    /// What was measured of it.
    pub const EVALUATION: &str = "evaluation.json";
    /// Why a sweep could not finish it.
    pub const FAILURE: &str = "failure.txt";
}

/// What was measured of a model, and of which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FullEvaluation {
    /// The model's title.
    pub title: String,
    /// How it was trained.
    pub training: Training,
    /// [`digest`] of the model file that was evaluated.
    pub model_sha256: String,
    /// The data set by name.
    pub dataset: String,
    /// Which of its images.
    #[serde(flatten)]
    pub selection: Selection,
    /// What computed it: `cpu` or `gpu`.
    pub executor: String,
    /// How the intervals were drawn.
    pub bootstrap: Bootstrap,
    /// Only the first images of every set, where that was asked for.
    pub limit: Option<usize>,
    /// The measures.
    pub report: Report,
}

/// Which images of a data set were evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Which half of it.
    pub split: Split,
    /// Whether the images were chosen one by one.
    pub by_index: bool,
}

impl Selection {
    /// So many images of a data set, as in "300 test images of builtin".
    pub fn of(self, images: usize, dataset: &str) -> String {
        let chosen = if self.by_index { "chosen " } else { "" };
        format!("{images} {chosen}{} images of {dataset}", self.split.adjective())
    }

    /// What a reader must know, since it is not the test set; none of that.
    pub fn caveat(self) -> Option<String> {
        let images = format!("{} images", self.split.adjective());
        match self {
            Self { by_index: true, .. } => Some(format!("chosen {images}")),
            Self { split: Split::Train | Split::Val, .. } => Some(images),
            Self { split: Split::Test, .. } => None,
        }
    }
}

/// Sentences for whoever sees numbers of these evaluations: which are not of the whole test set.
pub fn caveats<'a>(evaluations: impl IntoIterator<Item = &'a FullEvaluation>) -> Vec<String> {
    let evaluations: Vec<&FullEvaluation> = evaluations.into_iter().collect();
    let mut caveats = Vec::new();
    for evaluation in &evaluations {
        let images = evaluation.selection.caveat().map(|images| {
            format!("{} was evaluated on {images}, not on the test set.", evaluation.training.method)
        });
        caveats.extend(images.filter(|sentence| !caveats.contains(sentence)));
    }
    let limits: BTreeSet<Option<usize>> = evaluations.iter().map(|evaluation| evaluation.limit).collect();
    match limits.into_iter().collect::<Vec<_>>()[..] {
        [] | [None] => {}
        [Some(limit)] => caveats.push(format!("Evaluated on at most {limit} images of each set.")),
        _ => {
            for evaluation in &evaluations {
                let label = evaluation.training.method;
                let limited = evaluation
                    .limit
                    .map(|limit| format!("{label} was evaluated on at most {limit} images of each set."));
                caveats.extend(limited.filter(|sentence| !caveats.contains(sentence)));
            }
        }
    }
    caveats
}

impl FullEvaluation {
    /// Reads an evaluation: a file, or the one in a run's folder.
    ///
    /// # Errors
    /// When there is none, it is damaged or another program's, or it lies in a run's folder and is not of the model there;
    /// the message says how to make one.
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join(names::EVALUATION) } else { path.to_path_buf() };
        let bytes = std::fs::read(&file).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => Error::data(
                &file,
                "there is no such file; make it with: trainer evaluate --full MODEL --out FILE",
            ),
            _ => Error::io(&file, source),
        })?;
        let evaluation: Self = serde_json::from_slice(&bytes).map_err(|e| {
            Error::data(&file, format!("it is no evaluation of `trainer evaluate --full --out` ({e})"))
        })?;
        evaluation.check_model(&file)?;
        Ok(evaluation)
    }

    /// Refuses the evaluation of a run's folder, `file`, whose model has been replaced since.
    fn check_model(&self, file: &Path) -> Result<()> {
        let model = file.with_file_name(names::MODEL);
        if file.file_name() != Some(OsStr::new(names::EVALUATION)) || !model.exists() {
            return Ok(());
        }
        if digest(&model)? == self.model_sha256 {
            return Ok(());
        }
        let problem = format!(
            "it is of another model than the {} beside it; make it anew with: trainer evaluate --full MODEL --out FILE",
            names::MODEL
        );
        Err(Error::data(file, problem))
    }

    /// Writes it in one piece or not at all.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(atomic::write(path, format!("{:#}\n", serde_json::json!(self)).as_bytes())?)
    }
}

/// SHA-256 of a file, in hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn digest(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads the evaluations at `paths`, each a file, a run's folder, or a folder of such folders, with where they lie.
///
/// # Errors
/// When one is missing or damaged; where a folder of folders holds none.
pub fn evaluations(paths: &[PathBuf]) -> Result<Vec<(PathBuf, FullEvaluation)>> {
    let mut found = Vec::new();
    for path in paths {
        let inner = if path.is_dir() && !path.join(names::EVALUATION).exists() {
            below(path, names::EVALUATION)?
        } else {
            vec![]
        };
        for path in if inner.is_empty() { vec![path.clone()] } else { inner } {
            let evaluation = FullEvaluation::read(&path)?;
            found.push((path, evaluation));
        }
    }
    Ok(found)
}

/// The runs in `paths`, each the folder of one or a folder of such folders.
///
/// # Errors
/// When a folder holds none.
pub fn run_folders(paths: &[PathBuf]) -> Result<Vec<RunFolder>> {
    let mut found = Vec::new();
    for path in paths {
        let inner = if path.join(names::CONFIG).exists() { vec![] } else { below(path, names::CONFIG)? };
        for path in if inner.is_empty() { vec![path.clone()] } else { inner } {
            found.push(RunFolder::open(&path)?);
        }
    }
    Ok(found)
}

/// Folders directly below `folder` that hold `file`, by name.
fn below(folder: &Path, file: &str) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|source| Error::io(folder, source))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut evaluated: Vec<PathBuf> = paths.filter(|path| path.join(file).exists()).collect();
    evaluated.sort();
    Ok(evaluated)
}

/// A run's folder with its configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFolder {
    /// The folder.
    pub path: PathBuf,
    /// Every value of the run.
    pub config: Config,
}

impl RunFolder {
    /// Reads the configuration of the run in `path`.
    ///
    /// # Errors
    /// When the folder holds no run.
    pub fn open(path: &Path) -> Result<Self> {
        let file = path.join(names::CONFIG);
        if !file.exists() {
            return Err(Error::data(&file, "there is no such file, so its folder holds no run"));
        }
        let config = Config::resolve(Settings::read(&file)?)?;
        Ok(Self { path: path.into(), config })
    }

    /// A file of the folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::evaluation;

    #[test]
    fn a_limit_is_told_of_the_models_that_had_it() {
        // Two of one γ, as with other seeds, and one of another.
        let said = |limits: [Option<usize>; 3]| {
            let evaluated = [(1.0, limits[0]), (1.0, limits[1]), (5.0, limits[2])]
                .map(|(gamma, limit)| FullEvaluation { limit, ..evaluation("digits", gamma, 3.0) });
            caveats(&evaluated).join(" ")
        };
        assert_eq!(said([None, None, None]), "");
        assert_eq!(said([Some(60); 3]), "Evaluated on at most 60 images of each set.");
        let one = said([Some(60), Some(60), None]);
        assert_eq!(one, "IB-INN, γ = 1 was evaluated on at most 60 images of each set.");
    }
}
