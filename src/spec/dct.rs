//! The discrete cosine transform at the end of the convolutional part (method §2.5), as matrices and constants.

/// Two-dimensional DCT-II of each channel, then flattening with the channel fastest, the vertical frequency next
/// and the horizontal frequency slowest (method §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dct {
    /// Channels C.
    pub channels: usize,
    /// Side N of the map.
    pub n: usize,
}

impl Dct {
    /// The N×N matrix M_kn = 2·cos(π k (2n+1) / 2N) / √R, row-major, so that out = M X Mᵀ with R = 4(N+1).
    pub fn matrix(&self) -> Vec<f64> {
        let n = self.n;
        let scale = 2.0 / libm::sqrt(4.0 * (n as f64 + 1.0));
        (0..n * n)
            .map(|i| {
                let (k, j) = ((i / n) as f64, (i % n) as f64);
                scale * libm::cos(std::f64::consts::PI * k * (2.0 * j + 1.0) / (2.0 * n as f64))
            })
            .collect()
    }

    /// The inverse of [`matrix`](Self::matrix), row-major: the rows of M are orthogonal, so it is the transpose
    /// with each column divided by the squared norm of the row it came from.
    pub fn inverse_matrix(&self) -> Vec<f64> {
        let n = self.n;
        let m = self.matrix();
        let square = |k: usize| -> f64 { m[k * n..(k + 1) * n].iter().map(|v| v * v).sum() };
        (0..n * n).map(|i| m[(i % n) * n + i / n] / square(i % n)).collect()
    }

    /// The true log-det, in nats (method §2.5).
    pub fn log_det(&self) -> f64 {
        let n = self.n as f64;
        let log_det_m = libm::log(2.0 * libm::sqrt(n)) + (n - 1.0) * 0.5 * libm::log(2.0 * n);
        self.channels as f64 * (2.0 * n * log_det_m - n * n * libm::log(4.0 * (n + 1.0)))
    }

    /// The constant that the authors' program reports instead, N²·C·ln ½ (method §2.5): too high, the same for all
    /// images.
    pub fn authors_log_det(&self) -> f64 {
        (self.n * self.n * self.channels) as f64 * libm::log(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln|det| of a matrix whose n rows, of n numbers each, are orthogonal: the sum of the logarithms of their lengths.
    fn log_abs_det(m: &[f64], n: usize) -> f64 {
        let dot = |i: usize, j: usize| (0..n).map(|k| m[i * n + k] * m[j * n + k]).sum::<f64>();
        for i in 0..n {
            assert!((0..i).all(|j| dot(i, j).abs() < 1e-12), "row {i}");
        }
        (0..n).map(|i| dot(i, i).ln() / 2.0).sum()
    }

    #[test]
    fn dct_log_det_is_that_of_its_matrix() {
        for (n, truth, authors) in
            [(8, -46.354_356, -44.361_420), (7, -35.655_220, -33.964_212), (4, -11.888_063, -11.090_355)]
        {
            let dct = Dct { channels: 1, n };
            let m = dct.matrix();
            // The two-dimensional transform as one matrix over the N² pixels.
            let whole: Vec<f64> = (0..n * n * n * n)
                .map(|i| {
                    let (out, pixel) = (i / (n * n), i % (n * n));
                    m[out / n * n + pixel / n] * m[out % n * n + pixel % n]
                })
                .collect();
            assert!((log_abs_det(&whole, n * n) - dct.log_det()).abs() < 1e-9);
            assert!((dct.log_det() - truth).abs() < 1e-6);
            assert!((dct.authors_log_det() - authors).abs() < 1e-6);
        }
        let two = Dct { channels: 48, n: 2 };
        assert!((two.log_det() - two.authors_log_det() + 11.307_171).abs() < 1e-6);
    }

    #[test]
    fn dct_rows_are_orthogonal_and_the_inverse_inverts() {
        let dct = Dct { channels: 1, n: 8 };
        let (m, inverse) = (dct.matrix(), dct.inverse_matrix());
        for i in 0..8 {
            for j in 0..8 {
                let product: f64 = (0..8).map(|k| m[i * 8 + k] * inverse[k * 8 + j]).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-13);
                // Un-normalised rows have the norms 2√N and √(2N); 36 is R for N = 8.
                let dot: f64 = (0..8).map(|k| m[i * 8 + k] * m[j * 8 + k]).sum();
                let square = if i == 0 { 32.0 } else { 16.0 };
                assert!((dot * 36.0 - if i == j { square } else { 0.0 }).abs() < 1e-12);
            }
        }
    }
}
