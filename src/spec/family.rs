//! The kinds of models that the methods train.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The kind of model: a network, a flow or a feed-forward one, and what stands on top of it. How it is trained is its
/// [`Method`](crate::Method).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The flow with a Gaussian mixture over its latents: by IB-INN with every γ, and by class-NLL (method §2, §3).
    IbInn,
    /// A feed-forward network of residual blocks, one for each coupling block of the flow, and a linear layer
    /// (method §2.8).
    ResNet,
    /// The flow and a linear layer on its latents (method §2.8).
    IRevNet,
    /// The feed-forward network with a stochastic code between it and the linear layer (method §2.8).
    Vib,
}

impl Family {
    /// All families, in the order of the paper's tables.
    pub const ALL: [Self; 4] = [Self::IbInn, Self::Vib, Self::ResNet, Self::IRevNet];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::IbInn => "ib-inn",
            Self::ResNet => "res-net",
            Self::IRevNet => "i-rev-net",
            Self::Vib => "vib",
        }
    }

    /// The name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::IbInn => "IB-INN",
            Self::ResNet => "ResNet",
            Self::IRevNet => "i-RevNet",
            Self::Vib => "VIB",
        }
    }

    /// Whether the network is a flow, which takes images to latents and back.
    pub fn is_flow(self) -> bool {
        matches!(self, Self::IbInn | Self::IRevNet)
    }

    /// Whether there is a Gaussian mixture over the latents, which gives a likelihood and can be sampled.
    pub fn has_mixture(self) -> bool {
        self == Self::IbInn
    }

    /// Lets only flows pass.
    ///
    /// # Errors
    /// [`Error::Input`] says what a feed-forward network cannot do.
    pub fn require_flow(self) -> Result<()> {
        if self.is_flow() {
            return Ok(());
        }
        Err(Error::Input(format!(
            "a model of the kind {} cannot be inverted: it has no latents and only classifies",
            self.title()
        )))
    }

    /// Lets only models with a mixture pass.
    ///
    /// # Errors
    /// As [`lacks_mixture`](Self::lacks_mixture) has it.
    pub fn require_mixture(self) -> Result<()> {
        if self.has_mixture() { Ok(()) } else { Err(self.lacks_mixture()) }
    }

    /// The [`Error::Input`] that says what a model without a mixture cannot do.
    pub fn lacks_mixture(self) -> Error {
        Error::Input(format!(
            "a model of the kind {} only classifies: without a density it gives no likelihood and no samples",
            self.title()
        ))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_json() {
        for family in Family::ALL {
            assert_eq!(serde_json::json!(family), family.name());
        }
    }
}
