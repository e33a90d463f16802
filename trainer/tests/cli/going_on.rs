//! Validation images while training: the loss in the log, early stopping, TensorBoard; and runs that begin with a model.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{QUICK, Scratch, model, text, trainer};

/// Arguments of a quick run into `folder`, with some in the place of the usual ones.
fn quick_but(folder: &Path, more: &[&str]) -> Vec<String> {
    let mut args = vec!["train".to_string(), "--out".into(), text(folder).into()];
    let pairs = QUICK.chunks(2).filter(|pair| !more.contains(&pair[0])).flatten();
    args.extend(pairs.chain(more).map(|arg| (*arg).to_string()));
    args
}

/// Lines of the log that tell of validation images.
fn validations(folder: &Path) -> Vec<Value> {
    let log = fs::read_to_string(folder.join("train.jsonl")).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| !line["validation_loss"].is_null()).collect()
}

#[test]
fn the_last_validation_is_what_the_card_says_of_the_images_that_were_held_out() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("run");
    // Without noise and smoothing, and with the batches that re-estimate batch-norm for a validation, both look at one model.
    let more = ["--hold-out", "150", "--noise", "0", "--dequantize", "false", "--label-smoothing", "0"];
    let args = [&more[..], &["--batch-norm-batches", "8", "--json"]].concat();
    let card = trainer(quick_but(&folder, &args)).json()["card"].take();
    let lines = validations(&folder);
    let [last] = &lines[..] else { panic!("a short run is validated once, at its end: {lines:?}") };
    assert_eq!(last["step"], card["training"]["steps"]);
    let number = |value: &Value| value.as_f64().unwrap();
    let validation = &card["validation"];
    assert!(
        (number(&last["validation_l_y"]) - number(&validation["l_y"])).abs() < 1e-3,
        "{last} {validation}"
    );
    let error = 100.0 * (1.0 - number(&last["validation_accuracy"]));
    assert!((error - number(&validation["error"])).abs() < 1e-6, "{last} {validation}");
    // γ = 1: the loss is L_X − L_Y.
    let difference = number(&last["validation_l_x"]) - number(&last["validation_l_y"]);
    assert!((number(&last["validation_loss"]) - difference).abs() < 1e-9, "{last}");
}

#[test]
fn training_ends_when_the_validation_loss_no_longer_falls_and_keeps_the_lowest() {
    let scratch = Scratch::new();
    let (straight, halves) = (scratch.path().join("straight"), scratch.path().join("halves"));
    // A few images are soon learnt by heart.
    let few =
        ["--train-images", "64", "--hold-out", "32", "--batch", "16", "--epochs", "400", "--patience", "60"];
    let out = trainer(quick_but(&straight, &[&few[..], &["--json"]].concat())).json();
    let lines = validations(&straight);
    let steps: Vec<u64> = lines.iter().map(|line| line["step"].as_u64().unwrap()).collect();
    // Epochs of two steps are looked at by hundreds of steps.
    assert!(steps.iter().zip(1..).all(|(step, i)| *step == 100 * i), "{steps:?}");
    let loss = |line: &&Value| line["validation_loss"].as_f64().unwrap();
    let lowest = lines.iter().min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap();
    assert_eq!(out["card"]["training"]["steps"], lowest["step"]);
    let ended = steps.last().unwrap();
    assert!(*ended < 800 && ended - lowest["step"].as_u64().unwrap() >= 120, "{steps:?} {lowest}");

    let stderr = trainer(quick_but(&halves, &[&few[..], &["--stop-after", "150"]].concat())).stderr();
    assert!(stderr.contains("stopped at step 150"), "{stderr}");
    let stderr = trainer(["train", "--resume", text(&halves)]).stderr();
    assert!(stderr.contains("the validation loss has not fallen for 60 epochs"), "{stderr}");
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&straight) == model(&halves), "going on gave another model");

    let none = trainer(quick_but(&scratch.path().join("none"), &["--patience", "3"])).refusal();
    assert!(none.contains("none are set aside: set some aside by --hold-out"), "{none}");
    let never = trainer(quick_but(&scratch.path().join("none"), &["--patience", "0"])).refusal();
    assert!(never.contains("patience is 0, must be at least 1"), "{never}");
}

#[test]
fn tensorboard_is_told_of_validations_and_shown_samples() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("run");
    let more = ["--hold-out", "100", "--log-to", "tensorboard"];
    trainer(quick_but(&folder, &more)).text();
    let mut files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let events = files.find(|path| text(path).contains("tfevents")).unwrap();
    let bytes = fs::read(events).unwrap();
    let holds = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    for wanted in [&b"loss"[..], b"validation/loss", b"validation/accuracy", b"samples", b"\x89PNG\r\n"] {
        assert!(holds(wanted), "{}", String::from_utf8_lossy(wanted));
    }
}

#[test]
fn the_figure_of_training_shows_validations_of_any_data_set() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("run");
    let few = ["--train-images", "64", "--hold-out", "32", "--batch", "16", "--epochs", "120"];
    trainer(quick_but(&folder, &few)).text();
    let svg = scratch.path().join("training.svg");
    trainer(["figure", "training", text(&folder), "--out", text(&svg)]).text();
    let drawn = fs::read_to_string(&svg).unwrap();
    assert!(drawn.contains("on validation images"), "{drawn}");
}

#[test]
fn a_run_begins_with_a_model_and_says_so_in_its_configuration() {
    let scratch = Scratch::new();
    let (first, again) = (scratch.path().join("first"), scratch.path().join("again"));
    let init = ["--init", text(model()), "--gamma", "0.2", "--class-prior", "counts", "--json"];
    // The preset is that of the model.
    let args: Vec<String> = quick_but(&first, &init);
    let args = args.iter().filter(|arg| !["--preset", "tiny"].contains(&arg.as_str()));
    let card = trainer(args).json()["card"].take();
    assert_eq!(
        (card["training"]["preset"].as_str(), card["training"]["method"]["gamma"].as_f64()),
        (Some("tiny"), Some(0.2))
    );
    let config = fs::read_to_string(first.join("config.toml")).unwrap();
    for line in [format!("init = \"{}\"", text(model())).as_str(), "class_prior = \"counts\""] {
        assert!(config.lines().any(|own| own == line), "{line} is not in:\n{config}");
    }
    trainer(["train", "--config", text(&first.join("config.toml")), "--out", text(&again)]).text();
    let bytes = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(bytes(&first) == bytes(&again), "the resolved configuration gave another model");
    let inspected = trainer(["inspect", text(&first.join("model.safetensors"))]).text();
    assert!(inspected.contains("class prior  counts: "), "{inspected}");

    let refusal = |more: &[&str]| trainer(quick_but(&scratch.path().join("none"), more)).refusal();
    let missing = refusal(&["--init", "nowhere.safetensors"]);
    assert!(missing.contains("nowhere.safetensors: "), "{missing}");
    let other = refusal(&["--init", text(model()), "--preset", "compact28"]);
    assert!(other.contains("the model has another architecture"), "{other}");
    let scale = refusal(&["--init", text(model()), "--initial-scale", "0.5"]);
    assert!(scale.contains("--initial-scale is of fresh weights"), "{scale}");
    let method = refusal(&["--init", text(model()), "--method", "res-net"]);
    assert!(method.contains("for the methods ib-inn and class-nll"), "{method}");
    let config = scratch.path().join("config.toml");
    fs::write(&config, "init = \"x\"\nclass_prior = \"equal\"").unwrap();
    let prior = trainer(["train", "--config", text(&config)]).refusal();
    assert!(prior.contains("unknown variant `equal`"), "{prior}");
}
