//! The loss and its terms (method §3.3), and what a head's backward pass gives.

/// Weight of the cross-entropy in the loss of ResNet and i-RevNet: that of L_Y at their configuration's γ = 100.
pub const CROSS_ENTROPY_WEIGHT: f64 = 200.0 / 101.0;

/// Batch means of the terms of a loss; all but `loss` are for reporting.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Terms {
    /// What is minimised.
    pub loss: f64,
    /// L_X in nats per dimension, of a mixture.
    pub l_x: Option<f64>,
    /// L_Y in nats.
    pub l_y: f64,
    /// L_cN in nats per dimension, of a mixture.
    pub class_nll: Option<f64>,
    /// What the code tells of the image, in bits, of a VIB.
    pub kl: Option<f64>,
    /// Share of the batch classified rightly.
    pub accuracy: f64,
}

/// What a head makes of a batch of features.
pub(super) struct HeadGradients<F> {
    /// The loss and its terms.
    pub terms: Terms,
    /// Gradient of the features.
    pub features: Vec<F>,
    /// Gradient of the log-dets, (B).
    pub log_det: Vec<F>,
}

impl Terms {
    /// The mean of those of single images.
    pub(super) fn mean(of: &[Self]) -> Self {
        let mean = |term: &dyn Fn(&Self) -> f64| of.iter().map(term).sum::<f64>() / of.len() as f64;
        let optional = |term: fn(&Self) -> Option<f64>| {
            of.iter().map(term).sum::<Option<f64>>().map(|sum| sum / of.len() as f64)
        };
        Self {
            loss: mean(&|terms| terms.loss),
            l_x: optional(|terms| terms.l_x),
            l_y: mean(&|terms| terms.l_y),
            class_nll: optional(|terms| terms.class_nll),
            kl: optional(|terms| terms.kl),
            accuracy: mean(&|terms| terms.accuracy),
        }
    }

    /// The terms of the loss that are not finite, or so large that the run has diverged (method §7.2), as a sentence's
    /// part.
    pub fn diverged(&self) -> Option<String> {
        /// A loss or an L_X beyond this counts as diverged.
        const DIVERGED: f64 = 1e5;
        let Self { loss, l_x, l_y, kl, .. } = *self;
        let too_large = loss > DIVERGED || l_x.is_some_and(|l_x| l_x > DIVERGED);
        let finite = [Some(loss), Some(l_y), l_x, kl].into_iter().flatten().all(f64::is_finite);
        if finite && !too_large {
            return None;
        }
        let l_x = l_x.map(|l_x| format!(", L_X {l_x} nats/dim")).unwrap_or_default();
        Some(format!("loss {loss}{l_x}"))
    }
}
