//! From JavaScript's numbers to what the core takes: everything that a caller can get wrong is refused here.

use crate::error::{Error, Result};

/// The largest whole number that JavaScript can tell from its neighbours.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_991.0;
/// The most images that one call may ask for: far above what a page shows, and low enough to fit wasm's memory.
pub const MOST_IMAGES: u64 = 10_000;

/// A whole number from `least` to `most`, called `name` in messages.
///
/// # Errors
/// [`Error::Argument`] when it is anything else.
pub fn whole(name: &str, value: f64, least: u64, most: u64) -> Result<u64> {
    if value.fract() == 0.0 && value >= least as f64 && value <= (most as f64).min(LARGEST_WHOLE) {
        Ok(value as u64)
    } else {
        Err(Error::Argument(format!("{name} is {value}, must be a whole number from {least} to {most}")))
    }
}

/// A seed: any whole number that JavaScript can hold.
///
/// # Errors
/// [`Error::Argument`] when it is anything else.
pub fn seed(value: f64) -> Result<u64> {
    whole("seed", value, 0, LARGEST_WHOLE as u64)
}

/// A temperature T.
///
/// # Errors
/// [`Error::Argument`] when it is negative or not finite.
pub fn temperature(value: f64) -> Result<f64> {
    if value >= 0.0 && value.is_finite() {
        Ok(value)
    } else {
        Err(Error::Argument(format!("temperature is {value}, must be a number from 0 up")))
    }
}

/// How much pictures are varied.
///
/// # Errors
/// [`Error::Argument`] when it is not from 0 to 1.
pub fn strength(value: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::Argument(format!("strength is {value}, must be a number from 0 to 1")))
    }
}

/// Whole images or latents of `dims` finite numbers each.
///
/// # Errors
/// [`Error::Argument`] names the first number that is not finite, or the length that does not fit. Rows are counted from
/// `first`, since a batch may come in parts.
pub fn rows(what: &str, values: &[f32], dims: usize, first: usize) -> Result<()> {
    if !values.len().is_multiple_of(dims) {
        return Err(Error::Argument(format!(
            "{} numbers are not a whole number of {what}s of {dims}",
            values.len()
        )));
    }
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(i) => Err(Error::Argument(format!(
            "{what} {} holds {} at index {}, every number must be finite",
            first + i / dims,
            values[i],
            i % dims
        ))),
    }
}

/// Whole points of a plane, two finite numbers each.
///
/// # Errors
/// [`Error::Argument`] names the first number that is not finite, or the length that does not fit.
pub fn points(values: &[f64]) -> Result<()> {
    if !values.len().is_multiple_of(2) {
        return Err(Error::Argument(format!(
            "{} numbers are not a whole number of points of 2",
            values.len()
        )));
    }
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(i) => {
            Err(Error::Argument(format!("point {} holds {}, every number must be finite", i / 2, values[i])))
        }
    }
}

/// One latent of `dims` finite numbers.
///
/// # Errors
/// As for [`rows`], and when it is not exactly one.
pub fn latent(name: &str, values: &[f32], dims: usize) -> Result<()> {
    if values.len() != dims {
        return Err(Error::Argument(format!("latent {name} has {} numbers, not {dims}", values.len())));
    }
    rows("latent", values, dims, 0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn whole_numbers_within_bounds_pass() {
        assert_eq!(whole("class", 0.0, 0, 9).unwrap(), 0);
        assert_eq!(whole("class", 9.0, 0, 9).unwrap(), 9);
        assert_eq!(seed(LARGEST_WHOLE).unwrap(), 9_007_199_254_740_991);
    }

    #[test]
    fn all_other_numbers_are_refused_by_name() {
        for value in [-1.0, 10.0, 0.5, f64::NAN, f64::INFINITY] {
            let message = whole("class", value, 0, 9).unwrap_err().to_string();
            assert!(message.contains("class") && message.contains("from 0 to 9"), "{message}");
        }
        assert!(seed(LARGEST_WHOLE + 1.0).is_err());
        for value in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(temperature(value).is_err(), "{value}");
        }
    }

    #[test]
    fn rows_must_be_whole_and_finite() {
        assert!(rows("image", &[], 4, 0).is_ok());
        assert!(rows("image", &[0.0; 8], 4, 0).is_ok());
        let message = rows("image", &[0.0; 6], 4, 0).unwrap_err().to_string();
        assert_eq!(message, "6 numbers are not a whole number of images of 4");
        let message =
            rows("image", &[0.0, 0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0, 0.0], 4, 20).unwrap_err().to_string();
        assert_eq!(message, "image 21 holds NaN at index 1, every number must be finite");
        assert!(points(&[0.0; 4]).is_ok());
        let message = |values: &[f64]| points(values).unwrap_err().to_string();
        assert_eq!(message(&[0.0; 3]), "3 numbers are not a whole number of points of 2");
        assert_eq!(message(&[0.0, 0.0, 0.0, f64::NAN]), "point 1 holds NaN, every number must be finite");
        assert!(latent("a", &[0.0; 8], 4).is_err());
        assert!(latent("a", &[0.0; 4], 4).is_ok());
    }
}
