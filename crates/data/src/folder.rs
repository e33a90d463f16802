//! The files of a folder.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// What operating systems and archivers leave in folders, which nobody put there, but for names that begin with a dot.
const SYSTEM: [&str; 4] = ["Thumbs.db", "ehthumbs.db", "desktop.ini", "__MACOSX"];

/// Whether operating systems and archivers leave files or folders of this name.
pub(crate) fn is_of_system(name: &str) -> bool {
    name.starts_with('.') || SYSTEM.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Every file in `folder` and the folders in it, by path, but for what operating systems leave there. Links to folders are
/// not followed, so that none is walked through twice.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    walk(folder).map(|(files, _)| files)
}

/// The same with every folder in `folder`, by path.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn walk(folder: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut files, mut folders, mut seen) = (Vec::new(), vec![folder.to_path_buf()], Vec::new());
    while let Some(folder) = folders.pop() {
        let unreadable = |source| Error::io(&folder, source);
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if is_of_system(&name.to_string_lossy()) {
                continue;
            }
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(entry.path());
                seen.push(entry.path());
            } else if entry.path().is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    seen.sort();
    Ok((files, seen))
}

/// The files of a folder that are of no kind that is read; displayed as the end of a sentence, or nothing.
#[derive(Debug, Default)]
pub(crate) struct LeftOut {
    count: usize,
    endings: BTreeSet<String>,
}

impl LeftOut {
    /// Counts a file.
    pub fn add(&mut self, path: &Path) {
        self.count += 1;
        self.endings.insert(match path.extension() {
            Some(ending) => format!(".{}", ending.display()),
            None => path.file_name().unwrap_or_default().display().to_string(),
        });
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED: usize = 5;
        if self.count == 0 {
            return Ok(());
        }
        let verb =
            if self.count == 1 { "is 1 other file" } else { &format!("are {} other files", self.count) };
        let mut endings: Vec<&str> = self.endings.iter().take(NAMED).map(String::as_str).collect();
        if self.endings.len() > NAMED {
            endings.push("…");
        }
        write!(f, "; left out {verb} ({})", endings.join(", "))
    }
}
