//! The kernels of training on a GPU against the core on flows of five shapes: the gradient of every tensor, steps, and running
//! statistics. They run on whatever adapter this machine has (in CI, Mesa's software Vulkan); without one these tests fail.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, DeviceKind};
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::Tensors;
use ibinn::training::{Dropout, Memory, Sgd, Step, Trainee};
use ibinn::{Family, InputSpec, Method, ModelSpec, SpecFields, StageSpec, Stem};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::weights;
use trainer::kernels::FlowTrainee;

/// Of gradients and tensors, relative to the largest number of each.
const TOLERANCE: f64 = 1e-4;

/// A flow on images of so many channels, rows and columns, with such subnets in each stage, and a size of batch.
fn flow(stem: Stem, [channels, height, width]: [usize; 3], stages: &[(usize, usize)]) -> ModelSpec {
    SpecFields {
        family: Family::IbInn,
        input: InputSpec { channels, height, width, mean: vec![0.5; channels], std: vec![0.25; channels] },
        stem,
        stages: stages.iter().map(|&(blocks, width)| StageSpec { blocks, width }).collect(),
        dense_hidden: 6,
        classes: vec!["a".into(), "b".into(), "c".into()],
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

/// Odd and even channels and widths, tiles of channels that are full, nearly empty and several, one pixel and many.
fn shapes() -> [(ModelSpec, usize); 5] {
    [
        (flow(Stem::Image, [3, 8, 8], &[(2, 4), (2, 4), (2, 4)]), 11),
        (flow(Stem::Haar, [1, 8, 8], &[(2, 5)]), 2),
        (flow(Stem::Image, [2, 12, 12], &[(1, 9), (1, 16)]), 3),
        (flow(Stem::Image, [5, 4, 4], &[(3, 17)]), 7),
        (flow(Stem::Haar, [1, 16, 16], &[(1, 8), (1, 11), (2, 3)]), 70),
    ]
}

fn step(method: Method, number: u64) -> Step {
    Step {
        method,
        label_smoothing: 0.05,
        dropout: Dropout { seed: 1, step: number, conv: vec![0.0, 0.25, 0.25], dense: 0.5 },
        sgd: Sgd {
            momentum: 0.9,
            weight_decay: 0.0,
            clip: f64::INFINITY,
            means_rate: 3.0,
            weights_rate: 0.0,
        },
        muon: None,
        learning_rate: 0.001,
        average: None,
    }
}

/// Compares relative to the largest number: a sum over a batch in which terms cancel loses some digits of single precision.
fn close(what: &str, got: &[f64], wanted: &[f64]) {
    let scale = wanted.iter().fold(1e-2f64, |most, v| most.max(v.abs()));
    let scaled = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
    assert_close(what, &scaled(got), &scaled(wanted), TOLERANCE);
}

fn close_tensors(what: &str, got: &Tensors, wanted: &Tensors) {
    assert_eq!(got.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{what}");
    for (name, got) in got {
        close(&format!("{what} of {name}"), got, &wanted[name]);
    }
}

#[test]
fn gradients_steps_and_statistics_are_those_of_the_core() {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    let methods = [Method::IbInn { gamma: "0.5".parse().unwrap() }, Method::ClassNll { frozen_means: None }];
    for (number, (spec, batch)) in shapes().into_iter().enumerate() {
        let (tensors, none) = (weights(&spec), Tensors::new());
        let mut core = Trainee::new(&spec, &tensors, &none, Memory::Stored);
        let mut gpu = FlowTrainee::new(&spec, &tensors, &none, &device);
        let mut stream = Stream::new(6, Purpose::Test, number as u64);
        let what = format!("shape {number}");
        for i in 0..2 {
            let images: Vec<f32> = (0..batch * spec.dims()).map(|_| stream.normal() as f32).collect();
            let labels: Vec<u16> = (0..batch).map(|_| stream.below(3) as u16).collect();
            let step = step(methods[number % 2], i);
            let wanted = core.learn(&images, &labels, &step).unwrap();
            let got = gpu.learn(images, &labels, &step).unwrap();
            let numbers = |report: ibinn::training::StepReport| {
                let terms = report.terms;
                [Some(terms.loss), terms.l_x, terms.class_nll, Some(terms.l_y), Some(report.gradient_norm)]
                    .map(Option::unwrap)
            };
            close(&what, &numbers(got), &numbers(wanted));
            assert_eq!(got.terms.accuracy, wanted.terms.accuracy, "{what}");
            if i == 0 {
                // Without decay, the first velocities are the gradients.
                close_tensors(&format!("{what}: gradient"), &gpu.velocities(), &core.velocities());
            }
        }
        let dropout = step(methods[0], 2).dropout;
        let images: Vec<f32> = (0..batch * spec.dims()).map(|_| stream.normal() as f32).collect();
        core.observe(&images, &dropout, 0.5);
        gpu.observe(images, &dropout, 0.5);
        close_tensors(&what, &gpu.tensors(), &core.tensors());
    }
}
