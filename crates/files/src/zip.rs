//! Zip archives, as PyTorch and NumPy write them and as data sets come in; also those of more than 65,535 entries or 4 GiB
//! (zip64).
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
    size: u64,
    crc: u32,
}

const END: &[u8; 4] = b"PK\x05\x06";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
/// What says where the end record of zip64 is, right before the other one; and that record.
const LOCATOR: &[u8; 4] = b"PK\x06\x07";
const END_64: &[u8; 4] = b"PK\x06\x06";
/// Bytes of the locator.
const LOCATOR_SIZE: usize = 20;
/// The extra field that holds what does not fit into 32 bits.
const WIDE: usize = 1;
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

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// Number of entries and where their table begins, by the end record at `end`.
fn table(bytes: &[u8], end: usize) -> Option<(u64, u64)> {
    let locator = end.checked_sub(LOCATOR_SIZE).map(|at| &bytes[at..]).filter(|at| at.starts_with(LOCATOR));
    let Some(locator) = locator else {
        return Some((u16_at(bytes, end + 10)? as u64, u32_at(bytes, end + 16)?.into()));
    };
    let record = bytes.get(usize::try_from(u64_at(locator, 8)?).ok()?..)?;
    record.starts_with(END_64).then_some(())?;
    Some((u64_at(record, 32)?, u64_at(record, 48)?))
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
        let (count, start) = table(bytes, end).ok_or_else(damaged)?;
        let mut entries = BTreeMap::new();
        let mut at = usize::try_from(start).map_err(|_| damaged())?;
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

    /// Bytes that an entry says it has; none where there is no such entry.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.entries.get(name).map(|entry| entry.size)
    }

    /// An entry's bytes, checked; at most one more than its [`size`](Self::size) says is unpacked.
    ///
    /// # Errors
    /// When it is missing or damaged.
    pub fn get(&self, name: &str) -> Result<Cow<'a, [u8]>, String> {
        let entry = self.entries.get(name).ok_or_else(|| format!("its zip archive has no entry `{name}`"))?;
        let data = if entry.is_deflated {
            let mut data = Vec::new();
            // One byte more than it says, so that what follows is noticed and a bomb is not unpacked.
            let mut unpacked =
                flate2::read::DeflateDecoder::new(entry.data).take(entry.size.saturating_add(1));
            unpacked
                .read_to_end(&mut data)
                .map_err(|e| format!("its entry `{name}` cannot be unpacked ({e})"))?;
            Cow::Owned(data)
        } else {
            Cow::Borrowed(entry.data)
        };
        let mut crc = flate2::Crc::new();
        crc.update(&data);
        if crc.sum() != entry.crc || data.len() as u64 != entry.size {
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
    let extra = extra?;
    let crc = u32_at(record, 16)?;
    let [size, packed, local] = wide(record, record.get(next..next + extra)?)?;
    if flags & 1 != 0 || !matches!(method, STORED | DEFLATED) {
        return Some(Err(format!(
            "its entry `{name}` is encrypted, or compressed in another way than by deflate"
        )));
    }
    let header = bytes.get(usize::try_from(local).ok()?..)?;
    header.starts_with(LOCAL).then_some(())?;
    let start = 30 + u16_at(header, 26)? + u16_at(header, 28)?;
    let data = header.get(start..)?.get(..usize::try_from(packed).ok()?)?;
    let entry = Entry { data, is_deflated: method == DEFLATED, size, crc };
    Some(Ok((name, entry, at + next + extra + comment?)))
}

/// Size, packed size and place of an entry: those that do not fit into the record are in this order in an extra field.
fn wide(record: &[u8], mut extra: &[u8]) -> Option<[u64; 3]> {
    let mut numbers = [24, 20, 42].map(|field| u32_at(record, field).map(u64::from));
    let mut field: &[u8] = &[];
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        // What archivers put there for themselves may end anywhere.
        let Some((body, rest)) = extra[4..].split_at_checked(length) else { break };
        if id == WIDE {
            field = body;
        }
        extra = rest;
    }
    for number in numbers.iter_mut().filter(|number| **number == Some(u32::MAX.into())) {
        *number = Some(u64_at(field, 0)?);
        field = &field[8..];
    }
    let [size, packed, local] = numbers;
    Some([size?, packed?, local?])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch;

    #[test]
    fn what_does_not_fit_into_32_bits_is_read_from_the_wider_fields() {
        let plain = scratch::zip(&[("a/b.txt", b"some words".to_vec())], true);
        let end = plain.len() - 22;
        let central = u32_at(&plain, end + 16).unwrap() as usize;
        // The same archive as zip64 has it: sizes and place in an extra field, with one of another kind before it.
        let mut wide = plain[..central].to_vec();
        let mut record = plain[central..end].to_vec();
        let numbers = [24, 20, 42].map(|field| u64::from(u32_at(&record, field).unwrap()));
        for field in [20, 24, 42] {
            record[field..field + 4].fill(0xff);
        }
        let extra =
            [&[9, 9, 1, 0, 7, 1, 0, 24, 0][..], &numbers.map(u64::to_le_bytes).concat(), &[5]].concat();
        record[30..32].copy_from_slice(&(extra.len() as u16).to_le_bytes());
        wide.extend([&record[..], &extra].concat());
        let end = wide.len() as u64;
        let mut end_64 = [&END_64[..], &[0; 52]].concat();
        end_64[32..40].copy_from_slice(&1u64.to_le_bytes());
        end_64[48..56].copy_from_slice(&(central as u64).to_le_bytes());
        let locator = [&LOCATOR[..], &[0; 4], &end.to_le_bytes(), &[1, 0, 0, 0]].concat();
        wide.extend(
            [&end_64[..], &locator, END, &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], &[0xff; 8], &[0, 0]].concat(),
        );
        for bytes in [&plain, &wide] {
            let zip = Zip::open(bytes).unwrap();
            assert_eq!(zip.names().collect::<Vec<_>>(), ["a/b.txt"]);
            assert_eq!((zip.size("a/b.txt"), zip.size("a")), (Some(10), None));
            assert_eq!(&*zip.get("a/b.txt").unwrap(), b"some words");
        }
        // Wider fields that are missing, or lead out of the file.
        for broken in [end as usize + 49, central + 46 + 7 + 9 + 20] {
            let mut broken_file = wide.clone();
            broken_file[broken] = 0x7f;
            assert!(Zip::open(&broken_file).is_err_and(|problem| problem.contains("damaged")), "{broken}");
        }
    }

    #[test]
    fn an_entry_that_is_more_than_it_says_is_refused_without_being_unpacked() {
        let mut bytes = scratch::zip(&[("bomb", vec![0; 1 << 20])], true);
        let at = bytes.windows(4).rposition(|window| window == CENTRAL).unwrap() + 24;
        bytes[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
        let zip = Zip::open(&bytes).unwrap();
        assert!(zip.get("bomb").unwrap_err().contains("`bomb` is damaged"));
    }
}
