//! Conformal p-values (method §3.6).

/// Scores of images that nothing was fitted to, by which the score of another one is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// Ascending, each a number that f32 holds.
    scores: Vec<f64>,
}

impl Table {
    /// Keeps at most `most` of some `scores`.
    ///
    /// Of n scores the ⌊j·(n + 1)/(`most` + 1)⌋-th largest is kept for each j up to `most`: the p-value is at most
    /// j/(`most` + 1) where that of all n is, but for less than 1/(n + 1), and never where it is not.
    pub fn new(mut scores: Vec<f64>, most: usize) -> Self {
        scores.sort_by(|a, b| b.total_cmp(a));
        let (n, most) = (scores.len(), most.min(scores.len()));
        let kept = (1..=most).rev().map(|j| scores[j * (n + 1) / (most + 1) - 1]);
        Self { scores: kept.map(|score| f64::from(score as f32)).collect() }
    }

    /// The table of these ascending scores.
    pub fn of(scores: Vec<f64>) -> Self {
        Self { scores }
    }

    /// Its scores, ascending.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// (1 + #{scores ≥ `score`}) / (n + 1); the least that there is for NaN.
    pub fn p_value(&self, score: f64) -> f64 {
        let n = self.scores.len();
        let below = self.scores.partition_point(|&s| s < score || score.is_nan());
        (1 + n - below) as f64 / (n + 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_by_hand() {
        let table = Table::new(vec![3.0, 1.0, 2.0, 2.0], 99);
        assert_eq!(table.scores(), [1.0, 2.0, 2.0, 3.0]);
        let p = |score| table.p_value(score);
        assert_eq!([p(0.0), p(1.0), p(1.5), p(2.0), p(3.0), p(3.1)], [1.0, 1.0, 0.8, 0.8, 0.4, 0.2]);
        assert_eq!([p(f64::NAN), p(f64::INFINITY), p(f64::NEG_INFINITY)], [0.2, 0.2, 1.0]);
    }

    #[test]
    fn a_thinned_table_decides_as_all_scores_do() {
        // 29 = 3·10 − 1 scores as nine, to the same decisions, and numbers that do not divide, a rank below at most.
        for count in [29, 30, 31, 37, 10] {
            let scores: Vec<f64> = (0..count).map(|i| f64::from(i * 12 % count)).collect();
            let (thin, full) = (Table::new(scores.clone(), 9), Table::new(scores, 99));
            // By how much the p-value of all may be under the level where the thin one is not.
            let rank = if (count + 1) % 10 == 0 { 0.0 } else { 1.0 / f64::from(count + 1) };
            assert_eq!((thin.scores().len(), full.scores().len()), (9, count as usize));
            for i in -1..2 * count {
                let score = f64::from(i) / 2.0;
                for tenths in 1..10 {
                    let alpha = f64::from(tenths) / 10.0 + 1e-12;
                    let [thin, full] = [thin.p_value(score), full.p_value(score)];
                    assert!(thin > alpha || full <= alpha, "{score} at {alpha} of {count}");
                    assert!(thin <= alpha || full > alpha - rank, "{score} at {alpha} of {count}");
                }
            }
        }
    }
}
