//! `trainer report`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::shared::ExecutorArgs;
use crate::error::Result;
use ibinn_figures::report::{Reported, page, title};
use ibinn_files::atomic;
use ibinn_runs::results::run_folders;
use ibinn_terminal::output::{counted, path_text, print};

/// Flags of `report`.
#[derive(Debug, Args)]
#[command(
    after_help = "The page is one file that holds all it shows and asks no server for anything; it is light or dark as the reader's system.
Of runs that `trainer evaluate --full --out RUN/evaluation.json` or `trainer sweep` evaluated it shows all measures with their intervals.

Examples:
  trainer report runs/first --out first.html
  trainer report runs/gamma --out gamma.html
  trainer report runs/gamma/gamma-1 runs/res-net --title \"IB-INN and ResNet\" --out both.html"
)]
pub struct ReportArgs {
    /// Folders of finished runs, or folders of such
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<PathBuf>,
    /// Heading of the page [default: from the runs]
    #[arg(long)]
    title: Option<String>,
    /// Seed of the samples
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    executor: ExecutorArgs,
    /// Page to write
    #[arg(long, value_name = "FILE.html")]
    out: PathBuf,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: ReportArgs) -> Result<()> {
    atomic::check(&args.out)?;
    let runs: Vec<Reported> =
        run_folders(&args.runs)?.into_iter().map(Reported::read).collect::<ibinn_figures::Result<_>>()?;
    let paths: Vec<&Path> = args.runs.iter().map(PathBuf::as_path).collect();
    let title = args.title.unwrap_or_else(|| title(&runs, &paths));
    let count = runs.len();
    let html = page(&title, runs, args.executor.choice()?, args.seed)?;
    atomic::write(&args.out, html.as_bytes())?;
    if args.json {
        print(serde_json::json!({ "out": path_text(&args.out), "runs": count, "bytes": html.len() }));
    } else {
        print(format_args!("{} in {}", counted(count, "run"), args.out.display()));
    }
    Ok(())
}
