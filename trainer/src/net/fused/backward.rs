//! A subnet backward: the gradients of its parameters and of what came in.

use ibinn::cpu::kernel::{Packed, Products, Rows, accumulate, multiply};
use rayon::prelude::*;

use super::forward::{GROUP, Parameters, Saved, activate_masked};
use super::geometry::{Window, dense_rows};
use super::maps::{GradientSums, pad_planes, to_pixels, to_planes};

/// The gradients of a subnet.
pub(super) struct SubnetGradients {
    /// Of what came in, (B, I, H, W), when it was asked for.
    pub x: Option<Vec<f32>>,
    /// Of the parameters.
    pub parameters: Parameters<Vec<f32>>,
}

/// Gradients of one convolution's weights, (taps, inputs, outputs).
type WeightSums = Vec<f32>;

/// Runs a subnet backward from the gradient of what came out, (B, O, H', W').
pub(super) fn backward(saved: &Saved, gradient: &[f32], wants_x: bool) -> SubnetGradients {
    let (w, output) = (saved.geometry.width, saved.geometry.output);
    let (mut dz2, conv3, bias3, sums2) = last_layer(saved, gradient);
    let (mut dz1, conv2, sums1) = second_layer(saved, &mut dz2, &sums2);
    let (x, conv1) = first_layer(saved, &mut dz1, &sums1, wants_x);
    let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
    let parameters = Parameters {
        conv1: to_weight(&conv1, saved.geometry.input, w, 9),
        gamma1: narrow(&sums1.gamma),
        beta1: narrow(&sums1.beta),
        conv2: to_weight(&conv2, w, w, 9),
        gamma2: narrow(&sums2.gamma),
        beta2: narrow(&sums2.beta),
        conv3: to_weight(&conv3, w, output, 1),
        bias3,
    };
    SubnetGradients { x, parameters }
}

/// (taps, inputs, outputs) → (outputs, inputs, taps).
fn to_weight(sums: &[f32], inputs: usize, outputs: usize, taps: usize) -> Vec<f32> {
    let at = |i: usize| (i / taps / inputs, i / taps % inputs, i % taps);
    (0..sums.len())
        .map(|i| {
            let (n, k, tap) = at(i);
            sums[(tap * inputs + k) * outputs + n]
        })
        .collect()
}

/// Adds up what the groups give, in order.
fn total(parts: impl IntoIterator<Item = Vec<f32>>) -> Vec<f32> {
    let add = |mut all: Vec<f32>, part: Vec<f32>| {
        all.iter_mut().zip(&part).for_each(|(sum, &v)| *sum += v);
        all
    };
    parts.into_iter().reduce(add).unwrap_or_default()
}

/// The transposed 3×3 convolution: from `outputs` gradients a pixel to `inputs`.
fn transposed(weight: &[f32], inputs: usize, outputs: usize) -> Packed<f32> {
    Packed::from_fn(&vec![0.0; inputs], outputs, 9, |k, n, tap| weight[(n * inputs + k) * 9 + 8 - tap])
}

fn merge_sums(parts: &[GradientSums], channels: usize) -> GradientSums {
    parts.iter().fold(GradientSums::zeros(channels), GradientSums::merge)
}

