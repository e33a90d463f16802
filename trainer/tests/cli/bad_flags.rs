//! Flags, configuration files and outputs that cannot be: one sentence, and nothing on disk.

use std::fs;
use std::path::Path;

use crate::{Scratch, listing, model, text, trainer};

/// The largest number that a flag can have.
const MOST: &str = "18446744073709551615";

#[test]
fn impossible_values_are_refused_in_one_sentence_that_names_the_flag() {
    let (scratch, model) = (Scratch::new(), text(model()));
    let out = text(&scratch.path().join("out")).to_string();
    let png = format!("{out}.png");
    let cases: [(&[&str], &[&str]); 40] = [
        (&["train", "--gamma", "-1"], &["--gamma", "`-1`", "from 0 up"]),
        (&["train", "--gamma", "much"], &["--gamma", "`much`"]),
        (&["train", "--preset", "nonsense"], &["--preset", "`nonsense`", "compact28"]),
        (&["train", "--dataset", "nonsense"], &["`nonsense`", "fashion-mnist"]),
        (&["train", "--dataset", "notmnist"], &["notmnist", "no training images"]),
        (&["train", "--preset", "cifar10"], &["cifar10", "builtin", "3×32×32", "1×28×28"]),
        (&["train", "--learning-rate", "-0.1"], &["learning-rate is -0.1", "above 0"]),
        (&["train", "--learning-rate", "fast"], &["--learning-rate", "'fast'"]),
        (&["train", "--noise", "NaN"], &["noise is NaN"]),
        (&["train", "--epochs", "0"], &["epochs is 0"]),
        (&["train", "--batch", "1"], &["batch is 1"]),
        (&["train", "--dense-dropout", "1"], &["dense-dropout is 1"]),
        (&["train", "--train-images", "100"], &["builtin", "100 training images", "batch of 128"]),
        (
            &["train", "--preset", "tiny", "--train-images", "512", "--epochs", "9223372036854775807"],
            &["epochs is 9223372036854775807", "4 steps each"],
        ),
        (
            &["train", "--preset", "tiny", "--train-images", "512", "--batch-norm-batches", MOST],
            &["batch-norm-batches is 18446744073709551615", "24 steps"],
        ),
        (&["train", "--config", model], &["model.safetensors", "no configuration in TOML"]),
        (&["train", "--augment", "true"], &["augment", "builtin"]),
        (&["train", "--backend", "abacus"], &["--backend", "'abacus'"]),
        (&["train", "--datset", "mnist"], &["--datset"]),
        (&["train", "--resume", "x", "--config", "y"], &["--resume", "--config"]),
        (&["evaluate", model, "--indices", "0,4000"], &["--indices", "4000", "builtin", "4000 images"]),
        (&["evaluate", model, "--indices", "one"], &["--indices", "'one'"]),
        (&["evaluate", model, "--limit", "0"], &["--limit"]),
        (&["evaluate", model, "--limit", "1"], &["two images"]),
        (&["evaluate", model, "--executor", "abacus"], &["--executor", "`abacus`"]),
        (&["evaluate", model, "--ood", "noise", "noise"], &["--ood has noise twice"]),
        (
            &["evaluate", "--full", model, "--ood", "noise", "noise:0.015"],
            &["--ood", "noise and noise:0.015"],
        ),
        (&["encode", model, "--image", "a.png", "--split", "train"], &["--image", "--split"]),
        (&["encode", model, "--image", "a.png", "--data-dir", "x"], &["--image", "--data-dir"]),
        (&["sample", model, "--class", "eleven"], &["--class", "`eleven`", "0, 1, 2"]),
        (&["sample", model, "--count", "0"], &["--count is 0", "from 1 to 1000"]),
        (&["sample", model, "--count", "1000000000"], &["--count is 1000000000", "from 1 to 1000"]),
        (&["sample", model, "--temperature", "-1"], &["--temperature is -1", "0 or more"]),
        (&["interpolate", model, "--indices", "1,2,3"], &["--indices", "two"]),
        (&["interpolate", model, "--indices", "1,2", "--steps", "1"], &["--steps is 1", "from 2"]),
        (&["interpolate", model, "--indices", "1,2", "--limit", "5"], &["--limit"]),
        (&["interpolate", model, "--from", "a", "--to", "b", "--dataset", "x"], &["--from", "--dataset"]),
        (&["interpolate", model, "--from", "a", "--to", "b", "--data-dir", "x"], &["--from", "--data-dir"]),
        (&["interpolate", model, "--from", "a", "--to", "b", "--split", "test"], &["--from", "--split"]),
        (&["export", model, "--precision", "f8"], &["--precision", "'f8'"]),
    ];
    for (args, wanted) in cases {
        let out: &[&str] = match args[0] {
            "evaluate" => &[],
            "sample" | "interpolate" => &["--out", &png],
            _ if args.contains(&"--resume") => &[],
            _ => &["--out", &out],
        };
        let message = trainer(args.iter().chain(out)).refusal();
        for part in wanted {
            assert!(message.contains(part), "{args:?} gave: {message}");
        }
        assert!(listing(scratch.path()).is_empty(), "{args:?} left {:?}", listing(scratch.path()));
    }
}

