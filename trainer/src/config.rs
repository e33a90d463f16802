//! The configuration of a training run: defaults, a TOML file and flags, in rising order of precedence.
//!
//! The defaults are the authors' constants (spec §1); `constants = "paper"` takes the paper's where they differ
//! (spec §5).

use clap::{Args, ValueEnum};
use ibinn::{Gamma, Preset};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::net::mixture::Objective;
use crate::train::schedule::Schedule;

/// Whose constants the defaults are, where paper and code differ (spec §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Constants {
    /// The authors' program, which made the paper's tables.
    #[default]
    Repo,
    /// The paper's text: σ = 0.001 and no uniform noise, label smoothing 0.05.
    Paper,
}

/// What is minimised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The information bottleneck with its γ.
    #[default]
    Ib,
    /// The class-conditional likelihood.
    ClassNll,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// ÷10 after 1/3, 5/9 and 7/9 of the epochs: 150, 250 and 350 of 450 (spec §1.4).
    Steps,
    /// Half a cosine down to 0.
    Cosine,
}

/// Where training runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// The GPU when there is a real one, else the CPU.
    #[default]
    Auto,
    /// The GPU, by Burn's wgpu backend; a software adapter too.
    Wgpu,
    /// The CPU, by Burn's flex backend.
    Cpu,
}

/// Every value that a file or a flag may set; what stays unset takes its default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Args)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Architecture: tiny, compact28, mnist or cifar10 [default: compact28]
    #[arg(long)]
    #[serde(default, deserialize_with = "parsed")]
    pub preset: Option<Preset>,
    /// Data set by name, see `trainer data list` [default: builtin]
    #[arg(long)]
    pub dataset: Option<String>,
    /// Whose constants are the defaults, where paper and code differ [default: repo]
    #[arg(long)]
    pub constants: Option<Constants>,
    /// Trade-off γ: 0 trains likelihood only, inf accuracy only [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    pub gamma: Option<Gamma>,
    /// What is minimised [default: ib]
    #[arg(long)]
    pub loss: Option<Loss>,
    /// Seed of every random draw [default: 0]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Passes over the training images [default: 6 for compact28 and tiny, 60 for mnist, 450 for cifar10]
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Images a step [default: 128]
    #[arg(long)]
    pub batch: Option<usize>,
    /// Use only the first N training images
    #[arg(long, value_name = "N")]
    pub train_images: Option<usize>,
    /// Learning rate of the flow [default: 0.07]
    #[arg(long, value_name = "RATE")]
    pub learning_rate: Option<f64>,
    /// How the learning rate falls [default: cosine for compact28 and tiny, else steps]
    #[arg(long)]
    pub decay: Option<Decay>,
    /// Steps over which the learning rate rises linearly at the start [default: 100 for compact28 and tiny, else 0]
    #[arg(long, value_name = "STEPS")]
    pub warm_up: Option<usize>,
    /// Learning rate of the means, as a multiple of the flow's; 0 freezes them [default: 3]
    #[arg(long, value_name = "FACTOR")]
    pub means_rate: Option<f64>,
    /// Distance between the initial means [default: 5]
    #[arg(long, value_name = "DISTANCE")]
    pub means_distance: Option<f64>,
    /// Initial channel scale of the coupling blocks [default: 0.75 for cifar10, else 0.8]
    #[arg(long, value_name = "SCALE")]
    pub initial_scale: Option<f64>,
    /// Momentum of the flow [default: 0.9]
    #[arg(long)]
    pub momentum: Option<f64>,
    /// Weight decay of the flow [default: 0.0001]
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Largest global norm of the gradient [default: 8]
    #[arg(long, value_name = "NORM")]
    pub clip: Option<f64>,
    /// Label smoothing ε [default: 0.02 for cifar10, else 0.01; paper: 0.05]
    #[arg(long, value_name = "EPSILON")]
    pub label_smoothing: Option<f64>,
    /// Standard deviation of the Gaussian input noise, in units of [0, 1] [default: 0.01; paper: 0.001]
    #[arg(long, value_name = "SIGMA")]
    pub noise: Option<f64>,
    /// Add uniform dequantisation noise [default: true; paper: false]
    #[arg(long, value_name = "BOOL")]
    pub dequantize: Option<bool>,
    /// Augment the images geometrically and in colour [default: true for colour images]
    #[arg(long, value_name = "BOOL")]
    pub augment: Option<bool>,
    /// Dropout of whole channels in the last stage [default: 0 for compact28 and tiny, else 0.25]
    #[arg(long, value_name = "P")]
    pub conv_dropout: Option<f64>,
    /// Dropout in the dense coupling [default: 0.5]
    #[arg(long, value_name = "P")]
    pub dense_dropout: Option<f64>,
    /// Batches that re-estimate the batch-norm statistics at the end [default: 200, or 5 epochs for mnist and cifar10]
    #[arg(long, value_name = "N")]
    pub batch_norm_batches: Option<usize>,
    /// Steps between checkpoints [default: one epoch]
    #[arg(long, value_name = "STEPS")]
    pub checkpoint_every: Option<usize>,
    /// Where training runs [default: auto]
    #[arg(long)]
    pub backend: Option<Backend>,
}

