//! What a configuration file or a flag may set.

use std::path::Path;

use clap::{Args, ValueEnum};
use ibinn::{Architecture, ClassPrior, Gamma, MethodName};
use ibinn_data::Augmentation;
use ibinn_data::by_path::Colour;
use ibinn_data::picture::{Fit, Ground};
use serde::{Deserialize, Serialize};

use super::PresetChoice;
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

/// Whose recipe of training the defaults are (method §1.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// The authors': SGD.
    #[default]
    Repo,
    /// Ours, for few epochs: Muon for the convolutions, larger batches, a rate that falls linearly to 0.
    Fast,
}

/// What steps the filters of the convolutions; everything else goes by SGD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// SGD with momentum, as the rest.
    #[default]
    Sgd,
    /// Muon, on the CPU.
    Muon,
}

/// How the learning rate falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// ÷10 after 1/3, 5/9 and 7/9 of the epochs: 150, 250 and 350 of 450 (method §1.4).
    Steps,
    /// Half a cosine down to 0.
    Cosine,
    /// A straight line down to 0.
    Linear,
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
    /// Architecture: tiny, compact28 or mnist for grey images of 28×28, compact32, wide32 or cifar10 for colour ones of 32×32;
    /// auto by the shape and the number of the images [default: auto for a data set by path, else compact28]
    #[arg(long)]
    #[serde(default, deserialize_with = "parsed")]
    pub preset: Option<PresetChoice>,
    /// The architecture of the preset auto, in a file only: a table of stem, stages and dense_hidden.
    #[arg(skip)]
    pub architecture: Option<Architecture>,
    /// Data set: a name, see `trainer data list`, or the path of one, ./NAME where it has such a name: a folder with a folder for
    /// each class (train/ and test/ above those, or split 80/10/10 by the pixels), a .zip, .tar or .tar.gz of one, a .csv or
    /// .jsonl of file,label[,split], a .npz of arrays, .parquet files as Hugging Face has them [default: builtin]
    #[arg(long, value_name = "NAME|PATH")]
    pub dataset: Option<String>,
    /// Side of the images of a data set by path, a multiple of 4 from 8 to 128 [default: by the median picture, at
    /// most 64, or 36 in colour, beyond which novelty is not fitted]
    #[arg(long, value_name = "PIXELS")]
    pub size: Option<usize>,
    /// Whether the images of a data set by path have colour [default: by the pictures]
    #[arg(long)]
    pub colour: Option<Colour>,
    /// How pictures of other proportions become images, of a data set by path [default: crop]
    #[arg(long)]
    pub fit: Option<Fit>,
    /// Make dark light and light dark, of a data set by path [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub invert: Option<bool>,
    /// What is behind transparent pictures of a data set by path: white, black or #rrggbb [default: white]
    #[arg(long, value_name = "COLOUR")]
    pub ground: Option<Ground>,
    /// Share of the pictures of a data set by path that may be unreadable [default: 0.01]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub max_bad: Option<f64>,
    /// Whose constants are the defaults, where paper and code differ [default: repo]
    #[arg(long)]
    pub constants: Option<Constants>,
    /// Whose recipe of training the defaults are; any setting by itself goes before it [default: fast for compact32 and wide32,
    /// else repo]
    #[arg(long)]
    pub recipe: Option<Recipe>,
    /// Method: ib-inn, or one that the paper compares with: class-nll, vib, res-net, i-rev-net [default: ib-inn]
    #[arg(long)]
    pub method: Option<MethodName>,
    /// Trade-off γ of ib-inn and vib: 0 trains likelihood only, inf accuracy only [default: 1]
    #[arg(long, allow_negative_numbers = true)]
    pub gamma: Option<Gamma>,
    /// γ at the first step of ib-inn: it goes to γ geometrically, over the first third of the run [default: γ itself]
    #[arg(long, value_name = "GAMMA", allow_negative_numbers = true)]
    pub gamma_start: Option<Gamma>,
    /// Begin with the weights of this model, of ib-inn or class-nll, in its architecture: with other classes, another method or
    /// another γ [default: fresh weights]
    #[arg(long, value_name = "MODEL")]
    pub init: Option<String>,
    /// Seed of every random draw [default: 0]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Passes over the training images [default: 6 for compact28 and tiny, 16 for compact32 and wide32, 60 for mnist,
    /// 450 for cifar10]
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Images a step [default: 128; fast: 256]
    #[arg(long)]
    pub batch: Option<usize>,
    /// Use only the first N training images
    #[arg(long, value_name = "N")]
    pub train_images: Option<usize>,
    /// Images of the training set that are drawn by the seed and never trained on: error and bits/dim are measured on them, and
    /// novelty's p-values come from them [default: none]
    #[arg(long, value_name = "N")]
    pub hold_out: Option<usize>,
    /// Stop after N epochs without a lower loss on the validation images, and take the model of the lowest; for runs that set some
    /// aside [default: all epochs]
    #[arg(long, value_name = "N")]
    pub patience: Option<usize>,
    /// What steps the filters of the convolutions [default: sgd; fast: muon]
    #[arg(long)]
    pub optimizer: Option<Optimizer>,
    /// Learning rate of muon [default: 0.05]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub muon_rate: Option<f64>,
    /// Weight decay of muon [default: 0.01]
    #[arg(long, value_name = "DECAY", allow_negative_numbers = true)]
    pub muon_decay: Option<f64>,
    /// How much of the moving averages of weights stays in a step; the averages are the model then [default: no averages]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub average: Option<f64>,
    /// Learning rate of the network [default: 0.07]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// How the learning rate falls [default: cosine for compact28 and tiny, else steps; fast: linear]
    #[arg(long)]
    pub decay: Option<Decay>,
    /// Steps over which the learning rate rises linearly at the start [default: 100 for compact28 and tiny, else 0; fast: 30]
    #[arg(long, value_name = "STEPS")]
    pub warm_up: Option<usize>,
    /// Learning rate of the means of ib-inn, as a multiple of the network's; 0 freezes them [default: 3]
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    pub means_rate: Option<f64>,
    /// Distance between the initial means of ib-inn [default: 5]
    #[arg(long, value_name = "DISTANCE", allow_negative_numbers = true)]
    pub means_distance: Option<f64>,
    /// How probable ib-inn takes the classes for: uniform, as frequent as their training images (counts), or learned with the
    /// means; on the CPU, but for uniform [default: uniform]
    #[arg(long, value_name = "uniform|counts|learned")]
    pub class_prior: Option<ClassPrior>,
    /// Initial channel scale of the coupling blocks, of ib-inn and i-rev-net [default: 0.75 for colour images,
    /// else 0.8]
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
    /// Label smoothing ε [default: 0.02 for colour images, else 0.01; paper: 0.05]
    #[arg(long, value_name = "EPSILON", allow_negative_numbers = true)]
    pub label_smoothing: Option<f64>,
    /// Standard deviation of the Gaussian input noise, in units of [0, 1] [default: 0.01; paper: 0.001]
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true)]
    pub noise: Option<f64>,
    /// Add uniform dequantisation noise [default: true; paper: false]
    #[arg(long, value_name = "BOOL")]
    pub dequantize: Option<bool>,
    /// How images are augmented [default: shift for a data set by path, else none for grey images and repo for colour ones;
    /// fast: flip-shift for these]
    #[arg(long)]
    pub augment: Option<Augmentation>,
    /// Dropout of whole channels in the last stage [default: 0 for compact28 and tiny, else 0.25; fast: 0]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub conv_dropout: Option<f64>,
    /// Dropout in the dense coupling or the dense residual block [default: 0.5]
    #[arg(long, value_name = "P", allow_negative_numbers = true)]
    pub dense_dropout: Option<f64>,
    /// Batches that re-estimate the batch-norm statistics at the end [default: 200, or 5 epochs for mnist and cifar10;
    /// fast: 200]
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
) -> std::result::Result<Option<PresetChoice>, D::Error> {
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
        merge!(preset architecture dataset size colour fit invert ground max_bad constants recipe method gamma gamma_start init seed epochs batch train_images hold_out patience optimizer
            muon_rate muon_decay average learning_rate decay warm_up means_rate means_distance class_prior initial_scale momentum weight_decay clip label_smoothing noise dequantize augment conv_dropout
            dense_dropout batch_norm_batches checkpoint_every memory backend)
    }
}
