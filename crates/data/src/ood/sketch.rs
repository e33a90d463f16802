//! Line drawings, as those of QuickDraw, brought to the shape of a model's images (method §4.5).

use ibinn::math::random::{Purpose, Stream};

/// The colour of image `i`'s ink: 0.3 + 0.7·U[0, 1) for red, green and blue.
pub(super) fn colour(seed: u64, i: usize) -> [f64; 3] {
    let mut stream = Stream::for_pair(seed, Purpose::Sketch, 1, i as u64);
    [(); 3].map(|()| stream.range(0.3, 1.0))
}

/// One plane of ink (255 = full) in the given colour on white, three planes in [0, 1]: 1 − v·colour.
pub(super) fn draw(ink: &[u8], colour: [f64; 3]) -> Vec<f32> {
    let pixel = |c: f64| ink.iter().map(move |&v| (1.0 - f64::from(v) / 255.0 * c) as f32);
    colour.into_iter().flat_map(pixel).collect()
}

/// The images, `size` bytes each, in random order: files hold one category after the other.
pub(super) fn shuffle(images: &[u8], size: usize, seed: u64) -> Vec<u8> {
    let order = Stream::for_pair(seed, Purpose::Sketch, 0, 0).permutation(images.len() / size);
    order.iter().flat_map(|&i| &images[i as usize * size..][..size]).copied().collect()
}

/// An image of `height` rows with its edge repeated on all sides as often as it takes to get `to` rows and columns.
/// None when it is larger, or cannot be centred.
pub(super) fn pad(image: &[u8], [height, width]: [usize; 2], to: [usize; 2]) -> Option<Vec<u8>> {
    let margin = |from: usize, to: usize| {
        let more = to.checked_sub(from)?;
        more.is_multiple_of(2).then_some(more / 2)
    };
    let (top, left) = (margin(height, to[0])?, margin(width, to[1])?);
    let row = |y: usize| {
        let row = &image[y.saturating_sub(top).min(height - 1) * width..][..width];
        (0..to[1]).map(move |x| row[x.saturating_sub(left).min(width - 1)])
    };
    Some((0..to[0]).flat_map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_ink_is_the_complement_of_its_colour_and_paper_is_white() {
        let planes = draw(&[255, 0], [0.3, 0.65, 1.0]);
        for (got, wanted) in planes.iter().zip([0.7, 1.0, 0.35, 1.0, 0.0, 1.0]) {
            assert!((got - wanted).abs() < 1e-6, "{planes:?}");
        }
    }

    #[test]
    fn every_image_has_a_colour_of_its_own() {
        let colours: Vec<[f64; 3]> = (0..200).map(|i| colour(0, i)).collect();
        assert_eq!(colours[3], colour(0, 3));
        assert_ne!(colours[3], colours[4]);
        assert_ne!(colours[3], colour(1, 3));
        assert!(colours.iter().flatten().all(|c| (0.3..1.0).contains(c)));
        assert!(colours.iter().flatten().any(|c| *c < 0.35) && colours.iter().flatten().any(|c| *c > 0.95));
    }

    #[test]
    fn padding_repeats_the_edge() {
        let padded = pad(&[1, 2, 3, 4], [2, 2], [4, 4]);
        assert_eq!(padded, Some(vec![1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]));
        assert_eq!(pad(&[1, 2, 3, 4], [2, 2], [2, 2]), Some(vec![1, 2, 3, 4]));
        assert_eq!(pad(&[1, 2, 3, 4], [2, 2], [3, 4]), None);
        assert_eq!(pad(&[1, 2, 3, 4], [2, 2], [2, 1]), None);
    }

    #[test]
    fn shuffling_keeps_every_image_whole() {
        let images: Vec<u8> = (0..100).flat_map(|i| [i, i + 100]).collect();
        let shuffled = shuffle(&images, 2, 7);
        assert_ne!(shuffled, images);
        assert_eq!(shuffled, shuffle(&images, 2, 7));
        let mut pairs: Vec<&[u8]> = shuffled.chunks(2).collect();
        pairs.sort_unstable();
        assert_eq!(pairs.concat(), images);
    }
}
