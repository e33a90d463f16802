//! The `trainer` command.

use std::process::ExitCode;

use clap::Parser;
use trainer::error::Error;
use trainer::interrupt;
use trainer::verbs::Command;

/// Trains, evaluates and samples invertible neural networks with the information bottleneck (IB-INN).
#[derive(Parser)]
#[command(version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Examples:
  trainer train --preset compact28 --dataset builtin --out runs/first
  trainer evaluate runs/first/model.safetensors --dataset builtin
  trainer sample runs/first/model.safetensors --out samples.png
  trainer data fetch fashion-mnist")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where there is no desktop session, Mesa's layer that picks a Vulkan device prints an error at every start for want
/// of a Wayland socket, and is of no use: it is told to stay out.
fn silence_device_selection() {
    if cfg!(target_os = "linux") && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: the first thing that the program does, so that no other thread reads the environment meanwhile.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

fn main() -> ExitCode {
    silence_device_selection();
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Interrupted(what)) => {
            eprintln!("{what}");
            interrupt::status().into()
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
