//! `trainer import`.

use std::path::PathBuf;

use clap::Args;
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::MEANS;
use ibinn::{Card, Gamma, Method, MethodName, Model, ModelSpec, Precision, Preset, Training};

use crate::backend;
use crate::error::{Error, Result};
use crate::train::checkpoint::{Checkpoint, State};
use crate::train::{Run, export};
use ibinn_data::{DataDir, Split, find, load};
use ibinn_evaluate::pass;
use ibinn_files::atomic;
use ibinn_interop::import::conf::{self, Conf};
use ibinn_interop::import::{self, Imported};
use ibinn_runs::config::{Backend, Config, Settings};
use ibinn_runs::results::Selection;
use ibinn_terminal::output::{path_text, print};
use ibinn_terminal::progress::{Progress, Unit};

/// Flags of `import`.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads the .pt files of the authors' program, of either container of PyTorch: model.avg.pt, whose batch-norm statistics
are final, or model.pt, model_<epoch>.pt and model_ABORT.pt, whose statistics are those of one batch and should be
re-estimated. The architecture follows from the file. Nothing in the file is run. Where the run's conf.ini lies beside it, γ,
the method, the data set and the number of epochs are taken from that, unless flags say otherwise.

The empirical class means, which samples are drawn around, are computed over the training images of the data set, and the
model is evaluated on its test images.

Examples:
  trainer import run/model.avg.pt --out authors.safetensors          # with run/conf.ini
  trainer import model.avg.pt --gamma 1 --out authors.safetensors
  trainer import model.pt --gamma 0.2 --batch-norm-batches 1910 --out authors.safetensors
  trainer import model.avg.pt --gamma 1 --without-images --out authors.safetensors"
)]
pub struct ImportArgs {
    /// Checkpoint of the authors' program
    checkpoint: PathBuf,
    /// Method that it was trained by, ib-inn or class-nll [default: as conf.ini tells, else ib-inn]
    #[arg(long)]
    method: Option<MethodName>,
    /// Trade-off γ that it was trained with, of ib-inn, which the file does not tell [default: as conf.ini beside it tells]
    #[arg(long, allow_negative_numbers = true)]
    gamma: Option<Gamma>,
    /// Its means were not trained, of class-nll [default: as conf.ini tells]
    #[arg(long)]
    frozen_means: bool,
    /// Data set that it was trained on, by name [default: as conf.ini tells; else mnist for grey images, and for colour ones
    /// cifar-10 or cifar-100, by the number of classes]
    #[arg(long)]
    dataset: Option<String>,
    /// Folder that holds the data sets [default: $IBINN_DATA_DIR, else the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Re-estimate the batch-norm statistics over this many batches of training images
    #[arg(long, value_name = "N", conflicts_with = "without_images")]
    batch_norm_batches: Option<usize>,
    /// Where the batch-norm statistics are re-estimated
    #[arg(long, default_value = "auto")]
    backend: Backend,
    /// Use no data set: the trained means stand for the empirical ones, and the model is not evaluated
    #[arg(long)]
    without_images: bool,
    /// Title for the card [default: data set and γ]
    #[arg(long)]
    title: Option<String>,
    /// Model file to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    json: bool,
}

impl ImportArgs {
    /// These flags, and where they say nothing what the run's conf.ini beside the checkpoint does; the run's epochs, of a
    /// checkpoint of its end.
    fn completed(mut self) -> Result<(Self, Option<usize>)> {
        let path = self.checkpoint.with_file_name(conf::FILE);
        let conf = match std::fs::read_to_string(&path) {
            Ok(text) => Conf::read(&text).map_err(|problem| Error::data(&path, problem))?,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Conf::default(),
            Err(source) => return Err(Error::io(&path, source)),
        };
        let told = if conf.class_nll == Some(true) { MethodName::ClassNll } else { MethodName::IbInn };
        let method = *self.method.get_or_insert(told);
        match method {
            MethodName::IbInn => self.gamma = self.gamma.or(conf.gamma.and_then(Gamma::new)),
            MethodName::ClassNll => self.frozen_means |= conf.trained_means == Some(false),
            _ => {}
        }
        self.dataset = self.dataset.or(conf.dataset);
        let is_final =
            self.checkpoint.file_name().is_some_and(|name| FINAL.iter().any(|known| name == *known));
        Ok((self, conf.epochs.filter(|_| is_final)))
    }

    fn method(&self) -> MethodName {
        self.method.unwrap_or_default()
    }
}

/// Names of the checkpoints of a run's end.
const FINAL: [&str; 2] = ["model.pt", "model.avg.pt"];

pub(super) fn run(args: ImportArgs) -> Result<()> {
    let (args, epochs) = args.completed()?;
    // What the flags say must go together before the file is read, which tells the distance between the means.
    let method = |distance: f64| {
        Method::new(args.method(), args.gamma, args.frozen_means.then_some(distance)).map_err(Error::core)
    };
    check(&args)?;
    method(1.0)?;
    atomic::check(&args.out)?;
    let path = &args.checkpoint;
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let Imported { spec, tensors } = import::read(&bytes).map_err(|problem| Error::data(path, problem))?;
    drop(bytes);
    let origin = Origin::of(&args, &spec)?;
    let spec = origin.fit(&spec).map_err(|problem| Error::data(path, problem))?;
    let dataset = origin.dataset;
    let method = method(distance(&tensors[MEANS], spec.dims()))?;
    let training = Training {
        dataset: dataset.clone(),
        images: None,
        held_out: None,
        preset: preset_of(&spec),
        method,
        seed: None,
        epochs,
        steps: None,
    };
    let card = Card::new(args.title.clone().unwrap_or_else(|| format!("{dataset} · {method}")), training);
    let model = if args.without_images {
        export::model_without_images(&spec, tensors, card)?
    } else {
        with_images(&args, &dataset, spec, tensors, card)?
    };
    atomic::write(&args.out, &model.to_bytes(Precision::F32))?;
    if args.json {
        print(serde_json::json!({ "out": path_text(&args.out), "spec": model.spec(), "card": model.card() }));
    } else {
        if let Some(evaluation) = &model.card().evaluation {
            super::evaluation_text::print_card(evaluation, Selection::default());
        }
        print(args.out.display());
    }
    Ok(())
}

