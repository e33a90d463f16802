//! A picture as it is shown.

use ibinn::image::{Framing, fit, on_ground, resample_at};
use sha2::{Digest, Sha256};

use super::decode::{self, Decoded};
use super::look::{Fit, Look};
use super::orientation::Orientation;

/// A picture of any size in red, green, blue and opacity, turned as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture(Decoded);

impl Picture {
    /// The picture in a file's `bytes`; of an animation the first.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence about "it".
    pub fn decode(bytes: &[u8]) -> Result<Self, String> {
        decode::decode(bytes).map(Self)
    }

    /// A picture of `width` columns whose rows hold `samples` bytes a pixel: grey (1), or red, green and blue (3).
    ///
    /// # Panics
    /// When the bytes are not whole rows.
    pub fn of_pixels(width: usize, samples: usize, bytes: Vec<u8>) -> Self {
        assert!(bytes.len().is_multiple_of(width * samples), "the bytes are not whole rows");
        let height = bytes.len() / (width * samples);
        Self(Decoded { width, height, samples, bytes, orientation: Orientation::default() })
    }

    /// Width and height as it is shown.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = (self.0.width, self.0.height);
        if self.0.orientation.swaps_sides() { (height, width) } else { (width, height) }
    }

    /// Whether it has colour: more than one in 500 of its pixels (of some 10,000, where there are more) has channels that
    /// differ by more than 16. Photographs of grey things, and grey ones stored in colour, do not.
    pub fn has_colour(&self) -> bool {
        const LOOKED_AT: usize = 10_000;
        if self.0.samples < 3 {
            return false;
        }
        let pixels = self.0.width * self.0.height;
        let (mut looked_at, mut coloured) = (0, 0);
        for pixel in self.0.bytes.chunks_exact(self.0.samples).step_by(pixels.div_ceil(LOOKED_AT)) {
            let (least, most) = pixel[..3].iter().fold((255, 0), |(low, high), &v| (v.min(low), v.max(high)));
            let is_seen = pixel.get(3).is_none_or(|&opacity| opacity > 127);
            looked_at += 1;
            coloured += usize::from(is_seen && most - least > 16);
        }
        500 * coloured > looked_at
    }

    /// The first half of the SHA-256 of what is shown: width and height as 32-bit numbers, least byte first, and red,
    /// green, blue and opacity of every pixel, row by row. Equal for equal pictures, whatever their files are.
    pub fn digest(&self) -> [u8; 16] {
        let (width, height) = self.size();
        let mut hash = Sha256::new();
        for side in [width, height] {
            hash.update((side as u32).to_le_bytes());
        }
        let mut row = vec![0; 4 * width];
        for y in 0..height {
            for (x, out) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *out = self.pixel(x, y);
            }
            hash.update(&row);
        }
        let digest: [u8; 32] = hash.finalize().into();
        std::array::from_fn(|i| digest[i])
    }

    /// The picture as an image of `shape` (channels, rows, columns), C·H·W bytes; colour becomes grey where there is one
    /// channel. At its own size the pixels are what they were.
    pub fn image(&self, shape: [usize; 3], look: &Look) -> Vec<u8> {
        let stored = &self.0;
        let mut image = match (stored.orientation, stored.samples) {
            // As most photographs are: by far the fastest, as nothing is asked of a pixel.
            (Orientation::Upright, 3) => self.fitted(shape, look.fit, |x, y| {
                let at = 3 * (y * stored.width + x);
                [0, 1, 2].map(|c| f32::from(stored.bytes[at + c]))
            }),
            _ => self.fitted(shape, look.fit, |x, y| {
                let [rgb @ .., opacity] = self.pixel(x, y);
                on_ground(rgb, opacity, look.ground.0)
            }),
        };
        if look.invert {
            image.iter_mut().for_each(|v| *v = 255 - *v);
        }
        image
    }

    /// The picture as an image of `shape` that lies as training images do on their plain ground; as [`Picture::image`] has it
    /// where it lies so already, or has no plain ground itself (method §1.7).
    pub fn framed(&self, shape: [usize; 3], look: &Look, framing: &Framing) -> Vec<u8> {
        let (width, _) = self.size();
        let colour = |i: usize| {
            let [rgb @ .., opacity] = self.pixel(i % width, i / width);
            let colour = on_ground(rgb, opacity, look.ground.0);
            if look.invert { colour.map(|level| 255.0 - level) } else { colour }
        };
        let [.., columns] = shape;
        framing.apply((self.image(shape, look), columns), colour, self.size()).0
    }

    /// The picture whose colours are given by column and row, as an image.
    fn fitted(&self, shape: [usize; 3], how: Fit, colour: impl Fn(usize, usize) -> [f32; 3]) -> Vec<u8> {
        let (width, height) = self.size();
        let [_, rows, columns] = shape;
        match how {
            Fit::Stretch => resample_at(colour, (width, height), shape),
            Fit::Pad => fit(|i| colour(i % width, i / width), (width, height), shape),
            Fit::Crop => {
                let inner = crop((width, height), (columns, rows));
                let (left, top) = ((width - inner.0) / 2, (height - inner.1) / 2);
                resample_at(|x, y| colour(left + x, top + y), inner, shape)
            }
        }
    }

    /// Red, green, blue and opacity of what is shown at column `x` of row `y`.
    fn pixel(&self, x: usize, y: usize) -> [u8; 4] {
        let stored = &self.0;
        let (column, row) = stored.orientation.stored((x, y), (stored.width, stored.height));
        let pixel = &stored.bytes[stored.samples * (row * stored.width + column)..][..stored.samples];
        match *pixel {
            [grey] => [grey, grey, grey, 255],
            [grey, opacity] => [grey, grey, grey, opacity],
            [red, green, blue] => [red, green, blue, 255],
            [red, green, blue, opacity, ..] => [red, green, blue, opacity],
            [] => unreachable!("a pixel has samples"),
        }
    }
}

