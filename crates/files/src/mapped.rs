//! Files as memory, read as they are needed: those that are larger than the machine's memory, too.

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// The bytes of a file.
#[derive(Debug)]
pub struct Mapped(Option<Mmap>);

impl Mapped {
    /// Maps the file at `path`.
    ///
    /// # Errors
    /// When it cannot be opened or is no regular file.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |source| Error::io(path, source);
        let file = File::open(path).map_err(refused)?;
        let found = file.metadata().map_err(refused)?;
        if !found.is_file() {
            return Err(Error::contents(path, "it is no regular file"));
        }
        if found.len() == 0 {
            // An empty file cannot be mapped.
            return Ok(Self(None));
        }
        // SAFETY: the bytes are only read. Somebody who changes the file meanwhile changes what is read, as with any
        // reading, and every reader of ours takes any bytes; one who shortens it ends the program, which no reader of
        // files larger than the memory can help.
        let map = unsafe { Mmap::map(&file) }.map_err(refused)?;
        Ok(Self(Some(map)))
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn holds_what_the_file_holds() {
        let folder = Scratch::new();
        for bytes in [&b"some words"[..], b""] {
            let path = folder.path().join("file");
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(&*Mapped::open(&path).unwrap(), bytes);
        }
        for path in [folder.path().join("none"), folder.path().to_path_buf()] {
            assert!(Mapped::open(&path).unwrap_err().to_string().contains(path.to_str().unwrap()));
        }
    }
}
