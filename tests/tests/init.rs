//! A run that begins with a model: it says what the model says, of classes that the model knows and of others.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use ibinn::synthetic::{Alphabet, Split as Half, draw};
use ibinn::{Card, ClassPrior, CpuExecutor, Model, Preset};
use ibinn_data::{DataDir, Dataset, Split, load};
use ibinn_runs::config::{Backend, Config, Settings};
use trainer::backend::choose;
use trainer::train::{Run, export, init};

fn shipped() -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/public/models/digits-gamma-1.safetensors");
    Model::from_bytes(&std::fs::read(path).unwrap()).unwrap()
}

fn digits(count: usize) -> Dataset {
    let mut data =
        load("builtin", Split::Train, &DataDir::resolve(Some("/nonexistent".into())).unwrap()).unwrap();
    data.truncate(count);
    data
}

/// The configuration of a run on `builtin` that begins with `model`.
fn config(model: &Model, settings: Settings) -> Config {
    let mut settings = Settings { backend: Some(Backend::Cpu), batch: Some(32), ..settings };
    init::adopt(&mut settings, model).unwrap();
    Config::resolve(settings).unwrap()
}

/// The run's model before its first step, by the statistics that its batch-norms were set apart with.
fn at_first(run: &Run<'_>, model: &Model) -> Model {
    let card = Card::new("at first", model.card().training.clone());
    export::model_without_images(run.spec(), run.tensors(), card).unwrap()
}

fn posteriors(model: &Model, images: &[f32]) -> Vec<f64> {
    let encoded = CpuExecutor::<f32>::new(model).encode(images).unwrap();
    let mixture = model.mixture().unwrap();
    let rows = encoded.z.chunks_exact(mixture.dims());
    rows.flat_map(|z| mixture.score(z, 0.0).posterior.probabilities).collect()
}

#[test]
fn before_the_first_step_posteriors_are_those_of_the_file() {
    let model = shipped();
    // Another γ, the same classes.
    let config = config(&model, Settings { gamma: Some("0.2".parse().unwrap()), ..Settings::default() });
    assert_eq!(config.preset.named(), Some(Preset::Compact28));
    let (data, device) = (digits(300), choose(config.backend).unwrap());
    let mut run = Run::start_from(&config, &data, &device, &model).unwrap();
    let pixels: Vec<f32> = (0..60)
        .flat_map(|i| draw(Alphabet::Digits, Half::Test, 3, i).pixels)
        .chain((0..60).flat_map(|i| draw(Alphabet::Letters, Half::Test, 3, i).pixels))
        .map(|v| f32::from(v) / 255.0)
        .collect();
    let images = model.spec().normalize(&pixels);
    let wanted = posteriors(&model, &images);
    // Letters leave it undecided.
    assert!(wanted.iter().filter(|p| (0.01..0.99).contains(*p)).count() > 10);
    for (got, wanted) in posteriors(&at_first(&run, &model), &images).iter().zip(&wanted) {
        assert!((got - wanted).abs() < 1e-4, "{got} instead of {wanted}");
    }
    // In training, too, the batch-norms are near to what they were: the first loss is one of a trained model.
    let first = run.advance().unwrap().of.terms;
    assert!(first.accuracy > 0.9 && first.l_x.unwrap() < 0.0, "{first:?}");
    assert_ne!(posteriors(&at_first(&run, &model), &images), wanted);
}

#[test]
fn a_run_with_other_classes_tells_them_apart_from_the_start() {
    let model = shipped();
    let settings = Settings { class_prior: Some(ClassPrior::Counts), ..Settings::default() };
    let config = config(&model, settings);
    // The digits under other names, of which one is twice as frequent as before.
    let mut data = digits(800);
    data.class_names = (0..9).map(|k| format!("class {k}")).collect();
    data.labels.iter_mut().for_each(|label| *label = (*label).min(8));
    let device = choose(config.backend).unwrap();
    let run = Run::start_from(&config, &data, &device, &model).unwrap();
    assert_eq!((run.spec().classes().len(), run.spec().class_prior()), (9, ClassPrior::Counts));
    let begun = at_first(&run, &model);
    let pixels: Vec<f32> = data.images.iter().take(200).flatten().map(|&v| f32::from(v) / 255.0).collect();
    let found = posteriors(&begun, &begun.spec().normalize(&pixels));
    let right = found.chunks_exact(9).zip(&data.labels).filter(|(row, label)| {
        let best = (0..9).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
        best == usize::from(**label)
    });
    let right = right.count();
    assert!(right > 180, "{right} of 200");
    let weights = begun.mixture().unwrap().weights();
    assert!(weights[8] > 1.6 * weights[0] && (weights.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{weights:?}");
}

#[test]
fn classes_that_the_model_knows_by_name_keep_their_means() {
    let model = shipped();
    let config = config(&model, Settings::default());
    let mut data = digits(400);
    // Every image of 3 and of 7 alone, in the other order.
    let kept: Vec<usize> = (0..data.len()).filter(|&i| [3, 7].contains(&data.labels[i])).collect();
    data = data.choose(&kept);
    data.labels.iter_mut().for_each(|label| *label = u16::from(*label == 3));
    data.class_names = vec!["7".into(), "3".into()];
    let device = choose(config.backend).unwrap();
    let run = Run::start_from(&config, &data, &device, &model).unwrap();
    let own = model.mixture().unwrap();
    let begun = at_first(&run, &model);
    let means = begun.mixture().unwrap();
    assert_eq!((means.mean(0), means.mean(1)), (own.mean(7), own.mean(3)));
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = shipped();
    let refused = |settings: Settings| init::adopt(&mut settings.clone(), &model).unwrap_err().to_string();
    let tiny = Settings { preset: Some(Preset::Tiny.into()), ..Settings::default() };
    assert!(refused(tiny).contains("the model has another architecture"));
    let vib = Settings { method: Some(ibinn::MethodName::Vib), ..Settings::default() };
    assert!(refused(vib).contains("for the methods ib-inn and class-nll"));
    let config = config(&model, Settings::default());
    let mut data = digits(64);
    data.shape = [1, 56, 14];
    let device = choose(config.backend).unwrap();
    let message = Run::start_from(&config, &data, &device, &model).map(drop).unwrap_err().to_string();
    assert!(
        message.contains("are 1×56×14") && message.contains("the model of --init takes 1×28×28"),
        "{message}"
    );
}
