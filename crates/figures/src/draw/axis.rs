//! Axes: where a value lies, and which values are named.

use std::cmp::Ordering;

use ibinn_terminal::output::number;

/// How values lie along an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// At equal distances.
    Linear {
        /// The value at its beginning.
        low: f64,
        /// The value at its end.
        high: f64,
    },
    /// By their logarithm.
    Log {
        /// The value at its beginning, above 0.
        low: f64,
        /// The value at its end.
        high: f64,
    },
    /// By their logarithm, with places for 0 and ∞ of their own at the ends: for γ.
    Open {
        /// The smallest value above 0.
        low: f64,
        /// The largest finite value.
        high: f64,
        /// Whether there is a place for 0.
        zero: bool,
        /// Whether there is a place for ∞.
        infinity: bool,
    },
}

/// Share of an open axis that a place for 0 or ∞ takes.
const PLACE: f64 = 0.14;
/// Share of an axis that is left free before its first and after its last value.
const MARGIN: f64 = 0.04;

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// How values lie along it.
    pub scale: Scale,
    /// What it shows.
    pub label: String,
}

impl Scale {
    /// A linear scale around all finite values, with room at both ends; from 0 to 1 when there is none.
    pub fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = ends(values);
        if low > high {
            return Self::Linear { low: 0.0, high: 1.0 };
        }
        // A single value lies in the middle.
        let room = if high > low { 0.06 * (high - low) } else { high.abs().max(1.0) * 0.5 };
        Self::Linear { low: low - room, high: high + room }
    }

    /// The same from 0 up, for what cannot be negative.
    pub fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let (_, high) = ends(values);
        Self::Linear { low: 0.0, high: if high > 0.0 { 1.06 * high } else { 1.0 } }
    }

    /// A logarithmic scale around all positive finite values.
    pub fn log_around(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = ends(values.into_iter().filter(|&v| v > 0.0));
        let (low, high) = spread(low, high);
        Self::Log { low, high }
    }

    /// A logarithmic scale with places for 0 and ∞ where they are among the values.
    pub fn open(values: &[f64]) -> Self {
        let (low, high) = ends(values.iter().copied().filter(|&v| v > 0.0));
        let (low, high) = spread(low, high);
        Self::Open { low, high, zero: values.contains(&0.0), infinity: values.contains(&f64::INFINITY) }
    }

    /// Where a value lies, 0 at the beginning of the axis and 1 at its end.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear { low, high } => (value - low) / (high - low),
            Self::Log { low, high } => MARGIN + (1.0 - 2.0 * MARGIN) * log_share(value, low, high),
            Self::Open { low, high, zero, infinity } => {
                let begin = if zero { PLACE } else { 0.0 } + MARGIN;
                let end = 1.0 - if infinity { PLACE } else { 0.0 } - MARGIN;
                match value {
                    v if v <= 0.0 => MARGIN,
                    v if v.is_infinite() => 1.0 - MARGIN,
                    v => begin + (end - begin) * log_share(v, low, high),
                }
            }
        }
    }

    /// Whether a line from one value to the next crosses into the place for 0 or ∞.
    pub fn crosses(self, from: f64, to: f64) -> bool {
        let apart = |v: f64| v <= 0.0 || v.is_infinite();
        matches!(self, Self::Open { .. }) && (apart(from) || apart(to))
    }

    /// The values that are named, with their names; about `count` on a linear axis.
    pub fn ticks(self, count: usize) -> Vec<(f64, String)> {
        match self {
            Self::Linear { low, high } => {
                let step = round_step((high - low) / count.max(1) as f64);
                let digits = (-step.log10().floor()).max(0.0) as usize;
                let first = (low / step).ceil() as i64;
                let last = ((high / step) * (1.0 + 1e-12)).floor() as i64;
                (first..=last).map(|i| i as f64 * step).map(|v| (v, number(v, digits))).collect()
            }
            Self::Log { low, high } => log_ticks(low, high),
            Self::Open { low, high, zero, infinity } => {
                let first = zero.then(|| (0.0, "0".to_string()));
                let last = infinity.then(|| (f64::INFINITY, "∞".to_string()));
                first.into_iter().chain(log_ticks(low, high)).chain(last).collect()
            }
        }
    }
}

fn ends(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
}

/// Ends of a logarithmic scale: apart also where there is one value, or none.
fn spread(low: f64, high: f64) -> (f64, f64) {
    match low.partial_cmp(&high) {
        Some(Ordering::Less) => (low, high),
        Some(Ordering::Equal) => (low / 10.0, high * 10.0),
        _ => (0.1, 10.0),
    }
}

