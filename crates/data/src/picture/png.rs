//! Grids of images, written as PNG files.

use std::path::Path;

use crate::{Error, Result, picture};
use ibinn_files::atomic;

/// Pixels between the images of a grid.
const GAP: usize = 2;
/// Brightness of the ground between them.
pub(crate) const GROUND: u8 = 255;

/// Finds out whether a grid can be written to `path`, before work is spent on it.
///
/// # Errors
/// When its name says that it is another format, or as [`atomic::check`].
pub fn check(path: &Path) -> Result<()> {
    let ending = path.extension().unwrap_or_default();
    let is_other = picture::is_named_like_one(path)
        || ["svg", "pdf", "avif", "heic", "jxl"].iter().any(|known| ending.eq_ignore_ascii_case(known));
    if is_other && !ending.eq_ignore_ascii_case("png") {
        let name = path.with_extension("png");
        let problem = format!(
            "pictures are written as PNG, which its name must not contradict: name {} instead",
            name.display()
        );
        return Err(Error::data(path, problem));
    }
    Ok(atomic::check(path)?)
}

/// A picture in a file's form.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// Rows and columns.
    pub size: [usize; 2],
    /// The file's bytes.
    pub png: Vec<u8>,
}

/// Writes N images of `shape` (channels, rows, columns), N·C·H·W bytes, as a grid of `columns`.
///
/// # Errors
/// When the file cannot be written.
pub fn write_grid(path: &Path, images: &[u8], shape: [usize; 3], columns: usize) -> Result<()> {
    let encoded = grid(images, shape, columns).map_err(|problem| Error::data(path, problem))?;
    Ok(atomic::write(path, &encoded.png)?)
}

/// The same grid as a file's bytes.
///
/// # Errors
/// Why there is no such picture: it would be too large.
pub fn grid(images: &[u8], shape: [usize; 3], columns: usize) -> std::result::Result<Encoded, String> {
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
        .map_err(|e| e.to_string())?;
    Ok(Encoded { size: [full_height, full_width], png: bytes })
}
