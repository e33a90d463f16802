//! The list of models that the page offers: `models/index.json` of a built site.

use crate::error::{AtPath, Error, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Copies a model into a built site and lists it first. A model of the same file name is replaced.
///
/// # Errors
/// When the site has no such list, or a file cannot be read or written.
pub fn add(site: &Path, model: &Path, file: &str, title: &str) -> Result<()> {
    let folder = site.join("models");
    let list = folder.join("index.json");
    let text = fs::read_to_string(&list).at(&list)?;
    let text = with_model(&text, file, title)
        .ok_or_else(|| Error::Message(format!("{} is not {{\"models\": [...]}}", list.display())))?;
    copy_whole(model, &folder.join(file))?;
    write_whole(&list, text.as_bytes())
}

/// The list with one more model in front; none when the text is no such list.
fn with_model(text: &str, file: &str, title: &str) -> Option<String> {
    let mut list: Value = serde_json::from_str(text).ok()?;
    let models = list.get_mut("models")?.as_array_mut()?;
    models.retain(|model| model["file"] != file);
    models.insert(0, json!({ "file": file, "title": title }));
    Some(format!("{list:#}\n"))
}

fn copy_whole(from: &Path, to: &Path) -> Result<()> {
    write_whole(to, &fs::read(from).at(from)?)
}

/// Writes beside the file and renames, so that a page that is being served never sees half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".new");
    let aside = Path::new(&aside);
    fs::write(aside, bytes).at(aside)?;
    fs::rename(aside, path).at(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_model_is_listed_once_and_first() {
        let shipped =
            r#"{"models": [{"file": "fashion.safetensors", "title": "Fashion", "note": 1}], "other": true}"#;
        let once = with_model(shipped, "demo.safetensors", "old").unwrap();
        let twice: Value =
            serde_json::from_str(&with_model(&once, "demo.safetensors", "Demo").unwrap()).unwrap();
        let expected = json!({
            "models": [
                {"file": "demo.safetensors", "title": "Demo"},
                {"file": "fashion.safetensors", "title": "Fashion", "note": 1}
            ],
            "other": true
        });
        assert_eq!(twice, expected);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["", "[]", "{}", r#"{"models": 1}"#] {
            assert_eq!(with_model(text, "a", "b"), None, "{text}");
        }
    }
}
