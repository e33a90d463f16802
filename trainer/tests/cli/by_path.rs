//! Anyone's images: train on a folder, evaluate where it was trained, classify pictures.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{Scratch, listing, text, trainer};

/// A folder of `count` pictures of each of two classes: bright above dark and the other way round, with noise.
fn pictures(folder: &Path, count: usize, first: u32) {
    for (class, name) in ["up", "down, then up"].iter().enumerate() {
        fs::create_dir_all(folder.join(name)).unwrap();
        for i in 0..count {
            let mut state = first + (class * count + i) as u32;
            let image: Vec<u8> = (0..100)
                .map(|p| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let is_bright = (p < 50) == (class == 0);
                    (if is_bright { 170 } else { 40 }) + (state >> 26) as u8
                })
                .collect();
            save(&folder.join(name).join(format!("{i}.png")), &image);
        }
    }
}

/// Writes a grey picture of 10×10.
fn save(path: &Path, image: &[u8]) {
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), 10, 10);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(image).unwrap();
}

#[test]
fn a_folder_is_trained_on_evaluated_and_classified_by_one_command_each() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    pictures(&path("photos"), 60, 1);
    fs::write(path("photos/up/about.txt"), "some words").unwrap();
    let (photos, run) = (path("photos"), path("run"));
    let ran = trainer([
        "train",
        "--dataset",
        text(&photos),
        "--out",
        text(&run),
        "--backend",
        "cpu",
        "--epochs",
        "40",
    ]);
    let (out, said) = (ran.text(), ran.stderr());
    for wanted in [
        "photos: a folder with a folder for each class",
        "images: 12×12, grey, of pictures of 10×10, cropped to the middle",
        "down, then up",
        "2 in all",
        "splits: 80/10/10 on average, by the pixels of each picture",
        "left out: 1 (it is no picture): up/about.txt",
        "multiply-adds an image, about",
        "held out), IB-INN, γ = 1, on CPU",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(
        out.contains("test images of photos") && out.contains("training images that were held out"),
        "{out}"
    );
    let config = fs::read_to_string(run.join("config.toml")).unwrap();
    for line in
        ["preset = \"auto\"", "[architecture]", "augment = \"shift\"", &*format!("dataset = {photos:?}")]
    {
        assert!(config.lines().any(|own| own == line), "{line} is not in:\n{config}");
    }
    // The set is found by the configuration beside the model.
    let model = run.join("model.safetensors");
    let evaluated = trainer(["evaluate", text(&model), "--json"]).json();
    assert_eq!(evaluated["dataset"], "photos");
    assert_eq!(evaluated["error"].as_f64(), Some(0.0));
    // Without it, it must be named; its classes are matched by name.
    let alone = path("alone.safetensors");
    fs::copy(&model, &alone).unwrap();
    let message = trainer(["evaluate", text(&alone)]).refusal();
    assert!(message.contains("trained on photos") && message.contains("name it by --dataset"), "{message}");
    pictures(&path("others"), 60, 9000);
    fs::rename(path("others/up"), path("others/neither")).unwrap();
    let ran = trainer(["evaluate", text(&alone), "--dataset", text(&path("others"))]);
    assert!(ran.text().contains("test images of others"));
    assert!(ran.stderr().contains("whose classes the model does not know: neither"), "{}", ran.stderr());
    classifies(&model, scratch.path());
    adjusts(&model, scratch.path());
    doubts(&model, scratch.path());
    resumes(&run, &photos);
}

