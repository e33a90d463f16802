//! What is minimised, and its terms (method §3.3).

use burn::tensor::Tensor;
use ibinn::Method;
use ibinn::spec::head::HeadSpec;

use super::{Forward, Net, mixture};

/// Batch means of the terms of a loss; all but `loss` are for reporting.
pub struct Terms {
    /// What is minimised.
    pub loss: Tensor<1>,
    /// L_X in nats per dimension, of a mixture.
    pub l_x: Option<Tensor<1>>,
    /// L_Y in nats.
    pub l_y: Tensor<1>,
    /// L_cN in nats per dimension, of a mixture.
    pub class_nll: Option<Tensor<1>>,
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
        match self.spec().head() {
            HeadSpec::Mixture { means, .. } => self.tensor(values, &means),
            HeadSpec::Linear(_) | HeadSpec::Bottleneck { .. } => panic!("the net has no mixture"),
        }
    }

    /// The terms of the loss of `method` for a batch with smoothed one-hot `targets`, (B, K). `noise` is that of a VIB's codes, see
    /// [`code_noise`](super::code_noise); without it they are their means.
    ///
    /// # Panics
    /// When the method is not one of the net's family.
    pub fn terms(
        &self,
        values: &[Tensor<1>],
        forward: &Forward,
        targets: Tensor<2>,
        method: Method,
        noise: Option<Tensor<2>>,
    ) -> Terms {
        let features = forward.features.clone();
        let mixture = |objective| match &forward.log_det {
            Some(log_det) => {
                let losses =
                    mixture::losses(&features, log_det, self.means(values), targets.clone(), objective);
                let mixture::Losses { loss, l_x, l_y, class_nll, logits } = losses;
                Terms { loss, l_x: Some(l_x), l_y, class_nll: Some(class_nll), kl: None, logits }
            }
            None => unreachable!("a feed-forward network has no latents"),
        };
        match (method, self.spec().head()) {
            (Method::IbInn { gamma }, _) => mixture(mixture::Objective::InformationBottleneck(gamma)),
            (Method::ClassNll { .. }, _) => mixture(mixture::Objective::ClassNll),
            (Method::ResNet | Method::IRevNet, HeadSpec::Linear(head)) => {
                self.cross_entropy(values, head, features.clone(), targets.clone())
            }
            (Method::Vib { gamma }, HeadSpec::Bottleneck { code, head }) => {
                self.vib(values, [code, head], features.clone(), targets.clone(), gamma, noise)
            }
            (method, _) => panic!("{method:?} is no method of a {}", self.spec().family().title()),
        }
    }
}
