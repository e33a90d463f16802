//! The trainer's graph against the CPU executor on the weights of the shipped models. (The other executors are compared
//! with the CPU's in `gpu.rs` and in the browser tests.)
#![allow(clippy::unwrap_used)]

use std::path::Path;

use burn::tensor::Device;
use ibinn::spec::fold::{BATCH_NORM_EPSILON, Tensors};
use ibinn::spec::tensors::{HiddenTensors, PERMUTATION, TensorInfo, training_tensors};
use ibinn::synthetic::{self, Alphabet};
use ibinn::{CpuExecutor, Model};
use ibinn_tests::golden::assert_close;
use trainer::net::{BatchNorm, Net, mixture, ops};

/// Training form of a model whose batch-norm has been folded: batch-norms that do nothing but add the bias.
fn unfolded(model: &Model) -> Tensors {
    let spec = model.spec();
    let values =
        |info: &TensorInfo| -> Vec<f64> { model.tensor(info).iter().map(|&v| f64::from(v)).collect() };
    let order = model.permutation().iter().map(|&i| f64::from(i)).collect();
    let mut tensors = Tensors::from([(PERMUTATION.into(), order)]);
    for HiddenTensors { conv, norm } in spec.subnets().iter().flat_map(|subnet| subnet.tensors().hidden) {
        let width = norm.gamma.len();
        tensors.insert(norm.gamma.name, vec![1.0; width]);
        tensors.insert(norm.beta.name, values(&conv.bias));
        tensors.insert(norm.running_mean.name, vec![0.0; width]);
        tensors.insert(norm.running_var.name, vec![1.0 - BATCH_NORM_EPSILON; width]);
    }
    for info in training_tensors(spec) {
        tensors.entry(info.name.clone()).or_insert_with(|| values(&info));
    }
    tensors
}

#[test]
fn shipped_models_agree() {
    for name in ["fashion-mnist-gamma-1", "digits-gamma-1"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../www/public/models/{name}.safetensors"));
        let model = Model::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        let draw = |i| synthetic::draw(Alphabet::Digits, synthetic::Split::Test, 0, i).pixels;
        let pixels: Vec<f32> = (0..16).flat_map(draw).map(|v| f32::from(v) / 255.0).collect();
        let x = model.spec().normalize(&pixels);

        let net = Net::new(model.spec(), model.permutation(), &Device::flex());
        let values = net.upload(&unfolded(&model));
        let forward = net.forward(&values, net.images(x.clone()), BatchNorm::Running, None);
        let encoded = CpuExecutor::<f32>::new(&model).encode(&x).unwrap();
        let widen = |values: &[f32]| -> Vec<f64> { values.iter().map(|&v| f64::from(v)).collect() };
        assert_close(&format!("{name} z"), &ops::read(forward.features.clone()), &widen(&encoded.z), 1e-4);
        let log_det = forward.log_det.unwrap();
        assert_close(&format!("{name} log-det"), &ops::read(log_det.clone()), &widen(&encoded.log_det), 1e-4);

        let classes = model.spec().classes().len();
        let targets = mixture::smoothed_targets(&[0; 16], classes, 0.0);
        let targets = burn::tensor::Tensor::from_data(targets, net.device());
        let objective = mixture::Objective::InformationBottleneck("1".parse().unwrap());
        let losses = mixture::losses(&forward.features, &log_det, net.means(&values), targets, objective);
        let latents = model.mixture().unwrap();
        let score = |(z, &log_det): (&[f32], &f32)| latents.score(z, f64::from(log_det)).posterior.logits;
        let logits: Vec<f64> =
            encoded.z.chunks(model.spec().dims()).zip(&encoded.log_det).flat_map(score).collect();
        assert_close(&format!("{name} logits"), &ops::read(losses.logits), &logits, 1e-4);
    }
}
