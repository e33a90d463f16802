//! Data sets of every layout, sound and wrong.
#![allow(clippy::unwrap_used)]

mod equal;
mod wrong;

use std::path::Path;

use ibinn_files::scratch::{Scratch, zip};

use super::written::{Row, parquet};
use super::*;

/// A PNG file of an image, C×H×W.
fn png(image: &[u8], [channels, rows, columns]: [usize; 3]) -> Vec<u8> {
    let plane = rows * columns;
    let pixels: Vec<u8> = (0..plane).flat_map(|p| (0..channels).map(move |c| image[c * plane + p])).collect();
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, columns as u32, rows as u32);
    encoder.set_color(if channels == 3 { ::png::ColorType::Rgb } else { ::png::ColorType::Grayscale });
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// A grey 8×8 picture that is like no other of another number.
pub(super) fn numbered(number: usize) -> Vec<u8> {
    let image: Vec<u8> =
        (0..64).map(|i| if i < 8 { (number >> (2 * i) & 3) as u8 * 60 } else { 128 }).collect();
    png(&image, [1, 8, 8])
}

/// Writes files with the folders that they lie in; a name that ends with `/` is a folder.
pub(super) fn folder(files: &[(String, Vec<u8>)]) -> Scratch {
    let scratch = Scratch::new();
    for (name, bytes) in files {
        let path = scratch.path().join(name);
        if name.ends_with('/') {
            std::fs::create_dir_all(path).unwrap();
            continue;
        }
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    scratch
}

/// A tar archive of files.
fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ::tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // As it stands, which the library itself refuses of paths that lead out.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        archive.append(&header, &bytes[..]).unwrap();
    }
    archive.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A .npy file.
pub(super) fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

/// Archives of `files`, by the ending of their name.
fn archives(files: &[(String, Vec<u8>)]) -> Vec<(&'static str, Vec<u8>)> {
    let named: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    vec![
        ("zip", zip(&named, true)),
        ("stored.zip", zip(&named, false)),
        ("tar", tar(files)),
        ("tar.gz", gzip(&tar(files))),
    ]
}

/// A zip archive of files.
pub(super) fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let named: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    zip(&named, true)
}

/// Nothing is kept.
fn in_memory() -> Cache {
    Cache { folder: PathBuf::new(), above: usize::MAX }
}

fn reading(path: &Path) -> crate::Result<Collection> {
    read(path, &Reading::default(), None, &in_memory(), true)
}

/// A folder of `count` different pictures for each of `classes`.
fn classes(classes: &[&str], count: usize) -> Vec<(String, Vec<u8>)> {
    let of = |(c, class): (usize, &&str)| {
        (0..count).map(move |i| (format!("{class}/{i}.png"), numbered(c * count + i))).collect::<Vec<_>>()
    };
    classes.iter().enumerate().flat_map(of).collect()
}
