//! The same images, however they are laid out.

use super::*;
use crate::picture::{Fit, Ground};
use crate::{DataDir, Dataset, Split};

/// Images of a class after the other, with their split.
type Images = Vec<(Split, u16, Vec<u8>)>;

/// The first `each` training and half as many test images of each class of a data set, class by class.
fn some(load: impl Fn(Split) -> Dataset, each: usize) -> (Images, Vec<String>, [usize; 3]) {
    let (train, test) = (load(Split::Train), load(Split::Test));
    let mut images = Vec::new();
    for (split, data, each) in [(Split::Test, &test, each / 2), (Split::Train, &train, each)] {
        for label in 0..data.class_names.len() as u16 {
            let of = (0..data.len()).filter(|&i| data.labels[i] == label).take(each);
            images.extend(of.map(|i| (split, label, data.image(i).to_vec())));
        }
    }
    (images, train.class_names, train.shape)
}

/// Asserts that the images come back from every layout, and returns what was read of the first.
fn assert_equal_from_everywhere((images, classes, shape): (Images, Vec<String>, [usize; 3])) -> Collection {
    let name = |i: usize, (split, label, _): &(Split, u16, Vec<u8>)| {
        format!("{}/{}/{i:05}.png", split.name(), classes[usize::from(*label)])
    };
    let files: Vec<(String, Vec<u8>)> =
        images.iter().enumerate().map(|(i, image)| (name(i, image), png(&image.2, shape))).collect();
    let scratch = folder(&files);
    let first = reading(scratch.path()).unwrap();
    let of = |wanted: Split| images.iter().filter(move |(split, ..)| *split == wanted);
    for (data, split) in [(&first.train, Split::Train), (&first.test, Split::Test)] {
        assert_eq!((data.shape, &data.class_names), (shape, &classes));
        assert_eq!(
            data.images.to_bytes(),
            of(split).flat_map(|(.., image)| image).copied().collect::<Vec<_>>()
        );
        assert_eq!(data.labels, of(split).map(|(_, label, _)| *label).collect::<Vec<_>>());
    }
    assert_eq!(first.val, None);
    let same = |path: &Path, what: &str| {
        let found = reading(path).unwrap();
        for (found, first) in [(&found.train, &first.train), (&found.test, &first.test)] {
            assert_eq!((&found.images, &found.labels), (&first.images, &first.labels), "{what}");
            assert_eq!((&found.mean, &found.std), (&first.mean, &first.std), "{what}");
        }
        assert_eq!(found.description.sizes, first.description.sizes);
    };
    let other = Scratch::new();
    for (ending, bytes) in archives(&files) {
        let path = other.path().join(format!("images.{ending}"));
        std::fs::write(&path, bytes).unwrap();
        same(&path, ending);
    }
    let row = |(i, image): (usize, &(Split, u16, Vec<u8>))| {
        format!("\"{}\",{},{}\n", name(i, image), classes[usize::from(image.1)], image.0.name())
    };
    let rows: String = images.iter().enumerate().map(row).collect();
    let table = scratch.path().join("labels.csv");
    std::fs::write(&table, format!("file,label,split\n{rows}")).unwrap();
    same(&table, "a table");
    same(scratch.path(), "a folder with a table");
    let arrays = ["train", "test"].map(|split| {
        let of: Vec<_> = images.iter().filter(|(own, ..)| own.name() == split).collect();
        let [channels, rows, columns] = shape;
        let plane = rows * columns;
        let data = of.iter().flat_map(|(.., image)| {
            (0..plane).flat_map(move |p| (0..channels).map(move |c| image[c * plane + p]))
        });
        let colour = if channels == 3 { ", 3" } else { "" };
        let shape = format!("({}, {rows}, {columns}{colour})", of.len());
        let labels = of.iter().flat_map(|(_, label, _)| i64::from(*label).to_le_bytes());
        [
            (split, npy("|u1", &shape, &data.collect::<Vec<_>>())),
            (split, npy("<i8", &format!("({}, 1)", of.len()), &labels.collect::<Vec<_>>())),
        ]
    });
    for names in [
        ["train_images", "train_labels", "test_images", "test_labels"],
        ["x_train", "y_train", "x_test", "y_test"],
    ] {
        let names = names.map(|name| format!("{name}.npy"));
        let entries: Vec<_> = names
            .iter()
            .zip(arrays.iter().flatten())
            .map(|(name, (_, bytes))| (&**name, bytes.clone()))
            .collect();
        let path = other.path().join("images.npz");
        std::fs::write(&path, zip(&entries, true)).unwrap();
        same(&path, "arrays");
    }
    let count = |split: &str| images.iter().filter(|(own, ..)| own.name() == split).count();
    let rows = |split: &str, part: usize| {
        let of = images.iter().filter(|(own, ..)| own.name() == split).enumerate();
        let of = of.filter(|(i, _)| i * 2 / count(split) == part).map(|(_, image)| image);
        let rows: Vec<_> =
            of.map(|(_, label, image)| (Some(png(image, shape)), Some(i64::from(*label)))).collect();
        parquet("image", &rows, Some(&classes))
    };
    let repository = [
        ("README.md".to_string(), b"words".to_vec()),
        ("data/test-00000-of-00002.parquet".into(), rows("test", 0)),
        ("data/test-00001-of-00002.parquet".into(), rows("test", 1)),
        ("data/train-00000-of-00002.parquet".into(), rows("train", 0)),
        ("data/train-00001-of-00002.parquet".into(), rows("train", 1)),
    ];
    same(folder(&repository).path(), "Parquet files");
    first
}

