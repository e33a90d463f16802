//! The list of models that the page offers: `models/index.json` of a built site, made from the model files themselves.

use crate::error::{AtPath, Error, Result};
use serde_json::{Value, json};
use std::cmp::{Ordering, Reverse};
use std::fs;
use std::io::Write as _;
use std::path::Path;

const LIST: &str = "index.json";

/// Writes the list of the model files in `folder`, in groups.
///
/// A *group* is the models of one data set and one architecture, which differ in their method: IB-INN from γ = 0 up, then
/// the others. A second model of a method that a group holds already, as one that was trained once more, goes to another
/// group, which has its title; of two that could belong to a group, `added` (a file's name) is the one that does not. The larger
/// groups come first, of equals the one that was trained on more images.
///
/// # Errors
/// When a file cannot be read or written, or is no model file.
pub fn list(folder: &Path, added: Option<&str>) -> Result<()> {
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
    // What was added comes after what it was added to, so that it is what opens a group of its own.
    models.sort_by_key(|model| (Some(&*model.file) == added, model.file.clone()));
    let mut groups: Vec<Group> = Vec::new();
    for model in models {
        let fits = |group: &&mut Group| {
            group.data == model.data && group.models.iter().all(|other| other.method != model.method)
        };
        match groups.iter_mut().find(fits) {
            Some(group) => group.models.push(model),
            None => {
                let copy = groups.iter().filter(|group| group.data == model.data).count();
                groups.push(Group { data: model.data.clone(), copy, models: vec![model] });
            }
        }
    }
    for group in &mut groups {
        group.models.sort_by(|a, b| a.order().partial_cmp(&b.order()).unwrap_or(Ordering::Equal));
    }
    groups.sort_by_key(|group| {
        let images = group.models.iter().map(|model| model.images).max();
        (Reverse(group.models.len()), Reverse(images), group.data.clone(), group.copy)
    });
    let groups: Vec<Value> = groups.iter().map(Group::json).collect();
    let text = format!("{:#}\n", json!({ "groups": groups }));
    write_whole(&folder.join(LIST), text.as_bytes())
}

/// Copies a model into a built site and lists it beside those that are there. A model of the same file name is replaced.
///
/// # Errors
/// When a file cannot be read or written, or is no model file.
pub fn add(site: &Path, model: &Path, file: &str) -> Result<()> {
    let folder = site.join("models");
    write_whole(&folder.join(file), &fs::read(model).at(model)?)?;
    list(&folder, Some(file))
}

/// The names of a data set and of an architecture.
type Data = (String, String);

/// Models of one data set and one architecture, each of another method.
struct Group {
    data: Data,
    /// How many groups of the same data set and architecture were there before.
    copy: usize,
    models: Vec<Listed>,
}

impl Group {
    fn json(&self) -> Value {
        let (dataset, preset) = &self.data;
        let title = self.models.first().filter(|_| self.copy > 0).map(|model| &model.title);
        let models: Vec<Value> = self.models.iter().map(Listed::json).collect();
        json!({ "dataset": dataset, "preset": preset, "title": title, "models": models })
    }
}

/// What the page must know of a model before it is loaded.
struct Listed {
    file: String,
    title: String,
    data: Data,
    /// By which method it was trained, as the card has it.
    method: Value,
    images: u64,
    /// The model's `input` and `classes`: the page lays itself out with them while the model is on its way.
    spec: Value,
    bytes: usize,
    /// Tells this content of the file from any other.
    version: String,
    /// What was measured; null for a model that was not evaluated.
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
        let method = training["method"].clone();
        method["name"].as_str()?;
        Some(Self {
            file: file.into(),
            title: card["title"].as_str()?.into(),
            data: (training["dataset"].as_str()?.into(), training["preset"].as_str()?.into()),
            method,
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

    /// The place within a group, by method.
    fn order(&self) -> (bool, &str, f64, f64) {
        let name = self.method["name"].as_str().unwrap_or_default();
        let number = |key: &str| match &self.method[key] {
            Value::String(text) => text.parse().unwrap_or(f64::INFINITY),
            value => value.as_f64().unwrap_or_default(),
        };
        (name != "ib-inn", name, number("gamma"), number("frozen_means"))
    }

    fn json(&self) -> Value {
        let input = &self.spec["input"];
        json!({
            "file": self.file,
            "title": self.title,
            "method": self.method,
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
    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("models")).unwrap();
            Self(folder)
        }

        fn models(&self) -> PathBuf {
            self.0.path().join("models")
        }

        fn put(&self, file: &str, model: Model<'_>) {
            fs::write(self.models().join(file), model.bytes()).unwrap();
        }

        fn groups(&self) -> Vec<Value> {
            let text = fs::read_to_string(self.models().join(LIST)).unwrap();
            let list: Value = serde_json::from_str(&text).unwrap();
            list["groups"].as_array().unwrap().clone()
        }

        /// Column `key` of the models of each group.
        fn listed(&self, key: &str) -> Vec<Vec<Value>> {
            let column = |group: &Value| {
                group["models"].as_array().unwrap().iter().map(|model| model[key].clone()).collect()
            };
            self.groups().iter().map(column).collect()
        }
    }

    /// What of a model file is read here.
    #[derive(Clone, Copy)]
    struct Model<'a> {
        title: &'a str,
        dataset: &'a str,
        preset: &'a str,
        method: &'a Value,
        images: u64,
    }

    impl Model<'_> {
        fn bytes(&self) -> Vec<u8> {
            let Model { title, dataset, preset, method, images } = self;
            let card = json!({
                "title": title,
                "training": { "dataset": dataset, "preset": preset, "method": method, "images": images },
                "evaluation": { "error": 7.5, "bits_per_dim": 4.25 }
            });
            let spec =
                json!({ "input": { "channels": 1, "height": 28, "width": 30 }, "classes": ["0", "1"] });
            let metadata = json!({
                "card": card.to_string(), "spec": spec.to_string(), "sha256": "0123456789abcdef0123"
            });
            let header = json!({ "__metadata__": metadata }).to_string();
            [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &[0; 5]].concat()
        }
    }

