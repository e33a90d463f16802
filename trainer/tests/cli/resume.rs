//! Interrupted runs: going on is the same as never having stopped, and a run that diverges leaves what was good.

use std::fs;
use std::path::Path;

use trainer::train::checkpoint::Checkpoint;

use crate::{QUICK, Scratch, listing, text, trainer};

/// Dropout in every place and input noise, and an interruption in the middle of the second epoch.
const NOISY: [&str; 6] = ["--conv-dropout", "0.25", "--dense-dropout", "0.5", "--noise", "0.02"];

fn quick_but(folder: &Path, more: &[&str]) -> Vec<String> {
    let mut args = vec!["train".to_string(), "--out".into(), text(folder).into()];
    let pairs = QUICK.chunks(2).filter(|pair| !more.contains(&pair[0])).flatten();
    args.extend(pairs.chain(more).map(|arg| (*arg).to_string()));
    args
}

#[test]
fn a_resumed_run_gives_the_model_of_a_straight_one_byte_for_byte() {
    let scratch = Scratch::new();
    let (straight, halves) = (scratch.path().join("straight"), scratch.path().join("halves"));
    let mut args = NOISY.to_vec();
    args.extend(["--epochs", "2"]);
    trainer(quick_but(&straight, &args)).text();
    args.extend(["--stop-after", "11"]);
    let stderr = trainer(quick_but(&halves, &args)).stderr();
    assert!(stderr.contains("stopped at step 11") && stderr.contains("--resume"), "{stderr}");
    assert!(!halves.join("model.safetensors").exists());
    trainer(["train", "--resume", text(&halves)]).text();
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&straight) == model(&halves), "resuming gave another model");
    let steps = |folder: &Path| -> Vec<u64> {
        let log = fs::read_to_string(folder.join("train.jsonl")).unwrap();
        let step =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["step"].as_u64().unwrap();
        log.lines().map(step).collect()
    };
    assert_eq!(steps(&halves), steps(&straight));
}

/// An idx file of the given magic number and dimensions.
fn idx(magic: u32, dims: &[u32], data: &[u8]) -> Vec<u8> {
    let words = [magic].iter().chain(dims).flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
    [&words[..], data].concat()
}

#[test]
fn a_run_that_is_done_is_kept_where_its_model_cannot_be_evaluated() {
    let scratch = Scratch::new();
    let (data, out) = (scratch.path().join("data"), scratch.path().join("run"));
    fs::create_dir_all(data.join("mnist")).unwrap();
    // One test image is too few to be evaluated on.
    for (prefix, count) in [("train", 512_u32), ("t10k", 1)] {
        let pixels: Vec<u8> = (0..count * 784).map(|i| (i * 7 % 251) as u8).collect();
        let labels: Vec<u8> = (0..count).map(|i| (i % 10) as u8).collect();
        let file = |name: &str| data.join("mnist").join(format!("{prefix}-{name}-ubyte"));
        fs::write(file("images-idx3"), idx(0x803, &[count, 28, 28], &pixels)).unwrap();
        fs::write(file("labels-idx1"), idx(0x801, &[count], &labels)).unwrap();
    }
    // Checkpoints at steps 3 and 6 of 8, and one at the end.
    let more = ["--dataset", "mnist", "--data-dir", text(&data), "--checkpoint-every", "3"];
    let message = trainer(quick_but(&out, &more)).refusal();
    assert!(message.contains("two images"), "{message}");
    assert_eq!(Checkpoint::load(&out.join("checkpoint.safetensors")).unwrap().step, 8);
    let model = ibinn::Model::from_bytes(&fs::read(out.join("model.safetensors")).unwrap()).unwrap();
    assert_eq!((model.card().training.steps, &model.card().evaluation), (Some(8), &None));
}

#[test]
fn a_run_of_class_nll_has_no_gamma_anywhere() {
    let scratch = Scratch::new();
    let more = ["--method", "class-nll"];
    let refused = trainer(quick_but(scratch.path(), &[&more[..], &["--gamma", "1"]].concat())).refusal();
    assert!(refused.contains("gamma is a setting of ib-inn and vib, not of class-nll"), "{refused}");
    assert!(listing(scratch.path()).is_empty());
    trainer(quick_but(scratch.path(), &[&more[..], &["--stop-after", "2"]].concat())).text();
    let config = Checkpoint::load(&scratch.path().join("checkpoint.safetensors")).unwrap().config;
    assert!(config.contains("method = \"class-nll\"") && !config.contains("gamma"), "{config}");
    trainer(["train", "--resume", text(scratch.path())]).text();
    let model = scratch.path().join("model.safetensors");
    let told = trainer(["inspect", text(&model)]).text();
    assert!(told.contains("class-NLL") && !told.contains('γ'), "{told}");
    let card = trainer(["inspect", text(&model), "--json"]).json()["card"].clone();
    assert_eq!(card["training"]["method"], serde_json::json!({ "name": "class-nll" }));
    let out = scratch.path().join("sweep");
    let sweep = ["sweep", "--over", "gamma", "--method", "class-nll", "--out", text(&out)];
    assert!(trainer(sweep).refusal().contains("gamma is a setting of ib-inn and vib"));
}

