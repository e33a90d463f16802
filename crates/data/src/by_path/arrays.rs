//! Data sets in NumPy archives (.npz) of images and labels, as MedMNIST and Keras have them.

use std::borrow::Cow;
use std::path::Path;

use ibinn_files::mapped::Mapped;
use ibinn_files::zip::Zip;

use super::layout::Item;
use crate::npy::read_header;
use crate::picture::Picture;
use crate::{Error, Result, Split};

/// Arrays with more bytes are refused before they are unpacked.
const LARGEST: u64 = 1 << 36;

/// Names of the arrays of images and of labels.
const NAMES: [(&str, &str, Option<Split>); 8] = [
    ("train_images", "train_labels", Some(Split::Train)),
    ("val_images", "val_labels", Some(Split::Val)),
    ("test_images", "test_labels", Some(Split::Test)),
    ("x_train", "y_train", Some(Split::Train)),
    ("x_val", "y_val", Some(Split::Val)),
    ("x_test", "y_test", Some(Split::Test)),
    ("images", "labels", None),
    ("x", "y", None),
];

/// The images of an archive.
#[derive(Debug)]
pub(crate) struct Arrays {
    parts: Vec<Part>,
}

/// An array of images.
#[derive(Debug)]
struct Part {
    name: String,
    count: usize,
    width: usize,
    /// Bytes of a pixel.
    samples: usize,
    bytes: Vec<u8>,
}

impl Arrays {
    /// Reads the archive at `path`: the images, and each with its class, a number as text, and split.
    ///
    /// # Errors
    /// When it is damaged, holds no arrays of images and labels, or such as do not belong together.
    pub fn open(path: &Path) -> Result<(Self, Vec<Item>)> {
        let bad = |problem: String| Error::data(path, problem);
        let map = Mapped::open(path)?;
        let zip = Zip::open(&map).map_err(bad)?;
        let (mut parts, mut items) = (Vec::new(), Vec::new());
        for (images, labels, split) in NAMES {
            let has = |name: &str| zip.size(&format!("{name}.npy")).is_some();
            match (has(images), has(labels)) {
                (true, true) => {}
                (true, false) => return Err(bad(format!("it has `{images}` but no `{labels}`"))),
                (false, _) => continue,
            }
            let part = unpacked(&zip, images)
                .and_then(|bytes| part(images.into(), &bytes))
                .map_err(|problem| bad(format!("in `{images}`, {problem}")))?;
            let numbers =
                numbers(&zip, labels).map_err(|problem| bad(format!("in `{labels}`, {problem}")))?;
            if numbers.len() != part.count {
                return Err(bad(format!(
                    "`{images}` holds {} images, but `{labels}` {} labels",
                    part.count,
                    numbers.len()
                )));
            }
            items.extend(
                numbers
                    .into_iter()
                    .enumerate()
                    .map(|(i, number)| Item { entry: items.len() + i, class: number.to_string(), split })
                    .collect::<Vec<_>>(),
            );
            parts.push(part);
        }
        if parts.is_empty() {
            let arrays: Vec<&str> = zip.names().filter_map(|name| name.strip_suffix(".npy")).collect();
            let wanted: Vec<_> =
                NAMES.iter().map(|(images, labels, _)| format!("{images} and {labels}")).collect();
            return Err(bad(format!(
                "its arrays are {}; images and labels are taken from {}",
                if arrays.is_empty() { "none".into() } else { arrays.join(", ") },
                wanted.join(", ")
            )));
        }
        Ok((Self { parts }, items))
    }

