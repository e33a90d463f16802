//! Downloading the official files, each checked before anything of it reaches the disk.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use md5::{Digest, Md5};

use super::cifar::Cifar;
use super::files::State;
use super::registry::{DatasetInfo, Files};
use super::{DataDir, idx};
use crate::{Error, Result};
use ibinn_files::atomic;
use ibinn_terminal::progress::{Progress, Unit};

/// No official file is larger; what a server sends beyond it is not read.
const LARGEST: u64 = 1 << 30;
/// Waiting for a connection or an answer takes no longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A download takes no longer: 200 MB at 30 kB a second.
const SLOWEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Pauses before a server that is busy is asked again, where it does not say how long.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(16)];
/// A pause that a server asks for is no longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// An official file: its address relative to the data set's base, and its MD5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// File name, at the address and in the data folder.
    pub name: &'static str,
    /// MD5 in lower-case hexadecimal digits.
    pub md5: &'static str,
}

/// Where a data set's official files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Address before the file name, ending with a slash.
    pub base: &'static str,
    /// The files.
    pub sources: &'static [Source],
}

const fn source(name: &'static str, md5: &'static str) -> Source {
    Source { name, md5 }
}

const MNIST: Origin = Origin {
    base: "https://ossci-datasets.s3.amazonaws.com/mnist/",
    sources: &[
        source("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        source("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
        source("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
        source("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
    ],
};

const FASHION_MNIST: Origin = Origin {
    base: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    sources: &[
        source("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        source("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
        source("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
        source("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
    ],
};

const KMNIST: Origin = Origin {
    base: "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    sources: &[
        source("train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"),
        source("train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"),
        source("t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"),
        source("t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"),
    ],
};

const CIFAR_10: Origin = Origin {
    base: "https://www.cs.toronto.edu/~kriz/",
    sources: &[source("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")],
};

const CIFAR_100: Origin = Origin {
    base: "https://www.cs.toronto.edu/~kriz/",
    sources: &[source("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8")],
};

/// Where the official files of `known` are; `None` for sets that have no official address.
pub fn origin(known: &DatasetInfo) -> Option<Origin> {
    match known.name {
        "mnist" => Some(MNIST),
        "fashion-mnist" => Some(FASHION_MNIST),
        "kmnist" => Some(KMNIST),
        "cifar-10" => Some(CIFAR_10),
        "cifar-100" => Some(CIFAR_100),
        _ => None,
    }
}

/// What [`fetch`] found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Names of the files that were downloaded.
    pub downloaded: Vec<String>,
    /// A sentence for each file that was damaged: what was wrong with it, and whether it is replaced or removed.
    pub damaged: Vec<String>,
}

impl Fetched {
    /// Says how it stands with a file; `fate` is what becomes of it where it is damaged.
    fn found(&mut self, path: &Path, known: &DatasetInfo, fate: &str) -> Result<State> {
        let state = State::of_file(path, known)?;
        if let State::Damaged(problem) = &state {
            self.damaged.push(format!("{}: {problem}; it is {fate}", path.display()));
        }
        Ok(state)
    }
}

/// Downloads what is missing of `known` or damaged, from `base` instead of its official address when given. An unpacked
/// file that is damaged is removed once the official one is there, since it would be read in place of that.
///
/// A file is held in memory until it is known to be the official one, so an interrupted download leaves nothing behind.
///
/// # Errors
/// When there is nothing to download from, the server refuses, the connection breaks, a file is not the official one, or
/// something is missing and the data folder cannot be written.
pub fn fetch(known: &DatasetInfo, data_dir: &DataDir, base: Option<&str>, quiet: bool) -> Result<Fetched> {
    let mut fetched = Fetched::default();
    let (folder, elsewhere, archived) = match known.files {
        Files::Idx { folder, torchvision } => (data_dir.folder(folder), data_dir.folder(torchvision), None),
        Files::Cifar(cifar) => (data_dir.folder(cifar.folder), PathBuf::new(), Some(cifar)),
        Files::Drawn { .. } => return Ok(fetched),
    };
    let origin = origin(known).ok_or_else(|| {
        Error::Usage(format!(
            "{} has no official address; put its files into {}",
            known.name,
            folder.display()
        ))
    })?;
    let mut useless = Vec::new();
    'sources: for source in origin.sources {
        let target = folder.join(source.name);
        let is_right = if let Some(cifar) = archived {
            let mut state = |name: &str| fetched.found(&folder.join(name), known, "replaced");
            let states: Vec<State> = cifar.files().map(|(name, _)| state(name)).collect::<Result<_>>()?;
            states.iter().all(|state| *state == State::Right)
        } else {
            let plain = source.name.trim_end_matches(".gz");
            let names = [plain.to_string(), plain.replace("-idx", ".idx")];
            for plain in names.each_ref().map(|name| folder.join(name)) {
                match fetched.found(&plain, known, "removed")? {
                    State::Right => continue 'sources,
                    State::Missing => {}
                    State::Damaged(_) => useless.push(plain),
                }
            }
            let is_elsewhere = match idx::existing(&elsewhere, &names) {
                Some(path) => State::of_file(&path, known)? == State::Right,
                None => false,
            };
            is_elsewhere || fetched.found(&target, known, "replaced")? == State::Right
        };
        if is_right {
            continue;
        }
        atomic::check_folder(&folder)?;
        let url = format!("{}/{}", base.unwrap_or(origin.base).trim_end_matches('/'), source.name);
        let bytes = official(source, &url, quiet)?;
        fs::create_dir_all(&folder).map_err(|source| Error::unwritable(&folder, source))?;
        match archived {
            Some(cifar) => unpack(&bytes, &url, cifar, &folder)?,
            None => atomic::write(&target, &bytes)?,
        }
        fetched.downloaded.push(source.name.to_string());
    }
    // Last, so that nothing is removed where a download fails.
    for path in useless {
        fs::remove_file(&path).map_err(|source| Error::unwritable(&path, source))?;
    }
    Ok(fetched)
}

/// The official file at `url`.
fn official(source: &Source, url: &str, quiet: bool) -> Result<Vec<u8>> {
    let bytes = download(url, quiet)?;
    let md5 = md5_of(&bytes);
    if md5 == source.md5 {
        return Ok(bytes);
    }
    let problem = format!("its MD5 is {md5}, the official file's is {}; nothing was kept", source.md5);
    Err(Error::Download { url: url.into(), problem })
}

/// MD5 in lower-case hexadecimal digits.
fn md5_of(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer to a request for `url`. A server that is busy is asked again, after the pause that it asks for.
fn request(agent: &ureq::Agent, url: &str, quiet: bool) -> Result<ureq::http::Response<ureq::Body>> {
    let failed = |problem: String| Error::Download { url: url.into(), problem };
    let mut pauses = PAUSES.iter();
    loop {
        let response = agent
            .get(url)
            .call()
            .map_err(|e| failed(format!("the server cannot be reached ({e}); is the network up?")))?;
        let status = response.status().as_u16();
        if response.status().is_success() {
            return Ok(response);
        }
        if !matches!(status, 429 | 502..=504) {
            return Err(failed(format!(
                "the server answered with status {status}; the file may have moved, see --base-url"
            )));
        }
        let asked =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let asked = asked.map(Duration::from_secs);
        let Some(&pause) = pauses.next() else {
            let tried = PAUSES.len() + 1;
            return Err(failed(format!(
                "the server answered with status {status}, {tried} times; try again later"
            )));
        };
        let pause = asked.unwrap_or(pause);
        if pause > LONGEST_PAUSE {
            let seconds = pause.as_secs();
            return Err(failed(format!(
                "the server answered with status {status} and asks for a pause of {seconds} seconds; try again then"
            )));
        }
        if !quiet {
            eprintln!(
                "{url}: the server answered with status {status}, asking again in {} s",
                pause.as_secs()
            );
        }
        std::thread::sleep(pause);
    }
}

/// The whole body at `url`.
fn download(url: &str, quiet: bool) -> Result<Vec<u8>> {
    let failed = |problem: String| Error::Download { url: url.into(), problem };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_recv_body(Some(SLOWEST))
        .http_status_as_error(false)
        .build()
        .into();
    let response = request(&agent, url, quiet)?;
    let mut body = response.into_body();
    let announced = body.content_length();
    let name = url.rsplit('/').next().unwrap_or(url);
    let mut progress = Progress::new(announced, Unit::Bytes, name, quiet);
    let mut reader = body.as_reader().take(LARGEST);
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let n = reader.read(&mut buffer).map_err(|e| {
            let received = bytes.len();
            failed(format!("the connection broke after {received} bytes ({e}); nothing was kept, try again"))
        })?;
        if n == 0 {
            break;
        }
        bytes.extend(&buffer[..n]);
        progress.advance(n as u64);
    }
    progress.finish();
    Ok(bytes)
}

/// Takes the record files, and nothing else, out of the archive of `cifar`.
fn unpack(archive: &[u8], url: &str, cifar: Cifar, folder: &Path) -> Result<()> {
    let bad = |problem: String| Error::Download { url: url.into(), problem };
    let unreadable = |e: std::io::Error| bad(format!("the archive cannot be unpacked ({e})"));
    let mut records = Vec::new();
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in tar.entries().map_err(unreadable)? {
        let mut entry = entry.map_err(unreadable)?;
        let path = entry.path().map_err(unreadable)?.into_owned();
        let is_it = |(known, _): &(&str, usize)| path.file_name().is_some_and(|name| name == *known);
        let Some((name, size)) = cifar.files().find(is_it) else { continue };
        let mut bytes = Vec::new();
        entry.by_ref().take(size as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() != size {
            return Err(bad(format!("the archive's {name} has {} bytes, must have {size}", bytes.len())));
        }
        records.push((name, bytes));
    }
    if records.len() != cifar.files().count() {
        let names: Vec<_> = cifar.files().map(|(name, _)| name).collect();
        return Err(bad(format!("the archive does not hold all of {}, once each", names.join(", "))));
    }
    for (name, bytes) in &records {
        atomic::write(&folder.join(name), bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::cifar::{CIFAR_10, CIFAR_100};
    use super::*;
    use ibinn_files::scratch::Scratch;

    /// A gzipped archive of files under the official folder's name.
    fn archive(files: &[(&str, usize)]) -> Vec<u8> {
        let mut tar =
            tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for &(name, size) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(size as u64);
            let path = format!("some-folder/{name}");
            tar.append_data(&mut header, path, &vec![1; size][..]).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn unpacking_keeps_the_record_files_or_nothing() {
        for (cifar, count) in [(CIFAR_10, 6), (CIFAR_100, 2)] {
            let folder = Scratch::new();
            let mut files: Vec<_> = cifar.files().collect();
            files.push(("batches.meta.txt", 10));
            unpack(&archive(&files), "url", cifar, folder.path()).unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), count);

            let folder = Scratch::new();
            let cut = [(files[0].0, files[0].1 - 1)];
            for damaged in [
                archive(&files[1..]),
                archive(&[&files[..], &files[..1]].concat()),
                archive(&[&cut, &files[1..]].concat()),
                archive(&files)[..1000].to_vec(),
                b"no archive".to_vec(),
            ] {
                let message = unpack(&damaged, "url", cifar, folder.path()).unwrap_err().to_string();
                assert!(message.starts_with("url: the archive"), "{message}");
                assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
            }
        }
    }

    #[test]
    fn md5_is_that_of_the_standard() {
        assert_eq!(md5_of(b"hello"), "5d41402abc4b2a76b9719d911017c592");
    }
}
