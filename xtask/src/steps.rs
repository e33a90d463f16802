//! Steps that are checks or tests: run one after the other, and told in a table at the end.

use crate::cargo_output::Counts;
use crate::error::{Error, Result};
use crate::shell::say;
use crate::summary::{Step, table};
use crate::workspace::Workspace;
use std::time::Instant;

/// The steps that have been run so far. One that fails does not keep those from running that do not need it.
pub struct Steps<'a> {
    workspace: &'a Workspace,
    done: Vec<Step>,
}

impl<'a> Steps<'a> {
    /// No step yet.
    pub fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, done: Vec::new() }
    }

    /// Runs a step that is one check; its value, when it passed.
    pub fn check<T>(&mut self, name: &'static str, step: impl FnOnce(&Workspace) -> Result<T>) -> Option<T> {
        say("test", format_args!("-- {name}"));
        let started = Instant::now();
        let (value, problem) = match step(self.workspace) {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(told(error))),
        };
        self.done.push(Step { name, problem, counts: None, time: started.elapsed() });
        value
    }

    /// Runs a step that consists of tests. One in which no test ran has failed.
    pub fn tests(&mut self, name: &'static str, step: impl FnOnce(&Workspace) -> (Counts, Result<()>)) {
        say("test", format_args!("-- {name}"));
        let started = Instant::now();
        let (counts, result) = step(self.workspace);
        let nothing = || Error::Message("no test ran".into());
        let result = if counts.passed + counts.failed == 0 { result.and(Err(nothing())) } else { result };
        let problem = result.err().map(told);
        self.done.push(Step { name, problem, counts: Some(counts), time: started.elapsed() });
    }

    /// Prints the table of all steps.
    ///
    /// # Errors
    /// When any step failed.
    pub fn finish(self) -> Result<()> {
        println!("{}", table(&self.done));
        match self.done.iter().filter(|step| step.problem.is_some()).count() {
            0 => Ok(()),
            1 => Err(Error::Message("1 step failed".into())),
            failed => Err(Error::Message(format!("{failed} steps failed"))),
        }
    }
}

/// Shows an error where it happens; the table shows it again.
fn told(error: Error) -> String {
    let text = error.to_string();
    say("test", &text);
    text
}

/// One result of several runs: every problem, when there are any.
///
/// # Errors
/// When any of them failed.
pub fn all<const N: usize>(results: [Result<()>; N]) -> Result<()> {
    let problems: Vec<String> =
        results.into_iter().filter_map(|result| Some(result.err()?.to_string())).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Message(problems.join("; "))) }
}
