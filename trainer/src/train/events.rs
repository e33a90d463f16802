//! TensorBoard's event files: scalars and pictures by step.
//!
//! Ours, as the one crate for them is not kept any more: a record is a message of two fields between two checksums.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use ibinn_data::picture::png::Encoded;

/// Says which format the file has.
const VERSION: &[u8] = b"brain.Event:2";

/// An event file that is being written.
pub struct Events {
    file: File,
    path: PathBuf,
}

impl Events {
    /// Begins a new file in `folder`, named by the time; TensorBoard reads all of a folder as one run.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(folder: &Path) -> Result<Self> {
        let (seconds, process) = (now() as u64, std::process::id());
        let path = folder.join(format!("events.out.tfevents.{seconds}.{process}.ibinn"));
        let file = File::create(&path).map_err(|source| Error::unwritable(&path, source))?;
        let mut events = Self { file, path };
        let version = [&double(1, now())[..], &bytes(3, VERSION)].concat();
        events.write(&version)?;
        Ok(events)
    }

    /// Takes note of numbers after `step` steps, each with its name.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn scalars<'a>(
        &mut self,
        step: usize,
        numbers: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<()> {
        let values: Vec<u8> = numbers.into_iter().flat_map(|(name, number)| scalar(name, number)).collect();
        self.write(&event(now(), step, &values))
    }

    /// Takes note of a picture called `name`, of so many channels, after `step` steps.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn picture(&mut self, step: usize, name: &str, (picture, channels): (&Encoded, usize)) -> Result<()> {
        self.write(&event(now(), step, &image(name, picture, channels)))
    }

    fn write(&mut self, event: &[u8]) -> Result<()> {
        self.file.write_all(&record(event)).map_err(|source| Error::unwritable(&self.path, source))
    }
}

/// Seconds since 1970.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// An event with a summary of values.
fn event(time: f64, step: usize, values: &[u8]) -> Vec<u8> {
    [double(1, time), number(2, step), bytes(5, values)].concat()
}

/// A number as a value of a summary.
fn scalar(name: &str, number: f64) -> Vec<u8> {
    let mut value = bytes(1, name.as_bytes());
    value.push(2 << 3 | 5);
    value.extend((number as f32).to_le_bytes());
    bytes(1, &value)
}

/// A picture as a value of a summary.
fn image(name: &str, Encoded { size: [height, width], png }: &Encoded, channels: usize) -> Vec<u8> {
    let image = [number(1, *height), number(2, *width), number(3, channels), bytes(4, png)].concat();
    bytes(1, &[bytes(1, name.as_bytes()), bytes(4, &image)].concat())
}

/// A field of a message that is a whole number.
fn number(field: u8, value: usize) -> Vec<u8> {
    let mut out = vec![field << 3];
    varint(&mut out, value as u64);
    out
}

/// A field of a message that is a double.
fn double(field: u8, value: f64) -> Vec<u8> {
    [&[field << 3 | 1][..], &value.to_le_bytes()].concat()
}

/// A field of a message that has a length.
fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![field << 3 | 2];
    varint(&mut out, content.len() as u64);
    out.extend(content);
    out
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A record: its length with a checksum, and itself with one.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length).to_le_bytes(), data, &masked(data).to_le_bytes()].concat()
}

/// The checksum as records have it.
fn masked(data: &[u8]) -> u32 {
    crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (Castagnoli), bit by bit: a record has some thousand bytes at most.
fn crc32c(data: &[u8]) -> u32 {
    let mut crc = !0u32;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_files::scratch::Scratch;

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // RFC 3720, appendix B.4.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
    }

    #[test]
    fn events_are_what_the_format_says() {
        let found = event(1.5, 300, &[scalar("loss", 0.5), scalar("l_y", -2.0)].concat());
        let wanted = [
            &[0x09][..],
            &1.5f64.to_le_bytes(),
            &[0x10, 0xac, 0x02, 0x2a, 25],
            &[0x0a, 11, 0x0a, 4],
            b"loss",
            &[0x15, 0, 0, 0, 0x3f],
            &[0x0a, 10, 0x0a, 3],
            b"l_y",
            &[0x15, 0, 0, 0, 0xc0],
        ]
        .concat();
        assert_eq!(found, wanted);
        let picture = Encoded { size: [2, 3], png: vec![7; 5] };
        let wanted =
            [&[0x0a, 18, 0x0a, 1][..], b"s", &[0x22, 13, 0x08, 2, 0x10, 3, 0x18, 1, 0x22, 5, 7, 7, 7, 7, 7]];
        assert_eq!(image("s", &picture, 1), wanted.concat());
        let scratch = Scratch::new();
        let mut events = Events::create(scratch.path()).unwrap();
        events.scalars(7, [("loss", 1.0)]).unwrap();
        let path = std::fs::read_dir(scratch.path()).unwrap().next().unwrap().unwrap().path();
        let file = std::fs::read(&path).unwrap();
        let mut rest = &file[..];
        let mut records = Vec::new();
        while !rest.is_empty() {
            let length = u64::from_le_bytes(*rest.first_chunk().unwrap()) as usize;
            let data = &rest[12..12 + length];
            assert_eq!(rest[..16 + length], record(data));
            records.push(data.to_vec());
            rest = &rest[16 + length..];
        }
        assert!(records[0].ends_with(VERSION));
        assert_eq!((records.len(), &records[1][9..11]), (2, &[0x10, 7][..]));
    }
}
