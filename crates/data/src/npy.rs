//! NumPy's arrays of unsigned bytes: line drawings (N, H, W) or (N, H·W), as QuickDraw's, and colour pictures
//! (N, H, W, 3); in .npy files, and in .npz archives of several, as MedMNIST's.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ibinn_files::zip::Zip;

use crate::ood::Pictures;
use crate::{Error, Result};

/// Headers above this length are refused; NumPy itself warns above 10,000 bytes.
const LONGEST_HEADER: u32 = 1 << 16;
/// Images with more bytes are refused.
const LARGEST_IMAGE: usize = 1 << 26;
/// Archives with more bytes are refused before they are read.
const LARGEST_ARCHIVE: u64 = 1 << 32;
/// The arrays of an archive that are taken, the first of these that there is, as archives of data sets name them.
const IMAGES: [&str; 6] = ["test_images", "x_test", "images", "train_images", "x_train", "arr_0"];

/// Reads the first `limit` images of a .npy file.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Pictures> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    let size = file.metadata().map_err(|source| Error::io(path, source))?.len();
    read_array(path, file, size, limit)
}

/// Reads the first `limit` images of a .npz archive, of its test images where it has such, and the name of that array.
pub(crate) fn read_archive(path: &Path, limit: usize) -> Result<(Pictures, String)> {
    let bad = |problem: String| Error::data(path, problem);
    let size = std::fs::metadata(path).map_err(|source| Error::io(path, source))?.len();
    if size > LARGEST_ARCHIVE {
        return Err(bad(format!("it has {size} bytes, at most {LARGEST_ARCHIVE} are read")));
    }
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    let zip = Zip::open(&bytes).map_err(bad)?;
    let arrays: Vec<&str> = zip.names().filter_map(|name| name.strip_suffix(".npy")).collect();
    let named = IMAGES.into_iter().find(|name| arrays.contains(name));
    let name = match (named, &arrays[..]) {
        (Some(name), _) => name,
        (None, &[only]) => only,
        (None, others) => {
            let wanted = IMAGES.join(", ");
            return Err(bad(format!(
                "its arrays are {}; images are taken from one called {wanted}, or from the only one",
                if others.is_empty() { "none".into() } else { others.join(", ") }
            )));
        }
    };
    let array = zip.get(&format!("{name}.npy")).map_err(bad)?;
    let pictures = read_array(path, &array[..], array.len() as u64, limit).map_err(|error| match error {
        Error::File(ibinn_files::Error::Contents { problem, .. }) => bad(format!("in `{name}`, {problem}")),
        other => other,
    })?;
    Ok((pictures, name.into()))
}

fn read_array(path: &Path, mut file: impl Read, size: u64, limit: usize) -> Result<Pictures> {
    let bad = |problem: String| Error::data(path, problem);
    let (header, length) = read_header(&mut file).map_err(bad)?;
    header.check_bytes().map_err(bad)?;
    let dims = header.shape;
    let (count, layout) = layout(&dims).map_err(bad)?;
    let image = layout.bytes();
    let claimed = (count as u64).checked_mul(image as u64);
    let held = size.saturating_sub(length);
    if claimed != Some(held) {
        return Err(bad(format!("it holds {held} bytes of data, but its header claims {dims:?}")));
    }
    let mut bytes = vec![0; count.min(limit) * image];
    file.read_exact(&mut bytes).map_err(|source| Error::io(path, source))?;
    Ok(layout.planes(bytes))
}

/// What a file says of its array.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    /// The type of its numbers, as NumPy writes it: `|u1`, `<i8`.
    pub descr: String,
    /// Its dimensions.
    pub shape: Vec<usize>,
}

impl Header {
    /// Refuses numbers that are no unsigned bytes.
    pub fn check_bytes(&self) -> Result<(), String> {
        match &*self.descr {
            "|u1" | "u1" => Ok(()),
            kind => Err(format!("its numbers are of the type '{kind}', must be unsigned bytes, '|u1'")),
        }
    }
}

