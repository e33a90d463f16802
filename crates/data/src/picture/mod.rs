//! Single pictures, as they are shown, brought to the shape of a model's images.

mod decode;
mod look;
mod orientation;
pub mod png;
mod shown;

use std::ffi::OsStr;
use std::path::Path;

use crate::{Error, Result};
use decode::Format;
pub use look::{Fit, Ground, Look};
pub use shown::Picture;

/// Files with more bytes are refused before they are read.
pub(crate) const LARGEST_FILE: u64 = 1 << 30;

/// Whether a file that begins with `bytes` is a picture that can be read.
pub(crate) fn is_of_known_format(bytes: &[u8]) -> bool {
    Format::of(bytes).is_some()
}

/// Whether a file is named like a picture. What it holds is known by its bytes alone.
pub(crate) fn is_named_like_one(path: &Path) -> bool {
    const ENDINGS: [&str; 14] = [
        "png", "jpg", "jpeg", "jpe", "jfif", "webp", "gif", "bmp", "dib", "tif", "tiff", "pbm", "pgm", "ppm",
    ];
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a picture file as an image of `shape` (channels, rows, columns): its format is what its bytes are, whatever its
/// name says, and it is turned as it is shown; colour becomes grey (or grey colour) where needed, transparency white; a
/// picture of another size is resampled by averaging over areas.
///
/// # Errors
/// When the file cannot be read, is damaged or of no format that is read, or has more than 128 million pixels.
pub fn read(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    Ok(open(path)?.image(shape, &Look { fit: Fit::Stretch, ..Look::default() }))
}

/// The same for the largest square in the middle of the picture, as photographs are brought to a square.
///
/// # Errors
/// As [`read`].
pub fn read_square(path: &Path, shape: [usize; 3]) -> Result<Vec<u8>> {
    Ok(open(path)?.image(shape, &Look::default()))
}

fn open(path: &Path) -> Result<Picture> {
    let size = std::fs::metadata(path).map_err(|source| Error::io(path, source))?.len();
    if size > LARGEST_FILE {
        return Err(Error::data(path, format!("it has {size} bytes, at most {LARGEST_FILE} are read")));
    }
    let bytes = std::fs::read(path).map_err(|source| Error::io(path, source))?;
    Picture::decode(&bytes).map_err(|problem| Error::data(path, problem))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::orientation::tests::exif;
    use super::*;
    use crate::picture::png::{GROUND, write_grid};
    use ibinn_files::scratch::Scratch;

    #[test]
    fn what_is_written_reads_back_and_is_resampled() {
        let folder = Scratch::new();
        let path = folder.path().join("some.png");
        write_grid(&path, &[10, 20, 30, 40], [1, 2, 2], 1).unwrap();
        let whole = read(&path, [1, 6, 6]).unwrap();
        assert_eq!(&whole[2 * 6 + 2..2 * 6 + 4], [10, 20]);
        assert_eq!(whole[0], GROUND);
        let half = read(&path, [1, 3, 3]).unwrap();
        assert_eq!(half[4], 25);
        assert_eq!(read(&path, [3, 3, 3]).unwrap()[4], 25);
    }

    #[test]
    fn the_square_lies_in_the_middle() {
        let folder = Scratch::new();
        let path = folder.path().join("wide.png");
        // Two images of 1×1 side by side: 8×5 pixels, of which columns 1 to 5 are the square.
        write_grid(&path, &[10, 20], [1, 1, 1], 2).unwrap();
        let square = read_square(&path, [1, 5, 5]).unwrap();
        assert_eq!(square[10..15], [GROUND, 10, GROUND, GROUND, 20]);
        assert_eq!(read(&path, [1, 5, 8]).unwrap()[16..24], [255, 255, 10, 255, 255, 20, 255, 255]);
    }

    /// A file of these bytes, whatever its name says, in the size that it is shown in.
    fn shown(name: &str, bytes: &[u8], shape: [usize; 3]) -> Result<Vec<u8>> {
        let folder = Scratch::new();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        read(&path, shape)
    }

    fn refusal(name: &str, bytes: &[u8]) -> String {
        shown(name, bytes, [1, 2, 2]).unwrap_err().to_string()
    }

    /// A PNG file of `width` pixels a row.
    fn png(
        colour: ::png::ColorType,
        depth: ::png::BitDepth,
        width: u32,
        data: &[u8],
        exif: Option<&[u8]>,
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let row = (width as usize * colour.samples() * (depth as usize)).div_ceil(8);
        let mut info = ::png::Info::with_size(width, (data.len() / row) as u32);
        (info.color_type, info.bit_depth) = (colour, depth);
        info.exif_metadata = exif.map(|exif| exif.to_vec().into());
        if colour == ::png::ColorType::Indexed {
            info.palette = Some(vec![255, 0, 0, 0, 255, 0, 0, 0, 255].into());
            info.trns = Some(vec![255, 255, 0].into());
        }
        let encoder = ::png::Encoder::with_info(&mut bytes, info).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    /// Two rows of three grey pixels.
    const SIX: [u8; 6] = [0, 50, 100, 150, 200, 250];

    fn grey_png(exif: Option<&[u8]>) -> Vec<u8> {
        png(::png::ColorType::Grayscale, ::png::BitDepth::Eight, 3, &SIX, exif)
    }

    /// A BMP file of 24 bits a pixel, from the bottom row to the top one.
    fn bmp() -> Vec<u8> {
        let mut bytes = b"BM".to_vec();
        for word in [14 + 40 + 24, 0, 14 + 40, 40, 3, 2] {
            bytes.extend(u32::to_le_bytes(word));
        }
        bytes.extend([1, 0, 24, 0]);
        bytes.extend([0; 24]);
        for row in [&SIX[3..], &SIX[..3]] {
            bytes.extend(row.iter().flat_map(|&v| [v; 3]));
            bytes.extend([0; 3]);
        }
        bytes
    }

    /// A GIF file whose frame leaves out the first column of the picture; and whose second frame is black.
    fn gif() -> Vec<u8> {
        let mut bytes = Vec::new();
        let palette: Vec<u8> = SIX.iter().flat_map(|&v| [v; 3]).collect();
        let mut encoder = ::gif::Encoder::new(&mut bytes, 3, 2, &palette).unwrap();
        let frame = |buffer: Vec<u8>| ::gif::Frame {
            left: 1,
            width: 2,
            height: 2,
            buffer: buffer.into(),
            ..Default::default()
        };
        encoder.write_frame(&frame(vec![1, 2, 4, 5])).unwrap();
        encoder.write_frame(&frame(vec![0; 4])).unwrap();
        drop(encoder);
        bytes
    }

    fn webp(exif: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = image_webp::WebPEncoder::new(&mut bytes);
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif);
        }
        encoder.encode(&SIX, 3, 2, image_webp::ColorType::L8).unwrap();
        bytes
    }

    /// A TIFF file, with an orientation.
    fn tiff<C: ::tiff::encoder::colortype::ColorType>(data: &[C::Inner], orientation: u16) -> Vec<u8>
    where
        [C::Inner]: ::tiff::encoder::TiffValue,
    {
        let mut file = std::io::Cursor::new(Vec::new());
        let mut encoder = ::tiff::encoder::TiffEncoder::new(&mut file).unwrap();
        let mut image = encoder.new_image::<C>(3, 2).unwrap();
        image.encoder().write_tag(::tiff::tags::Tag::Orientation, orientation).unwrap();
        image.write_data(data).unwrap();
        file.into_inner()
    }

    #[test]
    fn every_format_is_known_by_its_bytes() {
        use ::tiff::encoder::colortype::{Gray8, Gray16};
        let sixteen = SIX.map(|v| u16::from(v) * 256 + 77);
        let files = [
            ("png", grey_png(None)),
            ("webp", webp(None)),
            ("bmp", bmp()),
            ("tiff", tiff::<Gray8>(&SIX, 1)),
            ("tiff of 16 bits", tiff::<Gray16>(&sixteen, 1)),
            ("pgm", [b"P5 3 2\n# by hand\n255\n", &SIX[..]].concat()),
            ("pgm as text", b"P2\n3 2 255\n0 50 100\n150 200 250\n".to_vec()),
        ];
        for (format, bytes) in files {
            for name in ["some.jpg", "none"] {
                assert_eq!(shown(name, &bytes, [1, 2, 3]).unwrap(), SIX, "{format}");
            }
        }
        assert_eq!(shown("some.png", &gif(), [1, 2, 3]).unwrap(), [255, 50, 100, 255, 200, 250]);
        let colour = shown("some.ppm", b"P6 1 1 255 \x01\x02\x03", [3, 1, 1]).unwrap();
        assert_eq!(colour, [1, 2, 3]);
        for bits in [&b"P4 3 2\n\x40\xa0"[..], b"P1 3 2 010 1 0 1"] {
            assert_eq!(shown("some.pbm", bits, [1, 2, 3]).unwrap(), [255, 0, 255, 0, 255, 0]);
        }
    }

    #[test]
    fn pictures_are_read_as_they_are_shown() {
        use ::tiff::encoder::colortype::Gray8;
        // Turned by a quarter clockwise, and by a half.
        let turned = |number: u16| -> [(&str, Vec<u8>); 3] {
            [
                ("png", grey_png(Some(&exif(number, true)))),
                ("webp", webp(Some(exif(number, false)))),
                ("tiff", tiff::<Gray8>(&SIX, number)),
            ]
        };
        for (format, bytes) in turned(6) {
            assert_eq!(shown("a", &bytes, [1, 3, 2]).unwrap(), [150, 0, 200, 50, 250, 100], "{format}");
        }
        for (format, bytes) in turned(3) {
            assert_eq!(shown("a", &bytes, [1, 2, 3]).unwrap(), [250, 200, 150, 100, 50, 0], "{format}");
        }
    }

    #[test]
    fn sixteen_bits_palettes_transparency_and_ink_become_colours() {
        use ::png::{BitDepth, ColorType};
        use ::tiff::encoder::colortype::CMYK8;
        let one = |bytes: Vec<u8>| shown("a", &bytes, [3, 1, 1]).unwrap();
        let sixteen = png(ColorType::Rgb, BitDepth::Sixteen, 1, &[1, 200, 2, 200, 3, 200], None);
        assert_eq!(one(sixteen), [1, 2, 3]);
        let palette = |index: u8| png(ColorType::Indexed, BitDepth::Two, 1, &[index << 6], None);
        assert_eq!(one(palette(1)), [0, 255, 0]);
        // Its third colour is transparent.
        assert_eq!(one(palette(2)), [255; 3]);
        assert_eq!(one(png(ColorType::GrayscaleAlpha, BitDepth::Eight, 1, &[0, 51], None)), [204; 3]);
        let ink = [[0, 255, 255, 0], [0, 0, 0, 255], [0, 0, 0, 0], [255, 0, 0, 127], [0; 4], [0; 4]];
        let printed = shown("a", &tiff::<CMYK8>(&ink.concat(), 1), [3, 2, 3]).unwrap();
        assert_eq!(
            printed.chunks(6).map(|plane| plane[..4].to_vec()).collect::<Vec<_>>(),
            [[255, 0, 255, 0], [0, 0, 255, 128], [0, 0, 255, 128]]
        );
    }

    #[test]
    fn what_is_no_picture_is_named() {
        for (bytes, wanted) in [
            (&b"<html>404</html>"[..], "it is a web page"),
            (b"version https://git-lfs.github.com/spec/v1", "it is a Git LFS pointer"),
            (b"\0\0\0\x18ftypheic", "it is a HEIC picture; pictures are read as PNG, JPEG"),
            (b"", "it is an empty file"),
            (b"some words", "it is no picture that is read, which are PNG, JPEG"),
            (b"\x89PNG\r\n\x1a\n", "cannot be read as a PNG picture"),
            (b"GIF89a", "cannot be read as a GIF picture"),
            (b"BM", "cannot be read as a BMP picture"),
            (b"II*\0", "cannot be read as a TIFF picture"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "cannot be read as a WebP picture"),
            (b"P5 9 9 255\n\0", "cannot be read as a PNM picture (it is cut short"),
            (b"P2 1 1 9 10", "it holds 10, above its largest value 9"),
            (b"P5 9", "its header is cut short"),
            (b"P6 1 1 0 a", "its largest value is 0"),
        ] {
            let message = refusal("some.jpg", bytes);
            assert!(message.contains("some.jpg: ") && message.contains(wanted), "{wanted}: {message}");
            assert!(!message.contains('\n'), "{message}");
        }
        let (png, webp, bmp) = (grey_png(None), webp(None), bmp());
        for whole in [&png[..], &webp, &bmp, &gif(), &tiff::<::tiff::encoder::colortype::Gray8>(&SIX, 1)] {
            let message = refusal("a", &whole[..whole.len() / 2]);
            assert!(message.contains("cannot be read as a"), "{message}");
        }
    }

    #[test]
    fn large_photographs_are_read_and_impossible_ones_refused_before_they_are_decoded() {
        // 8064×6048 of one grey: a phone's photograph.
        let bytes =
            png(::png::ColorType::Grayscale, ::png::BitDepth::Eight, 8064, &vec![90; 8064 * 6048], None);
        assert_eq!(shown("a", &bytes, [1, 2, 2]).unwrap(), [90; 4]);
        for header in
            [&b"P5 128000001 1 255\n"[..], b"P5 99999999999999999 99999999999999999 255\n", b"P5 0 5 255\n"]
        {
            let message = refusal("a", header);
            assert!(message.contains("at most 128 million are read"), "{message}");
        }
    }
}
