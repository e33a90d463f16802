//! What a configuration may name as its architecture.

use std::fmt;
use std::str::FromStr;

use ibinn::Preset;

/// A preset, or what suits the images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetChoice {
    /// A preset.
    Named(Preset),
    /// An architecture by the shape of the images, and a length of training by how many they are.
    Auto,
}

impl PresetChoice {
    /// The preset; none of `auto`.
    pub fn named(self) -> Option<Preset> {
        match self {
            Self::Named(preset) => Some(preset),
            Self::Auto => None,
        }
    }
}

impl From<Preset> for PresetChoice {
    fn from(preset: Preset) -> Self {
        Self::Named(preset)
    }
}

impl fmt::Display for PresetChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(preset) => preset.fmt(f),
            Self::Auto => f.write_str("auto"),
        }
    }
}

impl FromStr for PresetChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "auto" {
            return Ok(Self::Auto);
        }
        name.parse().map(Self::Named).map_err(|_| {
            let known: Vec<_> = Preset::ALL.iter().map(|preset| preset.name()).collect();
            format!("there is no preset `{name}`, choose auto or one of {}", known.join(", "))
        })
    }
}
