//! `cargo xtask serve`: the built site on localhost.

use crate::error::{Error, Result};
use crate::shell;
use crate::workspace::Workspace;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::map_response;
use axum::response::{Redirect, Response};
use axum::routing::any;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

const FIRST_PORT: u16 = 8080;
const PORTS_TRIED: u16 = 20;

/// What `cargo xtask serve` takes.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask serve --open\n  \
    cargo xtask serve --port 0 --prefix /sub/path/      any free port, as if the site lay in a sub-folder")]
pub struct Options {
    /// The folder to serve [default: www/dist].
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The port; 0 takes any free one [default: the first free one from 8080 on].
    #[arg(long)]
    pub port: Option<u16>,
    /// The path that the site lies under.
    #[arg(long, value_name = "PATH", default_value = "/")]
    pub prefix: String,
    /// Open the page in the desktop's browser.
    #[arg(long)]
    pub open: bool,
}

/// Serves until interrupted.
///
/// # Errors
/// When the folder holds no site or the port is taken.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let dir = options.dir.clone().unwrap_or_else(|| workspace.root.join("www/dist"));
    if !dir.join("index.html").is_file() {
        return Err(Error::Message(format!(
            "{} holds no index.html; to build the site, type: cargo xtask site",
            workspace.shown(&dir)
        )));
    }
    let prefix = normalised(&options.prefix);
    let listener = listen(options.port)?;
    let address = listener.local_addr().map_err(failed)?;
    let page = format!("http://{address}{prefix}");
    println!("serving {} at {page}   (Ctrl-C ends it)", workspace.shown(&dir));
    if options.open {
        open(&page);
    }
    answer_all(listener, Site { dir, prefix })
}

/// What is served.
struct Site {
    dir: PathBuf,
    prefix: String,
}

/// Listens on exactly the port that was asked for, or else on the first free one.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let ports = match port {
        Some(port) => port..=port,
        None => FIRST_PORT..=FIRST_PORT + PORTS_TRIED,
    };
    let mut problem = String::new();
    for port in ports {
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => {
                problem = format!("cannot listen on 127.0.0.1:{port} ({error}); name a free port with --port")
            }
        }
    }
    Err(Error::Message(problem))
}

fn answer_all(listener: TcpListener, site: Site) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)?;
    let served = runtime.block_on(async {
        listener.set_nonblocking(true)?;
        axum::serve(tokio::net::TcpListener::from_std(listener)?, router(site)).await
    });
    served.map_err(failed)
}

