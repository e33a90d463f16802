//! A sweep on HyperQueue, whose tasks and workers are killed at random: all runs finish, and are those of a serial sweep.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{QUICK, Scratch, text, trainer};

/// A Python with HyperQueue's package; without it the caller's test does not run, which fails where `CI` is set and
/// `IBINN_WITHOUT` does not name it.
fn python() -> Option<PathBuf> {
    const NAME: &str = "IBINN_HYPERQUEUE";
    let python = std::env::var_os(NAME).map(PathBuf::from);
    if python.is_none() {
        let without = std::env::var("IBINN_WITHOUT").unwrap_or_default();
        let must = std::env::var_os("CI").is_some() && !without.contains(NAME);
        assert!(!must, "{NAME} is not set, and in CI every test must run that IBINN_WITHOUT does not excuse");
        eprintln!("not run: {NAME} is not set");
    }
    python
}

fn sweep(out: &Path, more: &[&str]) -> String {
    let args = ["sweep", "--grid", "gamma=0.2,1,5", "--seeds", "2", "--out", text(out), "--bootstrap", "0"];
    trainer(args.iter().chain(&QUICK).chain(&["--limit", "200"]).chain(more)).text()
}

#[test]
fn killed_workers_cost_time_and_no_run() {
    let Some(python) = python() else { return };
    let scratch = Scratch::new();
    let (serial, parallel) = (scratch.path().join("serial"), scratch.path().join("parallel"));
    sweep(&serial, &["--json"]);
    let job = scratch.path().join("job.toml");
    let emitted = sweep(
        &parallel,
        &["--emit", "hyperqueue", "--cores", "1", "--seconds-per-step", "0.1", "--lease", "5"],
    );
    fs::write(&job, emitted).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hyperqueue/run.py");
    let ran = Command::new(python).arg(script).arg(&job).arg("6").output().unwrap();
    let told = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "{told}{}", String::from_utf8_lossy(&ran.stderr));
    let told: serde_json::Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    let kills = told["killed"]["tasks"].as_u64().unwrap() + told["killed"]["clusters"].as_u64().unwrap();
    assert!(kills > 0 && told["submitted"].as_u64().unwrap() > 6, "{told}");
    for gamma in ["0.2", "1", "5"] {
        for seed in [0, 1] {
            let model = Path::new(&format!("gamma-{gamma}_seed-{seed}")).join("model.safetensors");
            assert!(
                fs::read(serial.join(&model)).unwrap() == fs::read(parallel.join(&model)).unwrap(),
                "{model:?}"
            );
        }
    }
    let status = sweep(&parallel, &["--status"]);
    assert!(status.ends_with("6 done, 0 running, 0 failed, 0 waiting\n"), "{status}");
}
