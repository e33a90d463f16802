//! Maps that are written whole before they are read, in buffers that are kept from step to step: memory from the system
//! would be zeroed first, by a single thread.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Real;

/// Buffers that are not in use.
#[derive(Clone)]
pub(super) struct Buffers<F>(Arc<Mutex<Vec<Vec<F>>>>);

/// A map whose buffer goes back when it is dropped.
pub(super) struct Map<F> {
    values: Vec<F>,
    home: Buffers<F>,
}

impl<F> Default for Buffers<F> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<F: Real> Buffers<F> {
    /// So many numbers, which are whatever was there.
    pub fn take(&self, length: usize) -> Map<F> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|buffer| buffer.len() == length).map(|i| kept.swap_remove(i));
        drop(kept);
        Map { values: found.unwrap_or_else(|| vec![F::default(); length]), home: self.clone() }
    }
}

impl<F> Deref for Map<F> {
    type Target = [F];
    fn deref(&self) -> &[F] {
        &self.values
    }
}

impl<F> DerefMut for Map<F> {
    fn deref_mut(&mut self) -> &mut [F] {
        &mut self.values
    }
}

impl<F> Drop for Map<F> {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.home.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_only_when_it_is_free_and_fits() {
        let buffers = Buffers::<f32>::default();
        let mut first = buffers.take(3);
        first.fill(1.0);
        assert_eq!(*buffers.take(3), [0.0; 3]);
        drop(first);
        assert_eq!(buffers.take(2).len(), 2);
        assert!([buffers.take(3), buffers.take(3)].iter().any(|map| **map == [1.0; 3]));
    }
}
