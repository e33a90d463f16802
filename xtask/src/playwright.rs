//! Reading the JSON report that Playwright writes.

use crate::cargo_output::Counts;
use serde_json::Value;

/// The counts of a report; none when the text is no report. A test that passed only when repeated counts as failed:
/// whoever reads "passed" should be able to rely on it.
pub fn counts(report: &str) -> Option<Counts> {
    let report: Value = serde_json::from_str(report).ok()?;
    let stats = report.get("stats")?;
    let number = |name: &str| stats.get(name)?.as_u64().and_then(|number| usize::try_from(number).ok());
    let errors = report.get("errors").and_then(Value::as_array).map_or(0, Vec::len);
    Some(Counts {
        passed: number("expected")?,
        failed: number("unexpected")? + number("flaky")? + errors,
        ignored: number("skipped")?,
        not_run: vec![],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_tests_and_errors_outside_of_tests_count_as_failed() {
        let report = r#"{"suites": [], "errors": [{"message": "x"}],
            "stats": {"duration": 1.5, "expected": 7, "skipped": 1, "unexpected": 2, "flaky": 3}}"#;
        assert_eq!(counts(report), Some(Counts { passed: 7, failed: 6, ignored: 1, not_run: vec![] }));
    }

    #[test]
    fn what_is_no_report_gives_no_counts() {
        for text in ["", "{}", r#"{"stats": {}}"#, r#"{"stats": {"expected": -1}}"#] {
            assert_eq!(counts(text), None, "{text}");
        }
    }
}
