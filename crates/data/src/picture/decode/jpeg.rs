//! JPEG files, as photographs come: grey, YCbCr, RGB, and CMYK.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::super::orientation::Orientation;
use super::{Decoded, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    // Strict, since half a photograph with grey below it is no image of any set. Its size is checked below.
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_max_width(side).set_max_height(side);
    let options = options.set_strict_mode(true).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or_else(|| damaged("it has no header"))?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    check(width, height)?;
    let mut pixels = vec![0; 3 * width * height];
    if decoder.output_buffer_size() != Some(pixels.len()) {
        return Err(damaged("its colours cannot be brought to red, green and blue"));
    }
    decoder.decode_into(&mut pixels).map_err(damaged)?;
    let orientation = decoder.exif().map(|exif| Orientation::of_exif(exif)).unwrap_or_default();
    Ok(Decoded { width, height, samples: 3, bytes: pixels, orientation })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use ibinn_files::scratch::Scratch;

    use super::super::super::orientation::tests::exif;
    use super::super::super::{read, read_square};
    use crate::Result;

    /// A segment with its length.
    fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
        [&[0xff, marker][..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
    }

    /// A JPEG file of blocks of 8×8 pixels side by side, each of one colour, which `channels` numbers from -128 to 127
    /// give: brightness about mid-grey, and blueness and redness.
    fn jpeg(blocks: &[&[i32]]) -> Vec<u8> {
        let channels = blocks[0].len() as u8;
        let width = 8 * blocks.len() as u16;
        // Of a block, only the mean is stored; in steps of 8, which is the scale of the transform.
        let quantisation = segment(0xdb, &[&[0][..], &[8; 64]].concat());
        let parts = (1..=channels).flat_map(|i| [i, 0x11, 0]);
        let frame = [&[8, 0, 8][..], &width.to_be_bytes(), &[channels], &parts.collect::<Vec<_>>()].concat();
        // The code of category c, the number of bits of a difference, is c itself in four bits; a block ends with 0.
        let categories = [&[0, 0, 0, 0, 12][..], &[0; 12], &(0..12).collect::<Vec<u8>>()].concat();
        let end = [&[0x10, 1][..], &[0; 15], &[0]].concat();
        let scan = (1..=channels).flat_map(|i| [i, 0]);
        let scan = [&[channels][..], &scan.collect::<Vec<_>>(), &[0, 63, 0]].concat();
        let mut bits = String::new();
        let mut last = vec![0; channels.into()];
        for block in blocks {
            for (&mean, last) in block.iter().zip(&mut last) {
                let difference = mean - std::mem::replace(last, mean);
                let count = (32 - difference.unsigned_abs().leading_zeros()) as usize;
                let stored = if difference < 0 { difference + (1 << count) - 1 } else { difference };
                bits += &format!("{count:04b}");
                if count > 0 {
                    bits += &format!("{stored:0count$b}");
                }
                bits += "0";
            }
        }
        while !bits.len().is_multiple_of(8) {
            bits.push('1');
        }
        let byte = |i: usize| u8::from_str_radix(&bits[i..i + 8], 2).unwrap();
        let data = (0..bits.len()).step_by(8).map(byte);
        let data: Vec<u8> = data.flat_map(|v| if v == 0xff { vec![v, 0] } else { vec![v] }).collect();
        [
            &[0xff, 0xd8][..],
            &quantisation,
            &segment(0xc0, &frame),
            &segment(0xc4, &categories),
            &segment(0xc4, &end),
            &segment(0xda, &scan),
            &data,
            &[0xff, 0xd9],
        ]
        .concat()
    }

    /// What `reading` makes of a file of these bytes.
    fn file<T>(bytes: &[u8], reading: impl Fn(&Path) -> T) -> T {
        let folder = Scratch::new();
        let path = folder.path().join("some.JPG");
        std::fs::write(&path, bytes).unwrap();
        reading(&path)
    }

    fn square(bytes: &[u8], shape: [usize; 3]) -> Result<Vec<u8>> {
        file(bytes, |path| read_square(path, shape))
    }

    #[test]
    fn photographs_are_turned_as_cameras_note() {
        let upright = jpeg(&[&[-100], &[100]]);
        assert_eq!(file(&upright, |path| read(path, [1, 1, 2])).unwrap(), [28, 228]);
        for (number, shape, wanted) in
            [(3, [1, 1, 2], [228, 28]), (6, [1, 2, 1], [28, 228]), (8, [1, 2, 1], [228, 28])]
        {
            let metadata = segment(0xe1, &[b"Exif\0\0", &exif(number, true)[..]].concat());
            let turned = [&upright[..2], &metadata, &upright[2..]].concat();
            assert_eq!(file(&turned, |path| read(path, shape)).unwrap(), wanted, "orientation {number}");
        }
    }

    #[test]
    fn photographs_are_read_in_grey_and_in_colour() {
        // Three blocks: the square in the middle is the second one.
        let grey = jpeg(&[&[-128], &[-28], &[127]]);
        assert_eq!(square(&grey, [1, 2, 2]).unwrap(), [100; 4]);
        assert_eq!(square(&grey, [3, 1, 1]).unwrap(), [100; 3]);
        // Y = 128 and Cr = 228: red is 1.402 times 100 more, green 0.714 times 100 less.
        let colour = jpeg(&[&[0, 0, 100]]);
        let found = square(&colour, [3, 1, 1]).unwrap();
        for (found, wanted) in found.iter().zip([255_u8, 57, 128]) {
            assert!(found.abs_diff(wanted) <= 1, "{found} instead of {wanted}");
        }
    }

    #[test]
    fn damaged_files_are_refused_by_name() {
        let sound = jpeg(&[&[10], &[20]]);
        let mut huge = sound.clone();
        let frame = sound.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        huge[frame + 5..frame + 9].fill(0x7f);
        let cases: [(&[u8], &str); 3] = [
            (&sound[..40], "cannot be read as a JPEG"),
            (&sound[..sound.len() - 6], "cannot be read as a JPEG"),
            (&huge, "32639×32639 pixels, and at most 128 million"),
        ];
        for (bytes, wanted) in cases {
            let message = square(bytes, [1, 4, 4]).unwrap_err().to_string();
            assert!(message.contains("some.JPG") && message.contains(wanted), "{wanted}: {message}");
        }
    }
}
