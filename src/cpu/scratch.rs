//! Buffers that layers share, kept from call to call so that nothing is allocated once they have grown.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Real;
use crate::spec::Shape;

/// What a map with a border of zeros is for: two that are in use at the same time never share their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MapRole {
    /// What a convolution reads first.
    Input,
    /// The first hidden layer of a subnet.
    Hidden,
    /// The gradient of what a convolution gave.
    Gradient,
}

/// What layers have in common: the places of maps with a border of zeros, and offsets, as one copy for all that have
/// them (those of all blocks of a stage are the same).
#[derive(Debug, Default)]
pub(super) struct Shared {
    places: Vec<(MapRole, Shape)>,
    offsets: Vec<Arc<[u32]>>,
}

impl Shared {
    /// The place of a map; maps of the same role and shape share theirs.
    pub fn place(&mut self, role: MapRole, shape: Shape) -> usize {
        self.places.iter().position(|&known| known == (role, shape)).unwrap_or_else(|| {
            self.places.push((role, shape));
            self.places.len() - 1
        })
    }

    /// The one copy of these offsets.
    pub fn offsets(&mut self, offsets: Vec<u32>) -> Arc<[u32]> {
        if let Some(known) = self.offsets.iter().find(|known| ***known == *offsets) {
            return Arc::clone(known);
        }
        self.offsets.push(offsets.into());
        Arc::clone(&self.offsets[self.offsets.len() - 1])
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
    /// Slopes of the clamp.
    pub slopes: Vec<F>,
    /// The gradient of what a subnet gave.
    pub gradient: Vec<F>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self {
            bordered: vec![],
            map: vec![],
            swap: vec![],
            hidden: vec![],
            result: vec![],
            logs: vec![],
            slopes: vec![],
            gradient: vec![],
        }
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

    /// Has `work` make another map of the same size of `map`, which then takes its place.
    pub fn replaced(&mut self, map: &mut Vec<F>, work: impl FnOnce(&mut [F], &mut [F])) {
        self.swap.resize(map.len(), F::default());
        work(map, &mut self.swap);
        std::mem::swap(map, &mut self.swap);
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
        let mut shared = Shared::default();
        let first = shared.place(MapRole::Input, shape(3));
        assert_ne!(shared.place(MapRole::Hidden, shape(3)), first);
        assert_ne!(shared.place(MapRole::Input, shape(2)), first);
        assert_eq!(shared.place(MapRole::Input, shape(3)), first);
    }
}
