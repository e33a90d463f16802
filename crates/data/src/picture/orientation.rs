//! How a picture is turned to be shown, as cameras note it in Exif metadata.

/// The tag that holds it, in Exif and in TIFF.
const TAG: u16 = 0x0112;
/// The type of its value, a 16-bit number.
const SHORT: u16 = 3;

/// How the stored rows become those that are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Orientation {
    /// As they are stored.
    #[default]
    Upright,
    /// Mirrored left to right.
    Mirrored,
    /// Turned by a half.
    Half,
    /// Mirrored top to bottom.
    Flipped,
    /// Mirrored at the diagonal from the top left.
    Transposed,
    /// Turned by a quarter clockwise.
    Clockwise,
    /// Mirrored at the other diagonal.
    Transversed,
    /// Turned by a quarter anticlockwise.
    Anticlockwise,
}

impl Orientation {
    /// The orientation that Exif and TIFF number so; upright for a number that means nothing.
    pub fn numbered(number: u16) -> Self {
        match number {
            2 => Self::Mirrored,
            3 => Self::Half,
            4 => Self::Flipped,
            5 => Self::Transposed,
            6 => Self::Clockwise,
            7 => Self::Transversed,
            8 => Self::Anticlockwise,
            _ => Self::Upright,
        }
    }

    /// The orientation in Exif metadata; upright where they tell none, or are damaged.
    pub fn of_exif(exif: &[u8]) -> Self {
        let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        entry(tiff).map_or(Self::Upright, Self::numbered)
    }

    /// Whether rows are shown as columns.
    pub fn swaps_sides(self) -> bool {
        matches!(self, Self::Transposed | Self::Clockwise | Self::Transversed | Self::Anticlockwise)
    }

    /// Column and row in the stored picture, of `width`×`height` pixels, of what is shown at column `x` of row `y`.
    pub fn stored(self, (x, y): (usize, usize), (width, height): (usize, usize)) -> (usize, usize) {
        match self {
            Self::Upright => (x, y),
            Self::Mirrored => (width - 1 - x, y),
            Self::Half => (width - 1 - x, height - 1 - y),
            Self::Flipped => (x, height - 1 - y),
            Self::Transposed => (y, x),
            Self::Clockwise => (y, height - 1 - x),
            Self::Transversed => (width - 1 - y, height - 1 - x),
            Self::Anticlockwise => (width - 1 - y, x),
        }
    }
}

/// The value of the tag in the first directory of TIFF data.
fn entry(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II\x2a\0" => true,
        b"MM\0\x2a" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let bytes = *tiff.get(4..)?.first_chunk()?;
    let directory = if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) } as usize;
    let count = u16_at(directory)?;
    let mut entries = (0..usize::from(count)).map(|i| directory.saturating_add(2 + 12 * i));
    let at = entries.find(|&at| u16_at(at) == Some(TAG) && u16_at(at.saturating_add(2)) == Some(SHORT))?;
    u16_at(at.saturating_add(8))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Exif metadata that hold nothing but an orientation, in either order of bytes.
    pub fn exif(number: u16, little: bool) -> Vec<u8> {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut bytes = if little { b"II".to_vec() } else { b"MM".to_vec() };
        bytes.extend(short(42));
        bytes.extend(long(8));
        bytes.extend(short(2));
        // An entry before it: the camera's maker, a text.
        for (tag, kind, count, value) in [(0x010f, 2, 4, 0), (TAG, SHORT, 1, number)] {
            bytes.extend([short(tag), short(kind)].concat());
            bytes.extend(long(count));
            bytes.extend([short(value), short(0)].concat());
        }
        bytes.extend(long(0));
        bytes
    }

    #[test]
    fn is_found_in_either_order_of_bytes_and_nowhere_else() {
        for little in [true, false] {
            for number in 0..10 {
                let bytes = exif(number, little);
                let named = [b"Exif\0\0", &bytes[..]].concat();
                assert_eq!(Orientation::of_exif(&bytes), Orientation::numbered(number));
                assert_eq!(Orientation::of_exif(&named), Orientation::numbered(number));
            }
            let whole = exif(6, little);
            for length in 0..whole.len() - 8 {
                assert_eq!(Orientation::of_exif(&whole[..length]), Orientation::Upright, "{length} bytes");
            }
        }
        let far = [&b"II\x2a\0"[..], &u32::MAX.to_le_bytes()].concat();
        assert_eq!(Orientation::of_exif(&far), Orientation::Upright);
    }

    #[test]
    fn every_number_shows_what_cameras_mean_by_it() {
        // Rows of 0 1 2 and 3 4 5 as stored, and as shown: the eight that the Exif standard draws.
        let shown: [(u16, &[usize]); 8] = [
            (1, &[0, 1, 2, 3, 4, 5]),
            (2, &[2, 1, 0, 5, 4, 3]),
            (3, &[5, 4, 3, 2, 1, 0]),
            (4, &[3, 4, 5, 0, 1, 2]),
            (5, &[0, 3, 1, 4, 2, 5]),
            (6, &[3, 0, 4, 1, 5, 2]),
            (7, &[5, 2, 4, 1, 3, 0]),
            (8, &[2, 5, 1, 4, 0, 3]),
        ];
        for (number, wanted) in shown {
            let orientation = Orientation::numbered(number);
            let (width, height) = if orientation.swaps_sides() { (2, 3) } else { (3, 2) };
            let all = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
            let found: Vec<usize> = all
                .map(|place| orientation.stored(place, (3, 2)))
                .map(|(column, row)| row * 3 + column)
                .collect();
            assert_eq!(found, wanted, "orientation {number}");
        }
    }
}
