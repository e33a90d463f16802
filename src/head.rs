//! What stands on top of a network and classifies (spec §2.8, §3): the Gaussian mixture of an IB-INN, the linear layer
//! of a ResNet or an i-RevNet, the stochastic code of a VIB. Everything here is computed in f64.

use crate::bottleneck::Bottleneck;
use crate::executor::Executor;
use crate::latent::{Mixture, Score};
use crate::posterior::Posterior;
use crate::tensors::{CODE, HEAD};
use crate::{Encoded, Error, Family, Model, Result};

/// What a model of any family says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// The most probable class: of a VIB that of the mean of several posteriors
    /// ([`PREDICTION_SAMPLES`](crate::bottleneck::PREDICTION_SAMPLES)).
    pub prediction: usize,
    /// The posterior, of a VIB that of its first code: what calibration, entropy and L_Y are taken of.
    pub posterior: Posterior,
    /// L_X in nats per dimension; none of a model without a mixture.
    pub l_x: Option<f64>,
}

impl From<Score> for Classification {
    fn from(Score { posterior, l_x, .. }: Score) -> Self {
        Self { prediction: posterior.prediction(), posterior, l_x: Some(l_x) }
    }
}

impl From<Posterior> for Classification {
    fn from(posterior: Posterior) -> Self {
        Self { prediction: posterior.prediction(), posterior, l_x: None }
    }
}

/// A linear layer with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    weight: Vec<f64>,
    bias: Vec<f64>,
}

impl Linear {
    /// A layer with `weight`, (outputs, inputs) row-major, and one `bias` an output.
    pub fn new(weight: Vec<f64>, bias: Vec<f64>) -> Self {
        Self { weight, bias }
    }

    fn of(model: &Model, name: &str) -> Self {
        let get = |part: &str| widened(model.tensor(&format!("{name}.{part}")));
        Self::new(get("weight"), get("bias"))
    }

    /// Numbers that it takes.
    pub fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    /// What it makes of [`inputs`](Self::inputs) numbers.
    pub fn apply(&self, inputs: &[f64]) -> Vec<f64> {
        let rows = self.weight.chunks_exact(self.inputs()).zip(&self.bias);
        rows.map(|(row, bias)| bias + row.iter().zip(inputs).map(|(w, v)| w * v).sum::<f64>()).collect()
    }

    /// The transposed matrix times one number for each output.
    pub(crate) fn apply_transposed(&self, outputs: &[f64]) -> Vec<f64> {
        let mut inputs = vec![0.0; self.inputs()];
        for (row, d) in self.weight.chunks_exact(self.inputs()).zip(outputs) {
            inputs.iter_mut().zip(row).for_each(|(sum, w)| *sum += w * d);
        }
        inputs
    }

    /// The posterior whose logits it gives for `features`.
    pub fn posterior(&self, features: &[f32]) -> Posterior {
        Posterior::new(self.apply(&widened(features)))
    }
}

/// The same numbers in f64.
pub(crate) fn widened(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

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
        let linear = |name| Linear::of(model, name);
        match model.spec().family() {
            Family::IbInn => Self::Mixture(Mixture::of(model)),
            Family::ResNet | Family::IRevNet => Self::Linear(linear(HEAD)),
            Family::Vib => Self::Bottleneck(Bottleneck::new(linear(CODE), linear(HEAD))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_layer_gives_the_hand_computed_posterior() {
        let linear = Linear::new(vec![1.0, 2.0, 0.0, -1.0], vec![0.5, 3f64.ln() + 6.5]);
        assert_eq!(linear.inputs(), 2);
        // Logits 0.5 + 1 + 2·2 = 5.5 and ln 3 + 6.5 − 2 = ln 3 + 4.5, one less than ln 3 above the first.
        let posterior = linear.posterior(&[1.0, 2.0]);
        assert!((posterior.logits[0] - 5.5).abs() < 1e-12);
        assert!((posterior.logits[1] - 3f64.ln() - 4.5).abs() < 1e-12);
        let odds = posterior.probabilities[1] / posterior.probabilities[0];
        assert!((odds - 3.0 / std::f64::consts::E).abs() < 1e-12);
    }
}
