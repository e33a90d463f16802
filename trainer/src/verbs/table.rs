//! `trainer table`.

use std::path::PathBuf;

use clap::Args;

use crate::error::Result;
use ibinn_figures::labels::distinct;
use ibinn_figures::paper::PaperTable;
use ibinn_figures::table::{Format, table};
use ibinn_files::atomic;
use ibinn_runs::replicates::Replicates;
use ibinn_runs::results::evaluations;
use ibinn_terminal::output::print;

/// Flags of `table`.
#[derive(Debug, Args)]
#[command(
    after_help = "Models are evaluated first: trainer evaluate --full MODEL --ood ... --out FILE.json, or `trainer sweep`, which does so itself.
The published numbers are those of Tables 1 (CIFAR-10) and 2 (CIFAR-100) of the paper; where our data set is another
one, they are there for comparison of the order, not of the size.

Examples:
  trainer table runs/gamma
  trainer table runs/first runs/second/evaluation.json --paper table1
  trainer table runs/gamma --paper table1 --format latex --out table.tex"
)]
pub struct TableArgs {
    /// Evaluations, run folders that hold one, or folders of such
    #[arg(required = true, value_name = "RUN|EVALUATION.json")]
    evaluated: Vec<PathBuf>,
    /// Set the rows of this table of the paper beside ours
    #[arg(long)]
    paper: Option<PaperTable>,
    /// A row for each seed; else runs that differ in nothing but their seed are one row: mean ± standard deviation
    #[arg(long)]
    each_seed: bool,
    /// How the table is written
    #[arg(long, default_value = "markdown")]
    format: Format,
    /// File to write instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the rows as one JSON object for programs
    #[arg(long, conflicts_with_all = ["format", "out"])]
    json: bool,
}

pub(super) fn run(args: TableArgs) -> Result<()> {
    args.out.as_deref().map(atomic::check).transpose()?;
    let found = evaluations(&args.evaluated)?;
    let evaluated = if args.each_seed {
        found.into_iter().map(|(path, evaluation)| Replicates::single(path, evaluation)).collect()
    } else {
        Replicates::group(found)?
    };
    let names = distinct(evaluated.iter().map(|one| (one.first().training.method, one.path.as_path())));
    let table = table(&names, &evaluated, args.paper)?;
    if args.json {
        print(serde_json::json!(table));
        return Ok(());
    }
    let text = table.render(args.format);
    match &args.out {
        Some(path) => atomic::write(path, text.as_bytes())?,
        None => print(text.trim_end()),
    }
    Ok(())
}
