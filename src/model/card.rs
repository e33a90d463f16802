//! The model card: what a model was trained on and what was measured of it, carried inside its file.

use serde::{Deserialize, Serialize};

use crate::image::Framing;
use crate::{Error, Family, Method, Result};

/// Where a model comes from and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// A name for people, as in "Fashion-MNIST, γ = 1".
    pub title: String,
    /// How it was trained.
    pub training: Training,
    /// What novelty was fitted to; absent until it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<NoveltyFit>,
    /// How the training images lie on a plain ground; absent where they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// What was measured on training images that were held out; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<Validation>,
    /// What was measured; absent until the model has been evaluated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluation>,
}

impl Card {
    /// The card of a model of which nothing has been measured yet.
    pub fn new(title: impl Into<String>, training: Training) -> Self {
        Self {
            title: title.into(),
            training,
            novelty: None,
            framing: None,
            validation: None,
            evaluation: None,
        }
    }
}

/// The images that novelty was fitted to (method §3.6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyFit {
    /// Name of the data set; its training images.
    pub dataset: String,
    /// Images that the discriminants were fitted to.
    pub fitted: usize,
    /// Images that the p-values come from.
    pub set_aside: usize,
    /// Whether those were held out of the training: else the network has seen them, and p-values are a little small.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held_out: bool,
    /// How many images of the test set those are, where they are such: the first, of images that lie class by class as many that
    /// are spread evenly. False alarms are measured on the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_images: Option<usize>,
}

/// How a model was trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Name of the data set.
    pub dataset: String,
    /// Number of images that it was trained on; absent where it is not known, as of an imported model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<usize>,
    /// Number of images of the training set that were held out, by the seed; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<usize>,
    /// Name of the architecture preset, or `custom`.
    pub preset: String,
    /// By which method; one of its model's family.
    pub method: Method,
    /// Seed of every random draw; absent where it is not known, as of an imported model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Passes over the training images; absent where it is not known, as of an imported model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// Optimiser steps; absent where it is not known, as of an imported model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
}

/// What was measured of a model on images of the training set that were held out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Number of images.
    pub images: usize,
    /// Classification error in percent.
    pub error: f64,
    /// Mean L_Y with hard labels in nats (method §3.3).
    pub l_y: f64,
    /// Bits per dimension, the correct density (method §3.5, C); absent of a model without a likelihood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits_per_dim: Option<f64>,
    /// The same in the convention of the paper's tables (method §3.5, T).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bits_per_dim_tables: Option<f64>,
    /// The temperature at which the posterior has the least negative log-likelihood of these images (method §4.9); absent where
    /// there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

/// What was measured of a model on a test set, by the executor that the page runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Name of the data set.
    pub dataset: String,
    /// Number of images.
    pub images: usize,
    /// Which executor computed it: `cpu` or `gpu`.
    pub executor: String,
    /// Classification error in percent.
    pub error: f64,
    /// The confusion matrix: images of each class (rows) by the class that they are taken for (columns); absent of more than
    /// 50 classes, and of a model that was evaluated before this was counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confusion: Vec<Vec<usize>>,
    /// Mean L_Y with hard labels in nats (method §3.3).
    pub l_y: f64,
    /// What follows from the likelihood, its fields beside the others; absent of a model without one.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<Likelihood>,
    /// Whether probabilities are what they say; absent where no bin has enough entries to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationCurve>,
    /// How often novelty raises a false alarm; absent of a model that novelty was not fitted to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub novelty: Vec<NoveltyRow>,
    /// Out-of-distribution sets, and how well they are told from the test images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ood: Vec<OodRow>,
    /// Share of the samples at T = 0.7 of which the inverse explodes (method §4.10), in percent; absent of a model without a
    /// mixture, or that was evaluated before this was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploded: Option<f64>,
    /// Where test images lie in latent space; absent of a model without a mixture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latent_map: Option<LatentMap>,
}

/// What the likelihood of a test set gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Likelihood {
    /// Mean L_X in nats per dimension, with the true DCT log-det (method §3.3).
    pub l_x: f64,
    /// Bits per dimension, the correct density (method §3.5, C).
    pub bits_per_dim: f64,
    /// Bits per dimension in the convention of the paper's tables (method §3.5, T).
    pub bits_per_dim_tables: f64,
    /// How L_X is spread over the test images.
    pub typicality: Typicality,
}