#[test]
fn configuration_files_are_refused_with_the_line_at_fault() {
    let scratch = Scratch::new();
    let (path, out) = (scratch.path().join("some.toml"), scratch.path().join("out"));
    for (contents, wanted) in [
        ("seed = 1\ngama = 1\n", "line 2: unknown field `gama`, expected one of `preset`, `architecture`"),
        ("seed = 1\n\nepochs = \"six\"\n", "line 3: invalid type: string \"six\""),
        ("gamma = -1\n", "line 1: gamma is -1, must be 0 or more"),
        ("preset = \"resnet\"\n", "line 1: "),
        ("seed == 1\n", "line 1: "),
        ("batch = 0\n", "batch is 0"),
    ] {
        fs::write(&path, contents).unwrap();
        let message = trainer(["train", "--config", text(&path), "--out", text(&out)]).refusal();
        assert!(message.contains(wanted), "{contents} gave: {message}");
        assert!(wanted.starts_with("batch") || message.contains("some.toml"), "{message}");
        assert_eq!(listing(scratch.path()), ["some.toml"]);
    }
    fs::remove_file(&path).unwrap();
    let message = trainer(["train", "--config", text(&path), "--out", text(&out)]).refusal();
    assert!(message.contains("some.toml"), "{message}");
}

#[test]
fn an_output_that_cannot_be_written_is_noticed_before_the_work() {
    let (scratch, model) = (Scratch::new(), text(model()));
    let latents = text(&scratch.path().join("latents")).to_string();
    trainer(["encode", model, "--limit", "1", "--out", &latents]).text();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let before = listing(scratch.path());
    let under_a_file = text(&file.join("out")).to_string();
    let missing = text(&scratch.path().join("missing").join("out")).to_string();
    let folder = format!("{}/", text(&scratch.path().join("folder")));
    for out in [under_a_file.as_str(), "/proc/out", "/dev/null", missing.as_str(), folder.as_str()] {
        for args in [
            vec!["train", "--preset", "tiny", "--train-images", "200"],
            vec!["encode", model],
            vec!["decode", model, &latents],
            vec!["sample", model],
            vec!["interpolate", model, "--indices", "0,1"],
            vec!["export", model],
        ] {
            if args[0] == "train" && [missing.as_str(), folder.as_str()].contains(&out) {
                // The folder is made.
                continue;
            }
            let message = trainer(args.iter().chain(&["--out", out])).refusal();
            assert!(
                message.contains(Path::new(out).parent().unwrap().to_str().unwrap()),
                "{args:?}: {message}"
            );
            assert_eq!(listing(scratch.path()), before, "{args:?}");
        }
    }
}
