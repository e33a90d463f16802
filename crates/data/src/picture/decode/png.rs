//! PNG files.

use std::io::Cursor;

use super::super::orientation::Orientation;
use super::{Decoded, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    check(width, height)?;
    let size = reader.output_buffer_size().ok_or_else(|| damaged("it is too large"))?;
    let mut pixels = vec![0; size];
    let samples = reader.next_frame(&mut pixels).map_err(damaged)?.color_type.samples();
    // Metadata may follow the pixels, which are there even if what follows is damaged.
    let _ = reader.finish();
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.map(Orientation::of_exif).unwrap_or_default();
    Ok(Decoded { width, height, samples, bytes: pixels, orientation })
}
