//! The invertible elements that a flow is made of (spec §2), as shapes and constants.

use crate::tensors::{Role, TensorInfo, training_tensors_of};

/// Channels × height × width of a feature map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// Numbers in one feature map.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Pixels of one channel.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// The shape after a 2×2 space-to-depth or Haar transform.
    pub fn folded(self) -> Self {
        Self { channels: 4 * self.channels, height: self.height / 2, width: self.width / 2 }
    }
}

/// A convolutional subnet: \[ReLU\] conv3×3 ReLU conv3×3 ReLU conv1×1, batch-norm after each 3×3 in training
/// (spec §2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Path of its tensors, as in `stage0.block0.subnet`.
    pub name: String,
    /// Channels in.
    pub input: usize,
    /// Channels of both hidden layers.
    pub width: usize,
    /// Channels out: in a coupling the first half scale a_s, the second half shift a_t.
    pub output: usize,
    /// Stride of the second 3×3 convolution: 1 or 2.
    pub stride: usize,
    /// Whether a ReLU stands before the first convolution.
    pub leading_relu: bool,
}

impl Subnet {
    /// Multiply-adds on one map of the size of `input`, whose channels do not matter.
    pub(crate) fn multiply_adds(&self, input: Shape) -> usize {
        let pixels = input.pixels();
        let reduced = pixels / (self.stride * self.stride);
        9 * self.input * self.width * pixels + (9 * self.width + self.output) * self.width * reduced
    }
}

/// Coupling block: one-sided affine coupling, soft permutation, learned channel scale and offset (spec §2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coupling {
    /// Path of its tensors, as in `stage0.block0`.
    pub name: String,
    /// Shape in and out.
    pub shape: Shape,
    /// Hidden channels of the subnet.
    pub width: usize,
    /// Whether the subnet begins with a ReLU (all blocks but the one that sees the raw image).
    pub leading_relu: bool,
}

impl Coupling {
    /// Bound of the soft clamp ℓ = 0.7·tanh(k·a_s), that of a down-coupling, too.
    pub const CLAMP_BOUND: f64 = 0.7;
    /// Factor k of the soft clamp.
    pub const CLAMP_SLOPE: f64 = 0.1;

    /// Channels of (x1, x2): x1 is the first ⌈C/2⌉.
    pub fn split(&self) -> (usize, usize) {
        let second = self.shape.channels / 2;
        (self.shape.channels - second, second)
    }

    /// The subnet that sees x1 and transforms x2.
    pub fn subnet(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.subnet", self.name),
            input: first,
            width: self.width,
            output: 2 * second,
            stride: 1,
            leading_relu: self.leading_relu,
        }
    }
}

/// Down-coupling: two-sided coupling that turns (C, H, W) into (4C, H/2, W/2) (spec §2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Path of its tensors, as in `down0`.
    pub name: String,
    /// Shape in; the shape out is [`Shape::folded`].
    pub input: Shape,
    /// Hidden channels of both subnets.
    pub width: usize,
}

impl Down {
    /// Factor k of the soft clamp ℓ = 0.7·tanh(k·a_s).
    pub const CLAMP_SLOPE: f64 = 0.2;

    /// Channels of (x1, x2) before folding: x1 is the first ⌊C/2⌋.
    pub fn split(&self) -> (usize, usize) {
        let first = self.input.channels / 2;
        (first, self.input.channels - first)
    }

    /// The subnet with a stride of 2 that sees x1 at the high resolution and transforms y2.
    pub fn strided(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.strided", self.name),
            input: first,
            width: self.width,
            output: 8 * second,
            stride: 2,
            leading_relu: false,
        }
    }

    /// The subnet that sees the transformed y2 and transforms y1.
    pub fn lowres(&self) -> Subnet {
        let (first, second) = self.split();
        Subnet {
            name: format!("{}.lowres", self.name),
            input: 4 * second,
            width: self.width,
            output: 8 * first,
            stride: 1,
            leading_relu: false,
        }
    }
}