fn log_share(value: f64, low: f64, high: f64) -> f64 {
    (value / low).ln() / (high / low).ln()
}

/// Powers of ten, and 2 and 5 times them where there are few.
fn log_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let within = |v: &f64| *v >= low * (1.0 - 1e-9) && *v <= high * (1.0 + 1e-9);
    let powers: Vec<f64> = (first..=last).map(|e| 10f64.powi(e)).filter(within).collect();
    let values = match powers.len() {
        0..=1 => {
            (first..=last).flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e))).filter(within).collect()
        }
        2..=5 => powers,
        // Every other one.
        _ => powers.into_iter().filter(|v| (v.log10().round() as i64) % 2 == 0).collect(),
    };
    let name = |v: f64| {
        // A power of ten must not fall below itself by rounding.
        let exponent = (v.log10() + 1e-9).floor();
        let times = match (v / 10f64.powf(exponent)).round() {
            1.0 => String::new(),
            times => format!("{}·", number(times, 0)),
        };
        match exponent as i64 {
            -2..=3 => number(v, (-exponent).max(0.0) as usize),
            e => format!("{times}10^{{{}}}", number(e as f64, 0)),
        }
    };
    values.into_iter().map(|v| (v, name(v))).collect()
}

/// 1, 2 or 5 times a power of ten, not much below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let found = [1.0, 2.0, 5.0].into_iter().find(|m| m * power >= 0.7 * step);
    found.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(scale: Scale) -> String {
        scale.ticks(5).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        for (low, high, wanted) in [
            (0.0, 100.0, "0 20 40 60 80 100"),
            (48.0, 103.0, "50 60 70 80 90 100"),
            (0.0, 0.7, "0.0 0.1 0.2 0.3 0.4 0.5 0.6 0.7"),
            (-1.3, 0.4, "−1.0 −0.5 0.0"),
            (3.9, 4.1, "3.90 3.95 4.00 4.05 4.10"),
            (0.0, 2.3e4, "0 5000 10000 15000 20000"),
        ] {
            assert_eq!(names(Scale::Linear { low, high }), wanted);
        }
        assert_eq!(names(Scale::Log { low: 1e-4, high: 1.0 }), "10^{−4} 10^{−3} 0.01 0.1 1");
        assert_eq!(names(Scale::Log { low: 0.3, high: 4.0 }), "0.5 1 2");
        assert_eq!(names(Scale::Log { low: 1e-4, high: 6e-4 }), "10^{−4} 2·10^{−4} 5·10^{−4}");
        assert_eq!(names(Scale::Log { low: 1e-6, high: 1e4 }), "10^{−6} 10^{−4} 0.01 1 100 10^{4}");
    }

    #[test]
    fn zero_and_infinity_have_places_of_their_own() {
        let scale = Scale::open(&[1.0, 0.0, f64::INFINITY, 0.01, 100.0]);
        assert_eq!(names(scale), "0 0.01 0.1 1 10 100 ∞");
        let places: Vec<f64> = [0.0, 0.01, 1.0, 100.0, f64::INFINITY].map(|v| scale.place(v)).to_vec();
        assert!(
            places.is_sorted() && places[1] > places[0] + 0.1 && places[4] > places[3] + 0.1,
            "{places:?}"
        );
        assert!((places[2] - 0.5).abs() < 1e-12);
        assert!(scale.crosses(0.0, 0.01) && scale.crosses(100.0, f64::INFINITY) && !scale.crosses(0.01, 1.0));
        let closed = Scale::open(&[0.1, 10.0]);
        assert!((closed.place(0.1) - 0.04).abs() < 1e-12 && (closed.place(10.0) - 0.96).abs() < 1e-12);
        assert_eq!(names(Scale::open(&[1.0])), "0.1 1 10");
        assert_eq!(names(Scale::open(&[0.0, f64::INFINITY])), "0 0.1 1 10 ∞");
    }

    #[test]
    fn scales_fit_their_values() {
        assert_eq!(Scale::from_zero([1.0, f64::NAN, 100.0]), Scale::Linear { low: 0.0, high: 106.0 });
        assert_eq!(Scale::around([]), Scale::Linear { low: 0.0, high: 1.0 });
        assert_eq!(Scale::around([4.0]), Scale::Linear { low: 2.0, high: 6.0 });
        assert_eq!(Scale::log_around([0.0, 1.0, 10.0]), Scale::Log { low: 1.0, high: 10.0 });
        assert_eq!(Scale::log_around([2.0, 2.0]), Scale::Log { low: 0.2, high: 20.0 });
    }
}
