//! Panels with γ on their x axis.

use ibinn::MethodName;

use crate::draw::{Align, Axis, Dash, Fill, Legend, Paint, Panel, SMALL, Scale, Scene, Stroke};
use crate::{Error, Result};
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::report::Report;
use ibinn_runs::replicates::Replicates;
use ibinn_runs::results::{FullEvaluation, caveats};
use ibinn_terminal::output::number;

/// Size of a panel.
const PANEL: [f64; 2] = [264.0, 214.0];
/// Values at γ = 0 and ∞ that lie further outside of the others than these do among themselves do not stretch the axis;
/// they are shown at its end, with their number.
const FAR: f64 = 1.0;

/// What is shown of a report.
pub type Measure<'a> = dyn Fn(&Report) -> Option<Estimate> + 'a;

/// A measure that several values of γ have.
pub struct Series<'a> {
    /// Its name in the legend, where there are several.
    pub name: String,
    /// Its line.
    pub stroke: Stroke,
    /// The number itself.
    pub measure: Box<Measure<'a>>,
}

/// How the y axis of a panel runs.
#[derive(Clone, Copy, PartialEq)]
pub enum Range {
    /// From zero up.
    FromZero,
    /// Around the values.
    Around,
    /// Around the values of a likelihood.
    Likelihood,
    /// Percent of an AUC, with a line at guessing.
    Auc,
}

/// Evaluated models of one method by γ.
type ByGamma<'a> = Vec<(f64, &'a Replicates)>;

/// Refuses evaluations on several data sets in one figure over a setting: its lines would lead from one to another.
pub fn check_data_set<'a>(evaluations: impl IntoIterator<Item = &'a FullEvaluation>) -> Result<()> {
    let mut sets: Vec<&str> = evaluations.into_iter().map(|evaluation| evaluation.dataset.as_str()).collect();
    sets.sort_unstable();
    sets.dedup();
    if sets.len() <= 1 {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the runs were evaluated on several data sets, {}: draw each by itself",
        sets.join(", ")
    )))
}

/// The models that have a γ.
pub struct Models<'a> {
    ib: ByGamma<'a>,
    vib: ByGamma<'a>,
    x: Scale,
}

