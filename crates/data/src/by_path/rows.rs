//! Data sets in Parquet files, as Hugging Face has them: each row an image, encoded as a picture file is, and its label.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::basic::Type as PhysicalType;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use rayon::prelude::*;
use serde_json::Value;

use super::layout::{Item, split_named};
use crate::{Error, Result, Split};

/// Columns that hold encoded pictures, where none is a struct with `bytes` as Hugging Face's images are.
const IMAGES: [&str; 4] = ["image", "img", "images", "bytes"];
/// Columns that hold labels, the first that is there; else the only one that Hugging Face's schema calls a class label.
const LABELS: [&str; 4] = ["label", "labels", "class", "fine_label"];
/// Pictures that are worked on side by side before their results are handed over, and their bytes.
const TOGETHER: usize = 256;
const KEPT: usize = 1 << 26;

/// The rows of one Parquet file or several.
#[derive(Debug)]
pub(crate) struct Rows {
    parts: Vec<Part>,
}

/// One file.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    /// Its name in the data set.
    name: String,
    /// The column of encoded pictures, a number among the leaves of the schema.
    images: usize,
    /// Number of rows of each row group.
    groups: Vec<usize>,
}

/// What the rows say besides their pictures.
pub(crate) struct Labels {
    /// Each labelled row.
    pub items: Vec<Item>,
    /// The classes in the order of the schema, where it names them.
    pub order: Option<Vec<String>>,
    /// Rows without a label: their name, and why.
    pub bad: Vec<(String, String)>,
    /// Files that are of no split while others are.
    pub outside: Vec<String>,
}

/// Whether a file of this name should be one.
pub(crate) fn is_one(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

impl Rows {
    /// Reads labels and finds pictures of `files`, each with its name in the data set, in order.
    ///
    /// # Errors
    /// When one is damaged, or has no column of pictures or of labels.
    pub fn open(files: &[(String, PathBuf)]) -> Result<(Self, Labels)> {
        let has_splits = files.iter().any(|(name, _)| split_of(name).is_some());
        let mut rows = Self { parts: Vec::new() };
        let mut labels = Labels { items: Vec::new(), order: None, bad: Vec::new(), outside: Vec::new() };
        let mut count = 0;
        for (name, path) in files {
            let split = split_of(name);
            if has_splits && split.is_none() {
                labels.outside.push(name.clone());
                continue;
            }
            let file = open(path)?;
            let schema = Schema::of(path, &file)?;
            let part = Part {
                path: path.clone(),
                name: name.clone(),
                images: schema.images,
                groups: row_counts(path, &file)?,
            };
            let classes = part.classes(&file, schema.labels)?;
            if rows.parts.is_empty() {
                labels.order.clone_from(&schema.names);
            } else if labels.order != schema.names {
                return Err(Error::data(path, "its classes are not those of the files before it"));
            }
            for (i, class) in classes.into_iter().enumerate() {
                match schema.class(class) {
                    Ok(class) => labels.items.push(Item { entry: count + i, class, split }),
                    Err(why) => labels.bad.push((part.row_name(i), why)),
                }
            }
            count += part.len();
            rows.parts.push(part);
        }
        Ok((rows, labels))
    }

    /// The rows of one file without their labels.
    ///
    /// # Errors
    /// When it is damaged, or has no column of pictures.
    pub fn of_images(path: &Path) -> Result<Self> {
        let file = open(path)?;
        let images = image_column(path, &file)?;
        let groups = row_counts(path, &file)?;
        Ok(Self { parts: vec![Part { path: path.into(), name: String::new(), images, groups }] })
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.parts.iter().map(Part::len).sum()
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| &*part.path)
    }

    /// What row number `index` is called in messages.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn name(&self, mut index: usize) -> String {
        for part in &self.parts {
            if index < part.len() {
                return part.row_name(index);
            }
            index -= part.len();
        }
        panic!("there are fewer rows")
    }

    /// Hands `work` the encoded picture of each of the rows `wanted`, which ascend, on all threads, and `take` its
    /// results on this one, each with its place in `wanted`, in that order.
    ///
    /// # Errors
    /// When a file has become unreadable, or `take` refuses.
    pub fn each<T: Send>(
        &self,
        wanted: &[usize],
        work: impl Fn(usize, Result<&[u8], String>) -> T + Sync,
        mut take: impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        debug_assert!(wanted.is_sorted());
        let mut work_off = |kept: &mut Vec<(usize, Option<ByteArray>)>| {
            let one = |(place, picture): &(usize, Option<ByteArray>)| {
                let bytes = picture.as_ref().map(ByteArray::data).ok_or_else(|| "it has no bytes".into());
                (*place, work(*place, bytes))
            };
            let done: Vec<(usize, T)> = kept.par_iter().map(one).collect();
            kept.clear();
            done.into_iter().try_for_each(|(place, result)| take(place, result))
        };
        let (mut kept, mut size, mut first, mut place) = (Vec::new(), 0, 0, 0);
        for part in &self.parts {
            let file = open(&part.path)?;
            for (group, &count) in part.groups.iter().enumerate() {
                let end = place + wanted[place..].partition_point(|&row| row < first + count);
                if end > place {
                    let mut column = part.pictures(&file, group)?;
                    let mut next = first;
                    for (i, &row) in wanted[place..end].iter().enumerate() {
                        let picture =
                            column.after(row - next).map_err(|error| damaged(&part.path, &error))?;
                        next = row + 1;
                        size += picture.as_ref().map_or(0, ByteArray::len);
                        kept.push((place + i, picture));
                        if kept.len() >= TOGETHER || size >= KEPT {
                            work_off(&mut kept)?;
                            size = 0;
                        }
                    }
                }
                (first, place) = (first + count, end);
            }
        }
        work_off(&mut kept)
    }
}

