//! The relative Mahalanobis distance in closed form (method §3.6).

use super::scatter::Scatter;
use crate::math::symmetric::{Cholesky, dot, eigen};
use crate::{Error, Result};

/// Share of the mean variance that is added to every variance.
const SHRINKAGE: f64 = 0.01;
/// Largest dimensions whose covariance is formed.
const MOST_DIMS: usize = 4096;
/// Discriminants with a separation s² below this share of the largest are zero but for rounding.
const NOTHING: f64 = 1e-12;

/// The directions W in which the classes differ most beside their scatter, and where the classes lie along them.
///
/// With u = Wᵀ(z − m), the relative distance from class y is r_y = |u − v_y|² − Σ_j u_j²/(1 + s_j²).
#[derive(Clone, Debug, PartialEq)]
pub struct Discriminants {
    /// W, (J, D): the discriminants as rows; zeros where the classes differ in fewer directions.
    pub(super) directions: Vec<f64>,
    /// Wᵀm, J: where the mean of all latents lies along them.
    pub(super) centre: Vec<f64>,
    /// v_y = Wᵀ(m_y − m), (K, J).
    pub(super) positions: Vec<f64>,
    /// s_j, J: how far the classes are apart along each, in standard deviations within classes.
    pub(super) separations: Vec<f64>,
}

impl Discriminants {
    /// Fits them to `latents`, rows of `dims` numbers, with their labels. All numbers are rounded to f32, as a model file
    /// holds them.
    ///
    /// # Errors
    /// [`Error::Input`] when a class has no image, the latents do not vary, or `dims` is above 4096, where the covariance
    /// of the latents would not fit the memory.
    pub fn fit(latents: Vec<f32>, labels: &[usize], classes: usize, dims: usize) -> Result<Self> {
        Self::fit_beside(latents, labels, (classes, dims), SHRINKAGE, None)
    }

