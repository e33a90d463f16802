//! Pictures: grids of images out, single pictures in.

use std::io::Cursor;
use std::path::Path;

use crate::atomic;
use crate::error::{Error, Result};

/// Pixels between the images of a grid.
const GAP: usize = 2;
/// Brightness of the ground between them.
const GROUND: u8 = 255;
/// Sides above this are refused before anything is decoded.
const LARGEST_SIDE: u32 = 4096;
/// Averages just below a half are rounded up as well, so that those that are exactly a half do not depend on the order
/// of the sums, and the page reads the same bytes.
const NEAR_HALF: f64 = 1e-6;

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
    atomic::write(path, &bytes)
}

/// Reads a PNG as an image of `shape` (channels, rows, columns): colour becomes grey (or grey colour) where needed,
/// transparency white; a picture of another size is resampled by averaging over areas.
///
/// # Errors
/// When the file cannot be read, is no PNG, or is larger than 4096 pixels a side.
pub fn read(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    let (colours, width, height) = decode(path)?;
    Ok(resample(&colours, width, height, shape))
}

/// The same for the largest square in the middle of the picture, as photographs are brought to a square.
///
/// # Errors
/// As [`read`].
pub fn read_square(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    let (colours, width, height) = decode(path)?;
    let side = width.min(height);
    let (top, left) = ((height - side) / 2, (width - side) / 2);
    let rows = (top..top + side).flat_map(|y| &colours[y * width + left..][..side]);
    Ok(resample(&rows.copied().collect::<Vec<_>>(), side, side, shape))
}

/// The pixels of a picture file by row, its width and its height.
fn decode(path: &Path) -> Result<(Vec<[f32; 3]>, usize, usize)> {
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let bad = |problem: String| Error::data(path, format!("it cannot be read as a PNG picture ({problem})"));
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|e| bad(e.to_string()))?;
    let (width, height) = (reader.info().width, reader.info().height);
    if width.max(height) > LARGEST_SIDE {
        return Err(Error::data(
            path,
            format!("it is {width}×{height} pixels, at most {LARGEST_SIDE} a side are read"),
        ));
    }
    let size = reader.output_buffer_size().ok_or_else(|| bad("it is too large".into()))?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(|e| bad(e.to_string()))?;
    let samples = frame.color_type.samples();
    Ok((pixels.chunks_exact(samples).map(colour).collect(), width as usize, height as usize))
}

/// Red, green and blue of a pixel of grey, grey + alpha, RGB or RGBA, on a white ground.
fn colour(pixel: &[u8]) -> [f32; 3] {
    let value = |i: usize| f32::from(pixel[i]);
    let (rgb, alpha) = match pixel.len() {
        1 => ([value(0); 3], 255.0),
        2 => ([value(0); 3], value(1)),
        3 => ([value(0), value(1), value(2)], 255.0),
        _ => ([value(0), value(1), value(2)], value(3)),
    };
    rgb.map(|v| 255.0 + (v - 255.0) * alpha / 255.0)
}

/// Averages over the area that each target pixel covers.
fn resample(
    colours: &[[f32; 3]],
    width: usize,
    height: usize,
    [channels, rows, columns]: [usize; 3],
) -> Vec<u8> {
    // Weights of the source lines under target line i: (line, share).
    let cover = |i: usize, from: usize, to: usize| -> Vec<(usize, f64)> {
        let step = from as f64 / to as f64;
        let (start, end) = (i as f64 * step, (i + 1) as f64 * step);
        let lines = start as usize..(end.ceil() as usize).min(from);
        lines
            .map(|l| (l, (end.min((l + 1) as f64) - start.max(l as f64)) / step))
            .filter(|(_, w)| *w > 0.0)
            .collect()
    };
    let mut out = vec![0; channels * rows * columns];
    for y in 0..rows {
        let ys = cover(y, height, rows);
        for x in 0..columns {
            let mut sum = [0.0f64; 3];
            for &(sx, wx) in &cover(x, width, columns) {
                for &(sy, wy) in &ys {
                    let pixel = colours[sy * width + sx];
                    (0..3).for_each(|c| sum[c] += wx * wy * f64::from(pixel[c]));
                }
            }
            let luma = 0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2];
            for c in 0..channels {
                let value = if channels == 1 { luma } else { sum[c] };
                out[(c * rows + y) * columns + x] = (value + NEAR_HALF).round() as u8;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn what_is_written_reads_back_and_is_resampled() {
        let folder = Scratch::new();
        let path = folder.path().join("some.png");
        write_grid(&path, &[10, 20, 30, 40], [1, 2, 2], 1).unwrap();
        let whole = read(&path, [1, 6, 6]).unwrap();
        assert_eq!(&whole[2 * 6 + 2..2 * 6 + 4], [10, 20]);
        assert_eq!(whole[0], GROUND);
        let half = read(&path, [1, 3, 3]).unwrap();
        assert_eq!(half[4], 25);
        assert_eq!(read(&path, [3, 3, 3]).unwrap()[4], 25);
    }

    #[test]
    fn the_square_lies_in_the_middle() {
        let folder = Scratch::new();
        let path = folder.path().join("wide.png");
        // Two images of 1×1 side by side: 8×5 pixels, of which columns 1 to 5 are the square.
        write_grid(&path, &[10, 20], [1, 1, 1], 2).unwrap();
        let square = read_square(&path, [1, 5, 5]).unwrap();
        assert_eq!(square[10..15], [GROUND, 10, GROUND, GROUND, 20]);
        assert_eq!(read(&path, [1, 5, 8]).unwrap()[16..24], [255, 255, 10, 255, 255, 20, 255, 255]);
    }

    #[test]
    fn refuses_what_is_no_png() {
        let folder = Scratch::new();
        let path = folder.path().join("no.png");
        std::fs::write(&path, b"GIF89a").unwrap();
        let message = read(&path, [1, 28, 28]).unwrap_err().to_string();
        assert!(message.contains("PNG") && message.contains("no.png"), "{message}");
    }
}
