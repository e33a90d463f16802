//! Where the files of a data set lie: in a folder, or in an archive that is read without being unpacked.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use flate2::read::MultiGzDecoder;
use ibinn_files::mapped::Mapped;
use ibinn_files::zip::Zip;
use rayon::prelude::*;

use crate::folder::{is_of_system, walk};
use crate::picture::{self, LARGEST_FILE};
use crate::{Error, Result};

/// Files of an archive with more bytes are not read: as many are unpacked at a time as there are threads.
const LARGEST_PACKED: u64 = 1 << 28;
/// Files that are worked on side by side before their results are handed over.
const TOGETHER: usize = 256;
/// Bytes that are kept of an archive that can only be read from its beginning to its end.
const KEPT: usize = 1 << 26;

/// The files of a folder or an archive.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    kind: Kind,
    /// Names of the files by path from the folder or the archive's root, with `/` on every system, sorted.
    pub names: Vec<String>,
    /// Names of all folders, in the same way.
    pub folders: Vec<String>,
    /// Names in an archive that lead out of it.
    pub outside: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    /// Paths in the order of the names.
    Folder(Vec<PathBuf>),
    /// An archive with the name of each file as the archive has it.
    Zip(Mapped, Vec<String>),
    /// An archive with the place of each file.
    Tar(Mapped, Vec<Range<usize>>),
    /// A tar archive compressed as a whole.
    GzippedTar,
}

/// What a file holds.
pub(crate) enum Content<'a> {
    /// A picture, or what is named like one.
    Bytes(Cow<'a, [u8]>),
    /// Something else.
    Other,
    /// It could not be read, as a sentence about "it" says.
    Unreadable(String),
}

/// What is wrong with an archive as a whole.
fn bad(path: &Path, problem: impl Into<String>) -> Error {
    Error::data(path, problem)
}

impl Store {
    /// The files of the folder or the archive at `path`; none where it is neither.
    ///
    /// # Errors
    /// When it cannot be read, or the archive is damaged or has two files of one name.
    pub fn open(path: &Path) -> Result<Option<Self>> {
        if path.is_dir() {
            return Self::of_folder(path).map(Some);
        }
        let mut start = [0; 512];
        let mut file = File::open(path).map_err(|source| Error::io(path, source))?;
        let length = read_up_to(&mut file, &mut start).map_err(|source| Error::io(path, source))?;
        match &start[..length] {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::of_zip(path).map(Some),
            [0x1f, 0x8b, ..] => Self::of_gzipped_tar(path).map(Some),
            block if block.get(257..262) == Some(b"ustar") => Self::of_tar(path).map(Some),
            _ => Ok(None),
        }
    }

    /// The files `names` of a folder, whether or not they are there, in the same order.
    pub fn beside(folder: &Path, names: Vec<String>) -> Self {
        let paths = names.iter().map(|name| folder.join(name)).collect();
        let (folders, outside) = (Vec::new(), Vec::new());
        Self { path: folder.into(), kind: Kind::Folder(paths), names, folders, outside }
    }

