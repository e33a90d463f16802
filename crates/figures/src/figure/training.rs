//! Curves of training: the cross-informations that the loss weighs against each other, from a run's log.

use std::io::BufRead;
use std::path::Path;

use ibinn::Method;
use serde::Deserialize;

use super::look::strokes;
use crate::draw::{Axis, Dash, Legend, Paint, Panel, Scale, Sheet, Stroke};
use crate::labels::distinct;
use crate::samples::read_model;
use crate::{Error, Result};
use ibinn_data::find;
use ibinn_evaluate::measures::noise;
use ibinn_runs::results::{RunFolder, names};

const PANEL: [f64; 2] = [340.0, 240.0];
/// Points that a curve is drawn with, at most: more cannot be told apart.
const POINTS: usize = 400;

/// A line of the log, as far as curves need it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Line {
    step: f64,
    l_x: Option<f64>,
    l_y: f64,
    accuracy: f64,
    gradient_norm: f64,
    validation_l_x: Option<f64>,
    validation_l_y: Option<f64>,
    validation_accuracy: Option<f64>,
}

/// What a run logged.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingLog {
    /// Its name for people.
    pub name: String,
    /// How it is drawn.
    pub stroke: Stroke,
    /// What L_X, in nats per dimension of the normalised image, lacks to be CI(X, Z) in those of [0, 1].
    offset: f64,
    lines: Vec<Line>,
}

impl TrainingLog {
    /// Reads the log of a run that normalises by `std`.
    ///
    /// # Errors
    /// When it cannot be read or holds no line.
    pub fn read(name: String, stroke: Stroke, folder: &RunFolder, std: &[f32]) -> Result<Self> {
        let path = folder.file(names::LOG);
        let file = std::fs::File::open(&path).map_err(|source| Error::io(&path, source))?;
        let lines = std::io::BufReader::new(file).lines();
        let lines: Vec<Line> = lines.map_while(|line| serde_json::from_str(&line.ok()?).ok()).collect();
        if lines.is_empty() {
            return Err(none(&path));
        }
        let mean_ln_std = std.iter().map(|&s| f64::from(s).ln()).sum::<f64>() / std.len() as f64;
        let hidden = noise::entropy(folder.config.noise, folder.config.dequantize);
        let offset = 0.5 * std::f64::consts::TAU.ln() + mean_ln_std - hidden;
        Ok(Self { name, stroke, offset, lines })
    }

    /// Pairs of step and value of the lines that have it: of validations there are few.
    fn points(&self, value: impl Fn(&Line) -> Option<f64>) -> Vec<[f64; 2]> {
        self.lines.iter().filter_map(|line| Some([line.step, value(line)?])).collect()
    }

    /// Pairs of step and value, as means over pieces of the run where there are many.
    fn curve(&self, value: impl Fn(&Line) -> Option<f64>) -> Vec<[f64; 2]> {
        let piece = self.lines.len().div_ceil(POINTS);
        let mean = |lines: &[Line]| {
            let values: Option<Vec<f64>> = lines.iter().map(&value).collect();
            let values = values?;
            Some([lines.last()?.step, values.iter().sum::<f64>() / values.len() as f64])
        };
        self.lines.chunks(piece).filter_map(mean).collect()
    }
}

/// The logs of runs, each named and drawn by what it trained.
///
/// # Errors
/// When a log cannot be read, or a run that is not finished is on a data set by path.
pub fn logs(folders: &[RunFolder]) -> Result<Vec<TrainingLog>> {
    let mut runs: Vec<(Method, &RunFolder)> =
        folders.iter().map(|folder| (folder.config.model.method(), folder)).collect();
    runs.sort_by(|(a, _), (b, _)| a.order(*b));
    let methods: Vec<Method> = runs.iter().map(|(method, _)| *method).collect();
    let names = distinct(runs.iter().map(|(method, folder)| (*method, folder.path.as_path())));
    let drawn = runs.iter().zip(names).zip(strokes(&methods));
    let log = |(((_, folder), name), stroke): ((&(Method, &RunFolder), String), Stroke)| {
        TrainingLog::read(name, stroke, folder, &images(folder)?.std)
    };
    drawn.map(log).collect()
}

/// The largest number of classes of the runs' data sets.
///
/// # Errors
/// As [`logs`].
pub fn classes(folders: &[RunFolder]) -> Result<usize> {
    folders.iter().try_fold(1, |most, run| Ok(images(run)?.classes.max(most)))
}

