//! A coupling block forward, backward, and from what it gave back to what came in (method §2.2).
//!
//! A batch lies in rows, one an image: the map pixel after pixel, then the log-det so far.

use ibinn::cpu::kernel::{Packed, Rows, multiply};
use ibinn::spec::element::Coupling;
use rayon::prelude::*;

use super::affine::Affine;
use super::backward::backward;
use super::buffers::Buffers;
use super::corrections::Corrections;
use super::forward::{GROUP, Hidden, LastLayer, Parameters, Weights};
use super::geometry::{Geometry, dense_rows};
use super::maps::Layout;

/// A coupling block with its weights.
#[derive(Debug)]
pub(super) struct Block {
    geometry: Geometry,
    weights: Weights,
    /// All channels C, and those that the subnet sees.
    channels: usize,
    first: usize,
    /// W with its channel scale, row c times e^α_c, (C, C).
    mix: Vec<f32>,
    /// Its inverse, (C, C).
    unmix: Vec<f32>,
    offset: Vec<f32>,
    /// P·Σα: the part of the log-det that is the same for all images.
    constant: f64,
    buffers: Buffers,
}

/// Both ways of noting what the inverse misses of one image: of what the subnet sees, and of the rest.
pub(super) type ImageCorrections = [Corrections; 2];

/// Gradients of a block's parameters.
pub(super) struct BlockGradients {
    /// Of the subnet's.
    pub subnet: Parameters<Vec<f32>>,
    /// Of α, (C).
    pub log_alpha: Vec<f32>,
    /// Of o, (C).
    pub offset: Vec<f32>,
}

/// Scratch for one image.
struct Scratch {
    /// The last hidden layer, (P, w).
    active: Vec<f32>,
    /// What the subnet gave.
    affine: Affine,
    /// Maps, (P, C).
    u: Vec<f32>,
    v: Vec<f32>,
}

impl Block {
    /// Takes up the weights; `rotation` is W, (C, C).
    pub fn new(
        coupling: &Coupling,
        weights: Weights,
        rotation: &[f32],
        log_alpha: &[f32],
        offset: Vec<f32>,
        buffers: Buffers,
    ) -> Self {
        let (c, shape) = (coupling.shape.channels, coupling.shape);
        let scale: Vec<f64> = log_alpha.iter().map(|&alpha| f64::from(alpha).exp()).collect();
        let w = |i: usize| f64::from(rotation[i]);
        let sum: f64 = log_alpha.iter().map(|&alpha| f64::from(alpha)).sum();
        Self {
            geometry: Geometry::new(&coupling.subnet(), shape.height, shape.width),
            weights,
            channels: c,
            first: coupling.split().0,
            mix: (0..c * c).map(|i| (w(i) * scale[i / c]) as f32).collect(),
            unmix: (0..c * c).map(|i| (w(i % c * c + i / c) / scale[i % c]) as f32).collect(),
            offset,
            constant: shape.pixels() as f64 * sum,
            buffers,
        }
    }

    /// Numbers of an image's map.
    fn map(&self) -> usize {
        self.channels * self.geometry.pixels()
    }

    fn layout(&self) -> Layout {
        Layout::Pixels { channels: self.channels, row: self.map() + 1 }
    }

    /// Channels that the subnet does not see but transforms.
    fn rest(&self) -> usize {
        self.channels - self.first
    }

    fn scratch(&self) -> Scratch {
        let (pixels, zeros) = (self.geometry.pixels(), |n: usize| vec![0.0; n]);
        Scratch {
            active: zeros(pixels * self.geometry.width),
            affine: Affine::new(pixels, self.rest()),
            u: zeros(self.map()),
            v: zeros(self.map()),
        }
    }

    /// What the subnet gives for one image, with tanh(k·a_s) and e^ℓ.
    fn bend(&self, last: &LastLayer<'_>, hidden: &Hidden, image: usize, scratch: &mut Scratch) {
        last.run(&hidden.norm2, hidden.second(image), image, &mut scratch.active, &mut scratch.affine.a);
        scratch.affine.bend();
    }

