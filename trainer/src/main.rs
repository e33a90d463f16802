//! The `trainer` command.

use std::process::ExitCode;

use clap::Parser;
use trainer::verbs::Command;

/// Trains, judges and samples invertible neural networks with the information bottleneck (IB-INN).
#[derive(Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:
  trainer train --preset compact28 --dataset builtin --out runs/first
  trainer eval runs/first/model.safetensors --dataset builtin
  trainer sample runs/first/model.safetensors --out samples.png
  trainer data fetch fashion-mnist")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
