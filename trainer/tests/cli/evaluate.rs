//! `trainer evaluate --full`: its numbers, the sets that it reads, and what it refuses.

use std::fs;

use ibinn::Preset;
use ibinn_data::ood::Source;
use ibinn_data::{DataDir, Split, load};
use serde_json::{Value, json};

use crate::{Scratch, model, text, trainer};

const FEW: [&str; 4] = ["--executor", "cpu", "--limit", "300"];

fn evaluate(more: &[&str]) -> crate::Ran {
    trainer(["evaluate", "--full", text(model())].iter().chain(&FEW).chain(more))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// A .npy file of `count` line drawings of 28×28.
fn npy(count: usize) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, 784), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    let ink = (0..count * 784).map(|i| if i % 5 == 0 { 255 } else { 0 }).collect::<Vec<u8>>();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &ink].concat()
}

#[test]
fn all_measures_agree_with_the_cards_and_with_themselves() {
    let args = ["--bootstrap", "60", "--ood", "noise:0", "noise:0.3", "builtin-letters"];
    let out = evaluate(&args).text();
    let value = evaluate(&[&args[..], &["--json"]].concat()).json();
    let report = &value["report"];
    let card = trainer(["evaluate", text(model()), "--json"].iter().chain(&FEW)).json();
    assert_eq!((&value["dataset"], &value["executor"]), (&json!("builtin"), &json!("cpu")));
    assert_eq!(report["images"], card["images"]);
    for (key, digits) in
        [("error", 2), ("l_x", 4), ("l_y", 4), ("bits_per_dim", 4), ("bits_per_dim_tables", 4)]
    {
        let (estimate, wanted) = (&report[key], number(&card[key]));
        assert!((number(&estimate["value"]) - wanted).abs() < 1e-9, "{key}: {estimate} instead of {wanted}");
        let [low, high] = [0, 1].map(|end| number(&estimate["interval"][end]));
        assert!(low < wanted && wanted < high, "{key}: {estimate}");
        let [shown, low, high] = [wanted, low, high].map(|v| ibinn_terminal::output::number(v, digits));
        let shown = format!("{shown} [{low}, {high}]");
        assert!(out.contains(&shown), "no {key} {shown} in:\n{out}");
    }
    for calibration in report["calibration"].as_array().unwrap() {
        let entries: f64 =
            calibration["bins"].as_array().unwrap().iter().map(|bin| number(&bin["count"])).sum();
        assert_eq!(entries, 3000.0);
        let error = |key: &str| number(&calibration[key]["value"]);
        let geo = (error("ece") * error("mce") * error("ice")).cbrt();
        assert!((error("geo") - geo).abs() < 1e-9);
        assert!(out.contains(&format!("{geo:.2} [")), "no {geo} in:\n{out}");
    }
    let [same, noisy, letters] = [0, 1, 2].map(|i| &report["ood"][i]);
    let of = |set: &Value, key: &str| number(&set[key]["value"]);
    let keys = ["entropy_increase", "typicality_auc", "one_tailed_auc"];
    assert_eq!(keys.map(|key| of(same, key)), [0.0, 50.0, 50.0]);
    // It is the test images themselves, so no draw can tell them apart; letters have nothing to do with them.
    let interval = |set: &Value, key: &str| [0, 1].map(|end| number(&set[key]["interval"][end]));
    assert_eq!(keys.map(|key| interval(same, key)), [[0.0; 2], [50.0; 2], [50.0; 2]]);
    assert!(keys.iter().all(|key| interval(letters, key)[0] < interval(letters, key)[1]), "{letters}");
    assert!(keys.iter().all(|key| of(noisy, key) != of(same, key)), "{noisy}");
    assert_eq!((&letters["name"], &letters["images"]), (&json!("builtin-letters"), &json!(300)));
    let average = |key: &str| of(&report["ood_average"], key);
    let sets = |key: &str| [same, noisy, letters].map(|set| of(set, key));
    let geometric = |key: &str| sets(key).iter().product::<f64>().cbrt();
    assert!((average(keys[0]) - sets(keys[0]).iter().sum::<f64>() / 3.0).abs() < 1e-9);
    assert!((average(keys[1]) - geometric(keys[1])).abs() < 1e-9);
    assert!((average(keys[2]) - geometric(keys[2])).abs() < 1e-9);
    let line = out.lines().find(|line| line.trim_start().starts_with("average")).unwrap();
    assert!(line.contains(&format!("{:.2} [", geometric(keys[1]))), "{line}");
    for distances in ["means", "empirical_means", "means_to_empirical"] {
        let distances = &report["latent_space"][distances];
        assert!(out.contains(&format!("{:.2}", number(&distances["largest"]))), "no {distances} in:\n{out}");
    }
}

