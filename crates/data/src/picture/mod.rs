//! Single picture files, brought to the shape of a model's images.

mod jpeg;
pub mod png;

use std::ffi::OsStr;
use std::path::Path;

use ibinn::image::resample;

use crate::{Error, Result};

/// Sides above this are refused before anything is decoded.
pub(crate) const LARGEST_SIDE: usize = 4096;

/// A picture as its file has it.
pub(crate) struct Decoded {
    /// Red, green and blue of each pixel, by row, from 0 to 255.
    pub colours: Vec<[f32; 3]>,
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// Whether a file is a picture that can be read, by its ending.
pub fn is_picture(path: &Path) -> bool {
    is_jpeg(path) || has_ending(path, &["png"])
}

fn is_jpeg(path: &Path) -> bool {
    has_ending(path, &["jpg", "jpeg"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a picture file, a JPEG by its ending and else a PNG, as an image of `shape` (channels, rows, columns): colour
/// becomes grey (or grey colour) where needed, transparency white; a picture of another size is resampled by averaging
/// over areas.
///
/// # Errors
/// When the file cannot be read, is not what its ending says, or is larger than 4096 pixels a side.
pub fn read(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    let Decoded { colours, width, height } = decode(path)?;
    Ok(resample(|i| colours[i], (width, height), shape))
}

/// The same for the largest square in the middle of the picture, as photographs are brought to a square.
///
/// # Errors
/// As [`read`].
pub fn read_square(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    let Decoded { colours, width, height } = decode(path)?;
    let side = width.min(height);
    let (top, left) = ((height - side) / 2, (width - side) / 2);
    let colour = |i: usize| colours[(top + i / side) * width + left + i % side];
    Ok(resample(colour, (side, side), shape))
}

fn decode(path: &Path) -> Result<Decoded> {
    if is_jpeg(path) { jpeg::decode(path) } else { png::decode(path) }
}

/// Refuses a picture that is too large.
pub(crate) fn check_side(path: &Path, width: usize, height: usize) -> Result<()> {
    if width.max(height) <= LARGEST_SIDE {
        return Ok(());
    }
    let problem = format!("it is {width}×{height} pixels, at most {LARGEST_SIDE} a side are read");
    Err(Error::data(path, problem))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::picture::png::{GROUND, write_grid};
    use ibinn_files::scratch::Scratch;

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
