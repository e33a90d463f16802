//! What the site's service worker keeps, so that the page opens without a network: every file of the site but the models,
//! which the page keeps itself as they are loaded.

use crate::error::{AtPath, Error, Result};
use crate::models::write_whole;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The built service worker. Its first line is written here and declares `SITE`.
const WORKER: &str = "sw.js";
const DECLARATION: &str = "const SITE=";
/// Hexadecimal digits of a version.
const VERSION: usize = 16;

/// Tells the service worker of a built site its files, and a version that changes with the content of any of them.
///
/// # Errors
/// When the site has no service worker, or a file cannot be read or written.
pub fn complete(site: &Path) -> Result<()> {
    let worker = site.join(WORKER);
    let text = fs::read_to_string(&worker).at(&worker)?;
    let program = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with(DECLARATION) => rest,
        _ => &text,
    };
    let mut files = Vec::new();
    collect(site, "", &mut files)?;
    files.sort();
    let mut hasher = Sha256::new();
    for file in &files {
        let path = site.join(file);
        hasher.update(file.as_bytes());
        hasher.update(Sha256::digest(fs::read(&path).at(&path)?));
    }
    // A folder is asked for by its own address, not by that of its index.html.
    let addresses: Vec<&str> =
        files.iter().map(|file| if file == "index.html" { "./" } else { file }).collect();
    let site = json!({ "version": hexadecimal(&hasher.finalize()), "files": addresses });
    write_whole(&worker, format!("{DECLARATION}{site};\n{program}").as_bytes())
}

/// The files below `site`/`inside` as addresses relative to the site.
fn collect(site: &Path, inside: &str, files: &mut Vec<String>) -> Result<()> {
    let folder = site.join(inside);
    for entry in fs::read_dir(&folder).at(&folder)? {
        let entry = entry.at(&folder)?;
        let name = entry.file_name().into_string().map_err(|name| {
            Error::Message(format!("{} holds the file {name:?}, which no address can name", folder.display()))
        })?;
        let address = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
        if entry.path().is_dir() {
            collect(site, &address, files)?;
        } else if address != WORKER && !name.ends_with(".safetensors") && !name.starts_with('.') {
            files.push(address);
        }
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(VERSION / 2) {
        write!(text, "{byte:02x}").ok();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::Value;

    #[test]
    fn all_files_but_models_are_kept_and_the_version_follows_the_content() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        fs::create_dir_all(site.join("assets")).unwrap();
        fs::create_dir_all(site.join("models")).unwrap();
        for (file, text) in [
            ("index.html", "page"),
            ("assets/a.js", "script"),
            ("models/index.json", "{}"),
            ("models/m.safetensors", "model"),
            ("sw.js", "run();\nmore();\n"),
        ] {
            fs::write(site.join(file), text).unwrap();
        }
        let declared = || {
            complete(site).unwrap();
            let text = fs::read_to_string(site.join("sw.js")).unwrap();
            let (first, program) = text.split_once('\n').unwrap();
            assert_eq!(program, "run();\nmore();\n");
            let json = first.strip_prefix(DECLARATION).unwrap().strip_suffix(';').unwrap();
            serde_json::from_str::<Value>(json).unwrap()
        };
        let first = declared();
        assert_eq!(first["files"], json!(["assets/a.js", "./", "models/index.json"]));
        assert_eq!(first, declared());
        fs::write(site.join("models/m.safetensors"), "another").unwrap();
        assert_eq!(first, declared());
        fs::write(site.join("assets/a.js"), "other").unwrap();
        let second = declared();
        assert_eq!(first["files"], second["files"]);
        assert_ne!(first["version"], second["version"]);
        assert_eq!(second["version"].as_str().unwrap().len(), VERSION);
    }

    #[test]
    fn a_site_without_a_service_worker_is_refused() {
        let message = complete(Path::new("/no/such/site")).unwrap_err().to_string();
        assert!(message.contains("sw.js"), "{message}");
    }
}
