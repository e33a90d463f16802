//! Resuming a run on colour images: with augmentation, noise and every kind of dropout on, it is the same to the bit as
//! never having stopped.
#![allow(clippy::unwrap_used)]

use ibinn::math::random::{Purpose, Stream};
use ibinn::{Gamma, MethodName, Preset};
use ibinn_data::{Augmentation, Dataset, Images};
use ibinn_runs::config::{Backend, Config, Recipe, Settings};
use trainer::backend::choose;
use trainer::train::Run;

/// Ten small pictures of random colours.
fn pictures() -> Dataset {
    let mut stream = Stream::new(0, Purpose::Test, 0);
    Dataset {
        name: "pictures".into(),
        shape: [3, 32, 32],
        images: Images::new((0..10 * 3072).map(|_| stream.below(256) as u8).collect(), 3072),
        labels: (0..10).collect(),
        class_names: (0..10).map(|k| k.to_string()).collect(),
        mean: vec![0.4914, 0.4822, 0.4465],
        std: vec![0.247, 0.243, 0.261],
    }
}

fn settings(preset: Preset, method: MethodName) -> Settings {
    Settings {
        preset: Some(preset.into()),
        method: Some(method),
        batch: Some(4),
        backend: Some(Backend::Cpu),
        ..Settings::default()
    }
}

fn check(settings: Settings) {
    let config = Config::resolve(settings).unwrap();
    assert!(config.augment != Augmentation::None && config.dequantize);
    assert!([config.noise, config.conv_dropout, config.dense_dropout].iter().all(|v| *v > 0.0));
    let (data, device) = (pictures(), choose(config.backend).unwrap());
    let mut straight = Run::start(&config, &data, &device).unwrap();
    straight.advance().unwrap();
    let mut resumed = Run::resume(&config, &data, &device, straight.checkpoint().unwrap()).unwrap();
    // Two steps are an epoch, so this also crosses into another order of the images.
    for _ in 0..2 {
        assert_eq!(straight.advance().unwrap(), resumed.advance().unwrap());
    }
    assert!(straight.checkpoint().unwrap() == resumed.checkpoint().unwrap(), "resuming gave other tensors");
}

#[test]
fn a_resumed_run_on_colour_images_is_a_straight_one() {
    check(settings(Preset::Cifar10, MethodName::IbInn));
}

#[test]
fn a_resumed_vib_is_a_straight_one() {
    check(settings(Preset::Cifar10, MethodName::Vib));
}

#[test]
fn a_resumed_run_by_the_fast_recipe_is_a_straight_one_with_its_averages() {
    check(Settings {
        recipe: Some(Recipe::Fast),
        average: Some(0.9),
        gamma_start: Gamma::new(30.0),
        conv_dropout: Some(0.1),
        ..settings(Preset::Compact32, MethodName::IbInn)
    });
}
