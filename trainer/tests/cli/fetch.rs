//! `data fetch` against a server on this machine.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use crate::{Scratch, listing, text, trainer};

/// Serves on a free port, each request by `answer`, which gets the path; its address.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/mnist/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let request = lines.next().unwrap_or_default();
            while lines.next().is_some_and(|line| !line.is_empty()) {}
            answer(request.split(' ').nth(1).unwrap_or_default(), &mut stream);
            // A client that left early is not the server's concern.
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    address
}

fn head(stream: &mut TcpStream, status: &str, length: usize) {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").unwrap();
}

fn fetch(name: &str, base: &str, folder: &Path) -> crate::Ran {
    trainer(["data", "fetch", name, "--base-url", base, "--data-dir", text(folder)])
}

#[test]
fn the_official_files_arrive_whole_and_only_once() {
    let Some(official) = crate::data_dir() else { return };
    let address = serve(move |path, stream| {
        let bytes = fs::read(official.join(path.trim_start_matches('/'))).unwrap();
        head(stream, "200 OK", bytes.len());
        stream.write_all(&bytes).unwrap();
    });
    let scratch = Scratch::new();
    let files = [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ];
    let folder = scratch.path().join("mnist");
    let ran = fetch("mnist", &address, scratch.path());
    assert!(ran.text().contains("train-images-idx3-ubyte.gz"), "{}", ran.text());
    assert_eq!(listing(&folder), files);
    assert!(
        trainer(["data", "check", "mnist", "--data-dir", text(scratch.path())])
            .text()
            .contains("60000 train")
    );
    assert!(fetch("mnist", &address, scratch.path()).text().contains("already there"));
    // A damaged file is fetched again, and only that one.
    fs::write(folder.join(files[1]), "damaged").unwrap();
    let value = trainer([
        "data",
        "fetch",
        "mnist",
        "--json",
        "--base-url",
        &address,
        "--data-dir",
        text(scratch.path()),
    ]);
    let value = value.json();
    assert_eq!(value["fetched"], serde_json::json!([files[1]]));
    let damaged = value["damaged"][0].as_str().unwrap();
    assert!(damaged.contains(files[1]) && damaged.ends_with("it is replaced"), "{damaged}");
    // One that is unpacked would be read in place of the right one: it goes, and nothing is downloaded.
    let unpacked = folder.join("t10k-labels-idx1-ubyte");
    fs::write(&unpacked, "damaged").unwrap();
    let check = || trainer(["data", "check", "mnist", "--data-dir", text(scratch.path())]);
    let message = check().refusal();
    assert!(message.contains(text(&unpacked)) && message.contains("trainer data fetch mnist"), "{message}");
    let told = fetch("mnist", &address, scratch.path()).text();
    for part in [text(&unpacked), "it begins with", "it is removed", "nothing to download"] {
        assert!(told.contains(part), "{part} is not in:\n{told}");
    }
    assert_eq!(listing(&folder), files);
    check().text();
}

/// An unpacked file of zeros as large as its header says.
fn blank(path: &Path, magic: u32, dims: &[u32]) {
    let mut file = File::create(path).unwrap();
    for word in [&[magic], dims].concat() {
        file.write_all(&word.to_be_bytes()).unwrap();
    }
    let size: u64 = dims.iter().map(|&dim| u64::from(dim)).product();
    file.set_len(4 * (1 + dims.len() as u64) + size).unwrap();
}

#[test]
fn unpacked_files_are_right_for_every_verb_or_for_none() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("mnist");
    fs::create_dir(&folder).unwrap();
    for (half, count) in [("train", 60_000), ("t10k", 10_000)] {
        blank(&folder.join(format!("{half}-images-idx3-ubyte")), 0x803, &[count, 28, 28]);
        blank(&folder.join(format!("{half}-labels-idx1-ubyte")), 0x801, &[count]);
    }
    let data =
        |args: &[&str]| trainer(["data"].iter().chain(args).chain(&["--data-dir", text(scratch.path())]));
    let listed = || {
        let listed = data(&["list"]).text();
        listed.lines().find(|line| line.trim_start().starts_with("mnist ")).unwrap().to_string()
    };
    let nobody = "http://127.0.0.1:9/";
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::open(&folder).unwrap().set_modified(long_ago).unwrap();
    assert!(listed().contains("present"), "{}", listed());
    assert!(data(&["check", "mnist"]).text().contains("60000 train + 10000 test"));
    assert!(fetch("mnist", nobody, scratch.path()).text().contains("nothing to download"));
    // Nothing is missing, so that nobody needs to know whether the folder can be written.
    assert_eq!(fs::metadata(&folder).unwrap().modified().unwrap(), long_ago);

    let images = folder.join("t10k-images-idx3-ubyte");
    File::options().write(true).open(&images).unwrap().set_len(1_000_000).unwrap();
    assert!(listed().contains("damaged"), "{}", listed());
    let message = data(&["check", "mnist"]).refusal();
    assert!(message.contains(text(&images)), "{message}");
    assert!(message.contains("trainer data fetch mnist"), "{message}");
    // It stays while there is nothing in its place.
    assert!(fetch("mnist", nobody, scratch.path()).refusal().contains("cannot be reached"));
    assert!(images.exists());
}