/// The 1×1 convolution: the gradient before the second ReLU, (B, Q, w), those of its weight and bias, and the sums for the
/// second batch-norm.
fn last_layer(saved: &Saved, gradient: &[f32]) -> (Vec<f32>, WeightSums, Vec<f32>, GradientSums) {
    let Saved { geometry, parameters, hidden2, norm2, mask, .. } = saved;
    let (w, output, reduced) = (geometry.width, geometry.output, geometry.reduced_pixels());
    let weight = &parameters.conv3;
    let conv = Packed::from_fn(&vec![0.0; w], output, 1, |k, n, _| weight[n * w + k]);
    let (hidden_rows, output_rows) = (dense_rows(reduced, w), dense_rows(reduced, output));
    let rows = Rows { input: &output_rows, taps: &[0], output: &hidden_rows };
    let mut dz = vec![0.0f32; hidden2.len()];
    let groups = dz
        .par_chunks_mut(GROUP * reduced * w)
        .zip(hidden2.par_chunks(GROUP * reduced * w))
        .zip(gradient.par_chunks(GROUP * reduced * output))
        .enumerate();
    let parts = groups.map_init(
        || (vec![0.0f32; reduced * w], vec![0.0f32; reduced * output]),
        |(active, da), (group, ((dz, hidden), gradient))| {
            let (mut weights, mut bias) = (vec![0.0f32; w * output], vec![0.0f64; output]);
            let mut sums = GradientSums::zeros(w);
            let images = dz
                .chunks_exact_mut(reduced * w)
                .zip(hidden.chunks_exact(reduced * w))
                .zip(gradient.chunks_exact(reduced * output));
            for (i, ((dz, hidden), gradient)) in images.enumerate() {
                let image = group * GROUP + i;
                activate_masked(norm2, hidden, mask.as_deref(), image, active);
                to_pixels(gradient, output, da);
                for pixel in da.chunks_exact(output) {
                    bias.iter_mut().zip(pixel).for_each(|(sum, &v)| *sum += f64::from(v));
                }
                let products = Products {
                    input: active,
                    rows: &hidden_rows,
                    taps: &[0],
                    inputs: w,
                    gradient: da,
                    outputs: output,
                };
                accumulate(&products, &mut weights);
                multiply(&conv, da, &rows, dz, false);
                let mask = mask.as_ref().map(|mask| &mask[image * w..][..w]);
                for (dz, active) in dz.chunks_exact_mut(w).zip(active.chunks_exact(w)) {
                    for c in 0..w {
                        let factor = mask.map_or(1.0, |mask| mask[c]);
                        dz[c] = if active[c] > 0.0 { dz[c] * factor } else { 0.0 };
                    }
                }
                norm2.sum(hidden, dz, &mut sums);
            }
            (weights, bias.iter().map(|&b| b as f32).collect::<Vec<_>>(), sums)
        },
    );
    let parts: Vec<_> = parts.collect();
    let sums: Vec<_> = parts.iter().map(|(_, _, sums)| sums.clone()).collect();
    let (weights, biases): (Vec<_>, Vec<_>) =
        parts.into_iter().map(|(weights, bias, _)| (weights, bias)).unzip();
    (dz, total(weights), total(biases), merge_sums(&sums, w))
}

/// The second convolution with the batch-norm that follows it: the gradient before the first ReLU, (B, P, w), that of
/// its weight, and the sums for the first batch-norm.
fn second_layer(
    saved: &Saved,
    dz2: &mut [f32],
    sums2: &GradientSums,
) -> (Vec<f32>, WeightSums, GradientSums) {
    let Saved { geometry, parameters, hidden1, hidden2, norm1, norm2, .. } = saved;
    let (w, pixels, reduced) = (geometry.width, geometry.pixels(), geometry.reduced_pixels());
    let conv = transposed(&parameters.conv2, w, w);
    let (all, strided) = (geometry.windows(w), geometry.reduced_windows(w));
    let rows = Rows { input: &all.rows, taps: &all.taps, output: &dense_rows(pixels, w) };
    let mut dz1 = vec![0.0f32; hidden1.len()];
    let groups = dz1
        .par_chunks_mut(GROUP * pixels * w)
        .zip(hidden1.par_chunks(GROUP * pixels * w))
        .zip(dz2.par_chunks_mut(GROUP * reduced * w).zip(hidden2.par_chunks(GROUP * reduced * w)));
    let parts = groups.map_init(
        || [(); 2].map(|()| vec![0.0f32; geometry.padded_pixels() * w]),
        |[active, spread], ((dz1, hidden1), (dz2, hidden2))| {
            let (mut weights, mut sums) = (vec![0.0f32; 9 * w * w], GradientSums::zeros(w));
            let before = dz1.chunks_exact_mut(pixels * w).zip(hidden1.chunks_exact(pixels * w));
            let after = dz2.chunks_exact_mut(reduced * w).zip(hidden2.chunks_exact(reduced * w));
            for ((dz1, hidden1), (dz2, hidden2)) in before.zip(after) {
                norm2.backward(hidden2, sums2, dz2);
                norm1.activate_padded(hidden1, geometry, active);
                accumulate(&products(active, &strided, w, dz2, w), &mut weights);
                // With a stride the gradients lie apart, with zeros between, and the convolution is transposed as without.
                for (q, pixel) in dz2.chunks_exact(w).enumerate() {
                    spread[geometry.centre(q) * w..][..w].copy_from_slice(pixel);
                }
                multiply(&conv, spread, &rows, dz1, false);
                for (p, dz) in dz1.chunks_exact_mut(w).enumerate() {
                    let active = &active[geometry.padded(p) * w..][..w];
                    dz.iter_mut().zip(active).for_each(|(dz, &a)| *dz = if a > 0.0 { *dz } else { 0.0 });
                }
                norm1.sum(hidden1, dz1, &mut sums);
            }
            (weights, sums)
        },
    );
    let (weights, sums): (Vec<_>, Vec<_>) = parts.collect::<Vec<_>>().into_iter().unzip();
    (dz1, total(weights), merge_sums(&sums, w))
}

