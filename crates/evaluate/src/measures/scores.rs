//! What a model says of the images of a set, and what follows from it for all of them or for a resample.

use ibinn::Typicality;
use ibinn::head::Classification;
use ibinn::head::posterior::{Posterior, smooth_label};
use ibinn_data::ood::Distance;
use serde::{Deserialize, Serialize};

use super::calibration::{Bin, Binning, Calibration, Entries};
use super::detection::{Measures, Ranked};
use super::temperature::best_temperature;
use super::top_label::Prediction;
use super::{arithmetic_mean, entropy, ranking};

/// What a model says of the images of a set, as far as detection needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// L_X of each image in nats per dimension; none of a model without a likelihood.
    l_x: Vec<Option<f64>>,
    /// Entropy of each image's posterior in nats.
    entropy: Vec<f64>,
    /// Largest probability of each image's posterior.
    top_probability: Vec<f64>,
    /// Largest logit of each.
    top_logit: Vec<f64>,
    /// Novelty and its pooled p-value; none of a model that novelty was not fitted to.
    novelty: Vec<Option<[f64; 2]>>,
}

/// A score by which foreign images may be told: the larger, the more foreign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectionScore {
    /// |L_X − mean L_X of the test images|: the paper's (method §4.4).
    Typicality,
    /// L_X itself.
    LX,
    /// Entropy of the posterior.
    Entropy,
    /// The largest probability, negated.
    MaxPosterior,
    /// The largest logit, negated.
    MaxLogit,
    /// Novelty (method §3.6).
    Novelty,
}

impl DetectionScore {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Typicality, Self::LX, Self::Entropy, Self::MaxPosterior, Self::MaxLogit, Self::Novelty];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Typicality => "typicality",
            Self::LX => "L_X, one-tailed",
            Self::Entropy => "entropy",
            Self::MaxPosterior => "max posterior",
            Self::MaxLogit => "max logit",
            Self::Novelty => "novelty",
        }
    }
}

/// The scores of the images of a resample.
pub(super) struct Drawn {
    pub l_x: Option<Vec<f64>>,
    pub entropy: Vec<f64>,
}

impl Scores {
    /// Takes the next image.
    pub fn push(&mut self, found: &Classification) {
        self.l_x.push(found.l_x());
        self.entropy.push(found.posterior.entropy());
        let top = found.posterior.prediction();
        self.top_probability.push(found.posterior.probabilities[top]);
        self.top_logit.push(found.posterior.logits[top]);
        self.novelty.push(found.novelty.as_ref().map(|novelty| [novelty.score, novelty.p]));
    }

    /// This score of each image, where `mean_l_x` is that of the test images; none of a model that does not give it.
    fn by(&self, score: DetectionScore, mean_l_x: Option<f64>) -> Option<Vec<f64>> {
        let negated = |values: &[f64]| values.iter().map(|v| -v).collect();
        match score {
            DetectionScore::Typicality => {
                let mean = mean_l_x?;
                Some(self.l_x()?.iter().map(|l_x| (l_x - mean).abs()).collect())
            }
            DetectionScore::LX => self.l_x(),
            DetectionScore::Entropy => Some(self.entropy.clone()),
            DetectionScore::MaxPosterior => Some(negated(&self.top_probability)),
            DetectionScore::MaxLogit => Some(negated(&self.top_logit)),
            DetectionScore::Novelty => {
                // A score that is no number is as novel as can be, as its p-value has it.
                let known = |score: f64| if score.is_nan() { f64::INFINITY } else { score };
                self.novelty.iter().map(|novelty| novelty.map(|[score, _]| known(score))).collect()
            }
        }
    }

    /// The images of this test set and those of `others`, sorted by `score`; none of a model that does not give it.
    pub fn ranked(&self, others: &Self, score: DetectionScore) -> Option<Ranked> {
        let mean = self.l_x().as_deref().and_then(arithmetic_mean);
        Some(Ranked::new(&self.by(score, mean)?, &others.by(score, mean)?))
    }

    /// How well `score` tells `others` from this test set; none where a set is empty or the model does not give it.
    pub fn detection(&self, others: &Self, score: DetectionScore) -> Option<Measures> {
        self.ranked(others, score)?.measures([&all(self.len()), &all(others.len())])
    }

    /// Share of images whose pooled p-value is at most `alpha`; none of no images or without novelty.
    pub fn share_at(&self, alpha: f64) -> Option<f64> {
        let p: Vec<f64> =
            self.novelty.iter().map(|novelty| novelty.map(|[_, p]| p)).collect::<Option<_>>()?;
        arithmetic_mean(&p.iter().map(|&p| f64::from(u8::from(p <= alpha))).collect::<Vec<_>>())
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.l_x.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.l_x.is_empty()
    }

    /// L_X of each image in nats per dimension; none of a model without a likelihood.
    pub fn l_x(&self) -> Option<Vec<f64>> {
        self.l_x.iter().copied().collect()
    }

    pub(super) fn quantiles(&self) -> Option<Vec<f64>> {
        Some(Typicality::from_scores(&self.l_x()?).ok()?.quantiles)
    }

    /// Entropy increase in nats, typicality AUC and one-tailed AUC in percent of `others`; none where a set is empty, and
    /// no AUC without a likelihood.
    pub fn against(&self, others: &Self) -> [Option<f64>; 3] {
        let whole = |scores: &Self| scores.drawn(&all(scores.len()));
        whole(self).against(&whole(others))
    }