    fn ib_inn(gamma: impl Into<Value>) -> Value {
        json!({ "name": "ib-inn", "gamma": gamma.into() })
    }

    #[test]
    fn groups_are_by_data_set_and_architecture_and_gamma_rises_within() {
        let folder = Folder::new();
        let class_nll = json!({ "name": "class-nll" });
        let some = Model { title: "some", dataset: "digits", preset: "tiny", method: &class_nll, images: 20 };
        let garments = Model { dataset: "garments", images: 60, ..some };
        folder.put("a.safetensors", Model { method: &ib_inn("inf"), ..some });
        folder.put("b.safetensors", some);
        folder.put("c.safetensors", Model { method: &ib_inn(5.0), ..garments });
        folder.put("d.safetensors", Model { method: &ib_inn(0.02), ..some });
        folder.put("e.safetensors", Model { method: &ib_inn(0.0), ..garments });
        // The same method on a larger network.
        folder.put("f.safetensors", Model { preset: "mnist", method: &ib_inn(0.02), ..some });
        fs::write(folder.models().join("notes.txt"), "no model").unwrap();
        list(&folder.models(), None).unwrap();
        assert_eq!(
            folder.listed("file"),
            [
                vec!["d.safetensors", "a.safetensors", "b.safetensors"],
                vec!["e.safetensors", "c.safetensors"],
                vec!["f.safetensors"]
            ]
        );
        assert_eq!(folder.listed("method")[0], [ib_inn(0.02), ib_inn("inf"), class_nll.clone()]);
        let named =
            |key: &str| -> Vec<Value> { folder.groups().iter().map(|group| group[key].clone()).collect() };
        assert_eq!(named("dataset"), ["digits", "garments", "digits"]);
        assert_eq!(named("preset"), ["tiny", "tiny", "mnist"]);
        assert_eq!(named("title"), [Value::Null, Value::Null, Value::Null]);
        folder.put("g.safetensors", Model { method: &ib_inn(1.0), ..garments });
        list(&folder.models(), None).unwrap();
        assert_eq!(folder.groups()[0]["dataset"], "garments");
        for (key, value) in [
            ("error", json!(7.5)),
            ("calibration_error", Value::Null),
            ("version", json!("0123456789abcdef")),
            ("classes", json!(["0", "1"])),
            ("width", json!(30)),
            ("bytes", json!(Model { method: &ib_inn(0.0), ..garments }.bytes().len())),
        ] {
            assert_eq!(folder.listed(key)[0][0], value, "{key}");
        }
    }

    #[test]
    fn an_added_model_has_a_group_of_its_own_beside_one_of_its_method() {
        let folder = Folder::new();
        let method = ib_inn(1.0);
        let digits =
            Model { title: "Digits", dataset: "digits", preset: "tiny", method: &method, images: 20 };
        folder.put("digits.safetensors", digits);
        folder.put("garments.safetensors", Model { dataset: "garments", images: 60, ..digits });
        let trained = folder.0.path().join("model.safetensors");
        for title in ["Mine, old", "Mine"] {
            fs::write(&trained, Model { title, ..digits }.bytes()).unwrap();
            add(folder.0.path(), &trained, "demo.safetensors").unwrap();
        }
        assert_eq!(
            folder.listed("file").concat(),
            ["garments.safetensors", "digits.safetensors", "demo.safetensors"]
        );
        let titles: Vec<Value> = folder.groups().iter().map(|group| group["title"].clone()).collect();
        assert_eq!(titles, [Value::Null, Value::Null, json!("Mine")]);
    }

    #[test]
    fn what_is_no_model_file_is_refused_by_name() {
        let folder = Folder::new();
        for bytes in [&b""[..], b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\x02\0\0\0\0\0\0\0{}", &[0; 64]] {
            fs::write(folder.models().join("broken.safetensors"), bytes).unwrap();
            let message = list(&folder.models(), None).unwrap_err().to_string();
            assert!(message.contains("broken.safetensors"), "{message}");
        }
    }
}
