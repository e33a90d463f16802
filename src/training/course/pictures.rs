//! The pictures of a course: of which class each is, which are learnt from, and in which order.

use crate::image::{ImageShape, Variation};
use crate::math::random::{Purpose, Stream};
use crate::{Error, Result};

/// Of so many pictures of a class, one is held out.
const HOLD_OUT: usize = 5;
/// Standard deviation of the noise on a picture that is learnt from, in units of [0, 1] (method §1.2, step 8).
const NOISE: f64 = 0.01;

/// Pictures of at least two classes, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    shape: ImageShape,
    classes: Vec<String>,
    bytes: Vec<u8>,
    labels: Vec<u16>,
    /// Those of each class that are learnt from.
    learnt: Vec<Vec<usize>>,
    held_out: Vec<usize>,
}

impl Pictures {
    /// Pictures of this shape, N×C×H×W bytes, with a label each. Every fifth of a class is held out.
    ///
    /// # Errors
    /// [`Error::Input`] when there are fewer than two classes, two of the same name or one without a name or a picture, or the
    /// lengths do not fit.
    pub fn new(shape: ImageShape, classes: Vec<String>, bytes: Vec<u8>, labels: Vec<u16>) -> Result<Self> {
        let refused = |problem: String| Err(Error::Input(problem));
        if classes.len() < 2 {
            return refused("there must be two classes or more to tell apart".into());
        }
        if classes.iter().any(|name| name.trim().is_empty()) {
            return refused("a class has no name".into());
        }
        if let Some(i) = (0..classes.len()).find(|&i| classes[..i].contains(&classes[i])) {
            return refused(format!("two classes are called “{}”", classes[i]));
        }
        if shape.contains(&0) || bytes.len() != labels.len() * shape.iter().product::<usize>() {
            return refused(format!("{} bytes are not {} pictures of {shape:?}", bytes.len(), labels.len()));
        }
        if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= classes.len()) {
            return refused(format!("a picture is of class {label}, and there are {}", classes.len()));
        }
        let mut learnt = vec![Vec::new(); classes.len()];
        let (mut seen, mut held_out) = (vec![0usize; classes.len()], Vec::new());
        for (i, label) in labels.iter().map(|&label| usize::from(label)).enumerate() {
            seen[label] += 1;
            if seen[label].is_multiple_of(HOLD_OUT) {
                held_out.push(i);
            } else {
                learnt[label].push(i);
            }
        }
        match learnt.iter().position(Vec::is_empty) {
            Some(class) => refused(format!("the class “{}” has no picture", classes[class])),
            None => Ok(Self { shape, classes, bytes, labels, learnt, held_out }),
        }
    }

    /// Channels, rows and columns of each.
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// Names of the classes, by label.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Number of all pictures.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none; there never is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Those that are learnt from.
    pub fn learnt(&self) -> Vec<usize> {
        let mut learnt = self.learnt.concat();
        learnt.sort_unstable();
        learnt
    }

    /// Those that are held out: every fifth of a class.
    pub fn held_out(&self) -> &[usize] {
        &self.held_out
    }

    /// Whether a picture is held out.
    pub fn is_held_out(&self, picture: usize) -> bool {
        self.held_out.binary_search(&picture).is_ok()
    }

    /// The class of a picture.
    pub fn label(&self, picture: usize) -> u16 {
        self.labels[picture]
    }

    /// A picture, C×H×W bytes.
    pub fn bytes(&self, picture: usize) -> &[u8] {
        let len = self.shape.iter().product::<usize>();
        &self.bytes[picture * len..][..len]
    }

    /// Pixels in [0, 1] of a picture as it is shown, or varied as number `index` of its variations.
    pub fn pixels(&self, picture: usize, varied: Option<(u64, u64, f64)>) -> Vec<f32> {
        let variation = varied.map_or(Variation::NONE, |(seed, index, strength)| {
            Variation::drawn(&mut Stream::new(seed, Purpose::Augment, index), strength)
        });
        variation.apply(self.bytes(picture), self.shape)
    }
}

/// The pictures that a course learns from, in an endless order that follows from a seed: every class as often as the others,
/// as the mixture takes them for equally probable, and the pictures of a class in a new order each time around.
#[derive(Clone, Debug)]
pub(super) struct Order {
    seed: u64,
    /// Of each class the time around, and its order.
    around: Vec<(u64, Vec<u32>)>,
}

