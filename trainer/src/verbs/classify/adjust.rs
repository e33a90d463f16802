//! What may be changed of a posterior after training: how frequent the classes are, and how sure it is.

use clap::Args;
use ibinn::Model;
use ibinn::head::Classification;

use crate::error::{Error, Result};

/// Flags that change the posterior.
#[derive(Debug, Args)]
pub(super) struct AdjustArgs {
    /// How frequent a class is where the pictures come from, from 0 to 1; may be repeated, and the classes that are not named
    /// share the rest. Bayes' rule needs no other training for it
    #[arg(long, value_name = "CLASS=SHARE")]
    class_prior: Vec<String>,
    /// Divide the logits by this number, or by the one in the model's card, which makes probabilities honest about images
    /// that were held out from training
    #[arg(long, value_name = "T|held-out")]
    temperature: Option<Temperature>,
}

/// Where the temperature comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Temperature {
    /// The one in the card.
    HeldOut,
    /// This one.
    Given(f64),
}

impl std::str::FromStr for Temperature {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.parse::<f64>() {
            _ if text == "held-out" => Ok(Self::HeldOut),
            Ok(temperature) if temperature.is_finite() && temperature > 0.0 => Ok(Self::Given(temperature)),
            _ => Err("must be a number above 0, or held-out".into()),
        }
    }
}

/// A change of posteriors.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Adjust {
    /// ln p′(y)/p(y) of each class, p′ being the prior that is asked for; none where it stays.
    ln_ratio: Option<Vec<f64>>,
    /// None where it stays 1.
    temperature: Option<f64>,
}

impl AdjustArgs {
    /// The change for posteriors of `model`.
    ///
    /// # Errors
    /// [`Error::Usage`] when a class is not known, the shares are none, or the card has no temperature.
    pub fn of(&self, model: &Model) -> Result<Adjust> {
        let temperature = match self.temperature {
            None => None,
            Some(Temperature::Given(temperature)) => Some(temperature),
            Some(Temperature::HeldOut) => Some(model.card().temperature().ok_or_else(|| {
                Error::Usage(
                    "--temperature held-out: the model's card has none, as no images were held out from its training (train with \
                     --hold-out), or none would be better than 1"
                        .into(),
                )
            })?),
        };
        let ln_ratio = match &self.class_prior[..] {
            [] => None,
            shares => Some(
                ln_ratio(shares, model.spec().classes(), &prior(model))
                    .map_err(|why| Error::Usage(format!("--class-prior: {why}")))?,
            ),
        };
        Ok(Adjust { ln_ratio, temperature })
    }
}

impl Adjust {
    /// Changes the posterior of an image; its likelihood and novelty stay.
    pub fn apply(&self, found: &mut Classification) {
        if let Some(ln_ratio) = &self.ln_ratio {
            found.posterior = found.posterior.with_prior(ln_ratio);
            found.prediction = found.posterior.prediction();
        }
        if let Some(temperature) = self.temperature {
            found.posterior = found.posterior.at_temperature(temperature);
        }
    }
}

/// p(y): the weights of a mixture, else uniform.
fn prior(model: &Model) -> Vec<f64> {
    let classes = model.spec().classes().len();
    model.mixture().map_or_else(|_| vec![1.0 / classes as f64; classes], |mixture| mixture.weights())
}

/// ln p′(y)/p(y) by shares as they are written, p being `own`.
fn ln_ratio(shares: &[String], classes: &[String], own: &[f64]) -> std::result::Result<Vec<f64>, String> {
    let mut prior: Vec<Option<f64>> = vec![None; classes.len()];
    for text in shares {
        let (name, share) = text.rsplit_once('=').ok_or_else(|| format!("`{text}` must be CLASS=SHARE"))?;
        let class = classes.iter().position(|class| class == name);
        let class = class.ok_or_else(|| format!("the model knows no class `{name}`"))?;
        let share = share.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        let share = share.ok_or_else(|| format!("the share of `{name}` must be a number from 0 to 1"))?;
        if prior[class].replace(share).is_some() {
            return Err(format!("`{name}` is named twice"));
        }
    }
    let named: f64 = prior.iter().flatten().sum();
    let others = prior.iter().filter(|share| share.is_none()).count();
    match others {
        0 if (named - 1.0).abs() > 1e-6 => {
            return Err(format!("the shares of all classes sum to {named}, not to 1"));
        }
        _ if named > 1.0 + 1e-6 => return Err(format!("the shares sum to {named}, more than 1")),
        _ => {}
    }
    let rest = (1.0 - named).max(0.0) / others.max(1) as f64;
    Ok(prior.iter().zip(own).map(|(share, own)| (share.unwrap_or(rest) / own).ln()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(shares: &[&str]) -> std::result::Result<Vec<f64>, String> {
        let classes = ["cat", "dog", "a=b", "fish"].map(String::from);
        let shares: Vec<String> = shares.iter().map(|share| (*share).to_string()).collect();
        ln_ratio(&shares, &classes, &[0.25; 4])
    }

    #[test]
    fn classes_that_are_not_named_share_the_rest() {
        let got = of(&["dog=0.7", "a=b=0.1"]).unwrap();
        for (got, share) in got.iter().zip([0.1, 0.7, 0.1, 0.1]) {
            assert!((got - f64::ln(4.0 * share)).abs() < 1e-12);
        }
        assert_eq!(of(&["cat=1"]).unwrap()[1], f64::NEG_INFINITY);
        // A model that takes the classes for as frequent as that has nothing to change.
        let classes = ["cat", "dog"].map(String::from);
        assert_eq!(ln_ratio(&["dog=0.75".into()], &classes, &[0.25, 0.75]).unwrap(), [0.0, 0.0]);
    }

    #[test]
    fn shares_that_are_none_are_refused() {
        for (shares, why) in [
            (&["dog"][..], "must be CLASS=SHARE"),
            (&["horse=0.1"], "knows no class `horse`"),
            (&["dog=2"], "from 0 to 1"),
            (&["dog=0.1", "dog=0.2"], "named twice"),
            (&["dog=0.9", "cat=0.9"], "more than 1"),
            (&["cat=0.1", "dog=0.1", "a=b=0.1", "fish=0.1"], "not to 1"),
        ] {
            let got = of(shares).unwrap_err();
            assert!(got.contains(why), "{got}");
        }
    }

    #[test]
    fn temperatures_are_numbers_above_0_or_held_out() {
        assert_eq!("held-out".parse(), Ok(Temperature::HeldOut));
        assert_eq!("1.5".parse(), Ok(Temperature::Given(1.5)));
        for text in ["0", "-1", "NaN", "inf", "warm"] {
            assert!(text.parse::<Temperature>().is_err(), "{text}");
        }
    }
}
