//! The plane's trainer as JavaScript sees it: a flow on points of the plane that is trained step by step.

use std::num::NonZeroU32;

use ibinn::plane::{self, Objective, Point, Settings, Setup, ToySet, mesh};
use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arguments;
use crate::error::{Error, Result};
use crate::values::to_js;

/// Most classes: as many as can be told apart in a small picture.
const MOST_CLASSES: u64 = 6;
/// Most points, of the toy data set and of the visitor's own together.
const MOST_POINTS: u64 = 10_000;
/// Most steps of one call.
const MOST_STEPS: u64 = 10_000;
/// Most cells of a field along one side, and most lines of a mesh.
const MOST_CELLS: u64 = 512;

/// A flow on points of the plane with the state of its training.
#[wasm_bindgen]
pub struct PlaneTrainer {
    trainer: plane::PlaneTrainer,
    setup: Setup,
}

/// `PlanePoints` of the module.
#[derive(Serialize)]
struct Points {
    #[serde(with = "preserve")]
    x: Float32Array,
    #[serde(with = "preserve")]
    classes: Uint8Array,
}

/// `PlaneReadout` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readout {
    steps: f64,
    l_x: f64,
    l_y: f64,
    accuracy: f64,
    means_distance: f64,
    empirical_distance: f64,
}

/// `PlaneView` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    #[serde(with = "preserve")]
    means: Float32Array,
    #[serde(with = "preserve")]
    z: Float32Array,
    #[serde(with = "preserve")]
    mesh: Float32Array,
    #[serde(with = "preserve")]
    point_log_likelihood: Float32Array,
    #[serde(with = "preserve")]
    log_likelihood: Float32Array,
    #[serde(with = "preserve")]
    posterior: Float32Array,
}

#[wasm_bindgen]
impl PlaneTrainer {
    /// An untrained flow, without points. `loss` is `ib`, whose `weight` is γ, or `class-nll`, whose `weight` is D.
    ///
    /// # Errors
    /// When an argument is out of range.
    #[wasm_bindgen(constructor)]
    pub fn new(
        classes: f64,
        seed: f64,
        loss: &str,
        weight: f64,
        rate: f64,
        noise: f64,
    ) -> Result<PlaneTrainer> {
        let classes = arguments::whole("classes", classes, 2, MOST_CLASSES)? as usize;
        let setup = Setup { classes, seed: arguments::seed(seed)? };
        Ok(Self { trainer: plane::PlaneTrainer::new(setup, settings(loss, weight, rate, noise)?)?, setup })
    }

    /// Changes what may change between two steps; arguments as for [`new`](Self::new).
    ///
    /// # Errors
    /// When an argument is out of range.
    pub fn set(&mut self, loss: &str, weight: f64, rate: f64, noise: f64) -> Result<()> {
        Ok(self.trainer.set(settings(loss, weight, rate, noise)?)?)
    }

    /// Trains on `count` points of a toy data set and on points of the visitor's own, `x` (N×2) of `classes` (N);
    /// gives all of them.
    ///
    /// # Errors
    /// When there is no such set, or the own points are not whole, finite and of its classes.
    #[wasm_bindgen(js_name = setPoints)]
    pub fn set_points(&mut self, set: &str, count: f64, x: &[f32], classes: &[u8]) -> Result<JsValue> {
        let set: ToySet = set.parse()?;
        let own = classes.len() as u64;
        let room = MOST_POINTS.checked_sub(own).ok_or_else(|| {
            Error::Argument(format!("{own} points of one's own are more than the {MOST_POINTS} that fit"))
        })?;
        let count = arguments::whole("count", count, 0, room)? as usize;
        if x.len() != 2 * classes.len() {
            return Err(Error::Argument(format!(
                "{} numbers are no places of {} points",
                x.len(),
                classes.len()
            )));
        }
        let mut points = set.points(self.setup.classes, count, self.setup.seed);
        let own = x.as_chunks::<2>().0.iter().zip(classes);
        points.extend(own.map(|(&x, &class)| Point { x, class: usize::from(class) }));
        self.trainer.set_points(points)?;
        let places: Vec<f32> = self.trainer.points().iter().flat_map(|point| point.x).collect();
        let classes: Vec<u8> = self.trainer.points().iter().map(|point| point.class as u8).collect();
        to_js(&Points { x: places.as_slice().into(), classes: classes.as_slice().into() })
    }

