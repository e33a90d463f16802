//! The affine coupling with its soft clamp, y = x·e^ℓ + t with ℓ = 0.7·tanh(k·a_s) (method §2.2), pixel by pixel.

use ibinn::Real;
use ibinn::cpu::kernel::{Loops, wide};
use ibinn::spec::element::Coupling;

/// Bound of the soft clamp.
const CLAMP: f32 = Coupling::CLAMP_BOUND as f32;
const SLOPE: f32 = Coupling::CLAMP_SLOPE as f32;

/// What a coupling block's subnet gave for one image.
pub(super) struct Affine {
    /// As it came: scale a_s, then shift t, of each pixel, (P, 2·c₂).
    pub a: Vec<f32>,
    /// tanh(k·a_s), (P, c₂).
    bent: Vec<f32>,
    /// e^ℓ, (P, c₂).
    scale: Vec<f32>,
    /// Channels that are transformed, c₂.
    channels: usize,
}

/// One pixel of an [`Affine`].
pub(super) struct Pixel<'a> {
    shift: &'a [f32],
    bent: &'a [f32],
    scale: &'a [f32],
}

impl Affine {
    /// Room for so many pixels and transformed channels.
    pub fn new(pixels: usize, channels: usize) -> Self {
        let zeros = || vec![0.0; pixels * channels];
        Self { a: vec![0.0; 2 * pixels * channels], bent: zeros(), scale: zeros(), channels }
    }

    /// Works out tanh(k·a_s) and e^ℓ.
    pub fn bend(&mut self) {
        let half = self.channels;
        let pixels = self.a.chunks_exact(2 * half).zip(self.bent.chunks_exact_mut(half));
        pixels.for_each(|(a, bent)| bent.copy_from_slice(&a[..half]));
        wide(Bend { bent: &mut self.bent, scale: &mut self.scale });
    }

    /// Σℓ over the map.
    pub fn log_det(&self) -> f64 {
        f64::from(CLAMP) * self.bent.iter().map(|&bent| f64::from(bent)).sum::<f64>()
    }

    /// Its pixels in order.
    pub fn pixels(&self) -> impl Iterator<Item = Pixel<'_>> {
        let half = self.channels;
        let bent = self.bent.chunks_exact(half).zip(self.scale.chunks_exact(half));
        let pixels = self.a.chunks_exact(2 * half).zip(bent);
        pixels.map(move |(a, (bent, scale))| Pixel { shift: &a[half..], bent, scale })
    }
}

/// bent = tanh(k·bent), scale = e^(0.7·bent).
struct Bend<'a> {
    bent: &'a mut [f32],
    scale: &'a mut [f32],
}

impl Loops for Bend<'_> {
    #[inline(always)]
    fn run(self) {
        self.bent.iter_mut().for_each(|v| *v = Real::tanh(SLOPE * *v));
        self.scale.iter_mut().zip(self.bent).for_each(|(scale, bent)| *scale = Real::exp(CLAMP * *bent));
    }
}

impl Pixel<'_> {
    /// y = x·e^ℓ + t.
    #[inline]
    pub fn couple(&self, x: &[f32], y: &mut [f32]) {
        for (((y, &x), &scale), &t) in y.iter_mut().zip(x).zip(self.scale).zip(self.shift) {
            *y = x * scale + t;
        }
    }

    /// x = (y − t)/e^ℓ, in place.
    #[inline]
    pub fn uncouple(&self, y: &mut [f32]) {
        for ((y, &scale), &t) in y.iter_mut().zip(self.scale).zip(self.shift) {
            *y = (*y - t) / scale;
        }
    }

    /// Turns the gradient `d` of y, with `log_det` that of Σℓ, into that of x; `da` becomes those of a_s and t.
    #[inline]
    pub fn gradients(&self, x: &[f32], log_det: f32, d: &mut [f32], da: &mut [f32]) {
        let (ds, dt) = da.split_at_mut(x.len());
        dt.copy_from_slice(d);
        for ((((ds, d), &x), &bent), &scale) in ds.iter_mut().zip(d).zip(x).zip(self.bent).zip(self.scale) {
            *ds = (*d * x * scale + log_det) * (CLAMP * SLOPE) * (1.0 - bent * bent);
            *d *= scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_computed_by_hand() {
        let mut affine = Affine::new(1, 1);
        affine.a = vec![1.0, 0.5];
        affine.bend();
        assert!((affine.log_det() - 0.069_767_596).abs() < 1e-7);
        let pixel = affine.pixels().next();
        let mut y = [0.0];
        pixel.iter().for_each(|pixel| pixel.couple(&[2.0], &mut y));
        assert!((y[0] - (2.0 * 1.072_259 + 0.5)).abs() < 1e-6);
        // Gradients 3 of y and 2 of the log-det: 3·e^ℓ of x, and (3·2·e^ℓ + 2)·0.07·(1 − tanh² 0.1) of a_s.
        let (mut d, mut da) = ([3.0], [0.0; 2]);
        pixel.iter().for_each(|pixel| pixel.gradients(&[2.0], 2.0, &mut d, &mut da));
        assert!((d[0] - 3.216_777).abs() < 1e-5 && da[1] == 3.0);
        assert!((da[0] - (6.433_554 + 2.0) * 0.07 * (1.0 - 0.099_667_994 * 0.099_667_994)).abs() < 1e-5);
        pixel.iter().for_each(|pixel| pixel.uncouple(&mut y));
        assert!((y[0] - 2.0).abs() < 1e-6);
    }
}
