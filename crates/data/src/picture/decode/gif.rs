//! GIF files: the first picture of an animation.

use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, MemoryLimit};

use super::{Decoded, MOST_PIXELS, Problem, check, damaged};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Problem> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.set_memory_limit(
        NonZeroU64::new(4 * MOST_PIXELS as u64).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes),
    );
    let mut decoder = options.read_info(bytes).map_err(damaged)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    check(width, height)?;
    let frame = decoder.read_next_frame().map_err(damaged)?.ok_or_else(|| damaged("it holds no picture"))?;
    // The frame may be smaller than the picture, which is transparent around it.
    let [top, left, rows, columns] = [frame.top, frame.left, frame.height, frame.width].map(usize::from);
    let mut bytes = vec![0; 4 * width * height];
    let shown = columns.min(width.saturating_sub(left));
    for row in 0..rows.min(height.saturating_sub(top)) {
        let target = 4 * ((top + row) * width + left);
        bytes[target..][..4 * shown].copy_from_slice(&frame.buffer[4 * row * columns..][..4 * shown]);
    }
    Ok(Decoded { width, height, samples: 4, bytes, orientation: Default::default() })
}