    /// The same where `shrinkage` is the share of the mean variance that is added to every variance, as few latents need more of
    /// it; beside latents of other things, rows of `dims` numbers, if there are any. The scatter of these about the mean counts
    /// as that of the classes does, so that directions are found in which other things differ though the classes do not: of
    /// all, as many more than without them as is said beside them.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub(crate) fn fit_beside(
        latents: Vec<f32>,
        labels: &[usize],
        (classes, dims): (usize, usize),
        shrinkage: f64,
        others: Option<(&[f32], usize)>,
    ) -> Result<Self> {
        if dims > MOST_DIMS {
            return Err(Error::Input(format!(
                "novelty is fitted to latents of at most {MOST_DIMS} dimensions, but these have {dims}"
            )));
        }
        let scatter = Scatter::new(latents, labels, classes, dims)?;
        Ok(Self::of(&scatter, shrinkage, others)?.rounded())
    }

    /// Those of a scatter, not rounded.
    fn of(scatter: &Scatter, shrinkage: f64, others: Option<(&[f32], usize)>) -> Result<Self> {
        let Scatter { shares, class_means, mean, within } = scatter;
        let (classes, dims) = (shares.len(), mean.len());
        let mut shrunk = within.clone();
        let trace: f64 = (0..dims).map(|i| shrunk[i * (dims + 1)]).sum();
        (0..dims).for_each(|i| shrunk[i * (dims + 1)] += shrinkage * trace / dims as f64);
        let factor = Cholesky::new(shrunk, dims).ok_or_else(|| {
            Error::Input("the latents do not vary within their classes, or are not finite".into())
        })?;
        let offset = |y: usize| class_means[y * dims..][..dims].iter().zip(mean).map(|(c, m)| c - m);
        // Rows of B, and of B(S + λ)⁻¹.
        let mut rows: Vec<Vec<f64>> =
            (0..classes).map(|y| offset(y).map(|d| shares[y].sqrt() * d).collect()).collect();
        let (others, more) = others.unwrap_or_default();
        let share = (1.0 / (others.len() / dims).max(1) as f64).sqrt();
        let weighted = |z: &[f32]| z.iter().zip(mean).map(|(&z, m)| share * (f64::from(z) - m)).collect();
        rows.extend(others.chunks_exact(dims).map(weighted));
        let n = rows.len();
        let axes = (count(classes, dims) + more).min(n - 1).min(dims);
        let solved: Vec<Vec<f64>> = rows.iter().map(|row| factor.solve(row)).collect();
        let gram = (0..n * n).map(|i| dot(&rows[i / n], &solved[i % n])).collect();
        let components = eigen(gram, n);
        let largest = components[0].0;
        let (mut directions, mut separations) = (Vec::new(), Vec::new());
        for (square, weights) in components.iter().take(axes) {
            let mut direction = vec![0.0; dims];
            let exists = *square > NOTHING * largest;
            let separation = if exists { square.sqrt() } else { 0.0 };
            if exists {
                for (row, weight) in solved.iter().zip(weights) {
                    direction.iter_mut().zip(row).for_each(|(d, r)| *d += weight / separation * r);
                }
            }
            directions.extend(direction);
            separations.push(separation);
        }
        let along = |z: &[f64]| directions.chunks_exact(dims).map(|w| dot(w, z)).collect::<Vec<f64>>();
        let positions = (0..classes).flat_map(|y| along(&offset(y).collect::<Vec<_>>())).collect();
        Ok(Self { centre: along(mean), positions, directions, separations })
    }

    /// The same with numbers that f32 holds. The places are those along the rounded directions.
    fn rounded(mut self) -> Self {
        let round = |values: &mut Vec<f64>| values.iter_mut().for_each(|v| *v = f64::from(*v as f32));
        for values in [&mut self.directions, &mut self.centre, &mut self.positions, &mut self.separations] {
            round(values);
        }
        self
    }

    /// Number of discriminants J.
    pub fn len(&self) -> usize {
        self.separations.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.separations.is_empty()
    }

    /// Numbers D of a latent.
    pub fn dims(&self) -> usize {
        self.directions.len() / self.len()
    }

    /// Number of classes K.
    pub fn classes(&self) -> usize {
        self.positions.len() / self.len()
    }

    /// s_j: how far the classes are apart along each discriminant, in standard deviations within classes, descending.
    pub fn separations(&self) -> &[f64] {
        &self.separations
    }

    /// u = Wᵀ(z − m) of a latent, D numbers.
    pub fn coordinates(&self, z: &[f32]) -> Vec<f64> {
        let along = |w: &[f64]| -> f64 { w.iter().zip(z).map(|(w, &z)| w * f64::from(z)).sum() };
        self.directions.chunks_exact(self.dims()).zip(&self.centre).map(|(w, c)| along(w) - c).collect()
    }

    /// r_y of each class for the latent `z`, D numbers.
    pub fn relative_distances(&self, z: &[f32]) -> Vec<f64> {
        self.relative(&self.coordinates(z))
    }

    /// r_y of each class at the coordinates `u`.
    pub(super) fn relative(&self, u: &[f64]) -> Vec<f64> {
        let shrunk = |(u, s): (&f64, &f64)| u * u / (1.0 + s * s);
        let background: f64 = u.iter().zip(&self.separations).map(shrunk).sum();
        self.squares(u).map(|square| square - background).collect()
    }

    /// Means μ_y of a mixture of unit covariance, (K, D), whose posterior is that of the linear discriminant analysis, with the
    /// logits u·v_y − |v_y|²/2: μ_y = c + W v_y. They lie about `centre`, D numbers, but for what sets the logits right: c is
    /// `centre` + W a for the a with a·WᵀW v_y = |v_y|²/2 − |W v_y|²/2 − (Wᵀ(`centre` − m))·v_y + b of every class (method
    /// §11.3).
    pub fn means(&self, centre: &[f64]) -> Vec<f64> {
        let (axes, dims) = (self.len(), self.dims());
        let row = |j: usize| &self.directions[j * dims..][..dims];
        // W v_y, and WᵀW v_y.
        let along = |weights: &[f64]| {
            let mut sum = vec![0.0; dims];
            for (j, weight) in weights.iter().enumerate() {
                sum.iter_mut().zip(row(j)).for_each(|(s, w)| *s += weight * w);
            }
            sum
        };
        let moved: Vec<Vec<f64>> = self.positions.chunks_exact(axes).map(along).collect();
        let from_middle: Vec<f64> = (0..axes).map(|j| dot(row(j), centre) - self.centre[j]).collect();
        // One equation a class, in a and b: by least squares, as directions may be zero.
        let equations: Vec<(Vec<f64>, f64)> = moved
            .iter()
            .zip(self.positions.chunks_exact(axes))
            .map(|(moved, v)| {
                let mut factors: Vec<f64> = (0..axes).map(|j| dot(row(j), moved)).collect();
                factors.push(1.0);
                (factors, (dot(v, v) - dot(moved, moved)) / 2.0 - dot(&from_middle, v))
            })
            .collect();
        let n = axes + 1;
        let mut normal = vec![0.0; n * n];
        let mut right = vec![0.0; n];
        for (factors, wanted) in &equations {
            for i in 0..n {
                right[i] += factors[i] * wanted;
                (0..n).for_each(|j| normal[i * n + j] += factors[i] * factors[j]);
            }
        }
        let trace: f64 = (0..n).map(|i| normal[i * (n + 1)]).sum();
        (0..n).for_each(|i| normal[i * (n + 1)] += 1e-12 * trace);
        let solved = Cholesky::new(normal, n).map_or_else(|| vec![0.0; n], |factor| factor.solve(&right));
        let offset = along(&solved[..axes]);
        let mean = |moved: Vec<f64>| {
            let shared = centre.iter().zip(offset.clone());
            moved.into_iter().zip(shared).map(|(m, (c, o))| m + c + o).collect::<Vec<f64>>()
        };
        moved.into_iter().flat_map(mean).collect()
    }

    /// |u − v_y| of each class.
    pub(super) fn distances(&self, u: &[f64]) -> Vec<f64> {
        self.squares(u).map(f64::sqrt).collect()
    }

    fn squares(&self, u: &[f64]) -> impl Iterator<Item = f64> {
        let square = |v: &[f64]| u.iter().zip(v).map(|(u, v)| (u - v) * (u - v)).sum();
        self.positions.chunks_exact(self.len()).map(square)
    }
}

