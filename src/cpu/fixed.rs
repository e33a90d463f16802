//! Elements without weights: Haar transform, DCT and permutation, on one pixel-major map at a time.

use super::coupling::{fold, unfold};
use super::scratch::{Scratch, grown};
use crate::Real;
use crate::spec::Shape;
use crate::spec::dct::Dct;

/// The four outputs of one 2×2 patch (a b / c d), each ×½; the transform is its own inverse (method §2.1).
fn haar_patch<F: Real>(patch: &mut [F; 4]) {
    let [a, b, c, d] = *patch;
    let half = F::from_f64(0.5);
    *patch = [half * (a + b + c + d), half * (a - b + c - d), half * (a + b - c - d), half * (a - b - c + d)];
}

/// Haar transform of a map of `shape`.
pub(super) fn haar<F: Real>(map: &[F], shape: Shape, out: &mut [F]) {
    fold(map, shape, out);
    out.as_chunks_mut::<4>().0.iter_mut().for_each(haar_patch);
}

/// Inverse Haar transform to a map of `shape`; what it is of is spoilt.
pub(super) fn unhaar<F: Real>(map: &mut [F], shape: Shape, out: &mut [F]) {
    map.as_chunks_mut::<4>().0.iter_mut().for_each(haar_patch);
    unfold(map, shape, out);
}

/// out\[i\] = map\[order\[i\]\].
pub(super) fn permute<F: Real>(order: &[u32], map: &[F], out: &mut [F]) {
    out.iter_mut().zip(order).for_each(|(to, &i)| *to = map[i as usize]);
}

/// The inverse of [`permute`].
pub(super) fn unpermute<F: Real>(order: &[u32], map: &[F], out: &mut [F]) {
    map.iter().zip(order).for_each(|(&from, &i)| out[i as usize] = from);
}

/// The DCT with its matrices ready.
pub(super) struct DctLayer<F> {
    n: usize,
    channels: usize,
    matrix: Vec<F>,
    inverse: Vec<F>,
    transposed: Vec<F>,
}

impl<F: Real> DctLayer<F> {
    pub fn new(dct: &Dct) -> Self {
        let (n, matrix) = (dct.n, dct.matrix());
        let transposed = (0..n * n).map(|i| matrix[i % n * n + i / n]).collect();
        let convert = |m: Vec<f64>| m.into_iter().map(F::from_f64).collect();
        Self {
            n,
            channels: dct.channels,
            transposed: convert(transposed),
            matrix: convert(matrix),
            inverse: convert(dct.inverse_matrix()),
        }
    }

    /// out\[j, i\] = Σ_r m\[i, r\]·map\[r, j\] for every channel: a product from the left that also transposes, so that
    /// applying it twice gives M X Mᵀ in the transposed order.
    fn product(&self, m: &[F], map: &[F], out: &mut [F]) {
        let (n, c) = (self.n, self.channels);
        out.fill(F::default());
        for j in 0..n {
            for i in 0..n {
                let target = &mut out[(j * n + i) * c..][..c];
                for r in 0..n {
                    let factor = m[i * n + r];
                    for (t, &v) in target.iter_mut().zip(&map[(r * n + j) * c..][..c]) {
                        *t += factor * v;
                    }
                }
            }
        }
    }

    fn apply(&self, m: &[F], map: &mut [F], scratch: &mut Scratch<F>) {
        let n = self.n;
        let half = grown(&mut scratch.swap, map.len());
        self.product(m, map, half);
        self.product(m, half, map);
        // The flattened order has the vertical frequency before the horizontal one: a transposed pixel order.
        for i in 0..n {
            for j in 0..i {
                for k in 0..self.channels {
                    map.swap((i * n + j) * self.channels + k, (j * n + i) * self.channels + k);
                }
            }
        }
    }

    /// Map (pixel-major, row then column) → flat vector, index (k_x·N + k_y)·C + c (method §2.5).
    pub fn forward(&self, map: &mut [F], scratch: &mut Scratch<F>) {
        self.apply(&self.matrix, map, scratch);
    }

    /// The inverse of [`forward`](Self::forward).
    pub fn inverse(&self, map: &mut [F], scratch: &mut Scratch<F>) {
        self.apply(&self.inverse, map, scratch);
    }

    /// From the gradient G of what [`forward`](Self::forward) gave to that of what came in: Mᵀ G M of every channel.
    pub fn backward(&self, map: &mut [F], scratch: &mut Scratch<F>) {
        self.apply(&self.transposed, map, scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(map: &[f64]) -> Vec<f64> {
        let layer = DctLayer::new(&Dct { channels: 1, n: 8 });
        let (mut map, mut scratch) = (map.to_vec(), Scratch::default());
        layer.forward(&mut map, &mut scratch);
        map
    }

    #[test]
    fn dct_matches_the_hand_computed_values() {
        let flat = run(&[1.0; 64]);
        assert!((flat[0] - 64.0 / 9.0).abs() < 1e-12);
        assert!(flat[1..].iter().all(|v| v.abs() < 1e-12));
        let mut impulse = [0.0; 64];
        impulse[0] = 1.0;
        let flat = run(&impulse);
        for (k_y, k_x, value) in
            [(0, 0, 0.111_111_1), (0, 1, 0.108_976_1), (1, 1, 0.106_882_2), (7, 7, 0.004_228_9)]
        {
            assert!((flat[k_x * 8 + k_y] - value).abs() < 5e-8, "{k_y} {k_x}");
        }
        let ramp: Vec<f64> = (0..64).map(|p| f64::from(p % 8)).collect();
        let flat = run(&ramp);
        for (k_x, value) in [(0, 24.888_89), (1, -11.453_02), (2, 0.0), (3, -1.197_25)] {
            assert!((flat[k_x * 8] - value).abs() < 1e-5, "{k_x}");
        }
    }

    #[test]
    fn dct_of_a_random_map_inverts() {
        let mut stream = crate::math::random::Stream::new(0, crate::math::random::Purpose::Test, 0);
        let layer = DctLayer::new(&Dct { channels: 3, n: 7 });
        let map: Vec<f64> = (0..3 * 49).map(|_| stream.normal()).collect();
        let (mut work, mut scratch) = (map.clone(), Scratch::default());
        layer.forward(&mut work, &mut scratch);
        layer.inverse(&mut work, &mut scratch);
        assert!(work.iter().zip(&map).all(|(a, b)| (a - b).abs() < 1e-13));
    }

    #[test]
    fn haar_matches_the_hand_computed_values() {
        let shape = Shape { channels: 1, height: 2, width: 2 };
        let (mut out, mut back) = ([0.0f32; 4], [0.0; 4]);
        haar(&[1.0, 2.0, 3.0, 4.0], shape, &mut out);
        assert_eq!(out, [5.0, -1.0, -2.0, 0.0]);
        assert_eq!(out.iter().map(|v| v * v).sum::<f32>(), 30.0);
        unhaar(&mut out, shape, &mut back);
        assert_eq!(back, [1.0, 2.0, 3.0, 4.0]);
    }
}