/// The calibration curve over the posteriors of all classes and test images, as the authors' program bins them, and its
/// errors in percent (method §4.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationCurve {
    /// Expected calibration error.
    pub ece: f64,
    /// Maximum calibration error.
    pub mce: f64,
    /// Integrated calibration error.
    pub ice: f64,
    /// All 17 bins, ascending; those with 20 entries or fewer do not count in the errors.
    pub bins: Vec<CalibrationBin>,
}

/// A bin of a calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Centre of the bin: the probability that stands for all of its entries.
    pub centre: f64,
    /// Share of the entries whose class is the label; none where there is no entry.
    pub accuracy: Option<f64>,
    /// Number of entries: classes of test images whose probability lies in the bin.
    pub count: usize,
}

/// What novelty does to the test images at a level α (method §3.6).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyRow {
    /// The level in percent.
    pub alpha: f64,
    /// Test images whose pooled p-value is at most α, in percent: false alarms.
    pub alarms: f64,
    /// Test images whose class is not among those with p_y > α, in percent.
    pub missed: f64,
}

/// What a model makes of an out-of-distribution set beside the test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OodRow {
    /// Name of the set.
    pub name: String,
    /// Number of images.
    pub images: usize,
    /// Detection AUC of the typicality test in percent (method §4.4); absent of a model without a likelihood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typicality_auc: Option<f64>,
    /// Increase of the posterior's mean entropy in nats (method §4.3).
    pub entropy_increase: f64,
    /// What novelty makes of it; absent of a model that novelty was not fitted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub novelty: Option<NoveltyDetection>,
}

/// How well novelty tells an out-of-distribution set from the test images, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoveltyDetection {
    /// Area under the ROC curve.
    pub auroc: f64,
    /// False positive rate where 95 % of the set are detected: share of test images that are then called foreign.
    pub fpr95: f64,
    /// Images with the verdict *unusual* or *none of these*.
    pub unusual: f64,
    /// Images with the verdict *none of these*.
    pub none_of_these: f64,
}

/// Test images and means in the plane of [`Projection`](crate::Projection), rounded to two decimals; all but `means`
/// have an entry for each image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentMap {
    /// First coordinate of each image.
    pub x: Vec<f64>,
    /// Second coordinate of each image.
    pub y: Vec<f64>,
    /// Label of each image.
    pub labels: Vec<usize>,
    /// Both coordinates of each trained mean μ_y, K pairs.
    pub means: Vec<[f64; 2]>,
}

impl Card {
    /// How L_X is spread over the test images; none of a model without a likelihood, or that was not evaluated.
    pub fn typicality(&self) -> Option<&Typicality> {
        Some(&self.evaluation.as_ref()?.likelihood.as_ref()?.typicality)
    }

    /// The temperature that was fitted to images that were held out; none where none were, or no temperature is the best.
    pub fn temperature(&self) -> Option<f64> {
        self.validation.as_ref()?.temperature
    }

