//! `trainer train`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use ibinn::executor::{Executor, ExecutorChoice};
use ibinn::{Card, Model, Precision, Training};

use crate::config::{Config, Loss, Settings};
use crate::data::{DataDir, Dataset, Split, load};
use crate::error::{Error, Result};
use crate::train::checkpoint::Checkpoint;
use crate::train::log::Log;
use crate::train::{Run, export};
use crate::{atomic, backend, judge};

const CHECKPOINT: &str = "checkpoint.safetensors";
const CONFIG: &str = "config.toml";
const LOG: &str = "train.jsonl";
const MODEL: &str = "model.safetensors";

/// Flags of `train`.
#[derive(Debug, Args)]
#[command(after_help = "The output folder holds config.toml (every value of the run), train.jsonl (its log), checkpoint.safetensors
and, at the end, model.safetensors with its card.

Examples:
  trainer train                                              # compact28 on the built-in digits, γ = 1
  trainer train --dataset fashion-mnist --gamma 0.2 --epochs 10 --out runs/fashion
  trainer train --config runs/fashion/config.toml --seed 1 --out runs/fashion-1
  trainer train --resume runs/fashion                        # go on after an interruption")]
pub struct TrainArgs {
    #[command(flatten)]
    settings: Settings,
    /// Configuration file (TOML); flags override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for everything the run writes
    #[arg(long, value_name = "DIR", default_value = "runs/latest")]
    out: PathBuf,
    /// Go on with the run in this folder, with its own configuration
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "out"])]
    resume: Option<PathBuf>,
    /// Stop after this many steps, checkpoint kept, as if interrupted
    #[arg(long, value_name = "STEPS")]
    stop_after: Option<usize>,
    /// Folder that holds the data sets [default: $IBINN_DATA_DIR, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON lines for programs instead of a progress bar
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: TrainArgs) -> Result<()> {
    let (folder, config, checkpoint) = prepare(&args)?;
    let place = backend::choose(config.backend)?;
    let data_dir = DataDir::resolve(args.data_dir.clone())?;
    let mut data = load(&config.dataset, Split::Train, &data_dir)?;
    if let Some(count) = config.train_images {
        data.truncate(count);
    }
    let say = |text: String| {
        if !args.json {
            eprintln!("{text}");
        }
    };
    let mut run = match checkpoint {
        Some(checkpoint) => Run::resume(&config, &data, &place, checkpoint)?,
        None => Run::start(&config, &data, &place)?,
    };
    atomic::write(&folder.join(CONFIG), config.to_toml()?.as_bytes())?;
    say(format!(
        "{} on {} ({} images), γ = {}, on {}",
        config.preset,
        data.name,
        data.len(),
        config.gamma,
        place.description
    ));
    if !steps(&mut run, &args, &config, &folder)? {
        say(format!("stopped at step {}; go on with: trainer train --resume {}", run.step(), folder.display()));
        return Ok(());
    }
    let bar = judge::progress(run.batch_norm_batches(), "re-estimating batch-norm", args.json);
    run.reestimate_batch_norm(|done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let card = Card {
        title: format!("{} · γ = {}", data.name, config.gamma),
        training: Training {
            dataset: data.name.clone(),
            images: data.len(),
            preset: config.preset.to_string(),
            loss: match config.loss {
                Loss::Ib => "ib".into(),
                Loss::ClassNll => "class-nll".into(),
            },
            gamma: config.gamma,
            seed: config.seed,
            epochs: config.epochs,
            steps: run.step(),
        },
        evaluation: None,
    };
    let model = export::model(run.spec(), run.tensors(), &data, config.seed, card)?;
    let test = load(&config.dataset, Split::Test, &data_dir)?;
    let model = judged(model, &test, args.json)?;
    let path = folder.join(MODEL);
    atomic::write(&path, &model.to_bytes(Precision::F32))?;
    if args.json {
        println!("{}", serde_json::json!({ "model": path, "card": model.card() }));
    } else {
        if let Some(evaluation) = &model.card().evaluation {
            super::eval::print(evaluation);
        }
        println!("{}", path.display());
    }
    Ok(())
}

/// The folder, the configuration and, for a resumed run, the state to go on from.
fn prepare(args: &TrainArgs) -> Result<(PathBuf, Config, Option<Checkpoint>)> {
    if let Some(folder) = &args.resume {
        if args.settings != Settings::default() {
            return Err(Error::Usage("--resume goes on with the run's own configuration, so it takes no other settings".into()));
        }
        let path = folder.join(CHECKPOINT);
        let checkpoint = Checkpoint::load(&path)?;
        let settings = toml::from_str(&checkpoint.config)
            .map_err(|e| Error::data(&path, format!("its configuration: {}", e.message())))?;
        return Ok((folder.clone(), Config::resolve(settings)?, Some(checkpoint)));
    }
    let file = args.config.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
    let config = Config::resolve(file.overridden_by(args.settings.clone()))?;
    std::fs::create_dir_all(&args.out).map_err(|source| Error::io(&args.out, source))?;
    Ok((args.out.clone(), config, None))
}

/// Trains to the end; false when `--stop-after` ended it before.
fn steps(run: &mut Run<'_>, args: &TrainArgs, config: &Config, folder: &Path) -> Result<bool> {
    let per_epoch = run.steps_per_epoch();
    let every = config.checkpoint_every.unwrap_or(per_epoch).max(1);
    let checkpoint = folder.join(CHECKPOINT);
    let mut log =
        Log::open(&folder.join(LOG), args.json, run.step(), config.batch, per_epoch, config.epochs)?;
    while run.step() < run.total_steps() {
        if args.stop_after.is_some_and(|stop| run.step() >= stop) {
            run.save(&checkpoint)?;
            log.finish();
            return Ok(false);
        }
        let report = match run.advance() {
            Ok(report) => report,
            Err(error) => {
                log.finish();
                return Err(error);
            }
        };
        log.step(report)?;
        if run.step().is_multiple_of(every) {
            let begun = Instant::now();
            run.save(&checkpoint)?;
            log.interruption(begun.elapsed());
        }
    }
    log.finish();
    Ok(true)
}

/// The model with its evaluation on the test images in its card.
fn judged(model: Model, test: &Dataset, quiet: bool) -> Result<Model> {
    let mut executor = pollster::block_on(Executor::new(&model, ExecutorChoice::Auto)).map_err(Error::core)?;
    let indices: Vec<usize> = (0..test.len()).collect();
    let bar = judge::progress(test.len(), "judging", quiet);
    let evaluation = judge::evaluate(&model, &mut executor, test, &indices, &bar)?;
    let card = Card { evaluation: Some(evaluation), ..model.card().clone() };
    Ok(model.with_card(card))
}
