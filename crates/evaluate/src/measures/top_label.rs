//! Calibration as it is commonly measured since: of the top label, of each class, and proper scores (method §4.9). The
//! paper's own measures are in [`calibration`](super::calibration).

use ibinn::head::posterior::Posterior;
use serde::{Deserialize, Serialize};

/// Bins of equal width or of equal counts.
const BINS: usize = 15;
/// Coverages of a risk–coverage curve: 5 %, 10 %, … 100 %.
const COVERAGES: usize = 20;

/// What the measures need of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    probabilities: Vec<f64>,
    label: usize,
    /// The largest probability.
    top: f64,
    /// Whether the class that has it is the label.
    right: bool,
    /// −ln of the label's probability.
    surprise: f64,
}

impl Prediction {
    /// Of an image with this posterior and label.
    pub fn new(posterior: &Posterior, label: usize) -> Self {
        let class = posterior.prediction();
        Self {
            top: posterior.probabilities[class],
            right: class == label,
            surprise: posterior.surprise(label),
            probabilities: posterior.probabilities.clone(),
            label,
        }
    }
}

/// The measures over a set of images; errors as fractions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TopLabel {
    /// Expected calibration error of the top label, 15 bins of equal width.
    pub ece: f64,
    /// The same with 15 bins that hold equally many images.
    pub adaptive_ece: f64,
    /// The calibration error of each class's probability, 15 bins of equal width, averaged over classes.
    pub class_wise_ece: f64,
    /// Brier score, Σ_k (p_k − [k = label])², mean over images: 0 to 2.
    pub brier: f64,
    /// Its part that is miscalibration, over the bins of the class-wise error.
    pub reliability: f64,
    /// Its part that telling images apart saves.
    pub resolution: f64,
    /// What it would be if every image had the classes' frequencies.
    pub uncertainty: f64,
    /// Negative log-likelihood of the label, nats.
    pub nll: f64,
    /// Area under the risk–coverage curve: the error among the most certain images, mean over all coverages.
    pub aurc: f64,
}

#[derive(Clone, Copy, Default)]
struct Bin {
    count: f64,
    probability: f64,
    hits: f64,
}

impl Bin {
    fn push(&mut self, probability: f64, hit: bool) {
        self.count += 1.0;
        self.probability += probability;
        self.hits += f64::from(u8::from(hit));
    }

    /// n·|share of hits − mean probability|.
    fn gap(&self) -> f64 {
        (self.hits - self.probability).abs()
    }
}

/// The bin of equal width that holds `p`; each has its upper edge.
fn place(p: f64) -> usize {
    ((p * BINS as f64).ceil() as usize).clamp(1, BINS) - 1
}

/// The bins of the top label.
fn top_bins<'a>(images: impl IntoIterator<Item = &'a Prediction>) -> [Bin; BINS] {
    let mut bins = [Bin::default(); BINS];
    for image in images {
        bins[place(image.top)].push(image.top, image.right);
    }
    bins
}

/// A point of a reliability diagram: the images whose largest probability is in one of 15 bins of equal width.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many they are.
    pub images: usize,
    /// Their mean largest probability.
    pub probability: f64,
    /// The share of them whose class is the label.
    pub right: f64,
}

/// The reliability diagram of the top label: its bins that hold images, from the least to the largest probability.
pub fn reliability_diagram(images: &[Prediction]) -> Vec<ReliabilityBin> {
    let bins = top_bins(images).into_iter().filter(|bin| bin.count > 0.0);
    bins.map(|Bin { count, probability, hits }| ReliabilityBin {
        images: count as usize,
        probability: probability / count,
        right: hits / count,
    })
    .collect()
}

impl TopLabel {
    /// Over the images at `drawn`, which may repeat themselves; none of no image.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn new(images: &[Prediction], drawn: &[u32]) -> Option<Self> {
        let images: Vec<&Prediction> = drawn.iter().map(|&i| &images[i as usize]).collect();
        let (n, classes) = (images.len() as f64, images.first()?.probabilities.len());
        let mut found = Self {
            nll: images.iter().map(|image| image.surprise / n).sum(),
            ece: top_bins(images.iter().copied()).iter().map(Bin::gap).sum::<f64>() / n,
            ..Self::default()
        };
        for class in 0..classes {
            let mut bins = [Bin::default(); BINS];
            for image in &images {
                let (p, hit) = (image.probabilities[class], image.label == class);
                bins[place(p)].push(p, hit);
                found.brier += (p - f64::from(u8::from(hit))).powi(2) / n;
            }
            let base = bins.iter().map(|bin| bin.hits).sum::<f64>() / n;
            found.uncertainty += base * (1.0 - base);
            for bin in bins.iter().filter(|bin| bin.count > 0.0) {
                let (share, p) = (bin.hits / bin.count, bin.probability / bin.count);
                found.reliability += bin.count * (share - p).powi(2) / n;
                found.resolution += bin.count * (share - base).powi(2) / n;
            }
            found.class_wise_ece += bins.iter().map(Bin::gap).sum::<f64>() / n / classes as f64;
        }
        let sorted = by_certainty(&images);
        let edges = (0..=BINS).map(|i| i * sorted.len() / BINS).collect::<Vec<_>>();
        for edges in edges.windows(2) {
            let gap: f64 = sorted[edges[0]..edges[1]].iter().map(|(top, error)| 1.0 - error - top).sum();
            found.adaptive_ece += gap.abs() / n;
        }
        found.aurc = risks(&sorted).sum::<f64>() / n;
        Some(found)
    }
}