impl Order {
    pub fn new(seed: u64) -> Self {
        Self { seed, around: Vec::new() }
    }

    /// Picture number `position` of the order.
    pub fn picture(&mut self, pictures: &Pictures, position: u64) -> usize {
        let classes = pictures.learnt.len() as u64;
        let (class, number) = ((position % classes) as usize, position / classes);
        let learnt = &pictures.learnt[class];
        let (time, place) = (number / learnt.len() as u64, (number % learnt.len() as u64) as usize);
        self.around.resize(pictures.learnt.len(), (u64::MAX, Vec::new()));
        let around = &mut self.around[class];
        if around.0 != time || around.1.len() != learnt.len() {
            let mut stream = Stream::for_pair(self.seed, Purpose::Shuffle, time, class as u64);
            *around = (time, stream.permutation(learnt.len()));
        }
        learnt[around.1[place] as usize]
    }

    /// The same picture varied, with noise, pixels of about [0, 1], and its class.
    pub fn varied(&mut self, pictures: &Pictures, position: u64, strength: f64) -> (Vec<f32>, u16) {
        let picture = self.picture(pictures, position);
        let mut pixels = pictures.pixels(picture, Some((self.seed, position, strength)));
        let mut stream = Stream::new(self.seed, Purpose::Noise, position);
        for pixel in &mut pixels {
            *pixel += (stream.uniform() / 256.0 + NOISE * stream.normal()) as f32;
        }
        (pixels, pictures.label(picture))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pictures(labels: &[u16]) -> Result<Pictures> {
        let bytes = (0..labels.len() as u8).flat_map(|i| [i; 4]).collect();
        Pictures::new([1, 2, 2], vec!["cat".into(), "dog".into()], bytes, labels.to_vec())
    }

    #[test]
    fn every_fifth_of_a_class_is_held_out() {
        let pictures = pictures(&[0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1, 1]).unwrap();
        assert_eq!(pictures.held_out(), [5, 10]);
        assert_eq!(pictures.learnt(), [0, 1, 2, 3, 4, 6, 7, 8, 9, 11]);
        assert_eq!(pictures.bytes(5), [5; 4]);
        assert_eq!(pictures.pixels(5, None), [5.0 / 255.0; 4]);
    }

    #[test]
    fn each_class_comes_as_often_and_each_of_its_pictures_once_around() {
        let pictures = pictures(&[0, 1, 1, 1, 0]).unwrap();
        let mut order = Order::new(3);
        let seen: Vec<usize> = (0..24).map(|position| order.picture(&pictures, position)).collect();
        assert!(seen.iter().enumerate().all(|(i, &picture)| usize::from(pictures.label(picture)) == i % 2));
        for third in seen.chunks(6) {
            let mut dogs: Vec<usize> = third.iter().skip(1).step_by(2).copied().collect();
            dogs.sort_unstable();
            assert_eq!(dogs, [1, 2, 3]);
        }
        // There is no state: what comes at a position does not depend on what was asked for before.
        assert_eq!(Order::new(3).picture(&pictures, 17), seen[17]);
        assert_ne!(seen[..12], seen[12..]);
    }

    #[test]
    fn what_is_no_data_set_is_refused_with_a_sentence() {
        let refused = |pictures: Result<Pictures>| pictures.unwrap_err().to_string();
        let with = |classes: &[&str]| {
            let classes = classes.iter().map(|name| (*name).into()).collect();
            refused(Pictures::new([1, 1, 1], classes, vec![0; 2], vec![0, 1]))
        };
        assert_eq!(with(&["cat"]), "there must be two classes or more to tell apart");
        assert_eq!(with(&["cat", " "]), "a class has no name");
        assert_eq!(with(&["cat", "cat"]), "two classes are called “cat”");
        assert_eq!(with(&["cat", "dog", "cow"]), "the class “cow” has no picture");
        assert_eq!(refused(pictures(&[0, 2])), "a picture is of class 2, and there are 2");
        let short = Pictures::new([1, 2, 2], vec!["a".into(), "b".into()], vec![0; 7], vec![0, 1]);
        assert_eq!(refused(short), "7 bytes are not 2 pictures of [1, 2, 2]");
    }
}