/// Width and height of the largest part of a picture of `width`×`height` that has the proportions of `columns`×`rows`.
fn crop((width, height): (usize, usize), (columns, rows): (usize, usize)) -> (usize, usize) {
    // Never below one pixel, however thin the picture.
    let side =
        |other: usize, to: usize, of: usize| ((other * to) as f64 / of as f64).round().max(1.0) as usize;
    if width * rows > height * columns {
        (side(height, columns, rows).min(width), height)
    } else {
        (width, side(width, rows, columns).min(height))
    }
}

#[cfg(test)]
mod tests {
    use super::super::look::Ground;
    use super::*;

    fn picture(width: usize, samples: usize, bytes: &[u8]) -> Picture {
        Picture::of_pixels(width, samples, bytes.to_vec())
    }

    #[test]
    fn pictures_are_cropped_padded_or_stretched() {
        let wide = picture(4, 1, &[10, 20, 30, 40]);
        let image = |fit: Fit| wide.image([1, 2, 2], &Look { fit, ..Look::default() });
        assert_eq!(image(Fit::Crop), [20; 4]);
        assert_eq!(image(Fit::Pad), [15, 35, 25, 25]);
        assert_eq!(image(Fit::Stretch), [15, 35, 15, 35]);
        let inverted = Look { invert: true, ..Look::default() };
        assert_eq!(wide.image([1, 1, 4], &inverted), [245, 235, 225, 215]);
        // Of its own size, nothing changes, however it fits.
        for fit in [Fit::Crop, Fit::Pad, Fit::Stretch] {
            assert_eq!(wide.image([1, 1, 4], &Look { fit, ..Look::default() }), [10, 20, 30, 40]);
        }
    }

    #[test]
    fn ink_on_paper_is_framed_and_what_has_no_ground_is_as_it_was() {
        let bar = |i: usize| (4..24).contains(&(i / 28)) && (12..16).contains(&(i % 28));
        let trained: Vec<u8> = (0..784).map(|i| if bar(i) { 255 } else { 0 }).collect();
        let shape = [1, 28, 28];
        let Some(framing) = Framing::measure([&trained[..]], shape) else { panic!("the ground is plain") };
        let look = Look::default();
        assert_eq!(picture(28, 1, &trained).framed(shape, &look, &framing), trained);
        // As large as it was before it was brought to the training images' shape, a little off their place.
        let large: Vec<u8> = (0..56 * 56).map(|i| trained[i / 112 * 28 + (i % 56 + 2) % 56 / 2]).collect();
        let large = picture(56, 1, &large);
        assert_eq!(large.framed(shape, &look, &framing), large.image(shape, &look));
        // The same bar, dark on light, in a corner of a sheet of 84 pixels.
        let ink = |i: usize| (10..30).contains(&(i / 84)) && (60..64).contains(&(i % 84));
        let sheet: Vec<u8> = (0..84 * 84).map(|i| if ink(i) { 30 } else { 220 }).collect();
        let framed = picture(84, 1, &sheet).framed(shape, &look, &framing);
        let off = framed.iter().zip(&trained).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        assert!(off < 0.1 * 255.0 * 80.0, "{framed:?}");
        let busy: Vec<u8> = (0..84 * 84u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let busy = picture(84, 1, &busy);
        assert_eq!(busy.framed(shape, &look, &framing), busy.image(shape, &look));
    }

    #[test]
    fn the_largest_part_of_the_same_proportions_is_kept() {
        assert_eq!(crop((40, 30), (28, 28)), (30, 30));
        assert_eq!(crop((30, 41), (28, 28)), (30, 30));
        assert_eq!(crop((100, 50), (64, 48)), (67, 50));
        assert_eq!(crop((1, 1000), (28, 28)), (1, 1));
    }

    #[test]
    fn what_is_transparent_is_the_ground() {
        let clear = Picture(Decoded {
            width: 1,
            height: 1,
            samples: 4,
            bytes: vec![10, 20, 30, 51],
            orientation: Orientation::default(),
        });
        let on = |rgb: [u8; 3]| clear.image([3, 1, 1], &Look { ground: Ground(rgb), ..Look::default() });
        assert_eq!(on([255; 3]), [206, 208, 210]);
        assert_eq!(on([0, 100, 0]), [2, 84, 6]);
    }

    #[test]
    fn equal_pictures_have_equal_digests_whatever_their_files_are() {
        let grey = picture(2, 1, &[1, 2, 3, 4]);
        let coloured = picture(2, 3, &[1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
        assert_eq!(grey.digest(), coloured.digest());
        assert_ne!(grey.digest(), picture(1, 1, &[1, 2, 3, 4]).digest());
        assert_ne!(grey.digest(), picture(2, 1, &[1, 2, 3, 5]).digest());
        // Turned by a half, and stored so.
        let mut turned = picture(2, 1, &[4, 3, 2, 1]);
        turned.0.orientation = Orientation::Half;
        assert_eq!(grey.digest(), turned.digest());
    }

    #[test]
    fn grey_stored_in_colour_is_grey() {
        assert!(!picture(2, 3, &[10, 12, 26, 200, 190, 200]).has_colour());
        assert!(picture(2, 3, &[10, 12, 27, 200, 190, 200]).has_colour());
        assert!(!picture(2, 1, &[0, 255]).has_colour());
    }
}
