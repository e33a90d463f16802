//! What is done to a picture of any shape to make it an image of a model's.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How a picture of other proportions becomes an image; it is resampled by averaging over areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// The largest part in the middle that has the image's proportions.
    #[default]
    Crop,
    /// The whole picture, framed in the average tone of its border.
    Pad,
    /// The whole picture, stretched.
    Stretch,
}

/// The colour behind what is transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground(pub [u8; 3]);

impl Default for Ground {
    fn default() -> Self {
        Self([255; 3])
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [255, 255, 255] => f.write_str("white"),
            [0, 0, 0] => f.write_str("black"),
            [red, green, blue] => write!(f, "#{red:02x}{green:02x}{blue:02x}"),
        }
    }
}

impl FromStr for Ground {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("the ground is `{text}`, must be white, black or #rrggbb");
        match text {
            "white" => Ok(Self([255; 3])),
            "black" => Ok(Self([0; 3])),
            _ => {
                let is_hex =
                    |digits: &&str| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
                let digits = text.strip_prefix('#').filter(is_hex).ok_or_else(refused)?;
                let mut rgb = [0; 3];
                for (i, value) in rgb.iter_mut().enumerate() {
                    *value = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).map_err(|_| refused())?;
                }
                Ok(Self(rgb))
            }
        }
    }
}

impl Serialize for Ground {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ground {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is done to a picture besides resampling it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Look {
    /// How it fits into the image.
    pub fit: Fit,
    /// Whether dark becomes light and light dark.
    pub invert: bool,
    /// What is behind it where it is transparent.
    pub ground: Ground,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn grounds_are_written_as_they_are_read() {
        for (text, rgb) in [("white", [255; 3]), ("black", [0; 3]), ("#0a80ff", [10, 128, 255])] {
            let ground: Ground = text.parse().unwrap();
            assert_eq!((ground.0, ground.to_string().as_str()), (rgb, text));
        }
        for text in ["", "red", "#12345", "#12345g", "#1234567", "#+12345", "#ä1234"] {
            assert!(
                text.parse::<Ground>().unwrap_err().contains("must be white, black or #rrggbb"),
                "{text}"
            );
        }
    }
}