#[test]
fn intervals_follow_the_seed_and_can_be_left_out() {
    let run = |more: &[&str]| evaluate(&[&["--json"], more].concat()).json();
    let [first, again, other] =
        ["0", "0", "1"].map(|seed| run(&["--bootstrap", "50", "--seed", seed, "--ood", "noise"]));
    assert_eq!(first, again);
    let of = |value: &Value, set: usize| value["report"]["ood"][set].clone();
    assert_ne!(first["report"]["l_x"]["interval"], other["report"]["l_x"]["interval"]);
    assert_eq!(first["report"]["l_x"]["value"], other["report"]["l_x"]["value"]);
    assert_ne!(of(&first, 0)["entropy_increase"]["value"], of(&other, 0)["entropy_increase"]["value"]);
    let none = run(&["--bootstrap", "0"]);
    assert_eq!(none["report"]["error"]["interval"], Value::Null);
    assert_eq!((&none["report"]["ood"], &none["report"]["ood_average"]), (&json!([]), &Value::Null));
    let out = evaluate(&["--bootstrap", "0"]).text();
    assert!(out.contains("--ood") && !out.contains('['), "{out}");
}

#[test]
fn sets_of_ones_own_are_read_by_path() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    fs::write(path("drawings.npy"), npy(7)).unwrap();
    fs::create_dir(path("pictures")).unwrap();
    for name in ["a.png", "b.PNG"] {
        ibinn_data::picture::png::write_grid(&path("pictures").join(name), &[90; 900], [1, 30, 30], 1)
            .unwrap();
    }
    fs::write(path("pictures").join("about.txt"), "not a picture").unwrap();
    let (drawings, pictures) = (path("drawings.npy"), path("pictures"));
    let args = ["--bootstrap", "0", "--json", "--ood", text(&drawings), "--ood", text(&pictures)];
    let sets = evaluate(&args).json()["report"]["ood"].clone();
    assert_eq!((&sets[0]["images"], &sets[0]["about"]), (&json!(7), &json!("7 of drawings")));
    assert_eq!((&sets[1]["images"], &sets[1]["name"]), (&json!(2), &json!(text(&pictures))));
    assert_eq!(sets[1]["about"], json!("pictures; left out is 1 other file (.txt)"));
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_one_sentence() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    fs::create_dir(path("quickdraw")).unwrap();
    fs::write(path("short.npy"), &npy(3)[..2000]).unwrap();
    fs::write(path("empty.npy"), []).unwrap();
    fs::write(path("cut.bin"), vec![0; 3072]).unwrap();
    fs::write(path("no.png"), "GIF89a").unwrap();
    fs::write(path("some.jpg"), "").unwrap();
    fs::write(path("some.gif"), "").unwrap();
    let cases: [(&[&str], &[&str]); 15] = [
        (&["--ood", "nonsense"], &["--ood", "`nonsense`", "rgb-rotation", "quickdraw", "kmnist"]),
        (&["--ood", "noise:-1"], &["noise", "-1", "0 or more"]),
        (&["--ood", "noise:much"], &["`noise:much`", "no number"]),
        (&["--ood", "rgb-rotation:NaN"], &["rgb-rotation", "NaN"]),
        (&["--ood", "rgb-rotation"], &["rgb-rotation", "1 channel"]),
        (&["--ood", "kmnist"], &["t10k-images", "no such file"]),
        (&["--ood", "natural32"], &["natural32", "no such file or folder"]),
        (&["--ood", "quickdraw"], &["quickdraw", "holds no pictures"]),
        (&["--ood", &path("short.npy")], &["short.npy", "bytes of data", "[3, 784]"]),
        (&["--ood", &path("empty.npy")], &["empty.npy", "ends before its header"]),
        (&["--ood", &path("cut.bin")], &["cut.bin", "3072 bytes"]),
        (&["--ood", &path("no.png")], &["no.png", "GIF"]),
        (&["--ood", &path("some.jpg")], &["some.jpg", "an empty file"]),
        (&["--ood", &path("some.gif")], &["some.gif", "an empty file"]),
        (&["--bootstrap", "5"], &["--bootstrap is 5", "from 40 to 100000"]),
    ];
    for (args, wanted) in cases {
        let message = evaluate(&[args, &["--data-dir", text(scratch.path())]].concat()).refusal();
        for part in wanted {
            assert!(message.contains(part), "{args:?} gave: {message}");
        }
    }
}

