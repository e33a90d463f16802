//! `trainer sweep`.

use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::sweep::{self, Axis, Evaluating, Options, Over, Shard, plan_for};
use ibinn_data::ood::Source;
use ibinn_data::{DataDir, Sets, absolute, is_path};
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_files::atomic;
use ibinn_runs::config::{Config, Facts, Settings};
use ibinn_terminal::output::{counted, print};

/// Flags of `sweep`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each run has a folder of its own under the output folder, named by its values, as `trainer train` writes it, and in it
evaluation.json, what `trainer evaluate --full` measured. The same command again keeps what is finished and goes on with what is not.

The default values are the 25 of the paper: γ from 0.02 to 50.1187, σ from 0.0001 to 1. γ may be 0 and inf as well.

Examples:
  trainer sweep --over gamma --dataset fashion-mnist --ood kmnist noise --out runs/gamma
  trainer sweep --over gamma --values 0,0.02,0.2,1,5,50,inf --epochs 4 --jobs 2 --out runs/few
  trainer sweep --grid method=ib-inn,class-nll --seeds 5 --dataset fashion-mnist --out runs/seeds
  trainer sweep --over sigma --preset cifar10 --dataset cifar-10 --out runs/sigma
  trainer sweep --over gamma --shard $SLURM_ARRAY_TASK_ID/25 --out /scratch/gamma     # in a job array from 1 to 25"
)]
pub struct SweepArgs {
    /// What varies from run to run, as in the paper's figures
    #[arg(long)]
    over: Option<Over>,
    /// Its values [default: the 25 of the paper]
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "VALUE,...",
        allow_negative_numbers = true,
        requires = "over"
    )]
    values: Vec<String>,
    /// Any setting with its values; named several times, every combination is a run
    #[arg(long, value_name = "SETTING=VALUE,...")]
    grid: Vec<Axis>,
    /// Train each with the seeds from 0 to N − 1; `trainer table` and `figure` show their mean and spread
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    seeds: Option<u64>,
    /// Folder for the runs
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Configuration file (TOML) of all runs; flags override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Do only part I of N, for sweeps over several machines
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Runs at a time, sharing the cores
    #[arg(long, default_value_t = 1, value_name = "N")]
    jobs: usize,
    /// Out-of-distribution sets to evaluate the runs on, by name or path as for `trainer evaluate --full`
    #[arg(long, num_args = 1.., value_name = "NAME|PATH")]
    ood: Vec<String>,
    /// Evaluate on the first N images of every set only
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Resamples for the intervals; 0 leaves the intervals out
    #[arg(long, default_value_t = 1000, value_name = "N")]
    bootstrap: usize,
    /// Folder that holds the data sets [default: $IBINN_DATA_DIR, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print a JSON line for each run, for programs, instead of progress
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

pub(super) fn run(args: SweepArgs) -> Result<()> {
    let file = args.config.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
    let mut settings = file.overridden_by(args.settings);
    let over = args.over.map(|over| Axis::over(over, &args.values)).transpose()?;
    let axes: Vec<Axis> = args.grid.into_iter().chain(over).chain(args.seeds.map(Axis::seeds)).collect();
    if axes.is_empty() {
        return Err(Error::Usage("nothing varies: name it by --over, --grid or --seeds".into()));
    }
    let data_dir = DataDir::resolve(args.data_dir.clone())?;
    let facts = facts(&mut settings, &data_dir, args.json)?;
    let runs = plan_for(&axes, &settings, &args.out, args.shard, facts)?;
    if args.jobs == 0 {
        return Err(Error::Usage("--jobs is 0, must be at least 1".into()));
    }
    if args.limit == Some(0) {
        return Err(Error::Usage("--limit is 0, must be at least 1".into()));
    }
    // So that a misspelt set is not noticed when the first run is trained.
    Source::all(&args.ood, &data_dir)?;
    atomic::check_folder(&args.out)?;
    let options = Options {
        jobs: args.jobs,
        evaluating: Evaluating {
            ood: args.ood,
            bootstrap: Bootstrap::new(args.bootstrap, 0)?,
            limit: args.limit,
        },
        data_dir: args.data_dir,
        json: args.json,
    };
    sweep::run(&runs, &options)?;
    if !args.json {
        print(format_args!("{} in {}", counted(runs.len(), "run"), args.out.display()));
    }
    Ok(())
}

/// The facts of the images of a data set by path, which is read for them, and whose whole path the runs get.
fn facts(settings: &mut Settings, data_dir: &DataDir, quiet: bool) -> Result<Option<Facts>> {
    let Some(dataset) = settings.dataset.as_mut().filter(|dataset| is_path(dataset)) else { return Ok(None) };
    *dataset = absolute(dataset)?;
    let any = Facts { shape: [3, 32, 32], images: 1 << 20 };
    let reading = Config::resolve_for(settings.clone(), Some(any))?.reading.unwrap_or_default();
    let dataset = settings.dataset.clone().unwrap_or_default();
    let sets = Sets::load(&dataset, &reading, None, data_dir, quiet)?;
    Ok(Some(Facts::from(&sets.train)))
}