/// The first convolution with the batch-norm that follows it: the gradient of what came in, and that of its weight.
fn first_layer(
    saved: &Saved,
    dz1: &mut [f32],
    sums1: &GradientSums,
    wants_x: bool,
) -> (Option<Vec<f32>>, WeightSums) {
    let Saved { geometry, parameters, x, hidden1, norm1, .. } = saved;
    let (w, input, pixels) = (geometry.width, geometry.input, geometry.pixels());
    let conv = transposed(&parameters.conv1, input, w);
    let (source, target) = (geometry.windows(input), geometry.windows(w));
    let rows = Rows { input: &target.rows, taps: &target.taps, output: &dense_rows(pixels, input) };
    // Written only when it is wanted, but cheap beside the rest.
    let mut dx = vec![0.0f32; x.len()];
    let groups = dx
        .par_chunks_mut(GROUP * pixels * input)
        .zip(x.par_chunks(GROUP * pixels * input))
        .zip(dz1.par_chunks_mut(GROUP * pixels * w).zip(hidden1.par_chunks(GROUP * pixels * w)));
    let parts = groups.map_init(
        || {
            let padded = |channels: usize| vec![0.0f32; geometry.padded_pixels() * channels];
            (padded(input), padded(w), vec![0.0f32; pixels * input])
        },
        |(padded, spread, map), ((dx, x), (dz1, hidden1))| {
            let mut weights = vec![0.0f32; 9 * input * w];
            let images = dx.chunks_exact_mut(pixels * input).zip(x.chunks_exact(pixels * input));
            let hidden = dz1.chunks_exact_mut(pixels * w).zip(hidden1.chunks_exact(pixels * w));
            for ((dx, x), (dz1, hidden1)) in images.zip(hidden) {
                norm1.backward(hidden1, sums1, dz1);
                pad_planes(x, input, geometry.leading_relu, geometry, padded);
                accumulate(&products(padded, &source, input, dz1, w), &mut weights);
                if !wants_x {
                    continue;
                }
                for (p, pixel) in dz1.chunks_exact(w).enumerate() {
                    spread[geometry.padded(p) * w..][..w].copy_from_slice(pixel);
                }
                multiply(&conv, spread, &rows, map, false);
                to_planes(map, input, dx);
                if geometry.leading_relu {
                    dx.iter_mut().zip(x).for_each(|(dx, &x)| *dx = if x > 0.0 { *dx } else { 0.0 });
                }
            }
            weights
        },
    );
    let weights = total(parts.collect::<Vec<_>>());
    (wants_x.then_some(dx), weights)
}

fn products<'a>(
    input: &'a [f32],
    window: &'a Window,
    inputs: usize,
    gradient: &'a [f32],
    outputs: usize,
) -> Products<'a> {
    Products { input, rows: &window.rows, taps: &window.taps, inputs, gradient, outputs }
}