#[test]
fn failed_downloads_are_told_in_one_sentence_and_leave_nothing() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let servers = [
        (
            "corrupted",
            serve(|_, stream| {
                head(stream, "200 OK", 5);
                stream.write_all(b"hello").unwrap();
            }),
            "MD5",
        ),
        (
            "truncated",
            serve(|_, stream| {
                head(stream, "200 OK", 5000);
                stream.write_all(&[7; 1000]).unwrap();
            }),
            "broke after 1000 bytes",
        ),
        ("cut off", serve(|_, stream| head(stream, "200 OK", 5000)), "broke after 0 bytes"),
        ("silent", serve(|_, _| ()), "cannot be reached"),
        ("missing", serve(|_, stream| head(stream, "404 Not Found", 0)), "status 404"),
        ("broken", serve(|_, stream| head(stream, "500 Internal Server Error", 0)), "status 500"),
        ("refused", nobody, "cannot be reached"),
        ("no address", "nonsense".into(), "nonsense"),
    ];
    for (name, address, wanted) in servers {
        for set in ["mnist", "cifar-10"] {
            let scratch = Scratch::new();
            let message = fetch(set, &address, scratch.path()).refusal();
            assert!(message.contains(wanted) && message.contains(&address), "{name}: {message}");
            assert!(listing(scratch.path()).is_empty(), "{name} left {:?}", listing(scratch.path()));
        }
    }
}

#[test]
fn a_busy_server_is_asked_again_after_the_pause_that_it_asks_for() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let (asked, scratch) = (AtomicUsize::new(0), Scratch::new());
    let address = serve(move |_, stream| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n").unwrap(),
        1 => stream.write_all(b"HTTP/1.1 429 Slowly\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n").unwrap(),
        _ => {
            head(stream, "200 OK", 5);
            stream.write_all(b"hello").unwrap();
        }
    });
    // What comes in the end is not the official file.
    assert!(fetch("mnist", &address, scratch.path()).refusal().contains("5d41402abc4b2a76b9719d911017c592"));
    let address = serve(|_, stream| {
        stream.write_all(b"HTTP/1.1 429 Slowly\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let message = fetch("mnist", &address, scratch.path()).refusal();
    assert!(message.contains("asks for a pause of 3600 seconds; try again then"), "{message}");
    let address = serve(|_, stream| {
        stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n").unwrap();
    });
    let message = fetch("mnist", &address, scratch.path()).refusal();
    assert!(message.contains("status 503, 4 times; try again later"), "{message}");
    assert!(listing(scratch.path()).is_empty());
}

#[test]
fn an_interrupted_download_leaves_nothing() {
    let (begun, waits) = mpsc::channel();
    let address = serve(move |_, stream| {
        head(stream, "200 OK", 5000);
        stream.write_all(&[7; 1000]).unwrap();
        begun.send(()).unwrap();
        // Until the client goes away.
        let _ = stream.read(&mut [0]);
    });
    let scratch = Scratch::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_trainer"))
        .args(["data", "fetch", "mnist", "--base-url", &address, "--data-dir", text(scratch.path())])
        .env("NO_PROXY", "127.0.0.1")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    waits.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(listing(scratch.path()).is_empty());
}

#[test]
fn sets_without_an_address_and_unwritable_folders_are_named() {
    let scratch = Scratch::new();
    let message = fetch("notmnist", "http://127.0.0.1:9/", scratch.path()).refusal();
    assert!(message.contains("notmnist has no official address"), "{message}");
    assert!(fetch("builtin", "http://127.0.0.1:9/", scratch.path()).text().contains("nothing to download"));
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let message = fetch("mnist", "http://127.0.0.1:9/", &file).refusal();
    assert!(
        message.contains(text(&file.join("mnist"))) && message.contains("cannot be written"),
        "{message}"
    );
    let message = fetch("nonsense", "http://127.0.0.1:9/", scratch.path()).refusal();
    assert!(message.contains("`nonsense`"), "{message}");
}
