//! TIFF files: the first picture.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::super::orientation::Orientation;
use super::{Decoded, MOST_PIXELS, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = 8 * MOST_PIXELS;
    limits.intermediate_buffer_size = 8 * MOST_PIXELS;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(damaged)?.with_limits(limits);
    let (width, height) = decoder.dimensions().map_err(damaged)?;
    let (width, height) = (width as usize, height as usize);
    check(width, height)?;
    let colour = decoder.colortype().map_err(damaged)?;
    let number = decoder.find_tag_unsigned::<u16>(Tag::Orientation).map_err(damaged)?;
    let map = match colour {
        ColorType::Palette(_) => Some(decoder.get_tag_u16_vec(Tag::ColorMap).map_err(damaged)?),
        _ => None,
    };
    let mut stored = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut stored).map_err(damaged)?;
    let samples = match stored {
        DecodingResult::U8(bytes) => bytes,
        // The high bytes, as browsers take them.
        DecodingResult::U16(words) => words.into_iter().map(|word| (word >> 8) as u8).collect(),
        _ => return Err(damaged("its numbers are neither 8 nor 16 bits")),
    };
    let samples = interleaved(samples, layout.planes);
    let (samples, bytes) = match colour {
        ColorType::Gray(bits @ 1..8) => {
            let most = (1u16 << bits) - 1;
            let grey = unpacked(&samples, width, bits).map(|v| (u16::from(v) * 255 / most) as u8);
            (1, grey.collect())
        }
        ColorType::Palette(bits @ 1..=8) => {
            (3, coloured(unpacked(&samples, width, bits), &map.unwrap_or_default(), bits)?)
        }
        ColorType::Gray(8 | 16) => (1, samples),
        ColorType::GrayA(8 | 16) => (2, samples),
        ColorType::RGB(8 | 16) => (3, samples),
        ColorType::RGBA(8 | 16) => (4, samples),
        ColorType::CMYK(8 | 16) => {
            (3, samples.as_chunks::<4>().0.iter().flat_map(|&ink| printed(ink)).collect())
        }
        other => return Err(damaged(format_args!("colours of the kind {other:?} are not read"))),
    };
    if bytes.len() != samples * width * height {
        return Err(damaged("it holds more or fewer pixels than it says"));
    }
    let orientation = number.map(Orientation::numbered).unwrap_or_default();
    Ok(Decoded { width, height, samples, bytes, orientation })
}

/// Samples of one pixel side by side, of planes one after the other.
fn interleaved(samples: Vec<u8>, planes: usize) -> Vec<u8> {
    if planes < 2 {
        return samples;
    }
    let plane = samples.len() / planes;
    (0..plane).flat_map(|i| (0..planes).map(move |p| p * plane + i)).map(|i| samples[i]).collect()
}

/// Samples of up to eight bits each; every row begins with a byte of its own.
fn unpacked(rows: &[u8], width: usize, bits: u8) -> impl Iterator<Item = u8> {
    let bits = usize::from(bits);
    rows.chunks_exact((width * bits).div_ceil(8)).flat_map(move |row| {
        (0..width).map(move |x| {
            // Samples of 1, 2, 4 or 8 bits never cross a byte.
            let shift = 8 - bits - x * bits % 8;
            row[x * bits / 8] >> shift & (u8::MAX >> (8 - bits))
        })
    })
}

/// The colours of a palette: all reds, then all greens, then all blues, of 16 bits each.
fn coloured(indices: impl Iterator<Item = u8>, map: &[u16], bits: u8) -> Result<Vec<u8>, Problem> {
    let count = 1usize << bits;
    if map.len() != 3 * count || 8 % bits != 0 {
        return Err(damaged("its palette is of another size than its pixels ask for"));
    }
    Ok(indices.flat_map(|i| [0, 1, 2].map(|c| (map[c * count + usize::from(i)] >> 8) as u8)).collect())
}

/// Red, green and blue of cyan, magenta, yellow and black.
fn printed([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    [cyan, magenta, yellow].map(|ink| {
        let light = u32::from(255 - ink) * u32::from(255 - black);
        ((light + 127) / 255) as u8
    })
}
