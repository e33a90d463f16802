//! Targets that read files: each input is written to one, in a folder of this process.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ibinn::{ModelSpec, Preset};
use ibinn_data::by_path::{self, Cache, Collection, Reading};
use ibinn_data::ood::Source;
use ibinn_data::{DataDir, Dataset, Images, fuzzing, picture};

use crate::targets::read;

/// The folder. It lies in memory where the system has one that does; runs of a target that follow each other share it.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("ibinn-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for files");
    folder
});
static SPECS: LazyLock<[ModelSpec; 2]> =
    LazyLock::new(|| [Preset::Tiny, Preset::Cifar10].map(|preset| preset.spec().expect("presets are sound")));

/// Calls `reader` with a file of these bytes.
fn with_file<T>(name: &str, bytes: &[u8], reader: impl FnOnce(&Path) -> T) -> T {
    let path = FOLDER.join(name);
    std::fs::write(&path, bytes).expect("room for a file");
    reader(&path)
}

/// Images and labels, plain and gzipped.
pub fn idx(bytes: &[u8]) {
    let names = ["images.idx3", "labels.idx1", "images.gz", "labels.gz"];
    read(with_file(names[bytes.len() % names.len()], bytes, fuzzing::idx));
}

/// Records of both layouts.
pub fn cifar(bytes: &[u8]) {
    // So that a small input is a whole number of records.
    let longer = [bytes, &vec![7; 3 * 32 * 32]].concat();
    for bytes in [bytes, &longer, &longer[..3 * 32 * 32 + 1], &longer[bytes.len().min(2)..]] {
        for set in ["cifar-10", "cifar-100"] {
            read(with_file("records.bin", bytes, |path| fuzzing::cifar(path, set)));
        }
    }
}

/// Records as an out-of-distribution set.
pub fn records(bytes: &[u8]) {
    let longer = [bytes, &vec![7; 2 * (3 * 32 * 32 + 1)]].concat();
    for bytes in [bytes, &longer[..2 * (3 * 32 * 32 + 1)]] {
        with_file("records.bin", bytes, set);
    }
}

/// NumPy's arrays as an out-of-distribution set.
pub fn arrays(bytes: &[u8], ending: &str) {
    with_file(&format!("array.{ending}"), bytes, set);
}

fn set(path: &Path) {
    let data_dir = DataDir::resolve(Some(FOLDER.clone())).expect("a folder is given");
    let name = path.to_str().expect("a path of ours is text");
    let source = Source::new(name, &data_dir).expect("the file is there");
    for spec in &*SPECS {
        let answer = source.load(spec, (&nothing(), &[]), &data_dir, 3, 0);
        if let Ok(set) = &answer {
            let all: Vec<usize> = (0..set.len()).collect();
            assert_eq!(set.pixels(&all).len(), all.len() * spec.dims());
        }
        read(answer);
    }
}

fn nothing() -> Dataset {
    Dataset {
        name: String::new(),
        shape: [1, 1, 1],
        images: Images::new(Vec::new(), 1),
        labels: Vec::new(),
        class_names: Vec::new(),
        mean: Vec::new(),
        std: Vec::new(),
    }
}

/// A table of pictures and labels, of each kind.
pub fn table(bytes: &[u8]) {
    let names = ["table.csv", "table.tsv", "table.jsonl"];
    let answer = fuzzing::table(names[bytes.len() % names.len()], bytes);
    read(answer);
}

/// A whole data set in one file.
pub fn set_by_path(bytes: &[u8], ending: &str) {
    let reading = Reading { size: Some(8), max_bad: 1.0, ..Reading::default() };
    let cache = Cache { folder: FOLDER.clone(), above: usize::MAX };
    let answer =
        with_file(&format!("set.{ending}"), bytes, |path| by_path::read(path, &reading, None, &cache, true));
    if let Ok(Collection { train, test, .. }) = &answer {
        for data in [train, test] {
            assert_eq!(data.images.len(), data.len());
            assert!(data.labels.iter().all(|&label| usize::from(label) < data.class_names.len()));
        }
    }
    read(answer);
}

/// A picture of a format whose files begin in one of these ways: as it is, and with such a beginning, so that no input is
/// spent on other formats.
pub fn picture(bytes: &[u8], starts: &[&[u8]]) {
    let choice = bytes.len() % starts.len();
    let start = starts[choice];
    let is_one = starts.iter().any(|start| bytes.starts_with(&start[..start.len().min(4)]));
    let begun = [start, bytes.get(start.len()..).unwrap_or_default()].concat();
    let bytes = if is_one { bytes } else { &begun };
    let shape = [[1, 8, 8], [3, 5, 7]][bytes.len() % 2];
    let answer = with_file("picture", bytes, |path| picture::read(path, shape));
    if let Ok(image) = &answer {
        assert_eq!(image.len(), shape.iter().product::<usize>());
    }
    read(answer);
}