/// Refuses a method of other networks than the flow with a mixture, which is all that the authors' program trains, and
/// ib-inn without its γ.
fn check(args: &ImportArgs) -> Result<()> {
    let method = args.method();
    if !method.family().has_mixture() {
        return Err(Error::Usage(format!(
            "--method is {method}, but the authors' program trains ib-inn and class-nll"
        )));
    }
    if method == MethodName::IbInn && args.gamma.is_none() {
        return Err(Error::Usage(
            "--gamma is missing: name the γ that the checkpoint was trained with, or put the run's conf.ini beside it"
                .into(),
        ));
    }
    Ok(())
}

/// Distance between the first two of the class means, (K, D); all are equally far apart where they were never trained.
fn distance(means: &[f64], dims: usize) -> f64 {
    let (first, rest) = means.split_at(dims);
    first.iter().zip(rest).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// What the file does not tell about the data that it was trained on.
struct Origin {
    dataset: String,
    classes: Vec<String>,
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl Origin {
    fn of(args: &ImportArgs, spec: &ModelSpec) -> Result<Self> {
        let (count, usual) =
            (spec.classes().len(), if spec.input().channels == 3 { "cifar-10" } else { "mnist" });
        let default = if usual == "cifar-10" { format!("cifar-{count}") } else { usual.into() };
        let dataset = args.dataset.clone().unwrap_or(default);
        // A data set that is not known by name can still be named in the card. Normalisation is the same for all colour
        // images, and for all grey ones (method §1.2).
        let known = match find(&dataset) {
            Err(_) if args.without_images => find(usual)?,
            Err(unknown) => {
                return Err(Error::Usage(format!(
                    "{unknown}; or import the model without its images, by --without-images"
                )));
            }
            known => known?,
        };
        let named = known.name == dataset;
        let classes = if named {
            known.classes.iter().map(|name| (*name).into()).collect()
        } else {
            spec.classes().to_vec()
        };
        Ok(Self { dataset, classes, mean: known.mean.to_vec(), std: known.std.to_vec() })
    }

    /// `spec` with these classes and this normalisation.
    fn fit(&self, spec: &ModelSpec) -> Result<ModelSpec, String> {
        let (count, channels) = (spec.classes().len(), spec.input().channels);
        let Self { dataset, classes, mean, std } = self;
        if count != classes.len() {
            return Err(format!("its network knows {count} classes, but {dataset} has {}", classes.len()));
        }
        if channels != mean.len() {
            return Err(format!(
                "its network takes {channels} channels, but images of {dataset} have {}",
                mean.len()
            ));
        }
        spec.for_data(classes.clone(), mean.clone(), std.clone()).map_err(|error| error.to_string())
    }
}

/// The preset that has the stages, stem and size of `spec`.
fn preset_of(spec: &ModelSpec) -> String {
    let same = |preset: &Preset| {
        let plain = preset.spec().and_then(|known| {
            let input = spec.input();
            known.for_data(spec.classes().to_vec(), input.mean.clone(), input.std.clone())
        });
        plain.is_ok_and(|known| known == *spec)
    };
    Preset::ALL.into_iter().find(same).map_or_else(|| "custom".into(), |preset| preset.to_string())
}

/// The model with empirical class means, re-estimated batch-norm if asked for, and evaluated.
fn with_images(
    args: &ImportArgs,
    dataset: &str,
    spec: ModelSpec,
    tensors: Tensors,
    card: Card,
) -> Result<Model> {
    let data_dir = DataDir::resolve(args.data_dir.clone())?;
    let data = load(dataset, Split::Train, &data_dir)?;
    let test = load(dataset, Split::Test, &data_dir)?;
    data.check_shape(&spec, "the checkpoint's network")?;
    // The preset stands for its defaults only: augmentation, noise and dropout of the authors' program.
    let preset = if spec.input().channels == 3 { Preset::Cifar10 } else { Preset::Mnist };
    let config = Config::resolve(Settings {
        preset: Some(preset.into()),
        dataset: Some(dataset.into()),
        gamma: args.gamma,
        method: Some(args.method()),
        batch_norm_batches: args.batch_norm_batches,
        backend: Some(if args.batch_norm_batches.is_some() { args.backend } else { Backend::Cpu }),
        ..Settings::default()
    })?;
    let device = backend::choose(config.backend)?;
    let state = State { tensors, ..State::default() };
    let checkpoint = Checkpoint { spec, config: config.to_toml()?, step: 0, state, lowest: None };
    let mut run = Run::resume(&config, &data, &device, checkpoint)?;
    if let Some(batches) = args.batch_norm_batches {
        let mut progress =
            Progress::new(Some(batches as u64), Unit::Batches, "re-estimating batch-norm", args.json);
        run.reestimate_batch_norm(|| progress.advance(1));
        progress.finish();
    }
    let mut progress = pass::progress(export::mean_images(&data), "averaging latents", args.json);
    let model =
        export::model(run.spec(), run.tensors(), &run.source(), card, |done| progress.advance(done as u64))?;
    progress.finish();
    let images = super::train::Images { data: &data, held_out: None, test: &test };
    super::train::evaluated(model, images, device.executor, config.seed, &data_dir, args.json)
}
