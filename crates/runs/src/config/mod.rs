//! The configuration of a training run: defaults, a TOML file and flags, in rising order of precedence.
//!
//! The defaults are the authors' constants (method §1); `constants = "paper"` takes the paper's where they differ
//! (method §5), `recipe = "fast"` ours for few epochs (method §1.5).

mod model;
mod schedule;
mod settings;

use ibinn::Preset;
use ibinn_data::Augmentation;
use serde::Serialize;

use crate::{Error, Result};
pub use model::{Means, ModelConfig};
pub use schedule::Schedule;
pub use settings::{Backend, Constants, Decay, Memory, Optimizer, Recipe, Settings};

/// A complete configuration; its TOML form, read as [`Settings`], gives the same run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is documented in Settings")]
pub struct Config {
    #[serde(serialize_with = "displayed")]
    pub preset: Preset,
    pub dataset: String,
    pub constants: Constants,
    pub recipe: Recipe,
    #[serde(flatten)]
    pub model: ModelConfig,
    pub seed: u64,
    pub epochs: usize,
    pub batch: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_images: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<usize>,
    pub optimizer: Optimizer,
    pub muon_rate: f64,
    pub muon_decay: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,
    pub learning_rate: f64,
    pub decay: Decay,
    pub warm_up: usize,
    pub momentum: f64,
    pub weight_decay: f64,
    pub clip: f64,
    pub label_smoothing: f64,
    pub noise: f64,
    pub dequantize: bool,
    pub augment: Augmentation,
    pub conv_dropout: f64,
    pub dense_dropout: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_norm_batches: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_every: Option<usize>,
    pub memory: Memory,
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
        let preset = settings.preset.unwrap_or(Preset::Compact28);
        let small = matches!(preset, Preset::Compact28 | Preset::Tiny);
        let ours = matches!(preset, Preset::Compact32 | Preset::Wide32);
        let colour = ours || preset == Preset::Cifar10;
        let recipe = settings.recipe.unwrap_or(if ours { Recipe::Fast } else { Recipe::Repo });
        let fast = recipe == Recipe::Fast;
        let constants = settings.constants.unwrap_or_default();
        let paper = constants == Constants::Paper;
        let code_smoothing = if colour { 0.02 } else { 0.01 };
        let model = ModelConfig::resolve(&settings, if colour { 0.75 } else { 0.8 })?;
        let s = settings;
        let config = Self {
            preset,
            model,
            dataset: s.dataset.unwrap_or_else(|| "builtin".into()),
            constants,
            recipe,
            seed: s.seed.unwrap_or(0),
            epochs: s.epochs.unwrap_or(match preset {
                Preset::Tiny | Preset::Compact28 => 6,
                Preset::Compact32 | Preset::Wide32 => 16,
                Preset::Mnist => 60,
                Preset::Cifar10 => 450,
            }),
            batch: s.batch.unwrap_or(if fast { 256 } else { 128 }),
            train_images: s.train_images,
            hold_out: s.hold_out.filter(|&count| count > 0),
            optimizer: s.optimizer.unwrap_or(if fast { Optimizer::Muon } else { Optimizer::Sgd }),
            muon_rate: s.muon_rate.unwrap_or(0.05),
            muon_decay: s.muon_decay.unwrap_or(0.01),
            average: s.average,
            learning_rate: s.learning_rate.unwrap_or(0.07),
            decay: s.decay.unwrap_or(match (fast, small) {
                (true, _) => Decay::Linear,
                (false, true) => Decay::Cosine,
                (false, false) => Decay::Steps,
            }),
            warm_up: s.warm_up.unwrap_or(match (fast, small) {
                (true, _) => 30,
                (false, true) => 100,
                (false, false) => 0,
            }),
            momentum: s.momentum.unwrap_or(0.9),
            weight_decay: s.weight_decay.unwrap_or(1e-4),
            clip: s.clip.unwrap_or(8.0),
            label_smoothing: s.label_smoothing.unwrap_or(if paper { 0.05 } else { code_smoothing }),
            noise: s.noise.unwrap_or(if paper { 0.001 } else { 0.01 }),
            dequantize: s.dequantize.unwrap_or(!paper),
            augment: s.augment.unwrap_or(match (colour, fast) {
                (true, true) => Augmentation::FlipShift,
                (true, false) => Augmentation::Repo,
                (false, _) => Augmentation::None,
            }),
            conv_dropout: s.conv_dropout.unwrap_or(if small || fast { 0.0 } else { 0.25 }),
            dense_dropout: s.dense_dropout.unwrap_or(0.5),
            batch_norm_batches: s.batch_norm_batches.or((small || fast).then_some(200)),
            checkpoint_every: s.checkpoint_every,
            memory: s.memory.unwrap_or_default(),
            backend: s.backend.unwrap_or_default(),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let positive = |v: f64| v > 0.0 && v.is_finite();
        let not_negative = |v: f64| v >= 0.0 && v.is_finite();
        let share = |v: f64| (0.0..1.0).contains(&v);
        let optional = |v: Option<usize>| v.map_or(1.0, |v| v as f64);
        let (batch, epochs) = (self.batch as f64, self.epochs as f64);
        let (images, batches) = (optional(self.train_images), optional(self.batch_norm_batches));
        let every = optional(self.checkpoint_every);
        let mut rules = vec![
            ("epochs", epochs, epochs >= 1.0, "at least 1"),
            ("batch", batch, batch >= 2.0, "at least 2, for batch-norm"),
            ("train-images", images, images >= 1.0, "at least 1"),
            ("batch-norm-batches", batches, batches >= 1.0, "at least 1"),
            ("checkpoint-every", every, every >= 1.0, "at least 1"),
            ("muon-rate", self.muon_rate, positive(self.muon_rate), "above 0"),
            ("muon-decay", self.muon_decay, not_negative(self.muon_decay), "0 or more"),
            ("average", self.average.unwrap_or(0.0), share(self.average.unwrap_or(0.0)), "from 0 to below 1"),
            ("learning-rate", self.learning_rate, positive(self.learning_rate), "above 0"),
            ("momentum", self.momentum, share(self.momentum), "from 0 to below 1"),
            ("weight-decay", self.weight_decay, not_negative(self.weight_decay), "0 or more"),
            ("clip", self.clip, positive(self.clip), "above 0"),
            ("label-smoothing", self.label_smoothing, share(self.label_smoothing), "from 0 to below 1"),
            ("noise", self.noise, not_negative(self.noise), "0 or more"),
            ("conv-dropout", self.conv_dropout, share(self.conv_dropout), "from 0 to below 1"),
            ("dense-dropout", self.dense_dropout, share(self.dense_dropout), "from 0 to below 1"),
        ];
        rules.extend(self.model.rules());
        match rules.iter().find(|(.., holds, _)| !holds) {
            Some((name, value, _, wanted)) => {
                Err(Error::Usage(format!("{name} is {value}, must be {wanted}")))
            }
            None => Ok(()),
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
    use ibinn::MethodName;

    #[test]
    fn the_resolved_form_reads_back_as_itself() {
        for preset in Preset::ALL {
            for method in MethodName::ALL {
                let settings = Settings { preset: Some(preset), method: Some(method), ..Settings::default() };
                let config = Config::resolve(settings).unwrap();
                let text = config.to_toml().unwrap();
                assert_eq!(text.contains("gamma"), method.has_gamma(), "{text}");
                let settings = Settings::parse(&text).unwrap();
                assert_eq!(Config::resolve(settings).unwrap(), config);
            }
        }
        let text = "gamma = \"inf\"";
        assert!(Settings::parse(text).unwrap().gamma.unwrap().value().is_infinite());
    }

    #[test]
    fn flags_override_the_file_and_unknown_keys_are_named() {
        let file = Settings::parse("gamma = 0.2\nseed = 3").unwrap();
        let flags = Settings { seed: Some(4), ..Settings::default() };
        let config = Config::resolve(file.overridden_by(flags)).unwrap();
        assert_eq!((config.model.method().gamma().unwrap().value(), config.seed), (0.2, 4));
        let message = Settings::parse("seed = 1\ngama = 1").unwrap_err();
        assert!(message.starts_with("line 2: unknown field `gama`"), "{message}");
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
        assert!(
            Config::resolve(settings).unwrap_err().to_string().contains("dense-dropout is 1, must be from 0")
        );
    }
}
