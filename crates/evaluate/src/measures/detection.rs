//! How well a score tells images of another set from a model's own, as today's benchmarks measure it (method §4.8).
//!
//! A larger score means more foreign, and foreign images are the positives. All measures are exact with ties, and linear
//! in the number of images once they are sorted, so that they can be had of many resamples.

/// Share of the foreign images that are detected where the false positive rate is taken.
const DETECTED: f64 = 0.95;

/// The scores of own and foreign images, sorted.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Of each distinct score, descending, the images that have it: positions among the own ones, and among the foreign.
    tied: Vec<[Vec<u32>; 2]>,
    sizes: [usize; 2],
}

/// What is measured of a score, as fractions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Area under the ROC curve: the share of pairs that are in order, ties counting half.
    pub auroc: f64,
    /// Area under the precision–recall curve with own images as positives.
    pub aupr_in: f64,
    /// The same with foreign images as positives.
    pub aupr_out: f64,
    /// False positive rate at 95 %: share of own images at the highest threshold that detects 95 % of the foreign ones.
    pub fpr95: f64,
}

impl Ranked {
    /// Sorts the scores of `own` and `foreign` images.
    pub fn new(own: &[f64], foreign: &[f64]) -> Self {
        let of = |scores: &[f64], side: usize| -> Vec<(f64, usize, u32)> {
            scores.iter().enumerate().map(|(i, &score)| (score, side, i as u32)).collect()
        };
        let mut all = [of(own, 0), of(foreign, 1)].concat();
        all.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut tied: Vec<[Vec<u32>; 2]> = Vec::new();
        for equal in all.chunk_by(|a, b| a.0 == b.0) {
            let mut group = [Vec::new(), Vec::new()];
            equal.iter().for_each(|&(_, side, i)| group[side].push(i));
            tied.push(group);
        }
        Self { tied, sizes: [own.len(), foreign.len()] }
    }

    /// Measures the images `drawn` of each side, which may repeat themselves; none where a side is empty.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn measures(&self, drawn: [&[u32]; 2]) -> Option<Measures> {
        let times = [0, 1].map(|side| {
            let mut times = vec![0u64; self.sizes[side]];
            drawn[side].iter().for_each(|&i| times[i as usize] += 1);
            times
        });
        let steps = self.tied.iter().map(|group| {
            [0, 1].map(|side| group[side].iter().map(|&i| times[side][i as usize]).sum::<u64>())
        });
        let steps: Vec<[u64; 2]> = steps.filter(|step| step[0] + step[1] > 0).collect();
        let totals = [0, 1].map(|side| steps.iter().map(|step| step[side]).sum::<u64>());
        if totals.contains(&0) {
            return None;
        }
        Some(Measures {
            auroc: auroc(&steps, totals),
            aupr_in: aupr(steps.iter().rev().map(|&[own, foreign]| [foreign, own]), totals[0]),
            aupr_out: aupr(steps.iter().copied(), totals[1]),
            fpr95: fpr(&steps, totals),
        })
    }
}

fn auroc(steps: &[[u64; 2]], totals: [u64; 2]) -> f64 {
    // Twice the number of pairs that are in order, so that ties stay whole numbers.
    let (mut above, mut in_order) = (0, 0);
    for &[own, foreign] in steps {
        in_order += own * (2 * above + foreign);
        above += foreign;
    }
    in_order as f64 / (2.0 * totals[0] as f64 * totals[1] as f64)
}

/// Area by the trapezoidal rule over the points at every distinct threshold, from a precision of 1 at no recall; the
/// second number of a step are positives.
fn aupr(steps: impl Iterator<Item = [u64; 2]>, positives: u64) -> f64 {
    let (mut wrong, mut right, mut area) = (0, 0, 0.0);
    let mut last = [0.0, 1.0];
    for [negative, positive] in steps {
        wrong += negative;
        right += positive;
        let next = [right as f64 / positives as f64, right as f64 / (right + wrong) as f64];
        area += (next[0] - last[0]) * (next[1] + last[1]) / 2.0;
        last = next;
    }
    area
}

fn fpr(steps: &[[u64; 2]], totals: [u64; 2]) -> f64 {
    let (mut flagged, mut detected) = (0, 0);
    for &[own, foreign] in steps {
        flagged += own;
        detected += foreign;
        if detected as f64 >= DETECTED * totals[1] as f64 {
            break;
        }
    }
    flagged as f64 / totals[0] as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::measures::ranking::auc;

    fn all(own: &[f64], foreign: &[f64]) -> Option<Measures> {
        let every = |scores: &[f64]| (0..scores.len() as u32).collect::<Vec<_>>();
        Ranked::new(own, foreign).measures([&every(own), &every(foreign)])
    }

    #[test]
    fn measures_match_the_hand_computed_values() {
        // Descending: foreign 4, own 3 and foreign 3, own 2, foreign 1.
        let found = all(&[3.0, 2.0], &[4.0, 3.0, 1.0]).unwrap();
        // Pairs in order: 4 beats both, 3 ties one and beats one, 1 beats none: 3.5 of 6.
        assert!((found.auroc - 3.5 / 6.0).abs() < 1e-12);
        // Points (1/3, 1), (2/3, 2/3), (2/3, 1/2), (1, 3/5) after (0, 1).
        assert!((found.aupr_out - (1.0 / 3.0 + (1.0 + 2.0 / 3.0) / 6.0 + 1.1 / 6.0)).abs() < 1e-12);
        // Own as positives, from below: (0, 0), (1/2, 1/2), (1, 1/2), (1, 2/5) after (0, 1).
        assert!((found.aupr_in - (0.25 / 2.0 + 0.5 / 2.0)).abs() < 1e-12);
        // 95 % of three is all of them, with both own images above.
        assert_eq!(found.fpr95, 1.0);
        let apart = all(&[0.0, 1.0], &[2.0, 3.0]).unwrap();
        assert_eq!(apart, Measures { auroc: 1.0, aupr_in: 1.0, aupr_out: 1.0, fpr95: 0.0 });
        assert_eq!((all(&[], &[1.0]), all(&[1.0], &[])), (None, None));
    }

    #[test]
    fn a_resample_is_measured_as_if_it_stood_alone() {
        use ibinn::math::random::{Purpose, Stream};
        let mut stream = Stream::new(11, Purpose::Test, 0);
        let mut draw =
            |n: usize, up: f64| -> Vec<f64> { (0..n).map(|_| stream.below(9) as f64 + up).collect() };
        let (own, foreign) = (draw(40, 0.0), draw(30, 2.0));
        let mut stream = Stream::new(11, Purpose::Test, 1);
        let mut pick = |n: usize| -> Vec<u32> { (0..n).map(|_| stream.below(n) as u32).collect() };
        let drawn = [pick(40), pick(30)];
        let taken =
            |scores: &[f64], drawn: &[u32]| drawn.iter().map(|&i| scores[i as usize]).collect::<Vec<_>>();
        let alone = [taken(&own, &drawn[0]), taken(&foreign, &drawn[1])];
        let found = Ranked::new(&own, &foreign).measures([&drawn[0], &drawn[1]]).unwrap();
        assert_eq!(Some(found), all(&alone[0], &alone[1]));
        assert!((found.auroc - auc(&alone[0], &alone[1]).unwrap()).abs() < 1e-12);
    }
}