    fn of_folder(path: &Path) -> Result<Self> {
        let (files, folders) = walk(path)?;
        let name = |file: &Path| {
            let relative = file.strip_prefix(path).unwrap_or(file);
            let parts = relative.components().map(|part| part.as_os_str().to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        let mut named: Vec<_> = files.into_iter().map(|file| (name(&file), file)).collect();
        named.sort();
        let folders = folders.iter().map(|folder| name(folder)).collect();
        let (names, paths) = named.into_iter().unzip();
        Ok(Self { path: path.into(), kind: Kind::Folder(paths), names, folders, outside: Vec::new() })
    }

    fn of_zip(path: &Path) -> Result<Self> {
        let map = Mapped::open(path)?;
        let zip = Zip::open(&map).map_err(|problem| bad(path, problem))?;
        let mut listed = Listed::default();
        for name in zip.names() {
            if listed.add(name, name.ends_with(['/', '\\']), name.to_string()) {
                return Err(bad(path, format!("its zip archive holds `{name}` twice")));
            }
        }
        let Listed { files, folders, outside } = listed;
        let (names, own) = files.into_iter().unzip();
        Ok(Self { path: path.into(), kind: Kind::Zip(map, own), names, folders, outside })
    }

    fn of_tar(path: &Path) -> Result<Self> {
        let map = Mapped::open(path)?;
        let listed = list(path, tar::Archive::new(&map[..]))?;
        let within = |(start, size): (u64, u64)| {
            let start = usize::try_from(start).ok()?;
            let end = start.checked_add(usize::try_from(size).ok()?)?;
            (end <= map.len()).then_some(start..end)
        };
        let places: Option<Vec<_>> = listed.files.values().map(|&place| within(place)).collect();
        let places = places.ok_or_else(|| bad(path, "its tar archive is damaged or cut short"))?;
        let names = listed.files.into_keys().collect();
        let (folders, outside) = (listed.folders, listed.outside);
        Ok(Self { path: path.into(), kind: Kind::Tar(map, places), names, folders, outside })
    }

    fn of_gzipped_tar(path: &Path) -> Result<Self> {
        let Listed { files, folders, outside } = list(path, unpacked(path)?)?;
        let names = files.into_keys().collect();
        Ok(Self { path: path.into(), kind: Kind::GzippedTar, names, folders, outside })
    }

    /// The files on the disk that hold all this: each by itself, or the archive.
    pub fn files(&self) -> &[PathBuf] {
        match &self.kind {
            Kind::Folder(paths) => paths,
            Kind::Zip(..) | Kind::Tar(..) | Kind::GzippedTar => std::slice::from_ref(&self.path),
        }
    }

    /// What it is, for people.
    pub fn about(&self) -> &'static str {
        match self.kind {
            Kind::Folder(_) => "folder",
            Kind::Zip(..) => "zip archive",
            Kind::Tar(..) | Kind::GzippedTar => "tar archive",
        }
    }

    /// The whole of one file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, index: usize) -> Result<Vec<u8>> {
        let mut found = Err(bad(&self.path, format!("`{}` is not in it any more", self.names[index])));
        self.each_bytes(
            &[index],
            |_, content| content.map(Cow::into_owned),
            |_, content| {
                found = content.map_err(|problem| {
                    let name = &self.names[index];
                    match &self.kind {
                        Kind::Folder(paths) => bad(&paths[index], problem),
                        _ => bad(&self.path, format!("in `{name}`, {problem}")),
                    }
                });
                Ok(())
            },
        )?;
        found
    }

    /// Hands `work` what each of the files `wanted` (numbers of names) holds, on all threads, and `take` its
    /// results on this one, each with its place in `wanted`; in that order, but of a compressed tar archive in the
    /// archive's.
    ///
    /// # Errors
    /// When the archive has become unreadable, or `take` refuses.
    pub fn each<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(usize, Content<'_>) -> T + Sync,
        take: impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        self.each_bytes(
            wanted,
            |place, content| {
                let name = Path::new(&self.names[wanted[place]]);
                let content = match content {
                    Err(problem) => Content::Unreadable(problem),
                    Ok(bytes) if picture::is_of_known_format(&bytes) || picture::is_named_like_one(name) => {
                        Content::Bytes(bytes)
                    }
                    Ok(_) => Content::Other,
                };
                work(place, content)
            },
            take,
        )
    }

    fn each_bytes<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(usize, Result<Cow<'_, [u8]>, String>) -> T + Sync,
        mut take: impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        let zip = match &self.kind {
            Kind::GzippedTar => return self.each_in_order(wanted, work, take),
            Kind::Zip(map, _) => Some(Zip::open(map).map_err(|problem| bad(&self.path, problem))?),
            _ => None,
        };
        for (chunk, indices) in wanted.chunks(TOGETHER).enumerate() {
            let done: Vec<T> = indices
                .par_iter()
                .enumerate()
                .map(|(i, &index)| work(chunk * TOGETHER + i, self.bytes(index, zip.as_ref())))
                .collect();
            for (i, result) in done.into_iter().enumerate() {
                take(chunk * TOGETHER + i, result)?;
            }
        }
        Ok(())
    }

    /// The bytes of one file.
    fn bytes<'a>(&'a self, index: usize, zip: Option<&Zip<'a>>) -> Result<Cow<'a, [u8]>, String> {
        match (&self.kind, zip) {
            (Kind::Folder(paths), _) => file(&paths[index]).map(Cow::Owned),
            (Kind::Tar(map, places), _) => {
                let place = places[index].clone();
                check_size(place.len() as u64, LARGEST_PACKED)?;
                Ok(Cow::Borrowed(&map[place]))
            }
            (Kind::Zip(_, own), Some(zip)) => {
                check_size(zip.size(&own[index]).unwrap_or_default(), LARGEST_PACKED)?;
                zip.get(&own[index])
            }
            (Kind::Zip(..), None) | (Kind::GzippedTar, _) => {
                unreachable!("these are opened, and read in order")
            }
        }
    }