fn parsed<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Preset>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(serde::de::Error::custom)
}

impl Settings {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or has an unknown key or a value of the wrong type.
    pub fn read(path: &std::path::Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::io(path, source))?;
        toml::from_str(&text).map_err(|e| {
            let message = e.to_string();
            Error::Config { path: path.into(), problem: message.trim_end().to_string() }
        })
    }

    /// These settings, with those of `over` taking precedence.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        macro_rules! merge {
            ($($field:ident)*) => { Self { $($field: over.$field.or(self.$field)),* } };
        }
        merge!(preset dataset constants gamma loss seed epochs batch train_images learning_rate decay warm_up means_rate
            means_distance initial_scale momentum weight_decay clip label_smoothing noise dequantize augment conv_dropout
            dense_dropout batch_norm_batches checkpoint_every backend)
    }
}

/// A complete configuration; its TOML form, read as [`Settings`], gives the same run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is documented in Settings")]
pub struct Config {
    #[serde(serialize_with = "displayed")]
    pub preset: Preset,
    pub dataset: String,
    pub constants: Constants,
    pub gamma: Gamma,
    pub loss: Loss,
    pub seed: u64,
    pub epochs: usize,
    pub batch: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_images: Option<usize>,
    pub learning_rate: f64,
    pub decay: Decay,
    pub warm_up: usize,
    pub means_rate: f64,
    pub means_distance: f64,
    pub initial_scale: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    pub clip: f64,
    pub label_smoothing: f64,
    pub noise: f64,
    pub dequantize: bool,
    pub augment: bool,
    pub conv_dropout: f64,
    pub dense_dropout: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm_batches: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    pub backend: Backend,
}

fn displayed<S: serde::Serializer>(preset: &Preset, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(preset.name())
}

