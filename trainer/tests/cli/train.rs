//! `train`: what it writes, where its values come from, and that a seed fixes everything.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{QUICK, Scratch, listing, model, text, trainer};

#[test]
fn a_run_writes_its_configuration_log_checkpoint_and_model() {
    let folder = model().parent().unwrap();
    assert_eq!(
        listing(folder),
        ["checkpoint.safetensors", "config.toml", "environment.json", "model.safetensors", "train.jsonl"]
    );
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    for line in
        ["preset = \"tiny\"", "train_images = 512", "gamma = 1.0", "dense_dropout = 0.5", "noise = 0.01"]
    {
        assert!(config.lines().any(|l| l == line), "{line} is not in:\n{config}");
    }
    let log = fs::read_to_string(folder.join("train.jsonl")).unwrap();
    let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!((last["step"].as_u64(), last["epoch"].as_u64()), (Some(8), Some(1)));
    for key in ["loss", "l_x", "l_y", "accuracy", "gradient_norm", "learning_rate", "images_per_second"] {
        assert!(last[key].is_f64(), "{key} in {last}");
    }
}

#[test]
fn flags_override_the_file_and_the_resolved_values_give_the_same_run_again() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    fs::write(path("some.toml"), "gamma = 0.2\nlabel_smoothing = 0.1\nseed = 5\ntrain_images = 256\n")
        .unwrap();
    let mut args = vec!["train", "--config"];
    let (config, first, again) = (path("some.toml"), path("first"), path("again"));
    args.extend([&config, "--out", &first, "--seed", "6"]);
    args.extend(QUICK.iter().filter(|arg| !["--train-images", "512"].contains(arg)));
    trainer(args).text();
    let resolved = format!("{first}/config.toml");
    let written = fs::read_to_string(&resolved).unwrap();
    for line in ["gamma = 0.2", "label_smoothing = 0.1", "seed = 6", "train_images = 256", "epochs = 1"] {
        assert!(written.lines().any(|l| l == line), "{line} is not in:\n{written}");
    }
    trainer(["train", "--config", &resolved, "--out", &again]).text();
    let model = |folder: &str| fs::read(format!("{folder}/model.safetensors")).unwrap();
    assert!(model(&first) == model(&again), "the resolved configuration gave another model");
}

#[test]
fn the_seed_fixes_the_model_to_the_byte_and_another_seed_gives_another() {
    let scratch = Scratch::new();
    let run = |name: &str, seed: &str| {
        let folder = scratch.path().join(name);
        let out =
            trainer(["train", "--json", "--seed", seed, "--out", text(&folder)].into_iter().chain(QUICK))
                .json();
        assert_eq!(out["card"]["training"]["seed"].to_string(), seed);
        fs::read(folder.join("model.safetensors")).unwrap()
    };
    let (zero, one) = (run("zero", "0"), run("one", "1"));
    assert!(zero == fs::read(model()).unwrap(), "the same seed gave another model");
    assert!(zero != one, "another seed gave the same model");
}

#[test]
fn images_that_are_held_out_validate_the_model_and_give_its_p_values() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("held");
    let args = ["train", "--json", "--hold-out", "150", "--seed", "3", "--out", text(&folder)];
    let card = trainer(args.into_iter().chain(QUICK)).json()["card"].take();
    let training = &card["training"];
    assert_eq!((training["images"].as_u64(), training["held_out"].as_u64()), (Some(362), Some(150)));
    // Five batches of 64 are an epoch of 362.
    assert_eq!(training["steps"].as_u64(), Some(5));
    let validation = &card["validation"];
    assert_eq!(validation["images"].as_u64(), Some(150));
    assert!(validation["error"].is_f64() && validation["bits_per_dim"].is_f64(), "{validation}");
    let novelty = &card["novelty"];
    assert_eq!((novelty["fitted"].as_u64(), novelty["set_aside"].as_u64()), (Some(362), Some(150)));
    assert_eq!(novelty["held_out"].as_bool(), Some(true));
    // Fitted again, the same images are held out.
    let (model, again) = (folder.join("model.safetensors"), scratch.path().join("again.safetensors"));
    let refit =
        ["fit-novelty", text(&model), "--dataset", "builtin", "--seed", "3", "--json", "--out", text(&again)];
    assert_eq!(trainer(refit).json()["card"]["novelty"], *novelty);
    // What follows the header; a card's decimals may change by their last digit when it is read and written.
    let tensors = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[8 + header..].to_vec()
    };
    assert!(tensors(&model) == tensors(&again), "fitting again gave another detector");
    let none = scratch.path().join("none");
    let too_many = ["train", "--hold-out", "512", "--out", text(&none)];
    let message = trainer(too_many.into_iter().chain(QUICK)).refusal();
    assert!(message.contains("hold-out is 512, and builtin has 512 training images"), "{message}");
}

#[test]
fn a_recipe_sets_what_no_flag_does() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("fast");
    let fast = ["--recipe", "fast", "--average", "0.9", "--gamma-start", "30"];
    trainer(["train", "--out", text(&folder)].into_iter().chain(QUICK).chain(fast)).text();
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    for line in
        ["recipe = \"fast\"", "optimizer = \"muon\"", "decay = \"linear\"", "batch = 64", "average = 0.9"]
    {
        assert!(config.lines().any(|l| l == line), "{line} is not in:\n{config}");
    }
    // Going on with a run that is done gives the model once more.
    let model = fs::read(folder.join("model.safetensors")).unwrap();
    trainer(["train", "--resume", text(&folder)]).text();
    assert!(model == fs::read(folder.join("model.safetensors")).unwrap(), "resuming gave another model");
}

#[test]
fn a_run_is_not_overwritten_unasked() {
    let scratch = Scratch::new();
    let out = text(scratch.path());
    fs::write(scratch.path().join("model.safetensors"), "precious").unwrap();
    let args = |more: &'static str| ["train", "--out", out, "--json"].into_iter().chain(QUICK).chain([more]);
    let message = trainer(args("--augment=false")).refusal();
    assert!(message.contains("--overwrite") && message.contains(out), "{message}");
    assert_eq!(listing(scratch.path()), ["model.safetensors"]);
    assert_eq!(fs::read(scratch.path().join("model.safetensors")).unwrap(), b"precious");
    trainer(args("--overwrite")).json();
    assert!(fs::read(scratch.path().join("model.safetensors")).unwrap() == fs::read(model()).unwrap());
}

#[test]
fn progress_to_a_pipe_is_plain_lines() {
    let scratch = Scratch::new();
    let ran = trainer(["train", "--out", text(scratch.path())].into_iter().chain(QUICK));
    assert!(ran.text().contains("bits/dim"));
    let stderr = ran.stderr();
    assert!(!stderr.contains(['\u{1b}', '\r', '━']), "{stderr}");
    assert!(stderr.contains("tiny on builtin (512 images), IB-INN, γ = 1, on CPU"), "{stderr}");
    let epoch = stderr.lines().find(|line| line.starts_with("epoch 1/1")).unwrap();
    for part in ["loss", "L_X", "L_Y", "accuracy", "images/s"] {
        assert!(epoch.contains(part), "{epoch}");
    }
}
