//! Conformal p-values (method §3.6).

/// Scores of images that nothing was fitted to, by which the score of another one is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    /// Ascending, each a number that f32 holds.
    scores: Vec<f64>,
}

impl Table {
    /// Keeps at most `most` of some `scores` in random order.
    ///
    /// Of n = m·(`most` + 1) − 1 scores every m-th largest is kept: p-values that are multiples of 1/(`most` + 1) are then
    /// those of all n. What is left over is dropped.
    pub fn new(mut scores: Vec<f64>, most: usize) -> Self {
        let every = ((scores.len() + 1) / (most + 1)).max(1);
        if scores.len() > most {
            scores.truncate(every * (most + 1) - 1);
        }
        scores.sort_by(|a, b| b.total_cmp(a));
        let mut scores: Vec<f64> =
            scores.into_iter().skip(every - 1).step_by(every).map(|score| f64::from(score as f32)).collect();
        scores.reverse();
        Self { scores }
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
        // 29 = 3·10 − 1 scores kept of 31, as nine.
        let scores: Vec<f64> = (0..31).map(|i| f64::from(i * 12 % 31)).collect();
        let (thin, full) = (Table::new(scores.clone(), 9), Table::new(scores[..29].to_vec(), 99));
        assert_eq!((thin.scores().len(), full.scores().len()), (9, 29));
        for i in -1..64 {
            let score = f64::from(i) / 2.0;
            for tenths in 1..=10 {
                let alpha = f64::from(tenths) / 10.0;
                assert_eq!(thin.p_value(score) <= alpha, full.p_value(score) <= alpha, "{score} at {alpha}");
            }
        }
    }
}
