//! The subnet of the flow's coupling block: a small MLP from one number to a scale and a shift, run on a tile of points
//! at a time so that every inner loop is one over neighbouring numbers.

use crate::Real;

/// Points that are computed together.
pub(super) const TILE: usize = 32;

/// One number for each point of a tile.
pub(super) type Lane<F> = [F; TILE];

/// 1 → h → h → 2 with ReLU between, all layers with bias.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subnet {
    /// Hidden units h of each of the two hidden layers.
    pub hidden: usize,
}

/// The hidden activations of one pass, which the backward pass needs.
#[derive(Clone, Default)]
pub(super) struct Activations<F> {
    first: Vec<Lane<F>>,
    second: Vec<Lane<F>>,
}

/// Lengths of the weights and biases of the three layers, in the order in which they lie.
fn lengths(hidden: usize) -> [usize; 6] {
    [hidden, hidden, hidden * hidden, hidden, 2 * hidden, 2]
}

impl Subnet {
    /// Fan-in of each of the six tensors, with its length: what the initial values depend on.
    pub fn tensors(self) -> [(usize, usize); 6] {
        let fans = [1, 1, self.hidden, self.hidden, self.hidden, self.hidden];
        std::array::from_fn(|i| (lengths(self.hidden)[i], fans[i]))
    }

    /// Number of parameters.
    pub fn parameters(self) -> usize {
        lengths(self.hidden).iter().sum()
    }

    fn split<F>(self, mut parameters: &[F]) -> [&[F]; 6] {
        lengths(self.hidden).map(|length| {
            let (tensor, rest) = parameters.split_at(length);
            parameters = rest;
            tensor
        })
    }

    /// The two outputs for each x of a tile.
    pub fn forward<F: Real>(
        self,
        parameters: &[F],
        x: &Lane<F>,
        activations: &mut Activations<F>,
    ) -> [Lane<F>; 2] {
        let [w1, b1, w2, b2, w3, b3] = self.split(parameters);
        let Activations { first, second } = activations;
        first.clear();
        first.extend(w1.iter().zip(b1).map(|(&w, &b)| x.map(|x| (w * x + b).relu())));
        second.clear();
        second.extend(
            w2.chunks_exact(self.hidden)
                .zip(b2)
                .map(|(row, &bias)| combine(bias, row.iter().copied(), first).map(F::relu)),
        );
        [0, 1].map(|o| combine(b3[o], w3[o * self.hidden..].iter().copied(), second))
    }

    /// From the gradient at the outputs to that at x; adds those of the parameters to `gradients`.
    pub fn backward<F: Real>(
        self,
        parameters: &[F],
        x: &Lane<F>,
        activations: &Activations<F>,
        outputs: &[Lane<F>; 2],
        gradients: &mut [F],
    ) -> Lane<F> {
        let h = self.hidden;
        let [w1, _, w2, _, w3, _] = self.split(parameters);
        let Activations { first, second } = activations;
        let mut rest = gradients;
        let [d_w1, d_b1, d_w2, d_b2, d_w3, d_b3] = lengths(h).map(|length| {
            let (tensor, after) = std::mem::take(&mut rest).split_at_mut(length);
            rest = after;
            tensor
        });
        let mut d_second = Vec::with_capacity(h);
        for (i, value) in second.iter().enumerate() {
            let mut above = combine(F::default(), [w3[i], w3[h + i]].into_iter(), outputs);
            gate(&mut above, value);
            d_second.push(above);
            d_w3[i] += dot(&outputs[0], value);
            d_w3[h + i] += dot(&outputs[1], value);
        }
        for (d_bias, output) in d_b3.iter_mut().zip(outputs) {
            *d_bias += sum(output);
        }
        let mut d_x = [F::default(); TILE];
        for (i, value) in first.iter().enumerate() {
            let mut above = combine(F::default(), w2[i..].iter().step_by(h).copied(), &d_second);
            gate(&mut above, value);
            for (j, d) in d_second.iter().enumerate() {
                d_w2[j * h + i] += dot(d, value);
            }
            d_w1[i] += dot(&above, x);
            d_b1[i] += sum(&above);
            accumulate(&mut d_x, w1[i], &above);
        }
        for (d_bias, d) in d_b2.iter_mut().zip(&d_second) {
            *d_bias += sum(d);
        }
        d_x
    }
}

/// bias + Σ w_i·x_i, for each point of the tile.
#[inline(always)]
fn combine<F: Real>(bias: F, weights: impl Iterator<Item = F>, inputs: &[Lane<F>]) -> Lane<F> {
    let mut total = [bias; TILE];
    for (weight, input) in weights.zip(inputs) {
        accumulate(&mut total, weight, input);
    }
    total
}

#[inline(always)]
fn accumulate<F: Real>(total: &mut Lane<F>, weight: F, input: &Lane<F>) {
    for (total, &x) in total.iter_mut().zip(input) {
        *total += weight * x;
    }
}

/// The gradient of a ReLU whose output was `value`.
fn gate<F: Real>(gradient: &mut Lane<F>, value: &Lane<F>) {
    for (gradient, &value) in gradient.iter_mut().zip(value) {
        *gradient = if value > F::default() { *gradient } else { F::default() };
    }
}

/// Partial sums that are kept apart so that the loop vectorises.
const PARTS: usize = 8;

/// Σ a·b over the tile.
#[inline(always)]
pub(super) fn dot<F: Real>(a: &Lane<F>, b: &Lane<F>) -> F {
    let mut parts = [F::default(); PARTS];
    for (a, b) in a.as_chunks::<PARTS>().0.iter().zip(b.as_chunks::<PARTS>().0) {
        for ((part, &a), &b) in parts.iter_mut().zip(a).zip(b) {
            *part += a * b;
        }
    }
    let [a, b, c, d, e, f, g, h] = parts;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Σ a over the tile.
#[inline(always)]
pub(super) fn sum<F: Real>(a: &Lane<F>) -> F {
    dot(a, &[F::from_f64(1.0); TILE])
}
