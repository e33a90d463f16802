//! `cargo xtask demo`: the main job, from nothing to a page with a freshly trained model.

use crate::error::Result;
use crate::packages::build_trainer;
use crate::shell::{self, say};
use crate::workspace::Workspace;
use crate::{models, offline, serve, setup, site};
use std::path::Path;
use std::process::Command;

/// The training run of the demo: the built-in data set needs no download, and two epochs take two minutes on two cores.
/// The trainer evaluates what it trained on the test images.
const TRAIN: [&str; 10] =
    ["train", "--preset", "compact28", "--dataset", "builtin", "--epochs", "2", "--seed", "1", "--overwrite"];
const TRAINED: &str = "model.safetensors";
/// The model as the page gets it: half precision, evaluated again as it is written.
const EXPORT: [&str; 4] = ["--precision", "f16", "--title", TITLE];
const EXPORTED: &str = "demo.safetensors";
const TITLE: &str = "Digits, trained on this machine";

/// What `cargo xtask demo` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask demo\n  \
    cargo xtask demo --no-train --port 9000")]
pub struct Options {
    /// Skip the training: show the page with the models that are shipped.
    #[arg(long)]
    pub no_train: bool,
    /// The port of the page; 0 takes any free one [default: the first free one from 8080 on].
    #[arg(long)]
    pub port: Option<u16>,
}

/// Trains, evaluates, builds, serves.
///
/// # Errors
/// When a step fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let tools = setup::for_site(workspace)?;
    let out = workspace.target.join("demo");
    if !options.no_train {
        train_and_export(workspace, &out)?;
    }
    // A folder of its own: what tests and other commands build is not what is being served.
    let options_of_site =
        site::Options { out: Some(workspace.target.join("demo-site")), ..site::Options::default() };
    let site = site::build(workspace, tools.wasm, &options_of_site)?;
    if !options.no_train {
        models::add(&site, &out.join(EXPORTED), EXPORTED)?;
        offline::complete(&site)?;
        say("demo", format_args!("the page has it beside the models that are shipped: “{TITLE}”"));
    }
    serve::run(
        workspace,
        &serve::Options { dir: Some(site), port: options.port, prefix: "/".into(), open: true },
    )
}

fn train_and_export(workspace: &Workspace, out: &Path) -> Result<()> {
    say("demo", "building the trainer (the first time takes ten minutes or more) ...");
    let program = build_trainer(workspace)?;
    let trainer = || {
        let mut command = Command::new(&program);
        command.current_dir(&workspace.root);
        command
    };
    let (trained, exported) = (out.join(TRAINED), out.join(EXPORTED));
    say("demo", "training and evaluating ...");
    shell::run(trainer().args(TRAIN).arg("--out").arg(out))?;
    say("demo", "exporting for the page ...");
    shell::run(trainer().arg("export").arg(&trained).args(EXPORT).arg("--out").arg(&exported))
}
