//! Noise that is the same every time: number `index` of one endless sequence, at the price of a few multiplications.
//!
//! Streams ([`crate::math::random`]) draw what is measured; this disturbs what is looked at, while a slider moves.

/// A number in (0, 1).
pub fn fraction(index: u32) -> f64 {
    let mut bits = index.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    bits = (bits ^ (bits >> 16)).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ (bits >> 13)).wrapping_mul(0xc2b2_ae35);
    (f64::from(bits ^ (bits >> 16)) + 0.5) / 4_294_967_296.0
}

/// A number of mean 0 and standard deviation 1, by Box and Muller.
pub fn normal(index: u32) -> f64 {
    let first = index.wrapping_mul(2);
    let (radius, turn) = (fraction(first), fraction(first.wrapping_add(1)));
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_moments_of_a_normal_distribution() {
        let numbers: Vec<f64> = (0..20_000).map(normal).collect();
        let moment = |power| numbers.iter().map(|v| v.powi(power)).sum::<f64>() / numbers.len() as f64;
        assert!(moment(1).abs() < 0.02 && (moment(2) - 1.0).abs() < 0.03, "{} {}", moment(1), moment(2));
        assert!((moment(4) - 3.0).abs() < 0.2, "{}", moment(4));
        assert!((0..20_000).map(fraction).all(|v| v > 0.0 && v < 1.0));
    }
}
