//! The table at the end of `cargo xtask test`: what ran, how it ended, how long it took.

use crate::cargo_output::Counts;
use std::fmt::Write;
use std::time::Duration;

/// One step of the tests.
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What went wrong, as a sentence; none when it passed.
    pub problem: Option<String>,
    /// The tests in it; none for a step that is one check (formatting, say).
    pub counts: Option<Counts>,
    /// How long it took.
    pub time: Duration,
}

impl Step {
    fn result(&self) -> &'static str {
        if self.problem.is_some() { "FAILED" } else { "ok" }
    }
}

/// The table, then the tests that did not run, then the problems.
pub fn table(steps: &[Step]) -> String {
    let mut text = String::from("\nwhat ran\n");
    let mut line = |name: &str, result: &str, counts: Option<&Counts>, time: Duration| {
        let cells =
            counts.map(|counts| [counts.passed, counts.failed, counts.not_run.len() + counts.ignored]);
        let [passed, failed, not_run] = match cells {
            Some(cells) => cells.map(|count| count.to_string()),
            None => [const { String::new() }; 3],
        };
        let seconds = time.as_secs_f64();
        writeln!(text, "  {name:<20} {result:<8} {passed:>8} {failed:>8} {not_run:>8} {seconds:>9.1}").ok();
    };
    let mut sum = Counts::default();
    let mut time = Duration::ZERO;
    for step in steps {
        line(step.name, step.result(), step.counts.as_ref(), step.time);
        time += step.time;
        if let Some(counts) = &step.counts {
            sum.passed += counts.passed;
            sum.failed += counts.failed;
            sum.ignored += counts.ignored;
            sum.not_run.extend(counts.not_run.iter().cloned());
        }
    }
    let failed = steps.iter().any(|step| step.problem.is_some());
    line("all", if failed { "FAILED" } else { "ok" }, Some(&sum), time);
    let head = format!(
        "  {:<20} {:<8} {:>8} {:>8} {:>8} {:>9}\n",
        "step", "result", "passed", "failed", "not run", "seconds"
    );
    text.insert_str("\nwhat ran\n".len(), &head);
    if !sum.not_run.is_empty() {
        text.push_str("\nnot run, for want of the data they need\n");
        sum.not_run.iter().for_each(|test| {
            writeln!(text, "  {test}").ok();
        });
    }
    let problems: Vec<_> =
        steps.iter().filter_map(|step| Some((step.name, step.problem.as_ref()?))).collect();
    if !problems.is_empty() {
        text.push_str("\nwhat failed\n");
        problems.iter().for_each(|(name, problem)| {
            writeln!(text, "  {name}: {problem}").ok();
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_steps_sums_tests_not_run_and_problems() {
        let counts = Counts {
            passed: 40,
            failed: 1,
            ignored: 2,
            not_run: vec!["golden: IBINN_DATA_DIR is not set".into()],
        };
        let time = Duration::from_millis(1250);
        let steps = [
            Step { name: "format", problem: None, counts: None, time },
            Step {
                name: "native tests",
                problem: Some("1 of 41 failed".into()),
                counts: Some(counts.clone()),
                time,
            },
            Step {
                name: "browser tests",
                problem: None,
                counts: Some(Counts { passed: 2, ..Counts::default() }),
                time,
            },
        ];
        let text = table(&steps);
        let cells = |name: &str| -> Vec<String> {
            let line = text.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_default();
            line.trim_start().trim_start_matches(name).split_whitespace().map(str::to_owned).collect()
        };
        assert_eq!(cells("format"), ["ok", "1.2"]);
        assert_eq!(cells("native tests"), ["FAILED", "40", "1", "3", "1.2"]);
        assert_eq!(cells("all"), ["FAILED", "42", "1", "3", "3.8"]);
        assert!(text.contains("\n  golden: IBINN_DATA_DIR is not set\n"), "{text}");
        assert!(text.contains("\nwhat failed\n  native tests: 1 of 41 failed\n"), "{text}");
        assert!(!table(&steps[..1]).contains("what failed"));
    }
}
