//! The invertible elements that a flow is made of (method §2), as shapes and constants.

use crate::spec::dct::Dct;
use crate::spec::linear::DenseNet;
use crate::spec::shape::Shape;

/// What a subnet is to the element or block that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubnetKind {
    /// That of a coupling block or of the residual block that stands for one.
    Plain,
    /// The first of a down-coupling, whose second 3×3 convolution has a stride of 2.
    Strided,
    /// The second of a down-coupling, which sees the reduced map.
    Lowres,
}

/// A convolutional subnet: \[ReLU\] conv3×3 ReLU conv3×3 ReLU conv1×1, batch-norm after each 3×3 in training
/// (method §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Path of its tensors, as in `stage0.block0.subnet`.
    pub name: String,
    /// Channels in.
    pub input: usize,
    /// Channels of both hidden layers.
    pub width: usize,
    /// Channels out: in a coupling the first half scale a_s, the second half shift a_t.
    pub output: usize,
    /// What it is to its element.
    pub kind: SubnetKind,
    /// Whether a ReLU stands before the first convolution.
    pub leading_relu: bool,
}

impl Subnet {
    /// Stride of the second 3×3 convolution: 1 or 2.
    pub fn stride(&self) -> usize {
        if self.kind == SubnetKind::Strided { 2 } else { 1 }
    }
}

/// Coupling block: one-sided affine coupling, soft permutation, learned channel scale and offset (method §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupling {
    /// Path of its tensors, as in `stage0.block0`.
    pub name: String,
    /// Shape in and out.
    pub shape: Shape,
    /// Hidden channels of the subnet.
    pub width: usize,
    /// Whether the subnet begins with a ReLU (all blocks but the one that sees the raw image).
    pub leading_relu: bool,
}

impl Coupling {
    /// Bound of the soft clamp ℓ = 0.7·tanh(k·a_s), that of a down-coupling, too.
    pub const CLAMP_BOUND: f64 = 0.7;
    /// Factor k of the soft clamp.
    pub const CLAMP_SLOPE: f64 = 0.1;

    /// Channels of (x1, x2): x1 is the first ⌈C/2⌉.
    pub fn split(&self) -> (usize, usize) {
        let second = self.shape.channels / 2;
        (self.shape.channels - second, second)
    }

    /// The subnet that sees x1 and transforms x2.
    pub fn subnet(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.subnet", self.name),
            input: first,
            width: self.width,
            output: 2 * second,
            kind: SubnetKind::Plain,
            leading_relu: self.leading_relu,
        }
    }
}

/// Down-coupling: two-sided coupling that turns (C, H, W) into (4C, H/2, W/2) (method §2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Path of its tensors, as in `down0`.
    pub name: String,
    /// Shape in; the shape out is [`Shape::folded`].
    pub input: Shape,
    /// Hidden channels of both subnets.
    pub width: usize,
}

impl Down {
    /// Factor k of the soft clamp ℓ = 0.7·tanh(k·a_s).
    pub const CLAMP_SLOPE: f64 = 0.2;

    /// Channels of (x1, x2) before folding: x1 is the first ⌊C/2⌋.
    pub fn split(&self) -> (usize, usize) {
        let first = self.input.channels / 2;
        (first, self.input.channels - first)
    }

    /// The subnet with a stride of 2 that sees x1 at the high resolution and transforms y2.
    pub fn strided(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.strided", self.name),
            input: first,
            width: self.width,
            output: 8 * second,
            kind: SubnetKind::Strided,
            leading_relu: false,
        }
    }

    /// The subnet that sees the transformed y2 and transforms y1.
    pub fn lowres(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.lowres", self.name),
            input: 4 * second,
            width: self.width,
            output: 8 * first,
            kind: SubnetKind::Lowres,
            leading_relu: false,
        }
    }
}

/// Two-sided fully connected coupling of Glow's type (method §2.6): `net2` sees the second half and transforms the
/// first, then `net1` sees the new first half and transforms the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Dimensions D.
    pub dims: usize,
    /// Hidden units H of both subnets.
    pub hidden: usize,
}

impl Dense {
    /// Factor of the clamp E(s) = 1.272·atan(s/2), which keeps E within ±1.998.
    pub const CLAMP_FACTOR: f64 = 2.0 * 0.636;

    /// Dimensions of (first half, second half): the first is ⌊D/2⌋.
    pub fn split(&self) -> (usize, usize) {
        (self.dims / 2, self.dims - self.dims / 2)
    }

    /// `net1` and `net2`; the outputs are scale and shift.
    pub fn nets(&self) -> [DenseNet; 2] {
        let (first, second) = self.split();
        let net = |name, inputs, outputs| DenseNet { name, inputs, hidden: self.hidden, outputs };
        [net("dense.net1", first, 2 * second), net("dense.net2", second, 2 * first)]
    }
}

/// One invertible element of the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// Orthonormal 2×2 Haar transform; log-det 0.
    Haar {
        /// Shape in.
        input: Shape,
    },
    /// Coupling block.
    Coupling(Coupling),
    /// Down-coupling.
    Down(Down),
    /// DCT and flattening.
    Dct(Dct),
    /// Fixed permutation `out[i] = in[perm[i]]`; log-det 0.
    Permutation {
        /// Dimensions D.
        dims: usize,
    },
    /// Dense coupling.
    Dense(Dense),
}

impl Element {
    /// The path of this element's tensors and its name in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::Haar { .. } => "haar",
            Self::Coupling(coupling) => &coupling.name,
            Self::Down(down) => &down.name,
            Self::Dct(_) => "dct",
            Self::Permutation { .. } => "permutation",
            Self::Dense(_) => "dense",
        }
    }

    /// The convolutional subnets of this element.
    pub fn subnets(&self) -> Vec<Subnet> {
        match self {
            Self::Coupling(coupling) => vec![coupling.subnet()],
            Self::Down(down) => vec![down.strided(), down.lowres()],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_channels_split_differently_in_the_two_kinds() {
        let shape = Shape { channels: 3, height: 32, width: 32 };
        let coupling = Coupling { name: "c".into(), shape, width: 16, leading_relu: false };
        assert_eq!((coupling.split(), coupling.subnet().output), ((2, 1), 2));
        let down = Down { name: "d".into(), input: shape, width: 32 };
        assert_eq!((down.split(), down.strided().output, down.lowres().output), ((1, 2), 16, 8));
        assert_eq!(shape.folded(), Shape { channels: 12, height: 16, width: 16 });
    }
}
