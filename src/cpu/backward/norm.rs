//! Batch-norm and ReLU on maps, forward and backward (method §2.3, §3.4).
//!
//! The loops run over a row of pixels at a time, whose per-channel numbers are laid out beforehand, so that they are long
//! enough for the widest registers however few channels there are. Sums over an image are taken per position in single
//! precision, those of positions and images in double precision.

use crate::Real;
use crate::cpu::kernel::wide;
use crate::spec::fold::BATCH_NORM_EPSILON;

use super::rows::{Activate, Backward, Deviations, Rectify, Sum};

/// Mean and sum of squared deviations of each channel over some pixels, mergeable in a fixed order.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    count: f64,
    mean: Vec<f64>,
    deviations: Vec<f64>,
}

impl Moments {
    /// Those of a map, (rows, columns, channels).
    pub fn of<F: Real>(map: &[F], columns: usize, channels: usize) -> Self {
        let row = columns * channels;
        let count = (map.len() / channels) as f64;
        let mut sums = vec![F::default(); row];
        wide(Sum { map, sums: &mut sums });
        let mean: Vec<f64> = folded(&sums, channels).map(|sum| sum / count).collect();
        let centre = repeated(mean.iter().map(|&mean| F::from_f64(mean)), columns);
        sums.fill(F::default());
        wide(Deviations { map, centre: &centre, sums: &mut sums });
        let deviations = folded(&sums, channels).collect();
        Self { count, mean, deviations }
    }

    /// Those of both maps together.
    pub fn merge(mut self, other: &Self) -> Self {
        let count = self.count + other.count;
        for c in 0..self.mean.len() {
            let apart = other.mean[c] - self.mean[c];
            self.mean[c] += apart * other.count / count;
            self.deviations[c] += other.deviations[c] + apart * apart * self.count * other.count / count;
        }
        Self { count, ..self }
    }
}

/// Per-channel numbers for each position of a row of pixels.
fn repeated<F: Real>(channels: impl Iterator<Item = F>, columns: usize) -> Vec<F> {
    channels.collect::<Vec<_>>().repeat(columns)
}

/// Per-channel sums of what stands at the positions of a row of pixels.
fn folded<F: Real>(row: &[F], channels: usize) -> impl Iterator<Item = f64> {
    (0..channels).map(move |c| row[c..].iter().step_by(channels).map(|v| v.to_f64()).sum())
}

/// A batch-norm whose statistics are known.
pub(super) struct Norm<F> {
    /// Mean of each channel.
    pub mean: Vec<F>,
    /// Unbiased variance of each channel.
    pub variance: Vec<F>,
    /// 1/√(biased variance + ε).
    inverse: Vec<F>,
    /// Pixels in a row.
    columns: usize,
    count: f64,
    /// γ/σ at each position of a row.
    scale: Vec<F>,
    /// β − mean·γ/σ at each position.
    shift: Vec<F>,
    /// The mean at each position.
    centre: Vec<F>,
}

impl<F: Real> Norm<F> {
    /// Batch-norm by the statistics of a batch, for maps of so many columns.
    pub fn new(moments: &Moments, gamma: &[F], beta: &[F], columns: usize) -> Self {
        let count = moments.count;
        let inverse = |&d: &f64| 1.0 / (d / count + BATCH_NORM_EPSILON).sqrt();
        let inverse: Vec<f64> = moments.deviations.iter().map(inverse).collect();
        let scale: Vec<f64> = inverse.iter().zip(gamma).map(|(i, &g)| i * g.to_f64()).collect();
        let shift =
            moments.mean.iter().zip(&scale).zip(beta).map(|((m, s), &b)| F::from_f64(b.to_f64() - m * s));
        let mean = || moments.mean.iter().map(|&m| F::from_f64(m));
        Self {
            mean: mean().collect(),
            variance: moments.deviations.iter().map(|&d| F::from_f64(d / (count - 1.0))).collect(),
            inverse: inverse.iter().map(|&i| F::from_f64(i)).collect(),
            columns,
            count,
            shift: repeated(shift, columns),
            scale: repeated(scale.iter().map(|&s| F::from_f64(s)), columns),
            centre: repeated(mean(), columns),
        }
    }

    /// Batch-norm that only adds `beta`, with the statistics of a batch all the same.
    pub fn plain(moments: &Moments, beta: &[F], columns: usize) -> Self {
        let ones = vec![F::from_f64(1.0); beta.len()];
        let of_batch = Self::new(moments, &ones, beta, columns);
        Self {
            scale: repeated(ones.into_iter(), columns),
            shift: repeated(beta.iter().copied(), columns),
            ..of_batch
        }
    }

    /// Numbers of a row.
    pub fn row(&self) -> usize {
        self.scale.len()
    }

    /// What `mask`, a factor for each channel, multiplies at each position of a row; 1 without one.
    pub fn mask_row(&self, mask: Option<&[F]>) -> Vec<F> {
        match mask {
            Some(mask) => mask.repeat(self.columns),
            None => vec![F::from_f64(1.0); self.scale.len()],
        }
    }

    /// Batch-norm, ReLU and, where there is one, mask of a map. The rows of `out` begin `step` numbers apart.
    pub fn activate(&self, map: &[F], mask: Option<&[F]>, step: usize, out: &mut [F]) {
        let Self { scale, shift, .. } = self;
        match mask {
            Some(mask) => wide(Activate { map, scale, shift, step, out, mask: &self.mask_row(Some(mask)) }),
            None => wide(Activate { map, scale, shift, step, out, mask: &[] }),
        }
    }