    /// The images of a .npz archive without their labels, or of a .npy file.
    ///
    /// # Errors
    /// When it is damaged or holds no array of images.
    pub fn of_images(path: &Path) -> Result<Self> {
        let bad = |problem: String| Error::data(path, problem);
        let map = Mapped::open(path)?;
        if map.starts_with(b"\x93NUMPY") {
            return Ok(Self { parts: vec![part(String::new(), &map).map_err(bad)?] });
        }
        let zip = Zip::open(&map).map_err(bad)?;
        let arrays: Vec<&str> = zip.names().filter_map(|name| name.strip_suffix(".npy")).collect();
        let named: Vec<&str> =
            NAMES.iter().map(|(images, ..)| *images).filter(|name| arrays.contains(name)).collect();
        let names = match (&named[..], &arrays[..]) {
            ([], &[only]) => vec![only],
            ([], _) => {
                return Err(bad(format!("its arrays are {}; none is called like images", arrays.join(", "))));
            }
            (named, _) => named.to_vec(),
        };
        let part = |name: &&str| {
            let bytes = unpacked(&zip, name)?;
            part((*name).into(), &bytes).map_err(|problem| format!("in `{name}`, {problem}"))
        };
        Ok(Self { parts: names.iter().map(part).collect::<Result<_, _>>().map_err(bad)? })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.count).sum()
    }

    /// What image number `index` is called in messages, and the picture.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn get(&self, mut index: usize) -> (String, Picture) {
        for part in &self.parts {
            if index < part.count {
                let size = part.bytes.len() / part.count;
                let bytes = part.bytes[index * size..][..size].to_vec();
                let name =
                    if part.name.is_empty() { index.to_string() } else { format!("{}[{index}]", part.name) };
                return (name, Picture::of_pixels(part.width, part.samples, bytes));
            }
            index -= part.count;
        }
        panic!("there are fewer images")
    }
}

/// The bytes of an array's file.
fn unpacked<'a>(zip: &Zip<'a>, name: &str) -> Result<Cow<'a, [u8]>, String> {
    let file = format!("{name}.npy");
    let size = zip.size(&file).unwrap_or_default();
    if size > LARGEST {
        return Err(format!("it has {size} bytes, at most {LARGEST} are read"));
    }
    zip.get(&file)
}

fn part(name: String, file: &[u8]) -> Result<Part, String> {
    let (header, length) = read_header(file)?;
    let bytes = file[length as usize..].to_vec();
    header.check_bytes()?;
    let (count, height, width, samples) = match header.shape[..] {
        [count, height, width] | [count, height, width, 1] => (count, height, width, 1),
        [count, height, width, 3] => (count, height, width, 3),
        _ => {
            return Err(format!("its shape is {:?}, must be (N, H, W) or (N, H, W, 3)", header.shape));
        }
    };
    let size = [count, height, width, samples].iter().try_fold(1usize, |size, &side| size.checked_mul(side));
    if size != Some(bytes.len()) || bytes.is_empty() {
        return Err(format!("it holds {} bytes, but its header claims {:?}", bytes.len(), header.shape));
    }
    Ok(Part { name, count, width, samples, bytes })
}

/// Labels (N) or (N, 1), of any type of whole numbers.
fn numbers(zip: &Zip<'_>, name: &str) -> Result<Vec<i64>, String> {
    let file = unpacked(zip, name)?;
    let (header, length) = read_header(&*file)?;
    let bytes = &file[length as usize..];
    let count = match header.shape[..] {
        [count] | [count, 1] => count,
        _ => {
            return Err(format!(
                "its shape is {:?}, must be (N) or (N, 1): one label an image",
                header.shape
            ));
        }
    };
    macro_rules! read {
        ($type:ty) => {
            bytes.as_chunks().0.iter().map(|&number| <$type>::from_le_bytes(number) as i64).collect()
        };
    }
    let numbers: Vec<i64> = match &*header.descr {
        "|u1" | "|b1" => read!(u8),
        "|i1" => read!(i8),
        "<u2" => read!(u16),
        "<i2" => read!(i16),
        "<u4" => read!(u32),
        "<i4" => read!(i32),
        "<u8" => read!(u64),
        "<i8" => read!(i64),
        kind => return Err(format!("its numbers are of the type '{kind}', must be whole numbers")),
    };
    if numbers.len() != count {
        return Err(format!("it holds {} numbers, but its header claims {count}", numbers.len()));
    }
    Ok(numbers)
}
