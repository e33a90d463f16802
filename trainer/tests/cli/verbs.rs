//! What can be done with a model: every verb, for people and for programs.

use std::fs;
use std::path::Path;

use ibinn::model::container::Container;
use serde_json::{Value, json};

use crate::{Scratch, listing, model, text, trainer};

fn arrays(path: &Path) -> Container {
    Container::parse(&fs::read(path).unwrap()).unwrap()
}

fn verb(verb: &str, more: &[&str]) -> crate::Ran {
    trainer([verb, text(model())].iter().chain(more))
}

#[test]
fn eval_prints_its_numbers_and_gives_them_to_programs() {
    let args = ["--dataset", "builtin", "--executor", "cpu", "--limit", "300"];
    let ran = verb("evaluate", &args);
    let (out, told) = (ran.text(), ran.stderr());
    assert!(told.contains("running on the CPU"), "{told}");
    let value = verb("evaluate", &[&args[..], &["--json"]].concat()).json();
    assert_eq!(
        (&value["images"], &value["dataset"], &value["executor"]),
        (&json!(300), &json!("builtin"), &json!("cpu"))
    );
    for (label, key, digits) in [
        ("error ", "error", 2),
        ("L_X ", "l_x", 4),
        ("L_Y ", "l_y", 4),
        ("bits/dim ", "bits_per_dim", 4),
        ("tables", "bits_per_dim_tables", 4),
    ] {
        let number = ibinn_terminal::output::number(value[key].as_f64().unwrap(), digits);
        let line = out.lines().find(|line| line.contains(label) && line.contains(&number));
        assert!(line.is_some(), "no {label} {number} in:\n{out}");
    }
    // As `--full` has it.
    let report = verb(
        "evaluate",
        &[&args[..], &["--full", "--bootstrap", "0", "--json", "--ood", "noise", "builtin-letters"]].concat(),
    );
    let report = &report.json()["report"];
    let calibration = &value["calibration"];
    for error in ["ece", "mce", "ice"] {
        assert_eq!(calibration[error], report["calibration"][0][error]["value"], "{error}");
    }
    let bins = calibration["bins"].as_array().unwrap();
    assert_eq!(bins.len(), 17);
    assert_eq!(bins.iter().map(|bin| bin["count"].as_u64().unwrap()).sum::<u64>(), 3000);
    for (set, name) in ["noise", "builtin-letters"].into_iter().enumerate() {
        let (row, wanted) = (&value["ood"][set], &report["ood"][set]);
        assert_eq!((&row["name"], &row["images"]), (&json!(name), &json!(300)));
        for key in ["typicality_auc", "entropy_increase"] {
            assert_eq!(row[key], wanted[key]["value"], "{name} {key}");
        }
    }
    // The whole test set is what the card was evaluated on, by the same code.
    let card = &verb("inspect", &["--json"]).json()["card"]["evaluation"];
    let whole = verb("evaluate", &["--json", "--executor", card["executor"].as_str().unwrap()]).json();
    assert_eq!(&whole, card);
}

#[test]
fn the_latent_map_is_the_projection_of_the_latents() {
    let scratch = Scratch::new();
    let out = scratch.path().join("z.safetensors");
    let few = ["--executor", "cpu", "--limit", "20", "--json"];
    verb("encode", &[&few[..], &["--out", text(&out)]].concat()).json();
    let map = verb("evaluate", &few).json()["latent_map"].take();
    let model_file = ibinn::Model::from_bytes(&fs::read(model()).unwrap()).unwrap();
    let plane = model_file.mixture().unwrap().projection();
    let latents = arrays(&out);
    let z: Vec<f32> = latents.arrays["z"].to_f32();
    let labels: Vec<f64> = latents.arrays["label"].to_f64();
    assert_eq!(map["labels"].as_array().unwrap().len(), 20);
    for (i, z) in z.chunks(784).enumerate() {
        let wanted = plane.project(z);
        for (axis, wanted) in ["x", "y"].into_iter().zip(wanted) {
            assert!((map[axis][i].as_f64().unwrap() - wanted).abs() <= 0.005 + 1e-9, "{map}");
        }
        assert_eq!(map["labels"][i].as_f64(), Some(labels[i]));
    }
    assert_eq!(map["means"].as_array().unwrap().len(), 10);
    // A card holds the first 2000 of the 4000 test images.
    let card = &verb("inspect", &["--json"]).json()["card"]["evaluation"]["latent_map"];
    assert_eq!(card["x"].as_array().unwrap().len(), 2000);
}