    /// Takes `count` optimiser steps, and reads the losses of all points.
    ///
    /// # Errors
    /// When the training diverges.
    pub fn step(&mut self, count: f64) -> Result<JsValue> {
        for _ in 0..arguments::whole("count", count, 0, MOST_STEPS)? {
            self.trainer.step()?;
        }
        let read = self.trainer.readout(&self.latents());
        to_js(&Readout {
            steps: self.trainer.steps() as f64,
            l_x: read.l_x,
            l_y: read.l_y,
            accuracy: read.accuracy,
            means_distance: read.means_distance,
            empirical_distance: read.empirical_distance,
        })
    }

    /// What a picture of [−`extent`, `extent`]² needs: the means, the latents of all points and of a mesh of `lines`
    /// lines each way with `places` places each, and the field on `side`² cells.
    ///
    /// # Errors
    /// When an argument is out of range.
    pub fn look(&self, extent: f64, lines: f64, places: f64, side: f64) -> Result<JsValue> {
        if !(extent > 0.0 && extent.is_finite()) {
            return Err(Error::Argument(format!("extent is {extent}, must be a number above 0")));
        }
        let whole = |name: &str, value: f64| arguments::whole(name, value, 0, MOST_CELLS);
        let (lines, places) = (whole("lines", lines)?, whole("places", places)?);
        let side = whole("side", side)? as usize;
        let (mixture, latents) = (self.trainer.mixture(), self.latents());
        let means: Vec<f32> =
            (0..mixture.classes()).flat_map(|y| mixture.mean(y)).map(|&v| v as f32).collect();
        let each = latents.z.iter().zip(&latents.log_det);
        let of_points: Vec<f32> =
            each.map(|(z, &log_det)| mixture.score(z, f64::from(log_det)).log_likelihood as f32).collect();
        let corners: Vec<[f32; 2]> = mesh(lines as usize, places as usize, extent)
            .into_iter()
            .map(|place| place.map(|v| v as f32))
            .collect();
        let field = self.trainer.field(side, extent);
        to_js(&View {
            means: means.as_slice().into(),
            z: latents.z.as_flattened().into(),
            mesh: self.trainer.encode(&corners).z.as_flattened().into(),
            point_log_likelihood: of_points.as_slice().into(),
            log_likelihood: field.log_likelihood.as_slice().into(),
            posterior: field.posterior.as_slice().into(),
        })
    }
}

impl PlaneTrainer {
    fn latents(&self) -> plane::Latents<f32> {
        let places: Vec<[f32; 2]> = self.trainer.points().iter().map(|point| point.x).collect();
        self.trainer.encode(&places)
    }
}

fn settings(loss: &str, weight: f64, rate: f64, noise: f64) -> Result<Settings> {
    let objective = match loss {
        "ib" => Objective::Ib(ibinn::Gamma::new(weight).ok_or_else(|| {
            Error::Argument(format!("gamma is {weight}, must be a number from 0 up, or infinite"))
        })?),
        "class-nll" => {
            let dims = arguments::whole("dims", weight, 1, u64::from(u32::MAX))? as u32;
            Objective::ClassNll { dims: NonZeroU32::MIN.saturating_add(dims - 1) }
        }
        other => return Err(Error::Argument(format!("loss is `{other}`, must be ib or class-nll"))),
    };
    Ok(Settings { objective, rate, noise })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn settings_that_no_lab_has_are_refused_by_name() {
        assert!(settings("ib", f64::INFINITY, 0.01, 0.1).is_ok());
        assert!(settings("class-nll", 3072.0, 0.01, 0.1).is_ok());
        for (loss, weight, word) in [("ib", -1.0, "gamma"), ("class-nll", 0.0, "dims"), ("ml", 1.0, "loss")] {
            let message = settings(loss, weight, 0.01, 0.1).unwrap_err().to_string();
            assert!(message.starts_with(word), "{message}");
        }
    }
}
