//! What the input noise σ does: Fig 10.

use super::by_gamma::check_data_set;
use crate::Result;
use crate::draw::{Align, Axis, Dash, Fill, Legend, Paint, Panel, SMALL, Scale, Scene, Sheet, Stroke};
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::noise::{self, GREY_LEVEL};
use ibinn_evaluate::measures::report::Report;
use ibinn_runs::results::{FullEvaluation, caveats};

const PANEL: [f64; 2] = [300.0, 250.0];
/// σ up to which the last panel runs: where the noise is finer than the grey levels.
const FINE: f64 = 1e-3;

/// An evaluated run, and the noise that it was trained with.
#[derive(Clone, Debug, PartialEq)]
pub struct NoisyRun {
    /// Standard deviation of the Gaussian part, in units of [0, 1].
    pub sigma: f64,
    /// Whether there was uniform noise as well.
    pub dequantize: bool,
    /// What was measured of it.
    pub evaluation: FullEvaluation,
}

impl NoisyRun {
    /// CI(X, Z) in nats per dimension of [0, 1]; none of a model without a likelihood.
    pub fn cross_information(&self) -> Option<f64> {
        // Bits per dimension of 256 grey levels are nats of [0, 1], but for this.
        let bits = self.evaluation.report.bits_per_dim?.value;
        let density = bits * std::f64::consts::LN_2 - 256f64.ln();
        Some(density - noise::entropy(self.sigma, self.dequantize))
    }
}

/// Losses, measures of quality, and the cross-information CI(X, Z) over σ.
///
/// CI(X, Z) per dimension is L_X with all its constants, minus the entropy of the noise. That of Gaussian noise alone is
/// ln σ + ½ ln 2πe; where it is finer than the grey levels, CI(X, Z) must rise as −ln σ, since pixels then are told
/// exactly. The broken line shows that.
///
/// # Errors
/// [`Error::Usage`] when the runs were evaluated on several data sets.
pub fn sigma(runs: &[NoisyRun]) -> Result<Sheet> {
    check_data_set(runs.iter().map(|run| &run.evaluation))?;
    let mut runs: Vec<&NoisyRun> = runs.iter().collect();
    runs.sort_by(|a, b| a.sigma.total_cmp(&b.sigma));
    let values = |measure: &dyn Fn(&Report) -> Option<f64>| -> Vec<[f64; 2]> {
        runs.iter().filter_map(|run| Some([run.sigma, measure(&run.evaluation.report)?])).collect()
    };
    let value = |estimate: Option<Estimate>| estimate.map(|e| e.value);
    let losses = [
        Line::measured("L_X, nats/dim", values(&|r| value(r.l_x))),
        Line::measured("−L_Y, nats", values(&|r| value(r.l_y).map(|l_y| -l_y))),
    ];
    let quality = [
        Line::measured("accuracy", values(&|r| value(r.error).map(|error| 100.0 - error))),
        Line::measured("mean AUC", values(&Report::mean_auc)),
        Line::measured("MCE", values(&|r| value(r.calibration[0].mce))),
    ];
    let information: Vec<[f64; 2]> =
        runs.iter().filter_map(|run| Some([run.sigma, run.cross_information()?])).collect();
    let sigmas = runs.iter().map(|run| run.sigma);
    let fine: Vec<[f64; 2]> =
        information.iter().copied().filter(|[sigma, _]| *sigma <= 1.001 * FINE).collect();
    let shown = if fine.len() > 1 { fine } else { information };
    let overlay: Vec<[f64; 2]> = match shown.first() {
        Some(&[first, at_first]) => {
            shown.iter().map(|&[sigma, _]| [sigma, at_first - (sigma / first).ln()]).collect()
        }
        None => Vec::new(),
    };
    let lines = [
        Line::measured("CI(X, Z), nats/dim", shown.clone()),
        Line { name: "−ln σ + constant", points: overlay, measured: false },
    ];
    let drawings = vec![
        panel("Losses", sigmas.clone(), &losses, true),
        panel("Quality, %", sigmas, &quality, true),
        panel("Cross-information", shown.iter().map(|v| v[0]), &lines, false),
    ];
    let title = "Losses, quality and cross-information over the input noise σ";
    let evaluated: Vec<FullEvaluation> = runs.iter().map(|run| run.evaluation.clone()).collect();
    Ok(Sheet { notes: caveats(&evaluated), ..Sheet::new(title, drawings, 3, Legend::default()) })
}

/// Pairs of σ and value.
struct Line {
    name: &'static str,
    points: Vec<[f64; 2]>,
    /// Whether it is of runs, and not what theory says.
    measured: bool,
}

impl Line {
    fn measured(name: &'static str, points: Vec<[f64; 2]>) -> Self {
        Self { name, points, measured: true }
    }
}

fn panel(title: &str, sigmas: impl Iterator<Item = f64>, lines: &[Line], grey_level: bool) -> Scene {
    let panel = Panel {
        size: PANEL,
        title: title.into(),
        x: Axis { scale: Scale::log_around(sigmas), label: "σ".into() },
        y: Axis {
            scale: Scale::around(lines.iter().flat_map(|line| line.points.iter().map(|v| v[1]))),
            label: String::new(),
        },
    };
    let mut scene = panel.scene();
    if grey_level && (0.0..=1.0).contains(&panel.x.scale.place(GREY_LEVEL)) {
        panel.upright(&mut scene, GREY_LEVEL, "1/256");
    }
    let mut legend = Legend::default();
    for (i, Line { name, points, measured }) in lines.iter().enumerate() {
        let dash = if *measured { Dash::None } else { Dash::Dashed };
        let paint = if *measured { Paint::Series(i) } else { Paint::Edge };
        let stroke = Stroke { paint, width: 1.8, dash };
        panel.line(&mut scene, points, stroke);
        if *measured {
            panel.dots(&mut scene, points, 2.4, Fill::solid(paint));
        }
        legend.line(*name, stroke);
    }
    if lines.iter().all(|line| line.points.is_empty()) {
        let middle = [PANEL[0] / 2.0, PANEL[1] / 2.0];
        scene.styled("not measured", middle, SMALL, Align::Middle, Paint::Soft, false);
    }
    scene.height += 12.0 + legend.draw_across(&mut scene, [14.0, PANEL[1] + 12.0], PANEL[0] - 14.0);
    scene
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_runs::examples::evaluation;

    #[test]
    fn cross_information_is_beside_the_noise_that_was_added() {
        let information = |sigma, dequantize| {
            let run = NoisyRun { sigma, dequantize, evaluation: evaluation("builtin", 0.2, 3.0) };
            run.cross_information().unwrap()
        };
        let density = 3.0 * std::f64::consts::LN_2 - 256f64.ln();
        let gaussian = |sigma: f64| sigma.ln() + 1.418_938_533_204_672_7;
        assert!((information(1e-4, false) - (density - gaussian(1e-4))).abs() < 1e-12);
        // Uniform noise of a grey level's width hides more than Gaussian noise that is far finer.
        assert!((information(1e-4, true) - (density + 256f64.ln())).abs() < 0.1);
    }
}
