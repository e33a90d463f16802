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

/// What varies along one direction of a sweep.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The flag that asked for it, for messages.
    flag: &'static str,
    /// The flag that sets it for a single run.
    single: String,
    points: Vec<Point>,
}

/// One value of what varies.
#[derive(Clone, Debug)]
struct Point {
    /// As in "γ = 0.2".
    label: String,
    /// As in "gamma-0.2".
    folder: String,
    value: Value,
}

/// What a point sets.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    /// These settings.
    Settings(Box<Settings>),
    /// The paper's ablation at this σ, which leaves alone what is set of it.
    Sigma(f64),
}

impl Value {
    /// Every setting of a run that has `settings` otherwise.
    fn applied_to(&self, settings: Settings) -> Result<Settings> {
        let own = match self {
            Self::Settings(own) => (**own).clone(),
            Self::Sigma(sigma) => Settings {
                gamma: gamma_or(&settings, "0.2")?,
                dequantize: Some(settings.dequantize.unwrap_or(false)),
                noise: Some(*sigma),
                ..Settings::default()
            },
        };
        Ok(settings.overridden_by(own))
    }
}

impl Axis {
    /// The values that `--over` names, or without any those of the paper.
    ///
    /// # Errors
    /// [`Error::Usage`] when a value cannot be.
    pub fn over(over: Over, values: &[String]) -> Result<Self> {
        let values: Vec<f64> = match values {
            [] => over.published(),
            values => values.iter().map(|text| over.value(text)).collect::<Result<_>>()?,
        };
        let point = |value: f64| {
            let (symbol, what) = match over {
                Over::Gamma => {
                    ("γ", Value::settings(Settings { gamma: Gamma::new(value), ..Settings::default() }))
                }
                Over::Sigma => ("σ", Value::Sigma(value)),
            };
            Point {
                label: format!("{symbol} = {value}"),
                folder: format!("{}-{value}", over.name()),
                value: what,
            }
        };
        let single = match over {
            Over::Gamma => "--gamma",
            Over::Sigma => "--noise",
        };
        Ok(Self { flag: "--values", single: single.into(), points: values.into_iter().map(point).collect() })
    }

    /// The seeds from 0 up.
    pub fn seeds(count: u64) -> Self {
        let point = |seed| Point {
            label: format!("seed {seed}"),
            folder: format!("seed-{seed}"),
            value: Value::settings(Settings { seed: Some(seed), ..Settings::default() }),
        };
        Self { flag: "--seeds", single: "--seed".into(), points: (0..count).map(point).collect() }
    }
}

impl FromStr for Axis {
    type Err = Error;

    /// Any setting with its values, as in `method=ib-inn,class-nll`.
    fn from_str(text: &str) -> Result<Self> {
        let split = text.split_once('=').filter(|(key, values)| !key.is_empty() && !values.is_empty());
        let Some((key, values)) = split else {
            return Err(Error::Usage(format!(
                "the grid has `{text}`, must be a setting and its values, as in epochs=4,8"
            )));
        };
        let point = |value: &str| -> Result<Point> {
            let settings =
                Settings::one(key, value).map_err(|error| Error::Usage(format!("--grid {text}: {error}")))?;
            let part = |text: &str| text.replace(|c: char| !c.is_alphanumeric() && !"-.".contains(c), "-");
            Ok(Point {
                label: format!("{} = {value}", key.replace('_', "-")),
                folder: format!("{}-{}", part(key), part(value)),
                value: Value::settings(settings),
            })
        };
        Ok(Self {
            flag: "--grid",
            single: format!("--{}", key.replace('_', "-")),
            points: values.split(',').map(point).collect::<Result<_>>()?,
        })
    }
}

impl Value {
    fn settings(settings: Settings) -> Self {
        Self::Settings(Box::new(settings))
    }
}

/// The runs of a sweep under `out`, or of one part of it, for images of which `facts` may be known: every combination of the points of `axes`, the last of which
/// varies fastest.
///
/// # Errors
/// [`Error::Usage`] when a value is given twice, `settings` or two axes set the same, or a combination cannot be.
pub fn plan_for(
    axes: &[Axis],
    settings: &Settings,
    out: &Path,
    shard: Option<Shard>,
    facts: Option<Facts>,
) -> Result<Vec<Planned>> {
    for (position, axis) in axes.iter().enumerate() {
        axis.check(settings, &axes[..position])?;
    }
    let mut combinations: Vec<Vec<&Point>> = vec![Vec::new()];
    for axis in axes {
        combinations = combinations
            .iter()
            .flat_map(|before| axis.points.iter().map(move |point| [&before[..], &[point]].concat()))
            .collect();
    }
    let mine = combinations.iter().enumerate().filter(|(i, _)| shard.is_none_or(|shard| shard.holds(*i)));
    mine.map(|(_, points)| {
        let join = |part: fn(&Point) -> &str, by: &str| {
            points.iter().map(|point| part(point)).collect::<Vec<_>>().join(by)
        };
        let label = join(|point| &point.label, ", ");
        let all =
            points.iter().try_fold(settings.clone(), |settings, point| point.value.applied_to(settings))?;
        Ok(Planned {
            folder: out.join(join(|point| &point.folder, "_")),
            config: Config::resolve_for(all, facts)
                .map_err(|error| Error::Usage(format!("{label}: {error}")))?,
            label,
        })
    })
    .collect()
}

