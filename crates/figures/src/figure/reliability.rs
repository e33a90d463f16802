//! Reliability diagrams and risk–coverage curves (method §4.9).

use ibinn::Method;
use ibinn_evaluate::measures::standard::TopLabelReport;
use ibinn_runs::results::{FullEvaluation, caveats};

use super::look::strokes;
use crate::draw::{Axis, Dash, Fill, Legend, Paint, Panel, Scale, Sheet, Stroke};

const PANEL: [f64; 2] = [340.0, 320.0];
/// The share that is right among fewer images says nothing.
const LEAST_IMAGES: usize = 10;

/// The share of images that are classified rightly over the mean probability of their class, and the error among the most
/// certain images over their share, of models called `names`, in bins of at least ten images; dotted, what the temperature in a model's card makes of it. A
/// model is overconfident where its curve lies below the diagonal.
pub fn reliability(names: &[String], evaluations: &[FullEvaluation]) -> Sheet {
    let methods: Vec<Method> = evaluations.iter().map(|evaluation| evaluation.training.method).collect();
    let unit = || Scale::Linear { low: 0.0, high: 1.0 };
    let diagram = Panel {
        size: PANEL,
        title: "Share that is right".into(),
        x: Axis { scale: unit(), label: "mean probability of the predicted class".into() },
        y: Axis { scale: unit(), label: String::new() },
    };
    let mut left = diagram.scene();
    let diagonal = Stroke { paint: Paint::Edge, width: 1.2, dash: Dash::Dashed };
    diagram.line(&mut left, &[[0.0, 0.0], [1.0, 1.0]], diagonal);
    let risks = evaluations.iter().flat_map(|evaluation| risk_coverage(&evaluation.report.top_label));
    let coverage = Panel {
        size: PANEL,
        title: "Error among the most certain images, %".into(),
        x: Axis { scale: Scale::Linear { low: 0.0, high: 100.0 }, label: "share of the images, %".into() },
        y: Axis { scale: Scale::around(risks.map(|point| point[1]).chain([0.0])), label: String::new() },
    };
    let mut right = coverage.scene();
    let mut legend = Legend::default();
    for ((evaluation, stroke), name) in evaluations.iter().zip(strokes(&methods)).zip(names) {
        let report = &evaluation.report;
        let points = curve(&report.top_label);
        diagram.line(&mut left, &points, stroke);
        diagram.dots(&mut left, &points, 2.4, Fill::solid(stroke.paint));
        coverage.line(&mut right, &risk_coverage(&report.top_label), stroke);
        legend.line(name, stroke);
        if let Some(tempered) = &report.tempered {
            let dotted = Stroke { dash: Dash::Dotted, ..stroke };
            diagram.line(&mut left, &curve(&tempered.top_label), dotted);
            legend.line(format!("{name}, logits divided by {:.2}", tempered.temperature), dotted);
        }
    }
    let title = "Reliability of the predicted class, and the error where a model may abstain";
    Sheet { notes: caveats(evaluations), ..Sheet::new(title, vec![left, right], 2, legend) }
}

fn curve(report: &TopLabelReport) -> Vec<[f64; 2]> {
    let kept = report.reliability_diagram.iter().filter(|bin| bin.images >= LEAST_IMAGES);
    kept.map(|bin| [bin.probability, bin.right]).collect()
}

/// Coverage and error, both in percent.
fn risk_coverage(report: &TopLabelReport) -> Vec<[f64; 2]> {
    let risks = report.risk_coverage.as_deref().unwrap_or_default();
    risks.iter().enumerate().map(|(i, risk)| [100.0 * (i + 1) as f64 / risks.len() as f64, *risk]).collect()
}
