//! `cargo xtask bench`: how fast everything is, natively and in a browser beside other runtimes.

use crate::error::{AtPath, Result};
use crate::packages::build_program;
use crate::setup;
use crate::shell::{self, say};
use crate::workspace::Workspace;
use crate::{site, wasm};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The presets whose training is measured.
const TRAINED: [&str; 2] = ["compact28", "cifar10"];

/// What `cargo xtask bench` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench                                                 everything; takes about an hour\n  \
    cargo xtask bench --native\n  \
    cargo xtask bench --training --backend wgpu                       with the kernels that a step launches\n  \
    cargo xtask bench --browser --only ours,ceilings --models compact28 --budget 2\n  \
    cargo xtask bench --browser --only ours-cpu,ort-wasm --batches 64\n\n\
    Results are written to target/bench as JSON and as Markdown. How to read them: docs/benchmarks.md.")]
pub struct Options {
    /// Encode and decode of the native executors.
    #[arg(long)]
    pub native: bool,
    /// The training step.
    #[arg(long)]
    pub training: bool,
    /// Where the training step runs: cpu, wgpu.
    #[arg(long, value_name = "NAME", default_value = "cpu")]
    pub backend: String,
    /// Cost against size, natively and in a browser.
    #[arg(long)]
    pub scaling: bool,
    /// How long a visitor of the page waits for the first picture.
    #[arg(long)]
    pub first_picture: bool,
    /// Encode and decode in a browser, beside other runtimes.
    #[arg(long)]
    pub browser: bool,
    /// In the browser, only these: ceilings, ours, ort, tfjs, jax, or a runtime by its whole name, as in ort-wasm.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub only: Vec<String>,
    /// In the browser, only these models: compact28, cifar10.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub models: Vec<String>,
    /// In the browser, only these directions: encode, decode.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub directions: Vec<String>,
    /// In the browser, these sizes of batch [default: 1,64].
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    pub batches: Vec<usize>,
    /// Seconds for each thing that is measured; at least ten runs where they fit.
    #[arg(long, value_name = "SECONDS", default_value_t = 6.0)]
    pub budget: f64,
    /// Seconds that one run may take; what takes longer is left out, and said so.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub limit: f64,
    /// The folder to write [default: bench in the target folder].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Runs the parts that are asked for, all of them when none is named.
///
/// # Errors
/// When something cannot be built, or a part fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let out = match &options.out {
        Some(out) => std::path::absolute(out).at(out)?,
        None => workspace.target.join("bench"),
    };
    fs::create_dir_all(&out).at(&out)?;
    let parts = [options.native, options.training, options.scaling, options.first_picture, options.browser];
    let all = !parts.contains(&true);
    let program = build_program(workspace, "ibinn-bench")?;
    let native = |arguments: &[&str]| {
        say("bench", format_args!("{} ...", arguments.join(" ")));
        let mut command = Command::new(&program);
        command.args(arguments).arg("--out").arg(&out);
        command.args(["--budget", &options.budget.to_string(), "--limit", &options.limit.to_string()]);
        shell::run(&mut command)
    };
    if all || options.native {
        native(&["executors"])?;
    }
    if all || options.training {
        // A process each, so that each one's peak of memory is its own.
        for preset in TRAINED {
            if options.backend != "cpu" {
                native(&["training", preset, "--backend", &options.backend])?;
                continue;
            }
            native(&["training", preset, "--memory", "stored"])?;
            native(&["training", preset, "--memory", "reversible"])?;
        }
    }
    if all || options.scaling {
        native(&["scaling"])?;
    }
    if all || options.browser || options.scaling || options.first_picture {
        browser(workspace, options, all, &program, &out)?;
    }
    say("bench", format_args!("the results are in {}", workspace.shown(&out)));
    Ok(())
}

/// Builds the module and the benchmark's page, has the native program write the cases, and drives the browser.
fn browser(workspace: &Workspace, options: &Options, all: bool, program: &Path, out: &Path) -> Result<()> {
    let tools = setup::for_site(workspace)?;
    let chrome = setup::for_bench(workspace)?;
    let first_picture = all || options.first_picture;
    let site = match first_picture {
        true => Some(site::build(workspace, tools.wasm, &site::Options::default())?),
        false => {
            wasm::build(workspace, tools.wasm)?;
            site::build_module(workspace)?;
            None
        }
    };
    let folder = workspace.root.join("tests/bench");
    shell::run(shell::npm().args(["run", "--silent", "build"]).current_dir(&folder))?;
    let cases = out.join("cases");
    say("bench", "writing the cases ...");
    shell::run(Command::new(program).arg("cases").arg(&cases))?;
    let mut node = Command::new("node");
    node.arg(folder.join("build/driver/main.js"));
    node.arg("--chrome").arg(chrome).arg("--cases").arg(cases).arg("--out").arg(out);
    node.args(["--budget", &options.budget.to_string(), "--limit", &options.limit.to_string()]);
    if let Some(site) = site {
        node.arg("--site").arg(site);
    }
    if all || options.scaling {
        node.arg("--scaling");
    }
    if !all && !options.browser {
        node.args(["--only", ""]);
    }
    let batches: Vec<String> = options.batches.iter().map(usize::to_string).collect();
    for (flag, values) in [
        ("--only", &options.only),
        ("--models", &options.models),
        ("--directions", &options.directions),
        ("--batches", &batches),
    ] {
        if !values.is_empty() {
            node.arg(flag).arg(values.join(","));
        }
    }
    shell::run(&mut node)
}
