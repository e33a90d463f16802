//! Training on Burn's wgpu backend, on whatever adapter this machine has (in CI, Mesa's software Vulkan), against training
//! on the CPU. Without an adapter these tests fail.
#![allow(clippy::unwrap_used)]

use ibinn::spec::fold::Tensors;
use ibinn::synthetic::{self, Alphabet};
use ibinn::training;
use ibinn::{CpuExecutor, Model, Preset};
use ibinn_data::{Dataset, Images};
use ibinn_runs::config::{Backend, Config, Settings};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::{model_of, small, weights};
use trainer::backend::{TrainDevice, choose};
use trainer::train::{Run, StepReport, export};

const STEPS: usize = 10;
/// Of losses, tensors and velocities, relative to the largest number of each.
const TOLERANCE: f64 = 1e-4;
/// The same of two runs on the same adapter: from one state, gradient norms differed by 1e-8 on Mesa's.
const REPEATED: f64 = 1e-6;

/// Every loss and family, as settings.
///
/// The seeds are of runs that are stable: with most others, two runs on the CPU alone whose weights differ by 1e-7 at the start
/// are apart by more than the tolerance after ten steps of a VIB or a ResNet.
const METHODS: [&str; 7] = [
    IB_INN,
    "seed = 2\ngamma = \"inf\"",
    "seed = 2\nmethod = \"class-nll\"",
    "seed = 2\nmethod = \"class-nll\"\nmeans_rate = 0\nmeans_distance = 18",
    VIB,
    RES_NET,
    "seed = 2\nmethod = \"i-rev-net\"",
];
const IB_INN: &str = "seed = 2\ngamma = 1";
const VIB: &str = "seed = 9\nmethod = \"vib\"\ngamma = 0.5";
const RES_NET: &str = "seed = 9\nmethod = \"res-net\"";

/// Drawn digits, of which batches of four make two steps an epoch.
fn digits() -> Dataset {
    let drawn: Vec<_> =
        (0..8).map(|i| synthetic::draw(Alphabet::Digits, synthetic::Split::Train, 0, i)).collect();
    let spec = Preset::Tiny.spec().unwrap();
    Dataset {
        name: "digits".into(),
        shape: [1, 28, 28],
        images: Images::new(drawn.iter().flat_map(|image| image.pixels).collect(), 784),
        labels: drawn.iter().map(|image| image.label.into()).collect(),
        class_names: spec.classes().to_vec(),
        mean: spec.input().mean.clone(),
        std: spec.input().std.clone(),
    }
}

fn config(method: &str) -> Config {
    let settings = format!(
        "preset = \"tiny\"\nbatch = 4\nepochs = 5\nconv_dropout = 0.1\nbatch_norm_batches = 3\n{method}"
    );
    Config::resolve(Settings::parse(&settings).unwrap()).unwrap()
}

fn devices() -> [TrainDevice; 2] {
    [Backend::Wgpu, Backend::Cpu].map(|backend| choose(backend).unwrap())
}