/// Reads the header, and says how many bytes it takes.
pub(crate) fn read_header(mut file: impl Read) -> Result<(Header, u64), String> {
    let early = |_| "it ends before its header does: it is cut short or no .npy file".to_string();
    let mut start = [0; 8];
    file.read_exact(&mut start).map_err(early)?;
    if start[..6] != *b"\x93NUMPY" {
        return Err("it does not begin as a .npy file does".into());
    }
    // Version 1 has 16 bits for the header's length, later ones 32.
    let mut length = [0; 4];
    let field = if start[6] == 1 { 2 } else { 4 };
    file.read_exact(&mut length[..field]).map_err(early)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST_HEADER {
        return Err(format!("its header claims {length} bytes"));
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(early)?;
    Ok((parse(&header)?, 8 + field as u64 + u64::from(length)))
}

/// How an image lies in the array.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    /// One value a pixel.
    Grey([usize; 2]),
    /// Red, green and blue of each pixel together.
    Colour([usize; 2]),
}

impl Layout {
    fn bytes(self) -> usize {
        match self {
            Self::Grey([height, width]) => height * width,
            Self::Colour([height, width]) => 3 * height * width,
        }
    }

    /// The images plane by plane.
    fn planes(self, bytes: Vec<u8>) -> Pictures {
        match self {
            Self::Grey([height, width]) => Pictures { shape: [1, height, width], bytes },
            Self::Colour([height, width]) => {
                let planes = |image: &[u8]| -> Vec<u8> {
                    (0..3).flat_map(|c| image.iter().skip(c).step_by(3)).copied().collect()
                };
                let bytes = bytes.chunks_exact(self.bytes()).flat_map(planes).collect();
                Pictures { shape: [3, height, width], bytes }
            }
        }
    }
}

/// Number of images and their layout.
fn layout(dims: &[usize]) -> Result<(usize, Layout), String> {
    let refused = || {
        format!(
            "its shape is {dims:?}, must be (N, H, W) or (N, side²) for line drawings, or (N, H, W, 3) for colour pictures"
        )
    };
    let (count, layout) = match *dims {
        [n, pixels] if pixels.isqrt().pow(2) == pixels => (n, Layout::Grey([pixels.isqrt(); 2])),
        [n, height, width] => (n, Layout::Grey([height, width])),
        [n, height, width, 3] => (n, Layout::Colour([height, width])),
        _ => return Err(refused()),
    };
    let image = dims[1..].iter().try_fold(1usize, |n, &d| n.checked_mul(d));
    match image {
        Some(1..=LARGEST_IMAGE) if count > 0 => Ok((count, layout)),
        _ => Err(refused()),
    }
}

