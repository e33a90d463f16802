//! From a request's address to a file: safe against paths that leave the folder, and with the right media type.

use std::path::{Path, PathBuf};

/// What a request's path leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// A file to send.
    File(PathBuf),
    /// The same address with a slash at its end: relative links on a folder's page need it.
    Redirect(String),
    /// Nothing.
    Missing,
}

/// Finds what the path of a request names in `root`, which is served under `prefix` (starts and ends with `/`).
///
/// Nothing outside of `root` is ever found, whatever dots, escapes or links the path holds.
pub fn resolve(root: &Path, prefix: &str, url: &str) -> Target {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let Some(inside) = path.strip_prefix(prefix) else {
        let without_slash = prefix.strip_suffix('/').unwrap_or(prefix);
        return if path == without_slash || path == "/" {
            Target::Redirect(prefix.into())
        } else {
            Target::Missing
        };
    };
    let Some(segments) = segments(inside) else { return Target::Missing };
    let file = segments.iter().fold(root.to_owned(), |file, segment| file.join(segment));
    // Links are followed before the check, so that one inside the folder cannot lead out of it.
    let (Ok(file), Ok(root)) = (file.canonicalize(), root.canonicalize()) else { return Target::Missing };
    if !file.starts_with(&root) {
        return Target::Missing;
    }
    if !file.is_dir() {
        return if inside.ends_with('/') { Target::Missing } else { Target::File(file) };
    }
    if !inside.is_empty() && !inside.ends_with('/') {
        // Written anew from its names: an address that begins with two slashes would lead to another host.
        let names: Vec<&str> = inside.split('/').filter(|name| !name.is_empty()).collect();
        return Target::Redirect(format!("{prefix}{}/", names.join("/")));
    }
    let index = file.join("index.html");
    if index.is_file() { Target::File(index) } else { Target::Missing }
}

/// The decoded names between the slashes; none when one of them could mean something else than a name.
fn segments(path: &str) -> Option<Vec<String>> {
    let names = path.split('/').filter(|segment| !segment.is_empty());
    names
        .map(|segment| {
            let name = percent_decoded(segment)?;
            let harmless = name != "." && name != ".." && !name.contains(['/', '\\', ':', '\0']);
            harmless.then_some(name)
        })
        .collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let value = digit(bytes.next()?)? * 16 + digit(bytes.next()?)?;
        decoded.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(decoded).ok()
}

/// The media type for a file's ending.
pub fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;

    /// A folder with a site, beside a file that must not be reached.
    struct Site(PathBuf);

    impl Site {
        fn new(name: &str) -> Self {
            let outer = std::env::temp_dir().join(format!("ibinn-xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(outer.join("site/models")).unwrap();
            fs::write(outer.join("secret.txt"), "secret").unwrap();
            fs::write(outer.join("site/index.html"), "page").unwrap();
            fs::write(outer.join("site/models/a b.safetensors"), "model").unwrap();
            Self(outer.canonicalize().unwrap())
        }

        fn get(&self, prefix: &str, url: &str) -> Target {
            resolve(&self.0.join("site"), prefix, url)
        }

        fn file(&self, name: &str) -> Target {
            Target::File(self.0.join("site").join(name))
        }
    }

    impl Drop for Site {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn files_and_folders_are_found() {
        let site = Site::new("found");
        assert_eq!(site.get("/", "/"), site.file("index.html"));
        assert_eq!(site.get("/", "/index.html?model=1#top"), site.file("index.html"));
        assert_eq!(site.get("/", "/models/a%20b.safetensors"), site.file("models/a b.safetensors"));
        assert_eq!(site.get("/", "/models"), Target::Redirect("/models/".into()));
        assert_eq!(site.get("/", "//models"), Target::Redirect("/models/".into()));
        for missing in ["/models/", "/nothing", "/index.html/", "/%zz", "/%f", "/%ff"] {
            assert_eq!(site.get("/", missing), Target::Missing, "{missing}");
        }
    }

    #[test]
    fn only_what_is_below_the_prefix_is_served() {
        let site = Site::new("prefix");
        assert_eq!(site.get("/sub/path/", "/sub/path/"), site.file("index.html"));
        assert_eq!(site.get("/sub/path/", "/sub/path"), Target::Redirect("/sub/path/".into()));
        assert_eq!(site.get("/sub/path/", "/"), Target::Redirect("/sub/path/".into()));
        assert_eq!(site.get("/sub/path/", "/index.html"), Target::Missing);
        assert_eq!(site.get("/sub/path/", "/sub/pathindex.html"), Target::Missing);
    }

    #[test]
    fn no_path_leaves_the_folder() {
        let site = Site::new("inside");
        let paths = [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/models/../../secret.txt",
            "/..%2fsecret.txt",
            "/..%5csecret.txt",
            "//../secret.txt",
            "/C:/secret.txt",
            "/secret.txt%00.html",
            "/./index.html",
        ];
        for path in paths {
            assert_eq!(site.get("/", path), Target::Missing, "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(site.0.join("secret.txt"), site.0.join("site/link.txt")).unwrap();
            assert_eq!(site.get("/", "/link.txt"), Target::Missing);
        }
    }

    #[test]
    fn media_types_are_what_browsers_insist_on() {
        // A browser streams wasm only as application/wasm, and runs modules and workers only as JavaScript.
        assert_eq!(media_type(Path::new("a/ibinn_web_bg.wasm")), "application/wasm");
        assert!(media_type(Path::new("worker.js")).starts_with("text/javascript"));
        assert!(media_type(Path::new("index.html")).starts_with("text/html"));
        assert_eq!(media_type(Path::new("models/index.json")), "application/json");
        assert_eq!(media_type(Path::new("icon.svg")), "image/svg+xml");
        assert_eq!(media_type(Path::new("m.safetensors")), "application/octet-stream");
        assert_eq!(media_type(Path::new("README")), "application/octet-stream");
    }
}