    pub(super) fn drawn(&self, indices: &[u32]) -> Drawn {
        Drawn {
            l_x: indices.iter().map(|&i| self.l_x[i as usize]).collect(),
            entropy: take(&self.entropy, indices),
        }
    }
}

impl Drawn {
    /// See [`Scores::against`].
    pub fn against(&self, others: &Self) -> [Option<f64>; 3] {
        let detect = |auc: fn(&[f64], &[f64]) -> Option<f64>| {
            percent(auc(self.l_x.as_deref()?, others.l_x.as_deref()?))
        };
        [
            entropy::increase(&self.entropy, &others.entropy),
            detect(ranking::typicality_auc),
            detect(ranking::auc),
        ]
    }
}

/// An out-of-distribution set and what the model says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct OodScores {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub about: String,
    /// How far it is from the training images; none where nobody says.
    pub distance: Option<Distance>,
    /// Whether each of its images is a form of the test image at its place.
    pub paired: bool,
    /// The scores of its images.
    pub scores: Scores,
}

/// What the model says of the images of the test set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestScores {
    pub(super) scores: Scores,
    /// 1 for a wrong prediction, else 0.
    pub(super) wrong: Vec<f64>,
    /// L_Y of each image, by its hard label, in nats.
    pub(super) l_y: Vec<f64>,
    pub(super) posteriors: Vec<Posterior>,
    pub(super) labels: Vec<usize>,
    /// The class that each image is taken for.
    pub(super) predicted: Vec<usize>,
    /// p-value of each image's own class; none without novelty.
    pub(super) label_p: Vec<Option<f64>>,
    /// Whether the p-values come from the image itself, among others.
    pub(super) gave_p: Vec<bool>,
}

impl TestScores {
    /// Takes the next image; `gave_p` says that the p-values come from it, among others.
    pub fn push(&mut self, found: Classification, label: usize, gave_p: bool) {
        self.gave_p.push(gave_p);
        self.scores.push(&found);
        self.predicted.push(found.prediction);
        self.wrong.push(f64::from(u8::from(found.prediction != label)));
        let targets = smooth_label(label, found.posterior.logits.len(), 0.0);
        self.l_y.push(found.posterior.l_y(&targets));
        self.label_p.push(found.novelty.as_ref().map(|novelty| novelty.class_p[label]));
        self.posteriors.push(found.posterior);
        self.labels.push(label);
    }

    /// What detection needs of the images.
    pub fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Share of images whose pooled p-value is at most `alpha`, without those that the p-values come from; none of no images or
    /// without novelty.
    pub fn share_alarmed(&self, alpha: f64) -> Option<f64> {
        self.share_of_others(alpha, self.scores.novelty.iter().map(|novelty| novelty.map(|[_, p]| p)))
    }

    /// Share of images whose class is not among those with p_y > `alpha`, in the same way.
    pub fn share_missed(&self, alpha: f64) -> Option<f64> {
        self.share_of_others(alpha, self.label_p.iter().copied())
    }

    fn share_of_others(&self, alpha: f64, p: impl Iterator<Item = Option<f64>>) -> Option<f64> {
        let others = p.zip(&self.gave_p).filter(|(_, gave_p)| !**gave_p);
        let small = others.map(|(p, _)| Some(f64::from(u8::from(p? <= alpha))));
        arithmetic_mean(&small.collect::<Option<Vec<f64>>>()?)
    }

    /// The temperature at which the posteriors say best how sure they may be; none where there is no such.
    pub fn best_temperature(&self) -> Option<f64> {
        let images: Vec<_> = self.posteriors.iter().cloned().zip(self.labels.iter().copied()).collect();
        best_temperature(&images)
    }

    /// The images for the measures of the top label, at temperature T.
    pub(super) fn predictions(&self, temperature: f64) -> Vec<Prediction> {
        let images = self.posteriors.iter().zip(&self.labels);
        images
            .map(|(posterior, &label)| Prediction::new(&posterior.at_temperature(temperature), label))
            .collect()
    }

    /// Images of each of so many classes (rows) by the class that they are taken for (columns).
    pub fn confusion(&self, classes: usize) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; classes]; classes];
        for (&label, &prediction) in self.labels.iter().zip(&self.predicted) {
            counts[label][prediction] += 1;
        }
        counts
    }

    /// Share of wrong predictions; none of no images.
    pub fn share_wrong(&self) -> Option<f64> {
        arithmetic_mean(&self.wrong)
    }

    /// Mean L_Y with hard labels in nats; none of no images.
    pub fn mean_l_y(&self) -> Option<f64> {
        arithmetic_mean(&self.l_y)
    }

    /// The bins of all images and the calibration errors over them; none when no bin counts.
    pub fn calibration(&self, binning: Binning) -> (Vec<Bin>, Option<Calibration>) {
        let bins = self.entries(binning).bins(&all(self.labels.len()));
        let errors = Calibration::new(&bins, binning);
        (bins, errors)
    }

    pub(super) fn entries(&self, binning: Binning) -> Entries {
        let probabilities = self.posteriors.iter().map(|posterior| posterior.probabilities.as_slice());
        let images = probabilities.zip(self.labels.iter().copied());
        Entries::new(images, binning)
    }
}

/// The indices of `count` images, each once.
pub(super) fn all(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

/// The values of the images drawn.
pub(super) fn take<T: Copy>(values: &[T], indices: &[u32]) -> Vec<T> {
    indices.iter().map(|&i| values[i as usize]).collect()
}

/// A share in percent.
pub(super) fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|share| 100.0 * share)
}
