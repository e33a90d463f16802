//! Model files, latents and pictures that are not what they should be.

use std::fs;

use ibinn::model::container::{Array, Container};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Scratch, listing, model, text, trainer};

/// The file's bytes with its header changed by `change`.
fn with_header(bytes: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    change(&mut header);
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[8 + length..]].concat()
}

/// The file's bytes with its contents changed by `change`, and the sha256 of those, as docs/file-format.md defines it.
fn with_contents(bytes: &[u8], change: impl FnOnce(&mut Container)) -> Vec<u8> {
    let mut container = Container::parse(bytes).unwrap();
    change(&mut container);
    let mut hash = Sha256::new();
    for text in [&container.metadata["spec"], &container.metadata["card"]] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    container.arrays.values().for_each(|array| hash.update(&array.bytes));
    let digest = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    container.metadata.insert("sha256".into(), digest);
    container.to_bytes()
}

const TENSOR: &str = "stage0.block0.subnet.conv1.weight";

#[test]
fn damaged_and_foreign_model_files_are_refused_by_every_verb() {
    let sound = fs::read(model()).unwrap();
    let flipped = |i: usize| {
        let mut bytes = sound.clone();
        bytes[i] ^= 1;
        bytes
    };
    let picture = {
        let scratch = Scratch::new();
        let path = scratch.path().join("picture.png");
        ibinn_data::picture::png::write_grid(&path, &[7; 784], [1, 28, 28], 1).unwrap();
        fs::read(path).unwrap()
    };
    let change_tensor = |change: fn(&mut Array)| {
        with_contents(&sound, |container| change(container.arrays.get_mut(TENSOR).unwrap()))
    };
    let change_entry = |key: &str, value: &str| {
        with_contents(&sound, |container| {
            container.metadata.insert(key.into(), value.into());
        })
    };
    let with_method = |method: &str| {
        let trained = r#"{"gamma":1.0,"name":"ib-inn"}"#;
        change_entry("card", &card_of(&sound).replace(trained, method))
    };
    let cases: [(&str, Vec<u8>, &str); 22] = [
        ("empty", Vec::new(), "an empty file"),
        ("truncated", sound[..sound.len() / 2].to_vec(), "truncated"),
        ("truncated header", sound[..100].to_vec(), "header claims"),
        ("flipped weight", flipped(sound.len() - 2), "damaged"),
        ("flipped header", flipped(8), "not an ibinn model file: its header"),
        ("renamed picture", picture, "not an ibinn model file"),
        ("foreign", with_header(&sound, |h| *h = json!({})), "follow the last tensor"),
        (
            "wrong shape",
            change_tensor(|array| array.shape.reverse()),
            "`stage0.block0.subnet.conv1.weight` has shape [3, 3, 2, 8], must be [8, 2, 3, 3]",
        ),
        (
            "NaN",
            change_tensor(|array| array.bytes[..4].copy_from_slice(&f32::NAN.to_le_bytes())),
            "`stage0.block0.subnet.conv1.weight` holds NaN",
        ),
        (
            "missing tensor",
            with_contents(&sound, |container| drop(container.arrays.remove(TENSOR))),
            "`stage0.block0.subnet.conv1.weight` is missing",
        ),
        (
            "extra tensor",
            with_contents(&sound, |container| {
                container.arrays.insert("stowaway".into(), Array::f32(&[1], &[0.0]));
            }),
            "`stowaway` does not belong",
        ),
        (
            "overlapping offsets",
            with_header(&sound, |h| {
                h["stage0.block1.subnet.conv1.weight"]["data_offsets"] = h[TENSOR]["data_offsets"].clone();
            }),
            "overlaps",
        ),
        (
            "future version",
            change_entry("version", "3"),
            "version 3 is not supported: this program reads version 2",
        ),
        ("other format", change_entry("format", "onnx"), "`onnx`"),
        ("broken spec", change_entry("spec", "{}"), "spec"),
        ("broken card", change_entry("card", "[]"), "card"),
        (
            "method of another family",
            with_method(r#"{"name":"res-net"}"#),
            "method res-net does not train models of the family ib-inn",
        ),
        ("class-NLL with a γ", with_method(r#"{"gamma":1.0,"name":"class-nll"}"#), "class-nll has no gamma"),
        ("IB-INN without a γ", with_method(r#"{"name":"ib-inn"}"#), "gamma is missing, which ib-inn has"),
        (
            "label beyond the classes",
            change_entry("card", &card_of(&sound).replace("\"labels\":[0,", "\"labels\":[10,")),
            "latent map has a label that is no class",
        ),
        (
            "latent map cut short",
            change_entry("card", &card_of(&sound).replace("\"labels\":[0,", "\"labels\":[")),
            "latent map does not have two coordinates for each label",
        ),
        (
            "other card",
            with_header(&sound, |h| {
                h["__metadata__"]["card"] = json!(card_of(&sound).replace("512", "60000"));
            }),
            "damaged",
        ),
    ];
    let scratch = Scratch::new();
    let (path, out) = (scratch.path().join("bad.safetensors"), scratch.path().join("out"));
    let (bad, out) = (text(&path), text(&out));
    for (name, bytes, wanted) in cases {
        fs::write(&path, bytes).unwrap();
        let message = trainer(["inspect", bad]).refusal();
        assert!(message.contains(wanted) && message.contains("bad.safetensors"), "{name}: {message}");
        for args in [
            vec!["evaluate", bad],
            vec!["encode", bad, "--out", out],
            vec!["decode", bad, bad, "--out", out],
            vec!["sample", bad, "--out", out],
            vec!["interpolate", bad, "--indices", "0,1", "--out", out],
            vec!["export", bad, "--out", out],
        ] {
            assert_eq!(trainer(&args).refusal(), message, "{name}: {args:?}");
        }
        assert_eq!(listing(scratch.path()), ["bad.safetensors"], "{name}");
    }
    fs::remove_file(&path).unwrap();
    assert!(trainer(["inspect", bad]).refusal().contains("bad.safetensors"));
}

fn card_of(bytes: &[u8]) -> String {
    Container::parse(bytes).unwrap().metadata["card"].clone()
}

#[test]
fn latents_that_do_not_fit_are_refused() {
    let scratch = Scratch::new();
    let (path, out) = (scratch.path().join("bad.z"), scratch.path().join("out"));
    let container = |name: &str, array: Array| {
        let mut container = Container::default();
        container.arrays.insert(name.into(), array);
        container.to_bytes()
    };
    let mut nan = vec![0.0f32; 2 * 784];
    nan[784] = f32::NAN;
    for (bytes, wanted) in [
        (container("x", Array::f32(&[1, 784], &[0.0; 784])), "no tensor `z`"),
        (container("z", Array::f32(&[1, 783], &[0.0; 783])), "[1, 783], must be [N, 784]"),
        (container("z", Array::f32(&[784], &[0.0; 784])), "[784], must be [N, 784]"),
        (container("z", Array::f32(&[2, 784], &nan)), "NaN in row 1"),
        (b"latents".to_vec(), "header"),
    ] {
        fs::write(&path, bytes).unwrap();
        let message = trainer(["decode", text(model()), text(&path), "--out", text(&out)]).refusal();
        assert!(message.contains(wanted) && message.contains("bad.z"), "{message}");
        assert_eq!(listing(scratch.path()), ["bad.z"]);
    }
}

#[test]
fn pictures_that_are_none_or_too_large_are_refused() {
    let scratch = Scratch::new();
    let (path, out) = (scratch.path().join("bad.png"), scratch.path().join("out"));
    ibinn_data::picture::png::write_grid(&path, &[7; 784], [1, 28, 28], 1).unwrap();
    let sound = fs::read(&path).unwrap();
    for (bytes, wanted) in [
        (b"GIF89a".to_vec(), "cannot be read as a GIF picture"),
        (Vec::new(), "an empty file"),
        (sound[..sound.len() - 20].to_vec(), "PNG"),
        (fs::read(model()).unwrap(), "no picture that is read"),
        (b"P5 12000 12000 255\n".to_vec(), "12000×12000 pixels, and at most 128 million"),
    ] {
        fs::write(&path, bytes).unwrap();
        for args in [
            vec!["encode", text(model()), "--image"],
            vec!["interpolate", text(model()), "--to", text(&path), "--from"],
        ] {
            let message = trainer(args.iter().chain(&[text(&path), "--out", text(&out)])).refusal();
            assert!(message.contains(wanted) && message.contains("bad.png"), "{message}");
        }
        assert_eq!(listing(scratch.path()), ["bad.png"]);
    }
}
