//! Checkpoints of the authors' program become models of ours.

use std::fs;
use std::path::{Path, PathBuf};

use ibinn::training::initial_tensors;
use ibinn::{ModelSpec, Preset};
use serde_json::json;

use crate::{Scratch, listing, text, trainer};
use ibinn_testing::checkpoint::{Checkpoint, Kind};

/// A checkpoint of the architecture `spec` with initial weights.
fn checkpoint(folder: &Path, name: &str, spec: &ModelSpec, kind: Kind) -> PathBuf {
    let path = folder.join(name);
    let tensors = initial_tensors(spec, 1, 0.9, 5.0);
    fs::write(&path, Checkpoint::of(spec, &tensors, true).bytes(kind)).unwrap();
    path
}

#[test]
fn an_imported_model_is_evaluated_and_does_what_others_do() {
    let scratch = Scratch::new();
    let spec = Preset::Tiny.spec().unwrap();
    let file = checkpoint(scratch.path(), "model.pt", &spec, Kind::Legacy);
    let out = scratch.path().join("imported.safetensors");
    let args = ["import", text(&file), "--dataset", "builtin", "--gamma", "0.2", "--out", text(&out)];
    let told = trainer(args).text();
    assert!(told.contains("bits/dim") && told.contains("imported.safetensors"), "{told}");
    let inspected = trainer(["inspect", text(&out), "--json"]).json();
    let card = &inspected["card"];
    assert_eq!(
        (&card["training"]["method"], &card["training"]["preset"], &card["title"]),
        (&json!({ "name": "ib-inn", "gamma": 0.2 }), &json!("tiny"), &json!("builtin · IB-INN, γ = 0.2"))
    );
    assert!(card["training"].get("seed").is_none());
    let evaluated = trainer(["evaluate", text(&out), "--json"]).json();
    assert_eq!(evaluated, card["evaluation"]);
    let line = trainer(["inspect", text(&out)]).text();
    assert!(
        line.contains("method       IB-INN, γ = 0.2\n") && line.contains("trained      builtin\n"),
        "{line}"
    );
    let picture = scratch.path().join("samples.png");
    trainer(["sample", text(&out), "--count", "1", "--out", text(&picture)]).text();

    // Statistics of other batches make another model.
    let again = scratch.path().join("again.safetensors");
    let more = ["--batch-norm-batches", "3", "--backend", "cpu", "--json"];
    trainer(args[..7].iter().chain(&[text(&again)]).chain(&more)).json();
    let other = trainer(["inspect", text(&again), "--json"]).json();
    assert_ne!(other["card"]["evaluation"], card["evaluation"]);
}

#[test]
fn without_images_the_trained_means_stand_for_the_empirical_ones() {
    let scratch = Scratch::new();
    let ten = Preset::Tiny.spec().unwrap();
    let three = vec!["0".into(), "1".into(), "2".into()];
    let three = ten.for_data(three, vec![0.5], vec![0.5]).unwrap();
    let out = scratch.path().join("out.safetensors");
    for (spec, dataset, class) in
        [(&ten, None, "0"), (&ten, Some("fashion-mnist"), "T-shirt"), (&three, Some("mine"), "0")]
    {
        let file = checkpoint(scratch.path(), "model.avg.pt", spec, Kind::Zip);
        let mut args =
            vec!["import", text(&file), "--gamma", "inf", "--without-images", "--json", "--out", text(&out)];
        args.extend(dataset.iter().flat_map(|name| ["--dataset", name]));
        let value = trainer(args).json();
        assert_eq!(value["spec"]["classes"][0], json!(class));
        assert_eq!(value["card"]["training"]["dataset"], json!(dataset.unwrap_or("mnist")));
        assert!(value["card"].get("evaluation").is_none());
        let model = ibinn::Model::from_bytes(&fs::read(&out).unwrap()).unwrap();
        assert_eq!(model.empirical_means().unwrap(), model.means().unwrap());
    }
}

