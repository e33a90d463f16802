//! Weights in the order in which the shaders read them: 4×4 matrices, one vec4 (four outputs) for each of four inputs.

use super::scratch::LANES;

/// The contents of the `weights` buffer.
#[derive(Debug, Default)]
pub(super) struct Weights(Vec<f32>);

impl Weights {
    /// All numbers; the length is a multiple of 4.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }

    fn next(&self) -> usize {
        self.0.len() / LANES
    }

    fn matrix(
        &mut self,
        group_out: usize,
        group_in: usize,
        part: usize,
        w: &impl Fn(usize, usize, usize) -> f32,
    ) {
        for j in 0..LANES {
            for o in 0..LANES {
                self.0.push(w(LANES * group_out + o, LANES * group_in + j, part));
            }
        }
    }

    /// Matrices by (plane out, plane in, part), as convolutions and couplings read them. `w` gives the weight from
    /// (channel out, channel in, part), and 0 where there is no such channel. Returns the index of the first vec4.
    pub fn planes(
        &mut self,
        planes_out: usize,
        planes_in: usize,
        parts: usize,
        w: impl Fn(usize, usize, usize) -> f32,
    ) -> usize {
        let first = self.next();
        for out in 0..planes_out {
            for input in 0..planes_in {
                (0..parts).for_each(|part| self.matrix(out, input, part, &w));
            }
        }
        first
    }

    /// Matrices by (group in, group out, part), as the dense coupling reads them.
    pub fn groups(
        &mut self,
        groups_out: usize,
        groups_in: usize,
        parts: usize,
        w: impl Fn(usize, usize, usize) -> f32,
    ) -> usize {
        let first = self.next();
        for input in 0..groups_in {
            for out in 0..groups_out {
                (0..parts).for_each(|part| self.matrix(out, input, part, &w));
            }
        }
        first
    }

    /// A bias by (group out, part).
    pub fn bias(&mut self, groups: usize, parts: usize, b: impl Fn(usize, usize) -> f32) -> usize {
        let first = self.next();
        for group in 0..groups {
            for part in 0..parts {
                self.0.extend((0..LANES).map(|o| b(LANES * group + o, part)));
            }
        }
        first
    }

    /// Plain numbers, padded with zeros.
    pub fn plain(&mut self, values: impl IntoIterator<Item = f32>) -> usize {
        let first = self.next();
        self.0.extend(values);
        self.0.resize(self.0.len().next_multiple_of(LANES), 0.0);
        first
    }
}
