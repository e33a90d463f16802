//! The pixels of a data set's images.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use ibinn_files::mapped::Mapped;

/// Images of one size, in memory or in a file that is mapped. Which they are and in which order is beside the pixels, so that
/// choosing some of them moves none.
#[derive(Clone)]
pub struct Images {
    pixels: Pixels,
    /// Bytes of an image.
    size: usize,
    /// Of each image its place among the pixels.
    places: Vec<u32>,
}

#[derive(Clone)]
enum Pixels {
    Memory(Arc<Vec<u8>>),
    /// From this byte of the file on.
    File(Arc<Mapped>, usize),
}

impl Deref for Pixels {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            Self::File(map, first) => &map[*first..],
        }
    }
}

impl Images {
    /// All images in `bytes`, of `size` bytes each, in their order.
    ///
    /// # Panics
    /// When the bytes are not whole images, or these are more than 2³².
    pub fn new(bytes: Vec<u8>, size: usize) -> Self {
        assert!(bytes.len().is_multiple_of(size.max(1)), "the bytes are not whole images");
        let places = all(bytes.len() / size.max(1));
        Self { pixels: Pixels::Memory(Arc::new(bytes)), size, places }
    }

    /// The `count` images of `size` bytes each that lie in a file from byte `first` on.
    ///
    /// # Panics
    /// When the file is shorter than that, or the images are more than 2³².
    pub fn in_file(file: Mapped, first: usize, size: usize, count: usize) -> Self {
        assert!(file.len() >= first + count * size, "the file is shorter than its images");
        Self { pixels: Pixels::File(Arc::new(file), first), size, places: all(count) }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The bytes of image `i`.
    ///
    /// # Panics
    /// When there is no image `i`.
    pub fn get(&self, i: usize) -> &[u8] {
        &self.pixels[self.places[i] as usize * self.size..][..self.size]
    }

    /// The images one after the other.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// The images at `indices`, in that order.
    ///
    /// # Panics
    /// When there is no such image.
    pub fn choose(&self, indices: impl IntoIterator<Item = usize>) -> Self {
        let places = indices.into_iter().map(|i| self.places[i]).collect();
        Self { pixels: self.pixels.clone(), size: self.size, places }
    }

    /// Keeps only the first `count` images, all where there are fewer.
    pub fn truncate(&mut self, count: usize) {
        self.places.truncate(count);
    }

    /// All bytes, image by image.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.iter().flatten().copied().collect()
    }
}

/// The places of all of so many images.
fn all(count: usize) -> Vec<u32> {
    assert!(u32::try_from(count).is_ok(), "there are more images than have a place");
    (0..count as u32).collect()
}

impl PartialEq for Images {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} images of {} bytes", self.len(), self.size)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use ibinn_files::scratch::Scratch;

    use super::*;

    #[test]
    fn images_are_the_same_in_memory_and_in_a_file() {
        let folder = Scratch::new();
        let path = folder.path().join("images");
        std::fs::write(&path, [9, 9, 9, 0, 1, 2, 3, 4, 5, 6]).unwrap();
        let memory = Images::new((0..6).collect(), 2);
        let file = Images::in_file(Mapped::open(&path).unwrap(), 3, 2, 3);
        for images in [&memory, &file] {
            assert_eq!((images.len(), images.get(1)), (3, &[2, 3][..]));
            let mut chosen = images.choose([2, 0, 1]).choose([0, 1]);
            assert_eq!(chosen.to_bytes(), [4, 5, 0, 1]);
            chosen.truncate(1);
            assert_eq!(chosen.iter().collect::<Vec<_>>(), [[4, 5]]);
        }
        assert_eq!(memory, file);
        assert_ne!(memory, file.choose([0, 2, 1]));
        assert_ne!(memory, Images::new((0..6).collect(), 3));
    }
}
