//! How the likelihoods of out-of-distribution sets lie beside those of the test set.

use crate::draw::{Align, Axis, Fill, Legend, Paint, Panel, SMALL, Scale, Sheet, Stroke};
use crate::figure::set_name;
use ibinn_runs::results::FullEvaluation;
use ibinn_terminal::output::number;

const PANEL: [f64; 2] = [420.0, 240.0];
/// Points of a curve.
const POINTS: usize = 240;
/// Sets further away than so many standard deviations of the test set are told of, not shown: all others would be a
/// single line then.
const FAR: f64 = 15.0;
/// Share of images that lies outside of the picture on either side.
const TAIL: f64 = 0.005;

/// Densities of L_X over the images that were evaluated and of each out-of-distribution set; none without a likelihood.
pub fn likelihoods(evaluation: &FullEvaluation) -> Option<Sheet> {
    let FullEvaluation { report, dataset, selection, .. } = evaluation;
    let images = selection.caveat().unwrap_or_else(|| "test images".into());
    let own = some(&report.l_x_quantiles)?;
    let sets: Vec<(&str, &[f64])> =
        report.ood.iter().filter_map(|set| Some((set.name.as_str(), some(&set.l_x_quantiles)?))).collect();
    let (centre, width) = (at(own, 0.5), (at(own, 0.84) - at(own, 0.16)) / 2.0);
    let reach = [centre - FAR * width, centre + FAR * width];
    let all = [own].into_iter().chain(sets.iter().map(|(_, quantiles)| *quantiles));
    let ends: Vec<f64> = all.flat_map(|q| [at(q, TAIL), at(q, 1.0 - TAIL)]).collect();
    let low = ends.iter().copied().fold(f64::INFINITY, f64::min).max(reach[0]);
    let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max).min(reach[1]);
    let room = 0.03 * (high - low).max(1e-9);
    let range = [low - room, high + room];
    let own_curve = density(own, range);
    let curves: Vec<Vec<[f64; 2]>> = sets.iter().map(|(_, quantiles)| density(quantiles, range)).collect();
    let highest = own_curve.iter().chain(curves.iter().flatten()).map(|v| v[1]).fold(0.0, f64::max);
    let panel = Panel {
        size: PANEL,
        title: "L_X of each image: density".into(),
        x: Axis {
            scale: Scale::Linear { low: range[0], high: range[1] },
            label: "L_X, nats per dimension".into(),
        },
        y: Axis { scale: Scale::from_zero([highest]), label: String::new() },
    };
    let mut scene = panel.scene();
    let mut legend = Legend::default();
    let ground: Vec<[f64; 2]> = own_curve.iter().map(|&[x, y]| panel.place(x, y)).collect();
    let feet = [[range[1], 0.0], [range[0], 0.0]].map(|[x, y]| panel.place(x, y));
    scene.area(ground.into_iter().chain(feet).collect(), Fill { paint: Paint::Ink, opacity: 0.14 });
    let stroke = Stroke::solid(Paint::Ink, 1.6);
    panel.line(&mut scene, &own_curve, stroke);
    legend.line(format!("{} ({images})", set_name(dataset)), stroke);
    for (i, ((name, quantiles), curve)) in sets.iter().zip(&curves).enumerate() {
        let stroke = Stroke::solid(Paint::Series(i), 1.8);
        let beyond = share_beyond(quantiles, range);
        let more =
            if beyond > 0.05 { format!(", {} % beyond", number(100.0 * beyond, 0)) } else { String::new() };
        panel.line(&mut scene, curve, stroke);
        legend.line(set_name(name) + &more, stroke);
    }
    panel.upright(&mut scene, report.l_x?.value, "");
    let mean = format!("mean of the {images}");
    scene.styled(mean, [PANEL[0] - 8.0, 14.0], SMALL, Align::End, Paint::Soft, false);
    Some(Sheet::new("Densities of L_X over the images of each set", vec![scene], 1, legend))
}

/// The quantiles, when there are any.
fn some(quantiles: &Option<Vec<f64>>) -> Option<&[f64]> {
    quantiles.as_deref().filter(|quantiles| !quantiles.is_empty())
}

/// The quantile at `share`, of quantiles at equal steps.
fn at(quantiles: &[f64], share: f64) -> f64 {
    quantiles[(share * (quantiles.len() - 1) as f64).round() as usize]
}

fn share_beyond(quantiles: &[f64], [low, high]: [f64; 2]) -> f64 {
    quantiles.iter().filter(|q| !(low..=high).contains(*q)).count() as f64 / quantiles.len() as f64
}

/// The density of what has these quantiles: a Gaussian around each, as wide as Silverman's rule says.
fn density(quantiles: &[f64], [low, high]: [f64; 2]) -> Vec<[f64; 2]> {
    let count = quantiles.len() as f64;
    let spread = (at(quantiles, 0.84) - at(quantiles, 0.16)) / 2.0;
    let width = (0.9 * spread * count.powf(-0.2)).max((high - low) / POINTS as f64);
    (0..POINTS)
        .map(|i| low + (high - low) * i as f64 / (POINTS - 1) as f64)
        .map(|x| {
            let sum: f64 = quantiles.iter().map(|q| (-0.5 * ((x - q) / width).powi(2)).exp()).sum();
            [x, sum / (count * width * std::f64::consts::TAU.sqrt())]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_have_a_mass_of_one_and_peak_where_the_quantiles_crowd() {
        let quantiles: Vec<f64> = (0..201).map(|i| (f64::from(i) / 100.0 - 1.0).powi(3)).collect();
        let curve = density(&quantiles, [-2.0, 2.0]);
        let step = curve[1][0] - curve[0][0];
        let mass: f64 = curve.iter().map(|v| v[1] * step).sum();
        assert!((mass - 1.0).abs() < 0.01, "{mass}");
        let peak = curve.iter().fold([0.0, 0.0], |best, v| if v[1] > best[1] { *v } else { best });
        assert!(peak[0].abs() < 0.05, "{peak:?}");
        assert!((share_beyond(&quantiles, [-2.0, 0.0]) - 100.0 / 201.0).abs() < 1e-9);
    }
}
