//! What is minimised, and its terms (method §3.3).

use burn::tensor::Tensor;
use ibinn::Method;
use ibinn::spec::head::HeadSpec;
use ibinn::training;

use super::{Forward, Net, mixture, ops};

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

impl Terms {
    /// Reads them and `others`, waiting for the device once; `accuracy` is what the logits, B×K, say of it.
    ///
    /// # Panics
    /// When the device has been lost.
    pub fn read_with(
        self,
        others: Option<Tensor<1>>,
        accuracy: impl FnOnce(&[f32]) -> f64,
    ) -> (training::Terms, Vec<f32>) {
        let Self { loss, l_x, l_y, class_nll, kl, logits } = self;
        let [classes, batch] = [logits.dims()[1], logits.dims()[0]];
        let optional = [l_x, class_nll, kl];
        let has = optional.each_ref().map(Option::is_some);
        let single = [loss, l_y].into_iter().chain(optional.into_iter().flatten()).map(Tensor::inner);
        let logits = logits.inner().reshape([batch * classes]);
        let all: Vec<Tensor<1>> = single.chain([logits]).chain(others).collect();
        let numbers = ops::read_f32(Tensor::cat(all, 0));
        let (single, rest) = numbers.split_at(2 + has.iter().filter(|has| **has).count());
        let (logits, others) = rest.split_at(batch * classes);
        let mut single = single.iter().map(|&number| f64::from(number));
        let mut next = || single.next().unwrap_or(f64::NAN);
        let (loss, l_y) = (next(), next());
        let [l_x, class_nll, kl] = has.map(|has| has.then(&mut next));
        (training::Terms { loss, l_x, l_y, class_nll, kl, accuracy: accuracy(logits) }, others.to_vec())
    }
}

/// The share of images whose largest logit, of so many each, is that of their label.
pub fn share_right(logits: &[f32], classes: usize, labels: &[u16]) -> f64 {
    let largest = |row: &[f32]| (0..row.len()).fold(0, |best, k| if row[k] > row[best] { k } else { best });
    let right =
        logits.chunks(classes).zip(labels).filter(|(row, label)| largest(row) == usize::from(**label));
    right.count() as f64 / labels.len() as f64
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
