//! What the noise that is added to training images hides of them (method §4.6).

/// Width of a grey level, in units of [0, 1].
pub const GREY_LEVEL: f64 = 1.0 / 256.0;
/// Steps of the sum that stands for an integral.
const STEPS: usize = 4000;

/// Entropy in nats per dimension of Gaussian noise of standard deviation `sigma`, in units of [0, 1], and uniform noise
/// of a grey level's width where `dequantize`; that of a grey level's width where there is neither, since pixels then are
/// told exactly.
pub fn entropy(sigma: f64, dequantize: bool) -> f64 {
    match (dequantize, sigma > 0.0) {
        (false, false) | (true, false) => GREY_LEVEL.ln(),
        (false, true) => sigma.ln() + 0.5 * (std::f64::consts::TAU.ln() + 1.0),
        (true, true) => {
            // The density of uniform plus Gaussian noise is a difference of two Gaussian distribution functions.
            let (low, high) = (-8.0 * sigma, GREY_LEVEL + 8.0 * sigma);
            let step = (high - low) / STEPS as f64;
            let below = |x: f64| 0.5 * libm::erfc(-x / sigma / std::f64::consts::SQRT_2);
            let density = |i: usize| {
                let x = low + (i as f64 + 0.5) * step;
                (below(x) - below(x - GREY_LEVEL)) / GREY_LEVEL
            };
            (0..STEPS).map(density).filter(|&p| p > 0.0).map(|p| -p * p.ln() * step).sum()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_of_the_noise_is_that_of_its_density() {
        let gaussian = |sigma: f64| sigma.ln() + 1.418_938_533_204_672_7;
        let close = |a: f64, b: f64, tolerance: f64| assert!((a - b).abs() < tolerance, "{a} instead of {b}");
        close(entropy(0.01, false), gaussian(0.01), 1e-12);
        close(entropy(0.0, true), -256f64.ln(), 1e-12);
        // Much wider than a grey level the uniform part does not matter, much narrower the Gaussian one does not.
        close(entropy(1.0, true), gaussian(1.0), 1e-4);
        close(entropy(1e-5, true), -256f64.ln(), 0.01);
        // Between them it is above either, and at most that of a Gaussian of the same variance.
        let both = entropy(0.01, true);
        assert!(
            both > gaussian(0.01) && both < gaussian((1e-4 + 1.0 / (12.0 * 65536.0f64)).sqrt()),
            "{both}"
        );
    }
}
