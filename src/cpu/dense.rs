//! The dense coupling (spec §2.6), on a group of latents at once so that its large weights are read once a group.

use super::Weights;
use super::kernel::{Packed, Rows, multiply};
use crate::Real;
use crate::element::Dense;

/// Slope of the clamp E(s) = 1.272·atan(s/2).
const CLAMP: f64 = 2.0 * 0.636;

/// E(s), within ±1.998.
fn clamp<F: Real>(s: F) -> F {
    F::from_f64(CLAMP) * (F::from_f64(0.5) * s).atan()
}

struct Net<F> {
    hidden: Packed<F>,
    output: Packed<F>,
}

impl<F: Real> Net<F> {
    fn new(name: &str, inputs: usize, hidden: usize, weights: &Weights<'_, F>) -> Self {
        let get = |part: &str| weights.get(&format!("{name}.{part}"));
        Self {
            hidden: Packed::new(&get("fc1.weight"), &get("fc1.bias"), inputs, 1),
            output: Packed::new(&get("fc2.weight"), &get("fc2.bias"), hidden, 1),
        }
    }

    /// Runs on the numbers from `first` on of each of the latents in `z`, `dims` numbers apart.
    fn run(&self, z: &[F], dims: usize, first: usize, hidden: &mut Vec<F>, result: &mut Vec<F>) {
        let offsets = |step: usize, first: usize| -> Vec<u32> {
            (0..z.len() / dims).map(|b| (b * step + first) as u32).collect()
        };
        let count = z.len() / dims;
        let (width, outputs) = (self.hidden.outputs(), self.output.outputs());
        hidden.resize(count * width, F::default());
        result.resize(count * outputs, F::default());
        let (z_rows, hidden_rows) = (offsets(dims, first), offsets(width, 0));
        multiply(&self.hidden, z, &Rows { input: &z_rows, taps: &[0], output: &hidden_rows }, hidden, true);
        let rows = Rows { input: &hidden_rows, taps: &[0], output: &offsets(outputs, 0) };
        multiply(&self.output, hidden, &rows, result, false);
    }
}

/// The dense coupling.
pub(super) struct DenseLayer<F> {
    net1: Net<F>,
    net2: Net<F>,
    dims: usize,
    first: usize,
}

impl<F: Real> DenseLayer<F> {
    pub fn new(dense: &Dense, weights: &Weights<'_, F>) -> Self {
        let [(name1, inputs1, _), (name2, inputs2, _)] = dense.nets();
        Self {
            net1: Net::new(name1, inputs1, dense.hidden, weights),
            net2: Net::new(name2, inputs2, dense.hidden, weights),
            dims: dense.dims,
            first: dense.split().0,
        }
    }

    /// Encodes a group of latents in place and adds to each one's log-det.
    pub fn forward(&self, z: &mut [F], log_det: &mut [f64]) {
        let (mut hidden, mut result) = (Vec::new(), Vec::new());
        let (d, first) = (self.dims, self.first);
        for (net, source, target) in [(&self.net2, first, 0..first), (&self.net1, 0, first..d)] {
            net.run(z, d, source, &mut hidden, &mut result);
            let groups = z.chunks_exact_mut(d).zip(result.chunks_exact(2 * target.len())).zip(&mut *log_det);
            for ((z, result), log_det) in groups {
                let (scale, shift) = result.split_at(target.len());
                for ((x, &s), &t) in z[target.clone()].iter_mut().zip(scale).zip(shift) {
                    let e = clamp(s);
                    *log_det += e.to_f64();
                    *x = *x * e.exp() + t;
                }
            }
        }
    }

    /// Decodes a group of latents in place.
    pub fn inverse(&self, z: &mut [F]) {
        let (mut hidden, mut result) = (Vec::new(), Vec::new());
        let (d, first) = (self.dims, self.first);
        for (net, source, target) in [(&self.net1, 0, first..d), (&self.net2, first, 0..first)] {
            net.run(z, d, source, &mut hidden, &mut result);
            for (z, result) in z.chunks_exact_mut(d).zip(result.chunks_exact(2 * target.len())) {
                let (scale, shift) = result.split_at(target.len());
                for ((y, &s), &t) in z[target.clone()].iter_mut().zip(scale).zip(shift) {
                    *y = (*y - t) * (-clamp(s)).exp();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamp_matches_the_hand_computed_values() {
        for (s, wanted) in [(1.0f64, 0.589_759_758_6), (10.0, 1.746_965_775_6), (1e18, 1.998_052_927_7)] {
            assert!((clamp(s) - wanted).abs() < 1e-9, "{s}");
            assert_eq!(clamp(-s), -clamp(s));
        }
        assert!((clamp(1.0f64).exp() - 1.803_555_074_8).abs() < 1e-9);
    }
}
