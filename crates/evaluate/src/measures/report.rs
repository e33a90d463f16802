//! Everything that is measured of a model on a test set and on out-of-distribution sets, with bootstrap intervals.

use ibinn::head::novelty::{NONE_OF_THESE, UNUSUAL};
use ibinn::head::posterior::Posterior;
use ibinn::{Model, NoveltyRow};
use ibinn_data::ood::Distance;
use serde::{Deserialize, Serialize};

use super::bootstrap::{Bootstrap, Estimate, Group};
use super::by_class::ByClass;
use super::calibration::{Bin, Binning, almost_certain, overconfidence};
use super::latent_space::{Distances, apart, between};
use super::measured::{Detection, Errors, Measured, estimate};
use super::scores::{OodScores, TestScores, all, percent, take};
use super::standard::{DetectionMean, DetectionReport, TemperedReport, TopLabelReport, detection, top_label};
use super::{arithmetic_mean, geometric_mean};

/// What is measured of a model. A measure that is not defined for these images (overconfidence where nothing is almost
/// certain) or for this model (all that a likelihood is needed for) is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of test images.
    pub images: usize,
    /// Classification error in percent.
    pub error: Option<Estimate>,
    /// The error of each class, and which is taken for which.
    #[serde(default)]
    pub by_class: ByClass,
    /// L_X in nats per dimension (method §3.3).
    pub l_x: Option<Estimate>,
    /// Quantiles of L_X over the test images at equal steps from 0 to 1; none of fewer than two images.
    #[serde(default)]
    pub l_x_quantiles: Option<Vec<f64>>,
    /// L_Y with hard labels in nats (method §3.3).
    pub l_y: Option<Estimate>,
    /// Bits per dimension, the correct density (method §3.5, C).
    pub bits_per_dim: Option<Estimate>,
    /// Bits per dimension in the convention of the paper's tables (method §3.5, T).
    pub bits_per_dim_tables: Option<Estimate>,
    /// Mean entropy of the posterior in nats (method §4.3).
    pub entropy: Option<Estimate>,
    /// Calibration in both binnings (method §4.2).
    pub calibration: [CalibrationReport; 2],
    /// Calibration of the top label and of each class, and proper scores (method §4.9).
    pub top_label: TopLabelReport,
    /// The same at the temperature in the model's card; none without one.
    #[serde(default)]
    pub tempered: Option<TemperedReport>,
    /// What novelty does to the test images; none without it.
    pub novelty: Vec<NoveltyRow>,
    /// Error rate among almost certain images over what their probability allows, a ratio (method §4.2).
    pub overconfidence: Option<Estimate>,
    /// The out-of-distribution sets.
    pub ood: Vec<OodReport>,
    /// Their averages, as the tables form them; none without a set.
    pub ood_average: Option<OodAverage>,
    /// Arithmetic means of what each score detects, over near sets, far ones, and all.
    pub detection_means: Vec<DetectionMean>,
    /// Where the classes lie, of a model with a mixture.
    pub latent_space: Option<LatentSpace>,
}

impl Report {
    /// Arithmetic mean of the typicality AUCs over the sets, in percent, as the paper's figures have it; none where one is
    /// not defined or there is no set.
    pub fn mean_auc(&self) -> Option<f64> {
        let all: Option<Vec<f64>> = self.ood.iter().map(|set| set.typicality_auc.map(|e| e.value)).collect();
        arithmetic_mean(&all?)
    }
}

/// Calibration in one binning, in percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationReport {
    /// The binning.
    pub binning: Binning,
    /// Expected calibration error.
    pub ece: Option<Estimate>,
    /// Maximum calibration error.
    pub mce: Option<Estimate>,
    /// Integrated calibration error.
    pub ice: Option<Estimate>,
    /// Geometric mean of the three.
    pub geo: Option<Estimate>,
    /// All bins, those that do not count as well: the calibration curve.
    pub bins: Vec<Bin>,
}

/// What is measured on one out-of-distribution set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OodReport {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub about: String,
    /// How far it is from the training images; none where nobody says.
    #[serde(default)]
    pub distance: Option<Distance>,
    /// Number of images.
    pub images: usize,
    /// Quantiles of L_X over its images at equal steps from 0 to 1; none of fewer than two images.
    #[serde(default)]
    pub l_x_quantiles: Option<Vec<f64>>,
    /// Increase of the posterior's mean entropy in nats (method §4.3).
    pub entropy_increase: Option<Estimate>,
    /// Detection AUC of the typicality test in percent (method §4.4).
    pub typicality_auc: Option<Estimate>,
    /// Detection AUC of L_X itself in percent (method §4.4).
    pub one_tailed_auc: Option<Estimate>,
    /// How well each score that the model gives tells the set from the test images.
    pub detection: Vec<DetectionReport>,
    /// Images in percent that novelty calls unusual or none of these, and those that it calls none of these; none without
    /// it.
    pub flagged: [Option<f64>; 2],
}

/// Averages over the out-of-distribution sets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OodAverage {
    /// Arithmetic mean, in nats.
    pub entropy_increase: Option<Estimate>,
    /// Geometric mean, in percent.
    pub typicality_auc: Option<Estimate>,
    /// Geometric mean, in percent.
    pub one_tailed_auc: Option<Estimate>,
}

/// Where the classes lie in latent space.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentSpace {
    /// Distances between the trained means μ_y.
    pub means: Option<Distances>,
    /// Distances between the empirical means, those of the training images' latents by class.
    pub empirical_means: Option<Distances>,
    /// Distances from each trained mean to the empirical mean of its class.
    pub means_to_empirical: Option<Distances>,
}

