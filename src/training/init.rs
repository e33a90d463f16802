//! Initial weights (method §2.3, §2.2, §2.6, §2.8, §3.1), each tensor from its own stream of random numbers.

use crate::ModelSpec;
use crate::head::mixture::initial_means;
use crate::math::random::{Purpose, Stream};
use crate::spec::element::Element;
use crate::spec::feed_forward::Layer;
use crate::spec::fold::Tensors;
use crate::spec::linear::DenseNet;
use crate::spec::tensors::{LayerTensors, SubnetTensors, TensorInfo, TensorKind, training_tensors};

/// Every training-form tensor of a fresh network.
///
/// `scale` is the initial channel scale of the coupling blocks, `distance` that between the means.
pub fn initial_tensors(spec: &ModelSpec, seed: u64, scale: f64, distance: f64) -> Tensors {
    let layers = layers(spec);
    let one = |(i, info): (usize, TensorInfo)| {
        let mut stream = Stream::new(seed, Purpose::Init, i as u64);
        let values = initial_values(spec, &layers, &info, &mut stream, scale, distance);
        (info.name, values)
    };
    training_tensors(spec).into_iter().enumerate().map(one).collect()
}

/// How the weights of a layer begin.
#[derive(Clone, Copy)]
enum Start {
    /// He-normal, times a gain.
    He(f64),
    /// As the framework's default has them: those of the models without a mixture that are in no subnet (method §2.8).
    Uniform,
}

/// All layers with weights and how these begin.
fn layers(spec: &ModelSpec) -> Vec<(LayerTensors, Start)> {
    let mut layers = Vec::new();
    for subnet in spec.subnets() {
        let SubnetTensors { hidden, last } = subnet.tensors();
        let subnet = hidden.into_iter().map(|layer| layer.conv).chain([last]);
        layers.extend(subnet.map(|layer| (layer, Start::He(1.0))));
    }
    for element in spec.elements() {
        if let Element::Dense(dense) = element {
            let nets = dense.nets();
            layers.extend(nets.iter().flat_map(DenseNet::tensors).map(|layer| (layer, Start::He(0.1))));
        }
    }
    for layer in spec.layers() {
        match layer {
            Layer::Entry(entry) => layers.push((entry.tensors(), Start::Uniform)),
            Layer::Block(block) => layers.extend(block.skip_tensors().map(|skip| (skip, Start::Uniform))),
            Layer::Dense(net) => layers.extend(net.tensors().map(|layer| (layer, Start::He(1.0)))),
            Layer::Haar { .. } | Layer::Pool { .. } => {}
        }
    }
    layers.extend(spec.head().layers().iter().map(|layer| (layer.tensors(), Start::Uniform)));
    layers
}

fn fan_in(weight: &TensorInfo) -> usize {
    weight.shape[1..].iter().product()
}

fn initial_values(
    spec: &ModelSpec,
    layers: &[(LayerTensors, Start)],
    info: &TensorInfo,
    stream: &mut Stream,
    scale: f64,
    distance: f64,
) -> Vec<f64> {
    let layer = || {
        let found = layers.iter().find(|(layer, _)| layer.weight == *info || layer.bias == *info);
        found.unwrap_or_else(|| unreachable!("{} belongs to a layer", info.name))
    };
    match info.kind {
        TensorKind::Means | TensorKind::EmpiricalMeans => {
            initial_means(spec.classes().len(), spec.dims(), distance)
        }
        TensorKind::Permutation => stream.permutation(info.len()).into_iter().map(f64::from).collect(),
        TensorKind::Rotation => random_rotation(info.shape[0], stream),
        TensorKind::Weight => match layer().1 {
            Start::He(gain) => {
                let std = gain * (2.0 / fan_in(info) as f64).sqrt();
                (0..info.len()).map(|_| std * stream.normal()).collect()
            }
            Start::Uniform => uniform(stream, info.len(), fan_in(info)),
        },
        TensorKind::Bias => uniform(stream, info.len(), fan_in(&layer().0.weight)),
        TensorKind::NormScale | TensorKind::RunningVariance => vec![1.0; info.len()],
        TensorKind::LogScale => vec![scale.ln(); info.len()],
        TensorKind::NormShift | TensorKind::RunningMean | TensorKind::Offset | TensorKind::LogWeights => {
            vec![0.0; info.len()]
        }
    }
}

/// The framework's default: uniform within ±1/√fan-in of the layer.
fn uniform(stream: &mut Stream, count: usize, fan_in: usize) -> Vec<f64> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    (0..count).map(|_| stream.range(-bound, bound)).collect()
}

