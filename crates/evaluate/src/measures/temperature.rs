//! The temperature that makes posteriors honest about images that the network has not seen (method §4.9).

use ibinn::head::posterior::Posterior;

/// ln β is sought between these, β = 1/T.
const BOUNDS: [f64; 2] = [-6.0, 6.0];
/// Steps of the search; each narrows it to 0.62 of what it was, to below 1e-12 in the end.
const STEPS: usize = 64;

/// The temperature T for which softmax(logits / T) has the least mean negative log-likelihood of the labels (Guo et al. 2017,
/// arXiv 1706.04599, §4.2), from each image's posterior and label; none where there is no image, or where no temperature is the
/// best: all are right (the colder the better) or the logits say less than nothing (the hotter the better).
pub fn best_temperature(images: &[(Posterior, usize)]) -> Option<f64> {
    // Rounding would hide that it sinks for ever.
    if images.iter().all(|(posterior, label)| posterior.prediction() == *label) {
        return None;
    }
    // Convex in β, so it has one valley in ln β.
    let loss = |ln_beta: f64| -> f64 {
        let temperature = (-ln_beta).exp();
        images.iter().map(|(posterior, label)| posterior.at_temperature(temperature).surprise(*label)).sum()
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let [mut low, mut high] = BOUNDS;
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut losses = inner.map(loss);
    for _ in 0..STEPS {
        if losses[0] <= losses[1] {
            high = inner[1];
            inner = [high - golden * (high - low), inner[0]];
            losses = [loss(inner[0]), losses[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + golden * (high - low)];
            losses = [losses[1], loss(inner[1])];
        }
    }
    let best = (low + high) / 2.0;
    let at_an_end = BOUNDS.iter().any(|bound| (best - bound).abs() < 1e-3);
    (!at_an_end).then(|| (-best).exp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `count` images of two classes whose first class has logit `a`, the second −a.
    fn images(a: f64, label: usize, count: usize) -> Vec<(Posterior, usize)> {
        vec![(Posterior::new(vec![a, -a]), label); count]
    }

    #[test]
    fn logits_that_are_too_sure_are_warmed_to_what_is_right() {
        // Right 3 of 4 times, so that the best probability is 3/4: 2a/T = ln 3.
        for a in [0.2, 5.0, 40.0] {
            let seen = [images(a, 0, 3), images(a, 1, 1)].concat();
            let wanted = 2.0 * a / 3f64.ln();
            let got = best_temperature(&seen).unwrap();
            assert!((got / wanted - 1.0).abs() < 1e-6, "{got} instead of {wanted}");
        }
    }

    #[test]
    fn a_temperature_leaves_the_prediction_and_order_alone_and_1_leaves_everything() {
        let posterior = Posterior::new(vec![1.0, 3.0, -2.0]);
        assert_eq!(posterior.at_temperature(1.0), posterior);
        let warmer = posterior.at_temperature(2.0);
        assert_eq!(warmer.prediction(), 1);
        let wanted = 1.0 / (1.0 + (-1f64).exp() + (-2.5f64).exp());
        assert!((warmer.probabilities[1] - wanted).abs() < 1e-12);
    }

    #[test]
    fn where_no_temperature_is_the_best_there_is_none() {
        assert_eq!(best_temperature(&[]), None);
        assert_eq!(best_temperature(&images(1.0, 0, 10)), None, "always right");
        assert_eq!(best_temperature(&images(1.0, 1, 10)), None, "always wrong");
    }
}
