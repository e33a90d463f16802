//! Weights in the order in which the shaders read them: vec4 of four outputs.

use super::scratch::LANES;

/// The contents of the `weights` buffer.
#[derive(Debug, Default)]
pub(super) struct Weights(Vec<f32>);

impl Weights {
    /// All numbers; the length is a multiple of 4.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }

    /// vec4 by (input, part, group of four outputs): invocations that are neighbours read neighbours. `w` gives the weight
    /// from (output, input, part), and 0 where there is no such output or input. Returns the index of the first vec4.
    pub fn pack(
        &mut self,
        groups_out: usize,
        inputs: usize,
        parts: usize,
        w: impl Fn(usize, usize, usize) -> f32,
    ) -> u32 {
        let first = self.0.len() / LANES;
        self.0.reserve(inputs * parts * groups_out * LANES);
        for input in 0..inputs {
            for part in 0..parts {
                self.0.extend((0..groups_out * LANES).map(|output| w(output, input, part)));
            }
        }
        first as u32
    }

    /// A bias by (part, group of four outputs), of what `b` gives for (output, part).
    pub fn pack_bias(&mut self, groups_out: usize, parts: usize, b: impl Fn(usize, usize) -> f32) -> u32 {
        self.pack(groups_out, 1, parts, |output, _, part| b(output, part))
    }

    /// Plain numbers, padded with zeros.
    pub fn plain(&mut self, values: impl IntoIterator<Item = f32>) -> u32 {
        let first = self.0.len() / LANES;
        self.0.extend(values);
        self.0.resize(self.0.len().next_multiple_of(LANES), 0.0);
        first as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_outputs_of_one_input_and_part_lie_together() {
        let mut weights = Weights::default();
        assert_eq!(weights.plain([1.0, 2.0, 3.0, 4.0, 5.0]), 0);
        let name = |o: usize, i: usize, part: usize| (100 * o + 10 * i + part) as f32;
        assert_eq!(weights.pack(2, 3, 2, name), 2);
        // Input 1, part 1, outputs 4 to 7.
        let at = LANES * (2 + (2 + 1) * 2 + 1);
        assert_eq!(weights.numbers()[at..at + LANES], [411.0, 511.0, 611.0, 711.0]);
        assert_eq!(weights.numbers().len(), LANES * (2 + 12));
    }
}
