//! Writes the corpus that fuzzing begins with, small files of every kind that is read, into `fuzz/corpus`.

mod pictures;

use std::path::Path;

use ibinn::math::random::{Purpose, Stream};
use ibinn::model::container::{Array, Container};
use ibinn::{Family, Precision};
use ibinn_data::by_path::written;
use ibinn_runs::config::{Config, Settings};
use ibinn_testing::checkpoint::file::{LEGACY_START, LITTLE_ENDIAN, zip};
use ibinn_testing::checkpoint::{Checkpoint, Kind, Tensor};
use ibinn_testing::nets;
// What is compiled for coverage calls it.
use libfuzzer_sys as _;

/// Name and bytes of a file.
pub type File = (&'static str, Vec<u8>);

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut all = vec![
        ("model", models()),
        ("container", containers()),
        (
            "foreign",
            vec![("page", b"<html>".to_vec()), ("empty", vec![]), ("hdf5", b"\x89HDF\r\n\x1a\n".to_vec())],
        ),
        ("checkpoint", checkpoints()),
        ("pickle", pickles()),
        ("zip", vec![("stored", zip(&[("a".into(), b"words".to_vec()), ("b".into(), vec![])]))]),
        ("conf", vec![("conf.ini", CONF.to_vec())]),
        ("settings", settings()),
        ("evaluation", vec![("evaluation.json", evaluation())]),
        ("idx", vec![("images", idx(&[2, 28, 28])), ("labels", idx(&[3])), ("gzipped", gzipped(&idx(&[3])))]),
        ("cifar", vec![("label", vec![7]), ("labels", vec![19, 99])]),
        ("records", vec![("label", vec![7])]),
        ("npy", vec![("drawings", npy("(2, 28, 28)", 2 * 784)), ("colour", npy("(1, 4, 4, 3)", 48))]),
        ("npz", archives()),
        (
            "table",
            vec![
                ("csv", b"file,label,split\na.png,cat,train\n\"b, c.png\",dog,test\n".to_vec()),
                ("lines", JSON_LINES.to_vec()),
            ],
        ),
        ("set-npz", archives()),
        ("set-parquet", vec![("rows", rows())]),
        ("set-zip", vec![("folders", zip(&folders()))]),
        ("set-tar", vec![("folders", tar(&folders()))]),
        ("set-tgz", vec![("folders", gzipped(&tar(&folders())))]),
    ];
    all.extend(pictures::all());
    for (target, files) in all {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder)?;
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}

/// A small net of two families, in both precisions.
fn models() -> Vec<File> {
    let of = |family, precision| {
        let spec = nets::small().with_family(family).expect("every family has such a net");
        nets::model_of(&spec, nets::weights(&spec)).to_bytes(precision)
    };
    vec![("ib-inn", of(Family::IbInn, Precision::F16)), ("vib", of(Family::Vib, Precision::F32))]
}

fn containers() -> Vec<File> {
    let mut container = Container::default();
    container.metadata.insert("format".into(), "ibinn".into());
    container.arrays.insert("a".into(), Array::f32(&[2, 2], &[1.0, -2.0, 0.5, 0.0]));
    container.arrays.insert("b".into(), Array::f16(&[3], &[1.0, -2.0, 0.5]));
    container.arrays.insert("c".into(), Array::u8(&[0], &[]));
    vec![("three", container.to_bytes()), ("none", Container::default().to_bytes())]
}

fn few_tensors() -> Checkpoint {
    let tensor =
        |shape: &[usize]| Tensor::new(shape, (0..shape.iter().product()).map(|i| i as f32).collect());
    let inn = vec![("module_list.2.act_norm".into(), tensor(&[1, 4, 1, 1]))];
    Checkpoint { inn, mu: Some(tensor(&[1, 2, 4])), optimiser: true }
}