impl Part {
    fn len(&self) -> usize {
        self.groups.iter().sum()
    }

    fn row_name(&self, row: usize) -> String {
        if self.name.is_empty() { row.to_string() } else { format!("{}[{row}]", self.name) }
    }

    /// The encoded pictures of a row group.
    fn pictures(&self, file: &SerializedFileReader<File>, group: usize) -> Result<Column<ByteArrayType>> {
        let broken = |error: ParquetError| damaged(&self.path, &error);
        match file
            .get_row_group(group)
            .and_then(|group| group.get_column_reader(self.images))
            .map_err(broken)?
        {
            ColumnReader::ByteArrayColumnReader(reader) => Ok(Column(reader)),
            _ => Err(damaged(&self.path, &"a column of pictures holds something else")),
        }
    }

    /// What the column `labels` holds: of each row a number, a word, or nothing.
    fn classes(&self, file: &SerializedFileReader<File>, labels: usize) -> Result<Vec<Option<Class>>> {
        let mut classes = Vec::new();
        for (group, &count) in self.groups.iter().enumerate() {
            let column = file.get_row_group(group).and_then(|group| group.get_column_reader(labels));
            let of_group = match column.map_err(|error| damaged(&self.path, &error))? {
                ColumnReader::Int32ColumnReader(column) => {
                    Column(column).all(count, |number| Class::Number(i64::from(number)))
                }
                ColumnReader::Int64ColumnReader(column) => Column(column).all(count, Class::Number),
                ColumnReader::ByteArrayColumnReader(column) => Column(column)
                    .all(count, |word| Class::Word(String::from_utf8_lossy(word.data()).into_owned())),
                _ => Err(ParquetError::General("a column of labels holds something else".into())),
            };
            classes.extend(of_group.map_err(|error| damaged(&self.path, &error))?);
        }
        Ok(classes)
    }
}

/// A label as it stands in a column.
enum Class {
    Number(i64),
    Word(String),
}

/// Where in a file pictures and labels lie.
struct Schema {
    images: usize,
    labels: usize,
    /// Names of the classes, of labels that are their numbers.
    names: Option<Vec<String>>,
}

impl Schema {
    fn of(path: &Path, file: &SerializedFileReader<File>) -> Result<Self> {
        let images = image_column(path, file)?;
        let columns = file.metadata().file_metadata().schema_descr().columns();
        let features = features(file);
        let is_class_label = |name: &str| {
            features.as_ref().is_some_and(|features| features[name]["_type"].as_str() == Some("ClassLabel"))
        };
        let is_label = |column: &ColumnDescriptor| {
            matches!(
                column.physical_type(),
                PhysicalType::INT32 | PhysicalType::INT64 | PhysicalType::BYTE_ARRAY
            ) && column.path().parts().len() == 1
                && column.max_rep_level() == 0
        };
        let find = |wanted: &dyn Fn(&str) -> bool| {
            (0..columns.len())
                .filter(|&i| is_label(&columns[i]) && wanted(columns[i].name()))
                .collect::<Vec<_>>()
        };
        let labels = LABELS.iter().find_map(|&label| find(&|name| name == label).first().copied());
        let labels = labels.or_else(|| match find(&is_class_label)[..] {
            [only] => Some(only),
            _ => None,
        });
        let Some(labels) = labels else {
            return Err(Error::data(
                path,
                format!("it has {}; labels are taken from {}", listed(columns), LABELS.join(", ")),
            ));
        };
        let names = features.as_ref().and_then(|features| {
            let names = features[columns[labels].name()]["names"].as_array()?;
            names.iter().map(|name| name.as_str().map(String::from)).collect()
        });
        Ok(Self { images, labels, names })
    }

