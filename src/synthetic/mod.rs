//! The built-in data set: 28×28 grey handwriting drawn by a seeded pen, so that training and every test can run
//! without a download.
//!
//! Ten classes, the digits; a second alphabet of ten capitals from the same pen serves as their out-of-distribution
//! set. Like MNIST it is light ink on black, but no image of it was ever on paper: an image is a function of
//! (alphabet, split, seed, index) alone, the same bit for bit on every platform, and there is no last one.

mod glyphs;

use crate::math::random::{Purpose, Stream};
use glyphs::{DIGITS, LETTER_NAMES, LETTERS, Shape};

/// Width and height of a glyph in pixels.
pub const SIDE: usize = 28;

/// What the pen writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// 0–9, the data set.
    Digits,
    /// Ten capitals unlike any digit, the out-of-distribution set.
    Letters,
}

impl Alphabet {
    /// The names of the ten classes, by label.
    pub const fn class_names(self) -> [&'static str; 10] {
        match self {
            Self::Digits => ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
            Self::Letters => LETTER_NAMES,
        }
    }
}

/// Which of the two endless sequences of images; they share no random number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Images to learn from.
    Train,
    /// Images to evaluate by.
    Test,
}

/// One image of the built-in data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Grey values by row, 0 = black paper, 255 = full ink.
    pub pixels: [u8; SIDE * SIDE],
    /// Class, 0–9.
    pub label: u8,
}

/// Draws image `index` (below 2⁶³) of a split.
///
/// Classes are balanced: the label is the last decimal digit of the index.
pub fn draw(alphabet: Alphabet, split: Split, seed: u64, index: u64) -> Glyph {
    let purpose = match split {
        Split::Train => Purpose::PenTrain,
        Split::Test => Purpose::PenTest,
    };
    let (variants, first) = match alphabet {
        Alphabet::Digits => (&DIGITS, 0),
        Alphabet::Letters => (&LETTERS, 1 << 63),
    };
    let label = (index % 10) as u8;
    let variants = variants[usize::from(label)];
    let mut stream = Stream::new(seed, purpose, first | index);
    let shape = variants[stream.below(variants.len())];
    let hand = Hand::new(&mut stream);
    Glyph { pixels: hand.write(shape), label }
}

/// How one image is written: everything about it that is random, besides its shape.
struct Hand {
    /// (x, y) → pixels, row by row: slant, scale and rotation in one matrix.
    matrix: [[f64; 2]; 2],
    /// Offset of the glyph's centre from the image's, pixels.
    shift: [f64; 2],
    /// Half the width of the stroke, pixels.
    radius: f64,
    /// Smooth displacement of the paper, which bends all strokes while those that touch keep touching.
    waves: [Wave; 4],
}

/// One plane wave of the displacement.
struct Wave {
    frequency: [f64; 2],
    phase: f64,
    displacement: [f64; 2],
    /// Relative change of the stroke's width.
    pressure: f64,
}

/// A point of a flattened stroke, pixels.
#[derive(Clone, Copy)]
struct Dot {
    x: f64,
    y: f64,
    radius: f64,
}

/// Pixels per unit of the glyph's coordinates.
const UNIT: f64 = 18.5;
/// Straight pieces per span between two points of a run.
const PIECES: usize = 8;
/// Centre of the coordinates of `glyphs`.
const CENTRE: [f64; 2] = [0.36, 0.5];
/// Distance over which ink fades to paper, pixels.
const SOFT: f64 = 1.2;
/// The strokes stay this far from the border where they can, pixels.
const MARGIN: f64 = 2.0;

