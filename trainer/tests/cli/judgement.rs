//! `judge.json`: it is of the model beside it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{QUICK, Scratch, model, text, trainer};

/// A run's folder with a judged model.
fn judged(folder: &Path) {
    fs::copy(model(), folder.join("model.safetensors")).unwrap();
    let out = folder.join("judge.json");
    let few = ["--limit", "100", "--bootstrap", "0", "--executor", "cpu"];
    let model = folder.join("model.safetensors");
    trainer(["judge", text(&model), "--out", text(&out)].iter().chain(&few)).text();
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_overwritten_run_loses_what_was_measured_of_the_other() {
    let scratch = Scratch::new();
    judged(scratch.path());
    let more = ["--gamma", "0", "--overwrite", "--stop-after", "0"];
    trainer(["train", "--out", text(scratch.path())].iter().chain(&QUICK).chain(&more)).text();
    let listed = crate::listing(scratch.path());
    assert_eq!(listed, ["checkpoint.safetensors", "config.toml", "environment.json", "train.jsonl"]);
    let message = trainer(["table", text(scratch.path())]).refusal();
    assert!(message.contains("judge.json") && message.contains("no such file"), "{message}");
}

#[test]
fn a_judgement_of_another_model_than_the_one_beside_it_is_refused() {
    let scratch = Scratch::new();
    judged(scratch.path());
    let (path, own) = (scratch.path().join("judge.json"), scratch.path().join("model.safetensors"));
    trainer(["table", text(scratch.path())]).text();
    trainer(["export", text(model()), "--title", "Other", "--limit", "100", "--out", text(&own)]).text();
    for given in [scratch.path(), &path] {
        let message = trainer(["table", text(given)]).refusal();
        assert!(message.contains("judge.json") && message.contains("another model"), "{message}");
    }
    // By another name it need not be of a model that happens to lie there.
    let elsewhere = scratch.path().join("older.json");
    fs::rename(&path, &elsewhere).unwrap();
    trainer(["table", text(&elsewhere)]).text();
    // Files of earlier versions do not tell.
    let mut value = read(&elsewhere);
    value.as_object_mut().unwrap().remove("model_sha256");
    fs::write(&path, value.to_string()).unwrap();
    let rows = trainer(["table", text(scratch.path()), "--json"]).json();
    assert_eq!(rows["rows"][0]["source"], json!("ours, builtin"));
}
