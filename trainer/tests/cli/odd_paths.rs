//! Paths whose bytes are no text, which Linux allows and JSON does not.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::{QUICK, Scratch, model, text, trainer};

/// A path in `scratch` that is no UTF-8, and how it is told.
fn odd(scratch: &Scratch, name: &str) -> (PathBuf, String) {
    let path = scratch.path().join(OsStr::from_bytes(&[b"\xff", name.as_bytes()].concat()));
    (path, format!("{}/\u{fffd}{name}", text(scratch.path())))
}

#[test]
fn what_is_written_to_odd_paths_is_told_to_programs() {
    let scratch = Scratch::new();
    let call = |args: &[&str], flag: &str, name: &str| -> (Value, String) {
        let (path, told) = odd(&scratch, name);
        let more = [OsStr::new("--json"), OsStr::new(flag), path.as_os_str()];
        let out = trainer(args.iter().map(OsStr::new).chain(more)).text();
        (serde_json::from_str(out.lines().last().unwrap()).unwrap(), told)
    };
    let (own, latents) = (text(model()), scratch.path().join("z"));
    let run = text(model().parent().unwrap());
    for (args, name) in [
        (&["encode", own, "--limit", "1"][..], "z"),
        (&["decode", own, text(&latents)], "x"),
        (&["sample", own, "--count", "1"], "samples.png"),
        (&["interpolate", own, "--indices", "0,1"], "walk.png"),
        (&["export", own, "--precision", "f32"], "model"),
        (&["report", run], "page.html"),
    ] {
        let (value, told) = call(args, "--out", name);
        assert_eq!(value["out"], json!(told), "{args:?}");
        if name == "z" {
            fs::copy(odd(&scratch, name).0, &latents).unwrap();
        }
    }
    let (value, told) = call(&["figure", "samples", own, "--class", "1", "--count", "1"], "--out", "a.svg");
    assert_eq!(value["out"], json!([told]));
    let (value, told) = call(&["data", "list"], "--data-dir", "data");
    assert_eq!(value["data_dir"], json!(told));
    let (value, told) = call(&[&["train"], &QUICK[..]].concat(), "--out", "run");
    assert_eq!(value["model"], json!(told + "/model.safetensors"));
    let few = ["--over", "gamma", "--values", "1", "--bootstrap", "0", "--limit", "50"];
    let (value, told) = call(&[&["sweep"], &few[..], &QUICK[..]].concat(), "--out", "runs");
    assert_eq!(value["folder"], json!(told + "/gamma-1"));
}
