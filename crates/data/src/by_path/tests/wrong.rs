//! Data sets that are wrong in some way are refused in a sentence, or what is wrong is counted.

use super::*;

/// The description of what is read all the same.
fn text(files: &[(String, Vec<u8>)]) -> String {
    reading(folder(files).path()).unwrap().description.to_string()
}

fn refusal(files: &[(String, Vec<u8>)]) -> String {
    let message = reading(folder(files).path()).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

fn with(mut files: Vec<(String, Vec<u8>)>, more: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    files.extend(more.iter().map(|(name, bytes)| (name.to_string(), bytes.to_vec())));
    files
}

#[test]
fn what_is_left_out_is_counted() {
    let sound = classes(&["a", "b"], 150);
    let found = text(&with(
        sound,
        &[
            ("c/", b""),
            ("a/empty.png", b""),
            ("a/about.txt", b"some words"),
            ("b/page.jpg", b"<html>404</html>"),
            ("b/.hidden.png", b"x"),
            ("Thumbs.db", b"x"),
            ("top.png", &numbered(7777)),
            ("b/new\nline, 🐕.jpeg", b"words"),
        ],
    ));
    for wanted in [
        "  2 in all ",
        "left out: 1 (it is an empty file; pictures are read as PNG, JPEG",
        "left out: 1 (it is no picture): a/about.txt",
        "left out: 1 (it is a web page",
        "left out: 1 (the folder is empty): c",
        "left out: 1 (it lies outside the folders for classes): top.png",
        "b/new\\nline, 🐕.jpeg",
    ] {
        assert!(found.contains(wanted), "{wanted}: {found}");
    }
}

#[test]
fn unreadable_pictures_stop_the_reading_beyond_the_share_that_is_allowed() {
    let files = with(classes(&["a", "b"], 50), &[("a/x.png", b""), ("b/y.png", &numbered(3)[..40])]);
    let message = refusal(&files);
    for wanted in [
        "2 of its 102 pictures cannot be read, more than the 1 % that --max-bad allows",
        "a/x.png: it is an empty",
    ] {
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    let allowed = Reading { max_bad: 0.02, ..Reading::default() };
    let found = read(folder(&files).path(), &allowed, None, &in_memory(), true).unwrap();
    assert_eq!(found.description.left_out.count(), 2);
}

#[test]
fn too_few_classes_are_refused_and_small_ones_named() {
    let one = refusal(&classes(&["a"], 40));
    assert!(one.contains("it has 1 classes with training images (a), must have 2 to 1000"), "{one}");
    // A class with one image keeps it where it is a training image, and goes without where it is not.
    let (mut kept, mut left) = (0, 0);
    for number in 0..20 {
        let found = text(&with(classes(&["a", "b"], 40), &[("rare/1.png", &numbered(5000 + number))]));
        kept += usize::from(found.contains("fewer than 10 training images: rare"));
        left += usize::from(found.contains("left out: 1 (its class has no training image): rare/1.png"));
    }
    assert_eq!(kept + left, 20);
    assert!(kept > left && left > 0, "{kept} {left}");
    for (files, wanted) in [
        (vec![], "it is empty; a data set is a folder"),
        (with(vec![], &[("a.png", &numbered(1))]), "none of its files lies in a folder for a class"),
        (with(vec![], &[("a/a.txt", b"x"), ("b/b.txt", b"x")]), "it holds no picture that can be read"),
    ] {
        let message = refusal(&files);
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn splits_that_lack_one_are_made_up_for() {
    let of = |splits: &[&str]| {
        let files: Vec<_> = splits
            .iter()
            .enumerate()
            .flat_map(|(i, split)| {
                (0..60)
                    .map(move |j| (format!("{split}/{}/{j}.png", ["a", "b"][j % 2]), numbered(100 * i + j)))
            })
            .collect();
        reading(folder(&files).path()).unwrap()
    };
    let all = of(&["train", "valid", "test"]);
    assert_eq!((all.train.len(), all.val.unwrap().len(), all.test.len()), (60, 60, 60));
    let without_test = of(&["train", "val"]);
    assert_eq!((without_test.train.len(), without_test.val, without_test.test.len()), (60, None, 60));
    assert!(without_test.description.to_string().contains("the validation images are the test images"));
    let only = of(&["train"]);
    assert!(only.val.is_some() && only.train.len() < 60);
    // The same picture in both: the test is too easy, which is told.
    let mut files = with(vec![], &[("test/a/x.png", &numbered(1)), ("test/b/y.png", &numbered(901))]);
    files.extend(classes(&["train/a", "train/b"], 30));
    assert!(text(&files).contains("1 test or validation pictures are equal to a training picture"));
}

#[test]
fn tables_that_are_wrong_are_refused_or_counted() {
    let pictures: Vec<_> = (0..200).map(|i| (format!("{i}.png"), numbered(i))).collect();
    let rows: String = (0..198).map(|i| format!("{i}.png,{}\n", ["cat", "dog"][i % 2])).collect();
    let of = |header: &str, more: &str| {
        with(pictures.clone(), &[("labels.csv", format!("{header}\n{rows}{more}").as_bytes())])
    };
    let found = text(&of("file,label", "0.png,cat\n"));
    assert!(found.contains("left out: 1 (the table names it again): 0.png"), "{found}");
    assert!(found.contains("left out: 2 (the table does not name it): 198.png, 199.png"), "{found}");
    let found = text(&of("file,label", "none.png,cat\n"));
    assert!(found.contains("left out: 1 (there is no such file): none.png"), "{found}");
    let found = text(&of("file,label", "198.png,\n"));
    assert!(found.contains("left out: 1 (the table has no label for it): 198.png"), "{found}");
    for (header, more, wanted) in [
        (
            "file,label",
            "0.png,dog\n1.png,cat\n2.png,dog\n",
            "the table names it again, with another label or split",
        ),
        ("file,label", "198.png\n199.png\nx.png,cat\n", "3 of its 201 pictures cannot be read"),
        ("file,breed", "", "of labels.csv: it has no column of labels"),
    ] {
        let message = refusal(&of(header, more));
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn archives_that_are_wrong_are_refused_or_counted() {
    let scratch = Scratch::new();
    let read = |name: &str, bytes: &[u8]| {
        let path = scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        reading(&path).map(|found| found.description.to_string()).map_err(|error| error.to_string())
    };
    let sound = classes(&["photos/a", "photos/b"], 50);
    let outside = with(sound.clone(), &[("../out.png", &numbered(1)), ("/etc/b/x.png", &numbered(2))]);
    for (ending, bytes) in archives(&outside) {
        let found = read(&format!("x.{ending}"), &bytes).unwrap();
        assert!(found.contains("left out: 2 (its name leads out of the archive): "), "{found}");
    }
    assert!(!scratch.path().parent().unwrap().join("out.png").exists());
    // Pixels without end in a few bytes: more than is allowed of one file, or than its header says.
    let bomb = with(sound.clone(), &[("photos/a/bomb.png", &vec![0; (1 << 28) + 1])]);
    let bomb: Vec<(&str, Vec<u8>)> =
        bomb.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let found = read("bomb.zip", &zip(&bomb, true)).unwrap();
    assert!(found.contains("left out: 1 (it has 268435457 bytes, at most 268435456 are read)"), "{found}");
    for (ending, bytes) in archives(&sound) {
        let message = read(&format!("cut.{ending}"), &bytes[..bytes.len() / 2]).unwrap_err();
        assert!(message.contains("archive is damaged or cut short"), "{ending}: {message}");
        let twice = with(sound.clone(), &[(sound[3].0.as_str(), &numbered(9))]);
        let bytes = archives(&twice).into_iter().find(|(other, _)| *other == ending).unwrap().1;
        let message = read(&format!("twice.{ending}"), &bytes).unwrap_err();
        assert!(message.contains("holds `photos/a/3.png` twice"), "{ending}: {message}");
    }
    let message = read("some.bin", b"no archive").unwrap_err();
    assert!(message.contains("it is of no known kind; a data set is a folder"), "{message}");
}

#[test]
fn arrays_that_are_wrong_are_refused() {
    let scratch = Scratch::new();
    let path = scratch.path().join("some.npz");
    let images = npy("|u1", "(4, 8, 8)", &[7; 256]);
    let labels = npy("|u1", "(4, 1)", &[0, 1, 0, 1]);
    for (arrays, wanted) in [
        (vec![("x.npy", images.clone())], "it has `x` but no `y`"),
        (vec![("a.npy", images.clone())], "its arrays are a; images and labels are taken from train_images"),
        (
            vec![("x.npy", images.clone()), ("y.npy", npy("|u1", "(3,)", &[0, 1, 0]))],
            "`x` holds 4 images, but `y` 3 labels",
        ),
        (
            vec![("x.npy", images.clone()), ("y.npy", npy("|u1", "(4, 14)", &[0; 56]))],
            "in `y`, its shape is [4, 14], must be (N) or (N, 1): one label an image",
        ),
        (
            vec![("x.npy", images.clone()), ("y.npy", npy("<f4", "(4,)", &[0; 16]))],
            "of the type '<f4', must be whole",
        ),
        (
            vec![("x.npy", npy("<f4", "(1, 8, 8)", &[0; 256])), ("y.npy", labels.clone())],
            "must be unsigned bytes",
        ),
        (
            vec![("x.npy", npy("|u1", "(9, 8, 8)", &[0; 256])), ("y.npy", labels)],
            "it holds 256 bytes, but its header",
        ),
    ] {
        std::fs::write(&path, zip(&arrays, true)).unwrap();
        let message = reading(&path).unwrap_err().to_string();
        assert!(message.contains("some.npz") && message.contains(wanted), "{wanted}: {message}");
    }
}

/// Rows of pictures of two classes, ten of each in turn.
fn rows() -> Vec<Row> {
    (0..20).map(|i| (Some(numbered(i)), Some(i as i64 % 2))).collect()
}

#[test]
fn rows_of_parquet_files_keep_the_order_of_their_classes() {
    let classes = ["zebra".to_string(), "ant".into()];
    let files = [
        ("train-0.parquet".to_string(), parquet("img", &rows(), Some(&classes))),
        ("test-0.parquet".into(), parquet("img", &rows()[..4], Some(&classes))),
        ("extra.parquet".into(), parquet("img", &rows(), Some(&classes))),
    ];
    let scratch = folder(&files);
    let found = reading(scratch.path()).unwrap();
    assert_eq!(found.train.class_names, classes);
    assert_eq!((found.train.len(), found.test.len()), (20, 4));
    assert_eq!(found.test.labels, [0, 1, 0, 1]);
    let text = found.description.to_string();
    assert!(text.contains("its name says no split, as those of others do): extra.parquet"), "{text}");
    // One file alone is split by its pixels where its name says no split.
    let alone = reading(&scratch.path().join("extra.parquet")).unwrap();
    assert_eq!(alone.train.len() + alone.val.map_or(0, |val| val.len()) + alone.test.len(), 20);
}

#[test]
fn rows_without_a_picture_or_a_label_are_counted() {
    let classes = ["a".to_string(), "b".into()];
    let mut all = rows();
    all.extend([(None, Some(0)), (Some(b"words".to_vec()), Some(1)), (Some(numbered(40)), None)]);
    all.extend([(Some(numbered(41)), Some(-1)), (Some(numbered(42)), Some(7))]);
    let files = [("train.parquet".to_string(), parquet("image", &all, Some(&classes)))];
    let message = refusal(&files);
    for wanted in [
        "5 of its 25 pictures cannot be read, more than the 1 %",
        "train.parquet[22]: it has no label",
        "train.parquet[23]: it has no label",
        "train.parquet[24]: its label is 7, of 2 classes",
        "train.parquet[20]: it has no bytes",
        "train.parquet[21]: it is",
    ] {
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
}

#[test]
fn parquet_files_of_something_else_are_refused() {
    let sound = parquet("image", &rows(), None);
    let mut damaged = sound.clone();
    damaged[40..200].fill(0xff);
    let other = parquet("image", &rows(), Some(&["a".to_string(), "b".into()]));
    let refused = [
        (
            "its Parquet data is damaged, or of a kind that is not read",
            vec![("a.parquet", b"words".to_vec())],
        ),
        (
            "its Parquet data is damaged, or of a kind that is not read",
            vec![("a.parquet", sound[..99].to_vec())],
        ),
        ("its Parquet data is damaged, or of a kind that is not read", vec![("a.parquet", damaged)]),
        (
            "its classes are not those of the files before it",
            vec![("train-0.parquet", sound), ("train-1.parquet", other)],
        ),
    ];
    for (wanted, files) in refused {
        let files: Vec<_> = files.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect();
        let message = refusal(&files);
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    let schemas = [
        ("message m { required binary words (UTF8); required int64 label; }", "pictures are taken from"),
        (
            "message m { required binary image; required double label; }",
            "labels are taken from label, labels",
        ),
    ];
    for (schema, wanted) in schemas {
        let message = refusal(&[("a.parquet".to_string(), empty_parquet(schema))]);
        assert!(message.contains(wanted) && message.contains("it has the columns"), "{wanted}: {message}");
    }
}

#[test]
fn no_more_rows_are_believed_than_a_file_can_hold() {
    use ::parquet::data_type::{ByteArrayType, Int64Type};
    const ROWS: usize = 1_000_000;
    let schema = "message m { optional binary image; optional int64 label; }";
    let schema = ::parquet::schema::parser::parse_message_type(schema).unwrap();
    let mut writer =
        ::parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema.into(), Default::default())
            .unwrap();
    let mut group = writer.next_row_group().unwrap();
    let levels = vec![0; ROWS];
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&[], Some(&levels), None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[], Some(&levels), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let files = [("a.parquet".to_string(), writer.into_inner().unwrap())];
    assert!(refusal(&files).contains("it claims more rows than its"));
    let scratch = folder(&files);
    let fed = Feed::all(&[scratch.path().join("a.parquet")]).unwrap_err().to_string();
    assert!(fed.contains("it claims more rows than its"), "{fed}");
}

/// A Parquet file of this schema without rows.
fn empty_parquet(schema: &str) -> Vec<u8> {
    let schema = ::parquet::schema::parser::parse_message_type(schema).unwrap();
    let properties = std::sync::Arc::default();
    let writer = ::parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema.into(), properties);
    writer.unwrap().into_inner().unwrap()
}
