//! Writing files in one piece or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Finds out whether [`write`] to `path` can succeed, before work is spent on what is to be written.
///
/// # Errors
/// When `path` is a folder, or its own folder does not exist or cannot be written.
pub fn check(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::unwritable(path, std::io::ErrorKind::IsADirectory.into()));
    }
    let beside = beside(path);
    let created = File::create(&beside).and_then(|_| fs::remove_file(&beside));
    created.map_err(|source| Error::unwritable(path, source))
}

/// Finds out whether `folder` can be made where it is missing, and written, without making it.
///
/// # Errors
/// When it, or the nearest folder above it that exists, cannot be written.
pub fn check_folder(folder: &Path) -> Result<()> {
    let here = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let probe = beside(&here.join("probe"));
    let created = File::create(&probe).and_then(|_| fs::remove_file(&probe));
    created.map_err(|source| Error::unwritable(folder, source))
}

/// The file that becomes `path` once it is whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

/// Writes `bytes` to `path`: into a file beside it, synced, then renamed, so that nobody ever sees half a file.
///
/// # Errors
/// When the folder does not exist or cannot be written; nothing is left behind then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = beside(path);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if let Err(source) = written {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&beside);
        return Err(Error::unwritable(path, source));
    }
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|source| Error::unwritable(folder, source))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn replaces_whole_files_and_leaves_nothing_behind_on_failure() {
        let folder = Scratch::new();
        let path = folder.path().join("file");
        check(&path).unwrap();
        assert!(!path.exists());
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        check(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        let missing = folder.path().join("missing").join("file");
        check_folder(&folder.path().join("a").join("b")).unwrap();
        let under_a_file = path.join("a").join("b");
        assert!(
            check_folder(&under_a_file).unwrap_err().to_string().contains(under_a_file.to_str().unwrap())
        );
        for refused in [missing, path.join("file"), folder.path().to_path_buf()] {
            for result in [check(&refused), write(&refused, b"x")] {
                let message = result.unwrap_err().to_string();
                assert!(message.contains(&refused.display().to_string()), "{message}");
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