#[test]
fn images_are_the_same_from_folders_archives_tables_arrays_and_parquet_files() {
    let none = DataDir::resolve(Some("/nonexistent".into())).unwrap();
    let found = assert_equal_from_everywhere(some(|split| crate::load("builtin", split, &none).unwrap(), 12));
    assert_eq!(found.train.shape, [1, 28, 28]);
    assert_eq!(found.description.notices, Vec::<String>::new());
}

#[test]
fn so_are_real_photographs_in_colour() {
    let Some(data) = ibinn_testing::data_dir() else { return };
    let data = DataDir::resolve(Some(data)).unwrap();
    let found =
        assert_equal_from_everywhere(some(|split| crate::load("cifar-10", split, &data).unwrap(), 40));
    assert_eq!(found.train.shape, [3, 32, 32]);
    // At the right size it makes no difference how pictures are fitted.
    let text = found.description.to_string();
    assert!(text.contains("images: 32×32, colour, of pictures of 32×32, as they are"), "{text}");
}

#[test]
fn at_their_own_size_pictures_are_the_same_however_they_are_fitted() {
    let scratch = folder(&classes(&["a", "b"], 40));
    let first = reading(scratch.path()).unwrap();
    for fit in [Fit::Pad, Fit::Stretch] {
        let look = Look { fit, ground: Ground([0; 3]), ..Look::default() };
        let found =
            read(scratch.path(), &Reading { look, ..Reading::default() }, None, &in_memory(), true).unwrap();
        assert_eq!(found.train, first.train);
    }
}

