//! Which runs a sweep consists of.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use ibinn::Gamma;

use crate::error::{Error, Result};
use ibinn_runs::config::{Config, Facts, Settings};

/// What varies from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Over {
    /// The trade-off γ (Figs 6 and 11).
    Gamma,
    /// The standard deviation σ of the input noise, without uniform noise and with γ = 0.2 unless set (Fig 10).
    Sigma,
}

impl Over {
    /// The word for folders and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gamma => "gamma",
            Self::Sigma => "sigma",
        }
    }

    /// The value that `text` names.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is no number from 0 up; γ may be `inf` as well.
    fn value(self, text: &str) -> Result<f64> {
        let refused = |wanted: &str| {
            let name = self.name();
            Error::Usage(format!("--values: {name} is `{text}`, must be a number from 0 up{wanted}"))
        };
        match self {
            Self::Gamma => text.parse::<Gamma>().map(Gamma::value).map_err(|_| refused(", or `inf`")),
            Self::Sigma => {
                let number = text.parse().ok().filter(|sigma: &f64| *sigma >= 0.0 && sigma.is_finite());
                number.ok_or_else(|| refused(""))
            }
        }
    }

    /// The 25 values of the paper, ascending.
    ///
    /// γ: 24 at equal steps of ln γ from 10^−1.7 to 10^1.7, and 1. σ: 10^(−4 + i/6). To four decimals and four digits,
    /// as the names of the authors' configurations have them.
    pub fn published(self) -> Vec<f64> {
        match self {
            Self::Gamma => {
                let steps = (0..24).map(|i| 10f64.powf(-1.7 + 3.4 * f64::from(i) / 23.0));
                let mut values: Vec<f64> =
                    steps.chain([1.0]).map(|gamma| (gamma * 1e4).round() / 1e4).collect();
                values.sort_by(f64::total_cmp);
                values
            }
            Self::Sigma => (0..25)
                .map(|i| 10f64.powf(-4.0 + f64::from(i) / 6.0))
                .map(|sigma| format!("{sigma:.3e}").parse().unwrap_or(sigma))
                .collect(),
        }
    }
}

/// One part of a sweep that is split over several calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(Error::Usage(format!(
                "the shard is `{text}`, must be a part and how many there are, from 1/8 to 8/8"
            ))),
        }
    }
}

impl Shard {
    /// Whether run number `position`, counted from 0, belongs to this part. Neighbours go to different parts, since runs
    /// with similar values take similar time.
    fn holds(self, position: usize) -> bool {
        position % self.count == self.index - 1
    }
}

/// A run to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// What sets it apart, as in "γ = 0.2".
    pub label: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Its configuration.
    pub config: Config,
}

/// The runs of a sweep under `out`, or of one part of it; without `values`, for those of the paper. With the settings come
/// the facts of the images that they may follow from.
///
/// # Errors
/// [`Error::Usage`] when a value is given twice or cannot be, or `settings` set what is to vary.
pub fn plan(
    over: Over,
    values: &[String],
    settings: (&Settings, Option<Facts>),
    out: &Path,
    shard: Option<Shard>,
) -> Result<Vec<Planned>> {
    let (settings, facts) = settings;
    let (fixed, flag) = match over {
        Over::Gamma => (settings.gamma.is_some(), "--gamma"),
        Over::Sigma => (settings.noise.is_some(), "--noise"),
    };
    if fixed {
        return Err(Error::Usage(format!("{flag} is what varies: name its values by --values")));
    }
    let values: Vec<f64> = match values {
        [] => over.published(),
        values => values.iter().map(|text| over.value(text)).collect::<Result<_>>()?,
    };
    let mut runs = Vec::new();
    for (position, &value) in values.iter().enumerate() {
        if values[..position].contains(&value) {
            return Err(Error::Usage(format!("--values has {value} twice")));
        }
        if shard.is_some_and(|shard| !shard.holds(position)) {
            continue;
        }
        let (own, symbol) = match over {
            Over::Gamma => (Settings { gamma: Gamma::new(value), ..Settings::default() }, "γ"),
            Over::Sigma => {
                let published = Settings {
                    gamma: gamma_or(settings, "0.2")?,
                    dequantize: Some(settings.dequantize.unwrap_or(false)),
                    noise: Some(value),
                    ..Settings::default()
                };
                (published, "σ")
            }
        };
        runs.push(Planned {
            label: format!("{symbol} = {value}"),
            folder: out.join(format!("{}-{value}", over.name())),
            config: Config::resolve_for(settings.clone().overridden_by(own), facts)?,
        });
    }
    Ok(runs)
}

