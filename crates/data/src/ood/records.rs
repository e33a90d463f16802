//! Records as in the binary versions of CIFAR: label bytes, then red, green and blue planes of 32×32. The labels are not
//! looked at.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::Pictures;
use crate::{Error, Result};

/// Channels, rows and columns of an image.
const SHAPE: [usize; 3] = [3, 32, 32];
/// Bytes of an image.
const IMAGE: usize = 3 * 32 * 32;

/// Reads the first `limit` images.
pub(super) fn read(path: &Path, limit: usize) -> Result<Pictures> {
    let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
    let size = file.metadata().map_err(|source| Error::io(path, source))?.len();
    // One label as in CIFAR-10, or two as in CIFAR-100.
    let labels = [1, 2].into_iter().find(|labels| size > 0 && size.is_multiple_of((IMAGE + labels) as u64));
    let labels = labels.ok_or_else(|| {
        let problem = format!(
            "it has {size} bytes, which are no whole number of CIFAR-10 or CIFAR-100 records ({} or {} bytes each)",
            IMAGE + 1,
            IMAGE + 2
        );
        Error::data(path, problem)
    })?;
    let record = IMAGE + labels;
    let mut bytes = vec![0; (size as usize / record).min(limit) * record];
    file.read_exact(&mut bytes).map_err(|source| Error::io(path, source))?;
    let bytes = bytes.chunks_exact(record).flat_map(|record| &record[labels..]).copied().collect();
    Ok(Pictures { shape: SHAPE, bytes })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_files::scratch::Scratch;

    fn reading(bytes: &[u8], limit: usize) -> Result<Pictures> {
        let scratch = Scratch::new();
        let path = scratch.path().join("some.bin");
        std::fs::write(&path, bytes).unwrap();
        read(&path, limit)
    }

    #[test]
    fn reads_records_of_one_and_of_two_labels() {
        for labels in [1, 2] {
            let record = |value: u8| [vec![255; labels], vec![value; IMAGE]].concat();
            let file = [record(1), record(2), record(3)].concat();
            let found = reading(&file, 2).unwrap();
            assert_eq!(found, Pictures { shape: SHAPE, bytes: [[1; IMAGE], [2; IMAGE]].concat() });
            assert_eq!(reading(&file, 9).unwrap().bytes.len(), 3 * IMAGE);
        }
    }

    #[test]
    fn refuses_every_other_length() {
        for length in [0, 1, IMAGE, IMAGE + 3, 2 * IMAGE + 3] {
            let message = reading(&vec![0; length], 9).unwrap_err().to_string();
            assert!(
                message.contains("some.bin") && message.contains(&format!("{length} bytes")),
                "{message}"
            );
        }
    }
}
