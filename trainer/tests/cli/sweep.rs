//! `sweep`: a run a value, resumed, split, and with one that breaks; and `table`, which reads what it leaves.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{QUICK, Scratch, listing, model, text, trainer};

fn sweep(out: &Path, more: &[&str]) -> crate::Ran {
    let evaluating = ["--ood", "noise", "--limit", "200", "--bootstrap", "0"];
    let args = ["sweep", "--over", "gamma", "--out", text(out)];
    trainer(args.iter().chain(&QUICK).chain(&evaluating).chain(more))
}

/// The lines of a sweep for programs, by run.
fn lines(ran: &crate::Ran) -> Vec<Value> {
    let stdout = String::from_utf8(ran.0.stdout.clone()).unwrap();
    let mut lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.sort_by_key(|line| line["run"].to_string());
    lines
}

#[test]
fn runs_are_trained_evaluated_kept_and_continued() {
    let scratch = Scratch::new();
    let out = scratch.path().join("sweep");
    // Parts first, side by side after that, and each does only what is left.
    let part = sweep(&out, &["--values", "0,1,inf", "--shard", "2/3", "--json"]);
    part.text();
    assert_eq!(listing(&out), ["gamma-1"]);
    let states = |ran: &crate::Ran| -> Vec<String> {
        lines(ran).iter().map(|line| format!("{} {}", line["run"], line["state"]).replace('"', "")).collect()
    };
    assert_eq!(states(&part), ["γ = 1 done"]);
    // A run that was interrupted: its checkpoint is gone on with.
    let broken = out.join("gamma-inf");
    fs::create_dir(&broken).unwrap();
    let mut args = vec!["train", "--gamma", "inf", "--out", text(&broken), "--stop-after", "3"];
    args.extend(QUICK);
    trainer(args).text();
    let evaluation = fs::read(out.join("gamma-1/evaluation.json")).unwrap();
    let rest = sweep(&out, &["--values", "0,1,inf", "--jobs", "2", "--json"]);
    rest.text();
    assert_eq!(states(&rest), ["γ = 0 done", "γ = 1 kept", "γ = inf done"]);
    assert_eq!(fs::read(out.join("gamma-1/evaluation.json")).unwrap(), evaluation);
    let straight = scratch.path().join("straight");
    let mut args = vec!["train", "--gamma", "inf", "--out", text(&straight)];
    args.extend(QUICK);
    trainer(args).text();
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&straight) == model(&broken), "the continued run gave another model");
    for (folder, gamma) in [("gamma-0", json!(0.0)), ("gamma-1", json!(1.0)), ("gamma-inf", json!("inf"))] {
        let value: Value =
            serde_json::from_slice(&fs::read(out.join(folder).join("evaluation.json")).unwrap()).unwrap();
        assert_eq!(
            (&value["training"]["method"]["gamma"], &value["report"]["images"]),
            (&gamma, &json!(200))
        );
        assert_eq!(value["report"]["ood"][0]["name"], json!("noise"));
    }
    let told = sweep(&out, &["--values", "0,1,inf"]);
    assert!(
        told.text().contains("3 runs in") && told.stderr().contains("γ = 1: kept, error "),
        "{}",
        told.stderr()
    );

    // What was evaluated on other images is evaluated again.
    let (file, own) = (out.join("gamma-1/evaluation.json"), out.join("gamma-1/model.safetensors"));
    let evaluating = ["--ood", "noise", "--limit", "200", "--bootstrap", "0", "--split", "train"];
    trainer(["evaluate", "--full", text(&own), "--out", text(&file)].iter().chain(&evaluating)).text();
    assert_eq!(states(&sweep(&out, &["--values", "1", "--json"])), ["γ = 1 done"]);
    assert_eq!(fs::read(&file).unwrap(), evaluation);

    // A model that was not evaluated any more at the end of its run is, by going on from the checkpoint.
    let whole = fs::read(&own).unwrap();
    let unevaluated = ibinn::Model::from_bytes(&whole).unwrap();
    let card = ibinn::Card { evaluation: None, ..unevaluated.card().clone() };
    fs::write(&own, unevaluated.with_card(card).unwrap().to_bytes(ibinn::Precision::F32)).unwrap();
    assert_eq!(states(&sweep(&out, &["--values", "1", "--json"])), ["γ = 1 done"]);
    assert!(fs::read(&own).unwrap() == whole && fs::read(&file).unwrap() == evaluation);

    // What they leave is a table, beside the paper's.
    let table = |more: &[&str]| trainer(["table", text(&out)].iter().chain(more)).text();
    let markdown = table(&["--paper", "table1"]);
    let models: Vec<String> = markdown
        .lines()
        .skip(2)
        .filter_map(|line| Some(line.split('|').nth(1)?.trim().to_string()))
        .collect();
    let only = |name: &str| models.iter().filter(|model| **model == name).count();
    assert_eq!((models.len(), only("IB-INN, γ = 1"), only("only L_Y (γ = ∞)")), (11, 2, 2), "{markdown}");
    assert!(markdown.contains("| IB-INN, γ = 1 | paper, CIFAR-10 | 10.27 | 5.25 | – | 1.26 |"), "{markdown}");
    let error = serde_json::from_slice::<Value>(&evaluation).unwrap()["report"]["error"]["value"].clone();
    assert!(table(&["--format", "csv"]).contains(&format!("\"IB-INN, γ = 1\",\"ours, builtin\",{error},")));
    assert!(!table(&["--format", "latex"]).contains("paper"));
    let file = scratch.path().join("table.tex");
    table(&["--format", "latex", "--out", text(&file)]);
    assert!(fs::read_to_string(&file).unwrap().starts_with("\\begin{tabular}"));
    let rows = trainer(["table", text(&out), "--json"]).json();
    assert_eq!(rows["rows"].as_array().unwrap().len(), 3);
}

