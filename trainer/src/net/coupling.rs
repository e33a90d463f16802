//! Coupling blocks (method §2.2) and down-couplings (method §2.4).

use burn::tensor::Tensor;
use ibinn::spec::element::{Coupling, Down};
use ibinn::spec::tensors::CouplingTensors;

use super::fixed::space_to_depth;
use super::fused::Chain;
use super::{BatchNorm, Pass, ops};

/// The trained tensors of a coupling block: those of its subnet in the order of its layers, then its own.
const BLOCK_PARAMETERS: [&str; 10] = [
    "subnet.conv1.weight",
    "subnet.bn1.gamma",
    "subnet.bn1.beta",
    "subnet.conv2.weight",
    "subnet.bn2.gamma",
    "subnet.bn2.beta",
    "subnet.conv3.weight",
    "subnet.conv3.bias",
    "scale.log_alpha",
    "offset",
];

impl Pass<'_> {
    /// A run of coupling blocks: the transformed map and its log-det per image.
    pub(super) fn couplings(
        &mut self,
        couplings: &[&Coupling],
        x: Tensor<4>,
        stage: usize,
    ) -> (Tensor<4>, Tensor<1>) {
        let device = self.net.device().clone();
        if self.batch_norm == BatchNorm::Batch
            && let Some(first) = couplings.first()
            && let Some(chain) = Chain::enter(&x, self.net.memory, &self.net.buffers, &device)
        {
            let run = |chain: Chain, coupling: &&Coupling| self.fused(chain, coupling, stage);
            if let Some(chain) = couplings.iter().try_fold(chain, run) {
                return chain.leave(first.shape);
            }
            unreachable!("what runs the state of a chain runs its parameters");
        }
        self.composed_couplings(couplings, x, stage)
    }

    /// The same from Burn's operations, which every device has.
    fn composed_couplings(
        &mut self,
        couplings: &[&Coupling],
        x: Tensor<4>,
        stage: usize,
    ) -> (Tensor<4>, Tensor<1>) {
        let log_det = Tensor::zeros([x.dims()[0]], self.net.device());
        let log_det = if x.is_autodiff() { log_det.autodiff() } else { log_det };
        couplings.iter().fold((x, log_det), |(x, sum), coupling| {
            let (x, log_det) = self.coupling(coupling, x, stage);
            (x, sum + log_det)
        })
    }

    fn fused(&mut self, chain: Chain, coupling: &Coupling, stage: usize) -> Option<Chain> {
        let subnet = coupling.subnet();
        let batch = chain.batch();
        let survivors = self.channel_survivors(&subnet, batch, stage);
        let parameters = BLOCK_PARAMETERS.map(|name| self.flat(&format!("{}.{name}", coupling.name)));
        let rotation = ops::read_f32(self.flat(&format!("{}.mix.matrix", coupling.name)));
        let (chain, statistics) = chain.block(coupling, parameters, rotation, survivors)?;
        self.statistics.extend(statistics);
        Some(chain)
    }

    /// One coupling block: the transformed map and its log-det per image.
    fn coupling(&mut self, coupling: &Coupling, x: Tensor<4>, stage: usize) -> (Tensor<4>, Tensor<1>) {
        let (first, second) = coupling.split();
        let x1 = x.clone().narrow(1, 0, first);
        let x2 = x.narrow(1, first, second);
        let a = self.subnet(&coupling.subnet(), x1.clone(), stage);
        let (x2, log_det) = ops::affine(x2, a, Coupling::CLAMP_SLOPE);
        let c = coupling.shape.channels;
        let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
        let (alpha, rotation) = (self.get::<1>(&log_alpha), self.get::<2>(&rotation));
        let mix = alpha.clone().exp().reshape([c, 1]) * rotation;
        let y = Tensor::cat(vec![x1, x2], 1);
        let y = ops::conv1x1(y, mix.reshape([c, c, 1, 1]), self.get(&offset));
        (y, log_det + alpha.sum() * coupling.shape.pixels() as f64)
    }

    /// One down-coupling: the folded, transformed map and its log-det per image.
    pub(super) fn down(&mut self, down: &Down, x: Tensor<4>, stage: usize) -> (Tensor<4>, Tensor<1>) {
        let (first, second) = down.split();
        let x1 = x.clone().narrow(1, 0, first);
        let x2 = x.narrow(1, first, second);
        // The authors drop nothing in the strided subnet, and the left stage's share in the other (method §2.3, §9).
        let a = self.subnet(&down.strided(), x1.clone(), usize::MAX);
        let (y2, log_det2) = ops::affine(space_to_depth(x2), a, Down::CLAMP_SLOPE);
        let a = self.subnet(&down.lowres(), y2.clone(), stage);
        let (y1, log_det1) = ops::affine(space_to_depth(x1), a, Down::CLAMP_SLOPE);
        (Tensor::cat(vec![y1, y2], 1), log_det1 + log_det2)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::net::{Dropout, Net};
    use burn::tensor::{Device, TensorData};
    use ibinn::Preset;
    use ibinn::math::random::{Purpose, Stream};
    use ibinn_runs::config::Memory;

    /// Maps, log-dets, batch statistics and gradients (of x, then of the blocks' parameters) of the last stage for a random
    /// cotangent, with dropout.
    fn run(memory: Option<Memory>) -> Vec<Vec<f64>> {
        let spec = Preset::Tiny.spec().unwrap();
        let permutation: Vec<u32> = (0..spec.dims() as u32).collect();
        let net = Net::new(&spec, &permutation, &Device::flex()).with_memory(memory.unwrap_or_default());
        let mut stream = Stream::new(7, Purpose::Test, 0);
        let mut draw = |n: usize| -> Vec<f64> { (0..n).map(|_| stream.normal()).collect() };
        let mut tensors = crate::train::init::initial_tensors(&spec, 1, 0.9, 5.0);
        for (name, values) in &mut tensors {
            if [".gamma", ".beta", ".offset", ".log_alpha"].iter().any(|end| name.ends_with(end)) {
                let noise = draw(values.len());
                values.iter_mut().zip(noise).for_each(|(value, noise)| *value += 0.3 * noise);
            }
        }
        let values = net.tracked(&net.upload(&tensors));
        let dropout = Dropout { seed: 1, step: 2, conv: vec![0.3; 2], dense: 0.0 };
        let mut pass = Pass {
            net: &net,
            values: &values,
            batch_norm: BatchNorm::Batch,
            dropout: Some(&dropout),
            layers: 0,
            statistics: Vec::new(),
        };
        let elements = spec.elements().iter().filter_map(super::super::coupling);
        let couplings: Vec<_> = elements.filter(|c| c.name.starts_with("stage1")).collect();
        let shape = couplings[0].shape;
        let shape = [11, shape.channels, shape.height, shape.width];
        let mut tensor = |shape: [usize; 4]| {
            let numbers: Vec<f32> = draw(shape.iter().product()).iter().map(|&v| v as f32).collect();
            Tensor::<4>::from_data(TensorData::new(numbers, shape), net.device()).autodiff()
        };
        let (x, cotangent) = (tensor(shape).require_grad(), tensor(shape));
        let (y, log_det) = match memory {
            Some(_) => pass.couplings(&couplings, x.clone(), 1),
            None => pass.composed_couplings(&couplings, x.clone(), 1),
        };
        let mut results = vec![ops::read(y.clone()), ops::read(log_det.clone())];
        let loss = (y * cotangent).sum() + (log_det.clone() * log_det).sum() * 0.01;
        let mut gradients = loss.backward();
        for statistics in pass.statistics {
            results.extend([ops::read(statistics.mean), ops::read(statistics.variance)]);
        }
        results.push(ops::read(x.grad_remove(&mut gradients).unwrap()));
        for coupling in couplings {
            for name in BLOCK_PARAMETERS {
                let value = &values[net.index[&format!("{}.{name}", coupling.name)]];
                results.push(ops::read(value.grad_remove(&mut gradients).unwrap()));
            }
        }
        results
    }

    #[test]
    fn fused_and_composed_blocks_agree_with_dropout() {
        let (fused, composed) = (run(Some(Memory::Stored)), run(None));
        assert_eq!(fused.len(), composed.len());
        for (i, (got, wanted)) in fused.iter().zip(&composed).enumerate() {
            assert_eq!(got.len(), wanted.len());
            let scale = wanted.iter().fold(1e-3f64, |most, v| most.max(v.abs()));
            for (got, wanted) in got.iter().zip(wanted) {
                assert!((got - wanted).abs() < 1e-5 * scale, "result {i}: {got} for {wanted}");
            }
        }
    }

    #[test]
    fn recomputed_blocks_give_the_same_gradients_to_the_bit() {
        assert!(run(Some(Memory::Stored)) == run(Some(Memory::Reversible)));
    }
}