#[test]
fn a_run_can_go_on_for_longer_than_it_was_to() {
    let scratch = Scratch::new();
    trainer(quick_but(scratch.path(), &[])).text();
    let resume = |more: &[&str]| {
        let args = ["train", "--resume", text(scratch.path()), "--epochs"];
        trainer(args.iter().chain(more).map(|arg| (*arg).to_string()))
    };
    let ran = resume(&["2", "--stop-after", "11"]);
    let said = ran.stderr();
    assert!(
        said.contains("to 2 epochs instead of 1: from step 8 on the learning rate is that of a run of 2"),
        "{said}"
    );
    // Stopped on the way, it goes on by what it has become.
    trainer(["train", "--resume", text(scratch.path())]).text();
    let path = scratch.path().join("checkpoint.safetensors");
    let checkpoint = Checkpoint::load(&path).unwrap();
    assert_eq!(checkpoint.step, 16);
    assert!(checkpoint.config.contains("epochs = 2"), "{}", checkpoint.config);
    let longer = fs::read(scratch.path().join("model.safetensors")).unwrap();
    let model = ibinn::Model::from_bytes(&longer).unwrap();
    assert_eq!((model.card().training.epochs, model.card().training.steps), (Some(2), Some(16)));
    let message = resume(&["1"]).refusal();
    assert!(message.contains("--epochs is 1, and the run in") && message.contains("has 2"), "{message}");
}

/// A run that lasts until it is ended.
struct Endless(std::process::Child);

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_second_run_into_a_folder_is_refused_while_the_first_lives() {
    let scratch = Scratch::new();
    let out = scratch.path().join("run");
    let mut first = std::process::Command::new(env!("CARGO_BIN_EXE_trainer"));
    first.args(quick_but(&out, &["--epochs", "100000", "--checkpoint-every", "1"]));
    first.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut first = Endless(first.spawn().unwrap());
    while !out.join("train.jsonl").exists() {
        assert_eq!(first.0.try_wait().unwrap(), None, "the first run ended");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let config = fs::read(out.join("config.toml")).unwrap();
    for more in [vec!["--seed", "9"], vec!["--seed", "9", "--overwrite"]] {
        let message = trainer(quick_but(&out, &more)).refusal();
        assert!(
            message.contains("another process is training into") && message.contains(text(&out)),
            "{message}"
        );
    }
    let message = trainer(["train", "--resume", text(&out)]).refusal();
    assert!(message.contains("another process is training into"), "{message}");
    assert_eq!(fs::read(out.join("config.toml")).unwrap(), config);
    // The right to write ends with the process, however it ends.
    drop(first);
    trainer(quick_but(&out, &["--overwrite"])).text();
    assert!(!listing(&out).contains(&".lock".into()));
}

#[test]
fn only_the_backend_may_change_on_resume() {
    let scratch = Scratch::new();
    trainer(quick_but(scratch.path(), &["--stop-after", "2"])).text();
    let resume = |more: &[&str]| {
        let args = ["train", "--resume", text(scratch.path()), "--stop-after", "3"];
        trainer(args.iter().chain(more).map(|arg| (*arg).to_string()))
    };
    let message = resume(&["--seed", "3"]).refusal();
    assert!(message.contains("--resume") && message.contains("--backend"), "{message}");
    resume(&["--backend", "auto"]).text();
}

#[test]
fn there_must_be_a_sound_checkpoint_to_resume() {
    let scratch = Scratch::new();
    let empty = scratch.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let message = trainer(["train", "--resume", text(&empty)]).refusal();
    assert!(
        message.contains("checkpoint.safetensors") && message.contains("no run to go on with"),
        "{message}"
    );
    assert!(listing(&empty).is_empty());

    let folder = scratch.path().join("run");
    trainer(quick_but(&folder, &["--stop-after", "1"])).text();
    let path = folder.join("checkpoint.safetensors");
    let sound = fs::read(&path).unwrap();
    let mut flipped = sound.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for (damaged, wanted) in
        [(&flipped[..], "sha256"), (&sound[..sound.len() / 2], "truncated"), (b"text", "header")]
    {
        fs::write(&path, damaged).unwrap();
        let message = trainer(["train", "--resume", text(&folder)]).refusal();
        assert!(message.contains("checkpoint.safetensors") && message.contains(wanted), "{message}");
    }
    fs::copy(crate::model(), &path).unwrap();
    let message = trainer(["train", "--resume", text(&folder)]).refusal();
    assert!(message.contains("no checkpoint"), "{message}");
}

#[test]
fn a_run_that_diverges_says_when_and_why_and_keeps_its_last_checkpoint() {
    let scratch = Scratch::new();
    let more = ["--learning-rate", "100", "--warm-up", "0", "--epochs", "3"];
    let message = trainer(quick_but(scratch.path(), &more)).refusal();
    assert!(message.contains("diverged at step"), "{message}");
    assert!(
        message.contains("loss") && message.contains("L_X") && message.contains("--learning-rate"),
        "{message}"
    );
    assert_eq!(
        listing(scratch.path()),
        ["checkpoint.safetensors", "config.toml", "environment.json", "train.jsonl"]
    );
    // Whatever was kept is good: its step is named, and every number of it is finite.
    let kept = Checkpoint::load(&scratch.path().join("checkpoint.safetensors")).unwrap();
    assert_eq!(kept.spoiled(), None);
    assert!(message.contains(&format!("the checkpoint of step {} is kept", kept.step)), "{message}");
    // The checkpoint can be read: going on gets as far as diverging once more.
    let message = trainer(["train", "--resume", text(scratch.path())]).refusal();
    assert!(message.contains("diverged at step"), "{message}");
}