#[test]
fn what_the_authors_configuration_tells_need_not_be_said() {
    let scratch = Scratch::new();
    let spec = Preset::Tiny.spec().unwrap();
    let file = checkpoint(scratch.path(), "model.avg.pt", &spec, Kind::Zip);
    let conf = scratch.path().join("conf.ini");
    let out = scratch.path().join("out.safetensors");
    let import = |more: &[&str]| {
        let args = ["import", text(&file), "--without-images", "--json", "--out", text(&out)];
        trainer(args.iter().chain(more))
    };
    assert!(import(&[]).refusal().contains("or put the run's conf.ini beside it"));
    fs::write(&conf, "[data]\ndataset = MNIST\n[training]\nbeta_IB = 0.2162\nn_epochs = 60\n").unwrap();
    let training = |more: &[&str]| import(more).json()["card"]["training"].clone();
    let told = training(&[]);
    assert_eq!(
        (&told["method"]["gamma"], &told["dataset"], &told["epochs"], &told["method"]["name"]),
        (&json!(0.2162), &json!("mnist"), &json!(60), &json!("ib-inn"))
    );
    // Flags say otherwise.
    let told = training(&["--gamma", "5", "--dataset", "kmnist"]);
    assert_eq!((&told["method"]["gamma"], &told["dataset"]), (&json!(5.0), &json!("kmnist")));
    fs::write(&conf, "[training]\nbeta_IB = 1\ntrain_mu = False\n[ablations]\nclass_NLL = True\n").unwrap();
    let told = training(&[]);
    assert_eq!(told["method"]["name"], json!("class-nll"));
    assert!(told["method"]["frozen_means"].as_f64().is_some_and(|distance| distance > 0.0), "{told}");
    fs::write(&conf, "[training]\nbeta_IB = one\n").unwrap();
    let message = import(&[]).refusal();
    assert!(message.contains("conf.ini: its beta_IB, in line 2, is `one`"), "{message}");
}

#[test]
fn what_is_no_checkpoint_or_does_not_fit_is_refused() {
    let scratch = Scratch::new();
    let spec = Preset::Tiny.spec().unwrap();
    let sound = checkpoint(scratch.path(), "sound.pt", &spec, Kind::Zip);
    let names = (0..100).map(|class| class.to_string()).collect();
    let hundred = Preset::Cifar10.spec().unwrap().for_data(names, vec![0.5; 3], vec![0.5; 3]).unwrap();
    let hundred = checkpoint(scratch.path(), "hundred.pt", &hundred, Kind::Zip);
    let evil = scratch.path().join("evil.pt");
    fs::write(&evil, b"\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.").unwrap();
    let out = scratch.path().join("out.safetensors");
    let import = |file: &Path, more: &[&str]| {
        let args = ["import", text(file), "--out", text(&out)];
        trainer(args.iter().chain(more)).refusal()
    };
    for (message, wanted) in [
        (import(&evil, &["--gamma", "1"]), "evil.pt: it asks for `posix.system`"),
        (import(&scratch.path().join("none.pt"), &["--gamma", "1"]), "none.pt"),
        (
            import(&sound, &["--gamma", "1", "--dataset", "cifar-10"]),
            "takes 1 channels, but images of cifar-10 have 3",
        ),
        (import(&sound, &["--gamma", "1", "--dataset", "mine"]), "there is no data set `mine`"),
        (import(&sound, &["--gamma", "1", "--dataset", "mine"]), "by --without-images"),
        (import(&sound, &["--gamma", "1"]), "trainer data fetch mnist"),
        (import(&hundred, &["--gamma", "1"]), "trainer data fetch cifar-100"),
        (import(crate::model(), &["--gamma", "1"]), "no checkpoint of PyTorch"),
        (import(&sound, &[]), "gamma is missing"),
        (import(&sound, &["--method", "class-nll", "--gamma", "1"]), "class-nll has no gamma"),
        (import(&sound, &["--method", "vib", "--gamma", "1"]), "--method is vib"),
    ] {
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    assert_eq!(listing(scratch.path()), ["evil.pt", "hundred.pt", "sound.pt"]);
}
