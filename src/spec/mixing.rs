//! What a coupling block does to the channels of every pixel once it has coupled them (method §2.2), in f64.
//!
//! The *soft permutation* W, a rotation, then the channel scale e^α and the offset o, which together are a 1×1 convolution:
//!
//! *y = M u + o* with *M = diag(e^α)·W*, and back *u = M⁻¹ y − M⁻¹ o* with *M⁻¹ = Wᵀ·diag(e^−α)*.
//!
//! The inverse of a rotation is its transpose, so nothing is inverted numerically. As det W = 1, the log-det of P pixels is
//! *P·Σα*. Backwards, a gradient dy becomes *du = Mᵀ dy*, which is neither of the two.

/// A 1×1 convolution that keeps the number of channels C: out = weight · in + bias at every pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv1x1 {
    /// Weights by (out, in), (C, C), row-major.
    pub weight: Vec<f64>,
    /// Biases, (C).
    pub bias: Vec<f64>,
}

/// The mixing of channels in a coupling block, in both directions.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixing {
    /// From u to y, when encoding.
    pub forward: Conv1x1,
    /// From y to u, when decoding.
    pub inverse: Conv1x1,
    /// Log-det of one image's map, in nats: the same for all images.
    pub log_det: f64,
}

impl Mixing {
    /// The mixing of maps of `pixels` pixels by the soft permutation W, (C, C), row-major, the logarithms α of the channel
    /// scale, (C), and the offset o, (C).
    ///
    /// # Panics
    /// When these are not of as many channels.
    pub fn new(pixels: usize, rotation: &[f64], log_alpha: &[f64], offset: &[f64]) -> Self {
        let c = offset.len();
        assert_eq!((rotation.len(), log_alpha.len()), (c * c, c), "rotation and scale are of {c} channels");
        let scale: Vec<f64> = log_alpha.iter().map(|alpha| alpha.exp()).collect();
        let unscale: Vec<f64> = log_alpha.iter().map(|alpha| (-alpha).exp()).collect();
        let inverse: Vec<f64> = (0..c * c).map(|i| rotation[i % c * c + i / c] * unscale[i % c]).collect();
        let back = |row: &[f64]| -row.iter().zip(offset).map(|(m, o)| m * o).sum::<f64>();
        Self {
            forward: Conv1x1 {
                weight: (0..c * c).map(|i| rotation[i] * scale[i / c]).collect(),
                bias: offset.to_vec(),
            },
            inverse: Conv1x1 { bias: inverse.chunks_exact(c).map(back).collect(), weight: inverse },
            log_det: pixels as f64 * log_alpha.iter().sum::<f64>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(map: &Conv1x1, pixel: &[f64]) -> Vec<f64> {
        let rows = map.weight.chunks_exact(pixel.len()).zip(&map.bias);
        rows.map(|(row, bias)| bias + row.iter().zip(pixel).map(|(w, v)| w * v).sum::<f64>()).collect()
    }

    fn close(got: &[f64], wanted: &[f64]) -> bool {
        got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| (got - wanted).abs() < 1e-14)
    }

    #[test]
    fn a_quarter_turn_with_scales_is_what_it_is_by_hand() {
        // W takes (u₁, u₂) to (−u₂, u₁), which scales of 2 and 4 make (−2u₂, 4u₁).
        let (rotation, log_alpha) = ([0.0, -1.0, 1.0, 0.0], [2f64.ln(), 4f64.ln()]);
        let mixing = Mixing::new(6, &rotation, &log_alpha, &[1.0, 3.0]);
        assert!(close(&mixing.forward.weight, &[0.0, -2.0, 4.0, 0.0]));
        assert_eq!(mixing.forward.bias, [1.0, 3.0]);
        // From (y₁, y₂) back: u₁ = (y₂ − 3)/4, u₂ = −(y₁ − 1)/2.
        assert!(close(&mixing.inverse.weight, &[0.0, 0.25, -0.5, 0.0]));
        assert!(close(&mixing.inverse.bias, &[-0.75, 0.5]));
        // Six pixels of ln 2 + ln 4 = 3 ln 2.
        assert!((mixing.log_det - 18.0 * 2f64.ln()).abs() < 1e-12);
        assert!(close(&apply(&mixing.forward, &[5.0, 7.0]), &[-13.0, 23.0]));
    }

    #[test]
    fn the_inverse_undoes_a_turn_in_three_dimensions_and_is_no_numerical_one() {
        // A turn by the angle of 3-4-5 in the first two channels, then a cyclic permutation of all.
        let rotation = [0.0, 0.0, 1.0, 0.6, -0.8, 0.0, 0.8, 0.6, 0.0];
        let (log_alpha, offset) = ([0.3, -0.2, 0.5], [0.1, -2.0, 7.0]);
        let mixing = Mixing::new(1, &rotation, &log_alpha, &offset);
        let (forward, inverse) = (&mixing.forward.weight, &mixing.inverse.weight);
        for (i, k) in (0..3).flat_map(|i| (0..3).map(move |k| (i, k))) {
            let product: f64 = (0..3).map(|j| forward[3 * i + j] * inverse[3 * j + k]).sum();
            assert!((product - if i == k { 1.0 } else { 0.0 }).abs() < 1e-14, "({i}, {k}): {product}");
            assert_eq!(inverse[3 * k + i], rotation[3 * i + k] * (-log_alpha[i]).exp());
        }
        let pixel = [3.0, -1.0, 0.25];
        assert!(close(&apply(&mixing.inverse, &apply(&mixing.forward, &pixel)), &pixel));
        // det M = det W · e^Σα, and det W = 1.
        let minor = |a: usize, b: usize| forward[3 + a] * forward[6 + b] - forward[3 + b] * forward[6 + a];
        let determinant = forward[0] * minor(1, 2) - forward[1] * minor(0, 2) + forward[2] * minor(0, 1);
        assert!((determinant.ln() - mixing.log_det).abs() < 1e-14);
    }
}
