//! The idx files of MNIST and its kin, plain or gzipped.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::registry::Known;
use crate::{Error, Result};

/// What the names of files of images end with, but for .gz.
const IMAGES: &str = "images-idx3-ubyte";
/// Likewise of files of labels.
const LABELS: &str = "labels-idx1-ubyte";

/// Reads images and labels of `{prefix}-images-idx3-ubyte` and `{prefix}-labels-idx1-ubyte` in `folder`.
pub(super) fn read(folder: &Path, prefix: &str, known: &Known) -> Result<(Vec<u8>, Vec<u8>)> {
    let [images_path, labels_path] = paths(folder, prefix);
    let (images, count) = read_images(&images_path, known)?;
    let labels = read_labels(&labels_path, known)?;
    if labels.len() != count {
        let problem =
            format!("it holds {} labels, but {} holds {count} images", labels.len(), images_path.display());
        return Err(Error::data(&labels_path, problem));
    }
    Ok((images, labels))
}

/// The files of images and of labels that [`read`] reads.
pub(super) fn paths(folder: &Path, prefix: &str) -> [PathBuf; 2] {
    [IMAGES, LABELS].map(|kind| existing(folder, &format!("{prefix}-{kind}")))
}

/// Reads a file of images or of labels for nothing but to know that it can be.
///
/// # Errors
/// When it is missing or damaged.
pub(super) fn check(path: &Path, known: &Known) -> Result<()> {
    if path.file_name().is_some_and(|name| name.to_string_lossy().contains(LABELS)) {
        read_labels(path, known).map(drop)
    } else {
        read_images(path, known).map(drop)
    }
}

/// The bytes of a file of images, and how many images they are.
fn read_images(path: &Path, known: &Known) -> Result<(Vec<u8>, usize)> {
    let (images, [count, rows, columns]) = read_idx::<3>(path, known)?;
    let [_, height, width] = known.shape;
    if [rows, columns] != [height, width] {
        return Err(Error::data(path, format!("its images are {rows}×{columns}, not {height}×{width}")));
    }
    Ok((images, count))
}

fn read_labels(path: &Path, known: &Known) -> Result<Vec<u8>> {
    let (labels, [_]) = read_idx::<1>(path, known)?;
    match labels.iter().position(|&label| usize::from(label) >= known.classes.len()) {
        Some(i) => {
            let problem = format!("label {i} is {}, must be below {}", labels[i], known.classes.len());
            Err(Error::data(path, problem))
        }
        None => Ok(labels),
    }
}

/// The plain file when it is there, else the gzipped one.
fn existing(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    if plain.exists() { plain } else { folder.join(format!("{name}.gz")) }
}

/// Reads an idx file of unsigned bytes with `R` dimensions.
fn read_idx<const R: usize>(path: &Path, known: &Known) -> Result<(Vec<u8>, [usize; R])> {
    let bytes = super::read_file(path, known)?;
    let zipped = path.extension().is_some_and(|e| e == "gz");
    parse(
        path,
        if zipped { Box::new(flate2::read::GzDecoder::new(&bytes[..])) } else { Box::new(&bytes[..]) },
    )
}

fn parse<const R: usize>(path: &Path, mut reader: Box<dyn Read + '_>) -> Result<(Vec<u8>, [usize; R])> {
    let bad = |problem: String| Error::data(path, problem);
    let unreadable = |e: std::io::Error| bad(format!("it ends too early or cannot be unpacked ({e})"));
    let mut word = || -> Result<u32> {
        let mut bytes = [0; 4];
        reader.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(u32::from_be_bytes(bytes))
    };
    let (magic, wanted) = (word()?, 0x0800 + R as u32);
    if magic != wanted {
        return Err(bad(format!(
            "it begins with {magic:#010x}, an idx file of {R} dimensions with {wanted:#010x}"
        )));
    }
    let mut dims = [0; R];
    for dim in &mut dims {
        *dim = word()? as usize;
    }
    let size = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d)).filter(|&n| n > 0 && n <= 1 << 31);
    let size = size.ok_or_else(|| bad(format!("its header claims the size {dims:?}")))?;
    let mut data = Vec::new();
    // One byte more than the header claims, so that what follows is noticed and a bomb is not unpacked.
    reader.take(size as u64 + 1).read_to_end(&mut data).map_err(unreadable)?;
    match data.len() {
        n if n < size => {
            Err(bad(format!("it holds {n} bytes of data, its header claims {size}: it is cut short")))
        }
        n if n > size => {
            Err(bad(format!("it holds more than the {size} bytes of data that its header claims")))
        }
        _ => Ok((data, dims)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn labels(magic: u32, claimed: u32, data: &[u8]) -> Vec<u8> {
        [&magic.to_be_bytes()[..], &claimed.to_be_bytes(), data].concat()
    }

    fn parsed(bytes: &[u8]) -> Result<(Vec<u8>, [usize; 1])> {
        parse(Path::new("some.idx"), Box::new(bytes))
    }

    #[test]
    fn reads_what_the_header_says() {
        assert_eq!(parsed(&labels(0x801, 3, &[4, 5, 6])).unwrap(), (vec![4, 5, 6], [3]));
    }

    #[test]
    fn refuses_wrong_magic_short_long_and_absurd_files() {
        for (bytes, wanted) in [
            (labels(0x803, 3, &[1, 2, 3]), "begins with"),
            (labels(0x801, 4, &[1, 2, 3]), "cut short"),
            (labels(0x801, 2, &[1, 2, 3]), "more than"),
            (labels(0x801, u32::MAX, &[1]), "claims the size"),
            (vec![0, 0, 8], "ends too early"),
        ] {
            let message = parsed(&bytes).unwrap_err().to_string();
            assert!(message.contains(wanted) && message.contains("some.idx"), "{message}");
        }
    }
}
