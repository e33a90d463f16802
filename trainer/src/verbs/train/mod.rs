//! `trainer train`.

mod steps;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::spec::Shape;
use ibinn::{Architecture, Card, Model, ModelSpec, Precision};

use crate::backend;
use crate::error::{Error, Result};
use crate::train::checkpoint::Checkpoint;
use crate::train::{Run, export, init};
use ibinn_data::{DataDir, Dataset, Sets, absolute};
use ibinn_evaluate::card::{evaluate, ood_sets, validate};
use ibinn_evaluate::novelty::{self, Calibration};
use ibinn_evaluate::pass;
use ibinn_figures::samples::read_model;
use ibinn_files::lock::Lock;
use ibinn_files::{atomic, lease};
use ibinn_runs::config::{Config, Facts, Settings};
use ibinn_runs::environment::Environment;
use ibinn_runs::results::Selection;
use ibinn_runs::results::names::{CHECKPOINT, CONFIG, ENVIRONMENT, EVALUATION, LOWEST, MODEL};
use ibinn_terminal::output::{path_text, print};
use ibinn_terminal::progress::{Progress, Unit};
use steps::{End, Looking, steps};

/// Flags of `train`.
#[derive(Debug, Args)]
#[command(
    after_help = "The output folder holds config.toml (every value of the run), environment.json (the machine), train.jsonl (the log),
checkpoint.safetensors (with --patience also lowest.safetensors, that of the lowest validation loss) and, at the end,
model.safetensors, evaluated on the test images, with its card.

A data set by path is described before anything runs: its classes with counts, its splits, what is left out and why. The
network then follows from the pictures' shape, and the length of training from their number.

Examples:
  trainer train --dataset photos/ --out runs/mine            # photos/CLASS/*.jpg, or train/ and test/ inside
  trainer train --dataset photos.zip --size 32 --colour grey --epochs 20 --out runs/mine
  trainer train                                              # compact28 on the built-in digits, γ = 1
  trainer train --dataset fashion-mnist --gamma 0.2 --epochs 10 --out runs/fashion
  trainer train --method class-nll --means-rate 0 --means-distance 18 --out runs/class-nll-regularised
  trainer train --method vib --gamma 0.5 --out runs/vib
  trainer train --method res-net --dataset fashion-mnist --out runs/res-net
  trainer train --dataset photos/ --patience 20 --out runs/mine            # ends when it no longer learns
  trainer train --dataset photos/ --init model.safetensors --learning-rate 0.02 --epochs 10 --out runs/tuned
  trainer train --dataset photos/ --log-to tensorboard --out runs/mine     # then: tensorboard --logdir runs
  trainer train --config runs/fashion/config.toml --seed 1 --out runs/fashion-1
  trainer train --resume runs/fashion                        # go on after an interruption
  trainer train --resume runs/fashion --epochs 20            # go on for longer than the run was to"
)]
pub struct TrainArgs {
    /// Configuration file (TOML); flags override it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for everything the run writes
    #[arg(long, value_name = "DIR", default_value = "runs/latest")]
    out: PathBuf,
    /// Replace the run that the output folder holds
    #[arg(long)]
    overwrite: bool,
    /// Go on with the run in this folder, with its own configuration; only --backend may differ, and --epochs may be more than
    /// it had, by which the learning rate follows the longer run's schedule from there on
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "out", "overwrite"])]
    resume: Option<PathBuf>,
    /// Stop after this many steps, counted from the start of the run, with a checkpoint to resume from
    #[arg(long, value_name = "STEPS")]
    stop_after: Option<usize>,
    /// Train on this GPU, by its number in `trainer devices` or a part of its name
    #[arg(long, value_name = "N|NAME")]
    device: Option<String>,
    /// Write the log for this program as well, into the output folder (tensorboard --logdir runs)
    #[arg(long)]
    log_to: Option<LogTo>,
    /// Folder that holds the data sets, and decoded pictures of those by path that take more than 1 GiB [default: $IBINN_DATA_DIR,
    /// else the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON lines for programs instead of a progress bar
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// A program that reads logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogTo {
    /// Event files of scalars and samples by step.
    Tensorboard,
}

