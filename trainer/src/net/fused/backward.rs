//! A subnet backward: the gradients of its parameters and of what came in.

use ibinn::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use rayon::prelude::*;

use super::buffers::Map;
use super::forward::{GROUP, Hidden, Parameters, Weights};
use super::geometry::{Window, dense_rows};
use super::maps::Layout;
use super::norm::GradientSums;
use super::transposed::Transposed;

/// Gradients of one convolution's weights, (taps, inputs, outputs).
type WeightSums = Vec<f32>;

/// Runs a subnet backward from the gradient of what came out, (B, O, H', W') as `layout` says: the gradients of its
/// parameters. That of what came in is added to `dx`, which lies as what came in did, unless it is empty.
pub(super) fn backward(
    hidden: &Hidden,
    weights: &Weights,
    gradient: &[f32],
    layout: Layout,
    dx: &mut [f32],
) -> Parameters<Vec<f32>> {
    let (w, output) = (hidden.geometry.width, hidden.geometry.output);
    let (dz2, conv3, bias3, sums2) = last_layer(hidden, weights, gradient, layout);
    let (dz1, conv2, sums1) = second_layer(hidden, weights, &dz2, &sums2);
    drop(dz2);
    let conv1 = first_layer(hidden, weights, &dz1, &sums1, dx);
    let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
    Parameters {
        conv1: to_weight(&conv1, hidden.geometry.input, w, 9),
        gamma1: narrow(&sums1.gamma),
        beta1: narrow(&sums1.beta),
        conv2: to_weight(&conv2, w, w, 9),
        gamma2: narrow(&sums2.gamma),
        beta2: narrow(&sums2.beta),
        conv3: to_weight(&conv3, w, output, 1),
        bias3,
    }
}

/// (taps, inputs, outputs) → (outputs, inputs, taps).
fn to_weight(sums: &[f32], inputs: usize, outputs: usize, taps: usize) -> Vec<f32> {
    let at = |n: usize, k: usize| (0..taps).map(move |tap| sums[(tap * inputs + k) * outputs + n]);
    (0..outputs).flat_map(|n| (0..inputs).flat_map(move |k| at(n, k))).collect()
}

/// Adds up what the groups give, in order.
fn total(parts: impl IntoIterator<Item = Vec<f32>>) -> Vec<f32> {
    let add = |mut all: Vec<f32>, part: Vec<f32>| {
        all.iter_mut().zip(&part).for_each(|(sum, &v)| *sum += v);
        all
    };
    parts.into_iter().reduce(add).unwrap_or_default()
}

fn merge_sums(parts: &[GradientSums], channels: usize) -> GradientSums {
    parts.iter().fold(GradientSums::zeros(channels), GradientSums::merge)
}

/// The 1×1 convolution: the gradient before the second ReLU, (B, Q, w), those of its weight and bias, and the sums for the
/// second batch-norm.
fn last_layer(
    hidden: &Hidden,
    weights: &Weights,
    gradient: &[f32],
    layout: Layout,
) -> (Map, WeightSums, Vec<f32>, GradientSums) {
    let Hidden { geometry, hidden2, norm2, .. } = hidden;
    let (w, output, reduced) = (geometry.width, geometry.output, geometry.reduced_pixels());
    let row = layout.row(output, reduced);
    let weight = &weights.parameters.conv3;
    let conv = Packed::from_fn(&vec![0.0; w], output, 1, |k, n, _| weight[n * w + k]);
    let (hidden_rows, output_rows) = (dense_rows(reduced, w), dense_rows(reduced, output));
    let rows = Rows { input: &output_rows, taps: &[0], output: &hidden_rows };
    let mut dz = hidden2.another();
    let groups = dz
        .par_chunks_mut(GROUP * reduced * w)
        .zip(hidden2.par_chunks(GROUP * reduced * w))
        .zip(gradient.par_chunks(GROUP * row))
        .enumerate();
    let unmasked = norm2.mask_row(None);
    let parts = groups.map_init(
        || (vec![0.0f32; reduced * w], vec![0.0f32; reduced * output]),
        |(active, da), (group, ((dz, hidden), gradient))| {
            let (mut conv3, mut bias) = (vec![0.0f32; w * output], vec![0.0f64; output]);
            let mut sums = GradientSums::zeros(w);
            let images = dz
                .chunks_exact_mut(reduced * w)
                .zip(hidden.chunks_exact(reduced * w))
                .zip(gradient.chunks_exact(row));
            for (i, ((dz, hidden), gradient)) in images.enumerate() {
                let mask = weights.mask(group * GROUP + i, w);
                norm2.activate(hidden, mask, norm2.row(), active);
                layout.to_pixels(gradient, output, da);
                for pixel in da.chunks_exact(output) {
                    bias.iter_mut().zip(pixel).for_each(|(sum, &v)| *sum += f64::from(v));
                }
                let products = Products {
                    input: active,
                    rows: &hidden_rows,
                    taps: &[0],
                    inputs: w,
                    gradient: da,
                    places: &output_rows,
                    outputs: output,
                };
                accumulate(&products, &mut conv3);
                multiply(&conv, da, &rows, dz, false);
                match mask {
                    Some(mask) => norm2.rectify(hidden, &norm2.mask_row(Some(mask)), dz, &mut sums),
                    None => norm2.rectify(hidden, &unmasked, dz, &mut sums),
                }
            }
            (conv3, bias.iter().map(|&b| b as f32).collect::<Vec<_>>(), sums)
        },
    );
    let parts: Vec<_> = parts.collect();
    let sums: Vec<_> = parts.iter().map(|(_, _, sums)| sums.clone()).collect();
    let (conv3, biases): (Vec<_>, Vec<_>) = parts.into_iter().map(|(conv3, bias, _)| (conv3, bias)).unzip();
    (dz, total(conv3), total(biases), merge_sums(&sums, w))
}

