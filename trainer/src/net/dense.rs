//! The dense coupling (method §2.6).

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use ibinn::spec::element::Dense;

use super::{Pass, ops};

impl Pass<'_> {
    /// One subnet: (clamped scale E(s), shift), each (B, `half`).
    fn scale_and_shift(
        &mut self,
        name: &str,
        x: Tensor<2>,
        hidden: usize,
        half: usize,
    ) -> (Tensor<2>, Tensor<2>) {
        let get_weight = |pass: &Self, part: &str| pass.get::<2>(&format!("{name}.{part}.weight"));
        let get_bias = |pass: &Self, part: &str| pass.get::<1>(&format!("{name}.{part}.bias"));
        let batch = x.dims()[0];
        let mut x = relu(ops::fully_connected(x, get_weight(self, "fc1"), get_bias(self, "fc1")));
        let p = self.dropout.map_or(0.0, |dropout| dropout.dense);
        if let Some(mask) = self.dropout_mask(p, [batch, hidden]) {
            x = x * mask;
        }
        let x = ops::fully_connected(x, get_weight(self, "fc2"), get_bias(self, "fc2"));
        let scale = (x.clone().narrow(1, 0, half) * 0.5).atan() * Dense::CLAMP_FACTOR;
        (scale, x.narrow(1, half, half))
    }

    /// Latents (B, D) and the log-det per image.
    pub(super) fn dense(&mut self, dense: &Dense, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        let (first, second) = dense.split();
        let batch = x.dims()[0];
        let x1 = x.clone().narrow(1, 0, first);
        let x2 = x.narrow(1, first, second);
        let (scale, shift) = self.scale_and_shift("dense.net2", x2.clone(), dense.hidden, first);
        let y1 = x1 * scale.clone().exp() + shift;
        let mut log_det = scale.sum_dim(1);
        let (scale, shift) = self.scale_and_shift("dense.net1", y1.clone(), dense.hidden, second);
        let y2 = x2 * scale.clone().exp() + shift;
        log_det = log_det + scale.sum_dim(1);
        (Tensor::cat(vec![y1, y2], 1), log_det.reshape([batch]))
    }
}
