//! Weights of the classes (method §3.2) on pictures whose classes are unbalanced and hard to tell apart.
#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::{Architecture, Card, ClassPrior, Gamma, Model, StageSpec, Stem};
use ibinn_data::{Augmentation, Dataset, Images};
use ibinn_runs::config::{Backend, Config, Facts, Settings};
use trainer::backend::{TrainDevice, choose};
use trainer::train::{Run, export};

/// Shares of the classes.
const SHARES: [f64; 3] = [0.8, 0.15, 0.05];

/// Pictures of 8×8 of noise, and in every class another third of them is a little brighter.
fn pictures(count: usize, number: u64) -> Dataset {
    let mut stream = Stream::new(11, Purpose::Test, number);
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for i in 0..count {
        let place = (i as f64 + 0.5) / count as f64;
        let class = SHARES.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        });
        let class = class.take_while(|sum| *sum < place).count();
        labels.push(class as u16);
        images.extend((0..64).map(|pixel| {
            let bright = if pixel / 8 / 3 == class { 8.0 } else { 0.0 };
            (120.0 + bright + 40.0 * stream.normal()).round().clamp(0.0, 255.0) as u8
        }));
    }
    Dataset {
        name: "bars".into(),
        shape: [1, 8, 8],
        images: Images::new(images, 64),
        labels,
        class_names: ["often", "sometimes", "seldom"].map(String::from).to_vec(),
        mean: vec![0.5],
        std: vec![0.16],
    }
}

/// The configuration of a training with these weights.
fn config(class_prior: ClassPrior, data: &Dataset) -> Config {
    let stage = StageSpec { blocks: 1, width: 8 };
    let settings = Settings {
        dataset: Some("./bars".into()),
        gamma: Gamma::new(0.1),
        // Near to each other, so that what is hard to tell apart stays so.
        means_distance: Some(1.0),
        label_smoothing: Some(0.0),
        class_prior: Some(class_prior),
        architecture: Some(Architecture { stem: Stem::Haar, stages: vec![stage; 2], dense_hidden: 16 }),
        augment: Some(Augmentation::None),
        batch: Some(64),
        epochs: Some(16),
        warm_up: Some(10),
        learning_rate: Some(0.07),
        batch_norm_batches: Some(20),
        backend: Some(Backend::Cpu),
        ..Settings::default()
    };
    Config::resolve_for(settings, Some(Facts::from(data))).unwrap()
}

/// The model that training with these weights gives.
fn trained(class_prior: ClassPrior, data: &Dataset) -> Model {
    let config = config(class_prior, data);
    let device = choose(config.backend).unwrap();
    let mut run = Run::start(&config, data, &device).unwrap();
    while run.step() < run.total_steps() {
        run.advance().unwrap();
    }
    run.reestimate_batch_norm(|| ());
    let training = ibinn_tests::nets::training_of(config.model.method());
    let card = Card::new("bars", training);
    export::model(run.spec(), run.tensors(), &run.source(), card, |_| ()).unwrap()
}

/// Share of wrong predictions, and mean −ln q(y|x).
fn measured(model: Model, test: &Dataset) -> [f64; 2] {
    let mut session = Session::new(model, ExecutorChoice::Cpu).unwrap();
    let pixels: Vec<f32> = test.images.iter().flatten().map(|&v| f32::from(v) / 255.0).collect();
    let seen = session.classify(&pixels, 0..).unwrap();
    let of = |value: &dyn Fn(usize) -> f64| (0..test.len()).map(value).sum::<f64>() / test.len() as f64;
    let label = |i: usize| usize::from(test.labels[i]);
    [
        of(&|i| f64::from(u8::from(seen[i].found.prediction != label(i)))),
        of(&|i| seen[i].found.posterior.surprise(label(i))),
    ]
}

#[test]
fn frequencies_make_fewer_errors_than_equal_weights_and_are_learned() {
    let (data, test) = (pictures(2560, 0), pictures(2000, 1));
    let models = ClassPrior::ALL.map(|prior| trained(prior, &data));
    let weights = models.each_ref().map(|model| model.mixture().unwrap().weights());
    let [uniform, counts, learned] = models.map(|model| measured(model, &test));
    for (class, share) in SHARES.into_iter().enumerate() {
        assert!((weights[1][class] - share).abs() < 1e-3, "{weights:?}");
        assert!((weights[2][class] / share - 1.0).abs() < 0.1, "{weights:?}");
    }
    // Measured: 20.9 % and 0.558 with equal weights, 17.7 % and 0.494 with counts, 17.9 % and 0.496 with those that are learned.
    for better in [counts, learned] {
        assert!(better[0] < uniform[0] - 0.02, "{better:?} and {uniform:?}");
        assert!(better[1] < uniform[1] - 0.05, "{better:?} and {uniform:?}");
    }
}

#[test]
fn other_weights_than_equal_ones_are_refused_on_a_gpu() {
    let data = pictures(640, 0);
    let device = TrainDevice {
        graph: Some(Device::flex()),
        description: "a GPU".into(),
        executor: ExecutorChoice::Cpu,
    };
    let start = |prior| Run::start(&config(prior, &data), &data, &device).map(drop);
    for prior in [ClassPrior::Counts, ClassPrior::Learned] {
        let refused = start(prior).unwrap_err().to_string();
        let wanted = format!("class-prior {prior} is for training on the CPU (--backend cpu), not on a GPU");
        assert_eq!(refused, wanted);
    }
}
