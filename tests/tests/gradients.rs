//! Gradients of the trainer's graph against central differences of the core's executor in f64.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor};
use ibinn::fold::Tensors;
use ibinn::latent::{log_sum_exp, smooth_label};
use ibinn::rng::{Purpose, Stream};
use ibinn::tensors::{MEANS, Role};
use ibinn::{Gamma, ModelSpec};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::{executor_of, permutation_of, small, weights};
use trainer::net::mixture::{Objective, losses, smoothed_targets};
use trainer::net::{BatchNorm, Net, ops};

const LABELS: [u8; 2] = [1, 0];
const SMOOTHING: f64 = 0.1;
/// Half the width of the central differences.
const STEP: f64 = 1e-5;
/// Entries of each tensor that are compared.
const ENTRIES: usize = 6;

/// L_X, L_Y and L_cN of a batch from their definitions (spec §3.3).
fn definitions(spec: &ModelSpec, tensors: &Tensors, x: &[f64]) -> [f64; 3] {
    let (dims, classes) = (spec.dims(), spec.classes().len());
    let encoded = executor_of::<f64>(spec, tensors.clone()).encode(x).unwrap();
    let mut sums = [0.0; 3];
    for ((z, log_det), label) in encoded.z.chunks(dims).zip(&encoded.log_det).zip(LABELS) {
        let square = |mu: &[f64]| mu.iter().zip(z).map(|(m, z)| (z - m) * (z - m)).sum::<f64>();
        let logits: Vec<f64> = tensors[MEANS].chunks(dims).map(|mu| -square(mu) / 2.0).collect();
        let (total, ln_k) = (log_sum_exp(&logits), (classes as f64).ln());
        let targets = smooth_label(usize::from(label), classes, SMOOTHING);
        sums[0] -= (total - ln_k + log_det) / dims as f64;
        sums[1] += targets.iter().zip(&logits).map(|(t, l)| t * (l - total + ln_k)).sum::<f64>();
        sums[2] -= (logits[usize::from(label)] + log_det) / dims as f64;
    }
    sums.map(|sum| sum / LABELS.len() as f64)
}

#[test]
fn every_gradient_matches_central_differences() {
    let spec = small();
    let tensors = weights(&spec);
    let mut stream = Stream::new(4, Purpose::Test, 0);
    // Rounded once, so that both sides see the same numbers.
    let x: Vec<f64> = (0..LABELS.len() * spec.dims()).map(|_| f64::from(stream.normal() as f32)).collect();
    let tensors: Tensors = tensors
        .into_iter()
        .map(|(name, values)| (name, values.into_iter().map(|v| f64::from(v as f32)).collect()))
        .collect();
    let gamma: Gamma = "0.5".parse().unwrap();
    let (weight_x, weight_y) = gamma.loss_weights();
    let net = Net::new(&spec, &permutation_of(&tensors), &Device::flex());
    for objective in [Objective::InformationBottleneck(gamma), Objective::ClassNll] {
        let value = |tensors: &Tensors, x: &[f64]| {
            let [l_x, l_y, class_nll] = definitions(&spec, tensors, x);
            match objective {
                Objective::InformationBottleneck(_) => weight_x * l_x - weight_y * l_y,
                Objective::ClassNll => 2.0 * class_nll,
            }
        };
        let tracked = net.tracked(&net.upload(&tensors));
        let input = net.images(x.iter().map(|&v| v as f32).collect()).autodiff().require_grad();
        let targets = smoothed_targets(&LABELS, spec.classes().len(), SMOOTHING);
        let targets = Tensor::<2>::from_data(targets, net.device()).autodiff();
        let forward = net.forward(&tracked, input.clone(), BatchNorm::Running, None);
        let losses = losses(&forward, net.means(&tracked), targets, objective);
        let mut gradients = losses.loss.backward();
        assert_close("loss", &ops::read(losses.loss.inner()), &[value(&tensors, &x)], 1e-5);

        let mut compare = |name: &str, gradient: Vec<f64>, moved: &dyn Fn(usize, f64) -> f64| {
            let chosen: Vec<usize> = (0..ENTRIES).map(|_| stream.below(gradient.len())).collect();
            let wanted: Vec<f64> =
                chosen.iter().map(|&i| (moved(i, STEP) - moved(i, -STEP)) / (2.0 * STEP)).collect();
            let got: Vec<f64> = chosen.iter().map(|&i| gradient[i]).collect();
            let scale = gradient.iter().fold(0.0f64, |m, g| m.max(g.abs()));
            assert!(scale > 0.0, "{name} has no gradient");
            let scaled = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
            assert_close(name, &scaled(&got), &scaled(&wanted), 1e-4);
        };
        let gradient = ops::read(input.grad_remove(&mut gradients).unwrap());
        compare("input", gradient, &|i, step| {
            let mut moved = x.clone();
            moved[i] += step;
            value(&tensors, &moved)
        });
        for (info, parameter) in net.infos().iter().zip(&tracked) {
            if !matches!(info.role, Role::Flow | Role::Means) {
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
}
