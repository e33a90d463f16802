//! The configuration that the authors' program leaves beside its checkpoints, `conf.ini`: what it tells about a run that the
//! checkpoint does not.

use std::collections::BTreeMap;

/// Name of the file.
pub const FILE: &str = "conf.ini";

/// What of a run the file tells; `None` where it does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conf {
    /// Trade-off γ, infinite where the likelihood had no part in the loss.
    pub gamma: Option<f64>,
    /// Whether the class-conditional likelihood was minimised.
    pub class_nll: Option<bool>,
    /// Whether the class means were trained.
    pub trained_means: Option<bool>,
    /// Data set, by our name where we know it.
    pub dataset: Option<String>,
    /// Length of the run.
    pub epochs: Option<usize>,
}

impl Conf {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence about "it".
    pub fn read(text: &str) -> Result<Self, String> {
        let mut values: BTreeMap<(String, String), (usize, &str)> = BTreeMap::new();
        let mut section = String::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.trim().to_lowercase();
                continue;
            }
            let (key, value) = line.split_once(['=', ':']).ok_or_else(|| {
                format!("its line {number} is neither a section nor `key = value`: {}", shown(line))
            })?;
            values.insert((section.clone(), key.trim().to_lowercase()), (number, value.trim()));
        }
        let get = |section: &str, key: &str| {
            values
                .get(&(section.to_string(), key.to_lowercase()))
                .copied()
                .filter(|(_, value)| !value.is_empty())
        };
        let truth = |section: &str, key: &str| match get(section, key) {
            None => Ok(None),
            Some((_, "True" | "true" | "1" | "yes" | "on")) => Ok(Some(true)),
            Some((_, "False" | "false" | "0" | "no" | "off")) => Ok(Some(false)),
            Some((line, value)) => {
                Err(format!("its {key}, in line {line}, is `{}`, neither True nor False", shown(value)))
            }
        };
        let beta = match get("training", "beta_IB") {
            None => None,
            Some((line, value)) => {
                let number = value.parse::<f64>().ok().filter(|beta| *beta >= 0.0);
                Some(number.ok_or_else(|| {
                    format!("its beta_IB, in line {line}, is `{}`, must be 0 or more", shown(value))
                })?)
            }
        };
        let no_likelihood = truth("ablations", "no_NLL_term")?;
        let epochs = match get("training", "n_epochs") {
            None => None,
            Some((line, value)) => {
                let number = value.parse().ok();
                Some(number.ok_or_else(|| {
                    format!("its n_epochs, in line {line}, is `{}`, must be a number", shown(value))
                })?)
            }
        };
        Ok(Self {
            gamma: if no_likelihood == Some(true) { Some(f64::INFINITY) } else { beta },
            class_nll: truth("ablations", "class_NLL")?,
            trained_means: truth("training", "train_mu")?,
            dataset: get("data", "dataset").map(|(_, name)| ours(name)),
            epochs,
        })
    }
}

/// The beginning of a text of the file, fit for a terminal.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_debug).collect()
}

/// Our name of the authors' data set.
fn ours(name: &str) -> String {
    match name {
        "CIFAR10" => "cifar-10".into(),
        "CIFAR100" => "cifar-100".into(),
        other => other.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tells_what_the_checkpoint_does_not() {
        let text = "[data]\n# a comment\ndataset = CIFAR100\n\n[training]\nbeta_ib = 0.2162\nn_epochs = 450\n\
                    train_mu = False\n[ablations]\nclass_NLL = False\n[model]\nbeta_IB = 9";
        let wanted = Conf {
            gamma: Some(0.2162),
            class_nll: Some(false),
            trained_means: Some(false),
            dataset: Some("cifar-100".into()),
            epochs: Some(450),
        };
        assert_eq!(Conf::read(text).unwrap(), wanted);
        assert_eq!(Conf::read("").unwrap(), Conf::default());
        let text = "[training]\nbeta_IB = 1.0\n[ablations]\nno_nll_term = True\n[data]\ndataset: MNIST";
        let conf = Conf::read(text).unwrap();
        assert_eq!((conf.gamma, conf.dataset.as_deref()), (Some(f64::INFINITY), Some("mnist")));
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        for (text, wanted) in [
            ("<html>", "its line 1 is neither"),
            ("[training]\nbeta_IB = one", "its beta_IB, in line 2, is `one`"),
            ("[training]\n\nbeta_IB = -1", "in line 3, is `-1`, must be 0 or more"),
            ("[training]\nn_epochs = 4.5", "its n_epochs, in line 2"),
            // Found by fuzzing: a terminal would have obeyed it.
            ("[training]\nn_epochs = \u{1b}[2J", "is `\\u{1b}[2J`, must be a number"),
            ("[ablations]\nclass_NLL = maybe", "neither True nor False"),
        ] {
            let message = Conf::read(text).unwrap_err();
            assert!(message.contains(wanted), "{wanted}: {message}");
        }
    }
}
