//! What the input noise σ does: Fig 10.

use crate::draw::{Align, Axis, Dash, Fill, Legend, Paint, Panel, SMALL, Scale, Scene, Sheet, Stroke};
use crate::measures::arithmetic_mean;
use crate::measures::bootstrap::Estimate;
use crate::measures::report::Report;
use crate::results::Judgement;

const PANEL: [f64; 2] = [300.0, 250.0];
/// Width of a grey level.
const GREY_LEVEL: f64 = 1.0 / 256.0;
/// σ up to which the last panel runs: where the noise is finer than the grey levels.
const FINE: f64 = 1e-3;

/// Losses, measures of quality, and the cross-information CI(X, Z) over σ, each run with its σ.
///
/// CI(X, Z) per dimension is L_X with all its constants, minus ln σ + ½ ln 2πe, the entropy of the noise; for noise finer
/// than the grey levels it must rise as −ln σ, since pixels then are told exactly. The broken line shows that.
pub fn sigma(runs: &[(f64, Judgement)]) -> Sheet {
    let mut runs: Vec<&(f64, Judgement)> = runs.iter().collect();
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let values = |measure: &dyn Fn(f64, &Report) -> Option<f64>| -> Vec<[f64; 2]> {
        runs.iter().filter_map(|(sigma, j)| Some([*sigma, measure(*sigma, &j.report)?])).collect()
    };
    let value = |estimate: Option<Estimate>| estimate.map(|e| e.value);
    let losses = [
        ("L_X, nats/dim", values(&|_, r| value(r.l_x))),
        ("−L_Y, nats", values(&|_, r| value(r.l_y).map(|l_y| -l_y))),
    ];
    let quality = [
        ("accuracy", values(&|_, r| value(r.error).map(|error| 100.0 - error))),
        ("mean AUC", values(&|_, r| mean_auc(r))),
        ("MCE", values(&|_, r| value(r.calibration[0].mce))),
    ];
    let information = values(&|sigma, r| cross_information(sigma, r));
    let sigmas = runs.iter().map(|(sigma, _)| *sigma);
    let fine: Vec<[f64; 2]> =
        information.iter().copied().filter(|[sigma, _]| *sigma <= 1.001 * FINE).collect();
    let shown = if fine.len() > 1 { fine } else { information };
    let overlay: Vec<[f64; 2]> = match shown.first() {
        Some(&[first, at_first]) => {
            shown.iter().map(|&[sigma, _]| [sigma, at_first - (sigma / first).ln()]).collect()
        }
        None => Vec::new(),
    };
    let lines = [("CI(X, Z), nats/dim", shown.clone()), ("−ln σ + constant", overlay)];
    let drawings = vec![
        panel("Losses", sigmas.clone(), &losses, true),
        panel("Quality, %", sigmas, &quality, true),
        panel("Cross-information", shown.iter().map(|v| v[0]), &lines, false),
    ];
    Sheet::new("Losses, quality and cross-information over the input noise σ", drawings, 3, Legend::default())
}

/// CI(X, Z) in nats per dimension of [0, 1].
pub fn cross_information(sigma: f64, report: &Report) -> Option<f64> {
    // Bits per dimension of 256 grey levels are nats of [0, 1], but for this.
    let density = report.bits_per_dim?.value * std::f64::consts::LN_2 - 256f64.ln();
    let noise = sigma.ln() + 0.5 * (std::f64::consts::TAU.ln() + 1.0);
    (sigma > 0.0).then_some(density - noise)
}

fn mean_auc(report: &Report) -> Option<f64> {
    let all: Option<Vec<f64>> = report.ood.iter().map(|set| set.typicality_auc.map(|e| e.value)).collect();
    arithmetic_mean(&all?)
}

fn panel(
    title: &str,
    sigmas: impl Iterator<Item = f64>,
    lines: &[(&str, Vec<[f64; 2]>)],
    grey_level: bool,
) -> Scene {
    let panel = Panel {
        size: PANEL,
        title: title.into(),
        x: Axis { scale: Scale::log_around(sigmas), label: "σ".into() },
        y: Axis {
            scale: Scale::around(lines.iter().flat_map(|(_, line)| line.iter().map(|v| v[1]))),
            label: String::new(),
        },
    };
    let mut scene = panel.scene();
    if grey_level && (0.0..=1.0).contains(&panel.x.scale.place(GREY_LEVEL)) {
        panel.upright(&mut scene, GREY_LEVEL, "1/256");
    }
    let mut legend = Legend::default();
    for (i, (name, line)) in lines.iter().enumerate() {
        let is_overlay = name.contains("constant");
        let dash = if is_overlay { Dash::Dashed } else { Dash::None };
        let paint = if is_overlay { Paint::Edge } else { Paint::Series(i) };
        let stroke = Stroke { paint, width: 1.8, dash };
        panel.line(&mut scene, line, stroke);
        if !is_overlay {
            panel.dots(&mut scene, line, 2.4, Fill::solid(paint));
        }
        legend.line(*name, stroke);
    }
    if lines.iter().all(|(_, line)| line.is_empty()) {
        let middle = [PANEL[0] / 2.0, PANEL[1] / 2.0];
        scene.styled("not measured", middle, SMALL, Align::Middle, Paint::Soft, false);
    }
    scene.height += 12.0 + legend.draw_across(&mut scene, [14.0, PANEL[1] + 12.0], PANEL[0] - 14.0);
    scene
}
