//! Calibration: whether what is said to have probability p happens in a share p of the cases (method §4.2).
//!
//! The posteriors of all images are thrown together, every class for itself; an entry is correct if its class is the
//! label. Errors are fractions here, percent where they are shown.

use serde::{Deserialize, Serialize};

use super::geometric_mean;

/// How entries are sorted into bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binning {
    /// As the authors' program does, which made the published tables: 17 bins, of which those with 20 entries or fewer
    /// are dropped, and ICE by the trapezoidal rule over the bins' centres.
    Repo,
    /// As the paper defines it: 19 bins, none dropped, and ICE as the sum of width times error.
    Paper,
}

/// Bins with so few entries are dropped by [`Binning::Repo`].
const TOO_FEW: usize = 20;
/// Largest probability above which an image counts for [`overconfidence`].
const ALMOST_CERTAIN: f64 = 0.997;

impl Binning {
    /// The edges of the bins, ascending; one more than there are bins.
    pub fn edges(self) -> Vec<f64> {
        let tenths = (1..9).map(|i| 0.05 + f64::from(i) * 0.1);
        match self {
            Self::Repo => {
                let low = |i: u32| -1e-6 + f64::from(i) * (0.05 + 1e-6) / 4.0;
                (0..5).map(low).chain(tenths).chain((0..5).rev().map(|i| 1.0 - low(i))).collect()
            }
            Self::Paper => {
                let hundredth = |i: u32| f64::from(i) / 100.0;
                (0..6).map(hundredth).chain(tenths).chain((95..=100).map(hundredth)).collect()
            }
        }
    }

    /// Whether a bin with `count` entries counts.
    pub fn keeps(self, count: usize) -> bool {
        match self {
            Self::Repo => count > TOO_FEW,
            Self::Paper => count > 0,
        }
    }
}

/// A bin with the entries that fell into it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Its lower edge, which belongs to it.
    pub low: f64,
    /// Its upper edge, which belongs to the next bin, or to it if there is none.
    pub high: f64,
    /// Number of entries.
    pub count: usize,
    /// Number of entries whose class is the label.
    pub correct: usize,
}

impl Bin {
    /// The probability p that stands for all of its entries: its centre.
    pub fn centre(&self) -> f64 {
        (self.low + self.high) / 2.0
    }

    /// |q − p|, q the share of correct entries.
    fn error(&self) -> f64 {
        (self.correct as f64 / self.count as f64 - self.centre()).abs()
    }
}

/// The entries of a set of images, each in its bin.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries {
    binning: Binning,
    edges: Vec<f64>,
    classes: usize,
    /// N·K numbers: twice the bin, and one more if the entry is correct.
    places: Vec<u8>,
}

impl Entries {
    /// Sorts the posteriors of N images (K numbers in [0, 1] each) with their labels.
    pub fn new<'a>(images: impl IntoIterator<Item = (&'a [f64], usize)>, binning: Binning) -> Self {
        let (edges, mut classes, mut places) = (binning.edges(), 1, Vec::new());
        let last = edges.len() - 2;
        for (posterior, label) in images {
            classes = posterior.len();
            places.extend(posterior.iter().enumerate().map(|(class, p)| {
                let bin = edges.partition_point(|edge| edge <= p).saturating_sub(1).min(last);
                2 * bin as u8 + u8::from(class == label)
            }));
        }
        Self { binning, edges, classes, places }
    }

    /// The bins of the images at `indices`, which may repeat themselves.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn bins(&self, indices: &[u32]) -> Vec<Bin> {
        let mut counts = [0usize; 2 * 256];
        for &i in indices {
            for &place in &self.places[i as usize * self.classes..][..self.classes] {
                counts[usize::from(place)] += 1;
            }
        }
        let bin = |(i, edges): (usize, &[f64])| Bin {
            low: edges[0],
            high: edges[1],
            count: counts[2 * i] + counts[2 * i + 1],
            correct: counts[2 * i + 1],
        };
        self.edges.windows(2).enumerate().map(bin).collect()
    }

    /// The calibration errors of the images at `indices`; none when no bin counts.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn calibration(&self, indices: &[u32]) -> Option<Calibration> {
        Calibration::new(&self.bins(indices), self.binning)
    }
}

/// Calibration errors over the bins that count, as fractions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// Expected calibration error: Σ n·|q − p| / Σ n.
    pub ece: f64,
    /// Maximum calibration error: the largest |q − p|.
    pub mce: f64,
    /// Integrated calibration error: ∫ |q − p| dp.
    pub ice: f64,
    /// Geometric mean of the three.
    pub geo: f64,
}

impl Calibration {
    /// From the bins; none when no bin counts.
    pub fn new(bins: &[Bin], binning: Binning) -> Option<Self> {
        let kept: Vec<&Bin> = bins.iter().filter(|bin| binning.keeps(bin.count)).collect();
        let entries: usize = kept.iter().map(|bin| bin.count).sum();
        if entries == 0 {
            return None;
        }
        let ece = kept.iter().map(|bin| bin.count as f64 * bin.error()).sum::<f64>() / entries as f64;
        let mce = kept.iter().map(|bin| bin.error()).fold(0.0, f64::max);
        let ice = match binning {
            Binning::Repo => {
                let trapezium =
                    |w: &[&Bin]| (w[1].centre() - w[0].centre()) * (w[0].error() + w[1].error()) / 2.0;
                kept.windows(2).map(trapezium).sum()
            }
            Binning::Paper => kept.iter().map(|bin| (bin.high - bin.low) * bin.error()).sum(),
        };
        Some(Self { ece, mce, ice, geo: geometric_mean(&[ece, mce, ice])? })
    }
}

