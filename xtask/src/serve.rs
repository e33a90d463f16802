//! `cargo xtask serve`: the built site on localhost.

use crate::error::{Error, Result};
use crate::http_path::{Target, media_type, resolve};
use crate::shell;
use crate::workspace::Workspace;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, ResponseBox, Server};

const FIRST_PORT: u16 = 8080;
const PORTS_TRIED: u16 = 20;
const THREADS: usize = 4;

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
    let (server, address) = listen(options.port)?;
    let page = format!("http://{address}{prefix}");
    println!("serving {} at {page}   (Ctrl-C ends it)", workspace.shown(&dir));
    if options.open {
        open(&page);
    }
    let server = Arc::new(server);
    let workers = (0..THREADS).map(|_| {
        let (server, dir, prefix) = (Arc::clone(&server), dir.clone(), prefix.clone());
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                answer(request, &dir, &prefix);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.join().map_err(|_| Error::Message("a thread of the server panicked".into()))?;
    }
    Ok(())
}

/// Listens on exactly the port that was asked for, or else on the first free one.
fn listen(port: Option<u16>) -> Result<(Server, String)> {
    let ports = match port {
        Some(port) => port..=port,
        None => FIRST_PORT..=FIRST_PORT + PORTS_TRIED,
    };
    let mut problem = String::new();
    for port in ports {
        match Server::http(("127.0.0.1", port)) {
            Ok(server) => {
                let address = server.server_addr().to_string();
                return Ok((server, address));
            }
            Err(error) => {
                problem = format!("cannot listen on 127.0.0.1:{port} ({error}); name a free port with --port")
            }
        }
    }
    Err(Error::Message(problem))
}

fn answer(request: Request, dir: &Path, prefix: &str) {
    let response = match request.method() {
        Method::Get | Method::Head => match resolve(dir, prefix, request.url()) {
            Target::File(path) => match File::open(&path) {
                Ok(file) => with_headers(
                    Response::from_file(file).boxed(),
                    &[
                        ("Content-Type", media_type(&path)),
                        ("Cache-Control", "no-cache"),
                        ("X-Content-Type-Options", "nosniff"),
                    ],
                ),
                Err(_) => plain(403, "not readable\n"),
            },
            Target::Redirect(to) => with_headers(plain(308, ""), &[("Location", &to)]),
            Target::Missing => plain(404, "not found\n"),
        },
        _ => with_headers(plain(405, ""), &[("Allow", "GET, HEAD")]),
    };
    // A visitor who goes away while the answer is sent is no error of ours.
    request.respond(response).ok();
}

fn plain(status: u16, text: &str) -> ResponseBox {
    Response::from_string(text).with_status_code(status).boxed()
}

/// Adds headers; one that HTTP does not allow (a folder's name in `Location` may hold anything) is left out.
fn with_headers(mut response: ResponseBox, headers: &[(&str, &str)]) -> ResponseBox {
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(*name, *value) {
            response.add_header(header);
        }
    }
    response
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

    /// One request to a server that answers it from a folder with one page, as raw HTTP.
    fn exchange(name: &str, request: &str) -> String {
        let dir = std::env::temp_dir().join(format!("ibinn-xtask-serve-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("index.html"), "<p>page</p>").unwrap();
        let (server, address) = listen(Some(0)).unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        answer(server.recv().unwrap(), &dir, "/sub/");
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        text
    }

    #[test]
    fn the_page_is_sent_with_its_type_and_is_not_cached() {
        let text = exchange("page", "GET /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        assert!(text.contains("Content-Type: text/html; charset=utf-8"), "{text}");
        assert!(text.contains("Cache-Control: no-cache"), "{text}");
        assert!(text.ends_with("<p>page</p>"), "{text}");
    }

    #[test]
    fn other_answers_are_redirects_and_refusals() {
        let redirect = exchange("redirect", "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(redirect.starts_with("HTTP/1.1 308") && redirect.contains("Location: /sub/"), "{redirect}");
        let missing =
            exchange("missing", "GET /sub/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
        let refused = exchange("refused", "DELETE /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(refused.starts_with("HTTP/1.1 405"), "{refused}");
        let head = exchange("head", "HEAD /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn a_taken_port_is_named() {
        let (_server, address) = listen(Some(0)).unwrap();
        let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
        let message = listen(Some(port)).err().unwrap().to_string();
        assert!(message.contains(&port.to_string()) && message.contains("--port"), "{message}");
    }
}
