//! The models that the paper compares with: the same verbs, and a sentence for what each cannot do.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ibinn::model::container::Container;
use serde_json::{Value, json};

use crate::{QUICK, Scratch, listing, text, trainer};

/// A model of each family but the first, trained once.
fn model(family: &str) -> PathBuf {
    static FOLDER: OnceLock<Scratch> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = Scratch::new();
        for family in ["res-net", "i-rev-net", "vib"] {
            let out = text(&folder.path().join(family)).to_string();
            trainer(["train", "--method", family, "--out", &out, "--json"].into_iter().chain(QUICK)).json();
        }
        folder
    });
    folder.path().join(family).join("model.safetensors")
}

fn metadata(path: &Path, key: &str) -> Value {
    let container = Container::parse(&fs::read(path).unwrap()).unwrap();
    serde_json::from_str(&container.metadata[key]).unwrap()
}

#[test]
fn a_card_says_the_method_and_no_likelihood() {
    for (family, method, title) in [
        ("res-net", json!({ "name": "res-net" }), "builtin · ResNet"),
        ("i-rev-net", json!({ "name": "i-rev-net" }), "builtin · i-RevNet"),
        ("vib", json!({ "name": "vib", "gamma": 1.0 }), "builtin · VIB, γ = 1"),
    ] {
        let path = model(family);
        let card = metadata(&path, "card");
        assert_eq!(metadata(&path, "spec")["family"], family);
        assert_eq!((&card["training"]["method"], &card["title"]), (&method, &json!(title)));
        let evaluation = card["evaluation"].as_object().unwrap();
        let keys: Vec<&String> = evaluation.keys().collect();
        assert_eq!(
            keys,
            ["calibration", "confusion", "dataset", "error", "executor", "images", "l_y", "novelty", "ood"]
        );
        let noise = evaluation["ood"][0].as_object().unwrap();
        assert!(noise["name"] == "noise" && noise["entropy_increase"].is_f64(), "{noise:?}");
        assert!(!noise.contains_key("typicality_auc"), "{noise:?}");
        let log = fs::read_to_string(path.with_file_name("train.jsonl")).unwrap();
        let last: Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
        assert!(last.get("l_x").is_none() && last["l_y"].is_f64(), "{last}");
        assert_eq!(last["kl_bits"].is_f64(), family == "vib", "{last}");
    }
}

#[test]
fn both_evaluations_agree_and_leave_out_what_needs_a_likelihood() {
    for family in ["res-net", "i-rev-net", "vib"] {
        let path = model(family);
        let few = [text(&path), "--limit", "200", "--executor", "cpu"];
        let card = trainer(["evaluate"].iter().chain(&few).chain(&["--json"])).json();
        let evaluate =
            ["evaluate", "--full"].iter().chain(&few).chain(&["--bootstrap", "40", "--ood", "noise:0.3"]);
        let evaluate: Vec<&str> = evaluate.copied().collect();
        let report = trainer(evaluate.iter().chain(&["--json"])).json()["report"].clone();
        for key in ["error", "l_y"] {
            let difference = report[key]["value"].as_f64().unwrap() - card[key].as_f64().unwrap();
            assert!(difference.abs() < 1e-9, "{family}: {key} {report}");
        }
        assert!(report["calibration"][0]["ece"]["value"].is_f64(), "{report}");
        assert!(report["ood"][0]["entropy_increase"]["value"].is_f64(), "{report}");
        for absent in ["l_x", "bits_per_dim", "bits_per_dim_tables", "latent_space"] {
            assert!(report[absent].is_null() && card.get(absent).is_none(), "{family}: {absent}");
        }
        assert!(
            report["ood"][0]["typicality_auc"].is_null() && report["ood_average"]["typicality_auc"].is_null()
        );
        let out = trainer(&evaluate).text();
        assert!(out.contains("Calibration") && out.contains("entropy increase"), "{out}");
        assert!(["bits/dim", "AUC", "latent space"].iter().all(|absent| !out.contains(absent)), "{out}");
        let inspected = trainer(["inspect", text(&path)]).text();
        assert!(inspected.contains("stage 1") && !inspected.contains("bits/dim"), "{inspected}");
    }
}

