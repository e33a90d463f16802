//! `cargo xtask test`: every test, native and browser, and a table of what ran.

use crate::cargo_output::{Counts, Reader};
use crate::error::{Error, Result};
use crate::packages::{SELECTIONS, build_trainer};
use crate::setup::BrowserTools;
use crate::shell::{self, say};
use crate::summary::{Step, table};
use crate::workspace::Workspace;
use crate::{playwright, setup, site};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask test\n  \
    cargo xtask test --only native\n\n\
    IBINN_DATA_DIR names a folder with the official data sets and IBINN_REFERENCE_DIR one with the golden vectors. \
    A test that needs one that is not set says so, and is listed at the end as not run; where CI is set, it fails.")]
pub struct Options {
    /// Run only one part.
    #[arg(long, value_enum)]
    pub only: Option<Part>,
}

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Formatting and clippy.
    Lint,
    /// The Rust tests.
    Native,
    /// The site: its build, its types, and the page in a real browser.
    Browser,
}

/// Runs the tests. A step that fails does not keep those from running that do not need it.
///
/// # Errors
/// When any step failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let mut steps = Steps { workspace, done: Vec::new() };
    if wanted(Part::Lint) {
        steps.lint();
    }
    if wanted(Part::Native) {
        steps.native();
    }
    if wanted(Part::Browser) {
        steps.browser();
    }
    let failed = steps.done.iter().filter(|step| step.problem.is_some()).count();
    println!("{}", table(&steps.done));
    match failed {
        0 => Ok(()),
        1 => Err(Error::Message("1 step failed".into())),
        _ => Err(Error::Message(format!("{failed} steps failed"))),
    }
}

struct Steps<'a> {
    workspace: &'a Workspace,
    done: Vec<Step>,
}

impl Steps<'_> {
    fn lint(&mut self) {
        self.check("format", |workspace| shell::run(cargo(workspace).args(["fmt", "--all", "--check"])));
        self.check("clippy", |workspace| {
            all(SELECTIONS.map(|packages| {
                let mut clippy = cargo(workspace);
                shell::run(clippy.arg("clippy").args(packages).args([
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ]))
            }))
        });
    }

    fn native(&mut self) {
        self.check("setup, native", setup::for_native_tests);
        self.tests("native tests", |workspace| {
            let mut reader = Reader::default();
            let results = SELECTIONS.map(|packages| cargo_tests(workspace, packages, &mut reader));
            (reader.counts(), all(results))
        });
    }

    fn browser(&mut self) {
        let tools = self.check("setup, site", setup::for_site);
        let browser = self.check("setup, browser", setup::for_browser_tests);
        let site = self.check("site", |workspace| {
            let tools = tools.ok_or_else(|| needs("setup, site"))?;
            site::build(workspace, tools.wasm, &site::Options::default())
        });
        self.check("types", check_types);
        self.tests("browser tests", |workspace| {
            let browsers = browser.ok_or_else(|| needs("setup, browser"));
            let site = site.ok_or_else(|| needs("site"));
            match (browsers, site) {
                (Ok(browsers), Ok(site)) => browser_tests(workspace, &browsers, site),
                (Err(error), _) | (_, Err(error)) => (Counts::default(), Err(error)),
            }
        });
    }

    /// Runs a step that is one check; its value, when it passed.
    fn check<T>(&mut self, name: &'static str, step: impl FnOnce(&Workspace) -> Result<T>) -> Option<T> {
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
    fn tests(&mut self, name: &'static str, step: impl FnOnce(&Workspace) -> (Counts, Result<()>)) {
        say("test", format_args!("-- {name}"));
        let started = Instant::now();
        let (counts, result) = step(self.workspace);
        let nothing = || Error::Message("no test ran".into());
        let result = if counts.passed + counts.failed == 0 { result.and(Err(nothing())) } else { result };
        let problem = result.err().map(told);
        self.done.push(Step { name, problem, counts: Some(counts), time: started.elapsed() });
    }
}

/// Shows an error where it happens; the table shows it again.
fn told(error: Error) -> String {
    let text = error.to_string();
    say("test", &text);
    text
}

fn needs(step: &str) -> Error {
    Error::Message(format!("not run, because \"{step}\" failed"))
}

fn cargo(workspace: &Workspace) -> Command {
    let mut command = shell::cargo();
    command.current_dir(&workspace.root);
    command
}

fn cargo_tests(workspace: &Workspace, packages: &[&str], reader: &mut Reader) -> Result<()> {
    let mut command = cargo(workspace);
    command.arg("test").args(packages).args(["--no-fail-fast", "--", "--show-output"]);
    // Without a desktop session, Mesa's layer that picks a Vulkan device prints errors, and is of no use.
    command.env("NODEVICE_SELECT", "1");
    shell::stream(&mut command, |line| {
        if reader.line(line) {
            println!("{line}");
        }
    })
}

/// One result of several runs: every problem, when there are any.
fn all<const N: usize>(results: [Result<()>; N]) -> Result<()> {
    let problems: Vec<String> =
        results.into_iter().filter_map(|result| Some(result.err()?.to_string())).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Message(problems.join("; "))) }
}

/// TypeScript's check of the site, and of the module and the browser tests where those have one.
fn check_types(workspace: &Workspace) -> Result<()> {
    if !site::has_script(&workspace.root.join("www"), "check")? {
        return Err(Error::Message("www/package.json has no script named check".into()));
    }
    for folder in ["web", "www", "tests/browser"].map(|folder| workspace.root.join(folder)) {
        if site::has_script(&folder, "check")? {
            shell::run(shell::npm().args(["run", "--silent", "check"]).current_dir(folder))?;
        }
    }
    Ok(())
}

/// The page in real browsers, from a sub-path. The tests find what they need in their environment: the built site, the
/// browsers, the trainer to compare pixels with, and this program to serve the site.
fn browser_tests(workspace: &Workspace, browsers: &BrowserTools, site: PathBuf) -> (Counts, Result<()>) {
    let tools = std::env::current_exe()
        .map_err(|error| Error::Message(format!("cannot tell this program's path: {error}")));
    let (trainer, tools) = match (build_trainer(workspace), tools) {
        (Ok(trainer), Ok(tools)) => (trainer, tools),
        (Err(error), _) | (_, Err(error)) => return (Counts::default(), Err(error)),
    };
    let report = workspace.target.join("browser-tests.json");
    std::fs::remove_file(&report).ok();
    let mut npm = shell::npm();
    npm.args(["test", "--silent", "--", "--reporter=list,json"])
        .current_dir(workspace.root.join("tests/browser"));
    npm.env("IBINN_SITE_DIR", site)
        .env("CHROME", &browsers.chrome)
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    if let Some(firefox) = &browsers.firefox {
        npm.env("FIREFOX", firefox);
    }
    npm.env("IBINN_TRAINER", trainer).env("IBINN_XTASK", tools);
    let result = shell::run(&mut npm);
    let counts = std::fs::read_to_string(&report).ok().and_then(|text| playwright::counts(&text));
    (counts.unwrap_or_default(), result)
}
