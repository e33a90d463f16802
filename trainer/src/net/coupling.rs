//! Coupling blocks (method §2.2) and down-couplings (method §2.4).

use burn::tensor::Tensor;
use ibinn::spec::element::{Coupling, Down};
use ibinn::spec::tensors::CouplingTensors;

use super::fixed::space_to_depth;
use super::{Pass, ops};

impl Pass<'_> {
    /// One coupling block: the transformed map and its log-det per image.
    pub(super) fn coupling(
        &mut self,
        coupling: &Coupling,
        x: Tensor<4>,
        stage: usize,
    ) -> (Tensor<4>, Tensor<1>) {
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