pub(super) fn run(args: TrainArgs) -> Result<()> {
    // Taken at once where there is a folder; one that is missing is made when nothing else can be wrong.
    let asked = args.resume.as_ref().unwrap_or(&args.out);
    let held = asked.is_dir().then(|| Held::take(asked)).transpose()?;
    let Prepared { folder, settings, plain, begin, lengthened_from } = prepare(&args)?;
    let device = match &args.device {
        Some(device) => backend::choose_named(plain.backend, device)?,
        None => backend::choose(plain.backend)?,
    };
    let data_dir = DataDir::resolve(args.data_dir.clone())?;
    let say = |text: String| {
        if !args.json {
            eprintln!("{text}");
        }
    };
    // All of it now, so that a missing file is not noticed after hours of training.
    let shape = match (&begin, plain.preset.named()) {
        (Begin::Checkpoint(checkpoint), _) => Some(checkpoint.spec.input_shape()),
        (Begin::Model(model), _) => Some(model.spec().input_shape()),
        (Begin::Fresh, Some(preset)) => Some(preset.spec().map_err(Error::core)?.input_shape()),
        (Begin::Fresh, None) => None,
    };
    let shape = shape.map(|Shape { channels, height, width }| [channels, height, width]);
    let reading = plain.reading.unwrap_or_default();
    let Sets { train: mut data, val, test, description } =
        Sets::load(&plain.dataset, &reading, shape, &data_dir, args.json)?;
    if let Some(description) = &description {
        say(description.to_string().trim_end().into());
    }
    let config = Config::resolve_for(settings, Some(Facts::from(&data)))?;
    if let Some(count) = config.train_images {
        data = data.choose(&data.some(count));
    }
    let held_out = config.hold_out.map(|count| data.hold_out(count, config.seed)).transpose()?.or(val);
    if config.patience.is_some() && held_out.is_none() {
        return Err(Error::Usage(format!(
            "patience waits for the loss on validation images, and of {} none are set aside: set some aside by --hold-out",
            data.name
        )));
    }
    let resumed = matches!(begin, Begin::Checkpoint(_));
    let mut run = match begin {
        Begin::Checkpoint(checkpoint) => Run::resume(&config, &data, &device, *checkpoint)?,
        Begin::Model(model) => Run::start_from(&config, &data, &device, &model)?,
        Begin::Fresh => Run::start(&config, &data, &device)?,
    };
    std::fs::create_dir_all(&folder).map_err(|source| Error::unwritable(&folder, source))?;
    let _held = match held {
        Some(held) => held,
        None => {
            let held = Held::take(&folder)?;
            // Another process may have made the folder in between.
            check_vacant(&args)?;
            held
        }
    };
    if let Some(epochs) = lengthened_from {
        let (step, per_epoch) = (run.step(), run.steps_per_epoch());
        let before = Config { epochs, ..config.clone() }.schedule(per_epoch).at(step);
        say(format!(
            "going on to {} epochs instead of {epochs}: from step {step} on the learning rate is that of a run of {} epochs, \
             {:.2e} there instead of {before:.2e}, so the model will not be that of such a run from its start",
            config.epochs,
            config.epochs,
            config.schedule(per_epoch).at(step)
        ));
        run.save(&folder.join(CHECKPOINT))?;
    }
    if !resumed {
        // What was measured of another run goes first, so that it never stands beside this one.
        remove(&folder.join(EVALUATION))?;
        remove(&folder.join(MODEL))?;
        remove(&folder.join(LOWEST))?;
        // Before the configuration: going on with an interrupted run is by the checkpoint, which has its own.
        run.save(&folder.join(CHECKPOINT))?;
    }
    atomic::write(&folder.join(CONFIG), config.to_toml()?.as_bytes())?;
    Environment::here(&device.description).write(&folder.join(ENVIRONMENT))?;
    if plain.preset.named().is_none() {
        say(cost(run.spec(), config.batch));
    }
    say(format!(
        "{} on {} ({} images{}), {}, on {}",
        config.preset,
        data.name,
        data.len(),
        held_out.as_ref().map(|images| format!(", {} held out", images.len())).unwrap_or_default(),
        config.model.method(),
        device.description
    ));
    let go_on = |run: &Run<'_>| {
        format!("stopped at step {}; go on with: trainer train --resume {}", run.step(), folder.display())
    };
    let looking = Looking { data: &data, held_out: held_out.as_ref(), executor: device.executor };
    match steps(&mut run, &args, &config, &folder, &looking)? {
        End::Reached => {}
        End::StopAfter => {
            say(go_on(&run));
            return Ok(());
        }
        End::Asked => return Err(Error::Interrupted(go_on(&run))),
    }
    if let Some(lowest) = run.lowest().filter(|_| config.patience.is_some()) {
        if run.is_out_of_patience() {
            say(format!(
                "ended after step {}: the validation loss has not fallen for {} epochs",
                run.step(),
                config.patience.unwrap_or_default()
            ));
        }
        let checkpoint = Checkpoint::load(&folder.join(LOWEST))?;
        run.go_back(&checkpoint);
        say(format!(
            "the model is that of step {}, whose validation loss is the lowest: {:.4}",
            run.step(),
            lowest.loss
        ));
    }
    let path = folder.join(MODEL);
    let model = export(&mut run, &data, held_out.as_ref(), &config, args.json)?;
    // Written before it is evaluated as well, so that what fails there costs no training.
    atomic::write(&path, &model.to_bytes(Precision::F32))?;
    let images = Images { data: &data, held_out: held_out.as_ref(), test: &test };
    let model = evaluated(model, images, device.executor, config.seed, &data_dir, args.json)?;
    atomic::write(&path, &model.to_bytes(Precision::F32))?;
    if args.json {
        print(serde_json::json!({ "model": path_text(&path), "card": model.card() }));
    } else {
        if let Some(validation) = &model.card().validation {
            super::evaluation_text::print_validation(validation);
        }
        if let Some(evaluation) = &model.card().evaluation {
            super::evaluation_text::print_card(evaluation, Selection::default());
        }
        print(path.display());
    }
    Ok(())
}