/// What curves need to know of a run's images.
struct Images {
    /// By what each channel is divided.
    std: Vec<f32>,
    classes: usize,
}

/// Those of a run: as its model says, or its data set where it has none yet.
fn images(folder: &RunFolder) -> Result<Images> {
    let path = folder.file(names::MODEL);
    if path.exists() {
        let model = read_model(&path)?;
        return Ok(Images { std: model.spec().input().std.clone(), classes: model.spec().classes().len() });
    }
    let known = find(&folder.config.dataset)?;
    Ok(Images { std: known.std.to_vec(), classes: known.classes.len() })
}

fn none(path: &Path) -> Error {
    Error::data(path, "it holds no line of a run")
}

/// CI(X, Z), CI(Z, Y), error and gradient norm of runs over the steps, on the batches that were trained on; the first three also on
/// validation images, where a run has such.
pub fn training(runs: &[TrainingLog], classes: usize) -> Sheet {
    type Value = fn(&Line, f64) -> Option<f64>;
    let panels: [(&str, Value, Value); 4] = [
        (
            "CI(X, Z), nats per dimension",
            |line, offset| Some(line.l_x? + offset),
            |line, offset| Some(line.validation_l_x? + offset),
        ),
        ("CI(Z, Y), nats", |line, _| Some(line.l_y), |line, _| line.validation_l_y),
        (
            "Error, %",
            |line, _| Some(100.0 * (1.0 - line.accuracy)),
            |line, _| Some(100.0 * (1.0 - line.validation_accuracy?)),
        ),
        ("Norm of the gradient", |line, _| Some(line.gradient_norm), |_, _| None),
    ];
    let last = runs.iter().filter_map(|run| run.lines.last()).map(|line| line.step).fold(1.0, f64::max);
    let ln_k = (classes as f64).ln();
    let panel = |(i, (title, value, validation)): (usize, (&str, Value, Value))| {
        let curves: Vec<Vec<[f64; 2]>> =
            runs.iter().map(|run| run.curve(|line| value(line, run.offset))).collect();
        let validations: Vec<Vec<[f64; 2]>> =
            runs.iter().map(|run| run.points(|line| validation(line, run.offset))).collect();
        let shown = curves.iter().chain(&validations).flat_map(|curve| settled(curve)).map(|v| v[1]);
        let scale = match i {
            1 => Scale::around(shown.chain([ln_k])),
            2 => Scale::from_zero(shown),
            3 => Scale::log_around(curves.iter().flatten().map(|v| v[1])),
            _ => Scale::around(shown),
        };
        let panel = Panel {
            size: PANEL,
            title: title.into(),
            x: Axis { scale: Scale::Linear { low: 0.0, high: last }, label: "step".into() },
            y: Axis { scale, label: String::new() },
        };
        let mut scene = panel.scene();
        if i == 1 {
            panel.level(&mut scene, ln_k);
        }
        for (run, curve) in runs.iter().zip(&curves) {
            panel.line(&mut scene, curve, Stroke { width: 1.5, ..run.stroke });
        }
        for (run, points) in runs.iter().zip(&validations) {
            panel.line(&mut scene, points, Stroke { width: 1.5, dash: Dash::Dotted, ..run.stroke });
        }
        scene
    };
    let drawings = panels.into_iter().enumerate().map(panel).collect();
    let mut legend = Legend::default();
    for run in runs {
        legend.line(&run.name, run.stroke);
    }
    if runs.iter().any(|run| run.lines.iter().any(|line| line.validation_l_y.is_some())) {
        let dotted = Stroke { paint: Paint::Edge, width: 1.5, dash: Dash::Dotted };
        legend.line("dotted: on validation images", dotted);
    }
    let most = Stroke { paint: Paint::Edge, width: 1.2, dash: Dash::Dashed };
    legend.line("ln K, the most there is to know of the class", most);
    Sheet::new("Cross-informations, error and gradient norm during training", drawings, 2, legend)
}

/// A curve without its first fiftieth, whose values are far from all others and would flatten them.
fn settled(curve: &[[f64; 2]]) -> impl Iterator<Item = [f64; 2]> {
    curve[(curve.len() / 50).min(curve.len().saturating_sub(1))..].iter().copied()
}
