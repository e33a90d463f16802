//! Gradients of the trainer's graph, of every loss, against central differences of its definition on the core's executor
//! in f64.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor};
use ibinn::head::posterior::{log_sum_exp, smooth_label};
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{MEANS, Role};
use ibinn::{Method, ModelSpec};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::{executor_of, permutation_of, small, weights};
use trainer::net::mixture::smoothed_targets;
use trainer::net::{BatchNorm, Net, code_noise, ops};

const LABELS: [u16; 2] = [1, 0];
const SMOOTHING: f64 = 0.1;
/// Half the width of the central differences.
const STEP: f64 = 1e-5;
/// Entries of each tensor that are compared.
const ENTRIES: usize = 6;

/// A linear layer from its definition.
fn linear(tensors: &Tensors, name: &str, x: &[f64]) -> Vec<f64> {
    let (weight, bias) = (&tensors[&format!("{name}.weight")], &tensors[&format!("{name}.bias")]);
    let rows = weight.chunks(x.len()).zip(bias);
    rows.map(|(row, bias)| bias + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()).collect()
}

/// Σ_y y_y·log softmax_y(logits) for the smoothed label.
fn log_likelihood(logits: &[f64], label: u16) -> f64 {
    let total = log_sum_exp(logits);
    let targets = smooth_label(usize::from(label), logits.len(), SMOOTHING);
    targets.iter().zip(logits).map(|(t, l)| t * (l - total)).sum()
}

/// The loss of one image from its definition (method §3.3): of what the network makes of it, its log-det and the noise of
/// its code.
fn definition(
    spec: &ModelSpec,
    tensors: &Tensors,
    method: Method,
    (features, log_det, noise): (&[f64], f64, &[f64]),
    label: u16,
) -> f64 {
    let (dims, classes) = (spec.dims() as f64, spec.classes().len() as f64);
    let mixture = || {
        let square = |mu: &[f64]| mu.iter().zip(features).map(|(m, z)| (z - m) * (z - m)).sum::<f64>();
        let means = tensors[MEANS].chunks(features.len());
        means.map(|mu| -square(mu) / 2.0).collect::<Vec<f64>>()
    };
    match method {
        Method::IbInn { gamma } => {
            let logits = mixture();
            let l_x = -(log_sum_exp(&logits) - classes.ln() + log_det) / dims;
            let l_y = log_likelihood(&logits, label) + classes.ln();
            let (weight_x, weight_y) = gamma.loss_weights();
            weight_x * l_x - weight_y * l_y
        }
        Method::ClassNll { .. } => -2.0 * (mixture()[usize::from(label)] + log_det) / dims,
        Method::ResNet | Method::IRevNet => {
            -200.0 / 101.0 * log_likelihood(&linear(tensors, "head", features), label)
        }
        Method::Vib { gamma } => {
            let code = linear(tensors, "code", features);
            let (means, spreads) = code.split_at(128);
            let std: Vec<f64> = spreads.iter().map(|r| (1.0 + (r - 5.0).exp()).ln()).collect();
            let term = |(m, s): (&f64, &f64)| 1.0 + 2.0 * s.ln() - m * m - s * s;
            let kl = -0.5 * means.iter().zip(&std).map(term).sum::<f64>() / 2f64.ln();
            let code: Vec<f64> = means.iter().zip(&std).zip(noise).map(|((m, s), n)| m + s * n).collect();
            let cross_entropy = -log_likelihood(&linear(tensors, "head", &code), label) / 2f64.ln();
            let gamma = gamma.value();
            2.0 / (1.0 + gamma) * (kl / dims + gamma * cross_entropy)
        }
    }
}

