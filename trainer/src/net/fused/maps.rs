//! Moving maps between layouts.

use super::geometry::Border;

/// How the maps of a batch lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Layout {
    /// Channel after channel, nothing between images.
    Planes,
    /// Pixel after pixel, each with `channels` channels of which the first ones are meant; images begin `row` numbers apart.
    Pixels {
        /// Channels of a pixel.
        channels: usize,
        /// Numbers from one image to the next.
        row: usize,
    },
}

impl Layout {
    /// Numbers from one image to the next, for maps of so many channels and pixels.
    pub fn row(self, channels: usize, pixels: usize) -> usize {
        match self {
            Self::Planes => channels * pixels,
            Self::Pixels { row, .. } => row,
        }
    }

    /// Offset of a channel of a pixel in its image.
    #[inline(always)]
    fn at(self, pixels: usize, p: usize, c: usize) -> usize {
        match self {
            Self::Planes => c * pixels + p,
            Self::Pixels { channels, .. } => p * channels + c,
        }
    }

    /// An image's map into the one with a border, optionally through a ReLU.
    pub fn pad(self, image: &[f32], channels: usize, relu: bool, border: Border, out: &mut [f32]) {
        let (pixels, columns) = (border.inside(), border.columns());
        for first in (0..pixels).step_by(columns) {
            let row = out[border.at(first) * channels..][..columns * channels].chunks_exact_mut(channels);
            for (p, target) in (first..).zip(row) {
                for (c, to) in target.iter_mut().enumerate() {
                    let value = image[self.at(pixels, p, c)];
                    *to = if relu { value.max(0.0) } else { value };
                }
            }
        }
    }

    /// An image's map pixel after pixel, without other channels between.
    pub fn to_pixels(self, image: &[f32], channels: usize, out: &mut [f32]) {
        let pixels = out.len() / channels;
        for (p, target) in out.chunks_exact_mut(channels).enumerate() {
            target.iter_mut().enumerate().for_each(|(c, to)| *to = image[self.at(pixels, p, c)]);
        }
    }

    /// Adds what [`to_pixels`](Self::to_pixels) gives to an image, where `keep` says so of the number there.
    pub fn add(self, map: &[f32], channels: usize, keep: impl Fn(usize) -> bool, image: &mut [f32]) {
        let pixels = map.len() / channels;
        for (p, source) in map.chunks_exact(channels).enumerate() {
            for (c, &from) in source.iter().enumerate() {
                let at = self.at(pixels, p, c);
                if keep(at) {
                    image[at] += from;
                }
            }
        }
    }
}

/// (pixels, channels) → (channels, pixels).
pub(super) fn to_planes(map: &[f32], channels: usize, planes: &mut [f32]) {
    let pixels = planes.len() / channels;
    for (p, source) in map.chunks_exact(channels).enumerate() {
        source.iter().enumerate().for_each(|(c, &from)| planes[c * pixels + p] = from);
    }
}
