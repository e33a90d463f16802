//! What is minimised, with its gradients (method §3.3, §3.4).

use std::num::NonZeroU32;

use crate::head::mixture::Mixture;
use crate::head::posterior::smooth_label;
use crate::{Gamma, Real};

/// ε of the smoothed labels of the IB loss, as for MNIST (method §1.3).
const SMOOTHING: f64 = 0.01;

/// The loss that training minimises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The information bottleneck: β_x·L_X − β_y·L_Y, with smoothed labels.
    Ib(Gamma),
    /// Class-NLL as data of `dims` dimensions have it: 2·(L_X − L_Y/dims), with hard labels.
    ///
    /// Since log q(x|y) = log q(x) + log q(y|x) + ln K, class-NLL is L_cN = L_X − L_Y/D: the IB loss with γ = 1/D. With
    /// 2 this is 2·L_cN of the plane itself; with the D of an image, one label weighs as little as it does there
    /// (method §10.2).
    ClassNll {
        /// D, the dimensions that one label is weighed against.
        dims: NonZeroU32,
    },
}

/// The gradients of one point's loss.
pub(super) struct Slopes {
    /// At the latent.
    pub z: [f64; 2],
    /// At the log-det.
    pub log_det: f64,
}

impl Objective {
    /// (β_x, β_y) of β_x·L_X − β_y·L_Y, and the ε of its labels.
    pub(super) fn weights(self) -> (f64, f64, f64) {
        match self {
            Self::Ib(gamma) => {
                let (beta_x, beta_y) = gamma.loss_weights();
                (beta_x, beta_y, SMOOTHING)
            }
            Self::ClassNll { dims } => (2.0, 2.0 / f64::from(dims.get()), 0.0),
        }
    }

    /// The gradients for one point of class `label` at latent `z`; adds those at the means, times `weight`, to
    /// `d_means`, (K, 2).
    pub(super) fn slopes<F: Real>(
        self,
        mixture: &Mixture,
        z: [F; 2],
        label: usize,
        weight: f64,
        d_means: &mut [f64],
    ) -> Slopes {
        let (beta_x, beta_y, smoothing) = self.weights();
        let (z64, dims) = (z.map(F::to_f64), z.len() as f64);
        let posterior = mixture.score(&z, 0.0).posterior.probabilities;
        let targets = smooth_label(label, mixture.classes(), smoothing);
        let mut d_z = [0.0; 2];
        for (y, (p, t)) in posterior.iter().zip(&targets).enumerate() {
            // Both terms are sums over the classes of this factor times z − μ_y, as Σ(t − p) = 0.
            let pull = beta_x * p / dims + beta_y * (t - p);
            for (i, &mean) in mixture.mean(y).iter().enumerate() {
                d_z[i] += pull * (z64[i] - mean);
                d_means[2 * y + i] -= weight * pull * (z64[i] - mean);
            }
        }
        Slopes { z: d_z, log_det: -beta_x / dims }
    }
}
