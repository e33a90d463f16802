//! A subnet forward: conv3×3, batch-norm, ReLU, conv3×3, batch-norm, ReLU, mask, conv1×1 (spec §2.3).

use ibinn::cpu::kernel::{Packed, Rows, multiply};
use rayon::prelude::*;

use super::geometry::{Geometry, dense_rows};
use super::maps::{Moments, Norm, pad_planes, to_planes};

/// Images that one task works on. Sums are taken over a group, then over groups in order, so that results do not depend
/// on the number of threads.
pub(super) const GROUP: usize = 8;

/// The parameters of a subnet, each flattened in row-major order.
#[derive(Clone, Debug)]
pub(super) struct Parameters<T> {
    /// (w, I, 3, 3).
    pub conv1: T,
    /// (w).
    pub gamma1: T,
    /// (w).
    pub beta1: T,
    /// (w, w, 3, 3).
    pub conv2: T,
    /// (w).
    pub gamma2: T,
    /// (w).
    pub beta2: T,
    /// (O, w, 1, 1).
    pub conv3: T,
    /// (O).
    pub bias3: T,
}

/// What the backward pass needs of the forward one.
#[derive(Debug)]
pub(super) struct Saved {
    /// Sizes.
    pub geometry: Geometry,
    /// What came in, (B, I, H, W).
    pub x: Vec<f32>,
    /// Parameters.
    pub parameters: Parameters<Vec<f32>>,
    /// What the first convolution gave, (B, P, w).
    pub hidden1: Vec<f32>,
    /// What the second convolution gave, (B, Q, w).
    pub hidden2: Vec<f32>,
    /// The first batch-norm.
    pub norm1: Norm,
    /// The second batch-norm.
    pub norm2: Norm,
    /// Factor of each hidden channel of each image, (B, w), where dropout is on.
    pub mask: Option<Vec<f32>>,
}

/// Runs a subnet; returns what comes out, (B, O, H', W'), and what its backward pass needs.
pub(super) fn forward(
    geometry: Geometry,
    x: Vec<f32>,
    parameters: Parameters<Vec<f32>>,
    mask: Option<Vec<f32>>,
) -> (Vec<f32>, Saved) {
    let Geometry { input, width, output, leading_relu, .. } = geometry;
    let (pixels, reduced) = (geometry.pixels(), geometry.reduced_pixels());
    let batch = x.len() / (input * pixels);
    let zeros = vec![0.0; width];
    let padded = |channels: usize| vec![0.0f32; geometry.padded_pixels() * channels];

    let conv1 = Packed::new(&parameters.conv1, &zeros, input, 9);
    let windows = geometry.windows(input);
    let rows = Rows { input: &windows.rows, taps: &windows.taps, output: &dense_rows(pixels, width) };
    let mut hidden1 = vec![0.0f32; batch * pixels * width];
    let moments =
        hidden1.par_chunks_mut(GROUP * pixels * width).zip(x.par_chunks(GROUP * pixels * input)).map_init(
            || padded(input),
            |padded, (hidden, x)| {
                for (hidden, x) in hidden.chunks_exact_mut(pixels * width).zip(x.chunks_exact(pixels * input))
                {
                    pad_planes(x, input, leading_relu, &geometry, padded);
                    multiply(&conv1, padded, &rows, hidden, false);
                }
                Moments::of(hidden, width)
            },
        );
    let norm1 = Norm::new(&merged(moments.collect()), &parameters.gamma1, &parameters.beta1);

    let conv2 = Packed::new(&parameters.conv2, &zeros, width, 9);
    let windows = geometry.reduced_windows(width);
    let reduced_rows = dense_rows(reduced, width);
    let rows = Rows { input: &windows.rows, taps: &windows.taps, output: &reduced_rows };
    let mut hidden2 = vec![0.0f32; batch * reduced * width];
    let groups =
        hidden2.par_chunks_mut(GROUP * reduced * width).zip(hidden1.par_chunks(GROUP * pixels * width));
    let moments = groups.map_init(
        || padded(width),
        |padded, (hidden2, hidden1)| {
            let images = hidden2.chunks_exact_mut(reduced * width).zip(hidden1.chunks_exact(pixels * width));
            for (hidden2, hidden1) in images {
                norm1.activate_padded(hidden1, &geometry, padded);
                multiply(&conv2, padded, &rows, hidden2, false);
            }
            Moments::of(hidden2, width)
        },
    );
    let norm2 = Norm::new(&merged(moments.collect()), &parameters.gamma2, &parameters.beta2);

    let conv3 = Packed::new(&parameters.conv3, &parameters.bias3, width, 1);
    let rows = Rows { input: &reduced_rows, taps: &[0], output: &dense_rows(reduced, output) };
    let mut out = vec![0.0f32; batch * reduced * output];
    out.par_chunks_mut(reduced * output).zip(hidden2.par_chunks(reduced * width)).enumerate().for_each_init(
        || (vec![0.0f32; reduced * width], vec![0.0f32; reduced * output]),
        |(active, map), (image, (out, hidden2))| {
            activate_masked(&norm2, hidden2, mask.as_deref(), image, active);
            multiply(&conv3, active, &rows, map, false);
            to_planes(map, output, out);
        },
    );
    (out, Saved { geometry, x, parameters, hidden1, hidden2, norm1, norm2, mask })
}

/// The moments of all groups, in order.
fn merged(moments: Vec<Moments>) -> Moments {
    let merge = |all: Option<Moments>, next: &Moments| {
        Some(match all {
            Some(all) => all.merge(next),
            None => next.clone(),
        })
    };
    moments.iter().fold(None, merge).unwrap_or_else(|| unreachable!("a batch has an image"))
}

/// Batch-norm, ReLU and mask of a map of image `image`.
pub(super) fn activate_masked(norm: &Norm, map: &[f32], mask: Option<&[f32]>, image: usize, out: &mut [f32]) {
    let channels = norm.mean.len();
    let mask = mask.map(|mask| &mask[image * channels..][..channels]);
    for (pixel, out) in map.chunks_exact(channels).zip(out.chunks_exact_mut(channels)) {
        norm.activate(pixel, out);
        if let Some(mask) = mask {
            out.iter_mut().zip(mask).for_each(|(value, factor)| *value *= factor);
        }
    }
}