#[test]
fn one_broken_run_leaves_the_others_alone_and_is_named() {
    let scratch = Scratch::new();
    let args = ["--over", "sigma", "--values", "0.01,1000000000000000000000", "--out", text(scratch.path())];
    let ran = trainer(["sweep"].iter().chain(&args).chain(&QUICK).chain(&["--bootstrap", "0", "--json"]));
    let stderr = ran.stderr();
    assert_eq!(ran.0.status.code(), Some(1));
    assert!(
        stderr.contains("1 of 2 runs failed") && stderr.contains("σ = 1000000000000000000000"),
        "{stderr}"
    );
    assert!(stderr.contains("diverged at step"), "{stderr}");
    let states: Vec<Value> = lines(&ran).iter().map(|line| line["state"].clone()).collect();
    assert_eq!(states, [json!("done"), json!("failed")]);
    let config = fs::read_to_string(scratch.path().join("sigma-0.01/config.toml")).unwrap();
    for line in ["noise = 0.01", "gamma = 0.2", "dequantize = false"] {
        assert!(config.lines().any(|l| l == line), "{line} is not in:\n{config}");
    }
}

#[test]
fn what_cannot_be_swept_or_tabled_is_refused_in_one_sentence() {
    let scratch = Scratch::new();
    let out = scratch.path().join("sweep");
    let cases: [(&[&str], &[&str]); 8] = [
        (&["--gamma", "1"], &["--gamma is what varies", "--values"]),
        (&["--values", "1,2,1"], &["--values", "1 twice"]),
        (&["--values", "1,-1"], &["--values", "`-1`"]),
        (&["--shard", "4/3"], &["--shard", "`4/3`"]),
        (&["--jobs", "0"], &["--jobs is 0"]),
        (&["--bootstrap", "7"], &["--bootstrap is 7"]),
        (&["--ood", "nonsense"], &["--ood", "`nonsense`"]),
        (&["--ood", "noise", "noise"], &["--ood has noise twice"]),
    ];
    for (more, wanted) in cases {
        let args = ["sweep", "--over", "gamma", "--out", text(&out)];
        let message = trainer(args.iter().chain(&QUICK).chain(more)).refusal();
        assert!(wanted.iter().all(|part| message.contains(part)), "{more:?} gave: {message}");
        assert!(!out.exists());
    }
    let message = trainer(["sweep", "--over", "sigma", "--values", "x", "--out", text(&out)]).refusal();
    assert!(message.contains("--values: sigma is `x`, must be a number from 0 up"), "{message}");
    // A folder of another run is left as it is.
    let other = out.join("gamma-1");
    let mut args = vec!["train", "--seed", "5", "--out", text(&other), "--stop-after", "1"];
    args.extend(QUICK);
    trainer(args).text();
    let before = fs::read(other.join("checkpoint.safetensors")).unwrap();
    let message = sweep(&out, &["--values", "1", "--json"]).refusal();
    assert!(message.contains("gamma-1") && message.contains("other settings"), "{message}");
    assert!(fs::read(other.join("checkpoint.safetensors")).unwrap() == before);

    let table = |path: &Path| trainer(["table", text(path)]).refusal();
    assert!(
        table(&other).contains("evaluation.json") && table(&other).contains("trainer evaluate"),
        "{}",
        table(&other)
    );
    let file = scratch.path().join("some.json");
    fs::write(&file, "{}").unwrap();
    assert!(table(&file).contains("some.json") && table(&file).contains("no evaluation"), "{}", table(&file));
    assert!(table(model()).contains("model.safetensors"), "{}", table(model()));
}
