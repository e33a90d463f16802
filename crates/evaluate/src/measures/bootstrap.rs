//! How far a measure may be off because the test set is only a sample: percentile bootstrap intervals.
//!
//! Every group of images (the test set, each out-of-distribution set) is drawn anew many times, with replacement and as
//! large as it is; of a set that is made of the test images, the same ones as of these. The interval holds the middle 95 %
//! of what the measure then is. The paper gives no intervals.

use ibinn::math::random::{Purpose, Stream};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use ibinn_terminal::output::number;

/// Share of the resamples that lie within an interval.
pub const LEVEL: f64 = 0.95;
/// With fewer resamples, the ends of an interval would be the most extreme of them.
const FEWEST: usize = 40;
/// The measures of every resample are kept: tens of megabytes for so many.
const MOST: usize = 100_000;

/// A measure and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The measure on the images as they are.
    pub value: f64,
    /// Where it lies in 95 % of the resamples; none without resamples, or where it is not defined in all of them.
    pub interval: Option<[f64; 2]>,
}

impl Estimate {
    /// The measure for people with its interval in brackets, if it has one, as in "1.20 [1.10, 1.30]".
    pub fn shown(self, digits: usize) -> String {
        let interval = self.interval.map(|ends| ends.map(|end| number(end, digits)));
        let interval = interval.map_or_else(String::new, |[low, high]| format!(" [{low}, {high}]"));
        number(self.value, digits) + &interval
    }

    /// The estimate of a rising function of the measure.
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { value: f(self.value), interval: self.interval.map(|ends| ends.map(f)) }
    }
}

/// Images that are drawn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many they are.
    pub size: usize,
    /// Whether each is a form of the image of the first group at its place. Of as large a group the same ones are drawn
    /// then, so that what is measured of both is a difference within pairs.
    pub paired: bool,
}

impl Group {
    /// Images that have nothing to do with those of the first group.
    pub fn apart(size: usize) -> Self {
        Self { size, paired: false }
    }

    /// All images of each group, each once.
    pub fn whole(groups: &[Self]) -> Vec<Vec<u32>> {
        groups.iter().map(|group| (0..group.size as u32).collect()).collect()
    }
}

/// How often to draw, and by which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    resamples: usize,
    seed: u64,
}

impl Bootstrap {
    /// `resamples` draws; 0 gives no intervals.
    ///
    /// # Errors
    /// [`Error::Usage`] when they are too few for an interval, or too many to keep.
    pub fn new(resamples: usize, seed: u64) -> Result<Self> {
        if resamples != 0 && !(FEWEST..=MOST).contains(&resamples) {
            return Err(Error::Usage(format!(
                "--bootstrap is {resamples}, must be 0 (no intervals) or from {FEWEST} to {MOST}"
            )));
        }
        Ok(Self { resamples, seed })
    }

    /// Seed of the draws.
    pub fn seed(self) -> u64 {
        self.seed
    }

    /// Number of resamples.
    pub fn resamples(self) -> usize {
        self.resamples
    }

    /// Estimates measures of groups of images. `measures` is given the indices that are drawn of each group, and returns
    /// the same number of measures each time, none where one is not defined; so does this.
    pub fn estimate(
        self,
        groups: &[Group],
        measures: impl Fn(&[Vec<u32>]) -> Vec<Option<f64>> + Sync,
    ) -> Vec<Option<Estimate>> {
        let draws = |resample: usize| -> Vec<Vec<u32>> {
            let mut drawn: Vec<Vec<u32>> = Vec::new();
            for (number, group) in groups.iter().enumerate() {
                let same = group.paired && groups[0].size == group.size;
                let indices = drawn.first().filter(|_| same).cloned().unwrap_or_else(|| {
                    let mut stream =
                        Stream::for_pair(self.seed, Purpose::Bootstrap, number as u64, resample as u64);
                    (0..group.size).map(|_| stream.below(group.size) as u32).collect()
                });
                drawn.push(indices);
            }
            drawn
        };
        let values = measures(&Group::whole(groups));
        let resampled: Vec<Vec<Option<f64>>> =
            (0..self.resamples).into_par_iter().map(|resample| measures(&draws(resample))).collect();
        let interval = |i: usize| {
            let mut spread: Vec<f64> = resampled.iter().map(|row| row[i]).collect::<Option<_>>()?;
            spread.sort_unstable_by(f64::total_cmp);
            let tail = (1.0 - LEVEL) / 2.0;
            Some([quantile(&spread, tail)?, quantile(&spread, 1.0 - tail)?])
        };
        let estimate =
            |(i, value): (usize, Option<f64>)| value.map(|value| Estimate { value, interval: interval(i) });
        values.into_iter().enumerate().map(estimate).collect()
    }
}

