//! Runs that differ in nothing but their seed: tables and figures show one number for them, with its spread.

use std::path::PathBuf;

use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::report::Report;

use crate::Result;
use crate::config::Config;
use crate::results::{FullEvaluation, RunFolder, names};

/// The evaluations of runs that differ in nothing but their seed; at least one.
#[derive(Clone, Debug)]
pub struct Replicates {
    /// Where the first of them lies.
    pub path: PathBuf,
    first: FullEvaluation,
    others: Vec<FullEvaluation>,
}

impl Replicates {
    /// One evaluation by itself.
    pub fn single(path: PathBuf, evaluation: FullEvaluation) -> Self {
        Self { path, first: evaluation, others: Vec::new() }
    }

    /// The evaluations `found`, each with where it lies, in groups that keep the order of their first ones.
    ///
    /// Runs are told apart by the configurations beside their evaluations; an evaluation without one stands by itself.
    ///
    /// # Errors
    /// When a configuration cannot be read.
    pub fn group(found: Vec<(PathBuf, FullEvaluation)>) -> Result<Vec<Self>> {
        let mut groups: Vec<(Option<Config>, Self)> = Vec::new();
        for (path, evaluation) in found {
            let config = without_seed(&path)?;
            let same = groups
                .iter_mut()
                .find(|(other, group)| config.is_some() && *other == config && group.accepts(&evaluation));
            match same {
                Some((_, group)) => group.others.push(evaluation),
                None => groups.push((config, Self::single(path, evaluation))),
            }
        }
        Ok(groups.into_iter().map(|(_, group)| group).collect())
    }

    /// Whether `evaluation` measured the same of a run with another seed.
    fn accepts(&self, evaluation: &FullEvaluation) -> bool {
        let measured = |of: &FullEvaluation| {
            let sets: Vec<String> = of.report.ood.iter().map(|set| set.name.clone()).collect();
            (of.dataset.clone(), of.selection, of.limit, sets)
        };
        measured(&self.first) == measured(evaluation)
            && self.all().all(|other| other.training.seed != evaluation.training.seed)
    }

    /// The first evaluation, for what they have in common.
    pub fn first(&self) -> &FullEvaluation {
        &self.first
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &FullEvaluation> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// How many seeds they are of.
    pub fn seeds(&self) -> usize {
        1 + self.others.len()
    }

    /// A measure. Of several seeds it is the mean with one standard deviation (by n − 1) to each side of it; none where
    /// one of them has none.
    pub fn estimate(&self, measure: impl Fn(&Report) -> Option<Estimate>) -> Option<Estimate> {
        if self.others.is_empty() {
            return measure(&self.first.report);
        }
        let values: Vec<f64> =
            self.all().map(|evaluation| Some(measure(&evaluation.report)?.value)).collect::<Option<_>>()?;
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        Some(Estimate { value: mean, interval: Some([mean - deviation, mean + deviation]) })
    }
}

/// The configuration of the run that an evaluation lies with, its seed set aside; none where there is none.
fn without_seed(evaluation: &std::path::Path) -> Result<Option<Config>> {
    let folder = if evaluation.is_dir() { evaluation } else { evaluation.parent().unwrap_or(evaluation) };
    if !folder.join(names::CONFIG).exists() {
        return Ok(None);
    }
    Ok(Some(Config { seed: 0, ..RunFolder::open(folder)?.config }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::examples::evaluation;
    use ibinn_files::scratch::Scratch;

    /// A run's folder with a configuration, and an evaluation of it with this error.
    fn run(scratch: &Scratch, name: &str, config: &str, seed: u64, error: f64) -> (PathBuf, FullEvaluation) {
        let folder = scratch.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(names::CONFIG), format!("{config}\nseed = {seed}\n")).unwrap();
        let mut found = evaluation("builtin", 1.0, 3.0);
        found.training.seed = Some(seed);
        found.report.error = Some(Estimate { value: error, interval: None });
        (folder, found)
    }

    #[test]
    fn seeds_are_averaged_and_other_settings_are_not() {
        let scratch = Scratch::new();
        let tiny = "preset = \"tiny\"";
        let found = vec![
            run(&scratch, "a", tiny, 0, 4.0),
            run(&scratch, "b", tiny, 1, 6.0),
            run(&scratch, "c", "preset = \"tiny\"\nnoise = 0.1", 2, 9.0),
            run(&scratch, "d", tiny, 2, 8.0),
            // The same seed once more is another row.
            run(&scratch, "e", tiny, 2, 1.0),
        ];
        let groups = Replicates::group(found).unwrap();
        let seen: Vec<(usize, f64)> =
            groups.iter().map(|g| (g.seeds(), g.estimate(|r| r.error).unwrap().value)).collect();
        assert_eq!(seen, [(3, 6.0), (1, 9.0), (1, 1.0)]);
        // Deviations −2, 0, 2: their squares' sum over 2 is 4.
        assert_eq!(groups[0].estimate(|r| r.error).unwrap().interval, Some([4.0, 8.0]));
        assert_eq!(groups[0].estimate(|r| r.l_x), None);
    }

    #[test]
    fn an_evaluation_without_its_run_stands_by_itself() {
        let alone = |seed| {
            let mut found = evaluation("builtin", 1.0, 3.0);
            found.training.seed = Some(seed);
            (PathBuf::from("nowhere").join(format!("{seed}.json")), found)
        };
        assert_eq!(Replicates::group(vec![alone(0), alone(1)]).unwrap().len(), 2);
    }
}
