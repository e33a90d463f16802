//! Calibration curves.

use ibinn::Method;

use super::look::strokes;
use crate::draw::{Axis, Dash, Fill, Legend, Paint, Panel, Scale, Sheet, Stroke};
use ibinn_evaluate::measures::calibration::Bin;
use ibinn_runs::results::{FullEvaluation, caveats};

const PANEL: [f64; 2] = [340.0, 320.0];

/// The share of right entries over the probability that was said, in the bins of the authors' program, and by how much
/// they differ, of models called `names`. A model is overconfident where its curve lies below the diagonal.
pub fn calibration(names: &[String], evaluations: &[FullEvaluation]) -> Sheet {
    let methods: Vec<Method> = evaluations.iter().map(|evaluation| evaluation.training.method).collect();
    let curves: Vec<(Stroke, Vec<[f64; 2]>)> =
        strokes(&methods).into_iter().zip(evaluations.iter().map(curve)).collect();
    let probability =
        || Axis { scale: Scale::Linear { low: 0.0, high: 1.0 }, label: "probability said".into() };
    let panel = Panel {
        size: PANEL,
        title: "Share that is right".into(),
        x: probability(),
        y: Axis { scale: Scale::Linear { low: 0.0, high: 1.0 }, label: String::new() },
    };
    let mut left = panel.scene();
    let diagonal = Stroke { paint: Paint::Edge, width: 1.2, dash: Dash::Dashed };
    panel.line(&mut left, &[[0.0, 0.0], [1.0, 1.0]], diagonal);
    let deviation =
        |curve: &[[f64; 2]]| -> Vec<[f64; 2]> { curve.iter().map(|[p, q]| [*p, 100.0 * (q - p)]).collect() };
    let all = curves.iter().flat_map(|(_, curve)| deviation(curve)).map(|v| v[1]).chain([0.0]);
    let beside = Panel {
        size: PANEL,
        title: "Right minus said, percentage points".into(),
        x: probability(),
        y: Axis { scale: Scale::around(all), label: String::new() },
    };
    let mut right = beside.scene();
    beside.level(&mut right, 0.0);
    let mut legend = Legend::default();
    for ((stroke, curve), name) in curves.iter().zip(names) {
        for (panel, scene, values) in
            [(&panel, &mut left, curve.clone()), (&beside, &mut right, deviation(curve))]
        {
            panel.line(scene, &values, *stroke);
            panel.dots(scene, &values, 2.4, Fill::solid(stroke.paint));
        }
        legend.line(name, *stroke);
    }
    let title = "Calibration: share of right entries over what was said";
    Sheet { notes: caveats(evaluations), ..Sheet::new(title, vec![left, right], 2, legend) }
}

/// Probability said and share of right entries of the bins that count.
fn curve(evaluation: &FullEvaluation) -> Vec<[f64; 2]> {
    let report = &evaluation.report.calibration[0];
    let kept = report.bins.iter().filter(|bin| report.binning.keeps(bin.count));
    kept.map(|bin: &Bin| [bin.centre(), bin.correct as f64 / bin.count as f64]).collect()
}