#[test]
fn split_indices_and_limit_choose_the_images() {
    let scratch = Scratch::new();
    let out = scratch.path().join("z.safetensors");
    let encode = |more: &[&str]| {
        verb("encode", &[&["--json", "--executor", "cpu", "--out", text(&out)], more].concat()).json();
        let container = arrays(&out);
        let get = |name: &str| container.arrays[name].to_f64();
        (get("index"), get("label"), get("z"))
    };
    let (index, label, z) = encode(&["--limit", "4"]);
    assert_eq!((index, label), (vec![0.0, 1.0, 2.0, 3.0], vec![0.0, 1.0, 2.0, 3.0]));
    let (index, label, chosen) = encode(&["--indices", "3,0", "--split", "test"]);
    assert_eq!((index, label), (vec![3.0, 0.0], vec![3.0, 0.0]));
    let dims = chosen.len() / 2;
    assert_eq!(chosen, [&z[3 * dims..], &z[..dims]].concat());
    let (_, _, other) = encode(&["--indices", "3,0", "--split", "train"]);
    assert_ne!(chosen, other);
}

#[test]
fn encode_describes_every_image_and_decode_brings_it_back() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (z, x, png) = (path("z.safetensors"), path("x.safetensors"), path("x.png"));
    let value = verb("encode", &["--limit", "10", "--out", text(&z), "--json"]).json();
    assert_eq!((&value["images"], &value["out"]), (&json!(10), &json!(text(&z))));
    let latents = arrays(&z);
    let shape = |container: &Container, name: &str| container.arrays[name].shape.clone();
    for (name, wanted) in [
        ("z", vec![10, 784]),
        ("log_det", vec![10]),
        ("logits", vec![10, 10]),
        ("log_likelihood", vec![10]),
        ("label", vec![10]),
        ("index", vec![10]),
    ] {
        assert_eq!(shape(&latents, name), wanted, "{name}");
    }
    // log q(x') from its parts: the mixture of the logits, the log-det and the Gaussian constant.
    let get = |name: &str| latents.arrays[name].to_f64();
    for (i, got) in get("log_likelihood").into_iter().enumerate() {
        let mixture = ibinn::head::posterior::log_sum_exp(&get("logits")[i * 10..][..10]) - 10f64.ln();
        let wanted = mixture + get("log_det")[i] - 392.0 * std::f64::consts::TAU.ln();
        assert!((got - wanted).abs() < 1e-3 * wanted.abs(), "{got} instead of {wanted}");
    }

    let args = [text(&z), "--out", text(&x), "--png", text(&png)];
    assert!(verb("decode", &args).text().contains("10 images in"));
    assert_eq!(verb("decode", &[&args[..], &["--json"]].concat()).json()["images"], json!(10));
    let images = arrays(&x);
    assert_eq!(shape(&images, "x"), [10, 1, 28, 28]);
    let wanted: Vec<f64> = (0..10)
        .flat_map(|i| {
            ibinn::synthetic::draw(ibinn::synthetic::Alphabet::Digits, ibinn::synthetic::Split::Test, 0, i)
                .pixels
        })
        .map(|v| f64::from(v) / 255.0)
        .collect();
    let worst =
        images.arrays["x"].to_f64().iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-3, "the round trip is off by {worst}");
    // Four columns of three rows, 28 pixels each with gaps of 2.
    assert_eq!(picture_size(&png), (4 * 30 + 2, 3 * 30 + 2));
}

fn picture_size(path: &Path) -> (u32, u32) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let reader = png::Decoder::new(file).read_info().unwrap();
    (reader.info().width, reader.info().height)
}

#[test]
fn a_picture_of_any_size_is_encoded() {
    let scratch = Scratch::new();
    let (png, out) = (scratch.path().join("some.png"), scratch.path().join("z.safetensors"));
    for size in [3, 28, 100] {
        let image = vec![90; size * size];
        ibinn_data::picture::png::write_grid(&png, &image, [1, size, size], 1).unwrap();
        verb("encode", &["--image", text(&png), "--out", text(&out)]).text();
        let container = arrays(&out);
        assert_eq!(container.arrays["z"].shape, [1, 784]);
        assert_eq!(container.arrays["label"].to_f64(), [-1.0]);
    }
}

