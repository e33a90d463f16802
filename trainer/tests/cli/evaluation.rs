//! `evaluation.json`: it is of the model beside it, and tells which images it is of.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{QUICK, Scratch, model, text, trainer};

/// A run's folder with an evaluated model.
fn evaluated(folder: &Path) {
    fs::copy(model(), folder.join("model.safetensors")).unwrap();
    let out = folder.join("evaluation.json");
    let few = ["--limit", "100", "--bootstrap", "0", "--executor", "cpu"];
    let model = folder.join("model.safetensors");
    trainer(["evaluate", "--full", text(&model), "--out", text(&out)].iter().chain(&few)).text();
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_overwritten_run_loses_what_was_measured_of_the_other() {
    let scratch = Scratch::new();
    evaluated(scratch.path());
    let more = ["--gamma", "0", "--overwrite", "--stop-after", "0"];
    trainer(["train", "--out", text(scratch.path())].iter().chain(&QUICK).chain(&more)).text();
    let listed = crate::listing(scratch.path());
    assert_eq!(listed, ["checkpoint.safetensors", "config.toml", "environment.json", "train.jsonl"]);
    let message = trainer(["table", text(scratch.path())]).refusal();
    assert!(message.contains("evaluation.json") && message.contains("no such file"), "{message}");
}

#[test]
fn an_evaluation_of_another_model_than_the_one_beside_it_is_refused() {
    let scratch = Scratch::new();
    evaluated(scratch.path());
    let (path, own) = (scratch.path().join("evaluation.json"), scratch.path().join("model.safetensors"));
    trainer(["table", text(scratch.path())]).text();
    trainer(["export", text(model()), "--title", "Other", "--limit", "100", "--out", text(&own)]).text();
    for given in [scratch.path(), &path] {
        let message = trainer(["table", text(given)]).refusal();
        assert!(message.contains("evaluation.json") && message.contains("another model"), "{message}");
    }
    // By another name it need not be of a model that happens to lie there.
    let elsewhere = scratch.path().join("elsewhere.json");
    fs::rename(&path, &elsewhere).unwrap();
    trainer(["table", text(&elsewhere)]).text();
    // One that does not tell which model it is of is none.
    let mut value = read(&elsewhere);
    value.as_object_mut().unwrap().remove("model_sha256");
    fs::write(&path, value.to_string()).unwrap();
    let message = trainer(["table", text(scratch.path())]).refusal();
    assert!(message.contains("evaluation.json") && message.contains("model_sha256"), "{message}");
}

#[test]
fn what_was_measured_on_other_images_than_the_test_set_says_so() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    let (train, some, test) = (path("train.json"), path("some.json"), path("test.json"));
    let evaluate = |out: &str, more: &[&str]| {
        let args = [
            "evaluate",
            "--full",
            text(model()),
            "--bootstrap",
            "0",
            "--executor",
            "cpu",
            "--ood",
            "noise",
            "--out",
            out,
        ];
        trainer(args.iter().chain(more)).text()
    };
    let told = evaluate(&train, &["--split", "train", "--limit", "50"]);
    assert!(told.contains("50 training images of builtin"), "{told}");
    let told = evaluate(&some, &["--indices", "0,1,2,3"]);
    assert!(told.contains("4 chosen test images of builtin"), "{told}");
    let told = evaluate(&test, &["--limit", "50"]);
    assert!(told.contains("50 test images of builtin\n"), "{told}");
    let stored = |path: &str| {
        let value = read(Path::new(path));
        [value["split"].clone(), value["by_index"].clone()]
    };
    assert_eq!(stored(&train), [json!("train"), json!(false)]);
    assert_eq!(stored(&some), [json!("test"), json!(true)]);
    let rows = trainer(["table", &train, &some, &test, "--json"]).json();
    let sources: Vec<&str> =
        rows["rows"].as_array().unwrap().iter().map(|row| row["source"].as_str().unwrap()).collect();
    let wanted = ["ours, training images of builtin", "ours, chosen test images of builtin", "ours, builtin"];
    assert_eq!(sources, wanted);
    let table = trainer(["table", &train]).text();
    assert!(table.contains("was evaluated on training images, not on the test set."), "{table}");
    let svg = path("a.svg");
    for figure in ["gamma", "calibration"] {
        trainer(["figure", figure, &train, "--out", &svg]).text();
        let drawn = fs::read_to_string(&svg).unwrap();
        assert!(drawn.contains("evaluated on training images"), "{figure}: {drawn}");
    }
    assert!(!trainer(["table", &test]).text().contains("not on the test set"));

    let evaluate = |more: &[&str]| trainer(["evaluate", text(model()), "--limit", "20"].iter().chain(more));
    let told = evaluate(&["--split", "train"]).text();
    assert!(told.contains("20 training images of builtin"), "{told}");
    assert_eq!(evaluate(&["--split", "train", "--json"]).json()["split"], json!("train"));
    assert!(evaluate(&[]).text().contains("20 test images of builtin"));
    // A card is of the test images.
    for flag in [["--split", "train"], ["--indices", "0,1"]] {
        let out = path("out.safetensors");
        let message = trainer(["export", text(model()), "--out", &out].iter().chain(&flag)).refusal();
        assert!(message.contains(flag[0]), "{message}");
    }
}

#[test]
fn runs_that_would_have_the_same_name_are_told_apart_by_their_folders() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name);
    for name in ["first", "second"] {
        fs::create_dir(path(name)).unwrap();
        evaluated(&path(name));
    }
    let (first, second, svg) = (path("first"), path("second"), path("a.svg"));
    let drawn = |args: &[&str]| {
        trainer(args.iter().chain(&["--out", text(&svg)])).text();
        fs::read_to_string(&svg).unwrap()
    };
    let both = |text: &str| {
        ["IB-INN, γ = 1 (first)", "IB-INN, γ = 1 (second)"].iter().all(|name| text.contains(name))
    };
    let curves = drawn(&["figure", "calibration", text(&first), text(&second)]);
    assert!(both(&curves), "{curves}");
    assert!(!drawn(&["figure", "calibration", text(&first)]).contains("(first)"));
    let [one, other] = [&first, &second].map(|folder| folder.join("model.safetensors"));
    let samples = ["--class", "1", "--count", "1"];
    let drawing = drawn(&[&["figure", "samples", text(&one), text(&other)], &samples[..]].concat());
    assert!(both(&drawing), "{drawing}");
    assert!(both(&trainer(["table", text(&first), text(&second)]).text()));
    let message = trainer(["figure", "gamma", text(&first), text(&second), "--out", text(&svg)]).refusal();
    assert!(message.contains("two of the runs have γ = 1"), "{message}");
}
