//! `trainer sweep`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::backend;
use crate::error::{Error, Result};
use crate::sweep::emit::{Container, Engine, Job, Measure, requests, without_own};
use crate::sweep::{
    self, Axis, Evaluating, Options, Over, Planned, Shard, Status, plan_for, statuses, time_left,
};
use ibinn_data::ood::Source;
use ibinn_data::{DataDir, Sets, absolute, is_path};
use ibinn_evaluate::measures::bootstrap::Bootstrap;
use ibinn_files::atomic;
use ibinn_runs::config::{Config, Facts, Settings};
use ibinn_terminal::output::{counted, duration, path_text, print};

/// Flags of `sweep`.
#[derive(Debug, Args)]
#[command(
    after_help = "Each run has a folder of its own under the output folder, named by its values, as `trainer train` writes it, and in it
evaluation.json, what `trainer evaluate --full` measured. The same command again keeps what is finished and goes on with what is not.
Ended by SIGTERM, SIGUSR1 or a closing batch system, it writes checkpoints and ends with 75; several on one folder divide the runs.

The default values are the 25 of the paper: γ from 0.02 to 50.1187, σ from 0.0001 to 1. γ may be 0 and inf as well.

Examples:
  trainer sweep --over gamma --dataset fashion-mnist --ood kmnist noise --out runs/gamma
  trainer sweep --over gamma --values 0,0.02,0.2,1,5,50,inf --epochs 4 --jobs 2 --out runs/few
  trainer sweep --grid method=ib-inn,class-nll --seeds 5 --dataset fashion-mnist --out runs/seeds
  trainer sweep --over sigma --preset cifar10 --dataset cifar-10 --out runs/sigma
  trainer sweep --over gamma --status --out runs/gamma                                # how far it is
  trainer sweep --over gamma --out /shared/gamma               # on each of several machines: they divide the runs
  trainer sweep --over gamma --emit slurm --out /scratch/gamma | sbatch"
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
    /// Tell how far the runs are, and start none
    #[arg(long, conflicts_with = "emit")]
    status: bool,
    /// Print the sweep as a job of this engine, a task for each run, and start none
    #[arg(long, value_name = "ENGINE", conflicts_with = "shard")]
    emit: Option<Engine>,
    /// Cores that a task asks for
    #[arg(long, value_name = "N", default_value_t = 4, requires = "emit", value_parser = cores)]
    cores: usize,
    /// Seconds that a step of the first run takes where the tasks will run, for the time that they ask for [default: timed here]
    #[arg(long, value_name = "SECONDS", requires = "emit")]
    seconds_per_step: Option<f64>,
    /// The container image of Kubernetes' tasks, with the trainer on its path
    #[arg(long, value_name = "NAME", default_value = "ibinn", requires = "emit")]
    image: String,
    /// The claim of the volume that Kubernetes' tasks share, which is their working folder
    #[arg(long, value_name = "NAME", default_value = "ibinn", requires = "emit")]
    claim: String,
    /// Take over a run whose worker has not been heard of for so long; the workers of a folder may differ
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(2..=86400))]
    lease: u64,
    /// Train and evaluate on this GPU, by its number in `trainer devices` or a part of its name
    #[arg(long, value_name = "N|NAME")]
    device: Option<String>,
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
    /// Folder that holds the data sets, and decoded pictures of those by path that take more than 1 GiB [default: $IBINN_DATA_DIR,
    /// else the user's data folder]
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
    let mut settings = file.overridden_by(args.settings.clone());
    let over = args.over.map(|over| Axis::over(over, &args.values)).transpose()?;
    let axes: Vec<Axis> = args.grid.iter().cloned().chain(over).chain(args.seeds.map(Axis::seeds)).collect();
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
    let bootstrap = Bootstrap::new(args.bootstrap, 0)?;
    if let Some(engine) = args.emit {
        return emit(engine, &runs, &args, &data_dir);
    }
    let evaluating = Evaluating { ood: args.ood, bootstrap, limit: args.limit };
    if args.status {
        tell(&runs, &statuses(&runs, &evaluating), args.json);
        return Ok(());
    }
    // Before the first run is begun.
    if let Some(device) = &args.device {
        backend::choose_named(settings.backend.unwrap_or_default(), device)?;
    }
    atomic::check_folder(&args.out)?;
    let options = Options {
        jobs: args.jobs,
        evaluating,
        device: args.device,
        data_dir: args.data_dir,
        lease: Duration::from_secs(args.lease),
        json: args.json,
    };
    sweep::run(&runs, &options)?;
    if !args.json {
        print(format_args!("{} in {}", counted(runs.len(), "run"), args.out.display()));
    }
    Ok(())
}

fn cores(text: &str) -> std::result::Result<usize, String> {
    text.parse().ok().filter(|&cores| cores > 0).ok_or_else(|| "must be a whole number from 1 up".into())
}

/// Prints the sweep as a job.
fn emit(engine: Engine, runs: &[Planned], args: &SweepArgs, data_dir: &DataDir) -> Result<()> {
    let device;
    let measure = match args.seconds_per_step {
        Some(seconds) if seconds > 0.0 && seconds.is_finite() => Measure::Given(seconds),
        Some(seconds) => {
            return Err(Error::Usage(format!("--seconds-per-step is {seconds}, must be a number above 0")));
        }
        None => {
            let backend = runs[0].config.backend;
            device = match &args.device {
                Some(device) => backend::choose_named(backend, device)?,
                None => backend::choose(backend)?,
            };
            Measure::Here(&device)
        }
    };
    let program = std::env::current_exe().map_err(|source| Error::io(Path::new("trainer"), source))?;
    let job = Job {
        name: name(&args.out),
        program: path_text(&program),
        arguments: without_own(std::env::args().skip(1)),
        requests: requests(runs, args.cores, &measure, data_dir)?,
        container: Container { image: args.image.clone(), claim: args.claim.clone() },
    };
    print(job.text(engine).trim_end());
    Ok(())
}

/// The name of a folder as all engines take one: small letters, digits and hyphens.
fn name(out: &Path) -> String {
    let name = out.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let plain = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let trimmed = plain.trim_matches('-');
    if trimmed.is_empty() { "sweep".into() } else { trimmed.into() }
}

/// Prints how far runs are.
fn tell(runs: &[Planned], statuses: &[Status], json: bool) {
    let left = time_left(runs, statuses);
    if json {
        let rows = runs.iter().zip(statuses).map(|(run, status)| {
            let mut row = status.json();
            row["run"] = run.label.clone().into();
            row["folder"] = path_text(&run.folder).into();
            row
        });
        print(serde_json::json!({
            "runs": rows.collect::<Vec<_>>(),
            "seconds_left": left.map(|left| left.as_secs()),
        }));
        return;
    }
    let width = runs.iter().map(|run| run.label.chars().count()).max().unwrap_or(0);
    for (run, status) in runs.iter().zip(statuses) {
        print(format_args!("{:width$}  {status}", run.label));
    }
    let counts = ["done", "running", "failed", "waiting"].map(|state| {
        let count = statuses.iter().filter(|status| status.state() == state).count();
        format!("{count} {state}")
    });
    let open = statuses.iter().any(|status| ["running", "waiting"].contains(&status.state()));
    let left =
        left.filter(|_| open).map(|left| format!("; about {} left", duration(left))).unwrap_or_default();
    print(format_args!("{}{left}", counts.join(", ")));
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