/// Whether an image is almost certain, and if so whether its prediction is wrong: what [`overconfidence`] counts.
pub fn almost_certain(posterior: &[f64], label: usize) -> Option<bool> {
    let (class, p) =
        posterior.iter().enumerate().fold((0, 0.0), |best, (k, &p)| if p > best.1 { (k, p) } else { best });
    (p > ALMOST_CERTAIN).then_some(class != label)
}

/// The error rate among images whose largest probability is above 0.997, divided by 0.003: 1 is what those
/// probabilities allow. None without such an image.
pub fn overconfidence(almost_certain: impl IntoIterator<Item = Option<bool>>) -> Option<f64> {
    let (mut wrong, mut count) = (0usize, 0usize);
    for is_wrong in almost_certain.into_iter().flatten() {
        count += 1;
        wrong += usize::from(is_wrong);
    }
    (count > 0).then(|| wrong as f64 / count as f64 / (1.0 - ALMOST_CERTAIN))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Images with the given posterior, as many of each label as `labels` says.
    fn images(posterior: [f64; 3], labels: [usize; 3]) -> Vec<([f64; 3], usize)> {
        (0..3).flat_map(|label| vec![(posterior, label); labels[label]]).collect()
    }

    fn calibration(images: &[([f64; 3], usize)], binning: Binning) -> Option<Calibration> {
        let all: Vec<u32> = (0..images.len() as u32).collect();
        Entries::new(images.iter().map(|(p, label)| (&p[..], *label)), binning).calibration(&all)
    }

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-6, "{got} instead of {wanted}");
    }

    #[test]
    fn a_hundred_images_match_the_hand_computed_values() {
        let images = images([0.8, 0.1, 0.1], [70, 20, 10]);
        let repo = calibration(&images, Binning::Repo).unwrap();
        close(repo.ece, 0.066_666_7);
        close(repo.mce, 0.1);
        close(repo.ice, 0.052_5);
        close(repo.geo, 0.070_473);
        let paper = calibration(&images, Binning::Paper).unwrap();
        close(paper.ece, 0.066_666_7);
        close(paper.mce, 0.1);
        close(paper.ice, 0.015);
    }

    #[test]
    fn the_program_drops_bins_of_twenty_and_the_paper_none() {
        let hundred = images([0.8, 0.1, 0.1], [70, 20, 10]);
        // Entries at 0.3, 0.3 and 0.4: one image adds two to one bin and one to another.
        let with = |more: usize| [hundred.clone(), vec![([0.3, 0.3, 0.4], 2); more]].concat();
        let bins = |more, binning| calibration(&with(more), binning).unwrap();
        assert_eq!(bins(10, Binning::Repo), bins(0, Binning::Repo));
        assert_ne!(bins(11, Binning::Repo).mce, bins(10, Binning::Repo).mce);
        assert_ne!(bins(1, Binning::Paper), bins(0, Binning::Paper));
        assert_eq!(calibration(&hundred[..7], Binning::Repo), None);
        assert_eq!(calibration(&[], Binning::Paper), None);
    }

    #[test]
    fn edges_are_those_of_program_and_paper() {
        let (repo, paper) = (Binning::Repo.edges(), Binning::Paper.edges());
        assert_eq!((repo.len(), paper.len()), (18, 20));
        assert!(repo.is_sorted() && paper.is_sorted());
        for (i, wanted) in
            [(0, -1e-6), (1, 0.012_499_25), (4, 0.05), (8, 0.45), (14, 0.962_500_25), (17, 1.000_001)]
        {
            close(repo[i], wanted);
        }
        for (i, wanted) in [(0, 0.0), (1, 0.01), (5, 0.05), (6, 0.15), (14, 0.95), (15, 0.96), (19, 1.0)] {
            close(paper[i], wanted);
        }
    }

    #[test]
    fn a_lower_edge_belongs_to_its_bin_and_one_to_the_last() {
        for binning in [Binning::Repo, Binning::Paper] {
            let entries = Entries::new([(&[0.0, 1.0][..], 1)], binning);
            let bins = entries.bins(&[0, 0]);
            assert_eq!((bins[0].count, bins[0].correct), (2, 0));
            assert_eq!((bins.last().unwrap().count, bins.last().unwrap().correct), (2, 2));
        }
        let bins = Entries::new([(&[0.01, 0.99][..], 0)], Binning::Paper).bins(&[0]);
        assert_eq!((bins[1].count, bins[1].correct, bins[18].count), (1, 1, 1));
    }

    #[test]
    fn overconfidence_looks_at_the_almost_certain_only() {
        let certain = [0.998, 0.001, 0.001];
        let seen = |posterior: [f64; 3], label| almost_certain(&posterior, label);
        assert_eq!(seen([0.997, 0.002, 0.001], 0), None);
        close(overconfidence((0..999).map(|i| seen(certain, usize::from(i < 3)))).unwrap(), 1.001_001);
        assert_eq!(overconfidence([seen([0.4, 0.4, 0.2], 0)]), None);
    }
}
