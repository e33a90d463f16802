//! What is minimised, and its terms (spec §3.3).

use burn::tensor::Tensor;
use ibinn::Gamma;
use ibinn::tensors::MEANS;

use super::{Forward, Net, mixture};

/// What is minimised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// A loss on the Gaussian mixture over a flow's latents.
    Mixture(mixture::Objective),
    /// The smoothed cross-entropy × 200/101, of a linear layer on any network.
    CrossEntropy,
    /// β_x·KL/D + β_y·cross-entropy, both in bits, with the weights of γ, of a stochastic code.
    Vib(Gamma),
}

/// Batch means of the terms of a loss; all but `loss` are for reporting.
pub struct Terms {
    /// What is minimised.
    pub loss: Tensor<1>,
    /// L_X in nats per dimension, of a mixture.
    pub l_x: Option<Tensor<1>>,
    /// L_Y in nats.
    pub l_y: Tensor<1>,
    /// What the code tells of the image, in bits, of a VIB.
    pub kl: Option<Tensor<1>>,
    /// Logits, (B, K).
    pub logits: Tensor<2>,
}

impl Net {
    /// The means μ of `values`, (K, D), of a net with a mixture.
    ///
    /// # Panics
    /// When the net has none.
    pub fn means(&self, values: &[Tensor<1>]) -> Tensor<2> {
        self.tensor(values, MEANS)
    }

    /// The terms of `objective` for a batch with smoothed one-hot `targets`, (B, K). `noise` is that of a VIB's codes, see
    /// [`code_noise`](super::code_noise); without it they are their means.
    ///
    /// # Panics
    /// When the objective is not one of the net's family.
    pub fn terms(
        &self,
        values: &[Tensor<1>],
        forward: &Forward,
        targets: Tensor<2>,
        objective: Objective,
        noise: Option<Tensor<2>>,
    ) -> Terms {
        let features = forward.features.clone();
        match (objective, &forward.log_det) {
            (Objective::Mixture(objective), Some(log_det)) => {
                let losses = mixture::losses(&features, log_det, self.means(values), targets, objective);
                let mixture::Losses { loss, l_x, l_y, logits, .. } = losses;
                Terms { loss, l_x: Some(l_x), l_y, kl: None, logits }
            }
            (Objective::Mixture(_), None) => unreachable!("a feed-forward network has no latents"),
            (Objective::CrossEntropy, _) => self.cross_entropy(values, features, targets),
            (Objective::Vib(gamma), _) => self.vib(values, features, targets, gamma, noise),
        }
    }
}
