//! What there is at a path: which files are to be images of which classes, before any of them is decoded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::arrays::Arrays;
use super::layout::{Item, of_folders, wrapper};
use super::left_out::LeftOut;
use super::rows::{self, Labels, Rows};
use super::store::{Content, Store};
use super::table::{self, Row, Table};
use crate::picture::{Picture, is_named_like_one};
use crate::{Error, Result};

/// Where the images come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// Files.
    Files(Store),
    /// Arrays.
    Arrays(Arrays),
    /// Rows of Parquet files.
    Rows(Rows),
}

/// What there is at a path.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Where the images come from.
    pub source: Source,
    /// What it is, for people.
    pub about: String,
    /// What is to be an image, in order.
    pub items: Vec<Item>,
    /// The classes in order, where the data set says it; else by their names.
    pub order: Option<Vec<String>>,
    /// Whether the splits are given; else the images' pixels say them.
    pub has_splits: bool,
    /// What is left out from the start.
    pub left_out: LeftOut,
    /// What should be an image and cannot be: its name, and why.
    pub bad: Vec<(String, String)>,
}

/// What is read, for messages.
const KINDS: &str = "a folder, a .zip, .tar or .tar.gz archive of one, a .csv or .jsonl table of files and labels, a .npz \
                     archive of arrays, or .parquet files of pictures and labels";