#[test]
fn what_a_model_cannot_do_is_one_sentence() {
    let scratch = Scratch::new();
    let out = text(&scratch.path().join("out.png")).to_string();
    let (resnet, revnet) = (model("res-net"), model("i-rev-net"));
    let (resnet, revnet) = (text(&resnet), text(&revnet));
    for (args, wanted) in [
        (vec!["encode", resnet, "--limit", "2", "--out", &out], "cannot be inverted"),
        (vec!["decode", resnet, resnet, "--out", &out], "cannot be inverted"),
        (vec!["interpolate", resnet, "--indices", "0,1", "--out", &out], "cannot be inverted"),
        (
            vec!["export", resnet, "--format", "onnx", "--direction", "encode", "--out", &out],
            "cannot be inverted",
        ),
        (vec!["sample", resnet, "--out", &out], "no likelihood and no samples"),
        (vec!["sample", revnet, "--out", &out], "no likelihood and no samples"),
        (vec!["evaluate", resnet, "--executor", "gpu"], "on the CPU only"),
        (
            vec!["train", "--method", "res-net", "--gamma", "1", "--out", &out],
            "gamma is a setting of ib-inn and vib",
        ),
        (
            vec!["train", "--method", "vib", "--means-rate", "0", "--out", &out],
            "means-rate is a setting of ib-inn and class-nll, not of vib",
        ),
        (vec!["train", "--method", "resnet", "--out", &out], "`resnet`"),
    ] {
        let message = trainer(&args).refusal();
        assert!(message.contains(wanted), "{args:?}: {message}");
    }
    assert!(listing(scratch.path()).is_empty());
}

#[test]
fn an_i_revnet_takes_images_to_latents_and_back() {
    let scratch = Scratch::new();
    let path = |name: &str| text(&scratch.path().join(name)).to_string();
    let (model, z, x) = (model("i-rev-net"), path("z.safetensors"), path("x.safetensors"));
    let args = ["encode", text(&model), "--limit", "3", "--json", "--executor", "cpu", "--out", &z];
    trainer(args).json();
    let arrays = |path: &str| Container::parse(&fs::read(path).unwrap()).unwrap().arrays;
    let latents = arrays(&z);
    let names: Vec<&String> = latents.keys().collect();
    assert_eq!(names, ["index", "label", "log_det", "logits", "z"]);
    trainer(["decode", text(&model), &z, "--json", "--executor", "cpu", "--out", &x]).json();
    let back = arrays(&x)["x"].to_f64();
    let drawn = (0..3).flat_map(|i| {
        ibinn::synthetic::draw(ibinn::synthetic::Alphabet::Digits, ibinn::synthetic::Split::Test, 0, i).pixels
    });
    let worst = drawn.zip(&back).map(|(v, x)| (f64::from(v) / 255.0 - x).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-3, "the round trip is off by {worst}");
    let walk = path("walk.png");
    trainer(["interpolate", text(&model), "--indices", "0,1", "--executor", "cpu", "--out", &walk]).text();
}

#[test]
fn half_precision_is_evaluated_anew() {
    let scratch = Scratch::new();
    let out = scratch.path().join("half.safetensors");
    let path = model("vib");
    let args = ["export", text(&path), "--limit", "500", "--executor", "cpu", "--json", "--out", text(&out)];
    trainer(args).json();
    assert_eq!(metadata(&out, "card")["evaluation"]["images"], 500);
    let (half, full) = (fs::metadata(&out).unwrap().len(), fs::metadata(&path).unwrap().len());
    assert!(half < full * 3 / 4, "{half} of {full} bytes");
}