/// The quantile of ascending numbers at `share`, between neighbours in proportion; none of no numbers.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let position = share * sorted.len().checked_sub(1)? as f64;
    let (below, part) = (position as usize, position.fract());
    let above = (below + 1).min(sorted.len() - 1);
    Some(if part == 0.0 { sorted[below] } else { sorted[below] * (1.0 - part) + sorted[above] * part })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn mean(values: &[f64], drawn: &[u32]) -> Option<f64> {
        Some(drawn.iter().map(|&i| values[i as usize]).sum::<f64>() / drawn.len() as f64)
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_the_textbook() {
        let mut stream = Stream::new(1, Purpose::Test, 0);
        let values: Vec<f64> = (0..400).map(|_| stream.normal()).collect();
        let bootstrap = Bootstrap::new(4000, 0).unwrap();
        let estimates = bootstrap.estimate(&[Group::apart(400)], |drawn| vec![mean(&values, &drawn[0])]);
        let Estimate { value, interval } = estimates[0].unwrap();
        assert_eq!(Some(value), mean(&values, &(0..400).collect::<Vec<_>>()));
        let variance = values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / 400.0;
        let half = 1.96 * (variance / 400.0).sqrt();
        let [low, high] = interval.unwrap();
        assert!((low - value + half).abs() < 0.1 * half, "{low} instead of {}", value - half);
        assert!((high - value - half).abs() < 0.1 * half, "{high} instead of {}", value + half);
    }

    #[test]
    fn groups_are_drawn_apart_and_the_seed_decides() {
        let first = |drawn: &[Vec<u32>]| vec![Some(f64::from(drawn[0][0])), Some(f64::from(drawn[1][0]))];
        let estimate = |seed| Bootstrap::new(40, seed).unwrap().estimate(&[Group::apart(1000); 2], first);
        assert_eq!(estimate(3), estimate(3));
        assert_ne!(estimate(3), estimate(4));
        assert_ne!(estimate(3)[0].unwrap().interval, estimate(3)[1].unwrap().interval);
    }

    #[test]
    fn numbers_for_people_have_a_true_minus_and_none_before_a_zero() {
        let shown = |value, interval| Estimate { value, interval }.shown(2);
        assert_eq!(shown(-1.5, Some([-2.0, -0.001])), "−1.50 [−2.00, 0.00]");
        assert_eq!(shown(-0.0, None), "0.00");
    }

    #[test]
    fn differences_within_pairs_are_drawn_in_pairs() {
        let mut stream = Stream::new(2, Purpose::Test, 0);
        let first: Vec<f64> = (0..300).map(|_| 10.0 * stream.normal()).collect();
        let second: Vec<f64> = first.iter().map(|v| v + 1.0 + 0.1 * stream.normal()).collect();
        let width = |groups: [Group; 2]| {
            let bootstrap = Bootstrap::new(400, 0).unwrap();
            let difference = |drawn: &[Vec<u32>]| Some(mean(&second, &drawn[1])? - mean(&first, &drawn[0])?);
            let estimates = bootstrap.estimate(&groups, |drawn| vec![difference(drawn)]);
            let [low, high] = estimates[0].unwrap().interval.unwrap();
            high - low
        };
        let own = Group::apart(300);
        // Within pairs only the 0.1 varies: 2·1.96·0.1/√300; apart, both samples do.
        assert!((width([own, Group { size: 300, paired: true }]) - 0.0226).abs() < 0.004);
        assert!(width([own, own]) > 2.0);
        // A part of the images is no set of pairs.
        assert!(width([own, Group { size: 200, paired: true }]) > 2.0);
    }

    #[test]
    fn what_is_not_defined_in_every_resample_has_no_interval() {
        let bootstrap = Bootstrap::new(200, 0).unwrap();
        // Image 0 is missing from some resamples.
        let estimates = bootstrap.estimate(&[Group::apart(2)], |drawn| {
            vec![drawn[0].contains(&0).then_some(1.0), None, Some(f64::INFINITY)]
        });
        assert_eq!(estimates[0], Some(Estimate { value: 1.0, interval: None }));
        assert_eq!(estimates[1], None);
        assert_eq!(estimates[2].unwrap().interval, Some([f64::INFINITY; 2]));
    }

    #[test]
    fn no_resamples_give_no_interval_and_too_few_are_refused() {
        let none = Bootstrap::new(0, 0).unwrap().estimate(&[Group::apart(5)], |_| vec![Some(1.0)]);
        assert_eq!(none, [Some(Estimate { value: 1.0, interval: None })]);
        assert!(Bootstrap::new(39, 0).unwrap_err().to_string().contains("--bootstrap is 39"));
    }

    #[test]
    fn quantiles_lie_between_neighbours_in_proportion() {
        let sorted = [1.0, 2.0, 4.0];
        let at = |share| quantile(&sorted, share).unwrap();
        assert_eq!((at(0.0), at(0.25), at(0.5), at(0.75), at(1.0)), (1.0, 1.5, 2.0, 3.0, 4.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
