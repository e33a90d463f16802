//! Data files that are not what they should be.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::{Scratch, text, trainer};

/// An idx file of the given magic number and dimensions.
fn idx(magic: u32, dims: &[u32], data: &[u8]) -> Vec<u8> {
    let words = [magic].iter().chain(dims).flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    [&words[..], data].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
    out
}

const IMAGES: &str = "t10k-images-idx3-ubyte";
const LABELS: &str = "t10k-labels-idx1-ubyte";

#[test]
fn damaged_idx_files_are_refused_by_name() {
    let images = idx(0x803, &[2, 28, 28], &[0; 2 * 784]);
    let labels = idx(0x801, &[2], &[3, 4]);
    let zipped = gzip(&images);
    let cases: [(&str, Vec<u8>, &str); 14] = [
        (IMAGES, idx(0x801, &[2, 28, 28], &[0; 2 * 784]), "begins with 0x00000801"),
        (IMAGES, idx(0x803, &[3, 28, 28], &[0; 2 * 784]), "cut short"),
        (IMAGES, idx(0x803, &[1, 28, 28], &[0; 2 * 784]), "more than the 784 bytes"),
        (IMAGES, idx(0x803, &[2, 14, 56], &[0; 2 * 784]), "14×56, not 28×28"),
        (IMAGES, idx(0x803, &[u32::MAX; 3], &[0; 9]), "claims the size"),
        (IMAGES, idx(0x803, &[0, 28, 28], &[]), "claims the size"),
        (IMAGES, Vec::new(), "ends too early"),
        (LABELS, idx(0x801, &[1], &[3]), "1 labels"),
        (LABELS, idx(0x801, &[2], &[3, 10]), "label 1 is 10, must be below 10"),
        (LABELS, b"<html>404</html>".to_vec(), "begins with 0x3c68746d"),
        ("t10k-images-idx3-ubyte.gz", zipped[..zipped.len() / 2].to_vec(), "t10k-images"),
        ("t10k-images-idx3-ubyte.gz", b"no gzip".to_vec(), "cannot be unpacked"),
        ("t10k-images-idx3-ubyte.gz", images.clone(), "cannot be unpacked"),
        ("t10k-images-idx3-ubyte.gz", gzip(&images[..1000]), "cut short"),
    ];
    for (name, bytes, wanted) in cases {
        let scratch = Scratch::new();
        let folder = scratch.path().join("notmnist");
        fs::create_dir(&folder).unwrap();
        if !name.starts_with(IMAGES) {
            fs::write(folder.join(IMAGES), &images).unwrap();
        }
        fs::write(folder.join(LABELS), &labels).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
        for args in [
            vec!["data", "check", "notmnist"],
            vec!["evaluate", text(crate::model()), "--dataset", "notmnist"],
        ] {
            let message = trainer(args.iter().chain(&["--data-dir", text(scratch.path())])).refusal();
            assert!(message.contains(wanted) && message.contains(name), "{name}: {message}");
        }
    }
}

/// The official size of a record file.
const CIFAR_FILE: u64 = 10_000 * 3073;

/// A record file of zeros, with `label` as the label of record 3.
fn cifar(path: &Path, size: u64, label: u8) {
    let mut file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    file.seek(SeekFrom::Start(3 * 3073)).unwrap();
    file.write_all(&[label]).unwrap();
}

#[test]
fn damaged_cifar_files_are_refused_by_name() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("cifar-10-batches-bin");
    fs::create_dir(&folder).unwrap();
    let check = || trainer(["data", "check", "cifar-10", "--data-dir", text(scratch.path())]);
    let message = check().refusal();
    assert!(
        message.contains("data_batch_1.bin") && message.contains("trainer data fetch cifar-10"),
        "{message}"
    );
    for i in 1..=5 {
        cifar(&folder.join(format!("data_batch_{i}.bin")), CIFAR_FILE, 9);
    }
    cifar(&folder.join("test_batch.bin"), CIFAR_FILE, 0);
    assert!(check().text().contains("50000 train + 10000 test"));
    for (size, label, wanted) in [
        (CIFAR_FILE - 1, 0, "30729999 bytes, that of cifar-10 has 30730000"),
        (CIFAR_FILE + 1, 0, "30730001 bytes"),
        (CIFAR_FILE, 10, "record 3 has the label 10"),
    ] {
        cifar(&folder.join("test_batch.bin"), size, label);
        let message = check().refusal();
        assert!(message.contains(wanted) && message.contains("test_batch.bin"), "{message}");
        assert!(message.contains("trainer data fetch cifar-10"), "{message}");
    }
    let hundred = scratch.path().join("cifar-100-binary");
    fs::create_dir(&hundred).unwrap();
    for (name, records) in [("train.bin", 50_000), ("test.bin", 10_000)] {
        File::create(hundred.join(name)).unwrap().set_len(records * 3074).unwrap();
    }
    let told = trainer(["data", "check", "cifar-100", "--data-dir", text(scratch.path())]).text();
    assert!(told.contains("50000 train + 10000 test"), "{told}");
    // What is damaged inside, though as large as it should be, is fetched anew as well.
    let nobody = ["--base-url", "http://127.0.0.1:9/", "--data-dir", text(scratch.path())];
    let message = trainer(["data", "fetch", "cifar-10"].iter().chain(&nobody)).refusal();
    assert!(message.contains("cannot be reached"), "{message}");
}

#[test]
fn images_of_another_shape_are_refused() {
    let Some(folder) = crate::data_dir() else { return };
    let message =
        trainer(["evaluate", text(crate::model()), "--dataset", "cifar-10", "--data-dir", text(&folder)])
            .refusal();
    assert!(
        message.contains("cifar-10") && message.contains("3×32×32") && message.contains("1×28×28"),
        "{message}"
    );
}
