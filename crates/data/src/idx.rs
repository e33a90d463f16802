//! The idx files of MNIST and its kin, plain or gzipped.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::registry::DatasetInfo;
use crate::{Error, Result};

/// The two files of a half, as their names begin behind that half's.
const KINDS: [(&str, &str); 2] = [("images", "idx3-ubyte"), ("labels", "idx1-ubyte")];

/// Reads images and labels of the half `prefix`, `train` or `t10k`, in the first of `folders` that holds them.
pub(super) fn read(folders: &[PathBuf], prefix: &str, known: &DatasetInfo) -> Result<(Vec<u8>, Vec<u16>)> {
    let [images_path, labels_path] = paths(folders, prefix);
    let (images, count) = read_images(&images_path, known)?;
    let labels = read_labels(&labels_path, known)?;
    if labels.len() != count {
        let problem =
            format!("it holds {} labels, but {} holds {count} images", labels.len(), images_path.display());
        return Err(Error::data(&labels_path, problem));
    }
    Ok((images, labels))
}

/// The files of images and of labels that [`read`] reads; where there is none, the one that is downloaded.
pub(super) fn paths(folders: &[PathBuf], prefix: &str) -> [PathBuf; 2] {
    KINDS.map(|(kind, idx)| {
        let names = [format!("{prefix}-{kind}-{idx}"), format!("{prefix}-{kind}.{idx}")];
        let official = format!("{}.gz", names[0]);
        let found = folders.iter().find_map(|folder| existing(folder, &names));
        found.unwrap_or_else(|| folders.first().map(|folder| folder.join(&official)).unwrap_or_default())
    })
}

/// The first of the files `names` that `folder` holds, plain ones before gzipped ones.
pub(super) fn existing(folder: &Path, names: &[String]) -> Option<PathBuf> {
    let plain = names.iter().map(|name| folder.join(name));
    let gzipped = names.iter().map(|name| folder.join(format!("{name}.gz")));
    plain.chain(gzipped).find(|path| path.exists())
}

/// Reads a file of images or of labels for nothing but to know that it can be.
///
/// # Errors
/// When it is missing or damaged.
pub(super) fn check(path: &Path, known: &DatasetInfo) -> Result<()> {
    if path.file_name().is_some_and(|name| name.to_string_lossy().contains(KINDS[1].0)) {
        read_labels(path, known).map(drop)
    } else {
        read_images(path, known).map(drop)
    }
}

/// The bytes of a file of images, and how many images they are.
fn read_images(path: &Path, known: &DatasetInfo) -> Result<(Vec<u8>, usize)> {
    let (images, [count, rows, columns]) = read_idx::<3>(path, known)?;
    let [_, height, width] = known.shape;
    if [rows, columns] != [height, width] {
        return Err(Error::data(path, format!("its images are {rows}×{columns}, not {height}×{width}")));
    }
    Ok((images, count))
}

fn read_labels(path: &Path, known: &DatasetInfo) -> Result<Vec<u16>> {
    let (labels, [_]) = read_idx::<1>(path, known)?;
    match labels.iter().position(|&label| usize::from(label) >= known.classes.len()) {
        Some(i) => {
            let problem = format!("label {i} is {}, must be below {}", labels[i], known.classes.len());
            Err(Error::data(path, problem))
        }
        None => Ok(labels.into_iter().map(u16::from).collect()),
    }
}

/// Reads an idx file of unsigned bytes with `R` dimensions.
fn read_idx<const R: usize>(path: &Path, known: &DatasetInfo) -> Result<(Vec<u8>, [usize; R])> {
    let bytes = super::read_file(path, known)?;
    let zipped = path.extension().is_some_and(|e| e == "gz");
    parse(
        path,
        if zipped { Box::new(flate2::read::MultiGzDecoder::new(&bytes[..])) } else { Box::new(&bytes[..]) },
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
    fn files_are_found_under_each_name_and_the_official_one_is_named_where_there_is_none() {
        let scratch = ibinn_files::scratch::Scratch::new();
        let folders = ["ours", "theirs"].map(|name| scratch.path().join(name));
        let official = paths(&folders, "train");
        assert_eq!(official[0], folders[0].join("train-images-idx3-ubyte.gz"));
        for folder in &folders {
            std::fs::create_dir(folder).unwrap();
        }
        // Each is taken before the ones written so far.
        for (folder, name) in [
            (1, "train-images.idx3-ubyte.gz"),
            (1, "train-images-idx3-ubyte"),
            (0, "train-images-idx3-ubyte.gz"),
            (0, "train-images.idx3-ubyte"),
            (0, "train-images-idx3-ubyte"),
        ] {
            let path = folders[folder].join(name);
            std::fs::write(&path, "").unwrap();
            assert_eq!(paths(&folders, "train"), [path, official[1].clone()]);
        }
    }

    #[test]
    fn a_gzip_file_of_several_members_is_one_file() {
        use std::io::Write;
        let scratch = ibinn_files::scratch::Scratch::new();
        let path = scratch.path().join("t10k-labels-idx1-ubyte.gz");
        let mut bytes = Vec::new();
        for part in [&labels(0x801, 5, &[1, 2])[..], &[3], &[4, 5]] {
            let mut encoder = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            encoder.write_all(part).unwrap();
            encoder.finish().unwrap();
        }
        std::fs::write(&path, bytes).unwrap();
        let known = crate::find("mnist").unwrap();
        assert_eq!(read_idx::<1>(&path, known).unwrap(), (vec![1, 2, 3, 4, 5], [5]));
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
