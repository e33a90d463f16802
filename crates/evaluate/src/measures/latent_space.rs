//! Where the classes lie in latent space: whether means keep their distance, and whether they lie where the data do.

use serde::{Deserialize, Serialize};

/// Distances in latent space, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distances {
    /// Their mean.
    pub mean: f64,
    /// The smallest.
    pub smallest: f64,
    /// The largest.
    pub largest: f64,
}

impl Distances {
    fn of(distances: &[f64]) -> Option<Self> {
        Some(Self {
            mean: super::arithmetic_mean(distances)?,
            smallest: distances.iter().copied().fold(f64::INFINITY, f64::min),
            largest: distances.iter().copied().fold(0.0, f64::max),
        })
    }
}

/// Distances between every two of `means` ((K, `dims`), row-major); none of fewer than two.
pub fn between(means: &[f32], dims: usize) -> Option<Distances> {
    let rows: Vec<&[f32]> = means.chunks_exact(dims).collect();
    let pairs = rows.iter().enumerate().flat_map(|(i, a)| rows[i + 1..].iter().map(|b| distance(a, b)));
    Distances::of(&pairs.collect::<Vec<_>>())
}

/// Distances from each of `means` to the one of `others` in the same row (both (K, `dims`), row-major).
pub fn apart(means: &[f32], others: &[f32], dims: usize) -> Option<Distances> {
    let rows = means.chunks_exact(dims).zip(others.chunks_exact(dims));
    Distances::of(&rows.map(|(a, b)| distance(a, b)).collect::<Vec<_>>())
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_triangle_of_three_four_and_five() {
        let means = [0.0, 0.0, 3.0, 0.0, 0.0, 4.0];
        let found = between(&means, 2).unwrap();
        assert_eq!(found, Distances { mean: 4.0, smallest: 3.0, largest: 5.0 });
        let moved = apart(&means, &[0.0, 0.0, 3.0, 1.0, 0.0, 6.0], 2).unwrap();
        assert_eq!(moved, Distances { mean: 1.0, smallest: 0.0, largest: 2.0 });
        assert_eq!(between(&means[..2], 2), None);
    }

    #[test]
    fn initial_means_are_as_far_apart_as_was_asked() {
        let means: Vec<f32> =
            ibinn::head::mixture::initial_means(10, 784, 5.0).iter().map(|&v| v as f32).collect();
        let found = between(&means, 784).unwrap();
        assert!((found.smallest - 5.0).abs() < 1e-5 && (found.largest - 5.0).abs() < 1e-5, "{found:?}");
    }
}
