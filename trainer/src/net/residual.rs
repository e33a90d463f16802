//! Residual blocks of the feed-forward networks (method §2.8).

use burn::tensor::Tensor;
use burn::tensor::activation::leaky_relu;
use ibinn::spec::element::SubnetKind;
use ibinn::spec::feed_forward::{Block, LEAKY_SLOPE};
use ibinn::spec::linear::DenseNet;

use super::{Pass, ops};

impl Pass<'_> {
    /// A convolutional residual block.
    pub(super) fn block(&mut self, block: &Block, x: Tensor<4>, stage: usize) -> Tensor<4> {
        // As in a down-coupling, nothing is dropped in the strided subnet (method §9.2).
        let stage = if block.subnet.kind == SubnetKind::Strided { usize::MAX } else { stage };
        let f = self.subnet(&block.subnet, x.clone(), stage);
        let x = match block.skip_tensors() {
            None => x,
            Some(skip) => ops::reducing_conv3x3(x, self.get(&skip.weight), self.get(&skip.bias)),
        };
        leaky_relu(x + f, LEAKY_SLOPE)
    }

    /// The dense residual block, (B, F) in and out.
    pub(super) fn dense_block(&mut self, net: &DenseNet, x: Tensor<2>) -> Tensor<2> {
        let f = self.dense_net(net, x.clone());
        leaky_relu(x + f, LEAKY_SLOPE)
    }
}

/// Mean of each channel over all pixels, (B, C).
pub(super) fn pool(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
}
