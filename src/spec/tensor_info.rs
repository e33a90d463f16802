//! One tensor of a network: the handle by which a model, a gradient or a checkpoint is asked for it.

/// Name of the means μ_y.
pub const MEANS: &str = "means";
/// Name of the logarithms φ of the mixture's weights.
pub const LOG_WEIGHTS: &str = "log_weights";
/// Name of the mean latents of each class's training images.
pub const EMPIRICAL_MEANS: &str = "empirical_means";
/// Name of the fixed permutation before the dense coupling.
pub const PERMUTATION: &str = "dense.perm";

/// What is done with a tensor when a network is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Trained with the network's learning rate, momentum and weight decay (method §1.4).
    Network,
    /// The means μ of the mixture, trained at their own rate.
    Means,
    /// The weights of the mixture, trained at their own rate, or fixed.
    Weights,
    /// Running batch-norm statistics.
    Statistic,
    /// Drawn once, never trained: rotations of the soft permutations, the permutation of the dense coupling.
    Fixed,
}

impl Role {
    /// Whether it is trained, where its rate is not 0.
    pub fn is_trained(self) -> bool {
        matches!(self, Self::Network | Self::Means | Self::Weights)
    }

    /// Whether it is trained with a momentum, so that it has velocities.
    pub fn has_velocity(self) -> bool {
        matches!(self, Self::Network | Self::Weights)
    }
}

/// What the numbers of a tensor are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    /// Weights of a convolution, (out, in, rows, columns), or of a linear layer, (out, in).
    Weight,
    /// Biases of a convolution or a linear layer.
    Bias,
    /// Scale γ of a batch-norm.
    NormScale,
    /// Shift β of a batch-norm.
    NormShift,
    /// Running mean of a batch-norm.
    RunningMean,
    /// Running variance of a batch-norm.
    RunningVariance,
    /// Rotation W of a soft permutation, (C, C).
    Rotation,
    /// Logarithms α of a coupling block's channel scale.
    LogScale,
    /// Offset o of a coupling block.
    Offset,
    /// The fixed permutation before the dense coupling, (D), as integers.
    Permutation,
    /// The means μ_y that the model was trained with, (K, D).
    Means,
    /// Logarithms φ of the mixture's weights, (K): w = softmax φ (method §3.2).
    LogWeights,
    /// Mean latent of each class's training images, (K, D): where samples are drawn around (method §4.6, Fig 8).
    EmpiricalMeans,
}

impl TensorKind {
    /// What training does with it.
    pub fn role(self) -> Role {
        match self {
            Self::Weight | Self::Bias | Self::NormScale | Self::NormShift | Self::LogScale | Self::Offset => {
                Role::Network
            }
            Self::RunningMean | Self::RunningVariance => Role::Statistic,
            Self::Rotation | Self::Permutation => Role::Fixed,
            Self::Means | Self::EmpiricalMeans => Role::Means,
            Self::LogWeights => Role::Weights,
        }
    }

    /// Whether a file may hold it in half precision: nothing that must invert exactly, and nothing that is small anyway.
    pub fn may_be_half(self) -> bool {
        self == Self::Weight
    }
}

/// Name, shape and kind of a tensor that a network has. Only a spec's elements, layers and head make one, so that nobody
/// can ask for a name that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorInfo {
    /// Path in files, as in `stage0.block0.subnet.conv1.weight`.
    pub name: String,
    /// Shape, outermost dimension first.
    pub shape: Vec<usize>,
    /// What it holds.
    pub kind: TensorKind,
}

impl TensorInfo {
    pub(super) fn new(name: impl Into<String>, shape: &[usize], kind: TensorKind) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), kind }
    }

    /// What training does with it.
    pub fn role(&self) -> Role {
        self.kind.role()
    }

    /// Numbers in the tensor.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
}
