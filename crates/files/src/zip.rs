//! Zip archives, as PyTorch and NumPy write them.
//!
//! Ours rather than a crate, as what is stored in them uncompressed, which is nearly all, is read as slices of the file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

/// The entries of an archive by name.
pub struct Zip<'a> {
    entries: BTreeMap<String, Entry<'a>>,
}

struct Entry<'a> {
    data: &'a [u8],
    is_deflated: bool,
    /// Bytes of the entry itself.
    size: usize,
    crc: u32,
}

const END: &[u8; 4] = b"PK\x05\x06";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
/// How an entry is kept as it is.
const STORED: usize = 0;
/// How an entry is compressed.
const DEFLATED: usize = 8;
/// The end record with its longest comment.
const LONGEST_END: usize = 22 + 0xffff;

fn damaged() -> String {
    "its zip archive is damaged or cut short".into()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?).into())
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl<'a> Zip<'a> {
    /// Reads the table of contents.
    ///
    /// # Errors
    /// When there is none, an entry is encrypted, compressed in a way that is not read, or outside the file, or a name stands
    /// twice.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        let tail = bytes.len().saturating_sub(LONGEST_END);
        let end = bytes[tail..].windows(4).rposition(|window| window == END).ok_or_else(damaged)? + tail;
        let comment = u16_at(bytes, end + 20).ok_or_else(damaged)?;
        if bytes.len() < end + 22 + comment {
            return Err(damaged());
        }
        let count = u16_at(bytes, end + 10).ok_or_else(damaged)?;
        let start = u32_at(bytes, end + 16).ok_or_else(damaged)?;
        if start == u32::MAX || count == 0xffff {
            return Err("its zip archive is larger than 4 GiB, which is not read".into());
        }
        let mut entries = BTreeMap::new();
        let mut at = start as usize;
        for _ in 0..count {
            let (name, entry, next) = central(bytes, at).ok_or_else(damaged)??;
            if entries.insert(name.clone(), entry).is_some() {
                return Err(format!("its zip archive holds `{name}` twice"));
            }
            at = next;
        }
        Ok(Self { entries })
    }

    /// Names of all entries.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// An entry's bytes, checked.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn get(&self, name: &str) -> Result<Cow<'a, [u8]>, String> {
        let entry = self.entries.get(name).ok_or_else(|| format!("its zip archive has no entry `{name}`"))?;
        let data = if entry.is_deflated {
            let mut data = Vec::new();
            // One byte more than it says, so that what follows is noticed and a bomb is not unpacked.
            let mut unpacked = flate2::read::DeflateDecoder::new(entry.data).take(entry.size as u64 + 1);
            unpacked
                .read_to_end(&mut data)
                .map_err(|e| format!("its entry `{name}` cannot be unpacked ({e})"))?;
            Cow::Owned(data)
        } else {
            Cow::Borrowed(entry.data)
        };
        let mut crc = flate2::Crc::new();
        crc.update(&data);
        if crc.sum() != entry.crc || data.len() != entry.size {
            return Err(format!("its entry `{name}` is damaged: the checksum does not match"));
        }
        Ok(data)
    }
}

type Found<'a> = (String, Entry<'a>, usize);

/// The entry of the table of contents at `at`, and where the next one begins; `None` when it lies outside the file.
fn central<'a>(bytes: &'a [u8], at: usize) -> Option<Result<Found<'a>, String>> {
    let record = bytes.get(at..)?;
    record.starts_with(CENTRAL).then_some(())?;
    let [name_length, extra, comment] = [28, 30, 32].map(|field| u16_at(record, field));
    let next = 46 + name_length?;
    let name = String::from_utf8_lossy(record.get(46..next)?).into_owned();
    let (flags, method) = (u16_at(record, 8)?, u16_at(record, 10)?);
    let (crc, packed, size, local) =
        (u32_at(record, 16)?, u32_at(record, 20)?, u32_at(record, 24)?, u32_at(record, 42)?);
    if flags & 1 != 0 || !matches!(method, STORED | DEFLATED) {
        return Some(Err(format!(
            "its entry `{name}` is encrypted, or compressed in another way than by deflate"
        )));
    }
    let header = bytes.get(local as usize..)?;
    header.starts_with(LOCAL).then_some(())?;
    let start = 30 + u16_at(header, 26)? + u16_at(header, 28)?;
    let data = header.get(start..)?.get(..packed as usize)?;
    let entry = Entry { data, is_deflated: method == DEFLATED, size: size as usize, crc };
    Some(Ok((name, entry, at + next + extra? + comment?)))
}
