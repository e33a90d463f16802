//! Augmentation of colour images (method §1.2, steps 1 to 5), bit for bit what the authors' library computes (method §9).
//!
//! Images are bytes in channel-major order, 3×H×W; the whole augmentation takes square ones.

use ibinn::math::random::Stream;

/// Pixels of edge replication before the rotation.
const PAD: usize = 8;
/// Side of the centre crop after it is the image's side plus this.
const MARGIN: usize = 4;
/// Largest rotation either way, in degrees.
const MAX_ANGLE: f64 = 12.0;

/// One step of the colour jitter, with its factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Jitter {
    /// Blends with black.
    Brightness(f32),
    /// Blends with the grey of the image's mean luma.
    Contrast(f32),
    /// Blends with each pixel's luma.
    Saturation(f32),
}

/// Random flip, jitter, rotation and shift of a square colour image.
pub fn augment(image: &[u8], shape: [usize; 3], stream: &mut Stream) -> Vec<u8> {
    let side = shape[1];
    let mut out = if stream.uniform() < 0.5 { flip(image, side) } else { image.to_vec() };
    let steps = [
        Jitter::Brightness(stream.range(0.9, 1.1) as f32),
        Jitter::Contrast(stream.range(0.9, 1.1) as f32),
        Jitter::Saturation(stream.range(0.95, 1.05) as f32),
    ];
    for i in stream.permutation(steps.len()) {
        jitter(&mut out, steps[i as usize]);
    }
    let angle = stream.range(-MAX_ANGLE, MAX_ANGLE);
    let (top, left) = (stream.below(MARGIN + 1), stream.below(MARGIN + 1));
    shift(&rotate(&pad(&out, side, PAD), side + 2 * PAD, angle), side, top, left)
}

/// Mirrors every row.
pub fn flip(image: &[u8], side: usize) -> Vec<u8> {
    image.chunks_exact(side).flat_map(|row| row.iter().rev().copied()).collect()
}

fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b) + 32768) >> 16) as u8
}

fn blend(ground: u8, value: u8, factor: f32) -> u8 {
    let ground = f32::from(ground);
    // Truncated, not rounded, as the authors' library does.
    (ground + factor * (f32::from(value) - ground)).clamp(0.0, 255.0) as u8
}

/// One step of colour jitter, in place.
pub fn jitter(image: &mut [u8], step: Jitter) {
    let plane = image.len() / 3;
    let lumas: Vec<u8> = (0..plane).map(|p| luma(image[p], image[plane + p], image[2 * plane + p])).collect();
    let mean = || {
        let sum: u64 = lumas.iter().map(|&l| u64::from(l)).sum();
        (sum as f64 / plane as f64 + 0.5).floor() as u8
    };
    match step {
        Jitter::Brightness(factor) => image.iter_mut().for_each(|v| *v = blend(0, *v, factor)),
        Jitter::Contrast(factor) => {
            let ground = mean();
            image.iter_mut().for_each(|v| *v = blend(ground, *v, factor));
        }
        Jitter::Saturation(factor) => {
            image.iter_mut().enumerate().for_each(|(i, v)| *v = blend(lumas[i % plane], *v, factor));
        }
    }
}

/// Replicates the edges of a square image by `margin` pixels on all sides.
pub fn pad(image: &[u8], side: usize, margin: usize) -> Vec<u8> {
    let full = side + 2 * margin;
    let inside = |i: usize| i.saturating_sub(margin).min(side - 1);
    image
        .chunks_exact(side * side)
        .flat_map(|plane| (0..full * full).map(move |p| plane[inside(p / full) * side + inside(p % full)]))
        .collect()
}

/// Rotates a square image about its centre by `degrees` counter-clockwise: nearest neighbour in 16.16 fixed point,
/// black where the source lies outside.
pub fn rotate(image: &[u8], side: usize, degrees: f64) -> Vec<u8> {
    let round15 = |v: f64| (v * 1e15).round() / 1e15;
    let radians = -(degrees.rem_euclid(360.0)).to_radians();
    let (a, b) = (round15(radians.cos()), round15(radians.sin()));
    let centre = side as f64 / 2.0;
    let fix = |v: f64| (65536.0 * v + 0.5).floor() as i64;
    let (cx, cy) = (centre - centre * a - centre * b, centre + centre * b - centre * a);
    let (x0, y0) = (fix(cx + a / 2.0 + b / 2.0), fix(cy - b / 2.0 + a / 2.0));
    let inside = |v: i64| usize::try_from(v >> 16).ok().filter(|&v| v < side);
    image
        .chunks_exact(side * side)
        .flat_map(|plane| {
            (0..side * side).map(move |p| {
                let (x, y) = ((p % side) as i64, (p / side) as i64);
                let source_x = inside(x0 + x * fix(a) + y * fix(b));
                let source_y = inside(y0 + x * fix(-b) + y * fix(a));
                source_x.zip(source_y).map_or(0, |(x, y)| plane[y * side + x])
            })
        })
        .collect()
}

/// Cuts the centre of `side` + 4 pixels out of a padded square image, and from it the `side`×`side` square at
/// (`top`, `left`), each 0 to 4.
pub fn shift(image: &[u8], side: usize, top: usize, left: usize) -> Vec<u8> {
    let full = side + 2 * PAD;
    let offset = (full - side - MARGIN) / 2;
    image
        .chunks_exact(full * full)
        .flat_map(|plane| {
            (0..side * side).map(move |p| plane[(offset + top + p / side) * full + offset + left + p % side])
        })
        .collect()
}
