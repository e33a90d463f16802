//! What is trained, and how: every method that the paper compares.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Error, Family, Gamma, Result};

/// A method of the paper's Table 1: a family of networks with the loss that it is trained by (method §3.3). Its JSON form
/// is an object of its `name` and what else it has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub enum Method {
    /// The flow with a mixture over its latents, trained by the information bottleneck.
    IbInn {
        /// The trade-off.
        gamma: Gamma,
    },
    /// The same, trained by the class-conditional likelihood.
    ClassNll {
        /// Distance between the means where they are not trained but stay on a hypersphere, finite and above 0.
        frozen_means: Option<f64>,
    },
    /// The feed-forward network with a stochastic code, trained by the variational information bottleneck.
    Vib {
        /// The trade-off.
        gamma: Gamma,
    },
    /// The feed-forward network, trained by the cross-entropy.
    ResNet,
    /// The flow with a linear layer, trained by the cross-entropy.
    IRevNet,
}

/// The name of a [`Method`], which leaves its numbers open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// See [`Method::IbInn`].
    #[default]
    IbInn,
    /// See [`Method::ClassNll`].
    ClassNll,
    /// See [`Method::Vib`].
    Vib,
    /// See [`Method::ResNet`].
    ResNet,
    /// See [`Method::IRevNet`].
    IRevNet,
}

/// The JSON form of a [`Method`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: MethodName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gamma: Option<Gamma>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    frozen_means: Option<f64>,
}

impl From<Method> for Fields {
    fn from(method: Method) -> Self {
        Self { name: method.name(), gamma: method.gamma(), frozen_means: method.frozen_means() }
    }
}

impl TryFrom<Fields> for Method {
    type Error = Error;

    fn try_from(Fields { name, gamma, frozen_means }: Fields) -> Result<Self> {
        Self::new(name, gamma, frozen_means)
    }
}

impl Method {
    /// The method called `name` with its γ, and the distance between means that are not trained.
    ///
    /// # Errors
    /// [`Error::Input`] when it lacks its γ, is given what it does not have, or the distance is not finite and above 0.
    pub fn new(name: MethodName, gamma: Option<Gamma>, frozen_means: Option<f64>) -> Result<Self> {
        let refused = |problem: String| Err(Error::Input(problem));
        match (gamma, frozen_means) {
            (Some(_), _) if !name.has_gamma() => return refused(format!("{name} has no gamma")),
            (_, Some(_)) if name != MethodName::ClassNll => {
                return refused(format!("frozen means are a setting of class-nll, not of {name}"));
            }
            (_, Some(distance)) if !(distance > 0.0 && distance.is_finite()) => {
                return refused(format!("the distance between frozen means is {distance}, must be above 0"));
            }
            _ => {}
        }
        let given = || gamma.ok_or_else(|| Error::Input(format!("gamma is missing, which {name} has")));
        Ok(match name {
            MethodName::IbInn => Self::IbInn { gamma: given()? },
            MethodName::ClassNll => Self::ClassNll { frozen_means },
            MethodName::Vib => Self::Vib { gamma: given()? },
            MethodName::ResNet => Self::ResNet,
            MethodName::IRevNet => Self::IRevNet,
        })
    }

    /// Its name.
    pub fn name(self) -> MethodName {
        match self {
            Self::IbInn { .. } => MethodName::IbInn,
            Self::ClassNll { .. } => MethodName::ClassNll,
            Self::Vib { .. } => MethodName::Vib,
            Self::ResNet => MethodName::ResNet,
            Self::IRevNet => MethodName::IRevNet,
        }
    }

    /// The family of networks that it trains.
    pub fn family(self) -> Family {
        self.name().family()
    }

    /// The trade-off γ, of the methods that have one.
    pub fn gamma(self) -> Option<Gamma> {
        match self {
            Self::IbInn { gamma } | Self::Vib { gamma } => Some(gamma),
            Self::ClassNll { .. } | Self::ResNet | Self::IRevNet => None,
        }
    }

    /// Distance between the means of class-NLL where they are not trained.
    pub fn frozen_means(self) -> Option<f64> {
        if let Self::ClassNll { frozen_means } = self { frozen_means } else { None }
    }

    /// The order in which models are shown: methods as in the paper's tables, each from γ = 0 up, and frozen means after
    /// trained ones, from the smallest distance up.
    pub fn order(self, other: Self) -> Ordering {
        let numbers = |method: Self| {
            (method.gamma().map_or(0.0, Gamma::value), method.frozen_means().unwrap_or_default())
        };
        let ((gamma, distance), (other_gamma, other_distance)) = (numbers(self), numbers(other));
        let by_name = self.name().cmp(&other.name());
        by_name.then(gamma.total_cmp(&other_gamma)).then(distance.total_cmp(&other_distance))
    }
}