#[test]
fn images_of_another_shape_are_brought_to_the_models() {
    let scratch = Scratch::new();
    let path = scratch.path().join("colour.bin");
    fs::write(&path, vec![7; 2 * 3073]).unwrap();
    let args = ["--bootstrap", "0", "--json", "--ood", text(&path), "quarter-turn", "half-occluded"];
    let sets = evaluate(&args).json()["report"]["ood"].clone();
    assert_eq!((&sets[0]["images"], &sets[1]["images"]), (&json!(2), &json!(300)), "{sets}");
    assert!(sets[0]["about"].as_str().unwrap().contains("brought to 28×28"), "{sets}");
    assert!(sets[1]["about"].as_str().unwrap().contains("turned by 90°"), "{sets}");
}

#[test]
fn official_sets_are_read_in_the_shape_of_the_model() {
    let Some(folder) = crate::data_dir() else { return };
    let grey = ["kmnist", "notmnist", "mnist", "fashion-mnist", "quickdraw"];
    let args = [&["--bootstrap", "0", "--json", "--data-dir", text(&folder), "--ood"], &grey[..]].concat();
    let sets = evaluate(&args).json()["report"]["ood"].clone();
    for (set, name) in sets.as_array().unwrap().iter().zip(grey) {
        assert_eq!((&set["name"], &set["images"]), (&json!(name), &json!(300)));
    }
    assert!(sets[4]["about"].as_str().unwrap().starts_with("2000 of airplane, 2000 of bird"), "{sets}");

    let data_dir = DataDir::resolve(Some(folder)).unwrap();
    let spec = Preset::Cifar10.spec().unwrap();
    let test = load("cifar-10", Split::Test, &data_dir).unwrap();
    for (name, count) in [("quickdraw", 10_000), ("natural32", 5000), ("rgb-rotation", 2), ("noise", 2)] {
        let source = Source::new(name, &data_dir).unwrap();
        let set = source.load(&spec, (&test, &[4, 7]), &data_dir, usize::MAX, 0).unwrap();
        assert_eq!(set.len(), count, "{name}");
        let pixels = set.pixels(&[0, 1]);
        assert_eq!(pixels.len(), 2 * 3072);
        assert!(pixels.iter().all(|v| (0.0..=1.0).contains(v)));
        let mean = pixels.iter().sum::<f32>() / pixels.len() as f32;
        assert!((0.1..0.99).contains(&mean), "{name}: {mean}");
    }
}