    /// Checks what the types do not say, for a model of this family that knows `classes` classes.
    ///
    /// # Errors
    /// [`Error::Card`] names the part that does not fit.
    pub(crate) fn check(&self, family: Family, classes: usize) -> Result<()> {
        let refused = |what: &str| Err(Error::Card(format!("its {what}")));
        let method = self.training.method;
        if method.family() != family {
            return refused(&format!(
                "method {} does not train models of the family {family}",
                method.name()
            ));
        }
        if self.validation.as_ref().is_some_and(|v| !v.numbers().all(f64::is_finite)) {
            return refused("validation holds a number that is not finite");
        }
        if self.temperature().is_some_and(|temperature| temperature <= 0.0) {
            return refused("validation has a temperature that is not above 0");
        }
        let Some(evaluation) = &self.evaluation else { return Ok(()) };
        let Evaluation { likelihood, ood, latent_map, confusion, .. } = evaluation;
        let is_square = confusion.len() == classes && confusion.iter().all(|row| row.len() == classes);
        if !confusion.is_empty() && !is_square {
            return refused("confusion matrix has another number of classes");
        }
        if !evaluation.numbers().all(f64::is_finite) {
            return refused("evaluation holds a number that is not finite");
        }
        let has = family.has_mixture();
        if likelihood.is_some() != has || ood.iter().any(|set| set.typicality_auc.is_some() != has) {
            return refused(match has {
                true => "evaluation lacks a measure of the likelihood",
                false => "evaluation has a measure of a likelihood, which such a model does not give",
            });
        }
        let quantiles = likelihood.as_ref().map(|likelihood| &likelihood.typicality.quantiles);
        if quantiles.is_some_and(|quantiles| quantiles.len() < 2 || !quantiles.is_sorted()) {
            return refused("typicality quantiles are not at least two ascending numbers");
        }
        if latent_map.is_some() != has {
            return refused(match has {
                true => "evaluation lacks a latent map",
                false => "evaluation has a latent map, but such a model has no means",
            });
        }
        let Some(LatentMap { x, y, labels, means }) = latent_map else { return Ok(()) };
        if x.len() != labels.len() || y.len() != labels.len() || means.len() != classes {
            return refused("latent map does not have two coordinates for each label and each class");
        }
        if labels.iter().any(|&label| label >= classes) {
            return refused("latent map has a label that is no class");
        }
        Ok(())
    }
}

impl Validation {
    /// All measures.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        let optional = [self.bits_per_dim, self.bits_per_dim_tables, self.temperature].into_iter().flatten();
        [self.error, self.l_y].into_iter().chain(optional)
    }
}

impl Evaluation {
    /// All measures.
    fn numbers(&self) -> impl Iterator<Item = f64> {
        let likelihood = self.likelihood.iter().flat_map(|l| {
            let own = [l.l_x, l.bits_per_dim, l.bits_per_dim_tables, l.typicality.mean];
            own.into_iter().chain(l.typicality.quantiles.iter().copied())
        });
        let calibration = self.calibration.iter().flat_map(|c| {
            let bins = c.bins.iter().flat_map(|bin| [Some(bin.centre), bin.accuracy]);
            [c.ece, c.mce, c.ice].into_iter().chain(bins.flatten())
        });
        let novelty = self.novelty.iter().flat_map(|row| [row.alpha, row.alarms, row.missed]);
        let ood = self.ood.iter().flat_map(|set| {
            let novelty =
                set.novelty.into_iter().flat_map(|n| [n.auroc, n.fpr95, n.unusual, n.none_of_these]);
            [Some(set.entropy_increase), set.typicality_auc].into_iter().flatten().chain(novelty)
        });
        let map = self
            .latent_map
            .iter()
            .flat_map(|map| map.x.iter().chain(&map.y).chain(map.means.as_flattened()).copied());
        [Some(self.error), Some(self.l_y), self.exploded]
            .into_iter()
            .flatten()
            .chain(likelihood)
            .chain(calibration)
            .chain(novelty)
            .chain(ood)
            .chain(map)
    }
}

/// The distribution of L_X over a test set, which places a new image: method §4.4 calls an image typical when its
/// L_X is near the test set's mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Typicality {
    /// Mean of L_X over the test set.
    pub mean: f64,
    /// Quantiles of L_X at equal steps from 0 to 1, ascending; at least two.
    pub quantiles: Vec<f64>,
}

/// How many quantiles [`Typicality::from_scores`] keeps: the steps are 0.5 %.
const QUANTILES: usize = 201;

impl Typicality {
    /// Summarises the L_X of each test image.
    ///
    /// # Errors
    /// [`Error::Input`] when there are fewer than two, or one is not finite.
    pub fn from_scores(scores: &[f64]) -> Result<Self> {
        if scores.len() < 2 {
            return Err(Error::Input("typicality needs at least two images".into()));
        }
        if let Some(image) = scores.iter().position(|score| !score.is_finite()) {
            return Err(Error::Input(format!("L_X of image {image} is {}, no finite number", scores[image])));
        }
        let mut sorted = scores.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quantiles = (0..QUANTILES)
            .map(|i| {
                let position = i as f64 / (QUANTILES - 1) as f64 * (sorted.len() - 1) as f64;
                let (below, part) = (position as usize, position.fract());
                let above = (below + 1).min(sorted.len() - 1);
                let (low, high) = (sorted[below], sorted[above]);
                // Never above the next one, as rounding would have it, so that quantiles ascend.
                (low + part * (high - low)).min(high)
            })
            .collect();
        Ok(Self { mean: scores.iter().sum::<f64>() / scores.len() as f64, quantiles })
    }