fn checkpoints() -> Vec<File> {
    let spec = nets::small();
    let whole = Checkpoint::of(&spec, &nets::weights(&spec), false);
    vec![
        ("legacy", few_tensors().bytes(Kind::Legacy)),
        ("zip", few_tensors().bytes(Kind::Zip)),
        ("whole", whole.bytes(Kind::Legacy)),
    ]
}

fn pickles() -> Vec<File> {
    let file = few_tensors().bytes(Kind::Legacy);
    let after = LEGACY_START.len();
    // The third pickle is another one in the target.
    let third = file[after..].windows(2).position(|pair| pair == b"u.").map_or(0, |at| at + 2);
    let plain =
        b"\x80\x02}(X\x01\0\0\0a](K\x01J\x70\x11\x01\0\x8a\x01\xfeeq\x00X\x01\0\0\0b\x88\x85u.".to_vec();
    vec![("tensors", file[after + third..].to_vec()), ("plain", plain), ("system", LITTLE_ENDIAN.to_vec())]
}

const JSON_LINES: &[u8] =
    b"{\"file_name\":\"a.png\",\"label\":7,\"split\":\"val\"}\n{\"file\":\"b.png\",\"class\":\"cat\"}\n";

/// A data set of two classes in folders, by name and bytes.
fn folders() -> Vec<(String, Vec<u8>)> {
    let of = |split: &str, class: &str, level: u8| {
        let picture = [b"P5 2 2 255\n".as_slice(), &[level, 0, 255, level]].concat();
        (format!("{split}/{class}/{level}.pgm"), picture)
    };
    vec![of("train", "a", 1), of("train", "b", 2), of("test", "a", 3), of("test", "b", 4)]
}

/// The same pictures as rows of a Parquet file.
fn rows() -> Vec<u8> {
    let rows = folders().into_iter().enumerate().map(|(i, (_, picture))| (Some(picture), Some(i as i64 % 2)));
    written::parquet("image", &rows.collect::<Vec<_>>(), Some(&["a".into(), "b".into()]))
}

/// An archive as tar has it.
fn tar(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &bytes[..]).expect("room in memory");
    }
    archive.into_inner().expect("room in memory")
}

const CONF: &[u8] =
    b"[training]\nbeta_IB = 1.0\nn_epochs = 60\n[data]\ndataset = MNIST\n[ablations]\nclass_NLL = False\n";

fn settings() -> Vec<File> {
    let plain = Config::resolve(Settings::default()).expect("defaults are right");
    let all = plain.to_toml().expect("a configuration can be written").into_bytes();
    vec![("all", all), ("few", b"preset = \"tiny\"\ngamma = \"inf\"\nepochs = 3\n".to_vec())]
}

fn evaluation() -> Vec<u8> {
    serde_json::to_vec(&ibinn_runs::examples::evaluation("builtin", 1.0, 2.0)).expect("it can be written")
}

fn some_bytes(count: usize) -> Vec<u8> {
    let mut stream = Stream::new(0, Purpose::Test, 0);
    (0..count).map(|_| (256.0 * stream.uniform()) as u8).collect()
}

/// An idx file; labels are below ten.
fn idx(dims: &[u32]) -> Vec<u8> {
    let count = dims.iter().product::<u32>() as usize;
    let numbers = std::iter::once(0x0800 + dims.len() as u32).chain(dims.iter().copied());
    let data = some_bytes(count).into_iter().map(|byte| if dims.len() == 1 { byte % 10 } else { byte });
    numbers.flat_map(u32::to_be_bytes).chain(data).collect()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, bytes).expect("room in memory");
    encoder.finish().expect("room in memory")
}

fn npy(shape: &str, count: usize) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), &some_bytes(count)].concat()
}

fn archives() -> Vec<File> {
    let entry = |name: &str, shape, count| (format!("{name}.npy"), npy(shape, count));
    vec![
        ("medical", zip(&[entry("train_images", "(1, 4, 4)", 16), entry("test_images", "(2, 4, 4, 3)", 96)])),
        ("only", zip(&[entry("mine", "(1, 28, 28)", 784)])),
    ]
}