/// The second convolution with the batch-norm that follows it: the gradient before the first ReLU, (B, P, w), that of
/// its weight, and the sums for the first batch-norm.
fn second_layer(
    hidden: &Hidden,
    weights: &Weights,
    dz2: &[f32],
    sums2: &GradientSums,
) -> (Map, WeightSums, GradientSums) {
    let Hidden { geometry, hidden1, hidden2, norm1, norm2, .. } = hidden;
    let (w, pixels, reduced) = (geometry.width, geometry.pixels(), geometry.reduced_pixels());
    let (border, after) = (geometry.border(), geometry.reduced_border());
    let conv = Transposed::new(&weights.parameters.conv2, w, after, geometry.stride);
    let (window, places) = (border.windows(w, geometry.stride), after.places(w));
    let (norm2, unmasked) = (norm2.backward(sums2), norm1.mask_row(None));
    let mut dz1 = hidden1.another();
    let groups = dz1
        .par_chunks_mut(GROUP * pixels * w)
        .zip(hidden1.par_chunks(GROUP * pixels * w))
        .zip(dz2.par_chunks(GROUP * reduced * w).zip(hidden2.par_chunks(GROUP * reduced * w)));
    let parts = groups.map_init(
        || [border, after].map(|border| vec![0.0f32; border.pixels() * w]),
        |[active, gradient], ((dz1, hidden1), (dz2, hidden2))| {
            let (mut conv2, mut sums) = (vec![0.0f32; 9 * w * w], GradientSums::zeros(w));
            let images = dz1.chunks_exact_mut(pixels * w).zip(hidden1.chunks_exact(pixels * w));
            let images = images.zip(dz2.chunks_exact(reduced * w).zip(hidden2.chunks_exact(reduced * w)));
            for ((dz1, hidden1), (dz2, hidden2)) in images {
                norm2.run(hidden2, dz2, after.row() * w, &mut gradient[after.at(0) * w..]);
                norm1.activate(hidden1, None, border.row() * w, &mut active[border.at(0) * w..]);
                accumulate(&products(active, &window, w, gradient, &places, w), &mut conv2);
                conv.run(gradient, dz1);
                norm1.rectify(hidden1, &unmasked, dz1, &mut sums);
            }
            (conv2, sums)
        },
    );
    let (conv2, sums): (Vec<_>, Vec<_>) = parts.collect::<Vec<_>>().into_iter().unzip();
    (dz1, total(conv2), merge_sums(&sums, w))
}

/// The first convolution with the batch-norm that follows it: the gradient of its weight; that of what came in is added to
/// `dx`.
fn first_layer(
    hidden: &Hidden,
    weights: &Weights,
    dz1: &[f32],
    sums1: &GradientSums,
    dx: &mut [f32],
) -> WeightSums {
    let Hidden { geometry, x, layout, hidden1, norm1, .. } = hidden;
    let (w, input, pixels) = (geometry.width, geometry.input, geometry.pixels());
    let (row, border) = (layout.row(input, pixels), geometry.border());
    let conv = Transposed::new(&weights.parameters.conv1, input, border, 1);
    let (window, places) = (border.windows(input, 1), border.places(w));
    let norm1 = norm1.backward(sums1);
    let groups = x
        .par_chunks(GROUP * row)
        .zip(dz1.par_chunks(GROUP * pixels * w).zip(hidden1.par_chunks(GROUP * pixels * w)));
    let scratch = || {
        let [padded, gradient] = [input, w].map(|channels| vec![0.0f32; border.pixels() * channels]);
        [padded, gradient, vec![0.0f32; pixels * input]]
    };
    // The gradient of the weight, and where `dx` is wanted, what is added to it.
    let run = |[padded, gradient, map]: &mut [Vec<f32>; 3],
               (x, (dz1, hidden1)): (&[f32], (&[f32], &[f32])),
               mut dx: Option<&mut [f32]>| {
        let mut conv1 = vec![0.0f32; 9 * input * w];
        let hidden = dz1.chunks_exact(pixels * w).zip(hidden1.chunks_exact(pixels * w));
        for (i, (x, (dz1, hidden1))) in x.chunks_exact(row).zip(hidden).enumerate() {
            norm1.run(hidden1, dz1, border.row() * w, &mut gradient[border.at(0) * w..]);
            layout.pad(x, input, geometry.leading_relu, border, padded);
            accumulate(&products(padded, &window, input, gradient, &places, w), &mut conv1);
            let Some(dx) = &mut dx else { continue };
            conv.run(gradient, map);
            layout.add(map, input, |at| !geometry.leading_relu || x[at] > 0.0, &mut dx[i * row..][..row]);
        }
        conv1
    };
    let parts: Vec<_> = if dx.is_empty() {
        groups.map_init(scratch, |scratch, group| run(scratch, group, None)).collect()
    } else {
        let groups = groups.zip(dx.par_chunks_mut(GROUP * row));
        groups.map_init(scratch, |scratch, (group, dx)| run(scratch, group, Some(dx))).collect()
    };
    total(parts)
}

fn products<'a>(
    input: &'a [f32],
    window: &'a Window,
    inputs: usize,
    gradient: &'a [f32],
    places: &'a [u32],
    outputs: usize,
) -> Products<'a> {
    Products { input, rows: &window.rows, taps: &window.taps, inputs, gradient, places, outputs }
}
