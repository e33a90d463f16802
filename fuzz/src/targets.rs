//! The targets: a reader of foreign bytes each, which answers any bytes with data or a sentence, never by a panic, and what
//! it has read comes back from what is written.

use ibinn::Model;
use ibinn::model::container::Container;
use ibinn::model::{Precision, foreign};
use ibinn_files::zip::Zip;
use ibinn_interop::import;
use ibinn_interop::import::conf::Conf;
use ibinn_runs::config::{Config, Settings};
use ibinn_runs::results::FullEvaluation;
use ibinn_testing::checkpoint::file::{LEGACY_START, LITTLE_ENDIAN, zip};

use crate::files::{arrays, cifar, idx, picture, records, set_by_path, table};

/// What is done with an input.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const ALL: [(&str, Target); 27] = [
    ("model", model),
    ("container", container),
    ("foreign", |bytes| drop(foreign::name(bytes))),
    ("checkpoint", |bytes| read(import::read(bytes))),
    ("pickle", pickle),
    ("zip", archive),
    ("conf", |bytes| read(text(bytes).map(Conf::read).transpose().map(drop))),
    ("settings", settings),
    ("evaluation", evaluation),
    ("idx", |bytes| idx(bytes)),
    ("cifar", |bytes| cifar(bytes)),
    ("records", |bytes| records(bytes)),
    ("npy", |bytes| arrays(bytes, "npy")),
    ("npz", |bytes| arrays(bytes, "npz")),
    ("table", |bytes| table(bytes)),
    ("set-npz", |bytes| set_by_path(bytes, "npz")),
    ("set-parquet", |bytes| set_by_path(bytes, "parquet")),
    ("set-tar", |bytes| set_by_path(bytes, "tar")),
    ("set-tgz", |bytes| set_by_path(bytes, "tar.gz")),
    ("set-zip", |bytes| set_by_path(bytes, "zip")),
    ("bmp", |bytes| picture(bytes, &[b"BM"])),
    ("gif", |bytes| picture(bytes, &[b"GIF87a", b"GIF89a"])),
    ("jpeg", |bytes| picture(bytes, &[b"\xff\xd8\xff"])),
    ("png", |bytes| picture(bytes, &[b"\x89PNG\r\n\x1a\n"])),
    ("pnm", |bytes| picture(bytes, &[b"P1 ", b"P2 ", b"P3 ", b"P4 ", b"P5 ", b"P6 "])),
    ("tiff", |bytes| picture(bytes, &[b"II*\0", b"MM\0*"])),
    ("webp", |bytes| picture(bytes, &[b"RIFF\0\0\0\0WEBP"])),
];

/// An answer is data, or a sentence for a person.
pub fn read<T, E: ToString>(answer: Result<T, E>) {
    if let Err(sentence) = answer {
        let sentence = sentence.to_string();
        assert!(!sentence.is_empty() && !sentence.contains('\0'), "{sentence:?} is no sentence");
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn model(bytes: &[u8]) {
    let answer = Model::from_bytes(bytes);
    if let Ok(model) = &answer {
        let again = Model::from_bytes(&model.to_bytes(Precision::F32)).expect("what we write is read");
        assert!(again.spec() == model.spec() && again.card() == model.card());
    }
    read(answer);
}

fn container(bytes: &[u8]) {
    let answer = Container::parse(bytes);
    if let Ok(container) = &answer {
        let again = Container::parse(&container.to_bytes()).expect("what we write is read");
        assert_eq!(again.to_bytes(), container.to_bytes());
    }
    read(answer);
}

/// The objects of a checkpoint in either container, with checksums that are right.
fn pickle(bytes: &[u8]) {
    let objects = bytes.split(|&b| b == 0xff).next().unwrap_or_default();
    let storage = bytes.get(objects.len()..).unwrap_or_default().to_vec();
    let entries = [("a/data.pkl".to_string(), objects.to_vec()), ("a/data/0".into(), storage)];
    read(import::read(&zip(&entries)));
    read(import::read(&[LEGACY_START, LITTLE_ENDIAN, bytes].concat()));
}

fn archive(bytes: &[u8]) {
    if let Ok(zip) = Zip::open(bytes) {
        for name in zip.names().take(8) {
            read(zip.get(name).map(drop));
        }
    }
}

/// A configuration is the same when it is written and read.
fn settings(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let resolved = Settings::parse(text).map(Config::resolve);
    match resolved {
        Ok(Ok(config)) => {
            let written = config.to_toml().expect("a configuration can be written");
            let again = Settings::parse(&written).expect("what we write is read");
            assert_eq!(Config::resolve(again).expect("what we write is right"), config);
        }
        Ok(Err(error)) => read::<(), _>(Err(error)),
        Err(sentence) => read::<(), _>(Err(sentence)),
    }
}

fn evaluation(bytes: &[u8]) {
    let answer = serde_json::from_slice::<FullEvaluation>(bytes);
    if let Ok(evaluation) = &answer {
        let written = serde_json::to_vec(evaluation).expect("an evaluation can be written");
        let again = serde_json::from_slice::<FullEvaluation>(&written).expect("what we write is read");
        assert_eq!(serde_json::to_vec(&again).ok(), Some(written));
        ibinn_runs::results::caveats(&[again]);
    }
    read(answer);
}
