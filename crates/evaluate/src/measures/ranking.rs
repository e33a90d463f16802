//! Telling one set of images from another by a score (method §4.4).

use super::arithmetic_mean;

/// The area under the ROC curve of telling `others` from `own` by a larger score: P(other > own) + ½·P(other = own), the
/// Mann–Whitney statistic, in O(n log n). A fraction; none where a set is empty.
pub fn auc(own: &[f64], others: &[f64]) -> Option<f64> {
    let mut all: Vec<(f64, bool)> = own.iter().map(|&s| (s, false)).collect();
    all.extend(others.iter().map(|&s| (s, true)));
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Twice the number of pairs that are in order, so that ties stay whole numbers.
    let (mut below, mut in_order) = (0u64, 0u64);
    for tied in all.chunk_by(|a, b| a.0 == b.0) {
        let others = tied.iter().filter(|(_, is_other)| *is_other).count() as u64;
        let own = tied.len() as u64 - others;
        in_order += others * (2 * below + own);
        below += own;
    }
    let pairs = own.len() as f64 * others.len() as f64;
    (pairs > 0.0).then(|| in_order as f64 / (2.0 * pairs))
}

/// The detection AUC of the typicality test: that of T = |score − mean score of `own`|. A fraction; none where a set is
/// empty.
pub fn typicality_auc(own: &[f64], others: &[f64]) -> Option<f64> {
    let mean = arithmetic_mean(own)?;
    let distances = |scores: &[f64]| -> Vec<f64> { scores.iter().map(|s| (s - mean).abs()).collect() };
    auc(&distances(own), &distances(others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_match_the_hand_computed_values() {
        let own = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(auc(&own, &[2.5, 5.0]), Some(0.75));
        // Distances 1.5, 0.5, 0.5, 1.5 against 0, 2.5.
        assert_eq!(typicality_auc(&own, &[2.5, 5.0]), Some(0.5));
        assert_eq!(auc(&[1.0, 2.0], &[1.0, 1.0]), Some(0.25));
        assert_eq!(auc(&own, &own), Some(0.5));
        assert_eq!(typicality_auc(&own, &own), Some(0.5));
        assert_eq!(auc(&own, &[9.0, 9.0]), Some(1.0));
        assert_eq!(auc(&own, &[0.0]), Some(0.0));
        // Both tails are atypical.
        assert_eq!(typicality_auc(&own, &[-9.0, 9.0]), Some(1.0));
        assert_eq!((auc(&[], &own), auc(&own, &[])), (None, None));
    }

    #[test]
    fn an_infinite_score_is_the_largest() {
        assert_eq!(auc(&[1.0, 2.0], &[f64::INFINITY]), Some(1.0));
        assert_eq!(typicality_auc(&[1.0, 2.0], &[f64::INFINITY]), Some(1.0));
    }

    #[test]
    fn agrees_with_counting_all_pairs() {
        use ibinn::math::random::{Purpose, Stream};
        let mut stream = Stream::new(5, Purpose::Test, 0);
        // Few distinct values, so that many are tied.
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.below(9) as f64).collect() };
        let (own, others) = (draw(70), draw(50));
        let mut pairs = 0.0;
        for o in &others {
            pairs += own
                .iter()
                .map(|s| {
                    if o > s {
                        1.0
                    } else if o == s {
                        0.5
                    } else {
                        0.0
                    }
                })
                .sum::<f64>();
        }
        assert_eq!(auc(&own, &others), Some(pairs / 3500.0));
    }
}
