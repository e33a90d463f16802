//! Weights in the order in which the shaders read them: vec4 of four outputs.

use std::ops::Range;

use super::scratch::LANES;

/// The channels or units at one end of a layer: those that its tensors declare, and zeros around them.
#[derive(Clone, Debug)]
pub(super) struct Padded {
    declared: Range<usize>,
    len: usize,
}

impl Padded {
    /// `count` of them, without padding.
    pub fn none(count: usize) -> Self {
        Self { declared: 0..count, len: count }
    }

    /// `count` of them, then padding up to a number of whole vec4.
    pub fn to_groups(count: usize, groups: usize) -> Self {
        Self::within(0..count, groups)
    }

    /// Those that lie at `declared` in a number of whole vec4.
    pub fn within(declared: Range<usize>, groups: usize) -> Self {
        assert!(declared.end <= groups * LANES, "{declared:?} lie within {groups} vec4");
        Self { declared, len: groups * LANES }
    }

    fn len(&self) -> usize {
        self.len
    }

    /// Which of those that are declared lies here.
    fn declared(&self, at: usize) -> Option<usize> {
        self.declared.contains(&at).then(|| at - self.declared.start)
    }
}

/// The contents of the `weights` buffer.
#[derive(Debug, Default)]
pub(super) struct Weights(Vec<f32>);

impl Weights {
    /// All numbers; the length is a multiple of 4.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }

    /// vec4 by (input, part, group of four outputs): invocations that are neighbours read neighbours. `w` gives the weight
    /// from (output, input, part) of those that are declared; the others are padding, and 0. Returns the index of the first
    /// vec4.
    pub fn pack(
        &mut self,
        outputs: &Padded,
        inputs: &Padded,
        parts: usize,
        w: impl Fn(usize, usize, usize) -> f32,
    ) -> u32 {
        let first = self.0.len() / LANES;
        self.0.reserve(inputs.len() * parts * outputs.len());
        for input in 0..inputs.len() {
            for part in 0..parts {
                let weight = |output| match (outputs.declared(output), inputs.declared(input)) {
                    (Some(output), Some(input)) => w(output, input, part),
                    _ => 0.0,
                };
                self.0.extend((0..outputs.len()).map(weight));
            }
        }
        first as u32
    }

    /// A bias by (part, group of four outputs), of what `b` gives for (output, part).
    pub fn pack_bias(&mut self, outputs: &Padded, parts: usize, b: impl Fn(usize, usize) -> f32) -> u32 {
        self.pack(outputs, &Padded::none(1), parts, |output, _, part| b(output, part))
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
        assert_eq!(weights.pack(&Padded::none(8), &Padded::none(3), 2, name), 2);
        // Input 1, part 1, outputs 4 to 7.
        let at = LANES * (2 + (2 + 1) * 2 + 1);
        assert_eq!(weights.numbers()[at..at + LANES], [411.0, 511.0, 611.0, 711.0]);
        assert_eq!(weights.numbers().len(), LANES * (2 + 12));
    }

    #[test]
    fn only_what_is_not_declared_is_padding() {
        let mut weights = Weights::default();
        let matrix = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let (outputs, inputs) = (Padded::within(2..5, 2), Padded::to_groups(2, 1));
        weights.pack(&outputs, &inputs, 1, |o, i, _| matrix[o][i]);
        let column = |a, b, c| [0.0, 0.0, a, b, c, 0.0, 0.0, 0.0];
        let wanted = [column(1.0, 3.0, 5.0), column(2.0, 4.0, 6.0), [0.0; 8], [0.0; 8]].concat();
        assert_eq!(weights.numbers(), wanted);
    }
}
