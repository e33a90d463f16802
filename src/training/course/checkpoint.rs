//! A course as bytes, to go on from: all but its pictures.

use serde::{Deserialize, Serialize};

use super::pictures::Order;
use super::{Course, Pictures, Settings};
use crate::image::Framing;
use crate::model::container::{Array, Container};
use crate::training::{Memory, Trainee};
use crate::{Error, Gamma, ModelSpec, Result};

/// The `format` that a checkpoint names, and the version that is written and read.
const FORMAT: &str = "ibinn-course";
const VERSION: &str = "1";

const VALUES: &str = "values";
const VELOCITIES: &str = "velocities";
const AVERAGES: &str = "averages";
const OTHERS: &str = "others";

/// What a checkpoint says beside its numbers.
#[derive(Serialize, Deserialize)]
struct Facts {
    spec: ModelSpec,
    gamma: Gamma,
    strength: f64,
    seed: u64,
    steps: u64,
    on_these: u64,
    origin: Option<String>,
    framing: Option<Framing>,
}

impl Course {
    /// Its state as bytes, without the pictures.
    pub fn checkpoint(&self) -> Vec<u8> {
        let Settings { gamma, strength } = self.settings;
        let facts = Facts {
            spec: self.spec().clone(),
            gamma,
            strength,
            seed: self.seed,
            steps: self.steps,
            on_these: self.on_these,
            origin: self.origin.clone(),
            framing: self.framing,
        };
        let layout = self.trainee.layout();
        let flat = |values: &[f32]| Array::f32(&[layout.len()], values);
        let mut container = Container::default();
        container.arrays.insert(VALUES.into(), flat(self.trainee.values()));
        container.arrays.insert(VELOCITIES.into(), flat(&layout.gather(&self.trainee.velocities())));
        let averages = self.trainee.averages();
        if !averages.is_empty() {
            container.arrays.insert(AVERAGES.into(), flat(&layout.gather(&averages)));
        }
        container.arrays.insert(OTHERS.into(), Array::u8(&[self.others.len()], &self.others));
        let facts = serde_json::json!(facts).to_string();
        let entries = [("format", FORMAT.into()), ("version", VERSION.into()), ("course", facts)];
        container.metadata = entries.map(|(key, value)| (key.to_string(), value)).into();
        container.to_bytes()
    }

    /// Goes on from a checkpoint with the pictures that it had; others are learnt from the beginning of their order.
    ///
    /// # Errors
    /// [`Error::Format`] when the bytes are no checkpoint, [`Error::Input`] when the pictures are of other classes or another
    /// shape.
    pub fn resume(bytes: &[u8], pictures: Pictures) -> Result<Self> {
        let broken = |what: &str| Error::Format(format!("the saved course {what}"));
        let Container { metadata, arrays } = Container::parse(bytes)?;
        let entry = |key: &str| metadata.get(key).map(String::as_str);
        if entry("format") != Some(FORMAT) || entry("version") != Some(VERSION) {
            return Err(broken("is none that this page wrote"));
        }
        let facts: Facts = serde_json::from_str(entry("course").unwrap_or_default())
            .map_err(|e| broken(&format!("cannot be read ({e})")))?;
        let Facts { spec, gamma, strength, seed, steps, on_these, origin, framing } = facts;
        let input = spec.input();
        if spec.classes() != pictures.classes()
            || [input.channels, input.height, input.width] != pictures.shape()
        {
            return Err(Error::Input("the saved course is one of other pictures".into()));
        }
        spec.family().require_mixture()?;
        let layout = crate::training::Layout::new(&spec);
        let numbers = |name: &str| -> Result<Vec<f32>> {
            let array = arrays.get(name).ok_or_else(|| broken("is incomplete"))?;
            let values = array.to_f32();
            if values.len() != layout.len() || values.iter().any(|v| !v.is_finite()) {
                return Err(broken("holds numbers that are none of its own"));
            }
            Ok(values)
        };
        let tensors = |values: &[f32]| layout.scatter(values, |_| true);
        let trainee =
            Trainee::new(&spec, &tensors(&numbers(VALUES)?), &tensors(&numbers(VELOCITIES)?), Memory::Stored);
        let trainee = match arrays.contains_key(AVERAGES) {
            true => trainee.with_averages(&tensors(&numbers(AVERAGES)?)),
            false => trainee,
        };
        let others = arrays.get(OTHERS).map(|array| array.bytes.clone()).unwrap_or_default();
        if !others.len().is_multiple_of(spec.dims()) {
            return Err(broken("holds numbers that are none of its own"));
        }
        let settings = Settings { gamma, strength: strength.clamp(0.0, 1.0) };
        let order = Order::new(seed);
        Ok(Self { pictures, order, settings, seed, origin, framing, trainee, others, steps, on_these })
    }
}
