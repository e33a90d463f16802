//! The losses of the models without a likelihood (method §2.8, §3.3) and their gradients, in f64: a linear layer on the
//! features, and the stochastic code of a VIB.
//!
//! With the logits *l = W f + b* and the posterior p, the smoothed cross-entropy *C = −Σ t_y ln p_y* has the gradients
//! *g = dl = p·Σt − t*, *dW = Σ g⊗f* and *db = Σ g* over the images, and *df = Wᵀ g*.
//!
//! The code is *c = m + s·n* with *(m, r) = V f + v*, *s = softplus(r − 5)* and noise n. With its *KL = Σ ((m² + s² − 1)/2 −
//! ln s)* in nats,
//!
//! *dm = dc + w·m*, *ds = dc·n + w·(s − 1/s)*, *dr = ds·sigmoid(r − 5)*, w being the weight of the KL.

use std::f64::consts::LN_2;
use std::ops::Range;

use super::Layout;
use super::terms::{CROSS_ENTROPY_WEIGHT, HeadGradients, Terms};
use crate::cpu::parallel;
use crate::head::Linear;
use crate::head::bottleneck::{LEAST_SPREAD, SPREAD_SHIFT, std_of};
use crate::head::posterior::{Posterior, largest};
use crate::math::random::{Purpose, Stream};
use crate::spec::head::CODE_LENGTH;
use crate::spec::linear::LinearLayer;
use crate::{Gamma, Real};

/// A linear layer's values, and what its gradients are made of: an input and the gradient of an output for each image.
struct Layer {
    linear: Linear,
    weight: Range<usize>,
    bias: Range<usize>,
}

impl Layer {
    fn new<F: Real>(layer: LinearLayer, layout: &Layout, values: &[F]) -> Self {
        let [weight, bias] = layout.layer(&layer.tensors());
        let get = |range: &Range<usize>| values[range.clone()].iter().map(|v| v.to_f64()).collect();
        Self { linear: Linear::new(get(&weight), get(&bias)), weight, bias }
    }

    /// The gradients of weight and bias from what came in and the gradient of what came out, of each image.
    fn gradients<F: Real>(&self, inputs: &[Vec<f64>], outputs: &[Vec<f64>], gradient: &mut [F]) {
        let rows = gradient[self.weight.clone()].chunks_mut(self.linear.inputs()).enumerate().collect();
        let biases = parallel::map(rows, |(row, to): (usize, &mut [F])| {
            let mut sums = vec![0.0f64; to.len()];
            for (x, d) in inputs.iter().zip(outputs) {
                sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += d[row] * x);
            }
            to.iter_mut().zip(sums).for_each(|(to, sum)| *to = F::from_f64(sum));
            outputs.iter().map(|d| d[row]).sum::<f64>()
        });
        gradient[self.bias.clone()].iter_mut().zip(biases).for_each(|(to, sum)| *to = F::from_f64(sum));
    }
}

/// Standard normal numbers for the codes of a VIB in one step of training, N×128.
pub fn code_noise(seed: u64, step: u64, batch: usize) -> Vec<f64> {
    let mut stream = Stream::for_pair(seed, Purpose::Code, step, 0);
    // Rounded, so that they are the same wherever the step is taken.
    (0..batch * CODE_LENGTH).map(|_| f64::from(stream.normal() as f32)).collect()
}

/// Terms of the smoothed cross-entropy, and the gradient of the logits where the loss is that.
fn cross_entropy(posterior: &Posterior, targets: &[f64]) -> (Terms, Vec<f64>) {
    let l_y = posterior.l_y(targets);
    let total: f64 = targets.iter().sum();
    let g = posterior.probabilities.iter().zip(targets).map(|(p, t)| p * total - t).collect();
    let terms = Terms {
        loss: total * (targets.len() as f64).ln() - l_y,
        l_y,
        accuracy: if posterior.prediction() == largest(targets) { 1.0 } else { 0.0 },
        ..Terms::default()
    };
    (terms, g)
}

/// Wᵀ g, and each number as an F.
fn rounded<F: Real>(values: impl IntoIterator<Item = Vec<f64>>) -> Vec<F> {
    values.into_iter().flatten().map(F::from_f64).collect()
}

/// Features, or their like, of each image in f64.
fn rows<F: Real>(values: &[F], batch: usize) -> Vec<Vec<f64>> {
    values.chunks_exact(values.len() / batch).map(|row| row.iter().map(|v| v.to_f64()).collect()).collect()
}

