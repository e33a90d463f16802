//! The core's training on the CPU against the authors' program and against NumPy: losses, gradients, batch-norm statistics and two
//! optimiser steps.

use ibinn::Method;
use ibinn::spec::fold::Tensors;
use ibinn::training::{Batch, Descent, Memory, Net, Sgd, newest_batch};
use ibinn_testing::golden::{DRAWN, Golden, NETS, assert_close};

struct Setup {
    golden: Golden,
    net: Net,
    values: Vec<f32>,
    /// What the program's DCT log-det lacks.
    correction: f64,
}

fn setup(name: &str) -> Option<Setup> {
    let golden = Golden::load(name)?;
    let net = Net::new(&golden.spec, &golden.permutation(), Memory::Stored);
    let tensors: Tensors = golden.training_tensors();
    let values = net.layout().gather(&tensors);
    let correction: f64 = golden.meta("dct_logdet_true_minus_code").parse().unwrap();
    Some(Setup { golden, net, values, correction })
}

fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

impl Setup {
    fn method(&self) -> Method {
        Method::IbInn { gamma: self.golden.meta("gamma").parse().unwrap() }
    }

    /// The loss of the training batch, and the gradient of all tensors.
    fn descent(&self, method: Method) -> (Descent<f32>, Vec<f32>) {
        let images: Vec<f32> = self.golden.get("train.x").iter().map(|&v| v as f32).collect();
        let targets = self.golden.get("train.soft_targets").to_vec();
        let batch = Batch { images: &images, targets: &targets, noise: &[] };
        let mut gradient = vec![0.0; self.net.layout().len()];
        let descent = self.net.descent(&self.values, batch, method, None, &mut gradient, true);
        (descent, gradient)
    }

    fn has(&self, what: &str) -> bool {
        self.golden.names().any(|name| name.strip_prefix("expect.f64.") == Some(what))
    }

    fn close(&self, what: &str, got: &[f64], tolerance: f64) {
        assert_close(what, got, &self.golden.expect("f32", what), tolerance);
    }

    /// Compares relative to the largest entry: gradients are far below 1. What f32 loses on the way back through the net
    /// is up to 1.3e-4 of it, where a sum over pixels nearly cancels.
    fn close_gradient(&self, what: &str, got: &[f32]) {
        let expected = self.golden.expect("f32", what);
        let scale = expected.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        assert!(scale > 0.0, "{what} is zero");
        let scaled = |values: &[f64]| values.iter().map(|v| v / scale).collect::<Vec<_>>();
        assert_close(what, &scaled(&to_f64(got)), &scaled(&expected), 2e-4);
    }
}

fn losses_gradients_and_statistics(nets: &[&str]) {
    for &name in nets {
        let Some(setup) = setup(name) else { return };
        let spec = setup.net.spec();
        // The program's L_X lacks part of the DCT's log-det, which is a constant.
        let shift = setup.correction / spec.dims() as f64;
        for (method, prefix, scale) in [
            (setup.method(), "train", 2.0 / 1.2),
            (Method::ClassNll { frozen_means: None }, "train_class_nll", 2.0),
        ] {
            let (Descent { terms, statistics, images }, gradient) = setup.descent(method);
            setup.close(&format!("{prefix}.loss"), &[terms.loss + scale * shift], 5e-6);
            let mut compared = 0;
            for (info, range) in setup.net.layout().tensors() {
                let what = format!("{prefix}.grad.{}", info.name);
                if setup.has(&what) {
                    setup.close_gradient(&what, &gradient[range]);
                    compared += 1;
                }
            }
            assert!(compared >= if prefix == "train" { 15 } else { 1 }, "{name}: {compared} gradients");
            if prefix != "train" {
                continue;
            }
            setup.close("train.lx.code", &[terms.l_x.unwrap() + shift], 5e-6);
            // L_Y weighs the rounding of z with the distance of the means.
            setup.close("train.ly.soft", &[terms.l_y], 2e-5);
            setup.close("train.class_nll.code", &[terms.class_nll.unwrap() + shift], 5e-6);
            setup.close_gradient("train.grad.x", &images.unwrap());
            let mut compared = 0;
            let newest = newest_batch(spec.family());
            for (info, range) in setup.net.layout().tensors() {
                let what = format!("train.bn_after.{}", info.name);
                let Some((_, batch)) = statistics.iter().find(|(at, _)| *at == range) else { continue };
                if setup.has(&what) {
                    let updated = batch.iter().zip(&setup.values[range]);
                    let updated: Vec<f64> = updated
                        .map(|(&new, &old)| f64::from(new) * newest + f64::from(old) * (1.0 - newest))
                        .collect();
                    setup.close(&what, &updated, 5e-6);
                    compared += 1;
                }
            }
            assert!(compared >= 4, "{name}: {compared} statistics");
        }
    }
}

fn latents_of_training_mode(nets: &[&str]) {
    for &name in nets {
        let Some(setup) = setup(name) else { return };
        let images: Vec<f32> = setup.golden.get("train.x").iter().map(|&v| v as f32).collect();
        let (z, ..) = setup.net.forward(&setup.values, &images, None);
        setup.close("train.z", &to_f64(&z), 1e-5);
    }
}

fn two_optimiser_steps(nets: &[&str]) {
    for &name in nets {
        let Some(mut setup) = setup(name) else { return };
        let clip = setup.golden.meta("clip_norm").parse().unwrap();
        let sgd = Sgd { momentum: 0.9, weight_decay: 1e-4, clip, means_rate: 3.0, weights_rate: 0.0 };
        let mut velocities = vec![0.0; setup.values.len()];
        for step in ["sgd.step1", "sgd.step2"] {
            let (_, gradient) = setup.descent(setup.method());
            let layout = setup.net.layout();
            let norm = sgd.norm(layout, &gradient);
            setup.close(&format!("{step}.grad_norm"), &[norm], 2e-5);
            let clipped = (&gradient[..], sgd.clipping(norm));
            sgd.step(layout, &mut setup.values, &mut velocities, clipped, 0.07, |_| true);
            let mut compared = 0;
            for (info, range) in setup.net.layout().tensors() {
                let what = format!("{step}.{}", info.name);
                if setup.has(&what) {
                    setup.close(&what, &to_f64(&setup.values[range]), 1e-6);
                    compared += 1;
                }
            }
            assert!(compared >= 3, "{name}: {compared} parameters");
        }
    }
}

#[test]
fn training_agrees_with_numpy() {
    losses_gradients_and_statistics(&DRAWN);
    latents_of_training_mode(&DRAWN);
    two_optimiser_steps(&DRAWN);
}

#[test]
fn losses_gradients_and_statistics_agree_with_the_authors_program() {
    losses_gradients_and_statistics(&NETS);
}

#[test]
fn latents_of_training_mode_agree_with_the_authors_program() {
    latents_of_training_mode(&NETS);
}

#[test]
fn two_optimiser_steps_agree_with_the_authors_program() {
    two_optimiser_steps(&NETS);
}
