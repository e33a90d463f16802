//! Pictures of every format: a drawn digit, or a few pixels.

use std::io::Cursor;

use ibinn::synthetic::{Alphabet, Split, draw};
use tiff::encoder::{Compression, TiffEncoder, colortype};

use super::File;

/// Columns and rows of the small pictures.
const SIZE: (u32, u32) = (5, 3);

/// A drawn digit, 28×28 bytes.
fn digit() -> Vec<u8> {
    draw(Alphabet::Digits, Split::Train, 0, 3).pixels.to_vec()
}

fn colours(samples: u32) -> Vec<u8> {
    (0..SIZE.0 * SIZE.1 * samples).map(|i| (i * 37 % 256) as u8).collect()
}

/// The files of each target.
pub fn all() -> Vec<(&'static str, Vec<File>)> {
    vec![
        ("bmp", vec![("colour", bmp())]),
        ("gif", vec![("two", gif())]),
        (
            "jpeg",
            vec![
                ("grey", jpeg(jpeg_encoder::ColorType::Luma)),
                ("colour", jpeg(jpeg_encoder::ColorType::Rgb)),
            ],
        ),
        ("png", vec![("grey", png(png::ColorType::Grayscale)), ("opacity", png(png::ColorType::Rgba))]),
        (
            "pnm",
            vec![
                ("bytes", b"P6 2 1 255\n\x01\x02\x03\x04\x05\x06".to_vec()),
                ("words", b"P2 2 2 9 0 1 2 3".to_vec()),
            ],
        ),
        ("tiff", vec![("grey", tiff::<colortype::Gray8>(1)), ("ink", tiff::<colortype::CMYK8>(4))]),
        (
            "webp",
            vec![
                ("grey", webp(image_webp::ColorType::L8, 1)),
                ("opacity", webp(image_webp::ColorType::Rgba8, 4)),
            ],
        ),
    ]
}

fn bmp() -> Vec<u8> {
    let row = (3 * SIZE.0).next_multiple_of(4);
    let mut bytes = b"BM".to_vec();
    for word in [54 + row * SIZE.1, 0, 54, 40, SIZE.0, SIZE.1] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    bytes.extend(colours(3).chunks(3 * SIZE.0 as usize).flat_map(|own| {
        let mut own = own.to_vec();
        own.resize(row as usize, 0);
        own
    }));
    bytes
}

fn gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, 5, 3, &colours(3)).expect("room in memory");
    for left in [0, 1] {
        let buffer = vec![left as u8; 6].into();
        let frame = gif::Frame { left, width: 3, height: 2, buffer, ..Default::default() };
        encoder.write_frame(&frame).expect("room in memory");
    }
    drop(encoder);
    bytes
}

fn jpeg(colour: jpeg_encoder::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 60);
    let (pixels, side) = match colour {
        jpeg_encoder::ColorType::Luma => (digit(), (28, 28)),
        _ => (colours(3), (SIZE.0 as u16, SIZE.1 as u16)),
    };
    encoder.encode(&pixels, side.0, side.1, colour).expect("room in memory");
    bytes
}

fn png(colour: png::ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (pixels, (width, height)) = match colour {
        png::ColorType::Grayscale => (digit(), (28, 28)),
        _ => (colours(4), SIZE),
    };
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    let mut writer = encoder.write_header().expect("room in memory");
    writer.write_image_data(&pixels).expect("room in memory");
    drop(writer);
    bytes
}

fn tiff<C: colortype::ColorType<Inner = u8>>(samples: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut file).expect("room in memory");
    let mut encoder = encoder.with_compression(Compression::Lzw);
    encoder.write_image::<C>(SIZE.0, SIZE.1, &colours(samples)).expect("room in memory");
    file.into_inner()
}

fn webp(colour: image_webp::ColorType, samples: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.encode(&colours(samples), SIZE.0, SIZE.1, colour).expect("room in memory");
    bytes
}
