//! What stands on top of a network (method §2.8, §3), as sizes and tensors.

use crate::spec::linear::LinearLayer;
use crate::spec::model_spec::ModelSpec;
use crate::spec::tensor_info::{EMPIRICAL_MEANS, LOG_WEIGHTS, MEANS, TensorInfo, TensorKind};
use crate::{ClassPrior, Family};

/// Numbers in the code of a VIB (method §2.8).
pub const CODE_LENGTH: usize = 128;

/// What stands on top of a network, with what it takes to ask for its tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadSpec {
    /// The Gaussian mixture over the latents.
    Mixture {
        /// The means μ_y that the model was trained with, (K, D).
        means: TensorInfo,
        /// Logarithms φ of the weights, (K); none where all classes are equally probable.
        log_weights: Option<TensorInfo>,
        /// Mean latent of each class's training images, (K, D); only the folded form has it.
        empirical_means: TensorInfo,
    },
    /// A linear layer, which gives the logits.
    Linear(LinearLayer),
    /// A stochastic code and a linear layer.
    Bottleneck {
        /// The layer that gives means, then spreads, of the code.
        code: LinearLayer,
        /// The layer that gives the logits.
        head: LinearLayer,
    },
}

impl ModelSpec {
    /// What stands on top of the network.
    pub fn head(&self) -> HeadSpec {
        let (features, classes) = (self.features(), self.classes().len());
        let head = |inputs| LinearLayer { name: "head", inputs, outputs: classes };
        let means = |name, kind| TensorInfo::new(name, &[classes, features], kind);
        match self.family() {
            Family::IbInn => HeadSpec::Mixture {
                means: means(MEANS, TensorKind::Means),
                log_weights: (self.class_prior() != ClassPrior::Uniform)
                    .then(|| TensorInfo::new(LOG_WEIGHTS, &[classes], TensorKind::LogWeights)),
                empirical_means: means(EMPIRICAL_MEANS, TensorKind::EmpiricalMeans),
            },
            Family::ResNet | Family::IRevNet => HeadSpec::Linear(head(features)),
            Family::Vib => HeadSpec::Bottleneck {
                code: LinearLayer { name: "code", inputs: features, outputs: 2 * CODE_LENGTH },
                head: head(CODE_LENGTH),
            },
        }
    }
}

impl HeadSpec {
    /// Its linear layers, in the order in which an image passes them; a mixture has none.
    pub fn layers(&self) -> Vec<LinearLayer> {
        match *self {
            Self::Mixture { .. } => Vec::new(),
            Self::Linear(head) => vec![head],
            Self::Bottleneck { code, head } => vec![code, head],
        }
    }
}
