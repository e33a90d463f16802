//! `cargo xtask demo`: the main job, from nothing to a page with a freshly trained model.

use crate::error::{Error, Result};
use crate::shell::{self, say};
use crate::workspace::Workspace;
use crate::{models, serve, setup, site};
use std::path::Path;
use std::process::Command;

/// The training run of the demo: the built-in data set needs no download, and a minute or two on two cores is enough.
const TRAIN: [&str; 9] =
    ["train", "--preset", "compact28", "--dataset", "builtin", "--epochs", "2", "--seed", "1"];
/// How the trained model is judged; the numbers go into its card.
const EVAL: [&str; 2] = ["--dataset", "builtin"];
const MODEL: &str = "model.safetensors";
const SERVED_AS: &str = "demo.safetensors";
const TITLE: &str = "Demo: trained on this machine";

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

/// Trains, judges, builds, serves.
///
/// # Errors
/// When a step fails.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let tools = setup::for_site(workspace)?;
    let out = workspace.target.join("demo");
    if !options.no_train {
        train_and_judge(workspace, &out)?;
    }
    let site = site::build(workspace, tools.wasm, &site::Options::default())?;
    if !options.no_train {
        models::add(&site, &out.join(MODEL), SERVED_AS, TITLE)?;
        say("demo", "added the trained model to the page");
    }
    serve::run(
        workspace,
        &serve::Options { dir: Some(site), port: options.port, prefix: "/".into(), open: true },
    )
}

fn train_and_judge(workspace: &Workspace, out: &Path) -> Result<()> {
    say("demo", "building the trainer (the first time takes about ten minutes) ...");
    shell::run(shell::cargo().args(["build", "--package", "trainer"]).current_dir(&workspace.root))?;
    let trainer = workspace.program("trainer");
    say("demo", "training ...");
    shell::run(Command::new(&trainer).args(TRAIN).arg("--out").arg(out).current_dir(&workspace.root))?;
    let model = out.join(MODEL);
    if !model.is_file() {
        return Err(Error::Message(format!("the trainer ended without writing {}", model.display())));
    }
    say("demo", "judging ...");
    shell::run(Command::new(&trainer).arg("eval").arg(&model).args(EVAL).current_dir(&workspace.root))
}