/// Two-dimensional DCT-II of each channel, then flattening with the channel fastest, the vertical frequency next
/// and the horizontal frequency slowest (spec §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dct {
    /// Channels C.
    pub channels: usize,
    /// Side N of the map.
    pub n: usize,
}

impl Dct {
    /// The N×N matrix M_kn = 2·cos(π k (2n+1) / 2N) / √R, row-major, so that out = M X Mᵀ with R = 4(N+1).
    pub fn matrix(&self) -> Vec<f64> {
        let n = self.n;
        let scale = 2.0 / libm::sqrt(4.0 * (n as f64 + 1.0));
        (0..n * n)
            .map(|i| {
                let (k, j) = ((i / n) as f64, (i % n) as f64);
                scale * libm::cos(std::f64::consts::PI * k * (2.0 * j + 1.0) / (2.0 * n as f64))
            })
            .collect()
    }

    /// The inverse of [`matrix`](Self::matrix), row-major: the rows of M are orthogonal, so it is the transpose
    /// with each column divided by the squared norm of the row it came from.
    pub fn inverse_matrix(&self) -> Vec<f64> {
        let n = self.n;
        let m = self.matrix();
        let square = |k: usize| -> f64 { m[k * n..(k + 1) * n].iter().map(|v| v * v).sum() };
        (0..n * n).map(|i| m[(i % n) * n + i / n] / square(i % n)).collect()
    }

    /// The true log-det, in nats (spec §2.5).
    pub fn log_det(&self) -> f64 {
        let n = self.n as f64;
        let log_det_m = libm::log(2.0 * libm::sqrt(n)) + (n - 1.0) * 0.5 * libm::log(2.0 * n);
        self.channels as f64 * (2.0 * n * log_det_m - n * n * libm::log(4.0 * (n + 1.0)))
    }

    /// The constant that the authors' program reports instead, N²·C·ln ½ (spec §2.5): too high, the same for all
    /// images.
    pub fn authors_log_det(&self) -> f64 {
        (self.n * self.n * self.channels) as f64 * libm::log(0.5)
    }
}

/// Two-sided fully connected coupling of Glow's type (spec §2.6): `net2` sees the second half and transforms the
/// first, then `net1` sees the new first half and transforms the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Dimensions D.
    pub dims: usize,
    /// Hidden units H of both subnets.
    pub hidden: usize,
}

impl Dense {
    /// Dimensions of (first half, second half): the first is ⌊D/2⌋.
    pub fn split(&self) -> (usize, usize) {
        (self.dims / 2, self.dims - self.dims / 2)
    }

    /// (inputs, outputs) of `net1` and of `net2`; the outputs are scale and shift.
    pub fn nets(&self) -> [(&'static str, usize, usize); 2] {
        let (first, second) = self.split();
        [("dense.net1", first, 2 * second), ("dense.net2", second, 2 * first)]
    }
}

/// One invertible element of the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// Orthonormal 2×2 Haar transform; log-det 0.
    Haar {
        /// Shape in.
        input: Shape,
    },
    /// Coupling block.
    Coupling(Coupling),
    /// Down-coupling.
    Down(Down),
    /// DCT and flattening.
    Dct(Dct),
    /// Fixed permutation `out[i] = in[perm[i]]`; log-det 0.
    Permutation {
        /// Dimensions D.
        dims: usize,
    },
    /// Dense coupling.
    Dense(Dense),
}

