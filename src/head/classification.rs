//! What a model says of one image.

use crate::head::mixture::Score;
use crate::head::posterior::Posterior;

/// What a model of any family says of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification {
    /// The most probable class: of a VIB that of the mean of several posteriors
    /// ([`PREDICTION_SAMPLES`](crate::head::bottleneck::PREDICTION_SAMPLES)).
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