/// Probability and error of each image, the most certain first. Images of equal probability share their errors, so that
/// their order says nothing.
fn by_certainty(images: &[&Prediction]) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> =
        images.iter().map(|image| (image.top, f64::from(u8::from(!image.right)))).collect();
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    for tied in sorted.chunk_by_mut(|a, b| a.0 == b.0) {
        let mean = tied.iter().map(|image| image.1).sum::<f64>() / tied.len() as f64;
        tied.iter_mut().for_each(|image| image.1 = mean);
    }
    sorted
}

/// The error among the one, two, … most certain images.
fn risks(sorted: &[(f64, f64)]) -> impl Iterator<Item = f64> {
    sorted.iter().scan((0.0, 0.0), |(count, errors), image| {
        *count += 1.0;
        *errors += image.1;
        Some(*errors / *count)
    })
}

/// The risk–coverage curve: the error in percent among the most certain 5 %, 10 %, … 100 % of the images; none of fewer
/// images than points.
pub fn risk_coverage(images: &[Prediction]) -> Option<Vec<f64>> {
    let all: Vec<f64> = risks(&by_certainty(&images.iter().collect::<Vec<_>>())).collect();
    let at = |i: usize| 100.0 * all[(i * all.len()).div_ceil(COVERAGES) - 1];
    (all.len() >= COVERAGES).then(|| (1..=COVERAGES).map(at).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn images(of: &[([f64; 2], usize)]) -> Vec<Prediction> {
        let posterior = |p: &[f64; 2]| Posterior::new(p.iter().map(|p| p.ln()).collect());
        of.iter().map(|(p, label)| Prediction::new(&posterior(p), *label)).collect()
    }

    fn measured(of: &[([f64; 2], usize)]) -> TopLabel {
        TopLabel::new(&images(of), &(0..of.len() as u32).collect::<Vec<_>>()).unwrap()
    }

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-9, "{got} instead of {wanted}");
    }

    #[test]
    fn four_images_by_hand() {
        // 0.9 right, 0.9 wrong, 0.7 right, 0.6 right (as the other class).
        let of = [([0.9, 0.1], 0), ([0.9, 0.1], 1), ([0.7, 0.3], 0), ([0.4, 0.6], 1)];
        let found = measured(&of);
        let diagram: Vec<_> = reliability_diagram(&images(&of))
            .iter()
            .map(|bin| (bin.images, bin.right, bin.probability))
            .collect();
        let wanted = [(1, 1.0, 0.6), (1, 1.0, 0.7), (2, 0.5, 0.9)];
        for ((images, right, probability), wanted) in diagram.iter().zip(wanted) {
            assert_eq!((*images, *right), (wanted.0, wanted.1));
            close(*probability, wanted.2);
        }
        assert_eq!(diagram.len(), wanted.len());
        // Bins: 0.9 twice (share 0.5), 0.7 (1), 0.6 (1).
        close(found.ece, (2.0 * 0.4 + 0.3 + 0.4) / 4.0);
        // Class 0: 0.9 twice, half; 0.7 once, it; 0.4 once, not. Class 1 is the mirror image.
        close(found.class_wise_ece, (2.0 * 0.4 + 0.3 + 0.4) / 4.0);
        close(found.brier, 2.0 * (0.01 + 0.81 + 0.09 + 0.16) / 4.0);
        close(found.reliability, 2.0 * (2.0 * 0.16 + 0.09 + 0.16) / 4.0);
        close(found.resolution, 2.0 * (0.25 + 0.25) / 4.0);
        close(found.uncertainty, 0.5);
        close(found.nll, -(0.9f64.ln() + 0.1f64.ln() + 0.7f64.ln() + 0.6f64.ln()) / 4.0);
        // Tied first two: half an error each, so risks 1/2, 1/2, 1/3, 1/4.
        close(found.aurc, (0.5 + 0.5 + 1.0 / 3.0 + 0.25) / 4.0);
        // With fewer images than bins each is alone: |0.5 − 0.9| twice, 0.3, 0.4.
        close(found.adaptive_ece, (2.0 * 0.4 + 0.3 + 0.4) / 4.0);
    }

    #[test]
    fn within_one_value_a_bin_the_brier_score_is_its_parts() {
        let found = measured(&[([0.8, 0.2], 0), ([0.8, 0.2], 1), ([0.8, 0.2], 0), ([0.3, 0.7], 1)]);
        close(found.brier, found.reliability - found.resolution + found.uncertainty);
    }

    #[test]
    fn bins_of_equal_counts_hold_equal_counts() {
        // 30 images in 15 pairs; only the most certain pair is wrong.
        let of: Vec<([f64; 2], usize)> = (0..30)
            .map(|i| {
                let p = 0.6 + 0.01 * f64::from(i);
                ([p, 1.0 - p], usize::from(i >= 28))
            })
            .collect();
        let found = measured(&of);
        let right: f64 = of[..28].iter().map(|(p, _)| 1.0 - p[0]).sum();
        close(found.adaptive_ece, (right + 0.88 + 0.89) / 30.0);
        let curve = risk_coverage(&images(&of)).unwrap();
        assert_eq!(curve.len(), 20);
        close(curve[0], 100.0);
        close(curve[19], 100.0 * 2.0 / 30.0);
        assert_eq!(risk_coverage(&images(&of[..19])), None);
    }

    #[test]
    fn an_upper_edge_belongs_to_its_bin() {
        assert_eq!([0.0, 1e-9, 1.0 / 15.0, 0.07, 1.0].map(place), [0, 0, 0, 1, 14]);
        assert_eq!(TopLabel::new(&[], &[]), None);
    }
}
