//! A folder that one process at a time writes into.

use std::fs::{self, File, TryLockError};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Name of the file that is locked.
const NAME: &str = ".lock";

/// The right to write into a folder, until it is dropped or the process ends, however it does: the system's lock on a file
/// there. Where a file system knows no locks, as some that lie on other machines, everybody has it.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the right to write into `folder`, which exists; none where another process has it.
    ///
    /// # Errors
    /// When the file that is locked cannot be made.
    pub fn take(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(NAME);
        let unwritable = |source| Error::unwritable(&path, source);
        loop {
            let options = File::options().create(true).truncate(false).read(true).write(true).open(&path);
            let mut file = options.map_err(unwritable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                // No locks here.
                Err(TryLockError::Error(_)) => return Ok(Some(Self { path, file })),
            }
            // Whoever had it before may have removed the file in between, and a third one locked a new file.
            let mark = format!("{}\n", std::process::id());
            let marked =
                file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(mark.as_bytes()));
            marked.map_err(unwritable)?;
            if fs::read_to_string(&path).is_ok_and(|found| found == mark) {
                return Ok(Some(Self { path, file }));
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed before it is free, so that nobody's new file is. Best effort: what is left harms nobody.
        let _ = fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn one_at_a_time_and_nothing_is_left() {
        let folder = Scratch::new();
        let lock = Lock::take(folder.path()).unwrap().unwrap();
        assert!(Lock::take(folder.path()).unwrap().is_none());
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // A file that a process left when it was killed stops nobody.
        fs::write(folder.path().join(NAME), "4711\n").unwrap();
        drop(Lock::take(folder.path()).unwrap().unwrap());
        assert!(Lock::take(&folder.path().join("missing")).unwrap_err().to_string().contains("missing"));
    }
}
