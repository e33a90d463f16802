//! Residual blocks of the feed-forward networks (method §2.8).

use burn::tensor::Tensor;
use burn::tensor::activation::{leaky_relu, relu};
use ibinn::spec::feed_forward::{Block, LEAKY_SLOPE};

use super::{Pass, ops};

impl Pass<'_> {
    /// A convolutional residual block.
    pub(super) fn block(&mut self, block: &Block, x: Tensor<4>, stage: usize) -> Tensor<4> {
        // As in a down-coupling, nothing is dropped in the strided subnet (method §9.2).
        let stage = if block.skip.is_some() { usize::MAX } else { stage };
        let f = self.subnet(&block.subnet, x.clone(), stage);
        let x = match &block.skip {
            None => x,
            Some(skip) => {
                let (weight, bias) = (self.get(&format!("{skip}.weight")), self.get(&format!("{skip}.bias")));
                ops::reducing_conv3x3(x, weight, bias)
            }
        };
        leaky_relu(x + f, LEAKY_SLOPE)
    }

    /// The dense residual block, (B, F) in and out.
    pub(super) fn dense_block(&mut self, x: Tensor<2>) -> Tensor<2> {
        let hidden =
            ops::fully_connected(x.clone(), self.get("dense.fc1.weight"), self.get("dense.fc1.bias"));
        let mut hidden = relu(hidden);
        let p = self.dropout.map_or(0.0, |dropout| dropout.dense);
        if let Some(mask) = self.dropout_mask(p, hidden.dims()) {
            hidden = hidden * mask;
        }
        let f = ops::fully_connected(hidden, self.get("dense.fc2.weight"), self.get("dense.fc2.bias"));
        leaky_relu(x + f, LEAKY_SLOPE)
    }
}

/// Mean of each channel over all pixels, (B, C).
pub(super) fn pool(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
}
