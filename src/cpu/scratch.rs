//! Buffers that layers share, kept from call to call so that nothing is allocated once they have grown.

use std::sync::{Mutex, PoisonError};

use crate::Real;
use crate::spec::Shape;

/// What a map with a border of zeros is for: two that are in use at the same time never share their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MapRole {
    /// What a convolution reads first.
    Input,
    /// The first hidden layer of a subnet.
    Hidden,
}

/// Hands out places for maps with a border of zeros.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<(MapRole, Shape)>);

impl Places {
    /// The place of a map; maps of the same role and shape share theirs.
    pub fn of(&mut self, role: MapRole, shape: Shape) -> usize {
        self.0.iter().position(|&known| known == (role, shape)).unwrap_or_else(|| {
            self.0.push((role, shape));
            self.0.len() - 1
        })
    }
}

/// The buffers of one thread; what they hold means nothing between layers, except for the zeros of borders.
pub(super) struct Scratch<F> {
    bordered: Vec<Vec<F>>,
    /// The image on its way through the network.
    pub map: Vec<F>,
    /// Where a layer that cannot work in place puts its result.
    pub swap: Vec<F>,
    /// The second hidden layer of a subnet, or the only one.
    pub hidden: Vec<F>,
    /// What a subnet gives.
    pub result: Vec<F>,
    /// Scales of a coupling, clamped.
    pub logs: Vec<F>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { bordered: vec![], map: vec![], swap: vec![], hidden: vec![], result: vec![], logs: vec![] }
    }
}

impl<F: Real> Scratch<F> {
    /// Takes out the buffer at `place`, which is always asked for with the same length: zeros at first, then what was in it
    /// when it was given back.
    pub fn take(&mut self, place: usize, length: usize) -> Vec<F> {
        if self.bordered.len() <= place {
            self.bordered.resize_with(place + 1, Vec::new);
        }
        let mut buffer = std::mem::take(&mut self.bordered[place]);
        buffer.resize(length, F::default());
        buffer
    }

    /// Brings back what was taken.
    pub fn give_back(&mut self, place: usize, buffer: Vec<F>) {
        self.bordered[place] = buffer;
    }
}

/// The first `length` numbers of a buffer, which grows when it has to; they are whatever was there.
pub(super) fn grown<F: Real>(buffer: &mut Vec<F>, length: usize) -> &mut [F] {
    if buffer.len() < length {
        buffer.resize(length, F::default());
    }
    &mut buffer[..length]
}

/// The scratch of threads that do not run at the moment.
pub(super) struct Pool<F>(Mutex<Vec<Scratch<F>>>);

impl<F> Default for Pool<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<F> Pool<F> {
    /// Lends a scratch to `work`.
    pub fn with<T>(&self, work: impl FnOnce(&mut Scratch<F>) -> T) -> T {
        // What a panic left behind never comes back here, so a poisoned pool is sound.
        let all = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = all().pop().unwrap_or_default();
        let result = work(&mut scratch);
        all().push(scratch);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_share_a_place_only_with_their_like() {
        let shape = |channels| Shape { channels, height: 4, width: 4 };
        let mut places = Places::default();
        let first = places.of(MapRole::Input, shape(3));
        assert_ne!(places.of(MapRole::Hidden, shape(3)), first);
        assert_ne!(places.of(MapRole::Input, shape(2)), first);
        assert_eq!(places.of(MapRole::Input, shape(3)), first);
    }
}