fn classifies(model: &Path, scratch: &Path) {
    let new = scratch.join("new");
    pictures(&new, 3, 77);
    fs::write(new.join("up/broken, 🐕.jpg"), "").unwrap();
    fs::write(new.join("notes.txt"), "some words").unwrap();
    let [csv, lines] = ["found.csv", "found.jsonl"].map(|name| scratch.join(name));
    let ran = trainer(["classify", text(model), text(&new), "--out", text(&csv)]);
    let out = ran.text();
    for wanted in ["7 pictures", "       3  up", "could not be read: 1", "ordinary", "strangest:"] {
        assert!(out.contains(wanted), "{wanted}: {out}");
    }
    let table = fs::read_to_string(&csv).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(
        rows[0],
        "file,prediction,probability,bits_per_dim,typicality,novelty,novelty_p,verdict,\"posterior:down, then up\",\
         posterior:up,error"
    );
    assert_eq!(rows.len(), 8);
    assert!(
        rows[1].starts_with(&format!("\"{}/down, then up/0.png\",\"down, then up\",0.", new.display())),
        "{}",
        rows[1]
    );
    assert!(
        rows[7].ends_with(
            ",,,,,,,,,,\"it is an empty file; pictures are read as PNG, JPEG, WebP, GIF, BMP, TIFF or PNM\""
        ),
        "{}",
        rows[7]
    );
    // As JSON lines, from names on standard input and as one archive of them; failing where that is asked for.
    let summary = trainer([
        "classify",
        text(model),
        text(&new.join("up/0.png")),
        text(&new),
        "--out",
        text(&lines),
        "--json",
    ])
    .json();
    assert_eq!((summary["pictures"].as_u64(), summary["unreadable"].as_u64()), (Some(8), Some(1)));
    let objects: Vec<Value> =
        fs::read_to_string(&lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 8);
    assert_eq!(objects[0]["prediction"], "up");
    let posterior: f64 = ["posterior:up", "posterior:down, then up"]
        .iter()
        .map(|name| objects[0][name].as_f64().unwrap())
        .sum();
    assert!((posterior - 1.0).abs() < 1e-9);
    // A check pattern is as far from the mean likelihood as hardly a test image, and what is like these is not.
    let typicality = |path: &Path| {
        let found = scratch.join("typicality.jsonl");
        trainer(["classify", text(model), text(path), "--out", text(&found)]).text();
        let row: Value =
            serde_json::from_str(fs::read_to_string(&found).unwrap().lines().next().unwrap()).unwrap();
        row["typicality"].as_f64().unwrap()
    };
    let check = scratch.join("check.png");
    save(&check, &[[0, 255].repeat(5), [255, 0].repeat(5)].concat().repeat(5));
    assert!(typicality(&check) < 0.01);
    assert!(typicality(&new.join("up/0.png")) > 0.02);
    assert!(objects[7]["error"].is_string() && objects[7]["prediction"].is_null());
    let message = trainer(["classify", text(model), text(&new), "--out", text(&csv), "--strict"]).refusal();
    assert!(message.contains("1 of 7 pictures could not be read"), "{message}");
    for (args, wanted) in
        [(vec!["--out", "x.txt"], "must end with .csv or .jsonl"), (vec!["--json"], "name it by --out")]
    {
        let message = trainer(["classify", text(model), text(&new)].into_iter().chain(args)).refusal();
        assert!(message.contains(wanted), "{message}");
    }
    let empty = scratch.join("empty");
    fs::create_dir(&empty).unwrap();
    let message =
        trainer(["classify", text(model), text(&empty), "--out", text(&scratch.join("none.csv"))]).refusal();
    assert!(message.contains("there is no picture"), "{message}");
    assert!(!listing(scratch).iter().any(|name| name.starts_with("none.csv")));
}

