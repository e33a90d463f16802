//! Moving maps between layouts, and batch-norm on them.

use ibinn::fold::BATCH_NORM_EPSILON;

use super::geometry::Geometry;

/// (channels, pixels) → the padded map, optionally through a ReLU.
pub(super) fn pad_planes(planes: &[f32], channels: usize, relu: bool, geometry: &Geometry, out: &mut [f32]) {
    let pixels = geometry.pixels();
    for p in 0..pixels {
        let target = &mut out[geometry.padded(p) * channels..][..channels];
        for (c, to) in target.iter_mut().enumerate() {
            let value = planes[c * pixels + p];
            *to = if relu { value.max(0.0) } else { value };
        }
    }
}

/// (channels, pixels) → (pixels, channels).
pub(super) fn to_pixels(planes: &[f32], channels: usize, out: &mut [f32]) {
    let pixels = planes.len() / channels;
    for (p, target) in out.chunks_exact_mut(channels).enumerate() {
        target.iter_mut().enumerate().for_each(|(c, to)| *to = planes[c * pixels + p]);
    }
}

/// (pixels, channels) → (channels, pixels).
pub(super) fn to_planes(map: &[f32], channels: usize, planes: &mut [f32]) {
    let pixels = planes.len() / channels;
    for (p, source) in map.chunks_exact(channels).enumerate() {
        source.iter().enumerate().for_each(|(c, &from)| planes[c * pixels + p] = from);
    }
}

/// Mean and sum of squared deviations of each channel over some pixels, mergeable in a fixed order.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    count: f64,
    mean: Vec<f64>,
    deviations: Vec<f64>,
}

impl Moments {
    /// Those of a map, (pixels, channels).
    pub fn of(map: &[f32], channels: usize) -> Self {
        let count = (map.len() / channels) as f64;
        let mut mean = vec![0.0f64; channels];
        for pixel in map.chunks_exact(channels) {
            mean.iter_mut().zip(pixel).for_each(|(sum, &v)| *sum += f64::from(v));
        }
        mean.iter_mut().for_each(|sum| *sum /= count);
        let mut deviations = vec![0.0f64; channels];
        for pixel in map.chunks_exact(channels) {
            for ((sum, &v), mean) in deviations.iter_mut().zip(pixel).zip(&mean) {
                let deviation = f64::from(v) - mean;
                *sum += deviation * deviation;
            }
        }
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

/// A batch-norm whose statistics are known.
#[derive(Clone, Debug)]
pub(super) struct Norm {
    /// Mean of each channel.
    pub mean: Vec<f32>,
    /// Unbiased variance of each channel.
    pub variance: Vec<f32>,
    /// 1/√(biased variance + ε).
    inverse: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
    count: f64,
}

impl Norm {
    /// Batch-norm by the statistics of a batch (spec §2.3).
    pub fn new(moments: &Moments, gamma: &[f32], beta: &[f32]) -> Self {
        let count = moments.count;
        let inverse = |&d: &f64| 1.0 / (d / count + BATCH_NORM_EPSILON).sqrt();
        let inverse: Vec<f64> = moments.deviations.iter().map(inverse).collect();
        let scale: Vec<f64> = inverse.iter().zip(gamma).map(|(i, &g)| i * f64::from(g)).collect();
        let shift =
            moments.mean.iter().zip(&scale).zip(beta).map(|((m, s), &b)| (f64::from(b) - m * s) as f32);
        Self {
            shift: shift.collect(),
            mean: moments.mean.iter().map(|&m| m as f32).collect(),
            variance: moments.deviations.iter().map(|&d| (d / (count - 1.0)) as f32).collect(),
            inverse: inverse.iter().map(|&i| i as f32).collect(),
            scale: scale.iter().map(|&s| s as f32).collect(),
            count,
        }
    }

    /// Batch-norm and ReLU of one pixel.
    pub fn activate(&self, pixel: &[f32], out: &mut [f32]) {
        for (((to, &v), scale), shift) in out.iter_mut().zip(pixel).zip(&self.scale).zip(&self.shift) {
            *to = (v * scale + shift).max(0.0);
        }
    }

    /// Batch-norm and ReLU into the padded map.
    pub fn activate_padded(&self, map: &[f32], geometry: &Geometry, out: &mut [f32]) {
        let channels = self.mean.len();
        for (p, pixel) in map.chunks_exact(channels).enumerate() {
            self.activate(pixel, &mut out[geometry.padded(p) * channels..][..channels]);
        }
    }

    /// Adds the terms of a map's gradient `dz`, of what comes out before the ReLU, to the sums that the backward pass needs.
    pub fn sum(&self, map: &[f32], dz: &[f32], sums: &mut GradientSums) {
        let channels = self.mean.len();
        for (pixel, dz) in map.chunks_exact(channels).zip(dz.chunks_exact(channels)) {
            for c in 0..channels {
                let normal = (pixel[c] - self.mean[c]) * self.inverse[c];
                sums.beta[c] += f64::from(dz[c]);
                sums.gamma[c] += f64::from(dz[c] * normal);
            }
        }
    }

    /// The gradient of what came in: γ/σ·(dz − mean(dz) − x̂·mean(dz·x̂)), in place of `dz`.
    pub fn backward(&self, map: &[f32], sums: &GradientSums, dz: &mut [f32]) {
        let channels = self.mean.len();
        let means = |sums: &[f64]| -> Vec<f32> { sums.iter().map(|&s| (s / self.count) as f32).collect() };
        let (beta, gamma) = (means(&sums.beta), means(&sums.gamma));
        for (pixel, dz) in map.chunks_exact(channels).zip(dz.chunks_exact_mut(channels)) {
            for c in 0..channels {
                let normal = (pixel[c] - self.mean[c]) * self.inverse[c];
                dz[c] = self.scale[c] * (dz[c] - beta[c] - normal * gamma[c]);
            }
        }
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

    /// Both together.
    pub fn merge(mut self, other: &Self) -> Self {
        self.gamma.iter_mut().zip(&other.gamma).for_each(|(a, b)| *a += b);
        self.beta.iter_mut().zip(&other.beta).for_each(|(a, b)| *a += b);
        self
    }
}
