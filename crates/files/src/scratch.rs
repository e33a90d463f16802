//! Folders and archives for tests.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An empty folder that is removed when the test ends.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder.
    ///
    /// # Panics
    /// When it cannot be made.
    #[allow(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("ibinn-test-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).expect("a new folder in the system's folder for temporary files");
        Self(path)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Best effort: what a failing test leaves in a temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The bytes of a zip archive of entries, each with its name, that are deflated, or stored.
///
/// # Panics
/// Never: what is written into memory can be.
pub fn zip(entries: &[(&str, Vec<u8>)], deflated: bool) -> Vec<u8> {
    let (mut bytes, mut table) = (Vec::new(), Vec::new());
    for (name, data) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).expect("room in memory");
        let packed = if deflated { encoder.finish().expect("room in memory") } else { data.clone() };
        // Version, flags, method, time and date; checksum; sizes; length of the name, and of what follows it.
        let mut header = vec![20, 0, 0, 0, if deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        for word in [crc.sum(), packed.len() as u32, data.len() as u32, name.len() as u32] {
            header.extend(word.to_le_bytes());
        }
        let start = bytes.len() as u32;
        bytes.extend([b"PK\x03\x04", &header[..], name.as_bytes(), &packed].concat());
        table.extend(
            [b"PK\x01\x02\x14\0", &header[..], &[0; 10], &start.to_le_bytes(), name.as_bytes()].concat(),
        );
    }
    let (count, start) = ((entries.len() as u16).to_le_bytes(), bytes.len() as u32);
    bytes.extend(&table);
    bytes.extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count].concat());
    bytes.extend([(table.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}
