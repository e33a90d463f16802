//! Small moves, turns and changes of size and brightness: the same thing seen once more (method §1.2).

use super::ImageShape;
use crate::math::random::Stream;

/// How a picture is varied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variation {
    /// To the right and down, as shares of the width and of the height.
    pub shift: [f64; 2],
    /// Counter-clockwise about the middle, in degrees.
    pub turn: f64,
    /// Factor of the size.
    pub scale: f64,
    /// Factor of the values.
    pub brightness: f64,
}

/// Bounds of what is drawn at full strength, either way.
const SHIFT: f64 = 0.07;
const TURN: f64 = 10.0;
const SCALE: f64 = 0.1;
const BRIGHTNESS: f64 = 0.15;

impl Variation {
    /// Nothing changes.
    pub const NONE: Self = Self { shift: [0.0; 2], turn: 0.0, scale: 1.0, brightness: 1.0 };

    /// One drawn from `stream`: uniform within bounds, which `strength` multiplies.
    pub fn drawn(stream: &mut Stream, strength: f64) -> Self {
        let mut within = |bound: f64| stream.range(-bound, bound) * strength;
        Self {
            shift: [within(SHIFT), within(SHIFT)],
            turn: within(TURN),
            scale: 1.0 + within(SCALE),
            brightness: 1.0 + within(BRIGHTNESS),
        }
    }

    /// The picture `image`, C×H×W bytes, varied: values in [0, 1], C×H×W. Between pixels they are interpolated; beyond the
    /// border they are those of the border.
    pub fn apply(&self, image: &[u8], [_, height, width]: ImageShape) -> Vec<f32> {
        if *self == Self::NONE {
            return image.iter().map(|&v| f32::from(v) / 255.0).collect();
        }
        let (sin, cos) = libm::sincos(self.turn.to_radians());
        let middle = [(width - 1) as f64 / 2.0, (height - 1) as f64 / 2.0];
        let shift = [self.shift[0] * width as f64, self.shift[1] * height as f64];
        // Where a pixel of the result comes from.
        let places: Vec<Place> = (0..height * width)
            .map(|p| {
                let x = ((p % width) as f64 - middle[0] - shift[0]) / self.scale;
                let y = ((p / width) as f64 - middle[1] - shift[1]) / self.scale;
                Place::new([middle[0] + cos * x - sin * y, middle[1] + sin * x + cos * y], height, width)
            })
            .collect();
        let of_plane = |plane: &[u8]| {
            let value = |place: &Place| (place.of(plane) * self.brightness / 255.0).clamp(0.0, 1.0) as f32;
            places.iter().map(value).collect::<Vec<f32>>()
        };
        image.chunks_exact(height * width).flat_map(of_plane).collect()
    }
}

/// A place between four pixels.
struct Place {
    corners: [usize; 4],
    weights: [f64; 4],
}

impl Place {
    fn new([x, y]: [f64; 2], height: usize, width: usize) -> Self {
        let along = |v: f64, len: usize| {
            let v = v.clamp(0.0, (len - 1) as f64);
            let low = v as usize;
            (low, (low + 1).min(len - 1), v - low as f64)
        };
        let ((left, right, u), (top, bottom, v)) = (along(x, width), along(y, height));
        Self {
            corners: [top * width + left, top * width + right, bottom * width + left, bottom * width + right],
            weights: [(1.0 - u) * (1.0 - v), u * (1.0 - v), (1.0 - u) * v, u * v],
        }
    }

    fn of(&self, plane: &[u8]) -> f64 {
        self.corners
            .iter()
            .zip(&self.weights)
            .map(|(&corner, weight)| weight * f64::from(plane[corner]))
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::Purpose;

    /// Two channels of 4×4; of the first, one pixel is lit.
    fn picture() -> Vec<u8> {
        let mut picture = vec![0; 32];
        picture[4 + 1] = 255;
        picture[16..].fill(51);
        picture
    }

    const SHAPE: ImageShape = [2, 4, 4];

    #[test]
    fn what_is_not_varied_stays() {
        let values = Variation::NONE.apply(&picture(), SHAPE);
        assert!(values.iter().zip(picture()).all(|(v, byte)| *v == f32::from(byte) / 255.0));
    }

    #[test]
    fn moves_and_turns_go_where_they_say() {
        let lit = |variation: Variation| {
            let values = variation.apply(&picture(), SHAPE);
            assert!(values[16..].iter().all(|v| (v - 0.2).abs() < 1e-6), "a plain channel stays plain");
            (0..16).filter(|&p| values[p] > 0.999).map(|p| [p % 4, p / 4]).collect::<Vec<_>>()
        };
        let none = Variation::NONE;
        assert_eq!(lit(none), [[1, 1]]);
        assert_eq!(lit(Variation { shift: [0.25, 0.5], ..none }), [[2, 3]]);
        // About the middle, from the top left to the bottom left.
        assert_eq!(lit(Variation { turn: 90.0, ..none }), [[1, 2]]);
        assert_eq!(lit(Variation { turn: -90.0, ..none }), [[2, 1]]);
        // From (−0.5, −0.5) to (−1.5, −1.5).
        assert_eq!(lit(Variation { scale: 3.0, ..none }), [[0, 0]]);
    }

    #[test]
    fn half_a_pixel_is_shared_and_brightness_multiplies() {
        let half = Variation { shift: [0.125, 0.0], brightness: 0.5, ..Variation::NONE };
        let values = half.apply(&picture(), SHAPE);
        assert!((values[5] - 0.25).abs() < 1e-6 && (values[6] - 0.25).abs() < 1e-6);
        let bright = Variation { brightness: 3.0, ..Variation::NONE };
        assert_eq!(bright.apply(&picture(), SHAPE)[5], 1.0);
    }

    #[test]
    fn what_is_drawn_is_within_bounds_and_follows_the_stream() {
        let draw = |index, strength| Variation::drawn(&mut Stream::new(1, Purpose::Test, index), strength);
        assert_eq!(draw(3, 1.0), draw(3, 1.0));
        assert_ne!(draw(3, 1.0), draw(4, 1.0));
        assert_eq!(draw(3, 0.0), Variation::NONE);
        for index in 0..100 {
            let Variation { shift, turn, scale, brightness } = draw(index, 1.0);
            assert!(shift.iter().all(|s| s.abs() <= SHIFT) && turn.abs() <= TURN);
            assert!((scale - 1.0).abs() <= SCALE && (brightness - 1.0).abs() <= BRIGHTNESS);
        }
    }
}
