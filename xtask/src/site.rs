//! `cargo xtask site`: the static files, from the Rust and TypeScript sources.

use crate::error::{AtPath, Error, Result};
use crate::setup::Toolchain;
use crate::shell::{self, say};
use crate::workspace::Workspace;
use crate::{models, offline, wasm};
use std::path::{Path, PathBuf};

/// What `cargo xtask site` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask site                     build into www/dist; works from any sub-path\n  \
    cargo xtask site --out ../pages      build into another folder, which is emptied first")]
pub struct Options {
    /// The address that the page's files are found under; ./ works from any sub-path.
    #[arg(long, default_value = "./")]
    pub base: String,
    /// The folder to write, emptied first [default: www/dist].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { base: "./".into(), out: None }
    }
}

/// Builds the wasm module and the site; returns the folder with the site.
///
/// # Errors
/// When a step fails.
pub fn build(workspace: &Workspace, toolchain: Toolchain, options: &Options) -> Result<PathBuf> {
    let www = workspace.root.join("www");
    let out = match &options.out {
        Some(out) => std::path::absolute(out).at(out)?,
        None => www.join("dist"),
    };
    refuse_to_empty(&out)?;
    wasm::build(workspace, toolchain)?;
    build_module(workspace)?;
    if !has_script(&www, "build")? {
        return Err(Error::Message("www/package.json has no script named build".into()));
    }
    say("site", "building the page ...");
    let mut vite = shell::npm();
    vite.args(["run", "--silent", "build", "--", "--emptyOutDir", "--base", &options.base, "--outDir"])
        .arg(&out);
    shell::run(vite.current_dir(&www))?;
    models::list(&out.join("models"), None)?;
    offline::complete(&out)?;
    say("site", format_args!("built {}", workspace.shown(&out)));
    Ok(out)
}

/// Builds the npm module around the wasm, web/dist.
///
/// # Errors
/// When it does not compile.
pub fn build_module(workspace: &Workspace) -> Result<()> {
    let web = workspace.root.join("web");
    if has_script(&web, "build")? {
        shell::capture(shell::npm().args(["run", "build"]).current_dir(&web))?;
    }
    Ok(())
}

/// Whether a folder's package.json has a script of this name; false where there is no package.json.
///
/// # Errors
/// When the package.json cannot be read.
pub fn has_script(folder: &Path, script: &str) -> Result<bool> {
    let path = folder.join("package.json");
    if !path.is_file() {
        return Ok(false);
    }
    let text = std::fs::read_to_string(&path).at(&path)?;
    let json: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| Error::Message(format!("{} is not JSON: {error}", path.display())))?;
    Ok(json["scripts"][script].is_string())
}

/// The output folder is emptied, so it must be one that held a site, or nothing.
fn refuse_to_empty(out: &Path) -> Result<()> {
    let holds_something = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if !holds_something || out.join("index.html").is_file() {
        return Ok(());
    }
    Err(Error::Message(format!(
        "{} holds files but no index.html, so it is no site to overwrite; name an empty or new folder with --out",
        out.display()
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_site_or_an_empty_folder_is_overwritten() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("site");
        refuse_to_empty(&folder).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        refuse_to_empty(&folder).unwrap();
        std::fs::write(folder.join("thesis.tex"), "x").unwrap();
        assert!(refuse_to_empty(&folder).unwrap_err().to_string().contains("--out"));
        std::fs::write(folder.join("index.html"), "x").unwrap();
        refuse_to_empty(&folder).unwrap();
    }
}
