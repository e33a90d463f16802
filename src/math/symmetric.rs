//! Symmetric matrices in f64: eigenvectors, and solving with positive definite ones.
//!
//! Only sums, products, quotients and square roots are taken, in a fixed order: the same numbers on every platform.

/// Sweeps of Jacobi's method; it converges quadratically and needs fewer than ten.
const SWEEPS: usize = 60;
/// Off-diagonal elements below this share of the largest diagonal one are zero but for rounding.
const ROUNDING: f64 = 1e-15;

/// Eigenvalues of a symmetric n×n matrix, descending, with their unit eigenvectors, by Jacobi's method.
pub(crate) fn eigen(mut m: Vec<f64>, n: usize) -> Vec<(f64, Vec<f64>)> {
    // Rows of `vectors` are the eigenvectors, once `m` is diagonal.
    let mut vectors = vec![0.0; n * n];
    (0..n).for_each(|i| vectors[i * n + i] = 1.0);
    let scale = (0..n).map(|i| m[i * n + i].abs()).fold(0.0, f64::max);
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let off = m[p * n + q];
                if off.abs() <= ROUNDING * scale {
                    continue;
                }
                turned = true;
                let theta = (m[q * n + q] - m[p * n + p]) / (2.0 * off);
                let sign = if theta < 0.0 { -1.0 } else { 1.0 };
                let tan = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cos = 1.0 / (tan * tan + 1.0).sqrt();
                let sin = tan * cos;
                for k in 0..n {
                    let (kp, kq) = (m[k * n + p], m[k * n + q]);
                    m[k * n + p] = cos * kp - sin * kq;
                    m[k * n + q] = sin * kp + cos * kq;
                }
                for matrix in [&mut m, &mut vectors] {
                    for k in 0..n {
                        let (pk, qk) = (matrix[p * n + k], matrix[q * n + k]);
                        matrix[p * n + k] = cos * pk - sin * qk;
                        matrix[q * n + k] = sin * pk + cos * qk;
                    }
                }
            }
        }
        if !turned {
            break;
        }
    }
    let mut pairs: Vec<(f64, Vec<f64>)> =
        vectors.chunks_exact(n).enumerate().map(|(i, vector)| (m[i * n + i], vector.to_vec())).collect();
    // Stable, so that equal values keep their order.
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    pairs
}

/// The lower triangle L of a positive definite matrix A = L Lᵀ.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cholesky {
    /// n×n, row-major; what lies above the diagonal means nothing.
    lower: Vec<f64>,
    n: usize,
}

impl Cholesky {
    /// Factorises `a`, n×n row-major, of which the lower triangle is read; none where it is not positive definite.
    pub fn new(a: Vec<f64>, n: usize) -> Option<Self> {
        let mut lower = a;
        for i in 0..n {
            let (above, row) = lower.split_at_mut(i * n);
            for j in 0..i {
                let other = &above[j * n..][..=j];
                row[j] = (row[j] - dot(&row[..j], other)) / other[j];
            }
            let square = row[i] - dot(&row[..i], &row[..i]);
            if !(square > 0.0 && square.is_finite()) {
                return None;
            }
            row[i] = square.sqrt();
        }
        Some(Self { lower, n })
    }

    /// A⁻¹b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (lower, n) = (&self.lower, self.n);
        let mut x = b.to_vec();
        for i in 0..n {
            let row = &lower[i * n..][..=i];
            x[i] = (x[i] - dot(&row[..i], &x)) / row[i];
        }
        // By rows of L, which lie in one piece: each unknown is taken out of all above it.
        for i in (0..n).rev() {
            let row = &lower[i * n..][..=i];
            let (above, rest) = x.split_at_mut(i);
            rest[0] /= row[i];
            above.iter_mut().zip(row).for_each(|(x, l)| *x -= l * rest[0]);
        }
        x
    }
}

/// Σ aᵢ·bᵢ over the shorter of both, in eight sums that vectorise.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let shared = a.len().min(b.len());
    let (a_eights, a_rest) = a[..shared].as_chunks::<8>();
    let (b_eights, b_rest) = b[..shared].as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a_eights.iter().zip(b_eights) {
        (0..8).for_each(|i| sums[i] += a[i] * b[i]);
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::math::random::{Purpose, Stream};

    #[test]
    fn a_factor_by_hand() {
        // [4 2; 2 5] = L Lᵀ with L = [2 0; 1 2].
        let factor = Cholesky::new(vec![4.0, f64::NAN, 2.0, 5.0], 2).unwrap();
        assert_eq!([factor.lower[0], factor.lower[2], factor.lower[3]], [2.0, 1.0, 2.0]);
        assert_eq!(factor.solve(&[8.0, 8.0]), [1.5, 1.0]);
        assert_eq!(Cholesky::new(vec![1.0, 2.0, 2.0, 1.0], 2), None);
        assert_eq!(Cholesky::new(vec![0.0], 1), None);
    }

    #[test]
    fn solutions_and_eigenvectors_fit_their_matrix() {
        let n = 23;
        let mut stream = Stream::new(6, Purpose::Test, 0);
        let roots: Vec<f64> = (0..n * n).map(|_| stream.normal()).collect();
        let a: Vec<f64> =
            (0..n * n).map(|i| dot(&roots[i / n * n..][..n], &roots[i % n * n..][..n])).collect();
        let b: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let times = |x: &[f64]| -> Vec<f64> { a.chunks(n).map(|row| dot(row, x)).collect() };
        let x = Cholesky::new(a.clone(), n).unwrap().solve(&b);
        assert!(times(&x).iter().zip(&b).all(|(got, wanted)| (got - wanted).abs() < 1e-7));
        for (value, vector) in eigen(a.clone(), n) {
            assert!((dot(&vector, &vector) - 1.0).abs() < 1e-12);
            assert!(times(&vector).iter().zip(&vector).all(|(got, v)| (got - value * v).abs() < 1e-10));
        }
    }
}
