//! Toy data sets: labelled points in the plane, about the size of a standard normal.

use std::f64::consts::{PI, TAU};
use std::str::FromStr;

use crate::Error;
use crate::math::random::{Purpose, Stream};

/// A labelled point of the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its place.
    pub x: [f32; 2],
    /// Its class, from 0.
    pub class: usize,
}

/// How to draw points of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToySet {
    /// Half circles that reach into each other: the two moons, for more classes turned further around the centre.
    Moons,
    /// Arms of a spiral.
    Spirals,
    /// Gaussians on a circle.
    Blobs,
    /// Rings around each other, the first class innermost.
    Circles,
    /// No points: for those that are painted.
    Blank,
}

/// All sets with their names.
const NAMES: [(&str, ToySet); 5] = [
    ("moons", ToySet::Moons),
    ("spirals", ToySet::Spirals),
    ("blobs", ToySet::Blobs),
    ("circles", ToySet::Circles),
    ("blank", ToySet::Blank),
];

/// Standard deviation of the points about their curve.
const JITTER: f64 = 0.07;

impl FromStr for ToySet {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let named = NAMES.iter().find(|(name, _)| *name == text);
        named.map(|&(_, set)| set).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            Error::Input(format!("toy data set is `{text}`, must be one of {}", names.join(", ")))
        })
    }
}

impl ToySet {
    /// `count` points, the classes in turn, of which there is at least one. Point `i` is the same one among few and among
    /// many.
    pub fn points(self, classes: usize, count: usize, seed: u64) -> Vec<Point> {
        let classes = classes.max(1);
        let count = if self == Self::Blank { 0 } else { count };
        let draw = |i: usize| {
            let class = i % classes;
            let [x, y] = self.draw(class, classes, &mut Stream::new(seed, Purpose::PlanePoint, i as u64));
            Point { x: [x as f32, y as f32], class }
        };
        (0..count).map(draw).collect()
    }

    fn draw(self, class: usize, classes: usize, stream: &mut Stream) -> [f64; 2] {
        let share = class as f64 / classes as f64;
        let along = stream.uniform();
        let (place, jitter) = match self {
            Self::Moons => {
                // The centre of the figure is (½, ¼) of the first moon; where there are more than two, they make room.
                let room = 0.25 * classes.saturating_sub(2) as f64;
                let moon = polar(1.0, PI * along);
                (turned([moon[0] - 0.5 - room, moon[1] - 0.25 + 2.0 * room], TAU * share), JITTER)
            }
            Self::Spirals => {
                let turns = 2.5 / classes as f64;
                // The root spreads the points evenly along the arm.
                let t = libm::sqrt(0.03 + 0.97 * along);
                (polar(2.0 * t, TAU * (share + turns * t)), JITTER)
            }
            Self::Blobs => (polar(1.5, TAU * share), 0.4),
            Self::Circles => (polar(2.0 * (class as f64 + 0.5) / classes as f64, TAU * along), JITTER),
            Self::Blank => ([0.0, 0.0], 0.0),
        };
        let scale =
            if self == Self::Moons { 1.6 / (1.0 + 0.25 * classes.saturating_sub(2) as f64) } else { 1.0 };
        place.map(|v| scale * (v + jitter * stream.normal()))
    }
}

/// The corners of a regular polygon around the origin whose neighbours are `side` apart.
pub(super) fn polygon(corners: usize, side: f64) -> Vec<[f64; 2]> {
    let radius = side / (2.0 * libm::sin(PI / corners as f64));
    (0..corners).map(|y| polar(radius, TAU * y as f64 / corners as f64)).collect()
}

fn polar(radius: f64, angle: f64) -> [f64; 2] {
    let (sin, cos) = libm::sincos(angle);
    [radius * cos, radius * sin]
}

fn turned([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = libm::sincos(angle);
    [cos * x - sin * y, sin * x + cos * y]
}