/// The right to write a run into a folder, by a lock, or by the lease of the sweep that this process works for.
struct Held(#[expect(dead_code, reason = "held until it is dropped")] Option<Lock>);

impl Held {
    fn take(folder: &Path) -> Result<Self> {
        if lease::is_working_under() {
            return Ok(Self(None));
        }
        let lock = Lock::take(folder)?;
        let worker = lease::holder(folder).map(|holder| format!("{}, of a sweep", holder.worker));
        match (lock, worker) {
            (Some(lock), None) => Ok(Self(Some(lock))),
            (_, worker) => Err(Error::Usage(format!(
                "another process{} is training into {}: wait for it, end it, or name another folder by --out",
                worker.map_or_else(String::new, |worker| format!(" ({worker})")),
                folder.display()
            ))),
        }
    }
}

/// What a run begins with.
struct Prepared {
    folder: PathBuf,
    settings: Settings,
    /// The configuration without what follows from the images.
    plain: Config,
    /// What its weights are at first.
    begin: Begin,
    /// The epochs of a run that goes on for longer than it was to.
    lengthened_from: Option<usize>,
}

/// What the weights of a run are at first.
enum Begin {
    /// Drawn by the seed.
    Fresh,
    /// Those of a model.
    Model(Box<Model>),
    /// Those that the run had when it was interrupted.
    Checkpoint(Box<Checkpoint>),
}

/// Refuses an output folder that holds a run, unless that is to be replaced or gone on with.
fn check_vacant(args: &TrainArgs) -> Result<()> {
    let holds_a_run = [CHECKPOINT, MODEL].iter().any(|name| args.out.join(name).exists());
    if args.resume.is_none() && holds_a_run && !args.overwrite {
        return Err(Error::Usage(format!(
            "{} already holds a run: go on with it by --resume, replace it by --overwrite, or name another folder by --out",
            args.out.display()
        )));
    }
    Ok(())
}

fn prepare(args: &TrainArgs) -> Result<Prepared> {
    if let Some(folder) = &args.resume {
        let Settings { backend, epochs, .. } = args.settings;
        if args.settings != (Settings { backend, epochs, ..Settings::default() }) {
            return Err(Error::Usage(
                "--resume goes on with the run's own configuration, so it takes no other setting than --epochs and --backend"
                    .into(),
            ));
        }
        let path = folder.join(CHECKPOINT);
        if !path.exists() {
            return Err(Error::data(&path, "there is no such file, so there is no run to go on with"));
        }
        let checkpoint = Checkpoint::load(&path)?;
        let settings = Settings::parse(&checkpoint.config)
            .map_err(|problem| Error::data(&path, format!("its configuration: {problem}")))?;
        let before = settings.epochs.unwrap_or_default();
        let settings = settings.overridden_by(args.settings.clone());
        let plain = plain(&settings)?;
        if plain.epochs < before {
            return Err(Error::Usage(format!(
                "--epochs is {}, and the run in {} has {before}: it can go on for longer, not for less",
                plain.epochs,
                folder.display()
            )));
        }
        let lengthened_from = (plain.epochs > before).then_some(before);
        return Ok(Prepared {
            folder: folder.clone(),
            settings,
            plain,
            begin: Begin::Checkpoint(Box::new(checkpoint)),
            lengthened_from,
        });
    }
    let file = args.config.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
    let mut settings = file.overridden_by(args.settings.clone());
    if let Some(dataset) = &mut settings.dataset {
        *dataset = absolute(dataset)?;
    }
    let mut begin = Begin::Fresh;
    if let Some(path) = settings.init.take() {
        let path = absolute_file(&path)?;
        let model = read_model(Path::new(&path))?;
        let fresh = [
            ("--means-distance", args.settings.means_distance.is_some() && settings.means_rate != Some(0.0)),
            ("--initial-scale", args.settings.initial_scale.is_some()),
        ];
        if let Some((flag, _)) = fresh.iter().find(|(_, given)| *given) {
            return Err(Error::Usage(format!(
                "{flag} is of fresh weights, and --init takes those of a model"
            )));
        }
        init::adopt(&mut settings, &model)?;
        settings.init = Some(path);
        begin = Begin::Model(Box::new(model));
    }
    let plain = plain(&settings)?;
    check_vacant(args)?;
    atomic::check_folder(&args.out)?;
    Ok(Prepared { folder: args.out.clone(), settings, plain, begin, lengthened_from: None })
}

/// The whole path of a file, so that it means the same from every folder.
fn absolute_file(path: &str) -> Result<String> {
    let whole = std::path::absolute(path).map_err(|source| Error::io(Path::new(path), source))?;
    Ok(whole.to_str().map_or_else(|| path.into(), Into::into))
}

/// The configuration as if there were no images to follow from: what is wrong with a setting is said before they are read.
fn plain(settings: &Settings) -> Result<Config> {
    let any = Facts { shape: [3, 32, 32], images: 1 << 20 };
    Ok(Config::resolve_for(settings.clone(), Some(any))?)
}

/// What a network costs, as a sentence.
fn cost(spec: &ModelSpec, batch: usize) -> String {
    let stages: Vec<String> = spec
        .stages()
        .iter()
        .map(|stage| format!("{} blocks of width {}", stage.blocks, stage.width))
        .collect();
    format!(
        "{}, dense coupling of {} units: {:.2} M weights, {:.1} M multiply-adds an image, about {} MB of memory to train",
        stages.join(", "),
        Architecture::from(spec).dense_hidden,
        spec.parameter_count() as f64 / 1e6,
        spec.multiply_adds() as f64 / 1e6,
        (spec.training_bytes(batch) as f64 / 1e6).ceil()
    )
}

/// Removes a file, if there is one.
fn remove(path: &Path) -> Result<()> {
    lease::check()?;
    match std::fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::unwritable(path, e)),
        _ => Ok(()),
    }
}