/// The mean of [`definition`] over a batch x′ with the noise of its codes.
fn batch_loss(spec: &ModelSpec, tensors: &Tensors, method: Method, (x, noise): (&[f64], &[f64])) -> f64 {
    let executor = executor_of::<f64>(spec, tensors.clone());
    let (features, log_det) = if spec.family().is_flow() {
        let encoded = executor.encode(x).unwrap();
        (encoded.z, encoded.log_det)
    } else {
        (executor.features(x).unwrap(), vec![0.0; LABELS.len()])
    };
    let images = features.chunks(spec.features()).zip(&log_det).zip(noise.chunks(128)).zip(LABELS);
    let losses = images.map(|(((features, &log_det), noise), label)| {
        definition(spec, tensors, method, (features, log_det, noise), label)
    });
    losses.sum::<f64>() / LABELS.len() as f64
}

fn check(method: Method) {
    let family = method.family();
    let spec = small().with_family(family).unwrap();
    let tensors = weights(&spec);
    let mut stream = Stream::new(4, Purpose::Test, 0);
    // Rounded once, so that both sides see the same numbers.
    let x: Vec<f64> = (0..LABELS.len() * spec.dims()).map(|_| f64::from(stream.normal() as f32)).collect();
    let tensors: Tensors = tensors
        .into_iter()
        .map(|(name, values)| (name, values.into_iter().map(|v| f64::from(v as f32)).collect()))
        .collect();
    let net = Net::new(&spec, &permutation_of(&tensors), &Device::flex());
    let noise = code_noise(3, 7, LABELS.len(), net.device());
    let drawn = ops::read(noise.clone());
    let value = |tensors: &Tensors, x: &[f64]| batch_loss(&spec, tensors, method, (x, &drawn));

    let tracked = net.tracked(&net.upload(&tensors));
    let input = net.images(x.iter().map(|&v| v as f32).collect()).autodiff().require_grad();
    let targets = smoothed_targets(&LABELS, spec.classes().len(), SMOOTHING);
    let targets = Tensor::<2>::from_data(targets, net.device()).autodiff();
    let forward = net.forward(&tracked, input.clone(), BatchNorm::Running, None);
    let terms = net.terms(&tracked, &forward, targets, method, Some(noise.autodiff()));
    let mut gradients = terms.loss.backward();
    assert_close("loss", &ops::read(terms.loss.inner()), &[value(&tensors, &x)], 1e-5);

    let mut compare = |name: &str, gradient: Vec<f64>, moved: &dyn Fn(usize, f64) -> f64| {
        let chosen: Vec<usize> = (0..ENTRIES).map(|_| stream.below(gradient.len())).collect();
        let wanted: Vec<f64> =
            chosen.iter().map(|&i| (moved(i, STEP) - moved(i, -STEP)) / (2.0 * STEP)).collect();
        let got: Vec<f64> = chosen.iter().map(|&i| gradient[i]).collect();
        let scale = gradient.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        assert!(scale > 0.0, "{family}: {name} has no gradient");
        let scaled = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
        assert_close(&format!("{family}: {name}"), &scaled(&got), &scaled(&wanted), 1e-4);
    };
    let gradient = ops::read(input.grad_remove(&mut gradients).unwrap());
    compare("input", gradient, &|i, step| {
        let mut moved = x.clone();
        moved[i] += step;
        value(&tensors, &moved)
    });
    for (info, parameter) in net.infos().iter().zip(&tracked) {
        if !matches!(info.role(), Role::Network | Role::Means) {
            continue;
        }
        let gradient = ops::read(parameter.grad_remove(&mut gradients).unwrap());
        compare(&info.name, gradient, &|i, step| {
            let mut moved = tensors.clone();
            moved.get_mut(&info.name).unwrap()[i] += step;
            value(&moved, &x)
        });
    }
}

#[test]
fn gradients_of_the_information_bottleneck() {
    let gamma = "0.5".parse().unwrap();
    check(Method::IbInn { gamma });
}

#[test]
fn gradients_of_class_nll() {
    check(Method::ClassNll { frozen_means: None });
}

#[test]
fn gradients_of_the_cross_entropy() {
    check(Method::ResNet);
    check(Method::IRevNet);
}

#[test]
fn gradients_of_the_variational_bottleneck() {
    check(Method::Vib { gamma: "0.5".parse().unwrap() });
}