    /// Share of the test images whose L_X is below `score`, in [0, 1]: near 1 means less likely than nearly all.
    pub fn share_below(&self, score: f64) -> f64 {
        let last = self.quantiles.len() - 1;
        let above = self.quantiles.partition_point(|&q| q < score);
        if above == 0 {
            return 0.0;
        }
        if above > last {
            return 1.0;
        }
        let (low, high) = (self.quantiles[above - 1], self.quantiles[above]);
        ((above - 1) as f64 + (score - low) / (high - low)) / last as f64
    }

    /// Share of the test images that are more typical, T = |L_X − mean| (method §4.4), in [0, 1]: near 1 means that
    /// nearly every test image lies nearer to the mean than this one.
    pub fn share_more_typical(&self, score: f64) -> f64 {
        let distance = (score - self.mean).abs();
        (self.share_below(self.mean + distance) - self.share_below(self.mean - distance)).clamp(0.0, 1.0)
    }

    /// Share of the test images that are at most as typical, in [0, 1]: near 0 means that nearly every test image lies
    /// nearer to the mean than this one, which is how a p-value reads.
    pub fn share_as_far(&self, score: f64) -> f64 {
        1.0 - self.share_more_typical(score)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shares_of_a_uniform_spread() {
        let scores: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 1000.0).collect();
        let typicality = Typicality::from_scores(&scores).unwrap();
        assert!((typicality.mean - 0.5).abs() < 1e-12);
        assert!((typicality.share_below(0.3) - 0.3).abs() < 1e-9);
        assert!((typicality.share_more_typical(0.75) - 0.5).abs() < 1e-9);
        assert!((typicality.share_more_typical(0.25) - 0.5).abs() < 1e-9);
        assert_eq!(typicality.share_below(-1.0), 0.0);
        assert_eq!(typicality.share_below(2.0), 1.0);
        assert_eq!(typicality.share_more_typical(9.0), 1.0);
        assert!((typicality.share_as_far(0.6) - 0.8).abs() < 1e-9);
        assert_eq!(typicality.share_as_far(9.0), 0.0);
    }

    #[test]
    fn an_evaluation_is_flat_with_and_without_a_likelihood() {
        let text = r#"{"dataset":"digits","images":2,"executor":"cpu","error":50.0,"l_x":-1.0,"l_y":2.0,
            "bits_per_dim":3.0,"bits_per_dim_tables":4.0,"typicality":{"mean":-1.0,"quantiles":[-2.0,0.0]}}"#;
        let evaluation: Evaluation = serde_json::from_str(text).unwrap();
        assert_eq!(evaluation.likelihood.as_ref().unwrap().bits_per_dim, 3.0);
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::json!(evaluation), value);
        let without = Evaluation { likelihood: None, ..evaluation };
        let value = serde_json::json!(without);
        assert_eq!(value.as_object().unwrap().len(), 5);
        assert_eq!(serde_json::from_value::<Evaluation>(value).unwrap(), without);
    }

    #[test]
    fn quantiles_of_equal_scores_ascend() {
        let mut stream = crate::math::random::Stream::new(1, crate::math::random::Purpose::Test, 0);
        for repeats in 1..300 {
            let value = stream.normal();
            let scores: Vec<f64> =
                (0..repeats).map(|_| value).chain((0..301 - repeats).map(|_| stream.normal())).collect();
            assert!(
                Typicality::from_scores(&scores).unwrap().quantiles.is_sorted(),
                "{repeats} times {value}"
            );
        }
    }

    #[test]
    fn needs_two_finite_scores() {
        let problem = |scores: &[f64]| Typicality::from_scores(scores).unwrap_err().to_string();
        assert_eq!(problem(&[1.0]), "typicality needs at least two images");
        assert_eq!(problem(&[1.0, f64::NAN]), "L_X of image 1 is NaN, no finite number");
    }
}