/// The trade-off that is set, or another; none of a method without one.
fn gamma_or(settings: &Settings, other: &str) -> Result<Option<Gamma>> {
    if !settings.method.unwrap_or_default().has_gamma() {
        return Ok(None);
    }
    settings.gamma.map_or_else(|| other.parse().map_err(Error::core), Ok).map(Some)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn::MethodName;

    #[test]
    fn published_values_are_those_of_the_paper() {
        let gammas = [
            0.02, 0.028, 0.0394, 0.0554, 0.0779, 0.1094, 0.1538, 0.2162, 0.3038, 0.427, 0.6002, 0.8435, 1.0,
            1.1855, 1.6662, 2.3419, 3.2915, 4.6261, 6.5019, 9.1384, 12.8439, 18.0519, 25.3716, 35.6594,
            50.1187,
        ];
        assert_eq!(Over::Gamma.published(), gammas);
        let sigmas = Over::Sigma.published();
        assert_eq!((sigmas.len(), sigmas[0], sigmas[1], sigmas[24]), (25, 1e-4, 1.468e-4, 1.0));
    }

    #[test]
    fn shards_split_the_runs_without_gap_or_overlap() {
        let all = plan(Over::Gamma, &[], (&Settings::default(), None), Path::new("x"), None).unwrap();
        assert_eq!(all.len(), 25);
        let mut parts = Vec::new();
        for i in 1..=4 {
            let shard = format!("{i}/4").parse().unwrap();
            parts.extend(plan(Over::Gamma, &[], (&Settings::default(), None), Path::new("x"), Some(shard)).unwrap());
        }
        let gamma = |run: &Planned| run.config.model.method().gamma().unwrap().value();
        parts.sort_by(|a, b| gamma(a).total_cmp(&gamma(b)));
        assert_eq!(parts, all);
        for text in ["0/4", "5/4", "4", "a/b", "1/0", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_sweep_over_sigma_is_the_ablation_of_the_paper_unless_set() {
        let values = ["0.01".to_string()];
        let run = |settings: &Settings| plan(Over::Sigma, &values, (settings, None), Path::new("x"), None).unwrap();
        let config = &run(&Settings::default())[0].config;
        assert_eq!(
            (config.model.method().gamma().unwrap().value(), config.dequantize, config.noise),
            (0.2, false, 0.01)
        );
        let set =
            Settings { gamma: Some("1".parse().unwrap()), dequantize: Some(true), ..Settings::default() };
        let config = &run(&set)[0].config;
        assert_eq!(
            (config.model.method().gamma().unwrap().value(), config.dequantize, config.noise),
            (1.0, true, 0.01)
        );
        assert_eq!(run(&set)[0].folder, Path::new("x/sigma-0.01"));
    }

    #[test]
    fn what_cannot_be_swept_is_refused() {
        let refusal = |over, values: &[&str], settings: &Settings| {
            let values: Vec<String> = values.iter().map(|v| v.to_string()).collect();
            plan(over, &values, (settings, None), Path::new("x"), None).unwrap_err().to_string()
        };
        let set = Settings { gamma: Some("1".parse().unwrap()), ..Settings::default() };
        assert!(refusal(Over::Gamma, &[], &set).contains("--gamma is what varies"));
        assert!(refusal(Over::Gamma, &["1", "0.2", "1.0"], &Settings::default()).contains("1 twice"));
        let class_nll = Settings { method: Some(MethodName::ClassNll), ..Settings::default() };
        assert!(refusal(Over::Gamma, &[], &class_nll).contains("gamma is a setting of ib-inn and vib"));
        let sigma = plan(Over::Sigma, &["0.01".to_string()], (&class_nll, None), Path::new("x"), None).unwrap();
        assert_eq!(sigma[0].config.model.method().gamma(), None);
        for (over, value, wanted) in [
            (Over::Sigma, "x", "--values: sigma is `x`, must be a number from 0 up"),
            (Over::Sigma, "inf", "--values: sigma is `inf`, must be a number from 0 up"),
            (Over::Sigma, "-1", "--values: sigma is `-1`, must be a number from 0 up"),
            (Over::Gamma, "x", "--values: gamma is `x`, must be a number from 0 up, or `inf`"),
        ] {
            assert_eq!(refusal(over, &["1", value], &Settings::default()), wanted);
        }
    }
}
