//! What was measured of a model, as a file for tables and figures: the judgement that `trainer judge --out` writes.

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
    /// Every value of the run.
    pub const CONFIG: &str = "config.toml";
    /// The machine that trained it.
    pub const ENVIRONMENT: &str = "environment.json";
    /// Its log.
    pub const LOG: &str = "train.jsonl";
    /// The finished model.
    pub const MODEL: &str = "model.safetensors";
    /// What was measured of it.
    pub const JUDGEMENT: &str = "judge.json";
}

/// What was measured of a model, and of which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The model's title.
    pub title: String,
    /// How it was trained.
    pub training: Training,
    /// [`digest`] of the model file that was judged.
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

/// Which images of a data set were judged.
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
            Self { split: Split::Train, .. } => Some(images),
            Self { split: Split::Test, .. } => None,
        }
    }
}

/// Sentences for whoever sees numbers of these judgements: which are not of the whole test set.
pub fn caveats(judgements: &[Judgement]) -> Vec<String> {
    let mut caveats = Vec::new();
    for judgement in judgements {
        let images = judgement.selection.caveat().map(|images| {
            format!("{} was judged on {images}, not on the test set.", judgement.training.method)
        });
        caveats.extend(images.filter(|sentence| !caveats.contains(sentence)));
    }
    let limits: BTreeSet<Option<usize>> = judgements.iter().map(|judgement| judgement.limit).collect();
    match limits.into_iter().collect::<Vec<_>>()[..] {
        [] | [None] => {}
        [Some(limit)] => caveats.push(format!("Judged on at most {limit} images of each set.")),
        _ => {
            for judgement in judgements {
                let label = judgement.training.method;
                let limited = judgement
                    .limit
                    .map(|limit| format!("{label} was judged on at most {limit} images of each set."));
                caveats.extend(limited.filter(|sentence| !caveats.contains(sentence)));
            }
        }
    }
    caveats
}

impl Judgement {
    /// Reads a judgement: a file, or the one in a run's folder.
    ///
    /// # Errors
    /// When there is none, it is damaged or another program's, or it lies in a run's folder and is not of the model there;
    /// the message says how to make one.
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join(names::JUDGEMENT) } else { path.to_path_buf() };
        let bytes = std::fs::read(&file).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => {
                Error::data(&file, "there is no such file; make it with: trainer judge MODEL --out FILE")
            }
            _ => Error::io(&file, source),
        })?;
        let judgement: Self = serde_json::from_slice(&bytes)
            .map_err(|e| Error::data(&file, format!("it is no judgement of `trainer judge --out` ({e})")))?;
        judgement.check_model(&file)?;
        Ok(judgement)
    }

    /// Refuses the judgement of a run's folder, `file`, whose model has been replaced since.
    fn check_model(&self, file: &Path) -> Result<()> {
        let model = file.with_file_name(names::MODEL);
        if file.file_name() != Some(OsStr::new(names::JUDGEMENT)) || !model.exists() {
            return Ok(());
        }
        if digest(&model)? == self.model_sha256 {
            return Ok(());
        }
        let problem = format!(
            "it is of another model than the {} beside it; make it anew with: trainer judge MODEL --out FILE",
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

/// Reads the judgements at `paths`, each a file, a run's folder, or a folder of such folders, with where they lie.
///
/// # Errors
/// When one is missing or damaged; where a folder of folders holds none.
pub fn judgements(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Judgement)>> {
    let mut found = Vec::new();
    for path in paths {
        let inner = if path.is_dir() && !path.join(names::JUDGEMENT).exists() {
            below(path, names::JUDGEMENT)?
        } else {
            vec![]
        };
        for path in if inner.is_empty() { vec![path.clone()] } else { inner } {
            let judgement = Judgement::read(&path)?;
            found.push((path, judgement));
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
    let mut judged: Vec<PathBuf> = paths.filter(|path| path.join(file).exists()).collect();
    judged.sort();
    Ok(judged)
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
    use crate::examples::judgement;

    #[test]
    fn a_limit_is_told_of_the_models_that_had_it() {
        // Two of one γ, as with other seeds, and one of another.
        let said = |limits: [Option<usize>; 3]| {
            let judged = [(1.0, limits[0]), (1.0, limits[1]), (5.0, limits[2])]
                .map(|(gamma, limit)| Judgement { limit, ..judgement("digits", gamma, 3.0) });
            caveats(&judged).join(" ")
        };
        assert_eq!(said([None, None, None]), "");
        assert_eq!(said([Some(60); 3]), "Judged on at most 60 images of each set.");
        let one = said([Some(60), Some(60), None]);
        assert_eq!(one, "IB-INN, γ = 1 was judged on at most 60 images of each set.");
    }
}