impl Axis {
    /// Refuses values that are given twice, or set what `settings` or one of `others` sets.
    fn check(&self, settings: &Settings, others: &[Self]) -> Result<()> {
        for (position, point) in self.points.iter().enumerate() {
            if self.points[..position].iter().any(|other| other.value == point.value) {
                return Err(Error::Usage(format!("{} has {} twice", self.flag, point.label)));
            }
            // What overrides which makes a difference where both set the same.
            let collides = |settings: &Settings| -> Result<bool> {
                let own = point.value.applied_to(Settings::default())?;
                Ok(own.clone().overridden_by(settings.clone()) != settings.clone().overridden_by(own))
            };
            let set_already = match point.value {
                Value::Sigma(_) => settings.noise.is_some(),
                Value::Settings(_) => collides(settings)?,
            };
            if set_already {
                let Self { single, flag, .. } = self;
                return Err(Error::Usage(format!("{single} is what varies: name its values by {flag}")));
            }
            for other in others.iter().flat_map(|axis| &axis.points) {
                if let Value::Settings(other_settings) = &other.value
                    && collides(other_settings)?
                {
                    return Err(Error::Usage(format!("{} and {} set the same", other.label, point.label)));
                }
            }
        }
        Ok(())
    }
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

    fn plan(axes: &[Axis], settings: &Settings, out: &Path, shard: Option<Shard>) -> Result<Vec<Planned>> {
        plan_for(axes, settings, out, shard, None)
    }
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
        let axes = [Axis::over(Over::Gamma, &[]).unwrap()];
        let all = plan(&axes, &Settings::default(), Path::new("x"), None).unwrap();
        assert_eq!(all.len(), 25);
        let mut parts = Vec::new();
        for i in 1..=4 {
            let shard = format!("{i}/4").parse().unwrap();
            parts.extend(plan(&axes, &Settings::default(), Path::new("x"), Some(shard)).unwrap());
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
        let axes = [Axis::over(Over::Sigma, &values).unwrap()];
        let run = |settings: &Settings| plan(&axes, settings, Path::new("x"), None).unwrap();
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
    fn a_grid_is_every_combination_with_a_folder_of_its_own() {
        let axes = [
            "method=ib-inn,vib".parse().unwrap(),
            Axis::over(Over::Gamma, &["0.2".to_string(), "1".into()]).unwrap(),
            Axis::seeds(2),
        ];
        let settings = Settings { epochs: Some(3), ..Settings::default() };
        let runs = plan(&axes, &settings, Path::new("x"), None).unwrap();
        let folders: Vec<String> = runs.iter().map(|run| run.folder.display().to_string()).collect();
        assert_eq!(
            folders[..3],
            [
                "x/method-ib-inn_gamma-0.2_seed-0",
                "x/method-ib-inn_gamma-0.2_seed-1",
                "x/method-ib-inn_gamma-1_seed-0",
            ]
        );
        assert_eq!(runs.len(), 8);
        let last = &runs[7];
        assert_eq!((last.label.as_str(), last.config.seed), ("method = vib, γ = 1, seed 1", 1));
        assert_eq!(last.config.model.method().name(), MethodName::Vib);
        assert_eq!(last.config.epochs, 3);
    }

    #[test]
    fn what_cannot_be_swept_is_refused() {
        let refusal = |axes: &[Axis], settings: &Settings| {
            plan(axes, settings, Path::new("x"), None).unwrap_err().to_string()
        };
        let over = |over, values: &[&str]| {
            Axis::over(over, &values.iter().map(|v| v.to_string()).collect::<Vec<_>>())
        };
        let set = Settings { gamma: Some("1".parse().unwrap()), ..Settings::default() };
        let gammas = || over(Over::Gamma, &["0.2", "1"]).unwrap();
        assert!(refusal(&[gammas()], &set).contains("--gamma is what varies: name its values by --values"));
        let noisy = Settings { noise: Some(0.1), ..Settings::default() };
        assert!(refusal(&[over(Over::Sigma, &[]).unwrap()], &noisy).contains("--noise is what varies"));
        let twice = over(Over::Gamma, &["1", "0.2", "1.0"]).unwrap();
        assert!(refusal(&[twice], &Settings::default()).contains("--values has γ = 1 twice"));
        let both = [gammas(), "gamma=5".parse().unwrap()];
        assert!(refusal(&both, &Settings::default()).contains("set the same"));
        let class_nll = Settings { method: Some(MethodName::ClassNll), ..Settings::default() };
        assert!(refusal(&[gammas()], &class_nll).contains("gamma is a setting of ib-inn and vib"));
        let sigma = plan(&[over(Over::Sigma, &["0.01"]).unwrap()], &class_nll, Path::new("x"), None).unwrap();
        assert_eq!(sigma[0].config.model.method().gamma(), None);
        for (of, value, wanted) in [
            (Over::Sigma, "x", "--values: sigma is `x`, must be a number from 0 up"),
            (Over::Sigma, "inf", "--values: sigma is `inf`, must be a number from 0 up"),
            (Over::Sigma, "-1", "--values: sigma is `-1`, must be a number from 0 up"),
            (Over::Gamma, "x", "--values: gamma is `x`, must be a number from 0 up, or `inf`"),
        ] {
            assert_eq!(over(of, &["1", value]).unwrap_err().to_string(), wanted);
        }
        for (grid, wanted) in [
            ("epochs", "a setting and its values"),
            ("epochs=", "as in epochs=4,8"),
            ("colour=red", "colour"),
        ] {
            let message = grid.parse::<Axis>().unwrap_err().to_string();
            assert!(message.contains(wanted), "{message}");
        }
    }
}
