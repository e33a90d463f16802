//! Which image is trained on, validated on, tested on.

use std::collections::BTreeMap;

use crate::Split;

/// The split of a picture by its digest: 80 % are training images, 10 % validation images and 10 % test images, on
/// average. Which split a picture falls into depends on nothing but its pixels: adding others never moves it, and equal
/// ones are never apart.
pub(super) fn by_pixels(digest: [u8; 16]) -> Split {
    let [first @ .., _, _, _, _, _, _, _, _] = digest;
    match u64::from_le_bytes(first) % 10 {
        0 => Split::Test,
        1 => Split::Val,
        _ => Split::Train,
    }
}

/// What equal pictures there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Pictures that are equal to another one before them.
    pub again: usize,
    /// Test and validation pictures that are equal to a training picture.
    pub straddling: usize,
    /// Pictures that stand in more than one class.
    pub contradicting: usize,
}

/// Counts equal pictures; each is given by its digest, class and split.
pub(super) fn repeats(pictures: impl Iterator<Item = ([u8; 16], u16, Split)>) -> Repeats {
    let mut groups: BTreeMap<[u8; 16], Vec<(u16, Split)>> = BTreeMap::new();
    for (digest, class, split) in pictures {
        groups.entry(digest).or_default().push((class, split));
    }
    let mut found = Repeats::default();
    for group in groups.values().filter(|group| group.len() > 1) {
        found.again += group.len() - 1;
        if group.iter().any(|(_, split)| *split == Split::Train) {
            found.straddling += group.iter().filter(|(_, split)| *split != Split::Train).count();
        }
        if group.iter().any(|(class, _)| *class != group[0].0) {
            found.contradicting += group.len();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;

    #[test]
    fn eight_in_ten_are_training_images() {
        let mut counts = BTreeMap::new();
        for i in 0..10_000u32 {
            let picture = Picture::of_pixels(2, 1, i.to_le_bytes().to_vec());
            *counts.entry(by_pixels(picture.digest()).name()).or_insert(0) += 1;
        }
        // Within four standard deviations.
        for (split, wanted) in [("train", 8000i32), ("val", 1000), ("test", 1000)] {
            let found: i32 = counts[split];
            assert!((found - wanted).abs() < if wanted == 8000 { 160 } else { 120 }, "{split}: {found}");
        }
    }

    #[test]
    fn equal_pictures_are_counted() {
        let (a, b, c) = ([1; 16], [2; 16], [3; 16]);
        let pictures = [
            (a, 0, Split::Train),
            (b, 0, Split::Train),
            (a, 0, Split::Test),
            (b, 1, Split::Train),
            (a, 0, Split::Train),
            (c, 1, Split::Test),
        ];
        assert_eq!(repeats(pictures.into_iter()), Repeats { again: 3, straddling: 1, contradicting: 2 });
    }
}