/// The files of the site below its prefix; what lies above leads there.
fn router(Site { dir, prefix }: Site) -> Router {
    let above = prefix.trim_end_matches('/').to_owned();
    let files = ServeDir::new(dir).redirect_path_prefix(&above);
    let router = if above.is_empty() {
        Router::new().fallback_service(files)
    } else {
        let to_site = any(move || std::future::ready(Redirect::permanent(&prefix)));
        Router::new()
            .nest_service(&format!("{above}/"), files)
            .route("/", to_site.clone())
            .route(&above, to_site)
    };
    let header =
        |name: HeaderName, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    router
        .layer(header(CACHE_CONTROL, "no-cache"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(map_response(in_utf_8))
}

/// Names the encoding of texts, which is that of all ours.
async fn in_utf_8(mut response: Response) -> Response {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let text = kind.filter(|kind| kind.starts_with("text/") && !kind.contains("charset"));
    if let Some(Ok(kind)) = text.map(|kind| HeaderValue::try_from(format!("{kind}; charset=utf-8"))) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response
}

fn failed(error: std::io::Error) -> Error {
    Error::Message(format!("the server failed: {error}"))
}

/// `/a/b/` of `a/b`.
fn normalised(prefix: &str) -> String {
    match prefix.trim_matches('/') {
        "" => "/".into(),
        path => format!("/{path}/"),
    }
}

/// Opens a page in the desktop's browser, where there is a desktop; says nothing where there is none.
pub fn open(page: &str) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else if ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|at| !at.is_empty()))
    {
        Command::new("xdg-open")
    } else {
        return;
    };
    let started = command.arg(page).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started {
        shell::say("serve", format_args!("no browser could be opened ({error}); open {page} yourself"));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn prefixes_start_and_end_with_a_slash() {
        for (given, expected) in [("", "/"), ("/", "/"), ("a", "/a/"), ("/a/b/", "/a/b/"), ("a/b", "/a/b/")] {
            assert_eq!(normalised(given), expected);
        }
    }

    /// One request to a server of a folder with a page, a model, and a file beside the folder, as raw HTTP.
    fn exchange(prefix: &str, method: &str, path: &str) -> String {
        let outer = tempfile::tempdir().unwrap();
        let dir = outer.path().join("site");
        std::fs::create_dir_all(dir.join("models")).unwrap();
        std::fs::write(outer.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(dir.join("index.html"), "<p>page</p>").unwrap();
        std::fs::write(dir.join("code.wasm"), "code").unwrap();
        std::fs::write(dir.join("models/a b.safetensors"), "model").unwrap();
        let listener = listen(Some(0)).unwrap();
        let mut stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let site = Site { dir, prefix: prefix.into() };
        std::thread::spawn(|| answer_all(listener, site));
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_page_is_sent_with_its_type_and_is_not_cached() {
        let text = exchange("/sub/", "GET", "/sub/");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(text.contains("content-type: text/html; charset=utf-8"), "{text}");
        assert!(text.contains("cache-control: no-cache"), "{text}");
        // A page's progress bar needs the length, and so does the browser to notice a download that broke off.
        assert!(text.contains("content-length: 11"), "{text}");
        assert!(text.ends_with("<p>page</p>"), "{text}");
    }

    #[test]
    fn files_are_found_and_folders_end_with_a_slash() {
        for prefix in ["/", "/sub/path/"] {
            let get = |path: &str| exchange(prefix, "GET", &format!("{prefix}{path}"));
            assert!(get("index.html?model=1").ends_with("<p>page</p>"));
            let model = get("models/a%20b.safetensors");
            assert!(
                model.contains("content-type: application/octet-stream") && model.ends_with("model"),
                "{model}"
            );
            assert!(get("code.wasm").contains("content-type: application/wasm"));
            let folder = get("models");
            assert!(folder.contains(&format!("location: {prefix}models/\r\n")), "{folder}");
        }
    }

    #[test]
    fn other_answers_are_redirects_and_refusals() {
        for path in ["/", "/sub"] {
            let redirect = exchange("/sub/", "GET", path);
            assert!(
                redirect.starts_with("HTTP/1.1 308") && redirect.contains("location: /sub/\r\n"),
                "{redirect}"
            );
        }
        for path in ["/sub/nothing", "/sub/index.html/", "/sub/%ff", "/index.html", "/subindex.html"] {
            let missing = exchange("/sub/", "GET", path);
            assert!(missing.starts_with("HTTP/1.1 404"), "{path}: {missing}");
        }
        let refused = exchange("/sub/", "DELETE", "/sub/");
        assert!(refused.starts_with("HTTP/1.1 405"), "{refused}");
        let head = exchange("/sub/", "HEAD", "/sub/");
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn no_path_leaves_the_folder() {
        for path in ["/../secret.txt", "/%2e%2e/secret.txt", "/models/../../secret.txt", "/..%2fsecret.txt"] {
            let answer = exchange("/", "GET", path);
            assert!(!answer.contains("200 OK") && !answer.ends_with("secret"), "{path}: {answer}");
        }
    }

    #[test]
    fn a_taken_port_is_named() {
        let taken = listen(Some(0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let message = listen(Some(port)).err().unwrap().to_string();
        assert!(message.contains(&port.to_string()) && message.contains("--port"), "{message}");
    }
}
