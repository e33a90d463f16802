//! Augmentation, bit for bit what the authors' library computes.
#![allow(clippy::unwrap_used)]

use ibinn::model::container::Container;
use ibinn_data::augment::{Jitter, flip, jitter, pad, rotate, shift};

/// Side of the images.
const SIDE: usize = 32;
/// Side of the padded images.
const PADDED: usize = SIDE + 2 * PAD;
/// Pixels of edge replication.
const PAD: usize = 8;
/// Bytes of an image.
const IMAGE: usize = 3 * SIDE * SIDE;

/// One jitter step as the file names it, `brightness` and its factor.
fn step(name: &str, factor: &str) -> Jitter {
    let factor = factor.parse().unwrap();
    match name {
        "brightness" => Jitter::Brightness(factor),
        "contrast" => Jitter::Contrast(factor),
        "saturation" => Jitter::Saturation(factor),
        _ => panic!("there is no jitter {name}"),
    }
}

/// Applies the operation that the file calls `name`.
fn apply(name: &str, image: &[u8]) -> Vec<u8> {
    let (operation, details) = name.split_once('.').unwrap_or((name, ""));
    let mut out = image.to_vec();
    match operation {
        "hflip" => return flip(image, SIDE),
        "pad8" => return pad(image, SIDE, PAD),
        "brightness" | "contrast" | "saturation" => jitter(&mut out, step(operation, details)),
        "jitter" => {
            for part in details.split('_') {
                let digit = part.find(|c: char| c.is_ascii_digit()).unwrap();
                jitter(&mut out, step(&part[..digit], &part[digit..]));
            }
        }
        "geometry" => {
            let rest = details.strip_prefix("angle").unwrap();
            let (angle, rest) = rest.split_once("_top").unwrap();
            let (top, left) = rest.split_once("_left").unwrap();
            let rotated = rotate(&pad(image, SIDE, PAD), PADDED, angle.parse().unwrap());
            return shift(&rotated, SIDE, top.parse().unwrap(), left.parse().unwrap());
        }
        _ => {
            let angle =
                name.strip_prefix("pad8_rotate").unwrap_or_else(|| panic!("unknown operation {name}"));
            return rotate(&pad(image, SIDE, PAD), PADDED, angle.parse().unwrap());
        }
    }
    out
}

#[test]
fn every_operation_gives_the_very_bytes() {
    let Some(folder) = ibinn_tests::reference_dir() else { return };
    let container = Container::parse(&std::fs::read(folder.join("augment.safetensors")).unwrap()).unwrap();
    let images = &container.arrays["images_u8"].bytes;
    assert_eq!(images.len(), 3 * IMAGE);
    let mut compared = 0;
    for (name, expected) in container.arrays.iter().filter(|(name, _)| *name != "images_u8") {
        let got: Vec<u8> = images.chunks_exact(IMAGE).flat_map(|image| apply(name, image)).collect();
        assert!(got == expected.bytes, "{name} differs");
        compared += 1;
    }
    assert_eq!(compared, 17);
}
