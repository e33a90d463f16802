//! How probable a mixture takes its classes for before it has seen an image.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The weights w_y = p(y) of the mixture's components (method §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassPrior {
    /// 1/K each.
    #[default]
    Uniform,
    /// As frequent as the training images of the class.
    Counts,
    /// Learned with the means.
    Learned,
}

impl ClassPrior {
    /// All, from the simplest on.
    pub const ALL: [Self; 3] = [Self::Uniform, Self::Counts, Self::Learned];

    /// The name in files, configurations and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Counts => "counts",
            Self::Learned => "learned",
        }
    }

    /// Whether all classes are equally probable, so that a model needs no numbers for it.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(crate) fn is_uniform(&self) -> bool {
        *self == Self::Uniform
    }
}

impl fmt::Display for ClassPrior {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ClassPrior {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|prior| prior.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::Input(format!("there is no class prior `{name}`, choose one of {known}"))
        })
    }
}