/// Levels at which it is told how often novelty is wrong.
const LEVELS: [f64; 3] = [NONE_OF_THESE, UNUSUAL, 0.1];

/// What novelty does to the test images at each level, without those that its p-values come from; nothing without it.
pub(crate) fn novelty_rows(test: &TestScores) -> Vec<NoveltyRow> {
    let row = |&alpha: &f64| {
        let [alarms, missed] = [test.share_alarmed(alpha)?, test.share_missed(alpha)?].map(|v| 100.0 * v);
        Some(NoveltyRow { alpha: 100.0 * alpha, alarms, missed })
    };
    LEVELS.iter().filter_map(row).collect()
}

/// Measures `model` by what it says of the test images and of each out-of-distribution set.
pub fn measure(model: &Model, test: &TestScores, sets: &[OodScores], bootstrap: Bootstrap) -> Report {
    let binnings = [Binning::Repo, Binning::Paper];
    let entries = binnings.map(|binning| test.entries(binning));
    let certain: Vec<Option<bool>> = {
        let of = |(posterior, &label): (&Posterior, &usize)| almost_certain(&posterior.probabilities, label);
        test.posteriors.iter().zip(&test.labels).map(of).collect()
    };
    let own = Group::apart(test.scores.len());
    let others = sets.iter().map(|set| Group { size: set.scores.len(), paired: set.paired });
    let groups: Vec<Group> = [own].into_iter().chain(others).collect();

    let found = estimate(bootstrap, &groups, |drawn| {
        let own = test.scores.drawn(&drawn[0]);
        let of_set = |(set, drawn): (&OodScores, &Vec<u32>)| {
            let [entropy_increase, typicality_auc, one_tailed_auc] = own.against(&set.scores.drawn(drawn));
            Detection { entropy_increase, typicality_auc, one_tailed_auc }
        };
        let detections: Vec<Detection<Option<f64>>> = sets.iter().zip(&drawn[1..]).map(of_set).collect();
        let over = |average: fn(&[f64]) -> Option<f64>, of: fn(&Detection<Option<f64>>) -> Option<f64>| {
            average(&detections.iter().map(of).collect::<Option<Vec<f64>>>()?)
        };
        let average = Detection {
            entropy_increase: over(arithmetic_mean, |set| set.entropy_increase),
            typicality_auc: over(geometric_mean, |set| set.typicality_auc),
            one_tailed_auc: over(geometric_mean, |set| set.one_tailed_auc),
        };
        Measured {
            error: percent(arithmetic_mean(&take(&test.wrong, &drawn[0]))),
            l_x: own.l_x.as_deref().and_then(arithmetic_mean),
            l_y: arithmetic_mean(&take(&test.l_y, &drawn[0])),
            entropy: arithmetic_mean(&own.entropy),
            calibration: [0, 1].map(|i| {
                let errors = entries[i].calibration(&drawn[0]);
                Errors {
                    ece: percent(errors.map(|e| e.ece)),
                    mce: percent(errors.map(|e| e.mce)),
                    ice: percent(errors.map(|e| e.ice)),
                    geo: percent(errors.map(|e| e.geo)),
                }
            }),
            overconfidence: overconfidence(take(&certain, &drawn[0])),
            sets: detections,
            average,
        }
    });
    let Measured { error, l_x, l_y, entropy, calibration, overconfidence, sets: detected, average } = found;

    let (of_sets, detection_means) = detection(test, sets, &groups, bootstrap);
    let whole = all(test.scores.len());
    let dims = model.spec().dims();
    Report {
        images: test.scores.len(),
        error,
        by_class: ByClass::new(test, model.spec().classes()),
        l_x,
        l_x_quantiles: test.scores.quantiles(),
        l_y,
        bits_per_dim: l_x.map(|e| e.map(|l_x| model.bits_per_dim(l_x).correct)),
        bits_per_dim_tables: l_x.map(|e| e.map(|l_x| model.bits_per_dim(l_x).tables)),
        entropy,
        calibration: [0, 1].map(|i| CalibrationReport {
            binning: binnings[i],
            ece: calibration[i].ece,
            mce: calibration[i].mce,
            ice: calibration[i].ice,
            geo: calibration[i].geo,
            bins: entries[i].bins(&whole),
        }),
        overconfidence,
        top_label: top_label(test, 1.0, bootstrap),
        tempered: model.card().temperature().map(|temperature| TemperedReport {
            temperature,
            top_label: top_label(test, temperature, bootstrap),
        }),
        novelty: novelty_rows(test),
        ood: sets
            .iter()
            .zip(detected)
            .zip(of_sets)
            .map(|((set, detected), detection)| OodReport {
                name: set.name.clone(),
                about: set.about.clone(),
                distance: set.distance,
                images: set.scores.len(),
                l_x_quantiles: set.scores.quantiles(),
                entropy_increase: detected.entropy_increase,
                typicality_auc: detected.typicality_auc,
                one_tailed_auc: detected.one_tailed_auc,
                detection,
                flagged: [UNUSUAL, NONE_OF_THESE].map(|alpha| percent(set.scores.share_at(alpha))),
            })
            .collect(),
        ood_average: (!sets.is_empty()).then_some(OodAverage {
            entropy_increase: average.entropy_increase,
            typicality_auc: average.typicality_auc,
            one_tailed_auc: average.one_tailed_auc,
        }),
        detection_means,
        latent_space: model.means().and_then(|means| Ok((means, model.empirical_means()?))).ok().map(
            |(means, empirical)| LatentSpace {
                means: between(means, dims),
                empirical_means: between(empirical, dims),
                means_to_empirical: apart(means, empirical, dims),
            },
        ),
    }
}