/// An n×n rotation from the Haar measure on SO(n), row-major: Gram–Schmidt on a Gaussian matrix is its QR
/// decomposition with a positive diagonal; one sign is flipped where the determinant is −1.
pub fn random_rotation(n: usize, stream: &mut Stream) -> Vec<f64> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(n);
    while rows.len() < n {
        let mut row: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        // Twice, since one pass of Gram–Schmidt loses orthogonality to rounding.
        for _ in 0..2 {
            for other in &rows {
                let dot: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(a, b)| *a -= dot * b);
            }
        }
        let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
        if norm > 1e-6 {
            rows.push(row.into_iter().map(|v| v / norm).collect());
        }
    }
    let mut matrix = rows.concat();
    if determinant(&matrix, n) < 0.0 {
        matrix[..n].iter_mut().for_each(|v| *v = -*v);
    }
    matrix
}

/// Determinant of a row-major n×n matrix, by Gaussian elimination with pivoting.
fn determinant(matrix: &[f64], n: usize) -> f64 {
    let mut m = matrix.to_vec();
    let mut result = 1.0;
    for k in 0..n {
        let pivot =
            (k..n).fold(k, |best, i| if m[i * n + k].abs() > m[best * n + k].abs() { i } else { best });
        if m[pivot * n + k] == 0.0 {
            return 0.0;
        }
        if pivot != k {
            (0..n).for_each(|j| m.swap(k * n + j, pivot * n + j));
            result = -result;
        }
        result *= m[k * n + k];
        for i in k + 1..n {
            let factor = m[i * n + k] / m[k * n + k];
            (k..n).for_each(|j| m[i * n + j] -= factor * m[k * n + j]);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Family, Preset};

    #[test]
    fn rotations_are_orthogonal_with_determinant_one() {
        for n in [3, 12, 48] {
            let draw = |index| random_rotation(n, &mut Stream::new(0, Purpose::Test, index));
            let m = draw(n as u64);
            for i in 0..n {
                for j in 0..n {
                    let dot: f64 = (0..n).map(|k| m[i * n + k] * m[j * n + k]).sum();
                    assert!((dot - if i == j { 1.0 } else { 0.0 }).abs() < 1e-12);
                }
            }
            assert!((determinant(&m, n) - 1.0).abs() < 1e-9);
            assert_ne!(m, draw(1000 + n as u64));
        }
    }

    #[test]
    fn standard_deviations_are_those_of_the_paper() {
        let tensors = initial_tensors(&Preset::Cifar10.spec().unwrap(), 0, 0.75, 5.0);
        let std = |name: &str| {
            let values = &tensors[name];
            (values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64).sqrt()
        };
        for (name, wanted) in [
            ("stage0.block0.subnet.conv1.weight", 0.3333),
            ("stage2.block3.subnet.conv2.weight", 0.058_93),
            ("stage2.block3.subnet.conv3.weight", 0.176_78),
            ("dense.net1.fc1.weight", 0.003_608_4),
            ("dense.net2.fc2.weight", 0.004_419_4),
        ] {
            assert!((std(name) / wanted - 1.0).abs() < 0.1, "{name}: {} instead of {wanted}", std(name));
        }
        let bias = &tensors["dense.net2.fc1.bias"];
        assert!(bias.iter().all(|b| b.abs() <= 0.025_516) && bias.iter().any(|b| b.abs() > 0.024));
        assert!(tensors["stage0.block0.scale.log_alpha"].iter().all(|a| (a + 0.287_682).abs() < 1e-6));
    }

    #[test]
    fn layers_outside_of_the_subnets_begin_as_the_framework_has_them() {
        let spec = Preset::Cifar10.spec().unwrap();
        let of = |family| initial_tensors(&spec.with_family(family).unwrap(), 0, 0.75, 5.0);
        let vib = of(Family::Vib);
        let bounded = |tensors: &Tensors, name: &str, bound: f64| {
            let most = tensors[name].iter().fold(0.0f64, |most, v| most.max(v.abs()));
            assert!(most <= bound && most > 0.9 * bound, "{name}: {most} is not just below {bound}");
        };
        bounded(&vib, "down0.skip.weight", 1.0 / 27f64.sqrt());
        bounded(&vib, "code.weight", 1.0 / 48f64.sqrt());
        bounded(&vib, "code.bias", 1.0 / 48f64.sqrt());
        bounded(&vib, "head.weight", 1.0 / 128f64.sqrt());
        bounded(&of(Family::IRevNet), "head.weight", 0.018_042_2);
        // He-normal without the dense coupling's factor.
        let dense = &vib["dense.fc1.weight"];
        let std = (dense.iter().map(|v| v * v).sum::<f64>() / dense.len() as f64).sqrt();
        assert!((std / (2f64 / 48.0).sqrt() - 1.0).abs() < 0.02, "{std}");
    }
}
