//! What is trained, and how: every method that the paper compares.

use serde::{Deserialize, Serialize};

use crate::{Family, Gamma};

/// A method of the paper's Table 1: a family of networks with the loss that it is trained by (method §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum Method {
    /// The flow with a mixture over its latents, trained by the information bottleneck.
    IbInn {
        /// The trade-off.
        gamma: Gamma,
    },
    /// The same, trained by the class-conditional likelihood.
    ClassNll {
        /// Distance between the means where they are not trained but stay on a hypersphere.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        frozen_means: Option<f64>,
    },
    /// The feed-forward network with a stochastic code, trained by the variational information bottleneck.
    Vib {
        /// The trade-off.
        gamma: Gamma,
    },
    /// The feed-forward network, trained by the cross-entropy.
    ResNet,
    /// The flow with a linear layer, trained by the cross-entropy.
    IRevNet,
}

impl Method {
    /// The family of networks that it trains.
    pub fn family(self) -> Family {
        match self {
            Self::IbInn { .. } | Self::ClassNll { .. } => Family::IbInn,
            Self::Vib { .. } => Family::Vib,
            Self::ResNet => Family::ResNet,
            Self::IRevNet => Family::IRevNet,
        }
    }

    /// The trade-off γ, of the methods that have one.
    pub fn gamma(self) -> Option<Gamma> {
        match self {
            Self::IbInn { gamma } | Self::Vib { gamma } => Some(gamma),
            Self::ClassNll { .. } | Self::ResNet | Self::IRevNet => None,
        }
    }
}