#[test]
fn sample_draws_a_row_of_each_class_from_its_seed() {
    let scratch = Scratch::new();
    let draw = |name: &str, more: &[&str]| {
        let path = scratch.path().join(name);
        let value = verb("sample", &[&["--out", text(&path), "--json"], more].concat()).json();
        (value, path)
    };
    let (value, path) = draw("all.png", &[]);
    assert_eq!(value["classes"].as_array().unwrap().len(), 10);
    assert_eq!(picture_size(&path), (10 * 30 + 2, 10 * 30 + 2));
    let (value, path) =
        draw("some.png", &["--class", "7,2", "--count", "3", "--seed", "4", "--temperature", "0.5"]);
    assert_eq!((&value["classes"], &value["count"]), (&json!([7, 2]), &json!(3)));
    assert_eq!(picture_size(&path), (3 * 30 + 2, 2 * 30 + 2));
    let bytes = |more: &[&str]| fs::read(draw("again.png", &[&["--count", "2"], more].concat()).1).unwrap();
    assert!(bytes(&["--seed", "4"]) == bytes(&["--seed", "4"]));
    assert!(bytes(&["--seed", "4"]) != bytes(&["--seed", "5"]));
    assert!(bytes(&[]) != bytes(&["--trained-means"]));
    let told = verb("sample", &["--count", "1", "--out", text(&path)]).text();
    assert!(told.contains("10 images in"), "{told}");
}

#[test]
fn samples_that_explode_are_named_framed_and_drawn_anew_where_that_is_wanted() {
    let scratch = Scratch::new();
    let path = scratch.path().join("samples.png");
    let draw = |more: &[&str]| {
        let fixed = ["--count", "4", "--temperature", "30", "--json", "--out", text(&path)];
        let value = verb("sample", &[&fixed[..], more].concat()).json();
        (
            value["exploded"].as_u64().unwrap(),
            value["marked"].as_array().unwrap().clone(),
            fs::read(&path).unwrap(),
        )
    };
    let (exploded, marked, framed) = draw(&[]);
    assert!(exploded > 0 && marked.len() as u64 == exploded, "{exploded} of 40, {marked:?}");
    let why = marked[0]["why"].as_str().unwrap();
    assert!(["out of range", "no number", "encode back"].iter().any(|words| why.contains(words)), "{why}");
    let told = verb("sample", &["--count", "4", "--temperature", "30", "--out", text(&path)]).text();
    assert_eq!(told.matches("framed").count() as u64, exploded, "{told}");
    // At such a temperature no draw is sound, and those that are drawn anew are others.
    let (again, left, redrawn) = draw(&["--redraw"]);
    assert!(again == exploded && left.len() <= marked.len() && redrawn != framed);
    // A model that has been trained for long draws its classes' means soundly.
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/public/models/digits-gamma-1.safetensors");
    let ordinary = ["sample", shipped, "--count", "2", "--temperature", "0", "--json", "--out", text(&path)];
    let ordinary = trainer(ordinary).json();
    assert_eq!((&ordinary["exploded"], &ordinary["marked"]), (&json!(0), &json!([])));
}

#[test]
fn pictures_are_written_under_no_false_name() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    for args in [vec!["--out", &path("own.jpg")], vec!["--temperature", "1e38", "--out", &path("own.png")]] {
        let message = trainer(["sample", text(model()), "--count", "1"].iter().chain(&args)).refusal();
        let wanted = if args.len() == 2 { "own.jpg: pictures are written as PNG" } else { "are too large" };
        assert!(message.contains(wanted), "{message}");
    }
    assert!(listing(scratch.path()).is_empty());
}

#[test]
fn interpolate_walks_between_two_images() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let strip = path("strip.png");
    let value =
        verb("interpolate", &["--indices", "0,7", "--steps", "5", "--out", text(&strip), "--json"]).json();
    assert_eq!(value["steps"], json!(5));
    assert_eq!(picture_size(&strip), (5 * 30 + 2, 30 + 2));
    for (name, brightness) in [("a.png", 0), ("b.png", 200)] {
        ibinn_data::picture::png::write_grid(&path(name), &[brightness; 784], [1, 28, 28], 1).unwrap();
    }
    let (from, to) = (path("a.png"), path("b.png"));
    let told = verb("interpolate", &["--from", text(&from), "--to", text(&to), "--out", text(&strip)]).text();
    assert!(told.contains("9 images in"), "{told}");
}

