//! The method that trains a model, with the settings that only some methods have.

use ibinn::{ClassPrior, Gamma, Method, MethodName};
use serde::Serialize;

use super::Settings;
use crate::{Error, Result};

/// A method with its settings, each of which only some methods have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each field is documented in Settings")]
pub enum ModelConfig {
    /// See [`Method::IbInn`].
    IbInn {
        gamma: Gamma,
        #[serde(skip_serializing_if = "Option::is_none")]
        gamma_start: Option<Gamma>,
        #[serde(flatten)]
        means: Means,
        class_prior: ClassPrior,
        initial_scale: f64,
    },
    /// See [`Method::ClassNll`].
    ClassNll {
        #[serde(flatten)]
        means: Means,
        initial_scale: f64,
    },
    /// See [`Method::Vib`].
    Vib { gamma: Gamma },
    /// See [`Method::ResNet`].
    ResNet,
    /// See [`Method::IRevNet`].
    IRevNet { initial_scale: f64 },
}

/// How the means of a mixture begin and move.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Means {
    /// Their learning rate as a multiple of the network's; 0 freezes them.
    #[serde(rename = "means_rate")]
    pub rate: f64,
    /// Distance between them at the start.
    #[serde(rename = "means_distance")]
    pub distance: f64,
}

impl ModelConfig {
    /// Fills in the defaults; `scale` is that of the initial channel scale.
    ///
    /// # Errors
    /// [`Error::Usage`] names a setting that the method does not have.
    pub(super) fn resolve(settings: &Settings, scale: f64) -> Result<Self> {
        let method = settings.method.unwrap_or_default();
        refuse_foreign(settings, method)?;
        let gamma = match settings.gamma {
            Some(gamma) => gamma,
            None => "1".parse().map_err(Error::core)?,
        };
        let means = Means {
            rate: settings.means_rate.unwrap_or(3.0),
            distance: settings.means_distance.unwrap_or(5.0),
        };
        let initial_scale = settings.initial_scale.unwrap_or(scale);
        Ok(match method {
            MethodName::IbInn => {
                let class_prior = settings.class_prior.unwrap_or_default();
                Self::IbInn { gamma, gamma_start: settings.gamma_start, means, class_prior, initial_scale }
            }
            MethodName::ClassNll => Self::ClassNll { means, initial_scale },
            MethodName::Vib => Self::Vib { gamma },
            MethodName::ResNet => Self::ResNet,
            MethodName::IRevNet => Self::IRevNet { initial_scale },
        })
    }

    /// What is trained, and how.
    pub fn method(&self) -> Method {
        match *self {
            Self::IbInn { gamma, .. } => Method::IbInn { gamma },
            Self::ClassNll { means, .. } => {
                Method::ClassNll { frozen_means: (means.rate == 0.0).then_some(means.distance) }
            }
            Self::Vib { gamma } => Method::Vib { gamma },
            Self::ResNet => Method::ResNet,
            Self::IRevNet { .. } => Method::IRevNet,
        }
    }

    /// What is trained when the share `progress` of the run is done: γ may begin elsewhere, and go to its value over the first
    /// third (method §1.6).
    pub fn method_at(&self, progress: f64) -> Method {
        let Self::IbInn { gamma, gamma_start: Some(start), .. } = *self else { return self.method() };
        let left = (1.0 - 3.0 * progress).max(0.0);
        let now = gamma.value() * (start.value() / gamma.value()).powf(left);
        Gamma::new(now).map_or_else(|| self.method(), |gamma| Method::IbInn { gamma })
    }

    fn means(&self) -> Option<Means> {
        match *self {
            Self::IbInn { means, .. } | Self::ClassNll { means, .. } => Some(means),
            Self::Vib { .. } | Self::ResNet | Self::IRevNet { .. } => None,
        }
    }

    /// The means' learning rate as a multiple of the network's; 0 without means.
    pub fn means_rate(&self) -> f64 {
        self.means().map_or(0.0, |means| means.rate)
    }

    /// The weights of the mixture's components.
    pub fn class_prior(&self) -> ClassPrior {
        match *self {
            Self::IbInn { class_prior, .. } => class_prior,
            Self::ClassNll { .. } | Self::Vib { .. } | Self::ResNet | Self::IRevNet { .. } => {
                ClassPrior::Uniform
            }
        }
    }

    /// Distance between the initial means; 0 without means.
    pub fn means_distance(&self) -> f64 {
        self.means().map_or(0.0, |means| means.distance)
    }

    /// Initial channel scale of the coupling blocks; 1 without them.
    pub fn initial_scale(&self) -> f64 {
        match *self {
            Self::IbInn { initial_scale, .. }
            | Self::ClassNll { initial_scale, .. }
            | Self::IRevNet { initial_scale } => initial_scale,
            Self::Vib { .. } | Self::ResNet => 1.0,
        }
    }