    fn each_in_order<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(usize, Result<Cow<'_, [u8]>, String>) -> T + Sync,
        mut take: impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        let places: BTreeMap<&str, usize> =
            wanted.iter().enumerate().map(|(place, &index)| (&*self.names[index], place)).collect();
        let broken = |problem: std::io::Error| damaged(&self.path, &problem);
        let mut archive = unpacked(&self.path)?;
        let (mut kept, mut size) = (Vec::new(), 0);
        let mut work_off = |kept: &mut Vec<(usize, Result<Vec<u8>, String>)>| -> Result<()> {
            let done: Vec<(usize, T)> = std::mem::take(kept)
                .into_par_iter()
                .map(|(place, bytes)| (place, work(place, bytes.map(Cow::Owned))))
                .collect();
            done.into_iter().try_for_each(|(place, result)| take(place, result))
        };
        for entry in archive.entries().map_err(broken)? {
            let entry = entry.map_err(broken)?;
            let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
            let Some(&place) = inside(&name).as_deref().and_then(|name| places.get(name)) else { continue };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let mut bytes = Vec::new();
            let content = match check_size(entry.size(), LARGEST_PACKED) {
                Ok(()) => {
                    entry.take(LARGEST_PACKED).read_to_end(&mut bytes).map_err(broken).map(|_| Ok(bytes))?
                }
                Err(problem) => Err(problem),
            };
            size += content.as_ref().map_or(0, Vec::len);
            kept.push((place, content));
            if kept.len() >= TOGETHER || size >= KEPT {
                work_off(&mut kept)?;
                size = 0;
            }
        }
        work_off(&mut kept)
    }
}

/// The files of an archive by name, its folders, and what leads out of it.
struct Listed<P> {
    files: BTreeMap<String, P>,
    folders: Vec<String>,
    outside: Vec<String>,
}

impl<P> Default for Listed<P> {
    fn default() -> Self {
        Self { files: BTreeMap::new(), folders: Vec::new(), outside: Vec::new() }
    }
}

impl<P> Listed<P> {
    /// Takes note of an entry; whether it is the second file of its name.
    fn add(&mut self, name: &str, is_folder: bool, place: P) -> bool {
        let Some(inner) = inside(name) else {
            self.outside.push(name.into());
            return false;
        };
        if inner.split('/').any(is_of_system) {
            return false;
        }
        if is_folder {
            self.folders.push(inner);
            return false;
        }
        self.files.insert(inner, place).is_some()
    }
}

/// The name of an archive's entry from the archive's root; none where it leads out of it.
fn inside(name: &str) -> Option<String> {
    // Archives made on Windows have its separators now and then.
    let name = name.replace('\\', "/");
    let mut parts = Vec::new();
    for part in Path::new(&name).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
            Component::CurDir => {}
            _ => return None,
        }
    }
    let has_drive = parts.first().is_some_and(|first| first.len() == 2 && first.ends_with(':'));
    (!parts.is_empty() && !has_drive).then(|| parts.join("/"))
}

fn list<R: Read>(path: &Path, mut archive: tar::Archive<R>) -> Result<Listed<(u64, u64)>> {
    let broken = |problem: std::io::Error| damaged(path, &problem);
    let mut listed = Listed::default();
    for entry in archive.entries().map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let kind = entry.header().entry_type();
        if !kind.is_file() && !kind.is_dir() {
            continue;
        }
        let name = entry.path().map_err(broken)?.to_string_lossy().into_owned();
        if listed.add(&name, kind.is_dir(), (entry.raw_file_position(), entry.size())) {
            return Err(bad(path, format!("its tar archive holds `{name}` twice")));
        }
    }
    Ok(listed)
}

fn unpacked(path: &Path) -> Result<tar::Archive<MultiGzDecoder<BufReader<File>>>> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    Ok(tar::Archive::new(MultiGzDecoder::new(BufReader::new(file))))
}

fn damaged(path: &Path, problem: &std::io::Error) -> Error {
    bad(path, format!("its tar archive is damaged or cut short ({problem})"))
}

fn check_size(size: u64, most: u64) -> Result<(), String> {
    if size <= most { Ok(()) } else { Err(format!("it has {size} bytes, at most {most} are read")) }
}

/// The bytes of a file by itself; of one that is no picture, its beginning.
fn file(path: &Path) -> Result<Vec<u8>, String> {
    let mut file = File::open(path).map_err(|e| e.to_string())?;
    let found = file.metadata().map_err(|e| e.to_string())?;
    if !found.is_file() {
        return Err("it is no regular file".into());
    }
    check_size(found.len(), LARGEST_FILE)?;
    let mut bytes = vec![0; 16];
    let length = read_up_to(&mut file, &mut bytes).map_err(|e| e.to_string())?;
    bytes.truncate(length);
    if picture::is_of_known_format(&bytes) || picture::is_named_like_one(path) || super::table::is_one(path) {
        bytes.reserve(usize::try_from(found.len()).unwrap_or_default());
        file.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    }
    Ok(bytes)
}

/// Fills `buffer` as far as `reader` has bytes, and says how far.
fn read_up_to(mut reader: impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(length)
}