/// Other frequencies of the classes, and a contact sheet.
fn adjusts(model: &Path, scratch: &Path) {
    let (new, lines, sheet) =
        (scratch.join("new"), scratch.join("adjusted.jsonl"), scratch.join("sheet.html"));
    let found = |more: &[&str]| -> Vec<Value> {
        let args = ["classify", text(model), text(&new), "--out", text(&lines)];
        trainer(args.iter().chain(more)).text();
        let rows = fs::read_to_string(&lines).unwrap();
        rows.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|row: &Value| row["error"].is_null())
            .collect()
    };
    let plain = found(&["--report", text(&sheet)]);
    let html = fs::read_to_string(&sheet).unwrap();
    assert!(
        html.contains("Strangest") && html.contains("down, then up/0.png") && html.contains("data:image/png")
    );
    // By Bayes' rule the odds change by those of the prior.
    let odds = |row: &Value| {
        let [up, down] = ["posterior:up", "posterior:down, then up"].map(|name| row[name].as_f64().unwrap());
        (up / down).ln()
    };
    for (rows, wanted) in [
        (found(&["--class-prior", "up=0.2"]), (|odds: f64| odds + 0.25f64.ln()) as fn(f64) -> f64),
        (found(&["--temperature", "2"]), |odds| odds / 2.0),
    ] {
        for (plain, row) in plain.iter().zip(&rows) {
            let (got, wanted) = (odds(row), wanted(odds(plain)));
            assert!((got - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{got} instead of {wanted}");
            assert_eq!(plain["novelty"], row["novelty"]);
        }
    }
    let message = trainer(["classify", text(model), text(&new), "--class-prior", "sideways=0.2"]).refusal();
    assert!(message.contains("--class-prior: the model knows no class `sideways`"), "{message}");
}

/// Labels that the model doubts.
fn doubts(model: &Path, scratch: &Path) {
    let (others, table, sheet) =
        (scratch.join("doubtful"), scratch.join("labels.csv"), scratch.join("labels.html"));
    pictures(&others, 30, 900);
    fs::rename(others.join("up/7.png"), others.join("down, then up/wrong.png")).unwrap();
    let args = ["data", "check", text(&others), "--model", text(model)];
    let said = trainer(args.iter().chain(&["--out", text(&table), "--report", text(&sheet)])).text();
    assert!(
        said.contains("60 pictures; the model takes 1 for another class")
            && said.contains("wrong.png: labelled down"),
        "{said}"
    );
    let rows = fs::read_to_string(&table).unwrap();
    let first = rows.lines().nth(1).unwrap();
    assert!(rows.lines().count() == 61 && first.starts_with("\"down, then up/wrong.png\","), "{first}");
    assert!(fs::read_to_string(&sheet).unwrap().contains("Labels that may be wrong"));
    let message = trainer(["data", "check", "builtin", "--model", text(model)]).refusal();
    assert!(message.contains("--model looks at data sets by path"), "{message}");
}

fn resumes(run: &Path, photos: &Path) {
    let before = fs::read(run.join("checkpoint.safetensors")).unwrap();
    trainer(["train", "--resume", text(run), "--epochs", "41"]).text();
    assert_ne!(fs::read(run.join("checkpoint.safetensors")).unwrap(), before);
    // Other images than those of the run's classes are noticed.
    fs::rename(photos.join("up"), photos.join("sideways")).unwrap();
    let message = trainer(["train", "--resume", text(run), "--epochs", "42"]).refusal();
    assert!(message.contains("the checkpoint was not made on the data set photos"), "{message}");
}

#[test]
fn what_is_no_data_set_is_refused_before_anything_is_written() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    pictures(&path("photos"), 20, 1);
    fs::remove_dir_all(path("photos/up")).unwrap();
    fs::write(path("words.txt"), "some words").unwrap();
    fs::write(path("labels.csv"), "file,kind\na.png,b\n").unwrap();
    let run = path("run");
    let out = text(&run);
    let at = |name: &str| text(&path(name)).to_string();
    let [photos, none, words, labels] = ["photos", "none", "words.txt", "labels.csv"].map(at);
    let cases: [(Vec<&str>, &str); 7] = [
        (vec![&photos], "it has 1 classes with training images"),
        (vec![&none], "there is no such file or folder"),
        (vec![&words], "it is of no known kind; a data set is a folder"),
        (vec![&labels], "it has no column of labels"),
        (vec![&photos, "--size", "30"], "size is 30, must be a multiple of 4 from 8 to 128"),
        (vec![&photos, "--max-bad", "2"], "max-bad is 2"),
        (vec!["builtin", "--fit", "pad"], "fit is for data sets by path"),
    ];
    for (args, wanted) in cases {
        let message = trainer(["train", "--out", out, "--dataset"].into_iter().chain(args)).refusal();
        assert!(message.contains(wanted), "{wanted}: {message}");
        assert!(!run.exists());
    }
}
