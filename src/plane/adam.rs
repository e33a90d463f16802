//! Adam, behind a clip of the gradient's norm.

use crate::Real;

/// Decay of the first and the second moment.
const BETAS: (f64, f64) = (0.9, 0.99);
/// What keeps the division finite.
const EPSILON: f64 = 1e-8;
/// Largest global L2 norm of the gradient, as in the training of images (method §1.4).
const CLIP: f64 = 8.0;

/// The moments of every parameter.
#[derive(Clone, Debug)]
pub(super) struct Adam<F> {
    first: Vec<F>,
    second: Vec<F>,
    steps: i32,
}

impl<F: Real> Adam<F> {
    /// For so many parameters.
    pub fn new(parameters: usize) -> Self {
        Self { first: vec![F::default(); parameters], second: vec![F::default(); parameters], steps: 0 }
    }

    /// One step against the gradients, `times` as large from parameter `tail` on; false, and nothing changes, when the
    /// gradients are not finite.
    pub fn step(
        &mut self,
        parameters: &mut [F],
        gradients: &[F],
        rate: f64,
        tail: usize,
        times: f64,
    ) -> bool {
        let norm = gradients.iter().map(|g| g.to_f64() * g.to_f64()).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return false;
        }
        self.steps += 1;
        let real = F::from_f64;
        let clip = real((CLIP / (norm + 1e-6)).min(1.0));
        let (keep_1, keep_2) = (real(BETAS.0), real(BETAS.1));
        let (take_1, take_2) = (real(1.0 - BETAS.0), real(1.0 - BETAS.1));
        let rate = rate / (1.0 - BETAS.0.powi(self.steps));
        let (rate, of_tail) = (real(rate), real(rate * times));
        let unbias = real(1.0 / (1.0 - BETAS.1.powi(self.steps)));
        let each = parameters.iter_mut().zip(gradients).zip(&mut self.first).zip(&mut self.second);
        for (i, (((parameter, &gradient), first), second)) in each.enumerate() {
            let rate = if i < tail { rate } else { of_tail };
            let g = gradient * clip;
            *first = keep_1 * *first + take_1 * g;
            *second = keep_2 * *second + take_2 * g * g;
            *parameter += -(rate * *first / ((*second * unbias).sqrt() + real(EPSILON)));
        }
        true
    }
}