fn assert_same_tensors(name: &str, got: &Tensors, wanted: &Tensors) {
    assert_eq!(got.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{name}");
    for (tensor, values) in got {
        assert_close(&format!("{name}: {tensor}"), values, &wanted[tensor], TOLERANCE);
    }
}

/// The numbers of a report that are not the same by construction.
fn numbers(report: &StepReport) -> Vec<f64> {
    let StepReport { of: training::StepReport { terms, gradient_norm }, .. } = report;
    let optional = [terms.l_x, terms.kl].into_iter().flatten();
    [terms.loss, terms.l_y, terms.accuracy, *gradient_norm].into_iter().chain(optional).collect()
}

#[test]
fn every_method_trains_as_on_the_cpu() {
    let (data, [wgpu, cpu]) = (digits(), devices());
    for method in METHODS {
        let config = config(method);
        let mut runs = [&wgpu, &cpu].map(|device| Run::start(&config, &data, device).unwrap());
        for step in 1..=STEPS {
            let [got, wanted] = runs.each_mut().map(|run| numbers(&run.advance().unwrap()));
            assert_close(&format!("{method}, step {step}"), &got, &wanted, TOLERANCE);
        }
        let [got, wanted] = runs.map(|run| run.checkpoint().unwrap());
        assert_same_tensors(method, &got.state.tensors, &wanted.state.tensors);
        assert_same_tensors(
            &format!("{method}, velocities"),
            &got.state.velocities,
            &wanted.state.velocities,
        );
    }
}

#[test]
fn a_resumed_run_is_a_straight_one_and_can_change_the_backend() {
    let (data, [wgpu, cpu]) = (digits(), devices());
    for method in [IB_INN, VIB] {
        let config = config(method);
        let mut straight = Run::start(&config, &data, &wgpu).unwrap();
        for _ in 0..3 {
            straight.advance().unwrap();
        }
        let checkpoint = straight.checkpoint().unwrap();
        let mut resumed = Run::resume(&config, &data, &wgpu, checkpoint.clone()).unwrap();
        let mut moved = Run::resume(&config, &data, &cpu, checkpoint).unwrap();
        for _ in 0..3 {
            let report = straight.advance().unwrap();
            let again = resumed.advance().unwrap();
            assert_eq!((again.step, again.learning_rate), (report.step, report.learning_rate), "{method}");
            assert_close(method, &numbers(&again), &numbers(&report), REPEATED);
            assert_close(method, &numbers(&moved.advance().unwrap()), &numbers(&report), TOLERANCE);
        }
        let [straight_end, resumed_end] = [&mut straight, &mut resumed].map(|run| run.checkpoint().unwrap());
        for (name, values) in &resumed_end.state.tensors {
            assert_close(&format!("{method}: {name}"), values, &straight_end.state.tensors[name], REPEATED);
        }
        assert_same_tensors(method, &moved.tensors(), &straight.tensors());
    }
}

#[test]
fn what_only_the_cpu_can_is_refused_by_name() {
    let (data, [wgpu, _]) = (digits(), devices());
    for (settings, named) in [
        ("recipe = \"fast\"", "optimizer muon is for training on the CPU (--backend cpu)"),
        ("average = 0.9", "average is for training on the CPU (--backend cpu)"),
    ] {
        let config = config(settings);
        let refusal = Run::start(&config, &data, &wgpu).err().unwrap().to_string();
        assert!(refusal.starts_with(named), "{refusal}");
    }
    let fast = config("recipe = \"fast\"\noptimizer = \"sgd\"");
    assert!(Run::start(&fast, &data, &wgpu).is_ok());
}

/// The model file of a short run, read again.
fn exported(config: &Config, data: &Dataset, device: &TrainDevice) -> Model {
    let mut run = Run::start(config, data, device).unwrap();
    for _ in 0..STEPS {
        run.advance().unwrap();
    }
    run.reestimate_batch_norm(|| ());
    let mut card = model_of(&small(), weights(&small())).card().clone();
    card.training.method = config.model.method();
    let model = export::model(run.spec(), run.tensors(), &run.source(), card, |_| ()).unwrap();
    Model::from_bytes(&model.to_bytes(ibinn::Precision::F32)).unwrap()
}

#[test]
fn batch_norm_is_re_estimated_and_the_model_exported_as_on_the_cpu() {
    let data = digits();
    for method in [IB_INN, RES_NET] {
        let config = config(method);
        let [got, wanted] = devices().map(|device| exported(&config, &data, &device));
        assert_eq!(got.spec(), wanted.spec(), "{method}");
        assert_eq!(got.permutation(), wanted.permutation(), "{method}");
        let pixels: Vec<f32> = data.images.iter().flatten().map(|&v| f32::from(v) / 255.0).collect();
        let x = got.spec().normalize(&pixels);
        let features = |model: &Model| -> Vec<f64> {
            let features = CpuExecutor::<f32>::new(model).features(&x).unwrap();
            features.into_iter().map(f64::from).collect()
        };
        assert_close(&format!("{method}: features"), &features(&got), &features(&wanted), TOLERANCE);
    }
}
