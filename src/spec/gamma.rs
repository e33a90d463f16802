//! The trade-off γ between generative quality and accuracy.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// γ ∈ [0, ∞]: 0 trains L_X alone, ∞ trains L_Y alone (method §3.3; the authors' configuration calls it beta).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Gamma(f64);

impl Gamma {
    /// γ as a number, or `None` when it is negative or not a number.
    pub fn new(value: f64) -> Option<Self> {
        (value >= 0.0).then_some(Self(value))
    }

    /// The number; infinite for "only L_Y".
    pub fn value(self) -> f64 {
        self.0
    }

    /// Weights (β_x, β_y) of the minimised loss β_x·L_X − β_y·L_Y: (2/(1+γ), 2γ/(1+γ)), and (0, 1) for γ = ∞ as
    /// in the authors' program (method §3.3, §5 row 12).
    pub fn loss_weights(self) -> (f64, f64) {
        if self.0.is_infinite() { (0.0, 1.0) } else { (2.0 / (1.0 + self.0), 2.0 * self.0 / (1.0 + self.0)) }
    }
}

impl fmt::Display for Gamma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_infinite() { f.write_str("inf") } else { write!(f, "{}", self.0) }
    }
}

impl FromStr for Gamma {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let value = if text == "∞" { Ok(f64::INFINITY) } else { text.parse() };
        value
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| Error::Input(format!("gamma is `{text}`, must be a number from 0 up, or `inf`")))
    }
}

impl Serialize for Gamma {
    /// A number, or the string "inf", which JSON has no number for.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_infinite() { serializer.serialize_str("inf") } else { serializer.serialize_f64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Gamma {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(f64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(value) => Self::new(value).ok_or_else(|| {
                serde::de::Error::custom(format!("gamma is {value}, must be 0 or more, or \"inf\""))
            }),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn loss_weights_are_those_of_the_paper() {
        for (gamma, x, y) in [
            ("0.02", 1.960_784_3, 0.039_215_7),
            ("0.2", 1.666_666_7, 0.333_333_3),
            ("1", 1.0, 1.0),
            ("10", 0.181_818_2, 1.818_181_8),
            ("0", 2.0, 0.0),
            ("inf", 0.0, 1.0),
        ] {
            let (got_x, got_y) = gamma.parse::<Gamma>().unwrap().loss_weights();
            assert!((got_x - x).abs() < 1e-7 && (got_y - y).abs() < 1e-7, "γ = {gamma}: {got_x} {got_y}");
        }
    }

    #[test]
    fn refuses_negative_and_nonsense() {
        for text in ["-1", "NaN", "one", ""] {
            assert!(text.parse::<Gamma>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Gamma>("-0.5").is_err());
    }

    #[test]
    fn infinity_survives_json() {
        let text = serde_json::to_string(&Gamma::new(f64::INFINITY)).unwrap();
        assert_eq!(text, "\"inf\"");
        assert!(serde_json::from_str::<Gamma>(&text).unwrap().value().is_infinite());
    }
}