impl Hand {
    fn new(stream: &mut Stream) -> Self {
        let slant = 0.1 + 0.22 * bounded_normal(stream);
        let turn = 0.1 * bounded_normal(stream);
        let (width, height) = (UNIT * stream.range(0.7, 1.2), UNIT * stream.range(0.82, 1.1));
        let (sin, cos) = libm::sincos(turn);
        // Rotation · slant · scale; y points downwards, so a slant to the right moves low points to the left.
        let matrix =
            [[cos * width, -(cos * slant + sin) * height], [sin * width, (cos - sin * slant) * height]];
        let shift = [stream.range(-1.5, 1.5), stream.range(-1.5, 1.5)];
        let radius = stream.range(0.75, 1.65);
        let waves = std::array::from_fn(|_| Wave {
            frequency: [stream.range(-7.0, 7.0), stream.range(-7.0, 7.0)],
            phase: stream.range(0.0, std::f64::consts::TAU),
            displacement: [0.032 * bounded_normal(stream), 0.032 * bounded_normal(stream)],
            pressure: 0.1 * bounded_normal(stream),
        });
        Self { matrix, shift, radius, waves }
    }

    fn write(&self, shape: Shape) -> [u8; SIDE * SIDE] {
        let mut strokes: Vec<Vec<Dot>> = shape
            .iter()
            .map(|run| flatten(run).into_iter().map(|point| self.place(point)).collect())
            .collect();
        self.centre(&mut strokes);
        let mut ink = [0.0; SIDE * SIDE];
        for stroke in &strokes {
            for piece in stroke.windows(2) {
                mark(&mut ink, piece[0], piece[1]);
            }
        }
        ink.map(|ink| (255.0 * ink + 0.5) as u8)
    }

    /// The place in pixels, about the image's centre, of a point of the glyph.
    fn place(&self, [x, y]: [f64; 2]) -> Dot {
        let mut p = [x - CENTRE[0], y - CENTRE[1]];
        let mut pressure = 1.0;
        let [u, v] = p;
        for wave in &self.waves {
            let sin = libm::sin(wave.frequency[0] * u + wave.frequency[1] * v + wave.phase);
            p[0] += wave.displacement[0] * sin;
            p[1] += wave.displacement[1] * sin;
            pressure += wave.pressure * sin;
        }
        let [x, y] = self.matrix.map(|row| row[0] * p[0] + row[1] * p[1]);
        Dot { x, y, radius: self.radius * pressure.max(0.6) }
    }

    /// Moves the strokes' bounding box to the image's centre, then by the shift as far as the margin allows.
    fn centre(&self, strokes: &mut [Vec<Dot>]) {
        let extent = |coordinate: fn(&Dot) -> f64| {
            let values = strokes.iter().flatten().map(coordinate);
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
        };
        let offset = |(low, high): (f64, f64), shift: f64| {
            let room = ((SIDE as f64 - (high - low)) / 2.0 - MARGIN).max(0.0);
            SIDE as f64 / 2.0 - (low + high) / 2.0 + shift.clamp(-room, room)
        };
        let (dx, dy) = (offset(extent(|d| d.x), self.shift[0]), offset(extent(|d| d.y), self.shift[1]));
        for dot in strokes.iter_mut().flatten() {
            dot.x += dx;
            dot.y += dy;
        }
    }
}

/// A normal number, drawn again until it is within 2.2 standard deviations.
fn bounded_normal(stream: &mut Stream) -> f64 {
    loop {
        let x = stream.normal();
        if x.abs() <= 2.2 {
            return x;
        }
    }
}

/// The Catmull–Rom curve through the points of a run, as a polyline.
fn flatten(run: &[(f64, f64)]) -> Vec<[f64; 2]> {
    let last = run.len() - 1;
    let closed = run[0] == run[last];
    let point = |i: isize| -> (f64, f64) {
        match i {
            // Beyond an open end the curve goes straight on; a closed one goes round.
            -1 if closed => run[last - 1],
            -1 => run[0],
            i if i as usize > last && closed => run[1],
            i => run[(i as usize).min(last)],
        }
    };
    let mut line = vec![[run[0].0, run[0].1]];
    for i in 0..last as isize {
        let [a, b, c, d] = [i - 1, i, i + 1, i + 2].map(point);
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            let spline = |a: f64, b: f64, c: f64, d: f64| {
                b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
            };
            line.push([spline(a.0, b.0, c.0, d.0), spline(a.1, b.1, c.1, d.1)]);
        }
    }
    line
}

