//! A matrix in the order in which [`multiply()`](super::multiply()) reads it.

use crate::Real;

/// A matrix (taps · inputs) × outputs with its bias, cut into panels of neighbouring outputs.
pub struct Packed<F> {
    weights: Vec<F>,
    bias: Vec<F>,
    /// Taps.
    pub(super) taps: usize,
    /// Inputs of each tap.
    pub(super) inputs: usize,
    outputs: usize,
}

/// A panel of a matrix.
pub(super) struct Cut<'a, F> {
    /// The first output.
    pub first: usize,
    /// Outputs, those of padding included.
    pub lanes: usize,
    /// Outputs that there are.
    pub width: usize,
    /// (taps · inputs) × lanes.
    pub weights: &'a [F],
    /// One a lane.
    pub bias: &'a [F],
}

/// Lanes of the next panel when `left` outputs are left: as wide as the machine's best tiles, with little padding.
fn lanes(left: usize) -> usize {
    if cfg!(target_arch = "wasm32") {
        match left.div_ceil(4) {
            one_or_two @ 1..=2 => 4 * one_or_two,
            5 => 12,
            threes if threes % 3 == 0 => 12,
            _ => 16,
        }
    } else {
        if left > 8 { 16 } else { 8 }
    }
}

/// First output and lanes of each panel.
fn cuts(outputs: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut first = 0;
    std::iter::from_fn(move || {
        let left = outputs.checked_sub(first).filter(|&left| left > 0)?;
        let cut = (first, lanes(left));
        first += cut.1;
        Some(cut)
    })
}

impl<F: Real> Packed<F> {
    /// Packs the weights that `weight` gives for (output, input, tap), and one bias an output.
    pub fn from_fn(
        bias: &[F],
        inputs: usize,
        taps: usize,
        weight: impl Fn(usize, usize, usize) -> F,
    ) -> Self {
        let outputs = bias.len();
        let padded = cuts(outputs).map(|(_, lanes)| lanes).sum();
        let mut weights = Vec::with_capacity(padded * inputs * taps);
        for (first, lanes) in cuts(outputs) {
            for tap in 0..taps {
                for k in 0..inputs {
                    weights.extend(
                        (first..first + lanes)
                            .map(|n| if n < outputs { weight(n, k, tap) } else { F::default() }),
                    );
                }
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(padded, F::default());
        Self { weights, bias, taps, inputs, outputs }
    }

    /// Packs `weight`, row-major (outputs, inputs, taps) as convolution and linear weights are, and `bias`.
    pub fn new(weight: &[F], bias: &[F], inputs: usize, taps: usize) -> Self {
        Self::from_fn(bias, inputs, taps, |n, k, tap| weight[(n * inputs + k) * taps + tap])
    }

    /// Number of outputs per row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The panels in order.
    pub(super) fn panels(&self) -> impl Iterator<Item = Cut<'_, F>> {
        let depth = self.taps * self.inputs;
        cuts(self.outputs).map(move |(first, lanes)| Cut {
            first,
            lanes,
            width: lanes.min(self.outputs - first),
            weights: &self.weights[first * depth..][..lanes * depth],
            bias: &self.bias[first..][..lanes],
        })
    }
}
