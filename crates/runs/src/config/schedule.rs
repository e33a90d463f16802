//! The learning rate over time.

use crate::config::Decay;

/// The learning rate of the network as a function of the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// The full rate.
    pub rate: f64,
    /// How it falls.
    pub decay: Decay,
    /// Steps of linear rise at the start.
    pub warm_up: usize,
    /// Length of the run in epochs.
    pub epochs: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
}

impl Schedule {
    /// The rate of `step`, counted from 0 over the whole run.
    pub fn at(&self, step: usize) -> f64 {
        self.rate * self.factor(step)
    }

    /// Share of the run that is done before `step`.
    pub fn progress(&self, step: usize) -> f64 {
        step as f64 / (self.epochs * self.steps_per_epoch).max(1) as f64
    }

    /// The rate of `step` as a multiple of the full one.
    pub fn factor(&self, step: usize) -> f64 {
        let rise = if step < self.warm_up { (step + 1) as f64 / self.warm_up as f64 } else { 1.0 };
        let fall = match self.decay {
            Decay::Steps => {
                // 150, 250 and 350 of 450 epochs (method §1.4), for runs of any length.
                let epoch = step / self.steps_per_epoch.max(1);
                let passed = [3, 5, 7].into_iter().filter(|ninths| epoch * 9 >= self.epochs * ninths).count();
                0.1f64.powi(passed as i32)
            }
            Decay::Cosine => {
                let total = (self.epochs * self.steps_per_epoch).max(1);
                0.5 * (1.0 + (std::f64::consts::PI * step as f64 / total as f64).cos())
            }
            Decay::Linear => 1.0 - self.progress(step),
        };
        rise * fall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_tenfold_after_epochs_150_250_and_350() {
        let schedule =
            Schedule { rate: 0.07, decay: Decay::Steps, warm_up: 0, epochs: 450, steps_per_epoch: 382 };
        for (epoch, rate) in
            [(0, 0.07), (149, 0.07), (150, 0.007), (249, 0.007), (250, 7e-4), (350, 7e-5), (449, 7e-5)]
        {
            assert!((schedule.at(epoch * 382) - rate).abs() < 1e-12, "epoch {epoch}");
            assert!((schedule.at(epoch * 382 + 381) - rate).abs() < 1e-12, "end of epoch {epoch}");
        }
    }

    #[test]
    fn falls_on_a_line_to_zero() {
        let schedule =
            Schedule { rate: 2.0, decay: Decay::Linear, warm_up: 2, epochs: 2, steps_per_epoch: 5 };
        for (step, rate) in [(0, 1.0), (1, 1.8), (5, 1.0), (9, 0.2)] {
            assert!((schedule.at(step) - rate).abs() < 1e-12, "step {step}");
        }
    }

    #[test]
    fn warms_up_and_ends_near_zero() {
        let schedule =
            Schedule { rate: 1.0, decay: Decay::Cosine, warm_up: 10, epochs: 2, steps_per_epoch: 50 };
        assert!((schedule.at(0) - 0.1).abs() < 1e-9);
        assert!(schedule.at(4) < schedule.at(9));
        assert!(schedule.at(99) < 0.001);
    }
}
