//! What stands on top of a network and classifies (method §2.8, §3): the Gaussian mixture of an IB-INN, the linear layer
//! of a ResNet or an i-RevNet, the stochastic code of a VIB. Everything here is computed in f64.

pub mod bottleneck;
mod classification;
mod linear;
pub mod mixture;
pub mod posterior;
mod projection;

use crate::math::to_f64;
use crate::session::executor::Executor;
use crate::spec::head::HeadSpec;
use crate::spec::linear::LinearLayer;
use crate::spec::tensors::LayerTensors;
use crate::{Encoded, Error, Model, Result};
use bottleneck::Bottleneck;
use mixture::Mixture;

pub use classification::Classification;
pub use linear::Linear;
pub use projection::Projection;

/// What a model says of a batch of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// What the head saw of each image, rows of [`ModelSpec::features`](crate::ModelSpec::features): latents of a flow.
    pub features: Vec<f32>,
    /// What it says of each.
    pub found: Vec<Classification>,
}

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
            HeadSpec::Mixture { means, .. } => {
                Self::Mixture(Mixture::new(to_f64(model.tensor(&means)), model.spec().dims()))
            }
            HeadSpec::Linear(head) => Self::Linear(linear(head)),
            HeadSpec::Bottleneck { code, head } => {
                Self::Bottleneck(Bottleneck::new(linear(code), linear(head)))
            }
        }
    }

    /// Runs the network of the same model on normalised images x′, N×C×H×W, and classifies them. `numbers` are those
    /// of the images in their set, one an image; a VIB draws its codes by them.
    ///
    /// # Errors
    /// [`Error::Input`] when the lengths do not fit each other or the model; the executor's when it fails.
    pub async fn classify(&self, executor: &mut Executor, x: &[f32], numbers: &[u64]) -> Result<Classified> {
        let (features, log_det) = match self {
            Self::Mixture(_) => {
                let Encoded { z, log_det } = executor.encode(x).await?;
                (z, log_det)
            }
            Self::Linear(_) | Self::Bottleneck(_) => (executor.features(x).await?, Vec::new()),
        };
        let rows = features.chunks_exact(self.inputs());
        if rows.len() != numbers.len() {
            return Err(Error::Input(format!("{} images have {} numbers", rows.len(), numbers.len())));
        }
        let found = match self {
            Self::Mixture(mixture) => {
                let score = |(z, &log_det): (&[f32], &f32)| mixture.score(z, f64::from(log_det)).into();
                rows.zip(&log_det).map(score).collect()
            }
            Self::Linear(linear) => rows.map(|row| linear.posterior(row).into()).collect(),
            Self::Bottleneck(bottleneck) => {
                rows.zip(numbers).map(|(row, &number)| bottleneck.classify(row, number)).collect()
            }
        };
        Ok(Classified { features, found })
    }

    /// Numbers that it takes for each image.
    fn inputs(&self) -> usize {
        match self {
            Self::Mixture(mixture) => mixture.dims(),
            Self::Linear(linear) => linear.inputs(),
            Self::Bottleneck(bottleneck) => bottleneck.inputs(),
        }
    }
}