impl<'a> Models<'a> {
    /// Those of `evaluations` that have one.
    ///
    /// # Errors
    /// [`Error::Usage`] when none has, two of a method have the same, or they were evaluated on several data sets.
    pub fn new(evaluations: &'a [Replicates]) -> Result<Self> {
        let of = |name: MethodName| -> ByGamma<'a> {
            let trained = evaluations.iter().map(|j| (j.first().training.method, j));
            let trained = trained.filter(|(method, _)| method.name() == name);
            let mut all: ByGamma<'a> =
                trained.filter_map(|(method, models)| Some((method.gamma()?.value(), models))).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            all
        };
        let (ib, vib) = (of(MethodName::IbInn), of(MethodName::Vib));
        let evaluations = evaluations.iter().map(Replicates::first);
        check_data_set(evaluations.filter(|j| j.training.method.gamma().is_some()))?;
        for models in [&ib, &vib] {
            if let Some(twice) = models.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                let gamma = twice[0].0;
                return Err(Error::Usage(format!(
                    "two of the runs have γ = {gamma}: a figure over γ is of one each, or of several that differ in nothing but their seed"
                )));
            }
        }
        let gammas: Vec<f64> = ib.iter().chain(&vib).map(|(gamma, _)| *gamma).collect();
        if gammas.is_empty() {
            return Err(Error::Usage(
                "none of the evaluated models has a γ, so there is nothing to draw over it".into(),
            ));
        }
        Ok(Self { ib, vib, x: Scale::open(&gammas) })
    }

    /// The names of `series` and, where there are several, of the methods.
    pub fn legend(&self, series: &[Series<'_>]) -> Legend {
        let mut legend = Legend::default();
        for series in series {
            legend.line(&series.name, series.stroke);
        }
        if !self.vib.is_empty() {
            legend.line("IB-INN", Stroke::solid(Paint::Soft, 1.8));
            legend.line("VIB", Stroke { dash: Dash::Dotted, ..Stroke::solid(Paint::Soft, 1.8) });
        }
        legend
    }

    /// Sentences below the panels.
    pub fn notes(&self, evaluations: &[Replicates]) -> Vec<String> {
        let ends = matches!(self.x, Scale::Open { zero, infinity, .. } if zero || infinity);
        let shown = || self.ib.iter().chain(&self.vib).map(|(_, models)| *models);
        let resampled =
            shown().any(|m| m.seeds() == 1 && m.estimate(|r| r.error).is_some_and(|e| e.interval.is_some()));
        let averaged = shown().any(|models| models.seeds() > 1);
        let bands = match (resampled, averaged) {
            (true, true) => {
                Some("Bands: one standard deviation over seeds, and 95 % bootstrap intervals of single runs.")
            }
            (true, false) => Some("Bands: 95 % bootstrap intervals."),
            (false, true) => Some("Means over seeds; bands: one standard deviation over them."),
            (false, false) => None,
        };
        let bands = bands.map(str::to_string);
        let ends = ends.then(|| "γ = 0 is only L_X, γ = ∞ only L_Y.".to_string());
        bands.into_iter().chain(ends).chain(caveats(evaluations.iter().flat_map(Replicates::all))).collect()
    }

    /// `series` over γ.
    pub fn panel(&self, title: &str, range: Range, series: &[Series<'_>]) -> Scene {
        // Nothing is trained to classify at γ = 0: all but likelihood and detection by it mean nothing there.
        let classifies = !matches!(range, Range::Likelihood | Range::Auc);
        let lines: Vec<(Stroke, Vec<(f64, Estimate)>)> = series
            .iter()
            .flat_map(|series| {
                [(Dash::None, &self.ib), (Dash::Dotted, &self.vib)].map(|(dash, models)| {
                    let values = models.iter().filter(|(gamma, _)| !classifies || *gamma > 0.0);
                    let values = values
                        .filter_map(|(gamma, models)| Some((*gamma, models.estimate(&series.measure)?)));
                    (Stroke { dash, ..series.stroke }, values.collect())
                })
            })
            .collect();
        let all: Vec<(f64, Estimate)> = lines.iter().flat_map(|(_, line)| line.iter().copied()).collect();
        let panel = Panel {
            size: PANEL,
            title: title.into(),
            x: Axis { scale: self.x, label: "γ".into() },
            y: Axis { scale: y_scale(range, &all), label: String::new() },
        };
        let mut scene = panel.scene();
        if range == Range::Auc {
            panel.level(&mut scene, 50.0);
        }
        for (stroke, line) in &lines {
            let bands: Vec<(f64, [f64; 2])> =
                line.iter().filter_map(|(gamma, e)| Some((*gamma, e.interval?))).collect();
            if bands.len() == line.len() {
                panel.band(&mut scene, &bands, stroke.paint);
            }
        }
        for (stroke, line) in &lines {
            let values: Vec<[f64; 2]> = line.iter().map(|(gamma, e)| [*gamma, e.value]).collect();
            panel.line(&mut scene, &values, *stroke);
            panel.dots(&mut scene, &values, 2.6, Fill::solid(stroke.paint));
            for [gamma, value] in values {
                label_beyond(&mut scene, &panel, gamma, value);
            }
        }
        scene
    }
}

fn y_scale(range: Range, values: &[(f64, Estimate)]) -> Scale {
    let ends = |(_, e): &(f64, Estimate)| [e.value].into_iter().chain(e.interval.into_iter().flatten());
    let is_inner = |(gamma, _): &&(f64, Estimate)| *gamma > 0.0 && gamma.is_finite();
    let inner: Vec<f64> = values.iter().filter(is_inner).flat_map(ends).collect();
    let (low, high) =
        inner.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let room = FAR * (high - low).max(1e-9);
    let near = |v: &f64| inner.is_empty() || (low - room..=high + room).contains(v);
    let shown = values.iter().flat_map(ends).filter(near);
    match range {
        Range::FromZero => Scale::from_zero(shown),
        Range::Around | Range::Likelihood => Scale::around(shown),
        Range::Auc => {
            let lowest = shown.fold(50.0, f64::min);
            Scale::Linear { low: (lowest - 3.0).max(0.0), high: 101.0 }
        }
    }
}

/// A value beyond the axis stands at its end with its number.
fn label_beyond(scene: &mut Scene, panel: &Panel, gamma: f64, value: f64) {
    let share = panel.y.scale.place(value);
    if (-1e-9..=1.0 + 1e-9).contains(&share) {
        return;
    }
    let [x, y] = panel.place(gamma, value);
    let arrow = if share > 1.0 { "↑" } else { "↓" };
    let text = format!("{} {arrow}", number(value, if value.abs() < 10.0 { 2 } else { 1 }));
    scene.styled(text, [x - 6.0, y + 4.0], SMALL, Align::End, Paint::Soft, false);
}
