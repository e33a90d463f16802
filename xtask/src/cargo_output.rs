//! Reading what `cargo test -- --show-output` prints: how many tests ran, and which of them said that they did not.

/// What the tests say when the data they need is not there: `not run: IBINN_DATA_DIR is not set`.
const NOT_RUN: &str = "not run:";

/// Counts of one run of tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that ran and passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that the harness left out.
    pub ignored: usize,
    /// Tests that passed without having run, each with what it said: `golden::forward: IBINN_DATA_DIR is not set`.
    pub not_run: Vec<String>,
}

/// Reads the output line by line, and says which lines are worth showing.
///
/// `--show-output` is what makes the harness print the words of passing tests, of which only "not run:" is of interest.
#[derive(Default)]
pub struct Reader {
    counts: Counts,
    in_successes: bool,
    test: String,
}

impl Reader {
    /// Takes one line; true when it should be shown.
    pub fn line(&mut self, line: &str) -> bool {
        if let Some(counts) = result_line(line) {
            self.counts.passed += counts.passed;
            self.counts.failed += counts.failed;
            self.counts.ignored += counts.ignored;
            self.in_successes = false;
            return true;
        }
        if line == "successes:" {
            self.in_successes = true;
        } else if line == "failures:" {
            self.in_successes = false;
        } else if let Some(name) =
            line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----"))
        {
            self.test = name.to_owned();
        } else if let Some(why) = line.trim_start().strip_prefix(NOT_RUN)
            && self.in_successes
        {
            // A test may say so of several files; it is one test.
            let said = format!("{}: {}", self.test, why.trim());
            let known = self.counts.not_run.iter().any(|said| said.starts_with(&format!("{}: ", self.test)));
            if !known {
                self.counts.not_run.push(said);
            }
        }
        !self.in_successes
    }

    /// What was counted; tests that said "not run:" are not among those that passed.
    pub fn counts(mut self) -> Counts {
        self.counts.passed = self.counts.passed.saturating_sub(self.counts.not_run.len());
        self.counts
    }
}

/// The numbers of `test result: ok. 12 passed; 0 failed; 1 ignored; ...`.
fn result_line(line: &str) -> Option<Counts> {
    let (_, numbers) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| {
        let mut parts = numbers.split(';').map(str::trim);
        parts.find_map(|part| part.strip_suffix(word)?.trim().parse().ok())
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        ignored: number("ignored")?,
        not_run: vec![],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Counts, Vec<&str>) {
        let mut reader = Reader::default();
        let shown = text.lines().filter(|line| reader.line(line)).collect();
        (reader.counts(), shown)
    }

    #[test]
    fn the_counts_of_all_binaries_are_added() {
        let (counts, _) = read(
            "running 2 tests\ntest a ... ok\n\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n\
             test result: FAILED. 10 passed; 3 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.20s\n",
        );
        assert_eq!(counts, Counts { passed: 12, failed: 3, ignored: 1, not_run: vec![] });
    }

    #[test]
    fn tests_that_say_they_did_not_run_are_not_counted_as_passed() {
        let (counts, shown) = read(
            "test golden::forward ... ok\n\nsuccesses:\n\n---- golden::forward stdout ----\n\
             not run: IBINN_REFERENCE_DIR is not set\nnot run: IBINN_REFERENCE_DIR is not set\n\n\
             ---- other stdout ----\nchatter\n\nsuccesses:\n    golden::forward\n    other\n\n\
             test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!(counts.passed, 1);
        assert_eq!(counts.not_run, ["golden::forward: IBINN_REFERENCE_DIR is not set"]);
        assert!(
            shown.iter().all(|line| !line.contains("chatter") && !line.contains("successes")),
            "{shown:?}"
        );
        assert!(shown.iter().any(|line| line.starts_with("test result: ok")));
    }

    #[test]
    fn the_words_of_failed_tests_are_shown() {
        let (counts, shown) = read(
            "successes:\n\n---- fine stdout ----\nchatter\n\nfailures:\n\n---- broken stdout ----\n\
             not run: said by a test that failed\nassertion failed\n\n\
             test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n",
        );
        assert_eq!((counts.passed, counts.failed), (1, 1));
        assert!(counts.not_run.is_empty());
        assert!(shown.contains(&"assertion failed") && !shown.contains(&"chatter"), "{shown:?}");
    }

    #[test]
    fn other_lines_are_no_results() {
        for line in ["test result", "test result: ok.", "test result: ok. many passed", "running 3 tests"] {
            assert_eq!(result_line(line), None, "{line}");
        }
    }
}
