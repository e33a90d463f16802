//! Pictures that are decoded once: in memory, or in a file where they take more than that should hold.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ibinn_files::lock::Lock;
use ibinn_files::mapped::Mapped;
use ibinn_terminal::progress::{Progress, Unit};

use super::Cache;
use crate::{Error, Images, Result};

/// The first bytes of the file, with the number of its format.
const MAGIC: [u8; 16] = *b"ibinn decoded 1\n";
/// Bytes of a picture's record: whether it is decoded, its width and height, and its digest.
const RECORD: usize = 25;
/// Pictures that are written before their records are: what a record says is there was on the disk before it.
const TOGETHER: usize = 4096;
/// Names of the file, and of one that is not finished.
const NAMES: [&str; 2] = ["pictures", "pictures.part"];
/// Time between two looks at whether another process has finished.
const WAIT: Duration = Duration::from_millis(500);

/// What is known of a decoded picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// Its place among the plan's items.
    pub place: usize,
    /// Width and height as it is shown.
    pub size: (usize, usize),
    /// Its digest.
    pub digest: [u8; 16],
}

/// Decoded pictures as images of one size, some of which may have been decoded before.
pub(super) struct Decoded {
    found: Vec<Option<Found>>,
    /// Bytes of an image.
    size: usize,
    kind: Kind,
}

enum Kind {
    Memory(Vec<u8>),
    /// A file that is being written.
    File(Writing),
    /// One that is finished.
    Finished(Mapped),
}

struct Writing {
    file: File,
    folder: PathBuf,
    /// Pictures whose records are not written yet.
    pending: Vec<Found>,
    _lock: Lock,
}

impl Decoded {
    /// For `count` pictures as images of `size` bytes, in memory.
    pub fn in_memory(count: usize, size: usize) -> Self {
        Self { found: vec![None; count], size, kind: Kind::Memory(vec![0; count * size]) }
    }

    /// The same where `cache` says: where they are large enough, in a file that is named by `key`. While another process writes
    /// it, this one waits, and says so unless `quiet`.
    ///
    /// # Errors
    /// When the file cannot be made or read.
    pub fn open(
        cache: &Cache,
        key: impl FnOnce() -> String,
        [count, size]: [usize; 2],
        quiet: bool,
    ) -> Result<Self> {
        if count * size <= cache.above {
            return Ok(Self::in_memory(count, size));
        }
        let folder = cache.folder.join(key());
        fs::create_dir_all(&folder).map_err(|source| Error::unwritable(&folder, source))?;
        let lock = match Lock::take(&folder)? {
            Some(lock) => lock,
            None => wait_for(&folder, count, quiet)?,
        };
        let [whole, part] = NAMES.map(|name| folder.join(name));
        let length = length(count, size);
        let is_whole = |path: &Path| fs::metadata(path).is_ok_and(|found| found.len() == length as u64);
        if is_whole(&whole) {
            let map = Mapped::open(&whole)?;
            if let Some(found) = records(&map[..first(count)], count) {
                return Ok(Self { found, size, kind: Kind::Finished(map) });
            }
        }
        let unwritable = |source| Error::unwritable(&part, source);
        let options = File::options().create(true).truncate(false).read(true).write(true).open(&part);
        let mut file = options.map_err(unwritable)?;
        let mut start = vec![0; if is_whole(&part) { first(count) } else { 0 }];
        file.read_exact(&mut start).map_err(|source| Error::io(&part, source))?;
        let found = match records(&start, count) {
            Some(found) => found,
            None => {
                let begin = file.set_len(0).and_then(|()| file.set_len(length as u64));
                begin
                    .and_then(|()| file.rewind())
                    .and_then(|()| file.write_all(&MAGIC))
                    .map_err(unwritable)?;
                vec![None; count]
            }
        };
        let writing = Writing { file, folder, pending: Vec::new(), _lock: lock };
        Ok(Self { found, size, kind: Kind::File(writing) })
    }

    /// Where the file is being written, with its bytes.
    pub fn file(&self) -> Option<(&Path, u64)> {
        match &self.kind {
            Kind::File(writing) => Some((&writing.folder, length(self.found.len(), self.size) as u64)),
            Kind::Memory(_) | Kind::Finished(_) => None,
        }
    }

    /// Places of the pictures that are not decoded.
    pub fn missing(&self) -> Vec<usize> {
        (0..self.found.len()).filter(|&place| self.found[place].is_none()).collect()
    }

