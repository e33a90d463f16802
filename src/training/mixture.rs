//! The losses on the latent mixture (method §3.3) and their gradients (method §3.4), in f64.
//!
//! With *r_y = z·μ_y − |μ_y|²/2* and the posterior p, both losses are functions of r, of |z|²/2 and of the log-det J:
//!
//! * IB: *β_x·(|z|²/2 − ln Σ e^r + ln K − J)/D − β_y·Σ t_y (ln p_y + ln K)*, so that
//!   *g_y = ∂/∂r_y = −β_x·p_y/D − β_y·(t_y − p_y·Σt)* and *s = ∂/∂(|z|²/2) = −∂/∂J = β_x/D*;
//! * class-NLL: *2·(|z|²/2 − r_label − J)/D*, so that *g_y = −2/D* of the label, 0 of the others, and *s = 2/D*.
//!
//! Of either, *dz = s·z + Σ g_y·μ_y*, *dμ_y = Σ g_y·(z − μ_y)* over the images, and *dJ = −s*.
//!
//! With weights w = softmax φ that are not equal, ln w_y is part of r_y, and stands in the place of −ln K. φ learns from L_X alone,
//! whatever L_X weighs in the loss: *dφ_y = Σ (w_y − p_y)/D* (method §3.2).

use super::terms::{HeadGradients, Terms};
use crate::cpu::parallel;
use crate::head::mixture::Mixture;
use crate::head::posterior::largest;
use crate::{Method, Real};

/// Images of a task.
const GROUP: usize = 8;

/// What is minimised, as weights of the terms.
#[derive(Clone, Copy)]
struct Weights {
    x: f64,
    y: f64,
    class_nll: f64,
}

/// The losses of a batch of latents `z`, (B, D), with their log-dets around `means`, (K, D), weighed by `phi`, (K), where that is
/// given, for `targets`, (B, K), and their gradients; that of the means goes to `d_means`, and that of L_X by φ is given beside.
///
/// # Panics
/// When the method has no mixture.
pub(super) fn gradients<F: Real>(
    (z, log_det): (&[F], &[f64]),
    (means, phi): (&[F], Option<&[F]>),
    targets: &[f64],
    method: Method,
    d_means: &mut [F],
) -> (HeadGradients<F>, Vec<F>) {
    let batch = log_det.len();
    let (dims, classes) = (z.len() / batch, targets.len() / batch);
    let d = dims as f64;
    let weights = match method {
        Method::IbInn { gamma } => {
            let (x, y) = gamma.loss_weights();
            Weights { x, y, class_nll: 0.0 }
        }
        Method::ClassNll { .. } => Weights { x: 0.0, y: 0.0, class_nll: 2.0 },
        Method::Vib { .. } | Method::ResNet | Method::IRevNet => {
            unreachable!("its family has no mixture")
        }
    };
    let wide = |values: &[F]| values.iter().map(|v| v.to_f64()).collect::<Vec<f64>>();
    let mixture = Mixture::new(wide(means), dims);
    let mixture = match phi {
        Some(phi) => mixture.with_log_weights(&wide(phi)),
        None => mixture,
    };
    let share = 1.0 / batch as f64;
    let slope = share * (weights.x + weights.class_nll) / d;
    let mut dz = vec![F::default(); z.len()];
    // Rows of an image: what is told of it, and its g.
    let groups = z.chunks(GROUP * dims).zip(dz.chunks_mut(GROUP * dims)).enumerate().collect();
    let images = parallel::map(groups, |(group, (z, dz)): (usize, (&[F], &mut [F]))| {
        let images = z.chunks_exact(dims).zip(dz.chunks_exact_mut(dims)).enumerate();
        let of_image = |(i, (z, dz)): (usize, (&[F], &mut [F]))| {
            let image = group * GROUP + i;
            let (targets, log_det) = (&targets[image * classes..][..classes], log_det[image]);
            let (terms, g, p) = of_image(&mixture, z, log_det, targets, weights);
            let g: Vec<f64> = g.iter().map(|g| share * g).collect();
            let mut sums: Vec<f64> = z.iter().map(|v| slope * v.to_f64()).collect();
            for (y, g) in g.iter().enumerate() {
                sums.iter_mut().zip(mixture.mean(y)).for_each(|(sum, mean)| *sum += g * mean);
            }
            dz.iter_mut().zip(sums).for_each(|(dz, sum)| *dz = F::from_f64(sum));
            (terms, (g, p))
        };
        images.map(of_image).collect::<Vec<_>>()
    });
    type Rows = Vec<Vec<f64>>;
    let (terms, (g, p)): (Vec<Terms>, (Rows, Rows)) = images.into_iter().flatten().unzip();
    let of_class = d_means.chunks_mut(dims).enumerate().collect();
    parallel::map(of_class, |(y, d_mean): (usize, &mut [F])| {
        let mut sums = vec![0.0f64; dims];
        for (z, g) in z.chunks_exact(dims).zip(&g) {
            sums.iter_mut().zip(z).for_each(|(sum, z)| *sum += g[y] * z.to_f64());
        }
        let total: f64 = g.iter().map(|g| g[y]).sum();
        for ((d_mean, sum), mean) in d_mean.iter_mut().zip(sums).zip(mixture.mean(y)) {
            *d_mean = F::from_f64(sum - total * mean);
        }
    });
    let d_phi = phi.map_or_else(Vec::new, |_| {
        let of_class = |(y, w): (usize, &f64)| (w - share * p.iter().map(|p| p[y]).sum::<f64>()) / d;
        mixture.weights().iter().enumerate().map(of_class).map(F::from_f64).collect()
    });
    let log_det = vec![F::from_f64(-slope); batch];
    (HeadGradients { terms: Terms::mean(&terms), features: dz, log_det }, d_phi)
}

/// The terms of an image, g, and the posterior.
fn of_image<F: Real>(
    mixture: &Mixture,
    z: &[F],
    log_det: f64,
    targets: &[f64],
    weights: Weights,
) -> (Terms, Vec<f64>, Vec<f64>) {
    let (label, d) = (largest(targets), mixture.dims() as f64);
    let score = mixture.score(z, log_det);
    let class_nll = crate::head::mixture::class_nll(&score, label, log_det, mixture.dims());
    let l_y = score.posterior.l_y(targets);
    let total: f64 = targets.iter().sum();
    let g = |(y, (t, p)): (usize, (&f64, &f64))| {
        let hard = if y == label { weights.class_nll } else { 0.0 };
        -(weights.x * p + hard) / d - weights.y * (t - p * total)
    };
    let g = targets.iter().zip(&score.posterior.probabilities).enumerate().map(g).collect();
    let terms = Terms {
        loss: weights.x * score.l_x - weights.y * l_y + weights.class_nll * class_nll,
        l_x: Some(score.l_x),
        l_y,
        class_nll: Some(class_nll),
        kl: None,
        accuracy: if score.posterior.prediction() == label { 1.0 } else { 0.0 },
    };
    (terms, g, score.posterior.probabilities)
}
