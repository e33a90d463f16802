//! Which model is trained, with the settings that only some models have.

use ibinn::{Family, Gamma, Method};
use serde::Serialize;

use super::{Loss, Settings};
use crate::{Error, Result};

/// The model, with the settings that not all models have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each field is documented in Settings")]
pub enum ModelConfig {
    /// The flow with a mixture over its latents.
    IbInn {
        #[serde(flatten)]
        loss: FlowLoss,
        means_rate: f64,
        means_distance: f64,
        initial_scale: f64,
    },
    /// The feed-forward network.
    ResNet,
    /// The flow with a linear layer.
    IRevNet { initial_scale: f64 },
    /// The feed-forward network with a stochastic code.
    Vib { gamma: Gamma },
}

/// What the flow minimises, with the setting that only one of the losses has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "loss", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is documented in Settings")]
pub enum FlowLoss {
    /// The information bottleneck.
    Ib { gamma: Gamma },
    /// The class-conditional likelihood.
    ClassNll,
}

impl FlowLoss {
    /// Its name in files and on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Ib { .. } => Loss::Ib.name(),
            Self::ClassNll => Loss::ClassNll.name(),
        }
    }
}

impl ModelConfig {
    /// Fills in the defaults; `scale` is that of the initial channel scale.
    ///
    /// # Errors
    /// [`Error::Usage`] names a setting that the model, or its loss, does not have.
    pub(super) fn resolve(settings: &Settings, scale: f64) -> Result<Self> {
        let family = settings.model.unwrap_or_default();
        refuse_foreign(settings, family)?;
        let gamma = match settings.gamma {
            Some(gamma) => gamma,
            None => "1".parse().map_err(Error::core)?,
        };
        let loss = match settings.loss.unwrap_or_default() {
            Loss::Ib => FlowLoss::Ib { gamma },
            Loss::ClassNll if settings.gamma.is_some() && family == Family::IbInn => {
                return Err(Error::Usage(
                    "gamma is a setting of loss ib, not of class-nll: leave it out".into(),
                ));
            }
            Loss::ClassNll => FlowLoss::ClassNll,
        };
        let initial_scale = settings.initial_scale.unwrap_or(scale);
        Ok(match family {
            Family::IbInn => Self::IbInn {
                loss,
                means_rate: settings.means_rate.unwrap_or(3.0),
                means_distance: settings.means_distance.unwrap_or(5.0),
                initial_scale,
            },
            Family::ResNet => Self::ResNet,
            Family::IRevNet => Self::IRevNet { initial_scale },
            Family::Vib => Self::Vib { gamma },
        })
    }

    /// The kind of model.
    pub fn family(&self) -> Family {
        match self {
            Self::IbInn { .. } => Family::IbInn,
            Self::ResNet => Family::ResNet,
            Self::IRevNet { .. } => Family::IRevNet,
            Self::Vib { .. } => Family::Vib,
        }
    }

    /// What is trained, and how.
    pub fn method(&self) -> Method {
        match *self {
            Self::IbInn { loss: FlowLoss::Ib { gamma }, .. } => Method::IbInn { gamma },
            Self::IbInn { loss: FlowLoss::ClassNll, .. } => {
                Method::ClassNll { frozen_means: self.frozen_means() }
            }
            Self::ResNet => Method::ResNet,
            Self::IRevNet { .. } => Method::IRevNet,
            Self::Vib { gamma } => Method::Vib { gamma },
        }
    }

