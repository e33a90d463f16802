//! What stands on top of a network and classifies (method §2.8, §3): the Gaussian mixture of an IB-INN, the linear layer
//! of a ResNet or an i-RevNet, the stochastic code of a VIB. Everything here is computed in f64.

pub mod bottleneck;
mod classification;
mod linear;
pub mod mixture;
pub mod novelty;
pub mod posterior;
mod projection;

use crate::Model;
use crate::math::to_f64;
use crate::spec::head::HeadSpec;
use crate::spec::linear::LinearLayer;
use crate::spec::tensors::LayerTensors;
use bottleneck::Bottleneck;
use mixture::Mixture;

pub use classification::{Classification, Density};
pub use linear::Linear;
pub use projection::Projection;

/// What classifies on top of a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Head {
    /// The Gaussian mixture over the latents.
    Mixture(Mixture),
    /// A linear layer.
    Linear(Linear),
    /// A stochastic code and a linear layer.
    Bottleneck(Bottleneck),
}

impl Head {
    /// That of `model`.
    pub fn of(model: &Model) -> Self {
        let linear = |layer: LinearLayer| {
            let LayerTensors { weight, bias } = layer.tensors();
            Linear::new(to_f64(model.tensor(&weight)), to_f64(model.tensor(&bias)))
        };
        match model.spec().head() {
            HeadSpec::Mixture { means, log_weights, .. } => {
                Self::Mixture(model.mixture_of(&means, log_weights.as_ref()))
            }
            HeadSpec::Linear(head) => Self::Linear(linear(head)),
            HeadSpec::Bottleneck { code, head } => {
                Self::Bottleneck(Bottleneck::new(linear(code), linear(head)))
            }
        }
    }

    /// What the model says of an image of which the network gave these `features`
    /// ([`ModelSpec::features`](crate::ModelSpec::features) numbers), a flow with this log-det in nats (0 of another
    /// network, and where only the posterior is wanted). A VIB draws its codes by the image's `number` in its set.
    pub fn classify(&self, features: &[f32], log_det: f64, number: u64) -> Classification {
        match self {
            Self::Mixture(mixture) => mixture.score(features, log_det).into(),
            Self::Linear(linear) => linear.posterior(features).into(),
            Self::Bottleneck(bottleneck) => bottleneck.classify(features, number),
        }
    }
}