    /// From the gradient `dz` of what comes out of norm, ReLU and mask to that of what comes out of the norm, in place;
    /// adds its terms to the sums that the backward pass needs. `mask` is a [`mask_row`](Self::mask_row).
    pub fn rectify(&self, map: &[F], mask: &[F], dz: &mut [F], sums: &mut GradientSums) {
        let Self { scale, shift, centre, .. } = self;
        let channels = self.mean.len();
        let (mut beta, mut gamma) = (vec![F::default(); scale.len()], vec![F::default(); scale.len()]);
        wide(Rectify { map, scale, shift, centre, mask, dz, beta: &mut beta, gamma: &mut gamma });
        sums.beta.iter_mut().zip(folded(&beta, channels)).for_each(|(sum, v)| *sum += v);
        for ((sum, v), &inverse) in sums.gamma.iter_mut().zip(folded(&gamma, channels)).zip(&self.inverse) {
            *sum += v * inverse.to_f64();
        }
    }

    /// What the backward pass needs besides maps and gradients, when the sums over the batch are known.
    pub fn backward(&self, sums: &GradientSums) -> NormBackward<'_, F> {
        let mean = |&sum: &f64| F::from_f64(sum / self.count);
        let slopes = sums.gamma.iter().zip(&self.inverse).zip(&self.scale);
        let slopes = slopes.map(|((sum, inverse), scale)| mean(sum) * *inverse * *scale);
        NormBackward {
            norm: self,
            beta: repeated(sums.beta.iter().map(mean), self.columns),
            slope: repeated(slopes, self.columns),
        }
    }
}

/// The backward pass of a batch-norm.
pub(super) struct NormBackward<'a, F> {
    norm: &'a Norm<F>,
    /// mean(dz).
    beta: Vec<F>,
    /// γ/σ²·mean(dz·x̂).
    slope: Vec<F>,
}

impl<F: Real> NormBackward<'_, F> {
    /// The gradient of what came in, γ/σ·(dz − mean(dz) − x̂·mean(dz·x̂)). The rows of `out` begin `step` numbers apart.
    pub fn run(&self, map: &[F], dz: &[F], step: usize, out: &mut [F]) {
        let Self { norm: Norm { scale, centre, .. }, beta, slope } = self;
        wide(Backward { map, dz, scale, centre, beta, slope, step, out });
    }
}

/// Gradients of a batch-norm's γ and β, which its backward pass needs first.
#[derive(Clone, Debug)]
pub(super) struct GradientSums {
    /// Σ dz·x̂.
    pub gamma: Vec<f64>,
    /// Σ dz.
    pub beta: Vec<f64>,
}

impl GradientSums {
    /// Nothing yet, for some number of channels.
    pub fn zeros(channels: usize) -> Self {
        Self { gamma: vec![0.0; channels], beta: vec![0.0; channels] }
    }

    /// Adds those of other pixels.
    pub fn add(&mut self, other: &Self) {
        self.gamma.iter_mut().zip(&other.gamma).for_each(|(a, b)| *a += b);
        self.beta.iter_mut().zip(&other.beta).for_each(|(a, b)| *a += b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of two rows, three columns and one channel each.
    const MAP: [f32; 12] = [1.0, 2.0, 4.0, 0.0, -1.0, 3.0, 5.0, 1.0, 2.0, -2.0, 0.0, 3.0];

    fn norm() -> Norm<f32> {
        let [first, second] = [&MAP[..6], &MAP[6..]].map(|map| Moments::of(map, 3, 1));
        Norm::new(&first.merge(&second), &[2.0], &[0.7], 3)
    }

    #[test]
    fn statistics_are_those_of_the_whole_batch() {
        // Σ = 18, Σ² = 74: mean 1.5, squared deviations 74 − 12·1.5² = 47.
        let norm = norm();
        assert!((norm.mean[0] - 1.5).abs() < 1e-6);
        assert!((norm.variance[0] - 47.0 / 11.0).abs() < 1e-5);
        let mut out = [9.0; 8];
        norm.activate(&MAP[..6], None, 4, &mut out);
        let wanted = |v: f32| (2.0 * (v - 1.5) / (47.0f32 / 12.0 + 1e-4).sqrt() + 0.7).max(0.0);
        let row = |a, b, c| [wanted(a), wanted(b), wanted(c), 9.0];
        let all = [row(1.0, 2.0, 4.0), row(0.0, -1.0, 3.0)].concat();
        assert!(out.iter().zip(&all).all(|(got, wanted)| (got - wanted).abs() < 1e-5), "{out:?}, {all:?}");
    }

    #[test]
    fn gradients_are_finite_differences() {
        // E = Σ w·relu(norm(x))·mask over both images.
        let weights: Vec<f32> = (0..12).map(|i| (i * 5 % 7) as f32 - 3.0).collect();
        let energy = |map: &[f32]| -> f64 {
            let norm = Norm::new(
                &Moments::of(&map[..6], 3, 1).merge(&Moments::of(&map[6..], 3, 1)),
                &[2.0],
                &[0.7],
                3,
            );
            let mut out = vec![0.0; 12];
            norm.activate(map, Some(&[2.0]), 3, &mut out);
            out.iter().zip(&weights).map(|(a, w)| f64::from(a * w)).sum()
        };
        let norm = norm();
        let (mut dz, mut sums) = (weights.clone(), GradientSums::zeros(1));
        norm.rectify(&MAP, &norm.mask_row(Some(&[2.0])), &mut dz, &mut sums);
        let mut dx = vec![0.0; 12];
        norm.backward(&sums).run(&MAP, &dz, 3, &mut dx);
        for i in 0..12 {
            let moved = |by: f32| {
                let mut map = MAP;
                map[i] += by;
                energy(&map)
            };
            let wanted = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!((f64::from(dx[i]) - wanted).abs() < 2e-2, "{i}: {} for {wanted}", dx[i]);
        }
    }
}