    /// The name of the loss in a model's card.
    pub fn loss_name(&self) -> &'static str {
        match self {
            Self::IbInn { loss, .. } => loss.name(),
            Self::ResNet | Self::IRevNet { .. } => "cross-entropy",
            Self::Vib { .. } => "vib",
        }
    }

    /// The trade-off γ; none where the model or its loss has none.
    pub fn gamma(&self) -> Option<Gamma> {
        match *self {
            Self::IbInn { loss: FlowLoss::Ib { gamma }, .. } | Self::Vib { gamma } => Some(gamma),
            Self::IbInn { loss: FlowLoss::ClassNll, .. } | Self::ResNet | Self::IRevNet { .. } => None,
        }
    }

    /// The γ of a model's card. That of class-NLL says nothing, but the page's list of models has one of each.
    pub fn card_gamma(&self) -> Option<Gamma> {
        match self {
            Self::IbInn { loss: FlowLoss::ClassNll, .. } => Gamma::new(1.0),
            _ => self.gamma(),
        }
    }

    /// The means' learning rate as a multiple of the network's; 0 without means.
    pub fn means_rate(&self) -> f64 {
        if let Self::IbInn { means_rate, .. } = *self { means_rate } else { 0.0 }
    }

    /// Distance between the initial means; 0 without means.
    pub fn means_distance(&self) -> f64 {
        if let Self::IbInn { means_distance, .. } = *self { means_distance } else { 0.0 }
    }

    /// Distance between the means where they are not trained.
    pub fn frozen_means(&self) -> Option<f64> {
        match *self {
            Self::IbInn { means_rate: 0.0, means_distance, .. } => Some(means_distance),
            _ => None,
        }
    }

    /// Initial channel scale of the coupling blocks; 1 without them.
    pub fn initial_scale(&self) -> f64 {
        match *self {
            Self::IbInn { initial_scale, .. } | Self::IRevNet { initial_scale } => initial_scale,
            Self::ResNet | Self::Vib { .. } => 1.0,
        }
    }

    /// The settings here that are numbers, with whether they are in range and what they must be.
    pub(super) fn rules(&self) -> Vec<(&'static str, f64, bool, &'static str)> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let scale = |v: f64| ("initial-scale", v, positive(v), "above 0");
        match *self {
            Self::IbInn { means_rate, means_distance, initial_scale, .. } => vec![
                ("means-rate", means_rate, means_rate >= 0.0 && means_rate.is_finite(), "0 or more"),
                ("means-distance", means_distance, positive(means_distance), "above 0"),
                scale(initial_scale),
            ],
            Self::IRevNet { initial_scale } => vec![scale(initial_scale)],
            Self::ResNet | Self::Vib { .. } => Vec::new(),
        }
    }
}

/// What tells this model from others, in few words for people: `γ = 1`, `class-NLL`, `ResNet`, `VIB, γ = 1`.
impl std::fmt::Display for ModelConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::IbInn { loss: FlowLoss::Ib { gamma }, .. } => write!(f, "γ = {gamma}"),
            Self::IbInn { loss: FlowLoss::ClassNll, means_rate: 0.0, .. } => {
                f.write_str("class-NLL, regularised")
            }
            Self::IbInn { loss: FlowLoss::ClassNll, .. } => f.write_str("class-NLL"),
            Self::ResNet | Self::IRevNet { .. } => f.write_str(self.family().title()),
            Self::Vib { gamma } => write!(f, "{}, γ = {gamma}", self.family().title()),
        }
    }
}

fn refuse_foreign(settings: &Settings, family: Family) -> Result<()> {
    let given: [(&str, bool, &[Family]); 5] = [
        ("loss", settings.loss.is_some(), &[Family::IbInn]),
        ("gamma", settings.gamma.is_some(), &[Family::IbInn, Family::Vib]),
        ("means-rate", settings.means_rate.is_some(), &[Family::IbInn]),
        ("means-distance", settings.means_distance.is_some(), &[Family::IbInn]),
        ("initial-scale", settings.initial_scale.is_some(), &[Family::IbInn, Family::IRevNet]),
    ];
    match given.iter().find(|(_, given, having)| *given && !having.contains(&family)) {
        None => Ok(()),
        Some((name, _, having)) => {
            let having: Vec<_> = having.iter().map(|family| family.name()).collect();
            Err(Error::Usage(format!("{name} is a setting of {}, not of {family}", having.join(" and "))))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_setting_that_the_model_does_not_have_is_named() {
        let refusal =
            |text: &str| ModelConfig::resolve(&Settings::parse(text).unwrap(), 0.8).unwrap_err().to_string();
        let message = refusal("model = \"res-net\"\ngamma = 1");
        assert_eq!(message, "gamma is a setting of ib-inn and vib, not of res-net");
        let message = refusal("loss = \"class-nll\"\ngamma = 1");
        assert_eq!(message, "gamma is a setting of loss ib, not of class-nll: leave it out");
        let message = refusal("model = \"vib\"\nloss = \"ib\"");
        assert_eq!(message, "loss is a setting of ib-inn, not of vib");
    }

    #[test]
    fn the_model_decides_what_is_minimised() {
        let of = |text: &str| ModelConfig::resolve(&Settings::parse(text).unwrap(), 0.8).unwrap();
        let vib = of("model = \"vib\"\ngamma = 0.5");
        assert_eq!(vib.method(), Method::Vib { gamma: "0.5".parse().unwrap() });
        assert_eq!((vib.to_string().as_str(), vib.loss_name()), ("VIB, γ = 0.5", "vib"));
        let frozen = of("loss = \"class-nll\"\nmeans_rate = 0\nmeans_distance = 18");
        assert_eq!(frozen.method(), Method::ClassNll { frozen_means: frozen.frozen_means() });
        assert_eq!((frozen.means_rate(), frozen.means_distance()), (0.0, 18.0));
        assert_eq!((frozen.to_string().as_str(), frozen.gamma()), ("class-NLL, regularised", None));
        assert_eq!(of("model = \"i-rev-net\"").method(), Method::IRevNet);
    }
}