    /// The settings here that are numbers, with whether they are in range and what they must be.
    pub(super) fn rules(&self) -> Vec<(&'static str, f64, bool, &'static str)> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let mut rules =
            vec![("initial-scale", self.initial_scale(), positive(self.initial_scale()), "above 0")];
        if let Self::IbInn { gamma, gamma_start: Some(start), .. } = *self {
            let between = "above 0 and finite, with --gamma-start";
            rules.push(("gamma-start", start.value(), positive(start.value()), "above 0 and finite"));
            rules.push(("gamma", gamma.value(), positive(gamma.value()), between));
        }
        if let Some(Means { rate, distance }) = self.means() {
            rules.push(("means-rate", rate, rate >= 0.0 && rate.is_finite(), "0 or more"));
            rules.push(("means-distance", distance, positive(distance), "above 0"));
        }
        rules
    }
}

fn refuse_foreign(settings: &Settings, method: MethodName) -> Result<()> {
    use MethodName::{ClassNll, IRevNet, IbInn, Vib};
    let given: [(&str, bool, &[MethodName]); 6] = [
        ("gamma", settings.gamma.is_some(), &[IbInn, Vib]),
        ("gamma-start", settings.gamma_start.is_some(), &[IbInn]),
        ("means-rate", settings.means_rate.is_some(), &[IbInn, ClassNll]),
        ("means-distance", settings.means_distance.is_some(), &[IbInn, ClassNll]),
        ("class-prior", settings.class_prior.is_some(), &[IbInn]),
        ("initial-scale", settings.initial_scale.is_some(), &[IbInn, ClassNll, IRevNet]),
    ];
    match given.iter().find(|(_, given, having)| *given && !having.contains(&method)) {
        None => Ok(()),
        Some((name, _, having)) => {
            let having: Vec<_> = having.iter().map(|method| method.name()).collect();
            Err(Error::Usage(format!("{name} is a setting of {}, not of {method}", having.join(" and "))))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_setting_that_the_method_does_not_have_is_named() {
        let refusal =
            |text: &str| ModelConfig::resolve(&Settings::parse(text).unwrap(), 0.8).unwrap_err().to_string();
        let message = refusal("method = \"res-net\"\ngamma = 1");
        assert_eq!(message, "gamma is a setting of ib-inn and vib, not of res-net");
        let message = refusal("method = \"class-nll\"\ngamma = 1");
        assert_eq!(message, "gamma is a setting of ib-inn and vib, not of class-nll");
        let message = refusal("method = \"class-nll\"\nclass_prior = \"counts\"");
        assert_eq!(message, "class-prior is a setting of ib-inn, not of class-nll");
        let message = refusal("method = \"i-rev-net\"\nmeans_rate = 0");
        assert_eq!(message, "means-rate is a setting of ib-inn and class-nll, not of i-rev-net");
    }

    #[test]
    fn gamma_falls_to_its_value_over_the_first_third() {
        let of = |text: &str| ModelConfig::resolve(&Settings::parse(text).unwrap(), 0.8).unwrap();
        let annealed = of("gamma = 2\ngamma_start = 50");
        for (progress, wanted) in [(0.0, 50.0), (1.0 / 6.0, 10.0), (1.0 / 3.0, 2.0), (0.9, 2.0)] {
            let gamma = annealed.method_at(progress).gamma().unwrap().value();
            assert!((gamma - wanted).abs() < 1e-9, "{gamma} instead of {wanted}");
        }
        assert_eq!(of("gamma = 2").method_at(0.0), of("gamma = 2").method());
        for text in ["gamma = 0\ngamma_start = 1", "gamma_start = \"inf\"", "gamma_start = 0"] {
            assert!(of(text).rules().iter().any(|(.., holds, _)| !holds), "{text}");
        }
    }

    #[test]
    fn the_method_follows_from_the_settings() {
        let of = |text: &str| ModelConfig::resolve(&Settings::parse(text).unwrap(), 0.8).unwrap();
        let vib = of("method = \"vib\"\ngamma = 0.5");
        assert_eq!(vib.method(), Method::Vib { gamma: "0.5".parse().unwrap() });
        let frozen = of("method = \"class-nll\"\nmeans_rate = 0\nmeans_distance = 18");
        assert_eq!(frozen.method(), Method::ClassNll { frozen_means: Some(18.0) });
        assert_eq!((frozen.means_rate(), frozen.means_distance()), (0.0, 18.0));
        assert_eq!(of("method = \"class-nll\"").method(), Method::ClassNll { frozen_means: None });
        assert_eq!(of("means_rate = 0").method(), Method::IbInn { gamma: "1".parse().unwrap() });
        assert_eq!(of("method = \"i-rev-net\"").method(), Method::IRevNet);
        assert_eq!(of("method = \"res-net\"").method(), Method::ResNet);
    }
}
