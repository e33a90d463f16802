//! The native side of `cargo xtask bench`: the cases that every runtime is given, and the native executors and the
//! trainer timed on them.
#![allow(clippy::expect_used, reason = "a benchmark that cannot run has nothing to report")]

mod allocations;
mod cases;
mod executors;
mod machine;
mod measure;
mod peak;
mod report;
mod scaling;
mod training;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use ibinn_runs::config::{Backend, Memory};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: allocations::Counting = allocations::Counting;

/// Writes the cases of the benchmarks, and times the native executors and the trainer. `cargo xtask bench` runs it.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes models, inputs and what the native CPU executor makes of them, for the runtimes in the browser.
    Cases {
        /// The folder to write.
        dir: PathBuf,
    },
    /// Times encode and decode of the native executors.
    Executors(Options),
    /// Times the training step of a preset.
    Training {
        /// The preset.
        preset: ibinn::Preset,
        /// What a step keeps for its backward pass.
        #[arg(long, default_value = "stored")]
        memory: Memory,
        /// Where it runs. On a GPU the kernels that a step launches are counted, too.
        #[arg(long, default_value = "cpu")]
        backend: Backend,
        /// Images of a step.
        #[arg(long, default_value_t = 128)]
        batch: usize,
        #[command(flatten)]
        options: Options,
    },
    /// Times the native CPU executor over batch, depth and resolution.
    Scaling(Options),
}

/// What every measurement takes.
#[derive(clap::Args)]
struct Options {
    /// Seconds for each thing that is measured; at least ten runs where they fit.
    #[arg(long, default_value_t = 6.0)]
    budget: f64,
    /// Seconds that one run may take; what takes longer is left out, and said so.
    #[arg(long, default_value_t = 30.0)]
    limit: f64,
    /// A folder to write the results to, as JSON and as Markdown; without it they are only printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Options {
    fn budget(&self) -> Duration {
        Duration::from_secs_f64(self.budget)
    }

    fn limit(&self) -> Duration {
        Duration::from_secs_f64(self.limit)
    }

    /// Prints `results`, and writes them as `name`.
    fn report(&self, name: &str, results: &Value) -> Result<(), Box<dyn Error>> {
        let text = report::markdown(results);
        println!("{text}");
        if let Some(out) = &self.out {
            std::fs::write(out.join(format!("{name}.json")), format!("{results:#}\n"))?;
            std::fs::write(out.join(format!("{name}.md")), text)?;
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    match Cli::parse().command {
        Command::Cases { dir } => cases::write_all(&dir),
        Command::Executors(options) => options.report("executors", &executors::run(&options)?),
        Command::Training { preset, memory, backend, batch, options } => {
            let kind = match (backend, memory) {
                (Backend::Cpu, Memory::Stored) => "",
                (Backend::Cpu, Memory::Reversible) => "-reversible",
                _ => "-gpu",
            };
            let results = training::run(preset, memory, backend, batch, &options)?;
            options.report(&format!("training-{preset}{kind}"), &results)
        }
        Command::Scaling(options) => options.report("scaling", &scaling::run(&options)?),
    }
}
