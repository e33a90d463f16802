//! PBM, PGM and PPM files, as text or as bytes. Ours, as the crates for them lack half of the six.

use super::{Decoded, Problem, check, damaged};

/// A file in the middle of being read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// The next character, without comments.
    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        if byte != b'#' {
            return Some(byte);
        }
        let end = rest.iter().position(|&b| b == b'\n')?;
        self.0 = &rest[end + 1..];
        Some(b'\n')
    }

    /// The next number, with the one space after it.
    fn number(&mut self) -> Option<usize> {
        let mut digit = self.next()?;
        while digit.is_ascii_whitespace() {
            digit = self.next()?;
        }
        let mut number = 0usize;
        loop {
            let value = char::from(digit).to_digit(10)?;
            number = number.checked_mul(10)?.checked_add(value as usize)?;
            match self.next() {
                Some(next) if !next.is_ascii_whitespace() => digit = next,
                _ => return Some(number),
            }
        }
    }

    /// The next digit by itself, since those of bits need no space between them.
    fn bit(&mut self) -> Option<usize> {
        loop {
            let digit = self.next()?;
            if !digit.is_ascii_whitespace() {
                return char::from(digit).to_digit(2).map(|bit| bit as usize);
            }
        }
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let kind = bytes.get(1).copied().unwrap_or_default();
    let mut reader = Reader(bytes.get(2..).unwrap_or_default());
    let mut header = || reader.number().ok_or_else(|| damaged("its header is cut short or holds no numbers"));
    let (width, height) = (header()?, header()?);
    let most = if matches!(kind, b'1' | b'4') { 1 } else { header()? };
    check(width, height)?;
    if !(1..=65_535).contains(&most) {
        return Err(damaged(format_args!("its largest value is {most}, must be 1 to 65535")));
    }
    let samples = if matches!(kind, b'3' | b'6') { 3 } else { 1 };
    let count = samples * width * height;
    let short = || damaged("it is cut short, or holds what is no number");
    // Of bits, 1 is black.
    let byte = |value: usize| match kind {
        _ if value > most => Err(damaged(format_args!("it holds {value}, above its largest value {most}"))),
        b'1' | b'4' => Ok(if value == 1 { 0 } else { 255 }),
        _ => Ok((value * 255 / most) as u8),
    };
    let bytes: Result<Vec<u8>, Problem> = match kind {
        b'1' => (0..count).map(|_| reader.bit().ok_or_else(short).and_then(byte)).collect(),
        b'2' | b'3' => (0..count).map(|_| reader.number().ok_or_else(short).and_then(byte)).collect(),
        b'4' => {
            let row = width.div_ceil(8);
            let rows = reader.0.get(..row * height).ok_or_else(short)?;
            let bits = |row: &'_ [u8], x: usize| usize::from(row[x / 8] >> (7 - x % 8) & 1);
            rows.chunks_exact(row).flat_map(|row| (0..width).map(move |x| bits(row, x))).map(byte).collect()
        }
        _ if most < 256 => reader.0.get(..count).ok_or_else(short)?.iter().map(|&v| byte(v.into())).collect(),
        _ => {
            let words = reader.0.get(..2 * count).ok_or_else(short)?.as_chunks::<2>().0;
            words.iter().map(|&word| byte(u16::from_be_bytes(word).into())).collect()
        }
    };
    Ok(Decoded { width, height, samples, bytes: bytes?, orientation: Default::default() })
}
