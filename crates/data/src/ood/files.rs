//! Sets that lie in files: one file, or a folder of files of one kind.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ibinn::ModelSpec;
use ibinn::model::foreign;
use rayon::prelude::*;

use super::{Finish, OodSet, Pictures, check_shape, in_shape, records, sketch};
use crate::folder::{self, LeftOut};
use crate::{Error, Result, npy, picture};

/// Images taken of each .npy file of a folder, as of QuickDraw's categories (method §4.5).
const PER_CATEGORY: usize = 2000;

/// What is read.
const KINDS: &str = "pictures, .npy or .npz arrays, or .bin records";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Npy,
    Npz,
    Records,
    Pictures,
}

impl Kind {
    /// The kind of a file, by its first bytes; by its name where those tell nothing, as records have no mark, and what is
    /// named like a picture and is none should be told of.
    fn of(path: &Path) -> Result<Option<Self>> {
        let mut start = Vec::new();
        let file = File::open(path).and_then(|file| file.take(16).read_to_end(&mut start));
        file.map_err(|source| Error::io(path, source))?;
        let named = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        Ok(match () {
            () if picture::is_of_known_format(&start) => Some(Self::Pictures),
            () if named("npy") || start.starts_with(b"\x93NUMPY") => Some(Self::Npy),
            () if named("npz") => Some(Self::Npz),
            () if named("bin") => Some(Self::Records),
            () if picture::is_named_like_one(path) => Some(Self::Pictures),
            () => None,
        })
    }
}

/// Reads the first `limit` images of the file or folder `path` in the shape that `spec` takes; line drawings are
/// shuffled and coloured by `seed`.
pub(super) fn read(name: &str, path: &Path, spec: &ModelSpec, limit: usize, seed: u64) -> Result<OodSet> {
    let (kind, mut paths, left_out) = find(path)?;
    let (pictures, mut about) = if kind == Kind::Pictures {
        paths.truncate(limit);
        let input = spec.input();
        let shape = [input.channels, input.height, input.width];
        let images: Vec<_> =
            paths.par_iter().map(|path| picture::read_square(path, shape)).collect::<Result<_>>()?;
        (Pictures { shape, bytes: images.concat() }, "pictures".into())
    } else {
        let is_category = kind == Kind::Npy && path.is_dir();
        together(kind, &paths, if is_category { PER_CATEGORY } else { usize::MAX })?
    };
    about.push_str(&left_out.to_string());
    let (stored, bytes, finish) = if matches!(kind, Kind::Npy | Kind::Npz) && pictures.shape[0] == 1 {
        let size = spec.input().height * spec.input().width;
        let finish = if spec.input().channels == 3 { Finish::Sketched { seed } } else { Finish::Plain };
        (size, sketch::shuffle(&centred(path, &pictures, spec)?, size, seed), finish)
    } else {
        let input = spec.input();
        let shape = [input.channels, input.height, input.width];
        if pictures.shape != shape {
            about.push_str(&format!(", brought to {}×{}", input.width, input.height));
        }
        (spec.dims(), in_shape(pictures.bytes, pictures.shape, shape), Finish::Plain)
    };
    let mut set = OodSet { name: name.into(), about, distance: None, paired: false, stored, bytes, finish };
    set.truncate(limit);
    Ok(set)
}

/// The files to read, by name, what they hold, and what of a folder is not read.
fn find(path: &Path) -> Result<(Kind, Vec<PathBuf>, LeftOut)> {
    if !path.is_dir() {
        if !path.exists() {
            return Err(Error::data(path, "there is no such file or folder"));
        }
        let kind = Kind::of(path)?.ok_or_else(|| {
            let start = std::fs::read(path).unwrap_or_default();
            let is = foreign::name(&start)
                .map(|name| format!("it is {name}"))
                .unwrap_or_else(|| "it is of no known kind".into());
            Error::data(path, format!("{is}; sets are {KINDS}"))
        })?;
        return Ok((kind, vec![path.into()], LeftOut::default()));
    }
    let (mut found, mut left_out) = (Vec::new(), LeftOut::default());
    for file in folder::files(path)? {
        match Kind::of(&file)? {
            Some(kind) => found.push((kind, file)),
            None => left_out.add(&file),
        }
    }
    let Some(&(kind, _)) = found.first() else {
        return Err(Error::data(path, format!("the folder holds no {KINDS}{left_out}")));
    };
    if found.iter().any(|(other, _)| *other != kind) {
        let problem = "the folder holds more than one of pictures, .npy files, .npz files and .bin files: name one kind by itself";
        return Err(Error::data(path, problem));
    }
    Ok((kind, found.into_iter().map(|(_, file)| file).collect(), left_out))
}

