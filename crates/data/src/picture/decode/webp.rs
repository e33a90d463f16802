//! WebP files: the first picture of an animation.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::super::orientation::Orientation;
use super::{Decoded, MOST_PIXELS, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    decoder.set_memory_limit(4 * MOST_PIXELS);
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    check(width, height)?;
    let samples = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; samples * width * height];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    // A picture without metadata is shown as it is stored, and so is one whose metadata cannot be read.
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.map(|exif| Orientation::of_exif(&exif)).unwrap_or_default();
    Ok(Decoded { width, height, samples, bytes: pixels, orientation })
}
