//! The list of models that the page offers: `models/index.json` of a built site, made from the model files themselves.

use crate::error::{AtPath, Error, Result};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

const LIST: &str = "index.json";
/// Stands between the family's name and what tells its members apart in the titles of a family: `Digits · γ = 1`.
const BETWEEN: &str = " · ";

/// Writes the list of the model files in `folder`.
///
/// Models whose titles begin alike are a *family*: one data set, differing in γ or in the loss. The larger families
/// come first, of equals the one that was trained on more images, and that of `first` (a file's name) before all.
///
/// # Errors
/// When a file cannot be read or written, or is no model file.
pub fn list(folder: &Path, first: Option<&str>) -> Result<()> {
    let mut models = Vec::new();
    for entry in fs::read_dir(folder).at(folder)? {
        let path = entry.at(folder)?.path();
        if path.extension().is_some_and(|ending| ending == "safetensors") {
            let bytes = fs::read(&path).at(&path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let model = Listed::read(&name, &bytes)
                .ok_or_else(|| Error::Message(format!("{} is no model file with a card", path.display())))?;
            models.push(model);
        }
    }
    let key = |model: &Listed| {
        let family = || models.iter().filter(|other| other.family == model.family);
        let foremost = family().any(|other| Some(&*other.file) == first);
        let images = family().map(|other| other.images).max();
        (!foremost, Reverse(family().count()), Reverse(images), model.family.clone(), model.loss != "ib")
    };
    let keys: HashMap<String, _> = models.iter().map(|model| (model.file.clone(), key(model))).collect();
    models.sort_by(|a, b| {
        let by_family = keys.get(&a.file).cmp(&keys.get(&b.file));
        by_family.then(a.gamma.total_cmp(&b.gamma)).then_with(|| a.file.cmp(&b.file))
    });
    let models: Vec<Value> = models.iter().map(Listed::json).collect();
    let text = format!("{:#}\n", json!({ "models": models }));
    write_whole(&folder.join(LIST), text.as_bytes())
}

/// Copies a model into a built site and lists its family first. A model of the same file name is replaced.
///
/// # Errors
/// When a file cannot be read or written, or is no model file.
pub fn add(site: &Path, model: &Path, file: &str) -> Result<()> {
    let folder = site.join("models");
    write_whole(&folder.join(file), &fs::read(model).at(model)?)?;
    list(&folder, Some(file))
}

/// What the page must know of a model before it is loaded.
struct Listed {
    file: String,
    title: String,
    family: String,
    loss: String,
    gamma: f64,
    images: u64,
    /// The model's `input` and `classes`: the page lays itself out with them while the model is on its way.
    spec: Value,
    bytes: usize,
    /// Tells this content of the file from any other.
    version: String,
    /// What was measured; null for a model that was not judged.
    error: Value,
    bits_per_dim: Value,
    calibration_error: Value,
}

impl Listed {
    /// Reads the head of a model file (docs/file-format.md); none when it has no card.
    fn read(file: &str, bytes: &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
        let header: Value = serde_json::from_slice(bytes.get(8..length.checked_add(8)?)?).ok()?;
        let metadata = header.get("__metadata__")?;
        let card: Value = serde_json::from_str(metadata["card"].as_str()?).ok()?;
        let spec: Value = serde_json::from_str(metadata["spec"].as_str()?).ok()?;
        let (training, evaluation) = (&card["training"], &card["evaluation"]);
        let title = card["title"].as_str()?;
        Some(Self {
            file: file.into(),
            title: title.into(),
            family: title.split(BETWEEN).next()?.into(),
            loss: training["loss"].as_str()?.into(),
            gamma: training["gamma"].as_f64().or_else(|| training["gamma"].as_str()?.parse().ok())?,
            // Of an imported model it is not known.
            images: training["images"].as_u64().unwrap_or(0),
            spec,
            bytes: bytes.len(),
            version: metadata["sha256"].as_str()?.get(..16)?.into(),
            error: evaluation["error"].clone(),
            bits_per_dim: evaluation["bits_per_dim"].clone(),
            calibration_error: evaluation["calibration"]["ece"].clone(),
        })
    }

    fn json(&self) -> Value {
        let gamma = if self.gamma.is_infinite() { json!("inf") } else { json!(self.gamma) };
        let input = &self.spec["input"];
        json!({
            "file": self.file,
            "title": self.title,
            "family": self.family,
            "loss": self.loss,
            "gamma": gamma,
            "classes": self.spec["classes"],
            "channels": input["channels"],
            "height": input["height"],
            "width": input["width"],
            "bytes": self.bytes,
            "version": self.version,
            "error": self.error,
            "bits_per_dim": self.bits_per_dim,
            "calibration_error": self.calibration_error,
        })
    }
}

/// Writes beside the file, syncs and renames, so that a page that is being served never sees half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    let written = fs::File::create(aside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(aside, path));
    if written.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(aside);
    }
    written.at(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::PathBuf;

    /// A folder of files that begin as model files do.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("ibinn-xtask-models-{name}-{}", std::process::id()));
            fs::create_dir_all(folder.join("models")).unwrap();
            Self(folder)
        }

        fn models(&self) -> PathBuf {
            self.0.join("models")
        }

        fn put(&self, file: &str, title: &str, gamma: Value, loss: &str, images: u64) {
            fs::write(self.models().join(file), model(title, gamma, loss, images)).unwrap();
        }

        /// Column `key` of the list.
        fn listed(&self, key: &str) -> Vec<Value> {
            let text = fs::read_to_string(self.models().join(LIST)).unwrap();
            let list: Value = serde_json::from_str(&text).unwrap();
            list["models"].as_array().unwrap().iter().map(|model| model[key].clone()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn model(title: &str, gamma: Value, loss: &str, images: u64) -> Vec<u8> {
        let card = json!({
            "title": title,
            "training": { "loss": loss, "gamma": gamma, "images": images },
            "evaluation": { "error": 7.5, "bits_per_dim": 4.25 }
        });
        let spec = json!({ "input": { "channels": 1, "height": 28, "width": 30 }, "classes": ["0", "1"] });
        let metadata =
            json!({ "card": card.to_string(), "spec": spec.to_string(), "sha256": "0123456789abcdef0123" });
        let header = json!({ "__metadata__": metadata }).to_string();
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 5]].concat()
    }

    #[test]
    fn families_stay_together_and_gamma_rises_within() {
        let folder = Folder::new("families");
        folder.put("a.safetensors", "Digits · γ = ∞", json!("inf"), "ib", 20);
        folder.put("b.safetensors", "Digits · class-NLL", json!(1.0), "class-nll", 20);
        folder.put("c.safetensors", "Garments · γ = 5", json!(5.0), "ib", 60);
        folder.put("d.safetensors", "Digits · γ = 0.02", json!(0.02), "ib", 20);
        folder.put("e.safetensors", "Garments · γ = 0", json!(0.0), "ib", 60);
        fs::write(folder.models().join("notes.txt"), "no model").unwrap();
        list(&folder.models(), None).unwrap();
        assert_eq!(
            folder.listed("file"),
            ["d.safetensors", "a.safetensors", "b.safetensors", "e.safetensors", "c.safetensors"]
        );
        assert_eq!(folder.listed("gamma"), [json!(0.02), json!("inf"), json!(1.0), json!(0.0), json!(5.0)]);
        assert_eq!(folder.listed("family")[2], "Digits");
        folder.put("f.safetensors", "Garments · γ = 1", json!(1.0), "ib", 60);
        list(&folder.models(), None).unwrap();
        assert_eq!(folder.listed("family")[0], "Garments");
        assert_eq!(folder.listed("error")[0], 7.5);
        assert_eq!(folder.listed("calibration_error")[0], Value::Null);
        assert_eq!(folder.listed("version")[0], "0123456789abcdef");
        assert_eq!(folder.listed("classes")[0], json!(["0", "1"]));
        assert_eq!(folder.listed("width")[0], 30);
        assert_eq!(folder.listed("bytes")[0], model("Garments · γ = 0", json!(0.0), "ib", 60).len());
    }

    #[test]
    fn an_added_model_and_its_family_come_first() {
        let folder = Folder::new("added");
        folder.put("garments.safetensors", "Garments · γ = 1", json!(1.0), "ib", 60);
        let trained = folder.0.join("model.safetensors");
        for title in ["Mine · old", "Mine · γ = 1"] {
            fs::write(&trained, model(title, json!(1.0), "ib", 20)).unwrap();
            add(&folder.0, &trained, "demo.safetensors").unwrap();
        }
        assert_eq!(folder.listed("file"), ["demo.safetensors", "garments.safetensors"]);
        assert_eq!(folder.listed("title")[0], "Mine · γ = 1");
    }

    #[test]
    fn what_is_no_model_file_is_refused_by_name() {
        let folder = Folder::new("refused");
        for bytes in [&b""[..], b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\x02\0\0\0\0\0\0\0{}", &[0; 64]] {
            fs::write(folder.models().join("broken.safetensors"), bytes).unwrap();
            let message = list(&folder.models(), None).unwrap_err().to_string();
            assert!(message.contains("broken.safetensors"), "{message}");
        }
    }
}
