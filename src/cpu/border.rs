//! Maps with a border of zeros, which 3×3 convolutions read.

use super::scratch::{MapRole, Scratch, Shared};
use crate::Real;
use crate::spec::Shape;

/// A pixel-major map with a border of zeros that is a pixel wide. Maps of the same role and shape share their place in the
/// scratch: all pixels but those of the border are written anew each time.
pub(super) struct Bordered {
    place: usize,
    shape: Shape,
}

impl Bordered {
    /// A map of `shape`, the border not counted.
    pub fn new(role: MapRole, shape: Shape, shared: &mut Shared) -> Self {
        Self { place: shared.place(role, shape), shape }
    }

    /// Numbers from one row to the next.
    pub fn row(&self) -> usize {
        (self.shape.width + 2) * self.shape.channels
    }

    /// Offsets of the 9 taps of a 3×3 window.
    pub fn window(&self) -> Vec<u32> {
        (0..9).map(|t| (t / 3 * self.row() + t % 3 * self.shape.channels) as u32).collect()
    }

    /// Offsets of the first tap of every window, `stride` pixels apart.
    pub fn windows(&self, stride: usize) -> Vec<u32> {
        let columns = self.shape.width / stride;
        let one = |p: usize| p / columns * stride * self.row() + p % columns * stride * self.shape.channels;
        (0..self.shape.height / stride * columns).map(|p| one(p) as u32).collect()
    }

    /// Offset of the first pixel.
    pub fn first(&self) -> usize {
        self.row() + self.shape.channels
    }

    /// Offsets of the pixels.
    pub fn pixels(&self) -> Vec<u32> {
        let first = self.first() as u32;
        self.windows(1).iter().map(|window| window + first).collect()
    }

    /// Takes the map out of the scratch, its border zero; [`give_back`](Self::give_back) brings it back.
    pub fn take<F: Real>(&self, scratch: &mut Scratch<F>) -> Vec<F> {
        scratch.take(self.place, self.row() * (self.shape.height + 2))
    }

    /// Brings the map back for its next use.
    pub fn give_back<F: Real>(&self, map: Vec<F>, scratch: &mut Scratch<F>) {
        scratch.give_back(self.place, map);
    }

    /// Takes the map out with the channels from `first` on of a `map` of `step` numbers a pixel in it, optionally through a
    /// ReLU.
    pub fn filled<F: Real>(
        &self,
        map: &[F],
        step: usize,
        first: usize,
        relu: bool,
        scratch: &mut Scratch<F>,
    ) -> Vec<F> {
        let mut bordered = self.take(scratch);
        let channels = self.shape.channels;
        let targets = bordered[self.first()..].chunks_mut(self.row());
        for (source, target) in map.chunks_exact(self.shape.width * step).zip(targets) {
            for (from, to) in source.chunks_exact(step).zip(target.chunks_exact_mut(channels)) {
                let from = &from[first..first + channels];
                if relu {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = from.relu());
                } else {
                    to.copy_from_slice(from);
                }
            }
        }
        bordered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { channels: 1, height: 2, width: 2 };

    #[test]
    fn the_border_is_zero_and_the_middle_is_what_was_put_there() {
        let bordered = Bordered::new(MapRole::Input, SHAPE, &mut Shared::default());
        let mut scratch = Scratch::<f32>::default();
        // Two channels a pixel, of which the second is taken.
        let map = [9.0, 1.0, 9.0, -2.0, 9.0, 3.0, 9.0, 4.0];
        for relu in [false, true, false] {
            let filled = bordered.filled(&map, 2, 1, relu, &mut scratch);
            let second = if relu { 0.0 } else { -2.0 };
            let zeros = [0.0; 4];
            assert_eq!(filled, [zeros, [0.0, 1.0, second, 0.0], [0.0, 3.0, 4.0, 0.0], zeros].concat());
            bordered.give_back(filled, &mut scratch);
        }
    }

    #[test]
    fn offsets_are_those_of_rows_of_four() {
        let bordered = Bordered::new(MapRole::Input, SHAPE, &mut Shared::default());
        assert_eq!(bordered.window(), [0, 1, 2, 4, 5, 6, 8, 9, 10]);
        assert_eq!(bordered.windows(1), [0, 1, 4, 5]);
        assert_eq!(bordered.windows(2), [0]);
        assert_eq!(bordered.pixels(), [5, 6, 9, 10]);
    }
}
