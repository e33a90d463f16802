//! What is shown of the flow: latents and losses of its points, densities and posteriors on a grid of the plane, and the
//! plane's mesh, which the flow bends.

use super::PlaneTrainer;
use super::flow::{Flow, Tape, Tile};
use super::subnet::TILE;
use crate::Real;
use crate::head::posterior::smooth_label;

/// Latents of points, with the log-det of each in nats.
#[derive(Clone, Debug, PartialEq)]
pub struct Latents<F> {
    /// Places in latent space.
    pub z: Vec<[F; 2]>,
    /// log|det ∂z/∂x|.
    pub log_det: Vec<F>,
}

/// Means over all points, without noise and with hard labels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readout {
    /// L_X in nats per dimension.
    pub l_x: f64,
    /// L_Y in nats.
    pub l_y: f64,
    /// Share of the points whose most probable class is their own.
    pub accuracy: f64,
    /// Distance between two means, averaged over the pairs.
    pub means_distance: f64,
    /// The same for the empirical means: the mean latents of each class's points. Classes without points are left out.
    pub empirical_distance: f64,
}

/// Density and posterior at the middles of the cells of a square grid, row by row from the smallest y.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// log q(x) in nats, R².
    pub log_likelihood: Vec<f32>,
    /// q(y|x), R²×K.
    pub posterior: Vec<f32>,
}

/// The lines of a square mesh over [−`extent`, `extent`]²: `lines` upright ones, then as many level ones, each of
/// `points` places from end to end; row-major.
pub fn mesh(lines: usize, points: usize, extent: f64) -> Vec<[f64; 2]> {
    let at = |i: usize, n: usize| extent * (2.0 * i as f64 / (n.max(2) - 1) as f64 - 1.0);
    let upright = (0..lines).flat_map(|l| (0..points).map(move |p| [at(l, lines), at(p, points)]));
    upright.clone().chain(upright.map(|[x, y]| [y, x])).collect()
}

impl<F: Real> PlaneTrainer<F> {
    /// Encodes places of the plane.
    pub fn encode(&self, places: &[[F; 2]]) -> Latents<F> {
        let mut tape = Tape::default();
        self.run(places, |flow, parameters, tile| flow.encode(parameters, tile, &mut tape))
    }

    /// Decodes latents to places of the plane; the log-dets are those of the inverse.
    pub fn decode(&self, latents: &[[F; 2]]) -> Latents<F> {
        self.run(latents, Flow::decode)
    }

    fn run(&self, places: &[[F; 2]], mut work: impl FnMut(&Flow<F>, &[F], &mut Tile<F>)) -> Latents<F> {
        let (flow, _) = self.split();
        let mut out =
            Latents { z: Vec::with_capacity(places.len()), log_det: Vec::with_capacity(places.len()) };
        for places in places.chunks(TILE) {
            let mut tile = Tile::default();
            for (p, place) in places.iter().enumerate() {
                tile.x[0][p] = place[0];
                tile.x[1][p] = place[1];
            }
            work(&self.flow, flow, &mut tile);
            out.z.extend((0..places.len()).map(|p| [tile.x[0][p], tile.x[1][p]]));
            out.log_det.extend(&tile.log_det[..places.len()]);
        }
        out
    }

    /// What is read of all points, whose latents are `latents`; without points all but the means' distance is 0.
    pub fn readout(&self, latents: &Latents<F>) -> Readout {
        let (mixture, classes) = (self.mixture(), self.setup.classes);
        let (mut l_x, mut l_y, mut right) = (0.0, 0.0, 0.0);
        let mut sums = vec![[0.0; 3]; classes];
        for ((point, z), log_det) in self.points.iter().zip(&latents.z).zip(&latents.log_det) {
            let score = mixture.score(z, log_det.to_f64());
            l_x += score.l_x;
            l_y += score.posterior.l_y(&smooth_label(point.class, classes, 0.0));
            right += f64::from(u8::from(score.posterior.prediction() == point.class));
            let [x, y, count] = &mut sums[point.class];
            *x += z[0].to_f64();
            *y += z[1].to_f64();
            *count += 1.0;
        }
        let n = self.points.len().max(1) as f64;
        let means: Vec<[f64; 2]> = (0..classes).map(|y| [mixture.mean(y)[0], mixture.mean(y)[1]]).collect();
        let empirical: Vec<[f64; 2]> =
            sums.iter().filter(|[.., count]| *count > 0.0).map(|[x, y, n]| [x / n, y / n]).collect();
        Readout {
            l_x: l_x / n,
            l_y: l_y / n,
            accuracy: right / n,
            means_distance: mean_distance(&means),
            empirical_distance: mean_distance(&empirical),
        }
    }

    /// The field over [−`extent`, `extent`]² on `side`² cells.
    pub fn field(&self, side: usize, extent: f64) -> Field {
        let at = |i: usize| F::from_f64(extent * ((2 * i + 1) as f64 / side as f64 - 1.0));
        let places: Vec<[F; 2]> = (0..side * side).map(|i| [at(i % side), at(i / side)]).collect();
        let (latents, mixture) = (self.encode(&places), self.mixture());
        let mut field = Field { log_likelihood: Vec::new(), posterior: Vec::new() };
        for (z, log_det) in latents.z.iter().zip(&latents.log_det) {
            let score = mixture.score(z, log_det.to_f64());
            field.log_likelihood.push(score.log_likelihood as f32);
            field.posterior.extend(score.posterior.probabilities.iter().map(|&p| p as f32));
        }
        field
    }
}

/// Distance between two of the places, averaged over the pairs; 0 without a pair.
fn mean_distance(places: &[[f64; 2]]) -> f64 {
    let pairs = places.iter().enumerate().flat_map(|(i, a)| places[..i].iter().map(move |b| (a, b)));
    let distances = pairs.map(|([ax, ay], [bx, by])| libm::hypot(ax - bx, ay - by));
    let (total, count) = distances.fold((0.0, 0.0), |(total, count), d| (total + d, count + 1.0));
    if count > 0.0 { total / count } else { 0.0 }
}