/// The finished run as a model that has not been evaluated yet.
fn export(
    run: &mut Run<'_>,
    data: &Dataset,
    held_out: Option<&Dataset>,
    config: &Config,
    quiet: bool,
) -> Result<Model> {
    let batches = run.batch_norm_batches() as u64;
    let mut progress = Progress::new(Some(batches), Unit::Batches, "re-estimating batch-norm", quiet);
    run.reestimate_batch_norm(|| progress.advance(1));
    progress.finish();
    let card = card(run, data, held_out, config);
    let quiet = quiet || !run.spec().family().has_mixture();
    let mut progress = pass::progress(export::mean_images(data), "averaging latents", quiet);
    let model =
        export::model(run.spec(), run.tensors(), &run.source(), card, |done| progress.advance(done as u64));
    progress.finish();
    model
}

/// What a model of the run is called, and how it was trained so far.
fn card(run: &Run<'_>, data: &Dataset, held_out: Option<&Dataset>, config: &Config) -> Card {
    let training = ibinn::Training {
        dataset: data.name.clone(),
        images: Some(data.len()),
        held_out: held_out.map(Dataset::len),
        preset: config.preset.to_string(),
        method: config.model.method(),
        seed: Some(config.seed),
        epochs: Some(run.step().div_ceil(run.steps_per_epoch())),
        steps: Some(run.step()),
    };
    Card::new(format!("{} · {}", data.name, config.model.method()), training)
}

