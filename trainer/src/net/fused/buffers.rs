//! Maps that are written whole before they are read, in buffers that are kept from step to step: memory from the system
//! would be zeroed first, by a single thread.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that are not in use.
#[derive(Clone, Debug, Default)]
pub(in crate::net) struct Buffers(Arc<Mutex<Vec<Vec<f32>>>>);

/// A map whose buffer goes back when it is dropped.
#[derive(Debug)]
pub(super) struct Map {
    values: Vec<f32>,
    home: Buffers,
}

impl Buffers {
    /// So many numbers, which are whatever was there.
    pub(super) fn take(&self, length: usize) -> Map {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|buffer| buffer.len() == length).map(|i| kept.swap_remove(i));
        drop(kept);
        Map { values: found.unwrap_or_else(|| vec![0.0; length]), home: self.clone() }
    }
}

impl Map {
    /// Another one of the same length.
    pub fn another(&self) -> Self {
        self.home.take(self.values.len())
    }
}

impl Deref for Map {
    type Target = [f32];
    fn deref(&self) -> &[f32] {
        &self.values
    }
}

impl DerefMut for Map {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

impl Drop for Map {
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
        let buffers = Buffers::default();
        let mut first = buffers.take(3);
        first.fill(1.0);
        assert_eq!(*first.another(), [0.0; 3]);
        drop(first);
        assert_eq!(buffers.take(2).len(), 2);
        assert!([buffers.take(3), buffers.take(3)].iter().any(|map| **map == [1.0; 3]));
    }
}