impl Config {
    /// Fills in the defaults and checks every value.
    ///
    /// # Errors
    /// [`Error::Usage`] names the setting that is out of range.
    pub fn resolve(settings: Settings) -> Result<Self> {
        let s = settings;
        let preset = s.preset.unwrap_or(Preset::Compact28);
        let small = matches!(preset, Preset::Compact28 | Preset::Tiny);
        let colour = preset == Preset::Cifar10;
        let constants = s.constants.unwrap_or_default();
        let paper = constants == Constants::Paper;
        let code_smoothing = if colour { 0.02 } else { 0.01 };
        let config = Self {
            preset,
            dataset: s.dataset.unwrap_or_else(|| "builtin".into()),
            constants,
            gamma: match s.gamma {
                Some(gamma) => gamma,
                None => "1".parse().map_err(Error::core)?,
            },
            loss: s.loss.unwrap_or_default(),
            seed: s.seed.unwrap_or(0),
            epochs: s.epochs.unwrap_or(match preset {
                Preset::Tiny | Preset::Compact28 => 6,
                Preset::Mnist => 60,
                Preset::Cifar10 => 450,
            }),
            batch: s.batch.unwrap_or(128),
            train_images: s.train_images,
            learning_rate: s.learning_rate.unwrap_or(0.07),
            decay: s.decay.unwrap_or(if small { Decay::Cosine } else { Decay::Steps }),
            warm_up: s.warm_up.unwrap_or(if small { 100 } else { 0 }),
            means_rate: s.means_rate.unwrap_or(3.0),
            means_distance: s.means_distance.unwrap_or(5.0),
            initial_scale: s.initial_scale.unwrap_or(if colour { 0.75 } else { 0.8 }),
            momentum: s.momentum.unwrap_or(0.9),
            weight_decay: s.weight_decay.unwrap_or(1e-4),
            clip: s.clip.unwrap_or(8.0),
            label_smoothing: s.label_smoothing.unwrap_or(if paper { 0.05 } else { code_smoothing }),
            noise: s.noise.unwrap_or(if paper { 0.001 } else { 0.01 }),
            dequantize: s.dequantize.unwrap_or(!paper),
            augment: s.augment.unwrap_or(colour),
            conv_dropout: s.conv_dropout.unwrap_or(if small { 0.0 } else { 0.25 }),
            dense_dropout: s.dense_dropout.unwrap_or(0.5),
            batch_norm_batches: s.batch_norm_batches.or(small.then_some(200)),
            checkpoint_every: s.checkpoint_every,
            backend: s.backend.unwrap_or_default(),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let share = |v: f64| (0.0..1.0).contains(&v);
        let rules: [(&str, bool, &str); 14] = [
            ("epochs", self.epochs > 0, "at least 1"),
            ("batch", self.batch > 1, "at least 2, for batch-norm"),
            ("train-images", self.train_images != Some(0), "at least 1"),
            ("learning-rate", positive(self.learning_rate), "a positive number"),
            ("means-rate", self.means_rate >= 0.0 && self.means_rate.is_finite(), "0 or more"),
            ("means-distance", positive(self.means_distance), "a positive number"),
            ("initial-scale", positive(self.initial_scale), "a positive number"),
            ("momentum", share(self.momentum), "from 0 to below 1"),
            ("weight-decay", self.weight_decay >= 0.0 && self.weight_decay.is_finite(), "0 or more"),
            ("clip", positive(self.clip), "a positive number"),
            ("label-smoothing", share(self.label_smoothing), "from 0 to below 1"),
            ("noise", self.noise >= 0.0 && self.noise.is_finite(), "0 or more"),
            ("conv-dropout", share(self.conv_dropout), "from 0 to below 1"),
            ("dense-dropout", share(self.dense_dropout), "from 0 to below 1"),
        ];
        match rules.iter().find(|(_, holds, _)| !holds) {
            Some((name, _, wanted)) => Err(Error::Usage(format!("{name} must be {wanted}"))),
            None => Ok(()),
        }
    }

    /// What is minimised.
    pub fn objective(&self) -> Objective {
        match self.loss {
            Loss::Ib => Objective::InformationBottleneck(self.gamma),
            Loss::ClassNll => Objective::ClassNll,
        }
    }

    /// The learning rate over time, for epochs of `steps` steps.
    pub fn schedule(&self, steps: usize) -> Schedule {
        Schedule {
            rate: self.learning_rate,
            decay: self.decay,
            warm_up: self.warm_up,
            epochs: self.epochs,
            steps_per_epoch: steps,
        }
    }

    /// The TOML form.
    ///
    /// # Errors
    /// Never for the values a configuration can have; the serialiser's type says it may.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|e| Error::Usage(format!("the configuration cannot be written: {e}")))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_resolved_form_reads_back_as_itself() {
        for preset in Preset::ALL {
            let config = Config::resolve(Settings { preset: Some(preset), ..Settings::default() }).unwrap();
            let settings: Settings = toml::from_str(&config.to_toml().unwrap()).unwrap();
            assert_eq!(Config::resolve(settings).unwrap(), config);
        }
        let text = "gamma = \"inf\"";
        assert!(toml::from_str::<Settings>(text).unwrap().gamma.unwrap().value().is_infinite());
    }

    #[test]
    fn flags_override_the_file_and_unknown_keys_are_named() {
        let file: Settings = toml::from_str("gamma = 0.2\nseed = 3").unwrap();
        let flags = Settings { seed: Some(4), ..Settings::default() };
        let config = Config::resolve(file.overridden_by(flags)).unwrap();
        assert_eq!((config.gamma.value(), config.seed), (0.2, 4));
        let message = toml::from_str::<Settings>("gama = 1").unwrap_err().to_string();
        assert!(message.contains("gama"), "{message}");
    }

    #[test]
    fn paper_constants_differ_where_the_paper_does() {
        let paper = Settings { constants: Some(Constants::Paper), ..Settings::default() };
        let config = Config::resolve(paper).unwrap();
        assert_eq!((config.noise, config.dequantize, config.label_smoothing), (0.001, false, 0.05));
    }

    #[test]
    fn values_out_of_range_are_named() {
        let settings = Settings { dense_dropout: Some(1.0), ..Settings::default() };
        assert!(Config::resolve(settings).unwrap_err().to_string().contains("dense-dropout"));
    }
}