impl Plan {
    /// Finds out what there is.
    ///
    /// # Errors
    /// When there is nothing, it cannot be read, or is no data set.
    pub fn new(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Err(Error::data(path, "there is no such file or folder"));
        }
        let named = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        if named("npz") {
            let (arrays, items) = Arrays::open(path)?;
            return Ok(Self {
                has_splits: items.iter().any(|item| item.split.is_some()),
                source: Source::Arrays(arrays),
                about: "a NumPy archive of images and labels".into(),
                items,
                order: None,
                left_out: LeftOut::default(),
                bad: Vec::new(),
            });
        }
        if path.is_file() && rows::is_one(path) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Self::of_rows("a Parquet file", &[(name, path.into())], &[]);
        }
        if table::is_one(path) && path.is_file() {
            return Self::of_table_file(path);
        }
        let Some(store) = Store::open(path)? else {
            let start = std::fs::read(path).unwrap_or_default();
            let is = ibinn::model::foreign::name(&start)
                .map_or_else(|| "it is of no known kind".into(), |name| format!("it is {name}"));
            return Err(Error::data(path, format!("{is}; a data set is {KINDS}")));
        };
        Self::of_store(path, store)
    }

    fn of_table_file(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let table = table::parse(&name, &bytes).map_err(|problem| Error::data(path, problem))?;
        let files: BTreeSet<String> = table.rows.iter().flatten().map(|row| row.file.clone()).collect();
        let folder = path.parent().unwrap_or(Path::new(""));
        let names: Vec<String> = files.into_iter().collect();
        let about = "a table of files and labels".into();
        let store = Store::beside(folder, names);
        Ok(Self::of_table(store, "", table, about, None))
    }

    /// The plan of Parquet files, each with its name, beside `others`.
    fn of_rows(about: &str, files: &[(String, PathBuf)], others: &[String]) -> Result<Self> {
        let (rows, Labels { items, order, bad, outside }) = Rows::open(files)?;
        let mut left_out = LeftOut::default();
        for name in &outside {
            left_out.add("its name says no split, as those of others do", name);
        }
        for name in others {
            left_out.add("it is no Parquet file", name);
        }
        Ok(Self {
            has_splits: items.iter().any(|item| item.split.is_some()),
            source: Source::Rows(rows),
            about: format!("{about} of pictures and labels"),
            items,
            order,
            left_out,
            bad,
        })
    }

    fn of_store(path: &Path, store: Store) -> Result<Self> {
        let (tabled, others): (Vec<String>, _) =
            store.names.iter().cloned().partition(|name| rows::is_one(Path::new(name)));
        // Beside pictures such a file may be anything.
        let has_pictures = || others.iter().any(|name| is_named_like_one(Path::new(name)));
        if path.is_dir() && !tabled.is_empty() && !has_pictures() {
            let files: Vec<_> = tabled.into_iter().map(|name| (name.clone(), path.join(name))).collect();
            return Self::of_rows("a folder of Parquet files", &files, &others);
        }
        let around = wrapper(&store.names);
        let folder = |name: &str| name.rfind('/').map_or(String::new(), |end| name[..=end].to_string());
        let tables: Vec<usize> = (0..store.names.len())
            .filter(|&i| {
                table::is_one(Path::new(&store.names[i])) && around.starts_with(&folder(&store.names[i]))
            })
            .collect();
        let layout = of_folders(&store.names, &store.folders);
        // A table of something else may lie beside folders of classes.
        let mut problem = None;
        if let [only] = tables[..] {
            let name = store.names[only].clone();
            match table::parse(&name, &store.read(only)?) {
                Ok(table) => {
                    let about = format!("a {} with a table of files and labels, {name}", store.about());
                    return Ok(Self::of_table(store, &folder(&name), table, about, Some(only)));
                }
                Err(why) => problem = Some(format!("of {name}: {why}")),
            }
        }
        if layout.items.is_empty() {
            let problem = match (problem, tables.len(), store.names.is_empty()) {
                (Some(problem), ..) => problem,
                (None, 2.., _) => "it holds several tables: name the one of files and labels".into(),
                (None, _, true) => "it is empty".into(),
                (None, _, false) => {
                    "none of its files lies in a folder for a class, and there is no table of files and \
                                     labels (.csv, .jsonl)"
                        .into()
                }
            };
            return Err(Error::data(path, format!("{problem}; a data set is {KINDS}")));
        }
        let mut left_out = LeftOut::default();
        for &entry in &layout.outside {
            left_out.add("it lies outside the folders for classes", &store.names[entry]);
        }
        for name in &layout.empty {
            left_out.add("the folder is empty", name);
        }
        for name in &store.outside {
            left_out.add("its name leads out of the archive", name);
        }
        Ok(Self {
            about: format!("a {} {}", store.about(), layout.about),
            has_splits: layout.items.iter().any(|item| item.split.is_some()),
            source: Source::Files(store),
            items: layout.items,
            order: None,
            left_out,
            bad: Vec::new(),
        })
    }

    /// The plan of a table whose files lie below `folder`.
    fn of_table(store: Store, folder: &str, table: Table, about: String, own: Option<usize>) -> Self {
        let places: BTreeMap<&str, usize> =
            store.names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
        let (mut items, mut left_out, mut bad) = (Vec::new(), LeftOut::default(), Vec::new());
        let mut seen: BTreeMap<usize, Row> = BTreeMap::new();
        for (i, row) in table.rows.into_iter().enumerate() {
            let row = match row {
                Ok(row) => row,
                Err(why) => {
                    bad.push((format!("row {}", i + 1), why));
                    continue;
                }
            };
            let name = format!("{folder}{}", row.file.strip_prefix("./").unwrap_or(&row.file));
            let found = places.get(&*name).or_else(|| places.get(&*row.file));
            let (Some(&entry), Some(class)) = (found, row.label.clone()) else {
                let why =
                    if found.is_none() { "there is no such file" } else { "the table has no label for it" };
                bad.push((row.file, why.into()));
                continue;
            };
            match seen.get(&entry) {
                Some(before) if before.label == row.label && before.split == row.split => {
                    left_out.add("the table names it again", &row.file);
                    continue;
                }
                Some(_) => {
                    bad.push((row.file, "the table names it again, with another label or split".into()));
                    continue;
                }
                None => {}
            }
            if table.has_splits && row.split.is_none() {
                bad.push((row.file, "the table has no split for it".into()));
                continue;
            }
            items.push(Item { entry, class, split: row.split });
            seen.insert(entry, row);
        }
        for (entry, name) in store.names.iter().enumerate() {
            if !seen.contains_key(&entry) && Some(entry) != own && !bad.iter().any(|(file, _)| file == name) {
                left_out.add("the table does not name it", name);
            }
        }
        let has_splits = table.has_splits;
        Self { source: Source::Files(store), about, items, order: None, has_splits, left_out, bad }
    }

    /// What tells whether the pictures at `path` are still those that were decoded before: names, sizes and times of the files
    /// that hold them. A file that cannot be asked, as one that a table names and that is not there, has neither.
    pub fn stamp(&self, path: &Path) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut of_file = |path: &Path| {
            let Ok(found) = path.metadata() else { return hash.update([0]) };
            let time = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            hash.update([1]);
            hash.update(found.len().to_le_bytes());
            hash.update(time.unwrap_or_default().as_nanos().to_le_bytes());
        };
        match &self.source {
            Source::Files(store) => store.files().iter().for_each(|path| of_file(path)),
            Source::Arrays(_) => of_file(path),
            Source::Rows(rows) => rows.files().for_each(of_file),
        }
        for place in 0..self.items.len() {
            hash.update(self.name(place));
            hash.update([0]);
        }
        hash.finalize().into()
    }

    /// What item `place` is called in messages.
    pub fn name(&self, place: usize) -> String {
        match &self.source {
            Source::Files(store) => store.names[self.items[place].entry].clone(),
            Source::Arrays(arrays) => arrays.get(self.items[place].entry).0,
            Source::Rows(rows) => rows.name(self.items[place].entry),
        }
    }

    /// Hands `work` the picture of each of the items `wanted`, or why there is none, on all threads, and `take` its results
    /// on this one, each with the item's place.
    ///
    /// # Errors
    /// When the source has become unreadable, or `take` refuses.
    pub fn each<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(usize, Result<Picture, Unread>) -> T + Sync,
        mut take: impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        let entries = || -> Vec<usize> { wanted.iter().map(|&place| self.items[place].entry).collect() };
        match &self.source {
            Source::Files(store) => {
                let picture = |content: Content<'_>| match content {
                    Content::Bytes(bytes) => Picture::decode(&bytes).map_err(Unread::Bad),
                    Content::Unreadable(why) => Err(Unread::Bad(why)),
                    Content::Other => Err(Unread::Other),
                };
                store.each(
                    &entries(),
                    |i, content| work(wanted[i], picture(content)),
                    |i, done| take(wanted[i], done),
                )
            }
            Source::Rows(rows) => rows.each(
                &entries(),
                |i, bytes| work(wanted[i], bytes.and_then(Picture::decode).map_err(Unread::Bad)),
                |i, done| take(wanted[i], done),
            ),
            Source::Arrays(arrays) => {
                use rayon::prelude::*;
                for chunk in wanted.chunks(1024) {
                    let one =
                        |&place: &usize| (place, work(place, Ok(arrays.get(self.items[place].entry).1)));
                    let done: Vec<_> = chunk.par_iter().map(one).collect();
                    done.into_iter().try_for_each(|(place, done)| take(place, done))?;
                }
                Ok(())
            }
        }
    }
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unread {
    /// It is none, and is not named like one.
    Other,
    /// It is damaged or cannot be read, as a sentence about "it" says.
    Bad(String),
}