/// Inks the pixels near the straight piece from `a` to `b`: as dark as the darkest mark there.
fn mark(ink: &mut [f64; SIDE * SIDE], a: Dot, b: Dot) {
    let reach = a.radius.max(b.radius) + SOFT;
    let span = |p: f64, q: f64| {
        let low = (p.min(q) - reach).clamp(0.0, SIDE as f64);
        let high = (p.max(q) + reach).clamp(0.0, SIDE as f64);
        low as usize..(high as usize + 1).min(SIDE)
    };
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length_squared = (dx * dx + dy * dy).max(1e-12);
    for row in span(a.y, b.y) {
        for column in span(a.x, b.x) {
            let (px, py) = (column as f64 + 0.5 - a.x, row as f64 + 0.5 - a.y);
            let t = ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0);
            let (ex, ey) = (px - t * dx, py - t * dy);
            let distance = libm::sqrt(ex * ex + ey * ey);
            let radius = a.radius + t * (b.radius - a.radius);
            let level = ((radius - distance) / SOFT + 0.5).clamp(0.0, 1.0);
            let pixel = &mut ink[row * SIDE + column];
            *pixel = pixel.max(level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest as _, Sha256};

    fn hash(alphabet: Alphabet, split: Split) -> String {
        let mut hasher = Sha256::new();
        for index in 0..20 {
            let glyph = draw(alphabet, split, 0, index);
            hasher.update(glyph.pixels);
            hasher.update([glyph.label]);
        }
        hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn first_twenty_images_never_change() {
        assert_eq!(hash(Alphabet::Digits, Split::Train), "da395a701b702c25");
        assert_eq!(hash(Alphabet::Digits, Split::Test), "b9add8c8e53b9699");
        assert_eq!(hash(Alphabet::Letters, Split::Test), "9e46c0e5dd459d27");
    }

    #[test]
    fn images_depend_on_seed_split_alphabet_and_index() {
        let base = draw(Alphabet::Digits, Split::Train, 1, 10);
        assert_eq!(base, draw(Alphabet::Digits, Split::Train, 1, 10));
        assert_ne!(base, draw(Alphabet::Digits, Split::Train, 2, 10));
        assert_ne!(base, draw(Alphabet::Digits, Split::Test, 1, 10));
        assert_ne!(base, draw(Alphabet::Digits, Split::Train, 1, 20));
        assert_ne!(base.pixels, draw(Alphabet::Letters, Split::Train, 1, 10).pixels);
    }

    #[test]
    fn classes_are_balanced_and_named() {
        let mut counts = [0; 10];
        for index in 0..200 {
            counts[usize::from(draw(Alphabet::Letters, Split::Test, 3, index).label)] += 1;
        }
        assert_eq!(counts, [20; 10]);
        assert_eq!(Alphabet::Digits.class_names()[7], "7");
        assert_eq!(Alphabet::Letters.class_names()[0], "A");
    }

    #[test]
    fn every_image_has_a_plausible_amount_of_ink_inside_the_border() {
        for alphabet in [Alphabet::Digits, Alphabet::Letters] {
            for index in 0..2000 {
                let glyph = draw(alphabet, Split::Train, 5, index);
                let sum: u32 = glyph.pixels.iter().map(|&p| u32::from(p)).sum();
                let share = f64::from(sum) / (255.0 * 784.0);
                assert!((0.02..0.45).contains(&share), "{alphabet:?} {index}: {share}");
                let dark = glyph.pixels.iter().filter(|&&p| p == 0).count();
                assert!(dark > 300, "{alphabet:?} {index}: only {dark} black pixels");
                let corners = [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1];
                assert!(
                    corners.iter().all(|&i| glyph.pixels[i] == 0),
                    "{alphabet:?} {index}: ink in a corner"
                );
            }
        }
    }
}
