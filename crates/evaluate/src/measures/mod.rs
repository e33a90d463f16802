//! What is measured of a model beyond its error: calibration, out-of-distribution detection, latent space, each with how
//! far it may be off (method §4). Pure computations on numbers that an executor gave.

pub mod bootstrap;
pub mod by_class;
pub mod calibration;
pub mod detection;
pub mod entropy;
pub mod latent_space;
mod measured;
pub mod noise;
pub mod ranking;
pub mod report;
pub mod scores;
pub mod standard;
pub mod temperature;
pub mod top_label;

/// The arithmetic mean; none of no numbers. The tables average entropy increases so (method §4.3).
pub fn arithmetic_mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The geometric mean of numbers that are not negative; none of no numbers. The tables average AUCs so (method §4.4), and
/// the three calibration errors (method §4.2).
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    arithmetic_mean(&values.iter().map(|v| v.ln()).collect::<Vec<_>>()).map(f64::exp)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn averages_of_the_first_row_of_table_1() {
        let close = |got: Option<f64>, wanted: f64, tolerance: f64| {
            assert!((got.unwrap() - wanted).abs() < tolerance, "{got:?} instead of {wanted}");
        };
        close(geometric_mean(&[78.80, 67.30, 77.19, 54.59]), 68.75, 0.005);
        close(arithmetic_mean(&[0.43, 0.40, 0.10, 0.61]), 0.385, 1e-12);
        close(geometric_mean(&[0.54, 3.25, 1.13]), 1.256, 5e-4);
        close(geometric_mean(&[0.0, 4.0]), 0.0, 1e-300);
        assert_eq!((arithmetic_mean(&[]), geometric_mean(&[])), (None, None));
    }
}