/// Discriminants J of so many classes, beside nothing else.
fn count(classes: usize, dims: usize) -> usize {
    (classes - 1).min(dims)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::drawn;
    use super::*;

    fn close(got: f64, wanted: f64, tolerance: f64) {
        assert!((got - wanted).abs() < tolerance, "{got} instead of {wanted}");
    }

    /// Two classes of four latents each around (−2, 0) and (2, 0), with variances 1 and 4.
    fn two_classes() -> Discriminants {
        let latents = [-2.0f32, 2.0]
            .into_iter()
            .flat_map(|x| [[x - 1.0, -2.0], [x - 1.0, 2.0], [x + 1.0, -2.0], [x + 1.0, 2.0]])
            .flatten()
            .collect();
        Discriminants::fit(latents, &[0, 0, 0, 0, 1, 1, 1, 1], 2, 2).unwrap()
    }

    #[test]
    fn two_classes_by_hand() {
        let found = two_classes();
        // λ = 0.01·5/2 = 0.025; S + λ = diag(1.025, 4.025); s² = 4/1.025; W = (1/√1.025, 0).
        close(found.separations[0], 1.975_459, 1e-6);
        close(found.directions[0].abs(), 0.987_730, 1e-6);
        close(found.directions[1], 0.0, 1e-7);
        // At z = (2, 9): |u − v|² is 0 and 16/1.025, u²/(1 + s²) = (4/1.025)/(5.025/1.025) = 0.796020.
        let r = found.relative_distances(&[2.0, 9.0]);
        close(r[1], -0.796_020, 1e-5);
        close(r[0], 14.813_736, 1e-5);
        // The square without the relative part would be 81/4.025 larger: what the classes share says nothing.
        assert_eq!(found.relative_distances(&[2.0, 0.0]), r);
        // At the middle both are 4/1.025.
        let middle = found.relative_distances(&[0.0, 0.0]);
        close(middle[0], 3.902_439, 1e-5);
        close(middle[1], 3.902_439, 1e-5);
        close(found.distances(&found.coordinates(&[0.0, 1.0]))[0], 1.975_459, 1e-5);
    }

    #[test]
    fn equals_the_difference_of_two_mahalanobis_distances() {
        let (latents, labels) = drawn(500, 2);
        let scatter = Scatter::new(latents.clone(), &labels, 3, 10).unwrap();
        let found = Discriminants::of(&scatter, SHRINKAGE, None).unwrap();
        let n = 10;
        let trace: f64 = (0..n).map(|i| scatter.within[i * (n + 1)]).sum();
        let lambda = SHRINKAGE * trace / n as f64;
        // S + λ, and S₀ + λ with the scatter between the classes.
        let mut within = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                within[i * n + j] = scatter.within[i * n + j] + if i == j { lambda } else { 0.0 };
            }
        }
        let mut all = within.clone();
        for (y, mean) in scatter.class_means.chunks(n).enumerate() {
            for i in 0..n {
                for j in 0..=i {
                    all[i * n + j] +=
                        scatter.shares[y] * (mean[i] - scatter.mean[i]) * (mean[j] - scatter.mean[j]);
                }
            }
        }
        let (within, all) = (Cholesky::new(within, n).unwrap(), Cholesky::new(all, n).unwrap());
        let square = |factor: &Cholesky, z: &[f32], centre: &[f64]| {
            let difference: Vec<f64> = z.iter().zip(centre).map(|(&z, c)| f64::from(z) - c).collect();
            dot(&difference, &factor.solve(&difference))
        };
        for z in latents.chunks(n).take(40) {
            let background = square(&all, z, &scatter.mean);
            for (mean, got) in scatter.class_means.chunks(n).zip(found.relative_distances(z)) {
                close(got, square(&within, z, mean) - background, 1e-10);
            }
        }
    }

    #[test]
    fn classes_that_coincide_have_no_discriminant_and_are_as_far_as_each_other() {
        let latents = [-1.0f32, 1.0, -1.0, 1.0, 5.0, 7.0].iter().flat_map(|&v| [v, 0.5 * v * v]).collect();
        let found = Discriminants::fit(latents, &[0, 0, 1, 1, 2, 2], 3, 2).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found.separations[1], 0.0);
        let r = found.relative_distances(&[3.0, 3.0]);
        assert!(r.iter().all(|v| v.is_finite()));
        close(r[0], r[1], 1e-5);
    }

    #[test]
    fn large_latents_are_refused_with_a_sentence() {
        let refused = Discriminants::fit(vec![0.0; 2 * 5000], &[0, 1], 2, 5000).unwrap_err().to_string();
        assert_eq!(refused, "novelty is fitted to latents of at most 4096 dimensions, but these have 5000");
    }
}