/// The name for people, as in the paper's tables: `IB-INN, γ = 1`, `only L_X (γ = 0)`, `class-NLL`.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IbInn { gamma } if gamma.value() == 0.0 => f.write_str("only L_X (γ = 0)"),
            Self::IbInn { gamma } if gamma.value().is_infinite() => f.write_str("only L_Y (γ = ∞)"),
            Self::Vib { gamma } if gamma.value().is_infinite() => f.write_str("VIB, γ = ∞"),
            Self::IbInn { gamma } | Self::Vib { gamma } => {
                write!(f, "{}, γ = {gamma}", self.family().title())
            }
            Self::ClassNll { frozen_means: None } => f.write_str("class-NLL"),
            Self::ClassNll { frozen_means: Some(_) } => f.write_str("class-NLL, regularised"),
            Self::ResNet | Self::IRevNet => f.write_str(self.family().title()),
        }
    }
}

impl MethodName {
    /// All methods, in the order of the paper's tables.
    pub const ALL: [Self; 5] = [Self::IbInn, Self::ClassNll, Self::Vib, Self::ResNet, Self::IRevNet];

    /// The name in files, configurations and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClassNll => "class-nll",
            _ => self.family().name(),
        }
    }

    /// The family of networks that it trains.
    pub fn family(self) -> Family {
        match self {
            Self::IbInn | Self::ClassNll => Family::IbInn,
            Self::Vib => Family::Vib,
            Self::ResNet => Family::ResNet,
            Self::IRevNet => Family::IRevNet,
        }
    }

    /// Whether it has a trade-off γ.
    pub fn has_gamma(self) -> bool {
        matches!(self, Self::IbInn | Self::Vib)
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for MethodName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            Error::Input(format!("there is no method `{name}`, choose one of {known}"))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn gamma(text: &str) -> Gamma {
        text.parse().unwrap()
    }

    /// Every method in the order in which they are shown, with its JSON form and its name for people.
    fn all() -> Vec<(Method, serde_json::Value, &'static str)> {
        use Method::{ClassNll, IRevNet, IbInn, ResNet, Vib};
        vec![
            (IbInn { gamma: gamma("0") }, json!({ "name": "ib-inn", "gamma": 0.0 }), "only L_X (γ = 0)"),
            (IbInn { gamma: gamma("0.2") }, json!({ "name": "ib-inn", "gamma": 0.2 }), "IB-INN, γ = 0.2"),
            (IbInn { gamma: gamma("inf") }, json!({ "name": "ib-inn", "gamma": "inf" }), "only L_Y (γ = ∞)"),
            (ClassNll { frozen_means: None }, json!({ "name": "class-nll" }), "class-NLL"),
            (
                ClassNll { frozen_means: Some(18.0) },
                json!({ "name": "class-nll", "frozen_means": 18.0 }),
                "class-NLL, regularised",
            ),
            (Vib { gamma: gamma("1") }, json!({ "name": "vib", "gamma": 1.0 }), "VIB, γ = 1"),
            (Vib { gamma: gamma("inf") }, json!({ "name": "vib", "gamma": "inf" }), "VIB, γ = ∞"),
            (ResNet, json!({ "name": "res-net" }), "ResNet"),
            (IRevNet, json!({ "name": "i-rev-net" }), "i-RevNet"),
        ]
    }

    #[test]
    fn every_method_survives_json_and_has_a_name_for_people() {
        for (method, form, title) in all() {
            assert_eq!(json!(method), form);
            assert_eq!(serde_json::from_value::<Method>(form).unwrap(), method);
            assert_eq!(method.to_string(), title);
        }
    }

    #[test]
    fn names_are_the_same_in_json_and_on_the_command_line() {
        for name in MethodName::ALL {
            assert_eq!(json!(name), name.name());
            assert_eq!(name.name().parse::<MethodName>().unwrap(), name);
            let method = Method::new(name, name.has_gamma().then(|| gamma("1")), None).unwrap();
            assert_eq!((method.name(), method.gamma().is_some()), (name, name.has_gamma()));
        }
        let message = "resnet".parse::<MethodName>().unwrap_err().to_string();
        assert_eq!(
            message,
            "there is no method `resnet`, choose one of ib-inn, class-nll, vib, res-net, i-rev-net"
        );
    }

    #[test]
    fn methods_are_shown_in_the_order_of_the_tables() {
        let wanted: Vec<Method> = all().into_iter().map(|(method, ..)| method).collect();
        let mut sorted = wanted.clone();
        sorted.reverse();
        sorted.sort_by(|a, b| a.order(*b));
        assert_eq!(sorted, wanted);
    }

    #[test]
    fn what_a_method_does_not_have_is_refused_and_what_it_lacks_is_named() {
        for (form, problem) in [
            (json!({ "name": "class-nll", "gamma": 1.0 }), "class-nll has no gamma"),
            (json!({ "name": "res-net", "gamma": 1.0 }), "res-net has no gamma"),
            (json!({ "name": "ib-inn" }), "gamma is missing, which ib-inn has"),
            (json!({ "name": "vib", "gamma": 1.0, "frozen_means": 5.0 }), "of class-nll, not of vib"),
            (json!({ "name": "class-nll", "frozen_means": 0.0 }), "is 0, must be above 0"),
            (json!({ "name": "ib-inn", "gamma": 1.0, "loss": "ib" }), "unknown field `loss`"),
            (json!({ "name": "class_nll" }), "unknown variant `class_nll`"),
        ] {
            let message = serde_json::from_value::<Method>(form).unwrap_err().to_string();
            assert!(message.contains(problem), "{message}");
        }
    }
}
