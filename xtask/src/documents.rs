//! The Markdown files of the repository: every path that they name exists.

use crate::error::{Error, Result};
use crate::shell;
use crate::workspace::Workspace;
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// Endings of the files that documents name without a folder.
const ENDINGS: [&str; 8] = [".rs", ".ts", ".wgsl", ".css", ".html", ".sh", ".yml", ".md"];
/// What stands for any name in a path.
const ANY: [&str; 2] = ["*", "NAME"];

/// Checks every document.
///
/// # Errors
/// When one names a path that is nowhere in the repository.
pub fn check(workspace: &Workspace) -> Result<()> {
    let listed = shell::capture(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&workspace.root),
    )?;
    let files: Vec<&str> = listed.lines().filter(|file| workspace.root.join(file).is_file()).collect();
    let ignored = std::fs::read_to_string(workspace.root.join(".gitignore")).unwrap_or_default();
    let known = Known::new(files.iter().copied().chain(ignored.lines()));
    let mut problems = Vec::new();
    for document in files.iter().filter(|file| file.ends_with(".md")) {
        let text = std::fs::read_to_string(workspace.root.join(document)).unwrap_or_default();
        let wrong = paths(&text, &known).into_iter().filter(|path| !known.has(path));
        problems.extend(wrong.map(|path| format!("{document} names {path}")));
        let wrong = links(&text).into_iter().filter(|link| !known.is_at(&beside(document, link)));
        problems.extend(wrong.map(|link| format!("{document} links to {link}")));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::Message(format!("there is no such file or folder: {}", problems.join(", ")))),
    }
}

/// The files and folders of the repository.
struct Known {
    /// Each from the root.
    whole: HashSet<String>,
    /// Each from any folder above it.
    ends: HashSet<String>,
    top: HashSet<String>,
}

impl Known {
    fn new<'a>(files: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut whole, mut ends, mut top) = (HashSet::new(), HashSet::new(), HashSet::new());
        for file in files {
            let names: Vec<&str> = file.split('/').filter(|name| !name.is_empty()).collect();
            if names.len() > 1 {
                top.insert(names[0].to_owned());
            }
            for end in 1..=names.len() {
                whole.insert(names[..end].join("/"));
                ends.extend((0..end).map(|start| names[start..end].join("/")));
            }
        }
        Self { whole, ends, top }
    }

    /// Whether some folder has it.
    fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let wanted: Vec<&str> = path.split('/').collect();
        if !ANY.iter().any(|any| path.contains(any)) {
            return self.ends.contains(path);
        }
        self.ends.iter().any(|end| {
            let names: Vec<&str> = end.split('/').collect();
            names.len() == wanted.len()
                && names.iter().zip(&wanted).all(|(name, wanted)| is_like(name, wanted))
        })
    }

    fn is_at(&self, path: &str) -> bool {
        path.is_empty() || self.whole.contains(path)
    }
}

/// Whether a name is what is wanted, in which something may stand for anything.
fn is_like(name: &str, wanted: &str) -> bool {
    let split = ANY.iter().find_map(|any| wanted.split_once(any));
    split.map_or(name == wanted, |(start, end)| {
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    })
}

/// What stands in backticks and is a path: of a file with a known ending, of a folder, or below one of the top level.
fn paths<'a>(text: &'a str, known: &Known) -> Vec<&'a str> {
    let is_path = |span: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_./*-".contains(c);
        let named = ENDINGS.iter().any(|ending| span.len() > ending.len() && span.ends_with(ending));
        let below = span.split_once('/').is_some_and(|(first, _)| known.top.contains(first));
        !span.is_empty() && span.chars().all(plain) && (named || span.ends_with('/') || below)
    };
    // Of every two fences, what is between them is code.
    let prose = text.split("```").step_by(2);
    prose.flat_map(|prose| prose.split('`').skip(1).step_by(2)).filter(is_path).collect()
}

/// Where links lead that stay in the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':')).collect()
}

/// Where a link of a document leads, from the root.
fn beside(document: &str, link: &str) -> String {
    let mut path = PathBuf::from(document);
    path.pop();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_other_words_and_found_from_any_folder() {
        let known = Known::new(["src/spec/dct.rs", "www/src/views/map/view.html", "/web/pkg/"]);
        let text = "`spec/` and `dct.rs`, `src/model.rs`; `bits/dim`, `.html`, `a b.rs`\n```\n`no.rs`\n```\n`pkg/` \
                    `views/NAME/view.html` `views/NAME/card.ts` `src/sp*/dct.rs`";
        let found = paths(text, &known);
        assert_eq!(
            found,
            [
                "spec/",
                "dct.rs",
                "src/model.rs",
                "pkg/",
                "views/NAME/view.html",
                "views/NAME/card.ts",
                "src/sp*/dct.rs"
            ]
        );
        let missing: Vec<_> = found.into_iter().filter(|path| !known.has(path)).collect();
        assert_eq!(missing, ["src/model.rs", "views/NAME/card.ts"]);
    }

    #[test]
    fn links_are_followed_from_where_the_document_lies() {
        assert_eq!(
            links("[a](b.md#c) ![d](https://e.f/g) [h](#i) [j](../k/l.svg \"m\")"),
            ["b.md", "../k/l.svg"]
        );
        assert_eq!(beside("docs/results/README.md", "../method.md"), "docs/method.md");
        assert_eq!(beside("README.md", "docs/results/"), "docs/results");
        assert!(Known::new(["docs/method.md"]).is_at("docs"));
    }
}
