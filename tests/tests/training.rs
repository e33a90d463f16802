//! A step of training by the core against the same step by the graph on Burn: every method, with dropout of both kinds.
#![allow(clippy::unwrap_used)]

use burn::tensor::Device;
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::Tensors;
use ibinn::training::{Dropout, Memory, Sgd, Step, StepReport, Trainee};
use ibinn::{Method, ModelSpec};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::{small, weights};
use trainer::net::GraphTrainee;

/// More than a group of the core's.
const BATCH: usize = 11;

/// Images and labels of a step.
fn batch(spec: &ModelSpec, number: u64) -> (Vec<f32>, Vec<u16>) {
    let mut stream = Stream::new(6, Purpose::Test, number);
    let images = (0..BATCH * spec.dims()).map(|_| stream.normal() as f32).collect();
    (images, (0..BATCH).map(|_| stream.below(spec.classes().len()) as u16).collect())
}

fn step(method: Method, number: u64) -> Step {
    Step {
        method,
        label_smoothing: 0.05,
        dropout: Dropout { seed: 1, step: number, conv: vec![0.0, 0.25, 0.25], dense: 0.5 },
        sgd: Sgd { momentum: 0.9, weight_decay: 1e-4, clip: 8.0, means_rate: 3.0, weights_rate: 0.0 },
        muon: None,
        learning_rate: 0.01,
        average: None,
    }
}

/// Compares relative to the largest number: a sum over a batch in which terms cancel loses some digits of single precision.
fn close(what: &str, got: &[f64], wanted: &[f64]) {
    let scale = wanted.iter().fold(1e-3f64, |most, v| most.max(v.abs()));
    let scaled = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
    assert_close(what, &scaled(got), &scaled(wanted), 5e-5);
}

fn close_reports(what: &str, got: StepReport, wanted: StepReport) {
    let numbers = |report: StepReport| {
        let terms = report.terms;
        let optional = [terms.l_x, terms.class_nll, terms.kl].map(|term| term.unwrap_or(0.0));
        [&[terms.loss, terms.l_y, terms.accuracy, report.gradient_norm][..], &optional[..]].concat()
    };
    for (got, wanted) in numbers(got).into_iter().zip(numbers(wanted)) {
        assert!((got - wanted).abs() < 2e-5 * wanted.abs().max(1.0), "{what}: {got} for {wanted}");
    }
}

fn check(method: Method) {
    let spec = small().with_family(method.family()).unwrap();
    let (tensors, none) = (weights(&spec), Tensors::new());
    let mut core = Trainee::new(&spec, &tensors, &none, Memory::Stored);
    let mut graph = GraphTrainee::new(&spec, &tensors, &none, &Device::flex());
    for number in 0..3 {
        let (images, labels) = batch(&spec, number);
        let step = step(method, number);
        let got = core.learn(&images, &labels, &step).unwrap();
        let wanted = graph.learn(images, &labels, &step).unwrap();
        close_reports(&format!("{method:?}, step {number}"), got, wanted);
        if number == 0 {
            // Before the first decay and momentum, velocities are the gradients.
            let wanted = graph.velocities();
            for (name, got) in core.velocities() {
                close(&format!("{method:?}: gradient of {name}"), &got, &wanted[&name]);
            }
        }
    }
    let dropout = step(method, 3).dropout;
    let (images, _) = batch(&spec, 3);
    core.observe(&images, &dropout, 0.5);
    graph.observe(images, &dropout, 0.5);
    let wanted = graph.tensors();
    for (name, got) in core.tensors() {
        close(&format!("{method:?}: {name}"), &got, &wanted[&name]);
    }
}

#[test]
fn steps_of_every_method_agree() {
    let gamma = "0.5".parse().unwrap();
    let class_nll = Method::ClassNll { frozen_means: None };
    for method in [Method::IbInn { gamma }, class_nll, Method::IRevNet, Method::ResNet, Method::Vib { gamma }]
    {
        check(method);
    }
}