/// Type and shape from a header: a Python dictionary of `descr`, `fortran_order` and `shape`, in any order.
fn parse(header: &[u8]) -> Result<Header, String> {
    let text = std::str::from_utf8(header).map_err(|_| "its header is no text".to_string())?;
    let value = |key: &str| {
        let quoted = [format!("'{key}'"), format!("\"{key}\"")];
        let rest = quoted.iter().find_map(|quoted| text.split_once(quoted.as_str()))?.1;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    };
    let missing = |key: &str| format!("its header has no readable `{key}`");
    let descr = value("descr").and_then(|descr| {
        let quote = descr.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
        descr[1..].split_once(quote).map(|(descr, _)| descr.to_string())
    });
    let descr = descr.ok_or_else(|| missing("descr"))?;
    match value("fortran_order") {
        Some(order) if order.starts_with("False") => {}
        Some(_) => return Err("its numbers lie in Fortran order, must lie in C order".into()),
        None => return Err(missing("fortran_order")),
    }
    let shape = value("shape").and_then(|shape| shape.strip_prefix('(')?.split_once(')'));
    let (shape, _) = shape.ok_or_else(|| missing("shape"))?;
    let numbers = shape.split(',').map(str::trim).filter(|number| !number.is_empty());
    let shape: Result<_, String> =
        numbers.map(|number| number.parse().map_err(|_| missing("shape"))).collect();
    Ok(Header { descr, shape: shape? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_files::scratch::{Scratch, zip};

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    }

    fn header(shape: &str) -> String {
        format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}   \n")
    }

    fn reading(bytes: &[u8], limit: usize) -> Result<Pictures> {
        let scratch = Scratch::new();
        let path = scratch.path().join("some.npy");
        std::fs::write(&path, bytes).unwrap();
        read(&path, limit)
    }

    #[test]
    fn reads_drawings_and_pictures() {
        let data: Vec<u8> = (0..12).collect();
        let drawings = reading(&npy(&header("(3, 2, 2)"), &data), 2).unwrap();
        assert_eq!(drawings, Pictures { shape: [1, 2, 2], bytes: (0..8).collect() });
        assert_eq!(reading(&npy(&header("(3, 4)"), &data), 2).unwrap(), drawings);
        let pictures = reading(&npy(&header("(2, 1, 2, 3)"), &data), 9).unwrap();
        let bytes = vec![0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11];
        assert_eq!(pictures, Pictures { shape: [3, 1, 2], bytes });
        // Another order of keys, and the longer length of version 2.
        let header = "{'shape': (1, 1), 'fortran_order': False, 'descr': '|u1'}";
        let length = (header.len() as u32).to_le_bytes();
        let second = [b"\x93NUMPY\x02\x00", &length[..], header.as_bytes(), &[7]].concat();
        assert_eq!(reading(&second, 1).unwrap().bytes, [7]);
    }

    #[test]
    fn of_an_archive_the_test_images_are_taken() {
        let scratch = Scratch::new();
        let path = scratch.path().join("some.npz");
        let images = |value: u8| npy(&header("(2, 2, 2)"), &[value; 8]);
        let labels = npy(&header("(2,)"), &[0, 1]);
        let reading = |bytes: Vec<u8>| {
            std::fs::write(&path, bytes).unwrap();
            read_archive(&path, 1).map(|(pictures, name)| (pictures.bytes, name)).map_err(|e| e.to_string())
        };
        for deflated in [false, true] {
            let medical = [
                ("train_images.npy", images(3)),
                ("test_images.npy", images(7)),
                ("test_labels.npy", labels.clone()),
            ];
            assert_eq!(reading(zip(&medical, deflated)).unwrap(), (vec![7; 4], "test_images".into()));
            assert_eq!(
                reading(zip(&[("mine.npy", images(5))], deflated)).unwrap(),
                (vec![5; 4], "mine".into())
            );
        }
        for (bytes, wanted) in [
            (
                zip(&[("a.npy", images(1)), ("b.npy", images(1))], false),
                "its arrays are a, b; images are taken from",
            ),
            (zip(&[("a.txt", images(1))], false), "its arrays are none"),
            (zip(&[("images.npy", labels)], false), "in `images`, its shape is [2]"),
            (zip(&[("a.npy", images(1))], true)[..60].to_vec(), "its zip archive is damaged or cut short"),
        ] {
            let message = reading(bytes).unwrap_err();
            assert!(message.contains("some.npz") && message.contains(wanted), "{wanted}: {message}");
        }
    }

    #[test]
    fn refuses_everything_else_in_a_sentence_that_names_the_file() {
        let whole = npy(&header("(2, 2, 2)"), &[0; 8]);
        let float = header("(2, 2, 2)").replace("|u1", "<f4");
        let cases: [(Vec<u8>, &str); 15] = [
            (vec![], "ends before its header"),
            (whole[..40].to_vec(), "ends before its header"),
            (b"PK\x03\x04 a zip archive".to_vec(), "does not begin as a .npy file"),
            (whole[..whole.len() - 1].to_vec(), "holds 7 bytes of data"),
            ([&whole[..], &[0]].concat(), "holds 9 bytes of data"),
            (npy(&float, &[0; 32]), "'<f4'"),
            (npy(&header("(2, 2, 2)").replace("False", "True"), &[0; 8]), "Fortran order"),
            (npy(&header("(8,)"), &[0; 8]), "its shape is [8]"),
            (npy(&header("(2, 7)"), &[0; 14]), "its shape is [2, 7]"),
            (npy(&header("(1, 2, 2, 4)"), &[0; 16]), "its shape is [1, 2, 2, 4]"),
            (npy(&header("(0, 2, 2)"), &[]), "its shape is [0, 2, 2]"),
            (npy(&header("(2, 99999999999, 99999999999)"), &[0; 8]), "its shape is"),
            (npy(&header("(2, x, 2)"), &[0; 8]), "no readable `shape`"),
            (npy("{}", &[]), "no readable `descr`"),
            ([b"\x93NUMPY\x03\x00", &u32::MAX.to_le_bytes()[..]].concat(), "claims 4294967295 bytes"),
        ];
        for (bytes, wanted) in cases {
            let message = reading(&bytes, 9).unwrap_err().to_string();
            assert!(message.contains(wanted) && message.contains("some.npy"), "{wanted}: {message}");
        }
    }
}
