//! Being told to end, being stopped, and being killed: what was done is kept, and nothing is done twice or spoiled.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::{QUICK, Scratch, text, trainer};

/// A call of the program that goes on meanwhile, with its children in a group of their own.
struct Running(Child);

impl Running {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trainer"));
        command.args(args).stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null()).process_group(0);
        Self(command.env("XDG_RUNTIME_DIR", std::env::temp_dir()).spawn().unwrap())
    }

    /// Sends a signal to the process, or with its children to the whole group.
    fn signal(&self, name: &str, group: bool) {
        let to = format!("{}{}", if group { "-" } else { "" }, self.0.id());
        assert!(Command::new("kill").args(["-s", name, "--", &to]).status().unwrap().success());
    }

    /// Its exit status, and what it said.
    fn end(self) -> (Option<i32>, String) {
        let output = self.0.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

/// Waits until `file` has something in it.
fn wait_for(file: &Path) {
    while fs::metadata(file).map_or(0, |found| found.len()) == 0 {
        sleep(Duration::from_millis(5));
    }
}

/// A run that takes long enough to be interrupted.
const LONGER: [&str; QUICK.len()] = {
    let mut args = QUICK;
    args[9] = "12";
    args
};

/// The model of a run that nothing interrupted.
fn straight(scratch: &Path) -> Vec<u8> {
    let out = scratch.join("straight");
    trainer(["train", "--seed", "0", "--out", text(&out)].iter().chain(&LONGER)).text();
    fs::read(out.join("model.safetensors")).unwrap()
}

fn sweep_args<'a>(out: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let args = ["sweep", "--seeds", "1", "--bootstrap", "0", "--limit", "100", "--json", "--out", text(out)];
    args.into_iter().chain(LONGER).chain(more.iter().copied()).collect()
}

#[test]
fn a_signal_ends_training_with_a_checkpoint_and_the_status_that_asks_for_more() {
    let scratch = Scratch::new();
    let wanted = straight(scratch.path());
    for (signal, status) in [("TERM", 75), ("USR1", 75), ("INT", 130)] {
        let out = scratch.path().join(signal);
        let args = ["train", "--out", text(&out)].into_iter().chain(LONGER);
        let running = Running::start(&args.collect::<Vec<_>>());
        wait_for(&out.join("train.jsonl"));
        running.signal(signal, false);
        let (code, said) = running.end();
        assert_eq!(code, Some(status), "{said}");
        assert!(said.contains("stopped at step ") && said.contains("--resume"), "{said}");
        assert!(!out.join("model.safetensors").exists());
        trainer(["train", "--resume", text(&out)]).text();
        assert!(fs::read(out.join("model.safetensors")).unwrap() == wanted, "{signal}");
    }
}

#[test]
fn a_sweep_that_is_told_to_end_goes_on_when_it_is_called_again() {
    let scratch = Scratch::new();
    let out = scratch.path().join("sweep");
    let running = Running::start(&sweep_args(&out, &[]));
    let run = out.join("seed-0");
    wait_for(&run.join("train.jsonl"));
    // The sweep alone, which tells its child.
    running.signal("USR1", false);
    let (code, said) = running.end();
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("the same command goes on"), "{said}");
    assert!(!run.join("model.safetensors").exists() && !run.join("failure.txt").exists());
    let status = trainer(sweep_args(&out, &["--status"])).json();
    assert_eq!(status["runs"][0]["state"], "waiting");
    assert!(status["runs"][0]["progress"]["step"].as_u64().unwrap() > 0, "{status}");
    trainer(sweep_args(&out, &[])).text();
    assert!(fs::read(run.join("model.safetensors")).unwrap() == straight(scratch.path()));
}

#[test]
fn a_worker_that_stands_still_too_long_loses_its_run_and_writes_nothing_more() {
    let scratch = Scratch::new();
    let out = scratch.path().join("sweep");
    let run = out.join("seed-0");
    let still = Running::start(&sweep_args(&out, &["--lease", "2"]));
    wait_for(&run.join("train.jsonl"));
    still.signal("STOP", true);
    trainer(sweep_args(&out, &["--lease", "2"])).text();
    let files = ["model.safetensors", "checkpoint.safetensors", "train.jsonl", "evaluation.json"];
    let bytes = || files.map(|name| fs::read(run.join(name)).unwrap());
    let before = bytes();
    still.signal("CONT", true);
    let (code, said) = still.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(bytes() == before && !run.join("failure.txt").exists());
    assert!(before[0] == straight(scratch.path()));
    assert_eq!(fs::read_dir(run.join(".lease")).unwrap().count(), 2);
}

#[test]
fn the_run_of_a_killed_worker_is_taken_over() {
    let scratch = Scratch::new();
    let out = scratch.path().join("sweep");
    let run = out.join("seed-0");
    let running = Running::start(&sweep_args(&out, &["--lease", "3600"]));
    wait_for(&run.join("train.jsonl"));
    running.signal("STOP", true);
    let status = trainer(sweep_args(&out, &["--status"])).json();
    assert_eq!(status["runs"][0]["state"], "running", "{status}");
    let message = trainer(["train", "--resume", text(&run)]).refusal();
    assert!(message.contains("another process (") && message.contains("of a sweep"), "{message}");
    running.signal("CONT", true);
    // Its child ends by itself, as nobody is there any more.
    running.signal("KILL", false);
    running.end();
    trainer(sweep_args(&out, &["--lease", "3600"])).text();
    assert!(fs::read(run.join("model.safetensors")).unwrap() == straight(scratch.path()));
    assert_eq!(fs::read_dir(run.join(".lease")).unwrap().count(), 2);
}

#[test]
fn two_sweeps_on_one_folder_divide_the_runs() {
    let scratch = Scratch::new();
    let args = |out| -> Vec<String> {
        let args = ["sweep", "--seeds", "4", "--bootstrap", "0", "--limit", "100", "--json", "--out", out];
        args.into_iter().chain(QUICK).map(String::from).collect()
    };
    let out = scratch.path().join("sweep");
    let args = args(text(&out));
    let (mine, theirs) = std::thread::scope(|scope| {
        let theirs = scope.spawn(|| trainer(&args).text());
        (trainer(&args).text(), theirs.join().unwrap())
    });
    let done = |told: &str| told.lines().filter(|line| line.contains("\"done\"")).count();
    assert_eq!(done(&mine) + done(&theirs), 4, "{mine}{theirs}");
    for seed in 0..4 {
        assert_eq!(fs::read_dir(out.join(format!("seed-{seed}/.lease"))).unwrap().count(), 1);
    }
}
