//! How much less certain a model is of other images than of its own (method §4.3).

use super::arithmetic_mean;

/// The increase of the posterior's mean entropy, in nats: that of `others` minus that of `own`. None where a set is
/// empty.
pub fn increase(own: &[f64], others: &[f64]) -> Option<f64> {
    Some(arithmetic_mean(others)? - arithmetic_mean(own)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_difference_of_means() {
        assert_eq!(increase(&[0.5, 1.5], &[1.0, 2.0, 3.0]), Some(1.0));
        assert_eq!(increase(&[2.0], &[0.5]), Some(-1.5));
        assert_eq!((increase(&[], &[1.0]), increase(&[1.0], &[])), (None, None));
    }
}
