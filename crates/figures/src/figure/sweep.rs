//! What γ does: Figs 6 and 11.

use super::by_gamma::{Models, Range, Series};
use super::look::set_name;
use crate::Result;
use crate::draw::{Paint, Scene, Sheet, Stroke};
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::report::Report;
use ibinn_runs::replicates::Replicates;

/// Error, bits per dimension, calibration, entropy increase and detection over γ (Fig 6). Error, calibration and entropy
/// are left out at γ = 0, where nothing is trained to classify.
///
/// # Errors
/// [`Error::Usage`] when no model has a γ, two of a method have the same, or they were evaluated on several data sets.
pub fn gamma(evaluations: &[Replicates]) -> Result<Sheet> {
    let sets = sets(evaluations);
    let models = Models::new(evaluations)?;
    let entropy = each_set(&sets, |set| set.entropy_increase);
    let auc = each_set(&sets, |set| set.typicality_auc);
    let panels = vec![
        models.panel("Classification error, %", Range::FromZero, &[one(|r| r.error)]),
        models.panel("Bits per dimension", Range::Likelihood, &[one(|r| r.bits_per_dim)]),
        models.panel("Calibration error, %", Range::FromZero, &[one(|r| r.calibration[0].geo)]),
        models.panel("Entropy increase, nats", Range::Around, &entropy),
        models.panel("Detection AUC, %", Range::Auc, &auc),
    ];
    let title = "Classification, likelihood, calibration and detection over γ";
    Ok(Sheet { notes: models.notes(evaluations), ..Sheet::new(title, panels, 3, models.legend(&auc)) })
}

/// The calibration errors, and entropy increase and detection for each set, over γ (Fig 11). The mean AUC is arithmetic
/// here, as in the paper.
///
/// # Errors
/// As [`gamma`].
pub fn gamma_all(evaluations: &[Replicates]) -> Result<Sheet> {
    let sets = sets(evaluations);
    let models = Models::new(evaluations)?;
    let calibration = [
        ("Classification error, %", one(|r| r.error)),
        ("Geometric mean of the errors, %", one(|r| r.calibration[0].geo)),
        ("ECE, %", one(|r| r.calibration[0].ece)),
        ("MCE, %", one(|r| r.calibration[0].mce)),
        ("ICE, %", one(|r| r.calibration[0].ice)),
    ];
    let detection =
        |what: &str, range: Range, mean: fn(&Report) -> Option<Estimate>, measure: OfSet| -> Vec<Scene> {
            let first = models.panel(&format!("Mean {what}"), range, &[one(mean)]);
            let panel =
                |series: Series<'_>| models.panel(&format!("{}: {what}", series.name), range, &[series]);
            [first].into_iter().chain(each_set(&sets, measure).into_iter().map(panel)).collect()
        };
    Ok(Sheet {
        title: "Calibration, entropy increase and detection of each set over γ".into(),
        rows: vec![
            calibration
                .into_iter()
                .map(|(title, series)| models.panel(title, Range::FromZero, &[series]))
                .collect(),
            detection(
                "ΔH, nats",
                Range::Around,
                |r| r.ood_average?.entropy_increase,
                |set| set.entropy_increase,
            ),
            detection("AUC, %", Range::Auc, mean_auc, |set| set.typicality_auc),
        ],
        legend: models.legend(&[]),
        notes: models.notes(evaluations),
    })
}

fn one<'a>(measure: impl Fn(&Report) -> Option<Estimate> + 'a) -> Series<'a> {
    Series { name: String::new(), stroke: Stroke::solid(Paint::Accent, 1.8), measure: Box::new(measure) }
}

fn mean_auc(report: &Report) -> Option<Estimate> {
    Some(Estimate { value: report.mean_auc()?, interval: None })
}

type OfSet = fn(&ibinn_evaluate::measures::report::OodReport) -> Option<Estimate>;

fn of_set<'a>(set: &'a str, measure: OfSet) -> impl Fn(&Report) -> Option<Estimate> + 'a {
    move |report| measure(report.ood.iter().find(|other| other.name == set)?)
}

fn each_set(sets: &[String], measure: OfSet) -> Vec<Series<'_>> {
    sets.iter()
        .enumerate()
        .map(|(i, set)| Series {
            name: set_name(set),
            stroke: Stroke::solid(Paint::Series(i), 1.8),
            measure: Box::new(of_set(set, measure)),
        })
        .collect()
}

/// Names of all sets, in the order in which they were evaluated.
fn sets(evaluations: &[Replicates]) -> Vec<String> {
    let mut sets: Vec<String> = Vec::new();
    for set in evaluations.iter().flat_map(|j| &j.first().report.ood) {
        if !sets.contains(&set.name) {
            sets.push(set.name.clone());
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_runs::examples::evaluation;

    #[test]
    fn what_would_mix_runs_is_not_drawn() {
        let alone = |run| Replicates::single("somewhere".into(), run);
        let sentence = |runs: &[Replicates]| gamma(runs).unwrap_err().to_string();
        let one = alone(evaluation("builtin", 1.0, 3.0));
        assert!(gamma(&[one.clone(), alone(evaluation("builtin", 0.2, 3.0))]).is_ok());
        let mixed = sentence(&[one.clone(), alone(evaluation("mnist", 0.2, 3.0))]);
        assert!(mixed.contains("several data sets, builtin, mnist"), "{mixed}");
        assert!(sentence(&[one.clone(), one.clone()]).contains("two of the runs have γ = 1"));
        let mut resnet = evaluation("builtin", 1.0, 3.0);
        resnet.training.method = ibinn::Method::ResNet;
        assert!(sentence(&[alone(resnet)]).contains("none of the evaluated models has a γ"));
    }
}
