//! What today's benchmarks of detection and calibration report, with bootstrap intervals (method §4.9).

use ibinn_data::ood::Distance;
use serde::{Deserialize, Serialize};

use super::arithmetic_mean;
use super::bootstrap::{Bootstrap, Estimate, Group};
use super::detection::Ranked;
use super::scores::{DetectionScore, OodScores, TestScores, percent};
use super::top_label::{ReliabilityBin, TopLabel, reliability_diagram, risk_coverage};

/// How well a score tells foreign images from the test images, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionReport {
    /// The score.
    pub score: DetectionScore,
    /// Area under the ROC curve.
    pub auroc: Option<Estimate>,
    /// Area under the precision–recall curve, test images as positives.
    pub aupr_in: Option<Estimate>,
    /// The same with foreign images as positives.
    pub aupr_out: Option<Estimate>,
    /// False positive rate where 95 % of the foreign images are detected.
    pub fpr95: Option<Estimate>,
}

impl DetectionReport {
    fn new(score: DetectionScore, estimates: &[Option<Estimate>]) -> Self {
        let [auroc, aupr_in, aupr_out, fpr95] = [0, 1, 2, 3].map(|i| estimates[i]);
        Self { score, auroc, aupr_in, aupr_out, fpr95 }
    }
}

/// Arithmetic means over sets of what each score detects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionMean {
    /// Over the sets at this distance; none where over all.
    pub distance: Option<Distance>,
    /// What each score detects.
    pub detection: Vec<DetectionReport>,
}

/// What each score that the model gives detects of each set, and the arithmetic means over the near sets, the far ones, and all;
/// none over no set.
///
/// The mean L_X that typicality is measured from is that of all test images in every resample.
pub(super) fn detection(
    test: &TestScores,
    sets: &[OodScores],
    groups: &[Group],
    bootstrap: Bootstrap,
) -> (Vec<Vec<DetectionReport>>, Vec<DetectionMean>) {
    let ranked = |set: &OodScores| -> Vec<(DetectionScore, Ranked)> {
        let by = |score| Some((score, test.scores().ranked(&set.scores, score)?));
        DetectionScore::ALL.into_iter().filter_map(by).collect()
    };
    let ranked: Vec<Vec<(DetectionScore, Ranked)>> = sets.iter().map(ranked).collect();
    let Some(first) = ranked.first() else { return (Vec::new(), Vec::new()) };
    let scores: Vec<DetectionScore> = first.iter().map(|(score, _)| *score).collect();
    let width = 4 * scores.len();
    let over = |distance: Option<Distance>| -> Vec<usize> {
        (0..sets.len()).filter(|&i| distance.is_none() || sets[i].distance == distance).collect()
    };
    let means: Vec<(Option<Distance>, Vec<usize>)> = [Some(Distance::Near), Some(Distance::Far), None]
        .map(|distance| (distance, over(distance)))
        .into_iter()
        .filter(|(_, sets)| !sets.is_empty())
        .collect();
    // The measures of each set, score by score, and then their means over the sets.
    let estimates = bootstrap.estimate(groups, |drawn| {
        let of_set = |(ranked, foreign): (&Vec<(DetectionScore, Ranked)>, &Vec<u32>)| {
            let of = |(_, ranked): &(DetectionScore, Ranked)| {
                let found = ranked.measures([&drawn[0], foreign]);
                let number = |number: Option<f64>| percent(number);
                [
                    number(found.map(|m| m.auroc)),
                    number(found.map(|m| m.aupr_in)),
                    number(found.map(|m| m.aupr_out)),
                    number(found.map(|m| m.fpr95)),
                ]
            };
            ranked.iter().flat_map(of).collect::<Vec<_>>()
        };
        let mut rows: Vec<Vec<Option<f64>>> = ranked.iter().zip(&drawn[1..]).map(of_set).collect();
        for (_, sets) in &means {
            let mean = |i: usize| {
                arithmetic_mean(&sets.iter().map(|&set| rows[set][i]).collect::<Option<Vec<_>>>()?)
            };
            rows.push((0..width).map(mean).collect());
        }
        rows.concat()
    });
    let rows = estimates.chunks(width).map(|row| {
        let reports = scores.iter().zip(row.chunks(4));
        reports.map(|(&score, estimates)| DetectionReport::new(score, estimates)).collect()
    });
    let mut rows: Vec<Vec<DetectionReport>> = rows.collect();
    let of_means = rows.split_off(sets.len());
    let means = means.into_iter().zip(of_means);
    (rows, means.map(|((distance, _), detection)| DetectionMean { distance, detection }).collect())
}

/// Calibration of the top label and of each class, and proper scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopLabelReport {
    /// Expected calibration error of the top label, 15 bins of equal width, percent.
    pub ece: Option<Estimate>,
    /// The same with 15 bins that hold equally many images, percent.
    pub adaptive_ece: Option<Estimate>,
    /// The calibration error of each class's probability, 15 bins of equal width, averaged over classes, percent.
    pub class_wise_ece: Option<Estimate>,
    /// Brier score, 0 to 2.
    pub brier: Option<Estimate>,
    /// Its part that is miscalibration.
    pub brier_reliability: Option<Estimate>,
    /// Its part that telling images apart saves.
    pub brier_resolution: Option<Estimate>,
    /// What it would be without telling any apart.
    pub brier_uncertainty: Option<Estimate>,
    /// Negative log-likelihood of the label, nats.
    pub nll: Option<Estimate>,
    /// Area under the risk–coverage curve, percent.
    pub aurc: Option<Estimate>,
    /// The error in percent among the most certain 5 %, 10 %, … 100 % of the images; none of fewer than 20.
    pub risk_coverage: Option<Vec<f64>>,
    /// The reliability diagram, by the bins of the calibration error.
    #[serde(default)]
    pub reliability_diagram: Vec<ReliabilityBin>,
}

/// The same at the temperature that was fitted to images that were held out from training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TemperedReport {
    /// The temperature.
    pub temperature: f64,
    /// What is measured at it.
    pub top_label: TopLabelReport,
}

/// Those of the test images, at temperature T.
pub(super) fn top_label(test: &TestScores, temperature: f64, bootstrap: Bootstrap) -> TopLabelReport {
    let images = &test.predictions(temperature);
    let estimates = bootstrap.estimate(&[Group::apart(images.len())], |drawn| {
        let found = TopLabel::new(images, &drawn[0]);
        vec![
            percent(found.map(|m| m.ece)),
            percent(found.map(|m| m.adaptive_ece)),
            percent(found.map(|m| m.class_wise_ece)),
            found.map(|m| m.brier),
            found.map(|m| m.reliability),
            found.map(|m| m.resolution),
            found.map(|m| m.uncertainty),
            found.map(|m| m.nll),
            percent(found.map(|m| m.aurc)),
        ]
    });
    TopLabelReport {
        ece: estimates[0],
        adaptive_ece: estimates[1],
        class_wise_ece: estimates[2],
        brier: estimates[3],
        brier_reliability: estimates[4],
        brier_resolution: estimates[5],
        brier_uncertainty: estimates[6],
        nll: estimates[7],
        aurc: estimates[8],
        risk_coverage: risk_coverage(images),
        reliability_diagram: reliability_diagram(images),
    }
}
