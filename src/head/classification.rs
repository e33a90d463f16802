//! What a model says of one image.

use crate::head::mixture::Score;
use crate::head::novelty::Novelty;
use crate::head::posterior::Posterior;

/// What a model of any family says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// The most probable class: of a VIB that of the mean of several posteriors
    /// ([`PREDICTION_SAMPLES`](crate::head::bottleneck::PREDICTION_SAMPLES)).
    pub prediction: usize,
    /// The posterior, of a VIB that of its first code: what calibration, entropy and L_Y are taken of.
    pub posterior: Posterior,
    /// How likely the image is; none of a model without a mixture.
    pub density: Option<Density>,
    /// How novel the image is; none of a model that novelty was not fitted to.
    pub novelty: Option<Novelty>,
}

/// How likely an image is under a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Density {
    /// log q(x′) in nats, of the normalised input, with all constants.
    pub log_likelihood: f64,
    /// L_X in nats per dimension, without the 2π term (method §3.3).
    pub l_x: f64,
}

impl Classification {
    /// L_X in nats per dimension; none of a model without a mixture.
    pub fn l_x(&self) -> Option<f64> {
        self.density.map(|density| density.l_x)
    }
}

impl From<Score> for Classification {
    fn from(Score { posterior, log_likelihood, l_x }: Score) -> Self {
        let density = Some(Density { log_likelihood, l_x });
        Self { prediction: posterior.prediction(), posterior, density, novelty: None }
    }
}

impl From<Posterior> for Classification {
    fn from(posterior: Posterior) -> Self {
        Self { prediction: posterior.prediction(), posterior, density: None, novelty: None }
    }
}
