//! Every random number of the project, from (seed, purpose, index): the same on every platform.
//!
//! Nothing mutable is kept between calls, so resuming a run, splitting work over workers or drawing sample 57
//! alone all give the numbers that a straight run would have given. The elementary functions come from `libm`,
//! since the platform's own differ in their last bits between native and wasm.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What random numbers are drawn for; streams of different purposes never overlap.
///
/// The discriminants are part of the reproducibility contract: never reuse or reorder them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights, index = position of the tensor.
    Init = 1,
    /// Order of the training images, index = epoch.
    Shuffle = 2,
    /// Geometric and colour augmentation, index = (epoch, image).
    Augment = 3,
    /// Dequantisation and Gaussian input noise, index = (epoch, image).
    Noise = 4,
    /// Dropout masks, index = (step, layer).
    Dropout = 5,
    /// Latent draws for samples, index = sample.
    Sample = 6,
    /// The built-in data set, training split, index = image.
    PenTrain = 7,
    /// The built-in data set, test split, index = image.
    PenTest = 8,
    /// The training images that the empirical class means are computed over, index = 0.
    MeanImages = 9,
    /// Test data made by the tests.
    Test = 10,
    /// The image that a GPU is checked with.
    SelfCheck = 11,
    /// Resamples of test sets, index = (group of images, resample).
    Bootstrap = 12,
    /// The noise of an out-of-distribution set, index = image.
    OodNoise = 13,
    /// Out-of-distribution sketches: their order, index = (0, 0), and their colours, index = (1, image).
    Sketch = 14,
    /// Points of the toy data sets on the plane, index = point.
    PlanePoint = 15,
    /// Batch and noise of a training step of the plane, index = step.
    PlaneStep = 16,
    /// The codes that a VIB is trained with, index = (step, 0).
    Code = 17,
    /// The codes that a VIB classifies with, index = (image, sample).
    CodeSample = 18,
    /// The training images that novelty is fitted to, index = 0.
    NoveltyImages = 19,
    /// The training images that are held out, index = 0.
    HoldOut = 20,
}

/// A stream of random numbers, determined by (seed, purpose, index).
#[derive(Clone, Debug)]
pub struct Stream {
    rng: ChaCha8Rng,
    spare_normal: Option<f64>,
}

impl Stream {
    /// The stream of `purpose` number `index` under `seed`.
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(index);
        Self { rng, spare_normal: None }
    }

    /// The stream of the pair (`major`, `minor`), as for (epoch, image) or (step, layer).
    ///
    /// Distinct pairs below 2³² give distinct streams.
    pub fn for_pair(seed: u64, purpose: Purpose, major: u64, minor: u64) -> Self {
        Self::new(seed, purpose, (major << 32) | (minor & 0xffff_ffff))
    }

    /// 64 uniformly random bits.
    pub fn bits(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform in [0, 1), with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [`low`, `high`).
    pub fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform in 0..`n`; `n` must not be 0. The bias is below n/2⁶⁴.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// Standard normal, by the Box–Muller transform.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare_normal = Some(radius * sin);
        radius * cos
    }

    /// A uniformly random permutation of 0..`n` (Fisher–Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            order.swap(i, self.below(i + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_reproducible_and_distinct() {
        let draw = |seed, purpose, index| Stream::new(seed, purpose, index).bits();
        assert_eq!(draw(7, Purpose::Init, 3), draw(7, Purpose::Init, 3));
        let all = [
            draw(7, Purpose::Init, 3),
            draw(8, Purpose::Init, 3),
            draw(7, Purpose::Noise, 3),
            draw(7, Purpose::Init, 4),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn normals_have_mean_zero_and_variance_one() {
        let mut stream = Stream::new(0, Purpose::Test, 0);
        let n = 200_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let x = stream.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / n as f64).abs() < 0.01);
        assert!((squares / n as f64 - 1.0).abs() < 0.02);
    }

    #[test]
    fn permutation_holds_every_index_once() {
        let mut order = Stream::new(0, Purpose::Test, 1).permutation(784);
        assert_ne!(order, (0..784).collect::<Vec<u32>>());
        order.sort_unstable();
        assert_eq!(order, (0..784).collect::<Vec<u32>>());
    }
}
