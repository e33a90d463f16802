//! The tensors that each part of a network has, by what they are for.

use crate::spec::element::{Coupling, Subnet};
use crate::spec::feed_forward::{Block, Entry};
use crate::spec::linear::{DenseNet, LinearLayer};
use crate::spec::tensor_info::{TensorInfo, TensorKind};

/// The tensors of a convolution or a linear layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerTensors {
    /// Weights.
    pub weight: TensorInfo,
    /// Biases, one an output.
    pub bias: TensorInfo,
}

impl LayerTensors {
    /// Those of the layer at `path`, whose weights have this shape.
    fn new(path: &str, shape: &[usize]) -> Self {
        Self {
            weight: TensorInfo::new(format!("{path}.weight"), shape, TensorKind::Weight),
            bias: TensorInfo::new(format!("{path}.bias"), &shape[..1], TensorKind::Bias),
        }
    }
}

/// The tensors of a batch-norm, one number a channel each; only the training form has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NormTensors {
    /// Scale γ.
    pub gamma: TensorInfo,
    /// Shift β.
    pub beta: TensorInfo,
    /// Running mean.
    pub running_mean: TensorInfo,
    /// Running variance.
    pub running_var: TensorInfo,
}

impl NormTensors {
    fn new(path: &str, channels: usize) -> Self {
        let tensor = |part: &str, kind| TensorInfo::new(format!("{path}.{part}"), &[channels], kind);
        Self {
            gamma: tensor("gamma", TensorKind::NormScale),
            beta: tensor("beta", TensorKind::NormShift),
            running_mean: tensor("running_mean", TensorKind::RunningMean),
            running_var: tensor("running_var", TensorKind::RunningVariance),
        }
    }
}

/// The tensors of a hidden layer of a convolutional subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenTensors {
    /// The convolution; only the folded form has its bias, which then stands for the batch-norm.
    pub conv: LayerTensors,
    /// The batch-norm after it.
    pub norm: NormTensors,
}

/// The tensors of a convolutional subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubnetTensors {
    /// Both hidden layers.
    pub hidden: [HiddenTensors; 2],
    /// The 1×1 convolution at the end.
    pub last: LayerTensors,
}

impl Subnet {
    /// Its tensors.
    pub fn tensors(&self) -> SubnetTensors {
        let (name, w) = (&self.name, self.width);
        let hidden = |layer: usize, inputs: usize| HiddenTensors {
            conv: LayerTensors::new(&format!("{name}.conv{layer}"), &[w, inputs, 3, 3]),
            norm: NormTensors::new(&format!("{name}.bn{layer}"), w),
        };
        SubnetTensors {
            hidden: [hidden(1, self.input), hidden(2, w)],
            last: LayerTensors::new(&format!("{name}.conv3"), &[self.output, w, 1, 1]),
        }
    }
}

/// The tensors of a coupling block beside those of its subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouplingTensors {
    /// The soft permutation W.
    pub rotation: TensorInfo,
    /// The logarithms α of the channel scale.
    pub log_alpha: TensorInfo,
    /// The offset o.
    pub offset: TensorInfo,
}

impl Coupling {
    /// Its own tensors; [`subnet`](Self::subnet) has others.
    pub fn tensors(&self) -> CouplingTensors {
        let c = self.shape.channels;
        let tensor =
            |part: &str, shape: &[usize], kind| TensorInfo::new(format!("{}.{part}", self.name), shape, kind);
        CouplingTensors {
            rotation: tensor("mix.matrix", &[c, c], TensorKind::Rotation),
            log_alpha: tensor("scale.log_alpha", &[c], TensorKind::LogScale),
            offset: tensor("offset", &[c], TensorKind::Offset),
        }
    }
}

impl Entry {
    /// Its tensors.
    pub fn tensors(&self) -> LayerTensors {
        let c = self.shape.channels;
        LayerTensors::new("entry", &[c, c, 1, 1])
    }
}

impl Block {
    /// The tensors of the convolution that brings x to the shape of its subnet's result, where there is one.
    pub fn skip_tensors(&self) -> Option<LayerTensors> {
        let shape = [self.subnet.output, self.subnet.input, 3, 3];
        self.skip.as_ref().map(|path| LayerTensors::new(path, &shape))
    }
}

impl LinearLayer {
    /// Its tensors.
    pub fn tensors(&self) -> LayerTensors {
        LayerTensors::new(self.name, &[self.outputs, self.inputs])
    }
}

impl DenseNet {
    /// The tensors of both layers.
    pub fn tensors(&self) -> [LayerTensors; 2] {
        let layer = |name: &str, inputs: usize, outputs: usize| {
            LayerTensors::new(&format!("{}.{name}", self.name), &[outputs, inputs])
        };
        [layer("fc1", self.inputs, self.hidden), layer("fc2", self.hidden, self.outputs)]
    }
}
