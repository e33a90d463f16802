//! A plane through latent space that shows how the classes lie: PCA to two dimensions, fitted to the K means (method
//! §4.6, Fig 7).
//!
//! The principal components of K points in D dimensions lie in the span of the centred points, so they follow from the
//! eigenvectors of the K×K matrix of their inner products; D×D numbers are never formed. Only sums, products, quotients
//! and square roots are taken, in a fixed order: a model has the same plane on every platform.

use crate::Real;
use crate::math::symmetric::{dot, eigen};

/// Variances below this share of the largest are zero but for the rounding of the means to f32.
const NOTHING: f64 = 1e-12;

/// The plane in which the means differ most, and the variances along all of their principal components.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    centroid: Vec<f64>,
    /// Orthonormal, D numbers each; zeros where the means have no further component.
    axes: [Vec<f64>; 2],
    variances: Vec<f64>,
}

impl Projection {
    /// Fits the plane to `means`, (K, `dims`) row-major.
    ///
    /// Each axis points to where the mean that lies farthest along it (the first of equals) has a positive coordinate.
    pub fn new<F: Real>(means: &[F], dims: usize) -> Self {
        let count = means.len() / dims;
        let centroid: Vec<f64> = (0..dims)
            .map(|i| (0..count).map(|k| means[k * dims + i].to_f64()).sum::<f64>() / count as f64)
            .collect();
        let centred: Vec<Vec<f64>> = means
            .chunks_exact(dims)
            .map(|mean| mean.iter().zip(&centroid).map(|(m, c)| m.to_f64() - c).collect())
            .collect();
        let mut products = vec![0.0; count * count];
        for i in 0..count {
            for j in i..count {
                let product = dot(&centred[i], &centred[j]);
                products[i * count + j] = product;
                products[j * count + i] = product;
            }
        }
        let components = eigen(products, count);
        let largest = components.first().map_or(0.0, |(value, _)| *value);
        let exists = |value: f64| value > NOTHING * largest;
        let axis = |i: usize| match components.get(i) {
            Some((value, vector)) if exists(*value) => axis(&centred, vector, dims),
            _ => vec![0.0; dims],
        };
        let variance = |(value, _): &(f64, Vec<f64>)| if exists(*value) { value / count as f64 } else { 0.0 };
        Self { axes: [axis(0), axis(1)], variances: components.iter().map(variance).collect(), centroid }
    }

    /// Variances of the means along their K principal components, descending; at most K − 1 are not zero.
    pub fn variances(&self) -> &[f64] {
        &self.variances
    }

    /// Coordinates in the plane of the latent `z`, D numbers; the centroid of the means is at (0, 0). The unit is that
    /// of latent space, where each class has a standard deviation of 1.
    pub fn project<F: Real>(&self, z: &[F]) -> [f64; 2] {
        let along = |axis: &Vec<f64>| {
            let terms = z.iter().zip(&self.centroid).zip(axis);
            terms.map(|((z, c), a)| (z.to_f64() - c) * a).sum()
        };
        [along(&self.axes[0]), along(&self.axes[1])]
    }

    /// The latent at `point` of the plane itself: the one nearest to the centroid of all that project there.
    pub fn unproject(&self, point: [f64; 2]) -> Vec<f32> {
        let (a, b) = (self.axes[0].iter(), self.axes[1].iter());
        let terms = self.centroid.iter().zip(a).zip(b);
        terms.map(|((c, a), b)| (c + point[0] * a + point[1] * b) as f32).collect()
    }

    /// The latent `z` moved along the plane to `point`: what the plane does not show of `z` stays as it is.
    pub fn moved(&self, z: &[f32], point: [f64; 2]) -> Vec<f32> {
        let here = self.project(z);
        let (a, b) = (self.axes[0].iter(), self.axes[1].iter());
        let terms = z.iter().zip(a).zip(b);
        let step = [point[0] - here[0], point[1] - here[1]];
        terms.map(|((&z, a), b)| (f64::from(z) + step[0] * a + step[1] * b) as f32).collect()
    }
}