    /// The 1×1 convolution by `matrix`, (C, C), with a bias.
    fn product(&self, matrix: &[f32], bias: &[f32]) -> impl Fn(&[f32], &mut [f32]) + Sync + use<> {
        let packed = Packed::new(matrix, bias, self.channels, 1);
        let rows = dense_rows(self.geometry.pixels(), self.channels);
        move |from, to| multiply(&packed, from, &Rows { input: &rows, taps: &[0], output: &rows }, to, false)
    }

    fn unmixed(&self) -> impl Fn(&[f32], &mut [f32]) + Sync + use<> {
        let row = |row: &[f32]| -row.iter().zip(&self.offset).map(|(m, o)| m * o).sum::<f32>();
        let bias: Vec<f32> = self.unmix.chunks_exact(self.channels).map(row).collect();
        self.product(&self.unmix, &bias)
    }

    /// Runs the block on rows; with `correct`, also notes what its inverse misses. Gives the rows after it, and what its
    /// subnet's hidden layers made of those before it.
    pub fn forward(&self, x: Vec<f32>, correct: bool) -> (Vec<f32>, Hidden, Vec<ImageCorrections>) {
        let hidden = Hidden::new(self.geometry.clone(), x, self.layout(), &self.weights, &self.buffers);
        let last = LastLayer::new(&self.geometry, &self.weights);
        let (mix, unmix) = (self.product(&self.mix, &self.offset), self.unmixed());
        let (map, c, first, rest) = (self.map(), self.channels, self.first, self.rest());
        let mut y = vec![0.0f32; hidden.x.len()];
        let images = y.par_chunks_mut(map + 1).zip(hidden.x.par_chunks(map + 1)).enumerate();
        let corrections = images.map_init(
            || self.scratch(),
            |scratch, (image, (y, x))| {
                self.bend(&last, &hidden, image, scratch);
                let Scratch { affine, u, v, .. } = scratch;
                for ((u, x), affine) in u.chunks_exact_mut(c).zip(x.chunks_exact(c)).zip(affine.pixels()) {
                    u[..first].copy_from_slice(&x[..first]);
                    affine.couple(&x[first..], &mut u[first..]);
                }
                mix(u, &mut y[..map]);
                y[map] = (f64::from(x[map]) + self.constant + affine.log_det()) as f32;
                if !correct {
                    return ImageCorrections::default();
                }
                unmix(&y[..map], v);
                let pixels = self.geometry.pixels();
                let mut corrections = [first, rest].map(|side| Corrections::with_capacity(pixels * side));
                for ((v, x), affine) in v.chunks_exact_mut(c).zip(x.chunks_exact(c)).zip(affine.pixels()) {
                    affine.uncouple(&mut v[first..]);
                    let (v, x) = (v.split_at(first), x.split_at(first));
                    v.0.iter().zip(x.0).for_each(|(&v, &x)| corrections[0].push(x, v));
                    v.1.iter().zip(x.1).for_each(|(&v, &x)| corrections[1].push(x, v));
                }
                corrections
            },
        );
        let corrections = corrections.collect();
        (y, hidden, corrections)
    }

    /// From the rows after the block to those before it, exactly, and what the hidden layers made of these. The log-dets
    /// stay as they are after the block.
    pub fn inverse(&self, y: &[f32], corrections: &[ImageCorrections]) -> Hidden {
        let unmix = self.unmixed();
        let (map, first) = (self.map(), self.first);
        let mut x = y.to_vec();
        let rows = || corrections.par_iter().zip(y.par_chunks(map + 1));
        x.par_chunks_mut(map + 1).zip(rows()).for_each(|(x, (corrections, y))| {
            unmix(&y[..map], &mut x[..map]);
            let mut reader = corrections[0].reader();
            for pixel in x[..map].chunks_exact_mut(self.channels) {
                pixel[..first].iter_mut().for_each(|v| *v = reader.apply(*v));
            }
        });
        let mut hidden = Hidden::new(self.geometry.clone(), x, self.layout(), &self.weights, &self.buffers);
        let last = LastLayer::new(&self.geometry, &self.weights);
        let mut x = std::mem::take(&mut hidden.x);
        x.par_chunks_mut(map + 1).zip(corrections).enumerate().for_each_init(
            || self.scratch(),
            |scratch, (image, (x, corrections))| {
                self.bend(&last, &hidden, image, scratch);
                let mut reader = corrections[1].reader();
                let pixels = x[..map].chunks_exact_mut(self.channels);
                for (x, affine) in pixels.zip(scratch.affine.pixels()) {
                    affine.uncouple(&mut x[first..]);
                    x[first..].iter_mut().for_each(|x| *x = reader.apply(*x));
                }
            },
        );
        hidden.x = x;
        hidden
    }

