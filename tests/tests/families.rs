//! Every family of models on random weights: the trainer's graph against the core.
#![allow(clippy::unwrap_used)]

use burn::tensor::{Device, Tensor};
use ibinn::head::Head;
use ibinn::math::random::{Purpose, Stream};
use ibinn::{CpuExecutor, Family, ModelSpec, Preset};
use ibinn_tests::golden::assert_close;
use ibinn_tests::nets::{executor_of, method_of, model_of, permutation_of, small, weights};
use trainer::net::mixture::smoothed_targets;
use trainer::net::{BatchNorm, Net, Terms, ops};

const COUNT: usize = 5;

fn specs() -> impl Iterator<Item = ModelSpec> {
    let of = |family| [small(), Preset::Tiny.spec().unwrap()].map(|spec| spec.with_family(family).unwrap());
    Family::ALL.into_iter().flat_map(of)
}

fn images(spec: &ModelSpec, count: usize) -> Vec<f32> {
    let mut stream = Stream::new(2, Purpose::Test, 0);
    (0..count * spec.dims()).map(|_| stream.normal() as f32).collect()
}

fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

#[test]
fn the_trainers_graph_and_the_core_agree() {
    for spec in specs() {
        let (family, tensors) = (spec.family(), weights(&spec));
        let name = |what: &str| format!("{family}, {} channels: {what}", spec.input().channels);
        let x = images(&spec, COUNT);
        let wanted = executor_of::<f64>(&spec, tensors.clone()).features(&to_f64(&x)).unwrap();
        let single = executor_of::<f32>(&spec, tensors.clone()).features(&x).unwrap();
        assert_eq!(single.len(), COUNT * spec.features());
        assert_close(&name("f32"), &to_f64(&single), &wanted, 1e-4);

        let net = Net::new(&spec, &permutation_of(&tensors), &Device::flex());
        let values = net.upload(&tensors);
        let forward = net.forward(&values, net.images(x.clone()), BatchNorm::Running, None);
        assert_close(&name("graph"), &ops::read(forward.features.clone()), &wanted, 1e-4);

        let classes = spec.classes().len();
        let targets = Tensor::from_data(smoothed_targets(&[1; COUNT], classes, 0.0), net.device());
        let Terms { logits, l_x, kl, .. } = net.terms(&values, &forward, targets, method_of(family), None);
        let model = model_of(&spec, tensors);
        let rows = single.chunks(spec.features());
        let expected: Vec<f64> = match Head::of(&model) {
            Head::Mixture(mixture) => {
                let encoded = CpuExecutor::<f32>::new(&model).encode(&x).unwrap();
                let scores: Vec<_> =
                    rows.zip(encoded.log_det).map(|(z, l)| mixture.score(z, f64::from(l))).collect();
                let mean = scores.iter().map(|score| score.l_x).sum::<f64>() / COUNT as f64;
                assert_close(&name("L_X"), &ops::read(l_x.unwrap()), &[mean], 1e-5);
                scores.into_iter().flat_map(|score| score.posterior.logits).collect()
            }
            Head::Linear(linear) => rows.flat_map(|row| linear.posterior(row).logits).collect(),
            Head::Bottleneck(bottleneck) => {
                let codes: Vec<_> = rows.map(|row| bottleneck.distribution(row)).collect();
                let mean = codes.iter().map(|code| code.kl_bits()).sum::<f64>() / COUNT as f64;
                assert_close(&name("KL"), &ops::read(kl.unwrap()), &[mean], 1e-5);
                codes.iter().flat_map(|code| bottleneck.posterior(&code.mean).logits).collect()
            }
        };
        assert_close(&name("logits"), &ops::read(logits), &expected, 1e-4);
    }
}