/// The first `per_file` images of all files, and how many they are of each.
fn together(kind: Kind, paths: &[PathBuf], per_file: usize) -> Result<(Pictures, String)> {
    let (mut all, mut about) = (Pictures { shape: [0; 3], bytes: Vec::new() }, Vec::new());
    for path in paths {
        let (pictures, part) = match kind {
            Kind::Npz => {
                npy::read_archive(path, per_file).map(|(pictures, array)| (pictures, format!("/{array}")))?
            }
            Kind::Npy => (npy::read(path, per_file)?, String::new()),
            Kind::Records | Kind::Pictures => (records::read(path, per_file)?, String::new()),
        };
        let [c, h, w] = pictures.shape;
        if !all.bytes.is_empty() && all.shape != pictures.shape {
            let [channels, height, width] = all.shape;
            let problem = format!(
                "its images are {c}×{h}×{w}, those of the files before it {channels}×{height}×{width}"
            );
            return Err(Error::data(path, problem));
        }
        about.push(format!(
            "{} of {}{part}",
            pictures.bytes.len() / (c * h * w),
            path.file_stem().unwrap_or_default().display()
        ));
        all.shape = pictures.shape;
        all.bytes.extend(pictures.bytes);
    }
    Ok((all, about.join(", ")))
}

/// Drawings on paper as large as the model's images.
fn centred(path: &Path, drawings: &Pictures, spec: &ModelSpec) -> Result<Vec<u8>> {
    let ([_, height, width], input) = (drawings.shape, spec.input());
    if ![1, 3].contains(&input.channels) {
        check_shape(path, drawings.shape, spec)?;
    }
    let to = [input.height, input.width];
    let padded = |image: &[u8]| sketch::pad(image, [height, width], to);
    let images: Option<Vec<_>> = drawings.bytes.chunks_exact(height * width).map(padded).collect();
    images.map(|images| images.concat()).ok_or_else(|| {
        let problem = format!(
            "its drawings are {height}×{width}, which cannot be centred on the {}×{} of the model",
            input.height, input.width
        );
        Error::data(path, problem)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::picture::png;
    use ibinn::Preset;
    use ibinn_files::scratch::Scratch;

    /// A .npy file of `count` drawings; the first pixel of each is its number.
    fn npy(count: usize, side: usize) -> Vec<u8> {
        let header =
            format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, {side}, {side}), }}\n");
        let images =
            (0..count).flat_map(|i| (0..side * side).map(move |j| if j == 0 { i as u8 } else { 255 }));
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &images.collect::<Vec<u8>>()].concat()
    }

    fn colour() -> ModelSpec {
        Preset::Cifar10.spec().unwrap()
    }

    fn grey() -> ModelSpec {
        Preset::Tiny.spec().unwrap()
    }

    fn folder(files: &[(&str, Vec<u8>)]) -> Scratch {
        let scratch = Scratch::new();
        for (name, bytes) in files {
            std::fs::write(scratch.path().join(name), bytes).unwrap();
        }
        scratch
    }

    #[test]
    fn drawings_are_coloured_and_padded_for_colour_models_and_left_alone_for_grey_ones() {
        let scratch = folder(&[("a.npy", npy(3, 28)), ("b.NPY", npy(2, 28)), ("about.txt", vec![1])]);
        let grey = read("sketches", scratch.path(), &grey(), 9, 5).unwrap();
        assert_eq!((grey.len(), grey.about.as_str()), (5, "3 of a, 2 of b; left out is 1 other file (.txt)"));
        let mut firsts: Vec<u8> =
            grey.pixels(&[0, 1, 2, 3, 4]).chunks(784).map(|x| (x[0] * 255.0).round() as u8).collect();
        firsts.sort_unstable();
        assert_eq!(firsts, [0, 0, 1, 1, 2]);
        assert_eq!(grey.pixels(&[4])[1], 1.0);
        let colour = read("sketches", scratch.path(), &colour(), 9, 5).unwrap();
        assert_eq!(colour.len(), 5);
        let (first, second) = (colour.pixels(&[0]), colour.pixels(&[1]));
        assert_eq!(first.len(), 3072);
        // The first pixel and its padding have the drawing's lightest ink, so the paper shows.
        assert!(first[0] > 0.98 && first[0] == first[2 * 32 + 2] && first[3] < 0.7);
        assert_ne!(first[3], first[1024 + 3]);
        assert_ne!(first[3], second[3]);
    }

    #[test]
    fn limits_and_seed_choose_the_drawings() {
        let scratch = folder(&[("a.npy", npy(200, 28))]);
        let file = scratch.path().join("a.npy");
        let first = |limit, seed| read("a", &file, &grey(), limit, seed).unwrap().pixels(&[0, 1, 2]);
        assert_eq!(read("a", &file, &grey(), 7, 0).unwrap().len(), 7);
        assert_eq!(first(7, 0), first(200, 0));
        assert_ne!(first(7, 0), first(7, 1));
    }

    #[test]
    fn records_and_pictures_keep_their_order() {
        let record = |value: u8| [vec![0], vec![value; 3072]].concat();
        let scratch = folder(&[("b.bin", record(51)), ("a.bin", [record(255), record(0)].concat())]);
        let set = read("photographs", scratch.path(), &colour(), 9, 0).unwrap();
        assert_eq!(set.pixels(&[0, 1, 2]).chunks(3072).map(|x| x[9]).collect::<Vec<_>>(), [1.0, 0.0, 0.2]);
        let scratch = Scratch::new();
        for (name, value) in [("2.png", 102), ("1.png", 51)] {
            png::write_grid(&scratch.path().join(name), &[value; 784], [1, 28, 28], 1).unwrap();
        }
        let set = read("pictures", scratch.path(), &grey(), 9, 0).unwrap();
        let middle: Vec<f32> = set.pixels(&[0, 1]).chunks(784).map(|x| x[400]).collect();
        assert_eq!((middle, set.about.as_str()), (vec![0.2, 0.4], "pictures"));
        assert_eq!(read("pictures", scratch.path(), &grey(), 1, 0).unwrap().len(), 1);
    }

    #[test]
    fn folders_are_read_below_as_well_without_what_systems_leave_there() {
        let scratch = Scratch::new();
        let path = |name: &str| scratch.path().join(name);
        for folder in ["cat", "dog/young", "__MACOSX", ".cache"] {
            std::fs::create_dir_all(path(folder)).unwrap();
        }
        for (name, value) in [("cat/1.png", 51), ("cat/0.JPG", 0), ("dog/young/none", 102)] {
            png::write_grid(&path(name), &[value; 784], [1, 28, 28], 1).unwrap();
        }
        for name in
            ["cat/._1.png", "Thumbs.db", "dog/desktop.ini", ".DS_Store", "__MACOSX/a.png", ".cache/b.png"]
        {
            std::fs::write(path(name), "no picture").unwrap();
        }
        let middles = |set: &OodSet| -> Vec<f32> {
            let all: Vec<usize> = (0..set.len()).collect();
            set.pixels(&all).chunks(784).map(|x| x[400]).collect()
        };
        let set = read("pictures", scratch.path(), &grey(), 9, 0).unwrap();
        assert_eq!((middles(&set), set.about.as_str()), (vec![0.0, 0.2, 0.4], "pictures"));
        for name in ["labels.csv", "cat/about.txt", "cat/more.csv", "LICENSE"] {
            std::fs::write(path(name), "words").unwrap();
        }
        let set = read("pictures", scratch.path(), &grey(), 9, 0).unwrap();
        assert_eq!(set.len(), 3);
        assert_eq!(set.about, "pictures; left out are 4 other files (.csv, .txt, LICENSE)");
        // What is named like a picture is not left out in silence.
        std::fs::write(path("cat/2.png"), "<html>404</html>").unwrap();
        let message = read("pictures", scratch.path(), &grey(), 9, 0).unwrap_err().to_string();
        assert!(message.contains("2.png: it is a web page"), "{message}");
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        let record = vec![0; 3073];
        let empty = Scratch::new();
        let mixed = folder(&[("a.npy", npy(1, 28)), ("b.bin", record.clone())]);
        let other = folder(&[("a.npy", npy(1, 28)), ("b.npy", npy(1, 2))]);
        let large = folder(&[("c.npy", npy(1, 32))]);
        let broken = folder(&[("a.png", b"GIF89a".to_vec()), ("text.txt", vec![]), ("b.bin", record)]);
        let cases = [
            (empty.path().join("missing"), grey(), "missing"),
            (empty.path().into(), grey(), "holds no pictures, .npy or .npz arrays, or .bin records"),
            (mixed.path().into(), grey(), "more than one of"),
            (
                other.path().into(),
                grey(),
                "b.npy: its images are 1×2×2, those of the files before it 1×28×28",
            ),
            (broken.path().join("a.png"), grey(), "a.png: it cannot be read as a GIF"),
            (
                broken.path().join("text.txt"),
                grey(),
                "text.txt: it is an empty file; sets are pictures, .npy or .npz arrays, or .bin records",
            ),
            (
                large.path().join("c.npy"),
                grey(),
                "c.npy: its drawings are 32×32, which cannot be centred on the 28×28",
            ),
        ];
        for (path, spec, wanted) in cases {
            let message = read("some", &path, &spec, 9, 0).unwrap_err().to_string();
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }
}
