//! BMP files.

use std::io::Cursor;

use zune_bmp::BmpDecoder;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{Decoded, MOST_PIXELS, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    // Sides by themselves are no matter: their product is checked.
    let options = DecoderOptions::default().set_max_width(MOST_PIXELS).set_max_height(MOST_PIXELS);
    let mut decoder = BmpDecoder::new_with_options(Cursor::new(bytes), options);
    let failed = |e: zune_bmp::BmpDecoderErrors| damaged(format_args!("{e:?}"));
    decoder.decode_headers().map_err(failed)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    check(width, height)?;
    let samples = decoder.colorspace().map_or(0, |space| space.num_components());
    let bytes = decoder.decode().map_err(failed)?;
    if !(1..=4).contains(&samples) || bytes.len() != samples * width * height {
        return Err(damaged("its colours are of no known kind"));
    }
    Ok(Decoded { width, height, samples, bytes, orientation: Default::default() })
}