#[test]
fn inspect_tells_what_is_in_the_file() {
    let out = verb("inspect", &["--tensors"]).text();
    for part in [
        "1×28×28",
        "stage 1",
        "512 images of builtin",
        "γ = 1",
        "bits/dim",
        "stage0.block0.subnet.conv1.weight",
    ] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
    let value = verb("inspect", &["--json"]).json();
    assert_eq!((&value["dims"], &value["spec"]["input"]["height"]), (&json!(784), &json!(28)));
    let names = value["tensors"].as_array().unwrap().iter().map(|tensor| &tensor["name"]);
    assert!(names.into_iter().any(|name| *name == json!("means")));
}

#[test]
fn export_rounds_the_weights_and_evaluates_what_it_wrote() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (half, full) = (path("half.safetensors"), path("full.safetensors"));
    let told = verb("export", &["--title", "Small", "--out", text(&half), "--limit", "500"]).text();
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    assert!(told.contains(&size(&half).to_string()), "{told}");
    let value = verb("export", &["--precision", "f32", "--out", text(&full), "--json"]).json();
    assert_eq!(value["bytes"].as_u64(), Some(size(&full)));
    assert!(size(&half) < size(&full));
    // Read and written, which may round the last digit of what was measured.
    let same = ibinn::Model::from_bytes(&fs::read(model()).unwrap()).unwrap().to_bytes(ibinn::Precision::F32);
    assert!(fs::read(&full).unwrap() == same, "nothing was to change");
    let card: Value = trainer(["inspect", text(&half), "--json"]).json()["card"].clone();
    assert_eq!((&card["title"], &card["evaluation"]["images"]), (&json!("Small"), &json!(500)));
    let evaluated = trainer(["evaluate", text(&half), "--limit", "500", "--json"]).json();
    assert_eq!(evaluated, card["evaluation"]);
}

#[test]
fn export_keeps_what_was_measured_where_no_weight_changes() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (marked, out) = (path("marked.safetensors"), path("out.safetensors"));
    // A number of images that no evaluating gives.
    let mark = |from: &Path, precision: ibinn::Precision| {
        let evaluated = ibinn::Model::from_bytes(&fs::read(from).unwrap()).unwrap();
        let mut card = evaluated.card().clone();
        card.evaluation.as_mut().unwrap().images = 123;
        fs::write(&marked, evaluated.with_card(card).unwrap().to_bytes(precision)).unwrap();
    };
    let export = |more: &[&str]| {
        trainer(["export", text(&marked), "--out", text(&out)].iter().chain(more)).text();
        trainer(["inspect", text(&out), "--json"]).json()["card"]["evaluation"]["images"].clone()
    };
    mark(model(), ibinn::Precision::F32);
    assert_eq!(export(&["--precision", "f32", "--title", "Other"]), json!(123));
    assert_eq!(export(&["--precision", "f32", "--limit", "300"]), json!(300));
    assert_eq!(export(&[]), json!(4000));
    // What is rounded already loses nothing by being rounded again.
    mark(&out, ibinn::Precision::F16);
    assert_eq!(export(&[]), json!(123));
}

