//! The full CIFAR net on real images and the CPU.
#![allow(clippy::unwrap_used)]

use ibinn::Card;
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::element::{Coupling, Element};
use ibinn::{Preset, Training};
use ibinn_data::{DataDir, Split, load};
use ibinn_evaluate::pass;
use ibinn_runs::config::{Backend, Config, Settings};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::executor_of;
use trainer::backend;
use trainer::train::{Run, export};

const BATCH: usize = 128;

#[test]
fn one_step_starts_where_the_paper_says_and_the_model_runs_both_ways() {
    let Some(folder) = ibinn_tests::data_dir() else { return };
    let mut data = load("cifar-10", Split::Train, &DataDir::resolve(Some(folder)).unwrap()).unwrap();
    data.truncate(BATCH);
    let config = Config::resolve(Settings {
        preset: Some(Preset::Cifar10.into()),
        dataset: Some(data.name.clone()),
        batch: Some(BATCH),
        batch_norm_batches: Some(1),
        backend: Some(Backend::Cpu),
        ..Settings::default()
    })
    .unwrap();
    let device = backend::choose(config.backend).unwrap();
    let mut run = Run::start(&config, &data, &device).unwrap();
    let before = run.tensors();
    let scales = |coupling: &Coupling| {
        let log_alpha = &before[&format!("{}.scale.log_alpha", coupling.name)];
        log_alpha.iter().sum::<f64>() * coupling.shape.pixels() as f64
    };
    let scales: Vec<f64> = run
        .spec()
        .elements()
        .iter()
        .filter_map(
            |element| if let Element::Coupling(coupling) = element { Some(scales(coupling)) } else { None },
        )
        .collect();
    assert_eq!(scales.len(), 56);
    assert!(scales.iter().all(|scale| (scale + 883.7593).abs() < 1e-3), "{scales:?}");
    assert!((scales.iter().sum::<f64>() + 49_490.52).abs() < 0.02);

    let report = run.advance().unwrap().of;
    // Method §8.14: before the first update, in training mode, with noise and augmentation.
    assert!(
        report.terms.l_x.is_some_and(|l_x| (15.0..20.0).contains(&l_x)),
        "initial L_X {:?}",
        report.terms.l_x
    );
    assert!(report.gradient_norm.is_finite() && report.gradient_norm > 0.0);
    let after = run.tensors();
    for name in [
        "stage0.block0.subnet.conv1.weight",
        "stage2.block23.scale.log_alpha",
        "dense.net1.fc2.weight",
        "means",
    ] {
        assert_ne!(before[name], after[name], "{name} did not move");
    }

    run.reestimate_batch_norm(|| ());
    let training = Training {
        dataset: data.name.clone(),
        images: Some(data.len()),
        held_out: None,
        preset: config.preset.to_string(),
        method: config.model.method(),
        seed: Some(config.seed),
        epochs: Some(0),
        steps: Some(run.step()),
    };
    let card = Card::new("one step", training);
    let model = export::model(run.spec(), after.clone(), &run.source(), card, |_| ()).unwrap();
    let executor = ibinn::CpuExecutor::<f32>::new(&model);
    let x = run.spec().normalize(&pass::pixels(&data, &[0, 1]));
    let encoded = executor.encode(&x).unwrap();
    assert!(encoded.z.iter().chain(&encoded.log_det).all(|v| v.is_finite()));
    assert_eq!(executor.decode(&encoded.z).unwrap().len(), x.len());

    // A net this young is chaotic and cannot be inverted (method §2.7); one with calmer subnets can.
    let mut stream = Stream::new(0, Purpose::Test, 0);
    let mut well_conditioned = after;
    for (name, values) in &mut well_conditioned {
        if name.contains(".conv3.") {
            values.iter_mut().for_each(|v| *v *= 0.1);
        } else if name.ends_with("log_alpha") {
            values.iter_mut().for_each(|v| *v = stream.range(-0.1, 0.1));
        }
    }
    let executor = executor_of::<f32>(run.spec(), well_conditioned);
    let back = executor.decode(&executor.encode(&x).unwrap().z).unwrap();
    let widen = |values: &[f32]| values.iter().map(|&v| f64::from(v)).collect::<Vec<_>>();
    assert_close("round trip", &widen(&back), &widen(&x), 1e-3);
}
