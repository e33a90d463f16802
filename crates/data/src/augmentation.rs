//! Ways to augment training images, by name.

use clap::ValueEnum;
use ibinn::math::random::{Purpose, Stream};
use serde::{Deserialize, Deserializer, Serialize};

use crate::augment;

/// Largest shift either way, in pixels.
const SHIFT: usize = 2;
/// In place of an epoch, where something is drawn for an image once and for all.
const EVERY_EPOCH: u64 = 0xffff_fffe;

/// How training images are augmented (method §1.2, §1.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Augmentation {
    /// Not at all.
    #[default]
    #[value(alias = "false")]
    None,
    /// As the authors' program does: flip, colour jitter, rotation and shift; for colour images.
    #[value(aliases = ["true", "authors"])]
    Repo,
    /// Shifted by up to 2 pixels each way, the edge continued.
    Shift,
    /// The same, and mirrored in every other epoch: by chance in the first, and from then on in turn.
    #[value(alias = "flip")]
    FlipShift,
}

impl Augmentation {
    /// Whether only images in colour can be augmented so.
    pub fn needs_colour(self) -> bool {
        self == Self::Repo
    }

    /// The bytes of image number `i` of a data set, C×H×W, augmented for an epoch; none where they stay as they are.
    pub(crate) fn apply(
        self,
        image: &[u8],
        shape: [usize; 3],
        epoch: u64,
        i: u64,
        seed: u64,
    ) -> Option<Vec<u8>> {
        let mut stream = Stream::for_pair(seed, Purpose::Augment, epoch, i);
        let mut shifted = || {
            let [dy, dx] = [stream.below(2 * SHIFT + 1), stream.below(2 * SHIFT + 1)];
            moved(image, shape, [dy, dx])
        };
        match self {
            Self::None => None,
            Self::Repo => Some(augment::augment(image, shape, &mut stream)),
            Self::Shift => Some(shifted()),
            Self::FlipShift => {
                let shifted = shifted();
                let first = Stream::for_pair(seed, Purpose::Augment, EVERY_EPOCH, i).bits() & 1;
                Some(if (epoch + first).is_multiple_of(2) {
                    shifted
                } else {
                    augment::flip(&shifted, shape[2])
                })
            }
        }
    }
}

/// An image whose pixel (y, x) is that at (y + dy − 2, x + dx − 2), or the nearest one of the edge.
fn moved(image: &[u8], [_, height, width]: [usize; 3], [dy, dx]: [usize; 2]) -> Vec<u8> {
    let inside = |at: usize, size: usize| at.saturating_sub(SHIFT).min(size - 1);
    let plane = |plane: &[u8]| {
        let pixel = |p: usize| plane[inside(p / width + dy, height) * width + inside(p % width + dx, width)];
        (0..height * width).map(pixel).collect::<Vec<u8>>()
    };
    image.chunks_exact(height * width).flat_map(plane).collect()
}

impl<'de> Deserialize<'de> for Augmentation {
    /// A name, or true and false for what they once meant.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Switch(bool),
            Name(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Switch(true) => Ok(Self::Repo),
            Form::Switch(false) => Ok(Self::None),
            Form::Name(name) => <Self as ValueEnum>::from_str(&name, false).map_err(|_| {
                let known = Self::value_variants().iter().filter_map(ValueEnum::to_possible_value);
                let known: Vec<_> = known.map(|value| value.get_name().to_string()).collect();
                serde::de::Error::custom(format!("augment is `{name}`, must be one of {}", known.join(", ")))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 2×3×4, every byte another.
    fn image() -> (Vec<u8>, [usize; 3]) {
        ((0..24).collect(), [2, 3, 4])
    }

    #[test]
    fn shifts_continue_the_edge() {
        let (image, shape) = image();
        assert_eq!(moved(&image, shape, [2, 2]), image);
        // One up and two to the left.
        let wanted = [6, 7, 7, 7, 10, 11, 11, 11, 10, 11, 11, 11];
        let found = moved(&image, shape, [3, 4]);
        assert_eq!(found[..12], wanted);
        assert_eq!(found[12..], wanted.map(|v| v + 12));
        assert_eq!(moved(&image, shape, [0, 0])[..4], [0, 0, 0, 1]);
    }

    #[test]
    fn flips_alternate_and_half_of_the_images_begin_with_one() {
        let (image, shape) = image();
        let ways = |epoch, i| {
            let found = Augmentation::FlipShift.apply(&image, shape, epoch, i, 7).unwrap();
            // No shift turns the order of a row around.
            let falls = found.chunks(4).any(|row| row.windows(2).any(|pair| pair[0] > pair[1]));
            let flat = found.chunks(4).all(|row| row.windows(2).all(|pair| pair[0] == pair[1]));
            assert!(!flat);
            falls
        };
        let first: Vec<bool> = (0..400).map(|i| ways(0, i)).collect();
        let flipped = first.iter().filter(|&&flipped| flipped).count();
        assert!((160..240).contains(&flipped), "{flipped}");
        for (i, first) in first.into_iter().enumerate() {
            assert_eq!([1, 2, 3].map(|epoch| ways(epoch, i as u64)), [!first, first, !first]);
        }
    }

    #[test]
    fn each_epoch_and_image_has_a_shift_of_its_own_that_follows_from_the_seed() {
        let (image, shape) = image();
        let at = |epoch, i| Augmentation::Shift.apply(&image, shape, epoch, i, 7).unwrap();
        assert_eq!(at(3, 5), at(3, 5));
        let kinds: std::collections::BTreeSet<_> = (0..500).map(|i| at(i % 5, i)).collect();
        assert_eq!(kinds.len(), 25);
        assert_eq!(Augmentation::None.apply(&image, shape, 0, 0, 7), None);
    }

    #[test]
    fn what_true_and_false_meant_is_still_read() {
        let read = |text: &str| serde_json::from_str::<Augmentation>(text);
        assert_eq!(read("true").unwrap(), Augmentation::Repo);
        assert_eq!(read("false").unwrap(), Augmentation::None);
        for augmentation in Augmentation::value_variants() {
            let text = serde_json::to_string(augmentation).unwrap();
            assert_eq!(read(&text).unwrap(), *augmentation);
        }
        let message = read("\"some\"").unwrap_err().to_string();
        assert!(
            message.contains("augment is `some`, must be one of none, repo, shift, flip-shift"),
            "{message}"
        );
    }
}
