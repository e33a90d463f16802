//! Dropout (method §2.3, §2.6) from the run's own random numbers.

use crate::math::random::{Purpose, Stream};

/// What is dropped in one step of training.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropout {
    /// Seed of the run.
    pub seed: u64,
    /// Global step number.
    pub step: u64,
    /// Probability by stage for the channels of the subnets' last hidden layer.
    pub conv: Vec<f64>,
    /// Probability for the hidden units of the dense coupling or the dense residual block.
    pub dense: f64,
}

impl Dropout {
    /// The probability for channels of a stage.
    pub fn of_stage(&self, stage: usize) -> f64 {
        self.conv.get(stage).copied().unwrap_or(0.0)
    }

    /// Factors of mask number `index` of the step: 0 with the probability `p`, else 1/(1−p). None where nothing is dropped;
    /// the masks of a step are counted without those.
    pub fn mask(&self, p: f64, index: u64, count: usize) -> Option<Vec<f32>> {
        if p <= 0.0 {
            return None;
        }
        let mut stream = Stream::for_pair(self.seed, Purpose::Dropout, self.step, index);
        let keep = (1.0 / (1.0 - p)) as f32;
        Some((0..count).map(|_| if stream.uniform() < p { 0.0 } else { keep }).collect())
    }
}