/// The loss of the linear layer `head` on `features`, (B, F), for `targets`, (B, K), and its gradients; those of the layer go to
/// `gradient`.
pub(super) fn linear_gradients<F: Real>(
    layout: &Layout,
    head: LinearLayer,
    values: &[F],
    features: &[F],
    targets: &[f64],
    batch: usize,
    gradient: &mut [F],
) -> HeadGradients<F> {
    let head = Layer::new(head, layout, values);
    let features = rows(features, batch);
    let images = features.iter().zip(targets.chunks_exact(targets.len() / batch)).collect();
    let images = parallel::map(images, |(features, targets): (&Vec<f64>, &[f64])| {
        let (mut terms, mut g) = cross_entropy(&Posterior::new(head.linear.apply(features)), targets);
        terms.loss *= CROSS_ENTROPY_WEIGHT;
        g.iter_mut().for_each(|g| *g *= CROSS_ENTROPY_WEIGHT / batch as f64);
        let d = head.linear.apply_transposed(&g);
        (terms, g, d)
    });
    let (mut terms, mut g, mut d) = (Vec::new(), Vec::new(), Vec::new());
    for image in images {
        terms.push(image.0);
        g.push(image.1);
        d.push(image.2);
    }
    head.gradients(&features, &g, gradient);
    HeadGradients { terms: Terms::mean(&terms), features: rounded(d), log_det: vec![F::default(); batch] }
}

/// What the gradients of a VIB are made of, of one image.
struct CodeGradients {
    terms: Terms,
    /// The code.
    code: Vec<f64>,
    /// Gradients of logits, of means and spreads, and of features.
    logits: Vec<f64>,
    distribution: Vec<f64>,
    features: Vec<f64>,
}

/// The loss of a VIB with these `layers`, of its code and its logits, on `features`, (B, F), for `targets`, (B, K), with the code's `noise`, (B, 128), and its gradients;
/// those of the layers go to `gradient`. `dims` is that of the images.
#[allow(clippy::too_many_arguments, reason = "two layers, a batch with its noise, and the loss's weights")]
pub(super) fn vib_gradients<F: Real>(
    layout: &Layout,
    layers: [LinearLayer; 2],
    values: &[F],
    features: &[F],
    targets: &[f64],
    (noise, batch): (&[f64], usize),
    gamma: Gamma,
    dims: usize,
    gradient: &mut [F],
) -> HeadGradients<F> {
    let [code, head] = layers.map(|layer| Layer::new(layer, layout, values));
    let (weight_x, weight_y) = gamma.loss_weights();
    let (of_kl, of_entropy) = (weight_x / dims as f64 / LN_2, weight_y / LN_2);
    let share = 1.0 / batch as f64;
    let features = rows(features, batch);
    let images = features.iter().zip(targets.chunks_exact(targets.len() / batch));
    let images = images.zip(noise.chunks_exact(CODE_LENGTH)).collect();
    type Item<'a> = ((&'a Vec<f64>, &'a [f64]), &'a [f64]);
    let images = parallel::map(images, |((features, targets), noise): Item<'_>| {
        let distribution = code.linear.apply(features);
        let (mean, spread) = distribution.split_at(CODE_LENGTH);
        let std: Vec<f64> = spread.iter().map(|&r| std_of(r)).collect();
        let drawn: Vec<f64> = mean.iter().zip(&std).zip(noise).map(|((m, s), n)| m + s * n).collect();
        let nats = |(m, s): (&f64, &f64)| (m * m + s * s - 1.0) / 2.0 - s.ln();
        let kl = mean.iter().zip(&std).map(nats).sum::<f64>();
        let (mut terms, mut logits) = cross_entropy(&Posterior::new(head.linear.apply(&drawn)), targets);
        terms.loss = of_kl * kl + of_entropy * terms.loss;
        terms.kl = Some(kl / LN_2);
        logits.iter_mut().for_each(|g| *g *= share * of_entropy);
        let dc = head.linear.apply_transposed(&logits);
        let w = share * of_kl;
        let mut distribution: Vec<f64> = dc.iter().zip(mean).map(|(dc, m)| dc + w * m).collect();
        for (((dc, &r), s), n) in dc.iter().zip(spread).zip(&std).zip(noise) {
            let y = r - SPREAD_SHIFT;
            let sigmoid = if y < LEAST_SPREAD { 0.0 } else { 1.0 / (1.0 + (-y).exp()) };
            distribution.push((dc * n + w * (s - 1.0 / s)) * sigmoid);
        }
        let features = code.linear.apply_transposed(&distribution);
        CodeGradients { terms, code: drawn, logits, distribution, features }
    });
    let terms: Vec<Terms> = images.iter().map(|image| image.terms).collect();
    let (mut codes, mut logits, mut distributions, mut d) = (vec![], vec![], vec![], vec![]);
    for image in images {
        codes.push(image.code);
        logits.push(image.logits);
        distributions.push(image.distribution);
        d.push(image.features);
    }
    head.gradients(&codes, &logits, gradient);
    code.gradients(&features, &distributions, gradient);
    HeadGradients { terms: Terms::mean(&terms), features: rounded(d), log_det: vec![F::default(); batch] }
}