/// What a model is evaluated with.
pub(super) struct Images<'a> {
    /// What it was trained on.
    pub data: &'a Dataset,
    /// What was held out of that.
    pub held_out: Option<&'a Dataset>,
    /// What it is evaluated on.
    pub test: &'a Dataset,
}

/// The model, run by `executor`, with novelty fitted to images that it was trained on, drawn by `seed`, and in its card how those images lie and what
/// was measured on those that were held out and on the test images. Where novelty cannot be fitted, the model goes without, and it is said why.
pub(super) fn evaluated(
    model: Model,
    Images { data, held_out, test }: Images<'_>,
    executor: ExecutorChoice,
    seed: u64,
    data_dir: &DataDir,
    quiet: bool,
) -> Result<Model> {
    let indices: Vec<usize> = (0..test.len()).collect();
    let sets = ood_sets(&model, &[], (test, &indices), data_dir)?;
    let mut session = Session::new(model, executor).map_err(Error::core)?;
    // Few images that were held out may lack a class; then a quarter of the others takes their place.
    let calibration = held_out.map_or(Calibration::Training, Calibration::HeldOut);
    let mut fit = novelty::fit(&mut session, data, calibration, seed, quiet);
    if fit.is_err() && held_out.is_some() {
        fit = novelty::fit(&mut session, data, Calibration::Training, seed, quiet);
    }
    if let Err(why) = fit {
        eprintln!("the model cannot tell novel images: {why}");
    }
    let validation = held_out.map(|images| validate(&mut session, images, quiet)).transpose()?;
    let evaluation = evaluate(&mut session, (test, &indices), &sets, quiet)?;
    let model = session.into_model();
    let card =
        Card { framing: data.framing(), validation, evaluation: Some(evaluation), ..model.card().clone() };
    model.with_card(card).map_err(Error::core)
}