    /// The class that a label means.
    fn class(&self, label: Option<Class>) -> Result<String, String> {
        match (label, &self.names) {
            (None, _) => Err("it has no label".into()),
            (Some(Class::Word(word)), _) => Ok(word),
            (Some(Class::Number(number)), None) => Ok(number.to_string()),
            // What a test set without answers has.
            (Some(Class::Number(-1)), Some(_)) => Err("it has no label".into()),
            (Some(Class::Number(number)), Some(names)) => usize::try_from(number)
                .ok()
                .and_then(|number| names.get(number).cloned())
                .ok_or_else(|| format!("its label is {number}, of {} classes", names.len())),
        }
    }
}

/// What Hugging Face's library says of the columns.
fn features(file: &SerializedFileReader<File>) -> Option<Value> {
    let metadata = file.metadata().file_metadata().key_value_metadata()?;
    let text = metadata.iter().find(|entry| entry.key == "huggingface")?.value.as_ref()?;
    let mut value: Value = serde_json::from_str(text).ok()?;
    Some(value["info"]["features"].take())
}

/// The one column of encoded pictures.
fn image_column(path: &Path, file: &SerializedFileReader<File>) -> Result<usize> {
    let columns = file.metadata().file_metadata().schema_descr().columns();
    let find = |wanted: &dyn Fn(&[String]) -> bool| {
        let is_bytes = |column: &ColumnDescriptor| {
            column.physical_type() == PhysicalType::BYTE_ARRAY && column.max_rep_level() == 0
        };
        (0..columns.len())
            .filter(|&i| is_bytes(&columns[i]) && wanted(columns[i].path().parts()))
            .collect::<Vec<_>>()
    };
    let structs = find(&|parts| parts.len() == 2 && parts[1] == "bytes");
    let plain = find(&|parts| parts.len() == 1 && IMAGES.contains(&&*parts[0]));
    match (&structs[..], &plain[..]) {
        (&[only], _) | (&[], &[only]) => Ok(only),
        _ => Err(Error::data(
            path,
            format!(
                "it has {}; pictures are taken from one column with `bytes` in it, as Hugging Face's images are, or one of \
                 encoded pictures called {}",
                listed(columns),
                IMAGES.join(", ")
            ),
        )),
    }
}

fn listed(columns: &[std::sync::Arc<ColumnDescriptor>]) -> String {
    let names: Vec<String> = columns.iter().take(20).map(|column| column.path().string()).collect();
    if names.is_empty() { "no columns".into() } else { format!("the columns {}", names.join(", ")) }
}

/// A column of one row group.
struct Column<T: DataType>(ColumnReaderImpl<T>);

impl<T: DataType> Column<T> {
    /// The value `skipped` rows further on; none of a row that has none.
    fn after(&mut self, skipped: usize) -> Result<Option<T::T>, ParquetError> {
        if skipped > 0 && self.0.skip_records(skipped)? < skipped {
            return Err(fewer());
        }
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        match self.0.read_records(1, Some(&mut levels), None, &mut values)? {
            (1, ..) => Ok(values.pop()),
            _ => Err(fewer()),
        }
    }

    /// All values, of `count` rows.
    fn all<V>(mut self, count: usize, value: impl Fn(T::T) -> V) -> Result<Vec<Option<V>>, ParquetError> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.after(0)?.map(&value));
        }
        Ok(all)
    }
}

fn fewer() -> ParquetError {
    ParquetError::General("there are fewer rows than it claims".into())
}

fn open(path: &Path) -> Result<SerializedFileReader<File>> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    SerializedFileReader::new(file).map_err(|error| damaged(path, &error))
}

/// The number of rows of each group. A file may claim any, but a picture takes more than a byte of it.
fn row_counts(path: &Path, file: &SerializedFileReader<File>) -> Result<Vec<usize>> {
    let bytes = path.metadata().map_err(|source| Error::io(path, source))?.len();
    let counts = file.metadata().row_groups().iter().map(|group| u64::try_from(group.num_rows()).ok());
    let counts: Option<Vec<u64>> = counts.collect();
    let all = |counts: &Vec<u64>| counts.iter().try_fold(0u64, |all, &count| all.checked_add(count));
    match counts {
        Some(counts) if all(&counts).is_some_and(|all| all <= bytes) => {
            Ok(counts.into_iter().map(|count| count as usize).collect())
        }
        _ => Err(damaged(path, &format!("it claims more rows than its {bytes} bytes can hold"))),
    }
}

fn damaged(path: &Path, problem: &dyn std::fmt::Display) -> Error {
    Error::data(path, format!("its Parquet data is damaged, or of a kind that is not read ({problem})"))
}

/// The split that a file's name begins with, or that a folder around it is called by.
fn split_of(name: &str) -> Option<Split> {
    let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
    let first = file.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    split_named(first).or_else(|| folders.rsplit('/').find_map(split_named))
}
