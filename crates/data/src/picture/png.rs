//! PNG files: grids of images out, single pictures in.

use std::io::Cursor;
use std::path::Path;

use ibinn::image::on_white;

use crate::picture::{Decoded, check_side};
use crate::{Error, Result};
use ibinn_files::atomic;

/// Pixels between the images of a grid.
const GAP: usize = 2;
/// Brightness of the ground between them.
pub(crate) const GROUND: u8 = 255;

/// Writes N images of `shape` (channels, rows, columns), N·C·H·W bytes, as a grid of `columns`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_grid(path: &Path, images: &[u8], shape: [usize; 3], columns: usize) -> Result<()> {
    let [channels, height, width] = shape;
    let count = images.len() / (channels * height * width);
    let columns = columns.clamp(1, count.max(1));
    let rows = count.div_ceil(columns);
    let (full_height, full_width) = (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP);
    let mut picture = vec![GROUND; full_height * full_width * channels];
    for (i, image) in images.chunks_exact(channels * height * width).enumerate() {
        let (top, left) = (GAP + i / columns * (height + GAP), GAP + i % columns * (width + GAP));
        for (j, &value) in image.iter().enumerate() {
            let (c, y, x) = (j / (height * width), j / width % height, j % width);
            picture[((top + y) * full_width + left + x) * channels + c] = value;
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, full_width as u32, full_height as u32);
    encoder.set_color(if channels == 3 { png::ColorType::Rgb } else { png::ColorType::Grayscale });
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&picture))
        .map_err(|e| Error::data(path, e.to_string()))?;
    Ok(atomic::write(path, &bytes)?)
}

/// Decodes a PNG file, transparency on a white ground.
pub(crate) fn decode(path: &Path) -> Result<Decoded> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let bad = |problem: String| Error::data(path, format!("it cannot be read as a PNG picture ({problem})"));
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| bad(e.to_string()))?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    check_side(path, width, height)?;
    let size = reader.output_buffer_size().ok_or_else(|| bad("it is too large".into()))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|e| bad(e.to_string()))?;
    let samples = frame.color_type.samples();
    Ok(Decoded { colours: pixels.chunks_exact(samples).map(colour).collect(), width, height })
}

/// Red, green and blue of a pixel of grey, grey + alpha, RGB or RGBA, on a white ground.
fn colour(pixel: &[u8]) -> [f32; 3] {
    match *pixel {
        [grey] => on_white([grey; 3], 255),
        [grey, opacity] => on_white([grey; 3], opacity),
        [red, green, blue] => on_white([red, green, blue], 255),
        [red, green, blue, opacity, ..] => on_white([red, green, blue], opacity),
        [] => unreachable!("a pixel has samples"),
    }
}
