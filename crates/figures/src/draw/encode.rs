//! Pixels as a file.

/// Pixels, three bytes each by row, as a PNG file's bytes; none of an empty picture.
pub fn encode(rgb: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(rgb));
    // Memory can be written; an empty picture cannot.
    if written.is_ok() { bytes } else { Vec::new() }
}