    /// From the gradient of the rows after the block to that of those before it, and of its parameters. Without `wants_x`
    /// the first is of no use.
    pub fn backward(&self, hidden: &Hidden, gradient: &[f32], wants_x: bool) -> (Vec<f32>, BlockGradients) {
        let (c, first, map) = (self.channels, self.first, self.map());
        let (rest, pixels) = (self.rest(), self.geometry.pixels());
        let last = LastLayer::new(&self.geometry, &self.weights);
        let zeros = vec![0.0; c];
        let mix = self.product(&self.mix, &zeros);
        let transposed: Vec<f32> = (0..c * c).map(|i| self.mix[i % c * c + i / c]).collect();
        let transposed = self.product(&transposed, &zeros);
        let mut dx = vec![0.0f32; gradient.len()];
        let mut da = vec![0.0f32; hidden.x.len() / (map + 1) * pixels * 2 * rest];
        let groups = dx
            .par_chunks_mut(GROUP * (map + 1))
            .zip(da.par_chunks_mut(GROUP * pixels * 2 * rest))
            .zip(gradient.par_chunks(GROUP * (map + 1)).zip(hidden.x.par_chunks(GROUP * (map + 1))));
        let parts = groups.enumerate().map_init(
            || self.scratch(),
            |scratch, (group, ((dx, da), (gradient, x)))| {
                let (mut log_alpha, mut offset) = (vec![0.0f64; c], vec![0.0f64; c]);
                let images = dx.chunks_exact_mut(map + 1).zip(da.chunks_exact_mut(pixels * 2 * rest));
                let rows = gradient.chunks_exact(map + 1).zip(x.chunks_exact(map + 1));
                for (i, ((dx, da), (gradient, x))) in images.zip(rows).enumerate() {
                    self.bend(&last, hidden, group * GROUP + i, scratch);
                    let Scratch { affine, u, v, .. } = &mut *scratch;
                    let (gy, gl) = (&gradient[..map], gradient[map]);
                    transposed(gy, &mut dx[..map]);
                    dx[map] = gl;
                    let maps = u.chunks_exact_mut(c).zip(x.chunks_exact(c)).zip(dx.chunks_exact_mut(c));
                    let affine = affine.pixels().zip(da.chunks_exact_mut(2 * rest));
                    for (((u, x), dx), (affine, da)) in maps.zip(affine) {
                        u[..first].copy_from_slice(&x[..first]);
                        affine.couple(&x[first..], &mut u[first..]);
                        affine.gradients(&x[first..], gl, &mut dx[first..], da);
                    }
                    // y − o, whose product with the gradient is that of α.
                    mix(u, v);
                    for (gy, v) in gy.chunks_exact(c).zip(v.chunks_exact(c)) {
                        for k in 0..c {
                            log_alpha[k] += f64::from(gy[k] * v[k]);
                            offset[k] += f64::from(gy[k]);
                        }
                    }
                    let constant = pixels as f64 * f64::from(gl);
                    log_alpha.iter_mut().for_each(|sum| *sum += constant);
                }
                (log_alpha, offset)
            },
        );
        let (log_alpha, offset): (Vec<_>, Vec<_>) = parts.collect::<Vec<_>>().into_iter().unzip();
        let subnet_dx = if wants_x { &mut dx[..] } else { &mut [] };
        let layout = Layout::Pixels { channels: 2 * rest, row: pixels * 2 * rest };
        let subnet = backward(hidden, &self.weights, &da, layout, subnet_dx);
        (dx, BlockGradients { subnet, log_alpha: sums(&log_alpha, c), offset: sums(&offset, c) })
    }
}

/// Adds up what the groups give, in order.
fn sums(parts: &[Vec<f64>], count: usize) -> Vec<f32> {
    (0..count).map(|k| parts.iter().map(|part| part[k]).sum::<f64>() as f32).collect()
}
