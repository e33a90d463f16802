//! Writing files in one piece or not at all.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufWriter, Error as IoError, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result, lease};

/// Finds out whether [`write`] to `path` can succeed, before work is spent on what is to be written.
///
/// # Errors
/// When `path` is a folder or named like one, or a pipe, a device or the like; when its own folder does not exist or
/// cannot be written.
pub fn check(path: &Path) -> Result<()> {
    let beside = beside(&target(path)?);
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

/// The file that is written for `path`: where it is a link, the one that it leads to, so that the link stays.
fn target(path: &Path) -> Result<PathBuf> {
    let refused = |source: IoError| Error::unwritable(path, source);
    if is_named_like_a_folder(path) {
        return Err(refused(ErrorKind::IsADirectory.into()));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(refused(ErrorKind::IsADirectory.into())),
        Ok(found) if !found.is_file() => return Err(refused(IoError::other("it is no regular file"))),
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(refused(source)),
        _ => {}
    }
    // By hand, since the file at the end of the links need not exist; links without end have been refused above.
    let mut target = path.to_path_buf();
    while let Ok(link) = fs::read_link(&target) {
        target = folder(&target).join(link);
    }
    Ok(target)
}

/// Whether `path` ends like that of a folder, as `a/` and `a/.` do; [`Path::file_name`] sees no difference.
fn is_named_like_a_folder(path: &Path) -> bool {
    let ending = |name: &OsStr| path.as_os_str().as_encoded_bytes().ends_with(name.as_encoded_bytes());
    !path.file_name().is_some_and(ending)
}

/// The folder that `path` lies in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file that becomes `path` once it is whole.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.part", worker()));
    path.with_file_name(name)
}

/// What sets this process apart from others that write the same file. Those of other machines may have its number, and
/// work under another lease then.
fn worker() -> String {
    let process = std::process::id();
    lease::number().map_or_else(|| process.to_string(), |lease| format!("{process}.{lease}"))
}

/// Writes `bytes` to `path`, or to where it leads if it is a link: into a file beside that, synced, then renamed, so that
/// nobody ever sees half a file.
///
/// # Errors
/// As [`check`], or when the [`lease`] that this process works under is lost; nothing is left behind then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let target = target(path)?;
    let beside = beside(&target);
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|source| Error::unwritable(path, source));
    replace(path, &target, &beside, written)
}

/// A file that is written little by little, and is there under its name only when it is whole.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    target: PathBuf,
    beside: PathBuf,
    /// None once it is finished.
    file: Option<BufWriter<File>>,
}

impl Writer {
    /// Begins a file that is to be `path`.
    ///
    /// # Errors
    /// As [`check`].
    pub fn create(path: &Path) -> Result<Self> {
        let target = target(path)?;
        let beside = beside(&target);
        let file = File::create(&beside).map_err(|source| Error::unwritable(path, source))?;
        Ok(Self { path: path.into(), target, beside, file: Some(BufWriter::new(file)) })
    }

    /// Syncs the file and gives it its name.
    ///
    /// # Errors
    /// When it cannot be written, or the [`lease`] that this process works under is lost; nothing is left behind then.
    pub fn finish(mut self) -> Result<()> {
        let unwritable = |source| Error::unwritable(&self.path, source);
        if let Some(file) = self.file.take() {
            let written = file.into_inner().map_err(|e| e.into_error()).and_then(|file| file.sync_all());
            replace(&self.path, &self.target, &self.beside, written.map_err(unwritable))?;
        }
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Best effort: whoever gave up has an error to tell.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Gives the file `beside`, if it has been `written`, the name `target`, which `path` is or leads to; else nothing is left of it.
fn replace(path: &Path, target: &Path, beside: &Path, written: Result<()>) -> Result<()> {
    let rename = || fs::rename(beside, target).map_err(|source| Error::unwritable(path, source));
    if let Err(error) = written.and_then(|()| lease::check()).and_then(|()| rename()) {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(beside);
        return Err(error);
    }
    sync_folder(target)
}

/// Makes sure that the name of `target` is on the disk.
fn sync_folder(target: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        let folder = folder(target);
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

    #[test]
    fn a_file_that_is_written_little_by_little_is_there_when_it_is_whole() {
        let folder = Scratch::new();
        let path = folder.path().join("file");
        write(&path, b"before").unwrap();
        let mut given_up = Writer::create(&path).unwrap();
        given_up.write_all(b"some").unwrap();
        drop(given_up);
        assert_eq!(fs::read(&path).unwrap(), b"before");
        let mut writer = Writer::create(&path).unwrap();
        writer.write_all(b"some").unwrap();
        writer.write_all(b" words").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"before");
        writer.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"some words");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(Writer::create(folder.path()).is_err());
    }

    #[test]
    fn what_is_named_like_a_folder_is_refused() {
        let folder = Scratch::new();
        fs::write(folder.path().join("file"), b"kept").unwrap();
        for name in ["file/", "new/", "new/.", "new/.."] {
            let path = folder.path().join(name);
            for result in [check(&path), write(&path, b"x")] {
                let message = result.unwrap_err().to_string();
                assert!(message.starts_with(&path.display().to_string()), "{name}: {message}");
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"kept");
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_what_they_lead_to_is_written() {
        use std::os::unix::fs::symlink;
        let folder = Scratch::new();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("far")).unwrap();
        fs::write(path("far/file"), b"old").unwrap();
        // To a file, to that link by a relative one, and to a file that is still to be made.
        symlink(path("far/file"), path("far/first")).unwrap();
        symlink("far/first", path("second")).unwrap();
        symlink("far/new", path("third")).unwrap();
        for (link, file) in [("second", "far/file"), ("third", "far/new")] {
            check(&path(link)).unwrap();
            write(&path(link), link.as_bytes()).unwrap();
            assert!(path(link).is_symlink() && !path(file).is_symlink(), "{link}");
            assert_eq!(fs::read(path(file)).unwrap(), link.as_bytes());
        }
        symlink("round", path("round")).unwrap();
        check(&path("round")).unwrap_err();
        write(&path("round"), b"x").unwrap_err();
        assert_eq!(fs::read_dir(path("far")).unwrap().count(), 3);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
    }

    #[cfg(unix)]
    #[test]
    fn sockets_and_devices_are_not_replaced() {
        let folder = Scratch::new();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [socket.as_path(), Path::new("/dev/null")] {
            for result in [check(path), write(path, b"x")] {
                let message = result.unwrap_err().to_string();
                assert!(message.ends_with("it cannot be written (it is no regular file)"), "{message}");
            }
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