impl Element {
    /// The path of this element's tensors and its name in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::Haar { .. } => "haar",
            Self::Coupling(coupling) => &coupling.name,
            Self::Down(down) => &down.name,
            Self::Dct(_) => "dct",
            Self::Permutation { .. } => "permutation",
            Self::Dense(_) => "dense",
        }
    }

    /// The convolutional subnets of this element.
    pub fn subnets(&self) -> Vec<Subnet> {
        match self {
            Self::Coupling(coupling) => vec![coupling.subnet()],
            Self::Down(down) => vec![down.strided(), down.lowres()],
            _ => Vec::new(),
        }
    }

    /// Trainable numbers.
    pub fn parameter_count(&self) -> usize {
        training_tensors_of(self).iter().filter(|t| t.role == Role::Network).map(TensorInfo::len).sum()
    }

    /// Multiply-adds of one encode.
    pub fn multiply_adds(&self) -> usize {
        match self {
            Self::Haar { .. } | Self::Permutation { .. } => 0,
            Self::Coupling(coupling) => {
                let channels = coupling.shape.channels;
                coupling.subnet().multiply_adds(coupling.shape)
                    + channels * channels * coupling.shape.pixels()
            }
            Self::Down(down) => {
                down.strided().multiply_adds(down.input) + down.lowres().multiply_adds(down.input.folded())
            }
            Self::Dct(dct) => 2 * dct.channels * dct.n * dct.n * dct.n,
            Self::Dense(dense) => {
                dense.nets().iter().map(|(_, input, output)| dense.hidden * (input + output)).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln|det| of a row-major n×n matrix by Gaussian elimination with pivoting.
    fn log_abs_det(mut m: Vec<f64>, n: usize) -> f64 {
        let mut sum = 0.0;
        for k in 0..n {
            let pivot =
                (k..n).fold(k, |best, i| if m[i * n + k].abs() > m[best * n + k].abs() { i } else { best });
            (0..n).for_each(|j| m.swap(k * n + j, pivot * n + j));
            sum += m[k * n + k].abs().ln();
            for i in k + 1..n {
                let factor = m[i * n + k] / m[k * n + k];
                (k..n).for_each(|j| m[i * n + j] -= factor * m[k * n + j]);
            }
        }
        sum
    }

    #[test]
    fn dct_log_det_is_that_of_its_matrix() {
        for (n, truth, authors) in
            [(8, -46.354_356, -44.361_420), (7, -35.655_220, -33.964_212), (4, -11.888_063, -11.090_355)]
        {
            let dct = Dct { channels: 1, n };
            let m = dct.matrix();
            // The two-dimensional transform as one matrix over the N² pixels.
            let whole: Vec<f64> = (0..n * n * n * n)
                .map(|i| {
                    let (out, pixel) = (i / (n * n), i % (n * n));
                    m[out / n * n + pixel / n] * m[out % n * n + pixel % n]
                })
                .collect();
            assert!((log_abs_det(whole, n * n) - dct.log_det()).abs() < 1e-9);
            assert!((dct.log_det() - truth).abs() < 1e-6);
            assert!((dct.authors_log_det() - authors).abs() < 1e-6);
        }
        let two = Dct { channels: 48, n: 2 };
        assert!((two.log_det() - two.authors_log_det() + 11.307_171).abs() < 1e-6);
    }

    #[test]
    fn dct_rows_are_orthogonal_and_the_inverse_inverts() {
        let dct = Dct { channels: 1, n: 8 };
        let (m, inverse) = (dct.matrix(), dct.inverse_matrix());
        for i in 0..8 {
            for j in 0..8 {
                let product: f64 = (0..8).map(|k| m[i * 8 + k] * inverse[k * 8 + j]).sum();
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-13);
                // Un-normalised rows have the norms 2√N and √(2N); 36 is R for N = 8.
                let dot: f64 = (0..8).map(|k| m[i * 8 + k] * m[j * 8 + k]).sum();
                let square = if i == 0 { 32.0 } else { 16.0 };
                assert!((dot * 36.0 - if i == j { square } else { 0.0 }).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn odd_channels_split_differently_in_the_two_kinds() {
        let shape = Shape { channels: 3, height: 32, width: 32 };
        let coupling = Coupling { name: "c".into(), shape, width: 16, leading_relu: false };
        assert_eq!((coupling.split(), coupling.subnet().output), ((2, 1), 2));
        let down = Down { name: "d".into(), input: shape, width: 32 };
        assert_eq!((down.split(), down.strided().output, down.lowres().output), ((1, 2), 16, 8));
        assert_eq!(shape.folded(), Shape { channels: 12, height: 16, width: 16 });
    }
}
