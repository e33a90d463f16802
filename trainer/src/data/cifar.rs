//! The binary version of CIFAR-10: records of a label byte and 3072 bytes of red, green and blue planes.

use std::path::Path;

use super::registry::Known;
use super::{Split, read_file};
use crate::error::{Error, Result};

/// Bytes of an image.
const IMAGE: usize = 3 * 32 * 32;
/// Records of each official file.
const RECORDS: usize = 10_000;

/// Bytes of each official file.
pub(super) const FILE_SIZE: usize = RECORDS * (IMAGE + 1);
/// The official files: five of training images, then the test images.
pub(super) const FILES: [&str; 6] = [
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
    "test_batch.bin",
];

/// Reads the files of `split` in `folder`.
pub(super) fn read(folder: &Path, split: Split, known: &Known) -> Result<(Vec<u8>, Vec<u8>)> {
    let names = match split {
        Split::Train => &FILES[..5],
        Split::Test => &FILES[5..],
    };
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    for name in names {
        let path = folder.join(name);
        parse(&path, &read_file(&path, known)?, &mut images, &mut labels)?;
    }
    Ok((images, labels))
}

/// Reads a file for nothing but to know that it can be.
///
/// # Errors
/// When it is missing or damaged.
pub(super) fn check(path: &Path, known: &Known) -> Result<()> {
    parse(path, &read_file(path, known)?, &mut Vec::new(), &mut Vec::new())
}

fn parse(path: &Path, bytes: &[u8], images: &mut Vec<u8>, labels: &mut Vec<u8>) -> Result<()> {
    if bytes.len() != FILE_SIZE {
        let problem = format!(
            "it has {} bytes, a CIFAR-10 file has {FILE_SIZE}: it is cut short or another file",
            bytes.len()
        );
        return Err(Error::data(path, problem));
    }
    for (i, record) in bytes.chunks_exact(IMAGE + 1).enumerate() {
        if record[0] > 9 {
            return Err(Error::data(
                path,
                format!("record {i} has the label {}, must be below 10", record[0]),
            ));
        }
        labels.push(record[0]);
        images.extend(&record[1..]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        parse(Path::new("some.bin"), bytes, &mut images, &mut labels)?;
        Ok((images, labels))
    }

    #[test]
    fn reads_records_and_refuses_everything_else() {
        let mut file = vec![7u8; RECORDS * (IMAGE + 1)];
        let (images, labels) = parsed(&file).unwrap();
        assert_eq!((images.len(), labels.len(), labels[0]), (RECORDS * IMAGE, RECORDS, 7));
        for length in [0, file.len() - 1, IMAGE + 1] {
            assert!(parsed(&file[..length]).unwrap_err().to_string().contains("some.bin"));
        }
        file[IMAGE + 1] = 10;
        assert!(parsed(&file).unwrap_err().to_string().contains("record 1 has the label 10"));
    }
}