    /// Keeps a picture's image.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&mut self, found: Found, image: &[u8]) -> Result<()> {
        let at = found.place * self.size;
        self.found[found.place] = Some(found);
        match &mut self.kind {
            Kind::Memory(bytes) => bytes[at..][..self.size].copy_from_slice(image),
            Kind::File(writing) => {
                let at = (first(self.found.len()) + at) as u64;
                let written = writing.file.seek(SeekFrom::Start(at));
                written.and_then(|_| writing.file.write_all(image)).map_err(|e| writing.refused(e))?;
                writing.pending.push(found);
                if writing.pending.len() >= TOGETHER {
                    writing.settle()?;
                }
            }
            // What could not be decoded before can be now; the file stays as it is.
            Kind::Finished(_) => self.found[found.place] = None,
        }
        Ok(())
    }

    /// What was decoded, in order, and images by the place among the plan's items.
    ///
    /// # Errors
    /// When the file cannot be finished.
    pub fn finish(self) -> Result<(Vec<Found>, Images)> {
        let (count, size) = (self.found.len(), self.size);
        let in_file = |map| Images::in_file(map, first(count), size, count);
        let images = match self.kind {
            Kind::Memory(bytes) => Images::new(bytes, size),
            Kind::Finished(map) => in_file(map),
            Kind::File(mut writing) => {
                writing.settle()?;
                writing.file.sync_all().map_err(|e| writing.refused(e))?;
                let [whole, part] = NAMES.map(|name| writing.folder.join(name));
                fs::rename(part, &whole).map_err(|source| Error::unwritable(&whole, source))?;
                in_file(Mapped::open(&whole)?)
            }
        };
        Ok((self.found.into_iter().flatten().collect(), images))
    }
}

impl Writing {
    /// Writes the records of the pictures that are on the disk.
    fn settle(&mut self) -> Result<()> {
        let mut write = || -> std::io::Result<()> {
            self.file.sync_data()?;
            for found in &self.pending {
                self.file.seek(SeekFrom::Start((MAGIC.len() + found.place * RECORD) as u64))?;
                self.file.write_all(&found.record())?;
            }
            Ok(())
        };
        let written = write();
        self.pending.clear();
        written.map_err(|error| self.refused(error))
    }

    fn refused(&self, source: std::io::Error) -> Error {
        Error::unwritable(&self.folder.join(NAMES[1]), source)
    }
}

impl Found {
    fn record(&self) -> [u8; RECORD] {
        let mut record = [1; RECORD];
        record[1..5].copy_from_slice(&(self.size.0 as u32).to_le_bytes());
        record[5..9].copy_from_slice(&(self.size.1 as u32).to_le_bytes());
        record[9..].copy_from_slice(&self.digest);
        record
    }
}

/// Waits until another process has finished with the folder.
fn wait_for(folder: &Path, count: usize, quiet: bool) -> Result<Lock> {
    let words = "another process decodes these pictures, waiting for it";
    let mut progress = Progress::new(Some(count as u64), Unit::Images, words, quiet);
    loop {
        std::thread::sleep(WAIT);
        progress.advance(0);
        if let Some(lock) = Lock::take(folder)? {
            progress.finish();
            return Ok(lock);
        }
    }
}

/// Where the images begin in a file of so many.
fn first(count: usize) -> usize {
    (MAGIC.len() + count * RECORD).next_multiple_of(4096)
}

fn length(count: usize, size: usize) -> usize {
    first(count) + count * size
}

/// What the beginning of a file says of its pictures; none where it is no such file.
fn records(start: &[u8], count: usize) -> Option<Vec<Option<Found>>> {
    let records = start.strip_prefix(&MAGIC)?.get(..count * RECORD)?;
    let side = |bytes: &[u8]| bytes.iter().rev().fold(0, |side, &byte| side << 8 | usize::from(byte));
    let found = |(place, record): (usize, &[u8; RECORD])| {
        let digest = std::array::from_fn(|i| record[9 + i]);
        (record[0] == 1).then(|| Found { place, size: (side(&record[1..5]), side(&record[5..9])), digest })
    };
    Some(records.as_chunks().0.iter().enumerate().map(found).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ibinn_files::scratch::Scratch;

    use super::*;

    fn found(place: usize) -> Found {
        Found { place, size: (300 + place, 20), digest: [place as u8 + 1; 16] }
    }

    #[test]
    fn what_was_decoded_is_there_after_an_interruption_and_at_the_end() {
        let folder = Scratch::new();
        let cache = Cache { folder: folder.path().into(), above: 5 };
        let open = || Decoded::open(&cache, || "some".into(), [3, 2], true).unwrap();
        let mut first = open();
        assert_eq!(first.missing(), [0, 1, 2]);
        assert!(first.file().unwrap().1 > 6);
        first.put(found(1), &[3, 4]).unwrap();
        // As it is after as many pictures as are written together; then the process ends.
        let Kind::File(writing) = &mut first.kind else { panic!("it is a file") };
        writing.settle().unwrap();
        first.put(found(0), &[9, 9]).unwrap();
        drop(first);
        let mut second = open();
        assert_eq!(second.missing(), [0, 2]);
        second.put(found(2), &[5, 6]).unwrap();
        let (pictures, images) = second.finish().unwrap();
        assert_eq!(pictures, [found(1), found(2)]);
        assert_eq!(images.choose([1, 2]).to_bytes(), [3, 4, 5, 6]);
        // What cannot be decoded is tried again, and nothing is written.
        let third = open();
        assert_eq!((third.missing(), third.file()), (vec![0], None));
        assert_eq!(third.finish().unwrap().0, [found(1), found(2)]);
        // Of another number or size, it is begun anew.
        assert_eq!(Decoded::open(&cache, || "some".into(), [4, 2], true).unwrap().missing().len(), 4);
        // Small ones are held in memory.
        assert!(Decoded::open(&cache, || "small".into(), [1, 5], true).unwrap().file().is_none());
        assert!(!folder.path().join("small").exists());
    }
}
