//! The commands that the README names: `cargo xtask setup | check | site | serve | demo | test | bench | fuzz`.
//!
//! Everything that has to be found, installed or kept in step (the wasm target, wasm-bindgen, npm packages, a browser)
//! is done here, so that a fresh machine needs only cargo, node and npm.

mod bench;
mod cargo_output;
mod check;
mod demo;
mod documents;
mod error;
mod fuzz;
mod lockfile;
mod models;
mod offline;
mod packages;
mod playwright;
mod serve;
mod setup;
mod shell;
mod site;
mod steps;
mod summary;
mod test;
mod wasm;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Build, show and test ibinn.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Examples:\n  \
        cargo xtask demo              train a small model, evaluate it, and open the page with it\n  \
        cargo xtask demo --no-train   open the page with the models that are shipped\n  \
        cargo xtask check             what a commit has to pass, without the tests\n  \
        cargo xtask test              run every test, native and browser, and say what ran"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Find what building and testing need, and install what is missing.
    ///
    /// Looks for the wasm target, Node.js, the npm packages, a browser and a Vulkan driver; on Debian as root it
    /// installs what it does not find. What it cannot install it names, with the command to type.
    Setup,
    /// Build the site into www/dist: wasm, bindings, wasm-opt, Vite.
    Site(site::Options),
    /// Serve the built site on localhost.
    Serve(serve::Options),
    /// Train a small model on the built-in data set, evaluate it, and serve the page with it.
    Demo(demo::Options),
    /// Check everything that needs no test: format, clippy, spelling, dependencies, TypeScript. Under a minute when warm.
    Check,
    /// Run every test, native and browser, and end with a table of what ran.
    Test(test::Options),
    /// Feed every reader of foreign bytes with what nobody would write, by libFuzzer and fast-check.
    Fuzz(fuzz::Options),
    /// Measure how fast everything is, natively and in a browser beside other runtimes.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = workspace::Workspace::find().and_then(|workspace| match cli.command {
        Command::Setup => setup::everything(&workspace),
        Command::Site(options) => {
            let tools = setup::for_site(&workspace)?;
            site::build(&workspace, tools.wasm, &options).map(drop)
        }
        Command::Serve(options) => serve::run(&workspace, &options),
        Command::Demo(options) => demo::run(&workspace, &options),
        Command::Check => check::run(&workspace),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Fuzz(options) => fuzz::run(&workspace, &options),
        Command::Bench(options) => bench::run(&workspace, &options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
