//! `cargo xtask test`: every test, native and browser, and a table of what ran.

use crate::cargo_output::{Counts, Reader};
use crate::error::{Error, Result};
use crate::packages::{CHECKED, PORTABLE, SELECTIONS, build_trainer};
use crate::setup::BrowserTools;
use crate::shell;
use crate::steps::{Steps, all};
use crate::workspace::Workspace;
use crate::{check, playwright, setup, site};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask test\n  \
    cargo xtask test --only native checked\n\n\
    IBINN_DATA_DIR names a folder with the official data sets and IBINN_REFERENCE_DIR one with the golden vectors. \
    A test that needs one that is not set says so, and is listed at the end as not run; where CI is set, it fails, unless \
    IBINN_WITHOUT names the variable, too (several with spaces between them).")]
pub struct Options {
    /// Run only these parts [default: all but checked and portable].
    #[arg(long, value_enum, value_name = "PARTS", num_args = 1..)]
    pub only: Vec<Part>,
}

/// A part of the tests.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Format and clippy; `cargo xtask check` does more.
    Lint,
    /// The Rust tests.
    Native,
    /// The Rust tests of the packages without Burn once more, with overflow checks and debug assertions.
    Checked,
    /// The Rust tests that need no GPU, as machines without one can run them.
    Portable,
    /// The site: its build, its types, and the page in a real browser.
    Browser,
}

/// Runs the tests. A step that fails does not keep those from running that do not need it.
///
/// # Errors
/// When any step failed.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let wanted = |part| match options.only.is_empty() {
        true => !matches!(part, Part::Checked | Part::Portable),
        false => options.only.contains(&part),
    };
    let mut steps = Steps::new(workspace);
    if wanted(Part::Lint) {
        check::lint(&mut steps);
    }
    if wanted(Part::Native) {
        native(&mut steps);
    }
    if wanted(Part::Checked) {
        checked(&mut steps);
    }
    if wanted(Part::Portable) {
        steps.tests("portable tests", |workspace| {
            let mut reader = Reader::default();
            let results = PORTABLE.map(|arguments| cargo_tests(workspace, arguments, None, &mut reader));
            (reader.counts(), all(results))
        });
    }
    if wanted(Part::Browser) {
        browser(&mut steps);
    }
    steps.finish()
}

fn native(steps: &mut Steps<'_>) {
    let hyperqueue = steps.check("setup, native", setup::for_native_tests).flatten();
    steps.tests("native tests", |workspace| {
        let mut reader = Reader::default();
        let with = hyperqueue.as_deref();
        let results = SELECTIONS.map(|packages| cargo_tests(workspace, packages, with, &mut reader));
        (reader.counts(), all(results))
    });
}

fn checked(steps: &mut Steps<'_>) {
    steps.check("setup, vulkan", |_| setup::for_core_tests());
    steps.tests("checked tests", |workspace| {
        let mut reader = Reader::default();
        let result = cargo_tests(workspace, &CHECKED, None, &mut reader);
        (reader.counts(), result)
    });
}

fn browser(steps: &mut Steps<'_>) {
    let tools = steps.check("setup, site", setup::for_site);
    let browser = steps.check("setup, browser", setup::for_browser_tests);
    let site = steps.check("site", |workspace| {
        let tools = tools.ok_or_else(|| needs("setup, site"))?;
        site::build(workspace, tools.wasm, &site::Options::default())
    });
    steps.check("types", check::types);
    steps.tests("browser tests", |workspace| {
        let browsers = browser.ok_or_else(|| needs("setup, browser"));
        let site = site.ok_or_else(|| needs("site"));
        match (browsers, site) {
            (Ok(browsers), Ok(site)) => browser_tests(workspace, &browsers, site),
            (Err(error), _) | (_, Err(error)) => (Counts::default(), Err(error)),
        }
    });
}

fn needs(step: &str) -> Error {
    Error::Message(format!("not run, because \"{step}\" failed"))
}

/// The tests of those packages, with a Python that has HyperQueue, if there is one.
fn cargo_tests(
    workspace: &Workspace,
    packages: &[&str],
    hyperqueue: Option<&Path>,
    reader: &mut Reader,
) -> Result<()> {
    let mut command = shell::cargo();
    command.current_dir(&workspace.root).arg("test").args(packages).args([
        "--no-fail-fast",
        "--",
        "--show-output",
    ]);
    // Without a desktop session, Mesa's layer that picks a Vulkan device prints errors, and is of no use.
    command.env("NODEVICE_SELECT", "1");
    if let Some(python) = hyperqueue {
        command.env(setup::HYPERQUEUE, python);
    }
    shell::stream(&mut command, |line| {
        if reader.line(line) {
            println!("{line}");
        }
    })
}

/// The page in real browsers, from a sub-path.
fn browser_tests(workspace: &Workspace, browsers: &BrowserTools, site: PathBuf) -> (Counts, Result<()>) {
    let report = workspace.target.join("browser-tests.json");
    std::fs::remove_file(&report).ok();
    let result = npm(workspace, browsers, &site).and_then(|mut npm| {
        npm.args(["--", "--reporter=list,json"]).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
        shell::run(&mut npm)
    });
    let counts = std::fs::read_to_string(&report).ok().and_then(|text| playwright::counts(&text));
    (counts.unwrap_or_default(), result)
}

/// `npm test` of the browser tests, which find what they need in their environment: the built site, the browsers, the trainer
/// to compare pixels with, and this program to serve the site.
///
/// # Errors
/// When the trainer does not compile.
pub fn npm(workspace: &Workspace, browsers: &BrowserTools, site: &Path) -> Result<Command> {
    let tools = std::env::current_exe()
        .map_err(|error| Error::Message(format!("cannot tell this program's path: {error}")))?;
    let mut npm = shell::npm();
    npm.args(["test", "--silent"]).current_dir(workspace.root.join("tests/browser"));
    npm.env("IBINN_SITE_DIR", site).env("CHROME", &browsers.chrome);
    if let Some(firefox) = &browsers.firefox {
        npm.env("FIREFOX", firefox);
    }
    npm.env("IBINN_TRAINER", build_trainer(workspace)?).env("IBINN_XTASK", tools);
    Ok(npm)
}