#[test]
fn what_a_model_was_trained_on_is_no_foreign_set() {
    let few = ["--limit", "20", "--executor", "cpu", "--json"];
    let sets = |dataset: &str| {
        let value = verb("evaluate", &[&["--dataset", dataset], &few[..]].concat()).json();
        let sets = value["ood"].as_array().unwrap().iter();
        sets.map(|set| set["name"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(sets("builtin"), ["noise", "builtin-letters"]);
    assert_eq!(sets("builtin-letters"), ["noise"]);
}

#[test]
fn export_writes_either_direction_as_onnx() {
    let scratch = Scratch::new();
    let out = scratch.path().join("model.onnx");
    let onnx = |more: &[&str]| verb("export", &[&["--format", "onnx", "--out", text(&out)], more].concat());
    for (direction, outputs) in [("encode", &["z", "log_det", "logits"][..]), ("decode", &["x"])] {
        let value = onnx(&["--direction", direction, "--title", "Mine", "--json"]).json();
        let bytes = fs::read(&out).unwrap();
        assert_eq!(value["bytes"].as_u64(), Some(bytes.len() as u64));
        // A name is stored as field 1 of a message: its key, its length, its letters.
        let holds = |name: &str| {
            let field = [&[0x0a, name.len() as u8], name.as_bytes()].concat();
            bytes.windows(field.len()).any(|window| window == field)
        };
        assert!(outputs.iter().all(|name| holds(name)), "{direction}");
        assert!(holds("ibinn.spec") && bytes.windows(4).any(|window| window == b"Mine"));
        fs::remove_file(&out).unwrap();
    }
    assert!(onnx(&["--direction", "encode", "--precision", "f16"]).refusal().contains("--precision f16"));
    let both = verb("export", &["--direction", "encode", "--out", text(&out)]).refusal();
    assert!(both.contains("--direction is for --format onnx"), "{both}");
    for flag in [["--limit", "5"], ["--ood", "noise"], ["--dataset", "builtin"]] {
        let message = onnx(&[&["--direction", "encode"], &flag[..]].concat()).refusal();
        assert!(message.contains(flag[0]) && message.contains("not evaluated"), "{message}");
    }
    assert!(onnx(&[]).refusal().contains("required"));
    assert!(listing(scratch.path()).is_empty());
}

#[test]
fn export_evaluates_a_model_that_was_not_evaluated_where_a_data_set_is_named() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    let (unevaluated, out, svg) = (path("unevaluated.safetensors"), path("out.safetensors"), path("a.svg"));
    let evaluated = ibinn::Model::from_bytes(&fs::read(model()).unwrap()).unwrap();
    let card = ibinn::Card { evaluation: None, ..evaluated.card().clone() };
    fs::write(&unevaluated, evaluated.with_card(card).unwrap().to_bytes(ibinn::Precision::F32)).unwrap();
    let advice = trainer(["figure", "latent", text(&unevaluated), "--out", text(&svg)]).refusal();
    assert!(advice.contains("trainer export MODEL --dataset NAME --precision f32"), "{advice}");
    let export = |more: &[&str]| {
        let args = ["export", text(&unevaluated), "--precision", "f32", "--out", text(&out)];
        trainer(args.iter().chain(more)).text();
        trainer(["inspect", text(&out), "--json"]).json()["card"]["evaluation"]["images"].clone()
    };
    assert_eq!(export(&[]), Value::Null);
    for flag in [["--limit", "5"], ["--ood", "noise"]] {
        let args = ["export", text(&unevaluated), "--out", text(&out)];
        let message = trainer(args.iter().chain(&flag)).refusal();
        assert!(message.contains(flag[0]) && message.contains("--dataset"), "{message}");
    }
    assert_eq!(export(&["--dataset", "builtin", "--limit", "300"]), json!(300));
    trainer(["figure", "latent", text(&out), "--out", text(&svg)]).text();
}

#[test]
fn data_lists_what_there_is_and_checks_it() {
    assert!(trainer(["data", "list"]).text().contains("fashion-mnist"));
    let sets = trainer(["data", "list", "--json"]).json();
    assert!(
        sets["datasets"]
            .as_array()
            .unwrap()
            .iter()
            .any(|set| set["name"] == "builtin" && set["present"] == true)
    );
    // An empty folder holds no data set.
    let empty = Scratch::new();
    fs::create_dir(empty.path().join("mnist")).unwrap();
    let listed = trainer(["data", "list", "--data-dir", text(empty.path())]).text();
    let mnist = listed.lines().find(|line| line.trim_start().starts_with("mnist ")).unwrap();
    assert!(mnist.contains("fetch it"), "{mnist}");
    let told = trainer(["data", "check", "builtin"]).text();
    assert!(told.contains("20000 train + 4000 test"), "{told}");
    let Some(folder) = crate::data_dir() else { return };
    for name in ["mnist", "fashion-mnist", "cifar-10"] {
        let value = trainer(["data", "check", name, "--data-dir", text(&folder), "--json"]).json();
        assert_eq!((&value["sound"], &value["images"]["test"]), (&json!(true), &json!(10_000)), "{name}");
    }
}

#[test]
fn every_verb_explains_itself_with_examples() {
    let help = trainer(["--help"]).text();
    for verb in [
        "data",
        "train",
        "evaluate",
        "encode",
        "decode",
        "sample",
        "interpolate",
        "inspect",
        "export",
        "sweep",
        "table",
        "figure",
        "report",
        "import",
    ] {
        assert!(help.contains(verb), "{verb} is not in:\n{help}");
        let own = trainer([verb, "--help"]).text();
        assert!(own.contains("Example") && own.contains(&format!("trainer {verb} ")), "{own}");
    }
}
