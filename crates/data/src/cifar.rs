//! The binary versions of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3072 bytes of red, green and blue
//! planes.

use std::ffi::OsStr;
use std::path::Path;

use ibinn::synthetic::Split as Half;

use super::read_file;
use super::registry::DatasetInfo;
use crate::{Error, Result};

/// Bytes of an image.
const IMAGE: usize = 3 * 32 * 32;

/// How one of the two is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cifar {
    /// Folder inside the data folder.
    pub folder: &'static str,
    /// The official files of training images.
    train: &'static [RecordFile],
    /// The official file of test images.
    test: &'static [RecordFile],
    /// Bytes before an image. The last is its class; CIFAR-100 has the group of its class before that.
    labels: usize,
}

/// A file of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RecordFile {
    name: &'static str,
    records: usize,
}

const fn file(name: &'static str, records: usize) -> RecordFile {
    RecordFile { name, records }
}

/// CIFAR-10.
pub const CIFAR_10: Cifar = Cifar {
    folder: "cifar-10-batches-bin",
    train: &[
        file("data_batch_1.bin", 10_000),
        file("data_batch_2.bin", 10_000),
        file("data_batch_3.bin", 10_000),
        file("data_batch_4.bin", 10_000),
        file("data_batch_5.bin", 10_000),
    ],
    test: &[file("test_batch.bin", 10_000)],
    labels: 1,
};

/// CIFAR-100.
pub const CIFAR_100: Cifar = Cifar {
    folder: "cifar-100-binary",
    train: &[file("train.bin", 50_000)],
    test: &[file("test.bin", 10_000)],
    labels: 2,
};

impl Cifar {
    /// Names and sizes in bytes of the official files.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, usize)> {
        let record = self.labels + IMAGE;
        self.train.iter().chain(self.test).map(move |file| (file.name, file.records * record))
    }

    /// Reads the images and labels of `half` in the data set's `folder`.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub(super) fn read(&self, folder: &Path, half: Half, known: &DatasetInfo) -> Result<(Vec<u8>, Vec<u16>)> {
        let files = match half {
            Half::Train => self.train,
            Half::Test => self.test,
        };
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        for file in files {
            let path = folder.join(file.name);
            self.parse(&path, &read_file(&path, known)?, known, &mut images, &mut labels)?;
        }
        Ok((images, labels))
    }

    /// Reads a file for nothing but to know that it can be.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub(super) fn check(&self, path: &Path, known: &DatasetInfo) -> Result<()> {
        self.parse(path, &read_file(path, known)?, known, &mut Vec::new(), &mut Vec::new())
    }

    fn parse(
        &self,
        path: &Path,
        bytes: &[u8],
        known: &DatasetInfo,
        images: &mut Vec<u8>,
        labels: &mut Vec<u16>,
    ) -> Result<()> {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if let Some((_, size)) =
            self.files().find(|&(official, size)| official == name && size != bytes.len())
        {
            let problem = format!(
                "it has {} bytes, that of {} has {size}: it is cut short or another file",
                bytes.len(),
                known.name
            );
            return Err(Error::data(path, problem));
        }
        let classes = known.classes.len();
        for (i, record) in bytes.chunks_exact(self.labels + IMAGE).enumerate() {
            let (before, image) = record.split_at(self.labels);
            let label = before[self.labels - 1];
            if usize::from(label) >= classes {
                let problem = format!("record {i} has the label {label}, must be below {classes}");
                return Err(Error::data(path, problem));
            }
            labels.push(label.into());
            images.extend(image);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::find;

    fn parsed(layout: Cifar, set: &str, name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Vec<u16>)> {
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        layout.parse(Path::new(name), bytes, find(set).unwrap(), &mut images, &mut labels)?;
        Ok((images, labels))
    }

    #[test]
    fn reads_records_and_refuses_everything_else() {
        let parsed = |bytes: &[u8]| parsed(CIFAR_10, "cifar-10", "test_batch.bin", bytes);
        let mut file = vec![7u8; 10_000 * (IMAGE + 1)];
        let (images, labels) = parsed(&file).unwrap();
        assert_eq!((images.len(), labels.len(), labels[0]), (10_000 * IMAGE, 10_000, 7));
        for length in [0, file.len() - 1, IMAGE + 1] {
            assert!(parsed(&file[..length]).unwrap_err().to_string().contains("test_batch.bin"));
        }
        file[IMAGE + 1] = 10;
        assert!(parsed(&file).unwrap_err().to_string().contains("record 1 has the label 10"));
    }

    #[test]
    fn of_two_labels_the_second_is_the_class() {
        let parsed = |bytes: &[u8]| parsed(CIFAR_100, "cifar-100", "test.bin", bytes);
        let mut file = vec![0u8; 10_000 * (IMAGE + 2)];
        file[IMAGE + 2..][..4].copy_from_slice(&[19, 99, 5, 6]);
        let (images, labels) = parsed(&file).unwrap();
        assert_eq!(labels[..3], [0, 99, 0]);
        assert_eq!(images[IMAGE..][..3], [5, 6, 0]);
        file[IMAGE + 3] = 100;
        assert!(parsed(&file).unwrap_err().to_string().contains("label 100, must be below 100"));
        assert!(parsed(&file[..10_000 * (IMAGE + 1)]).unwrap_err().to_string().contains("that of cifar-100"));
    }
}