/// The unit vector along Σ_k `vector`_k·`centred`_k, in the direction of the point that lies farthest along it.
fn axis(centred: &[Vec<f64>], vector: &[f64], dims: usize) -> Vec<f64> {
    let mut axis = vec![0.0; dims];
    for (row, weight) in centred.iter().zip(vector) {
        axis.iter_mut().zip(row).for_each(|(a, r)| *a += weight * r);
    }
    let farthest = centred
        .iter()
        .map(|row| dot(row, &axis))
        .fold(0.0f64, |best, along| if along.abs() > best.abs() { along } else { best });
    let length = dot(&axis, &axis).sqrt() * if farthest < 0.0 { -1.0 } else { 1.0 };
    axis.iter_mut().for_each(|a| *a /= length);
    axis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::mixture::initial_means;
    use crate::math::random::{Purpose, Stream};

    fn close(got: f64, wanted: f64) {
        assert!((got - wanted).abs() < 1e-5, "{got} instead of {wanted}");
    }

    fn random(count: usize, dims: usize, index: u64) -> Vec<f32> {
        let mut stream = Stream::new(4, Purpose::Test, index);
        (0..count * dims).map(|_| stream.normal() as f32).collect()
    }

    #[test]
    fn a_rectangle_has_its_long_side_first() {
        // Corners of a 6×2 rectangle around (1, 2, 5), lying in the second and third coordinate.
        let means = [1.0, 5.0, 6.0, 1.0, -1.0, 6.0, 1.0, 5.0, 4.0, 1.0, -1.0, 4.0];
        let plane = Projection::new(&means, 3);
        close(plane.variances()[0], 9.0);
        close(plane.variances()[1], 1.0);
        close(plane.variances()[2], 0.0);
        // The first corner is the first of those that lie farthest, along both axes.
        for (corner, [x, y]) in means.chunks(3).zip([[3.0, 1.0], [-3.0, 1.0], [3.0, -1.0], [-3.0, -1.0]]) {
            let point = plane.project(corner);
            close(point[0], x);
            close(point[1], y);
        }
        assert_eq!(plane.unproject([0.0, 0.0]), [1.0, 2.0, 5.0]);
        assert_eq!(plane.moved(&[9.0, 0.0, 0.0], [3.0, 1.0]), [9.0, 5.0, 6.0]);
    }

    #[test]
    fn k_means_have_at_most_k_minus_1_components() {
        for (count, dims) in [(2, 7), (3, 2), (10, 784), (10, 6)] {
            let plane = Projection::new(&random(count, dims, 0), dims);
            let components = plane.variances().iter().filter(|v| **v > 0.0).count();
            assert_eq!(components, (count - 1).min(dims), "{count} means in {dims} dimensions");
            assert_eq!(plane.variances().len(), count);
            assert!(plane.variances().is_sorted_by(|a, b| a >= b));
        }
        let plane = Projection::new(&random(2, 7, 0), 7);
        assert_eq!(plane.project(&random(1, 7, 1))[1], 0.0);
    }

    #[test]
    fn no_plane_shows_more_of_the_means_and_all_components_share_their_variance() {
        let (count, dims) = (8, 20);
        let means = random(count, dims, 2);
        let plane = Projection::new(&means, dims);
        let mut totals = vec![0.0; dims];
        let shown = |axes: &dyn Fn(&[f32]) -> [f64; 2]| -> f64 {
            means.chunks(dims).map(axes).map(|[x, y]| x * x + y * y).sum::<f64>() / count as f64
        };
        for mean in means.chunks(dims) {
            let distances = mean.iter().zip(&plane.centroid).map(|(&m, c)| (f64::from(m) - c).powi(2));
            totals.iter_mut().zip(distances).for_each(|(t, d)| *t += d / count as f64);
        }
        close(plane.variances().iter().sum(), totals.iter().sum());
        let best = shown(&|z| plane.project(z));
        close(best, plane.variances()[0] + plane.variances()[1]);
        for i in 0..dims - 1 {
            let along = |z: &[f32], i: usize| f64::from(z[i]) - plane.centroid[i];
            assert!(shown(&|z| [along(z, i), along(z, i + 1)]) < best);
        }
    }

    #[test]
    fn what_is_unprojected_or_moved_projects_to_where_it_was_put() {
        let dims = 50;
        let plane = Projection::new(&random(10, dims, 3), dims);
        let z = random(1, dims, 4);
        for point in [[0.0, 0.0], [1.5, -2.0], [-30.0, 0.25]] {
            for latent in [plane.unproject(point), plane.moved(&z, point)] {
                let [x, y] = plane.project(&latent);
                close(x, point[0]);
                close(y, point[1]);
            }
        }
        // What is moved and moved back is where it was, in every coordinate.
        let back = plane.moved(&plane.moved(&z, [4.0, 5.0]), plane.project(&z));
        assert!(z.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn equal_variances_still_give_an_orthonormal_plane_and_the_same_one_again() {
        let means: Vec<f32> = initial_means(10, 784, 5.0).iter().map(|&v| v as f32).collect();
        let plane = Projection::new(&means, 784);
        assert_eq!(plane, Projection::new(&means, 784));
        // 45 pairs at distance 5 have a total variance of 45·25/100, shared by nine components.
        for variance in &plane.variances()[..9] {
            close(*variance, 1.25);
        }
        let [a, b] = &plane.axes;
        close(dot(a, a), 1.0);
        close(dot(b, b), 1.0);
        close(dot(a, b), 0.0);
    }

    #[test]
    fn means_that_coincide_have_no_axes() {
        let plane = Projection::new(&[1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 2);
        assert_eq!(plane.variances(), [0.0; 3]);
        assert_eq!(plane.project(&[5.0, 5.0]), [0.0, 0.0]);
        assert_eq!(plane.unproject([1.0, 1.0]), [1.0, 2.0]);
    }
}
