//! The dense coupling (method §2.6).

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use ibinn::spec::element::Dense;
use ibinn::spec::linear::DenseNet;

use super::{Pass, ops};

impl Pass<'_> {
    /// Two linear layers with a ReLU, and dropout in training, between them.
    pub(super) fn dense_net(&mut self, net: &DenseNet, x: Tensor<2>) -> Tensor<2> {
        let [first, second] = net.tensors();
        let mut x = relu(ops::fully_connected(x, self.get(&first.weight), self.get(&first.bias)));
        let p = self.dropout.map_or(0.0, |dropout| dropout.dense);
        if let Some(mask) = self.dropout_mask(p, x.dims()) {
            x = x * mask;
        }
        ops::fully_connected(x, self.get(&second.weight), self.get(&second.bias))
    }

    /// One subnet: (clamped scale E(s), shift), each half of what it gives.
    fn scale_and_shift(&mut self, net: &DenseNet, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let (x, half) = (self.dense_net(net, x), net.outputs / 2);
        let scale = (x.clone().narrow(1, 0, half) * 0.5).atan() * Dense::CLAMP_FACTOR;
        (scale, x.narrow(1, half, half))
    }

    /// Latents (B, D) and the log-det per image.
    pub(super) fn dense(&mut self, dense: &Dense, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let ((first, second), [net1, net2]) = (dense.split(), dense.nets());
        let batch = x.dims()[0];
        let x1 = x.clone().narrow(1, 0, first);
        let x2 = x.narrow(1, first, second);
        let (scale, shift) = self.scale_and_shift(&net2, x2.clone());
        let y1 = x1 * scale.clone().exp() + shift;
        let mut log_det = scale.sum_dim(1);
        let (scale, shift) = self.scale_and_shift(&net1, y1.clone());
        let y2 = x2 * scale.clone().exp() + shift;
        log_det = log_det + scale.sum_dim(1);
        (Tensor::cat(vec![y1, y2], 1), log_det.reshape([batch]))
    }
}
