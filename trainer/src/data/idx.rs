//! The idx files of MNIST and its kin, plain or gzipped.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::registry::Known;
use crate::error::{Error, Result};

/// Reads images and labels of `{prefix}-images-idx3-ubyte` and `{prefix}-labels-idx1-ubyte` in `folder`.
pub(super) fn read(folder: &Path, prefix: &str, known: &Known) -> Result<(Vec<u8>, Vec<u8>)> {
    let images_path = existing(folder, &format!("{prefix}-images-idx3-ubyte"));
    let labels_path = existing(folder, &format!("{prefix}-labels-idx1-ubyte"));
    let (images, dims) = read_idx::<3>(&images_path, known)?;
    let (labels, [count]) = read_idx::<1>(&labels_path, known)?;
    let [_, height, width] = known.shape;
    if dims[1..] != [height, width] {
        return Err(Error::data(
            &images_path,
            format!("its images are {}×{}, not {height}×{width}", dims[1], dims[2]),
        ));
    }
    if dims[0] != count {
        let problem =
            format!("it holds {count} labels, but {} holds {} images", images_path.display(), dims[0]);
        return Err(Error::data(&labels_path, problem));
    }
    if let Some(i) = labels.iter().position(|&label| usize::from(label) >= known.classes.len()) {
        return Err(Error::data(
            &labels_path,
            format!("label {i} is {}, must be below {}", labels[i], known.classes.len()),
        ));
    }
    Ok((images, labels))
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
