//! Checkpoints: everything that a run needs to go on as if it had never stopped.
//!
//! Every random draw comes from (seed, purpose, epoch, step, index), so the state is the tensors in training form, their
//! velocities and moving averages, and the number of steps done.

use std::path::Path;

use ibinn::ModelSpec;
use ibinn::model::container::{Array, Container};
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::training_tensors;
use sha2::{Digest, Sha256};

use super::validation::Lowest;
use crate::error::{Error, Result};
use ibinn_files::atomic;

const FORMAT: &str = "ibinn-checkpoint";
const VERSION: &str = "1";
const VELOCITY: &str = "velocity.";
const AVERAGE: &str = "average.";
const DIGEST: &str = "sha256";
const LOWEST: &str = "lowest";

/// The state of a run between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The architecture, with the data set's classes and normalisation.
    pub spec: ModelSpec,
    /// The resolved configuration as TOML.
    pub config: String,
    /// Steps done.
    pub step: usize,
    /// What training goes on from.
    pub state: State,
    /// The lowest validation loss so far, where images are set aside.
    pub lowest: Option<Lowest>,
}

/// What a step of training changes, each by tensor name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Tensors in training form.
    pub tensors: Tensors,
    /// Velocities; empty before the first step.
    pub velocities: Tensors,
    /// Moving averages of weights; empty where none are kept.
    pub averages: Tensors,
}

impl State {
    /// That of a run that has made no step, with `tensors` in training form.
    pub fn of(tensors: Tensors) -> Self {
        Self { tensors, ..Self::default() }
    }
}

impl Checkpoint {
    /// The first tensor that holds a number that is not finite.
    pub fn spoiled(&self) -> Option<&str> {
        let State { tensors, velocities, averages } = &self.state;
        let all = tensors.iter().chain(velocities).chain(averages);
        let spoiled = |(_, values): &(&String, &Vec<f64>)| !values.iter().all(|v| v.is_finite());
        all.into_iter().find(spoiled).map(|(name, _)| name.as_str())
    }

    /// Writes the checkpoint in one piece or not at all.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let mut container = Container::default();
        let shapes = training_tensors(&self.spec);
        for info in &shapes {
            let State { tensors, velocities, averages } = &self.state;
            for (prefix, of) in [("", tensors), (VELOCITY, velocities), (AVERAGE, averages)] {
                if let Some(values) = of.get(&info.name) {
                    container.arrays.insert(format!("{prefix}{}", info.name), array(&info.shape, values));
                }
            }
        }
        container.metadata = [
            ("format", FORMAT.to_string()),
            ("version", VERSION.to_string()),
            ("spec", serde_json::json!(self.spec).to_string()),
            ("config", self.config.clone()),
            ("step", self.step.to_string()),
        ]
        .map(|(key, value)| (key.to_string(), value))
        .into();
        if let Some(lowest) = &self.lowest {
            container.metadata.insert(LOWEST.into(), serde_json::json!(lowest).to_string());
        }
        let digest = digest(&container);
        container.metadata.insert(DIGEST.into(), digest);
        Ok(atomic::write(path, &container.to_bytes())?)
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When `path` cannot be read, is no checkpoint of this version, is damaged, or lacks a tensor.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
        let bad = |problem: String| Error::data(path, problem);
        let mut container = Container::parse(&bytes).map_err(|e| bad(e.to_string()))?;
        let recorded = container.metadata.remove(DIGEST);
        let entry = |key: &str| {
            container
                .metadata
                .get(key)
                .ok_or_else(|| bad(format!("it is no checkpoint: its metadata has no `{key}`")))
        };
        if entry("format")? != FORMAT || entry("version")? != VERSION {
            return Err(bad("it is no checkpoint that this version can resume".into()));
        }
        if recorded != Some(digest(&container)) {
            return Err(bad("its contents do not match its sha256: the file is damaged".into()));
        }
        let spec: ModelSpec =
            serde_json::from_str(entry("spec")?).map_err(|e| bad(format!("its spec: {e}")))?;
        let step = entry("step")?.parse().map_err(|_| bad("its step is no number".into()))?;
        let mut state = State::default();
        for info in training_tensors(&spec) {
            let take = |name: &str| -> Result<Option<Vec<f64>>> {
                let Some(array) = container.arrays.get(name) else { return Ok(None) };
                if array.shape != info.shape {
                    return Err(bad(format!(
                        "tensor `{name}` has shape {:?}, must be {:?}",
                        array.shape, info.shape
                    )));
                }
                Ok(Some(array.to_f64()))
            };
            let values =
                take(&info.name)?.ok_or_else(|| bad(format!("tensor `{}` is missing", info.name)))?;
            if info.role().has_velocity()
                && let Some(velocity) = take(&format!("{VELOCITY}{}", info.name))?
            {
                state.velocities.insert(info.name.clone(), velocity);
            }
            if let Some(average) = take(&format!("{AVERAGE}{}", info.name))? {
                state.averages.insert(info.name.clone(), average);
            }
            state.tensors.insert(info.name, values);
        }
        let lowest = container.metadata.get(LOWEST).map(|text| serde_json::from_str(text)).transpose();
        let lowest = lowest.map_err(|e| bad(format!("its lowest loss: {e}")))?;
        Ok(Self { config: entry("config")?.clone(), spec, step, state, lowest })
    }
}

/// SHA-256 of a container without its digest, in hexadecimal digits.
fn digest(container: &Container) -> String {
    Sha256::digest(container.to_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn array(shape: &[usize], values: &[f64]) -> Array {
    Array::f32(shape, &values.iter().map(|&v| v as f32).collect::<Vec<_>>())
}
