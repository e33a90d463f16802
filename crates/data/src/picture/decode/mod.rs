//! Picture files of every format that is read, as pixels.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod pnm;
mod tiff;
mod webp;

use ibinn::model::foreign;

use super::orientation::Orientation;

/// Pictures with more pixels are refused before anything is decoded; cameras have up to 108 million, and a picture takes up
/// to four bytes a pixel. Fuzzing looks for what is wrong with small ones, of which a second has more.
pub(super) const MOST_PIXELS: usize = if cfg!(fuzzing) { 1 << 14 } else { 128_000_000 };

/// The formats, for messages.
const FORMATS: &str = "PNG, JPEG, WebP, GIF, BMP, TIFF or PNM";

/// A picture as its file has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decoded {
    /// Pixels of a stored row.
    pub width: usize,
    /// Stored rows.
    pub height: usize,
    /// Samples of a pixel: 1 of grey, 2 of grey and alpha, 3 of RGB, 4 of RGB and alpha.
    pub samples: usize,
    /// All samples, row by row.
    pub bytes: Vec<u8>,
    /// How it is shown.
    pub orientation: Orientation,
}

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Bmp,
    Gif,
    Jpeg,
    Png,
    Pnm,
    Tiff,
    WebP,
}

impl Format {
    /// The format of a file that begins with `bytes`, whatever its name says.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'B', b'M', ..] => Some(Self::Bmp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'P', b'1'..=b'6', space, ..] if space.is_ascii_whitespace() => Some(Self::Pnm),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Pnm => "PNM",
            Self::Tiff => "TIFF",
            Self::WebP => "WebP",
        }
    }
}

/// The picture in a file; of an animation the first.
///
/// # Errors
/// What is wrong with it, as a sentence about "it".
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    let Some(format) = Format::of(bytes) else {
        return Err(match foreign::name(bytes) {
            Some(name) => format!("it is {name}; pictures are read as {FORMATS}"),
            None => format!("it is no picture that is read, which are {FORMATS}"),
        });
    };
    let decoded = match format {
        Format::Bmp => bmp::decode(bytes),
        Format::Gif => gif::decode(bytes),
        Format::Jpeg => jpeg::decode(bytes),
        Format::Png => png::decode(bytes),
        Format::Pnm => pnm::decode(bytes),
        Format::Tiff => tiff::decode(bytes),
        Format::WebP => webp::decode(bytes),
    };
    decoded.map_err(|problem| match problem {
        Problem::Size(width, height) => format!(
            "it is {width}×{height} pixels, and at most {} million are read: make it smaller first",
            MOST_PIXELS / 1_000_000
        ),
        Problem::Damaged(words) => {
            // Decoders end theirs with a line break or a full stop.
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("it cannot be read as a {} picture ({})", format.name(), words.trim_end_matches('.'))
        }
    })
}

/// What can be wrong with a picture.
#[derive(Debug)]
enum Problem {
    /// It is too large, or empty.
    Size(usize, usize),
    /// In the decoder's words.
    Damaged(String),
}

/// What a decoder says.
fn damaged(words: impl std::fmt::Display) -> Problem {
    Problem::Damaged(words.to_string())
}

/// Refuses a picture that is too large, or empty.
fn check(width: usize, height: usize) -> Result<(), Problem> {
    let within = |pixels: usize| (1..=MOST_PIXELS).contains(&pixels);
    if width.checked_mul(height).is_some_and(within) { Ok(()) } else { Err(Problem::Size(width, height)) }
}
