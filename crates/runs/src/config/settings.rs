//! What a configuration file or a flag may set.

use std::path::Path;

use clap::{Args, ValueEnum};
use ibinn::{Gamma, MethodName, Preset};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// Whose constants the defaults are, where paper and code differ (method §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Constants {
    /// The authors' program, which made the paper's tables.
    #[default]
    Repo,
    /// The paper's text: σ = 0.001 and no uniform noise, label smoothing 0.05.
    Paper,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// ÷10 after 1/3, 5/9 and 7/9 of the epochs: 150, 250 and 350 of 450 (method §1.4).
    Steps,
    /// Half a cosine down to 0.
    Cosine,
}

/// What a training step keeps of the coupling blocks for its backward pass. The gradients are the same to the bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// Every block's hidden layers.
    #[default]
    Stored,
    /// What a stage gives; each block is run backwards from what it gave, and its hidden layers are computed anew. On the CPU, for
    /// models of coupling blocks.
    Reversible,
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
    /// The CPU.
    Cpu,
}

/// Every value that a file or a flag may set; what stays unset takes its default.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Args)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = "Settings, which a configuration file can hold as well (there with _ for -)")]
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
    /// Method: ib-inn, or one that the paper compares with: class-nll, vib, res-net, i-rev-net [default: ib-inn]
    #[arg(long)]
    pub method: Option<MethodName>,
    /// Trade-off γ of ib-inn and vib: 0 trains likelihood only, inf accuracy only [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    pub gamma: Option<Gamma>,
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
    /// Learning rate of the network [default: 0.07]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// How the learning rate falls [default: cosine for compact28 and tiny, else steps]
    #[arg(long)]
    pub decay: Option<Decay>,
    /// Steps over which the learning rate rises linearly at the start [default: 100 for compact28 and tiny, else 0]
    #[arg(long, value_name = "STEPS")]
    pub warm_up: Option<usize>,
    /// Learning rate of the means of ib-inn, as a multiple of the network's; 0 freezes them [default: 3]
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    pub means_rate: Option<f64>,
    /// Distance between the initial means of ib-inn [default: 5]
    #[arg(long, value_name = "DISTANCE", allow_negative_numbers = true)]
    pub means_distance: Option<f64>,
    /// Initial channel scale of the coupling blocks, of ib-inn and i-rev-net [default: 0.75 for cifar10, else 0.8]
    #[arg(long, value_name = "SCALE", allow_negative_numbers = true)]
    pub initial_scale: Option<f64>,
    /// Momentum of the network [default: 0.9]
    #[arg(long, allow_negative_numbers = true)]
    pub momentum: Option<f64>,
    /// Weight decay of the network [default: 0.0001]
    #[arg(long, allow_negative_numbers = true)]
    pub weight_decay: Option<f64>,
    /// Largest global norm of the gradient [default: 8]
    #[arg(long, value_name = "NORM", allow_negative_numbers = true)]
    pub clip: Option<f64>,
    /// Label smoothing ε [default: 0.02 for cifar10, else 0.01; paper: 0.05]
    #[arg(long, value_name = "EPSILON", allow_negative_numbers = true)]
    pub label_smoothing: Option<f64>,
    /// Standard deviation of the Gaussian input noise, in units of [0, 1] [default: 0.01; paper: 0.001]
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true)]
    pub noise: Option<f64>,
    /// Add uniform dequantisation noise [default: true; paper: false]
    #[arg(long, value_name = "BOOL")]
    pub dequantize: Option<bool>,
    /// Augment the images geometrically and in colour [default: true for colour images]
    #[arg(long, value_name = "BOOL")]
    pub augment: Option<bool>,
    /// Dropout of whole channels in the last stage [default: 0 for compact28 and tiny, else 0.25]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub conv_dropout: Option<f64>,
    /// Dropout in the dense coupling or the dense residual block [default: 0.5]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub dense_dropout: Option<f64>,
    /// Batches that re-estimate the batch-norm statistics at the end [default: 200, or 5 epochs for mnist and cifar10]
    #[arg(long, value_name = "N")]
    pub batch_norm_batches: Option<usize>,
    /// Steps between checkpoints [default: one epoch]
    #[arg(long, value_name = "STEPS")]
    pub checkpoint_every: Option<usize>,
    /// What a step keeps for its backward pass: reversible takes a fraction of the memory and more time; for ib-inn and
    /// i-rev-net, on the CPU [default: stored]
    #[arg(long)]
    pub memory: Option<Memory>,
    /// Where training runs [default: auto]
    #[arg(long)]
    pub backend: Option<Backend>,
}

fn parsed<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Preset>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(serde::de::Error::custom)
}

impl Settings {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, or has an unknown key or a value of the wrong type.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::InvalidData => {
                Error::data(path, "it is no configuration in TOML, which is text in UTF-8")
            }
            _ => Error::io(path, source),
        })?;
        Self::parse(&text).map_err(|problem| Error::data(path, problem))
    }

    /// Parses the TOML form.
    ///
    /// # Errors
    /// What is wrong, and in which line.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!("line {}: {}", before.matches('\n').count() + 1, e.message())
        })
    }

    /// One setting by its name and its value, as TOML has it or as plain text; `_` and `-` are the same in names.
    ///
    /// # Errors
    /// What is wrong: there is no such setting, or its values are others.
    pub fn one(name: &str, value: &str) -> std::result::Result<Self, String> {
        let as_text = toml::Value::String(value.into());
        let parsed: Option<toml::Table> = toml::from_str(&format!("value = {value}")).ok();
        let parsed = parsed.filter(|table| table.len() == 1).and_then(|mut table| table.remove("value"));
        let of = |value: toml::Value| -> std::result::Result<Self, toml::de::Error> {
            toml::Table::from_iter([(name.replace('-', "_"), value)]).try_into()
        };
        parsed
            .map_or_else(|| of(as_text.clone()), of)
            .or_else(|error| of(as_text).map_err(|_| error))
            .map_err(|e| e.message().into())
    }

    /// These settings, with those of `over` taking precedence.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        macro_rules! merge {
            ($($field:ident)*) => { Self { $($field: over.$field.or(self.$field)),* } };
        }
        merge!(preset dataset constants method gamma seed epochs batch train_images learning_rate decay warm_up means_rate
            means_distance initial_scale momentum weight_decay clip label_smoothing noise dequantize augment conv_dropout
            dense_dropout batch_norm_batches checkpoint_every memory backend)
    }
}