#[test]
fn splits_follow_from_the_pixels_alone() {
    let mut files = classes(&["a", "b"], 100);
    let before = reading(folder(&files).path()).unwrap();
    let [train, val, test] = [&before.train, before.val.as_ref().unwrap(), &before.test].map(Dataset::len);
    assert_eq!(train + val + test, 200);
    assert!((135..=185).contains(&train) && (8..=35).contains(&val) && (8..=35).contains(&test));
    // Others come, and one comes again in the other class.
    let again = (0..).map(numbered).find(|bytes| {
        let picture = crate::picture::Picture::decode(bytes).unwrap();
        before.test.images.iter().any(|image| image == picture.image([1, 8, 8], &Look::default()))
    });
    files.extend((0..50).map(|i| (format!("b/new{i}.png"), numbered(1000 + i))));
    files.push(("b/again.png".into(), again.unwrap()));
    let after = reading(folder(&files).path()).unwrap();
    let images = |data: &Dataset| data.images.iter().map(<[u8]>::to_vec).collect::<Vec<_>>();
    for (before, after) in [(&before.train, &after.train), (&before.test, &after.test)] {
        let after = images(after);
        assert!(images(before).iter().all(|image| after.contains(image)));
    }
    assert!(images(&after.train).iter().all(|image| !images(&after.test).contains(image)));
    let text = after.description.to_string();
    for wanted in [
        "note: 1 pictures are equal to another one",
        "note: 2 pictures stand in more than one class",
        "by the pixels",
    ] {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
}

#[test]
fn shapes_are_those_of_the_pictures_or_as_asked() {
    let colour = |value: u8| png(&[[value; 40 * 30], [0; 40 * 30], [9; 40 * 30]].concat(), [3, 30, 40]);
    let files: Vec<_> =
        (0..60).map(|i| (format!("{}/{i}.jpg", ["a", "b"][i % 2]), colour(20 + i as u8))).collect();
    let scratch = folder(&files);
    let shape =
        |reading: Reading| read(scratch.path(), &reading, None, &in_memory(), true).unwrap().train.shape;
    let plain = Reading::default();
    assert_eq!(shape(plain), [3, 32, 32]);
    let large: Vec<_> = (0..40)
        .map(|i| (format!("{}/{i}.png", ["a", "b"][i % 2]), png(&vec![i as u8; 90 * 90], [1, 90, 90])))
        .collect();
    let large = folder(&large);
    assert_eq!(read(large.path(), &plain, None, &in_memory(), true).unwrap().train.shape, [1, 64, 64]);
    let coloured = Reading { colour: Some(Colour::Rgb), ..plain };
    assert_eq!(read(large.path(), &coloured, None, &in_memory(), true).unwrap().train.shape, [3, 36, 36]);
    assert_eq!(shape(Reading { size: Some(64), ..plain }), [3, 64, 64]);
    assert_eq!(shape(Reading { colour: Some(Colour::Grey), ..plain }), [1, 32, 32]);
    assert_eq!(
        read(scratch.path(), &plain, Some([1, 28, 28]), &in_memory(), true).unwrap().test.shape,
        [1, 28, 28]
    );
    for size in [0, 4, 30, 132] {
        let message = read(scratch.path(), &Reading { size: Some(size), ..plain }, None, &in_memory(), true)
            .unwrap_err();
        assert_eq!(message.to_string(), format!("size is {size}, must be a multiple of 4 from 8 to 128"));
    }
    let data = reading(scratch.path()).unwrap().train;
    let red: Vec<f64> = data.images.iter().map(|plane| f64::from(plane[0]) / 255.0).collect();
    let mean = red.iter().sum::<f64>() / red.len() as f64;
    let deviation = (red.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / red.len() as f64).sqrt();
    assert!(
        (f64::from(data.mean[0]) - mean).abs() < 1e-6 && (f64::from(data.std[0]) - deviation).abs() < 1e-6
    );
    // A channel that is constant keeps a deviation to divide by.
    assert_eq!((data.mean[1], data.std[1]), (0.0, 1.0 / 255.0));
}

#[test]
fn decoded_pictures_in_a_file_are_those_in_memory() {
    let mut files = classes(&["a", "b"], 40);
    files.push(("a/broken.png".into(), numbered(3)[..40].to_vec()));
    let scratch = folder(&files);
    let kept = Scratch::new();
    let cache = Cache { folder: kept.path().into(), above: 0 };
    let reading = Reading { max_bad: 0.1, ..Reading::default() };
    let find = |cache: &Cache| read(scratch.path(), &reading, None, cache, true).unwrap();
    let folders = || std::fs::read_dir(kept.path()).unwrap().count();
    let memory = find(&in_memory());
    for _ in 0..2 {
        assert_eq!(find(&cache), memory);
        assert_eq!(folders(), 1);
    }
    // A picture that has become another one is read anew.
    std::fs::write(scratch.path().join("a/0.png"), numbered(5000)).unwrap();
    let changed = find(&cache);
    assert_eq!(folders(), 2);
    assert_ne!(changed, memory);
    assert_eq!(changed, find(&in_memory()));
    // A table may name files that are not there.
    let rows: String = (0..40).map(|i| format!("a/{i}.png,a\nb/{i}.png,b\n")).collect();
    let table = scratch.path().join("labels.csv");
    std::fs::write(&table, format!("file,label\n{rows}none.png,a\n")).unwrap();
    let found = read(&table, &reading, None, &cache, true).unwrap();
    assert_eq!(found, read(&table, &reading, None, &in_memory(), true).unwrap());
    assert_eq!(folders(), 3);
    std::fs::remove_file(&table).unwrap();
    let other = Reading { colour: Some(Colour::Rgb), ..reading };
    assert_eq!(read(scratch.path(), &other, None, &cache, true).unwrap().train.shape, [3, 8, 8]);
    assert_eq!(folders(), 4);
}
