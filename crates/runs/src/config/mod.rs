//! The configuration of a training run: defaults, a TOML file and flags, in rising order of precedence.
//!
//! The defaults are the authors' constants (method §1); `constants = "paper"` takes the paper's where they differ
//! (method §5), `recipe = "fast"` ours for few epochs (method §1.6).

mod model;
mod preset_choice;
mod schedule;
mod settings;

use ibinn::spec::Shape;
use ibinn::{Architecture, InputSpec, ModelSpec, Preset};
use ibinn_data::by_path::Reading;
use ibinn_data::picture::Look;
use ibinn_data::{Augmentation, Dataset, is_path};
use serde::Serialize;

use crate::{Error, Result};
pub use model::{Means, ModelConfig};
pub use preset_choice::PresetChoice;
pub use schedule::Schedule;
pub use settings::{Backend, Constants, Decay, Memory, Optimizer, Recipe, Settings};

/// A complete configuration; its TOML form, read as [`Settings`], gives the same run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(missing_docs, reason = "each field is documented in Settings")]
pub struct Config {
    #[serde(serialize_with = "displayed")]
    pub preset: PresetChoice,
    pub dataset: String,
    /// How the pictures of a data set by path are read; none of one by name.
    #[serde(flatten)]
    pub reading: Option<Reading>,
    pub constants: Constants,
    pub recipe: Recipe,
    #[serde(flatten)]
    pub model: ModelConfig,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    pub seed: u64,
    pub epochs: usize,
    pub batch: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_images: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_out: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
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
    /// The architecture of the preset `auto`; none of another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Architecture>,
}

/// What defaults follow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Channels, rows and columns of the images.
    pub shape: [usize; 3],
    /// Number of training images.
    pub images: usize,
}

impl From<&Dataset> for Facts {
    fn from(train: &Dataset) -> Self {
        Self { shape: train.shape, images: train.len() }
    }
}

/// Steps that a training of the preset `auto` has at least.
const STEPS: usize = 1500;
/// Passes that it has at least.
const EPOCHS: usize = 6;
/// Steps of an epoch that its batches leave at least, where they are not below the least batch.
const STEPS_PER_EPOCH: usize = 8;
/// The least batch that it chooses.
const LEAST_BATCH: usize = 16;

/// Batch and epochs of the preset `auto`, each unless it is set: the usual batch, smaller for few images, and as many
/// epochs as make 1500 steps, at least 6.
fn length(images: usize, usual: usize, batch: Option<usize>, epochs: Option<usize>) -> (usize, usize) {
    let fitting = (images / STEPS_PER_EPOCH).max(1);
    let chosen = usual.min(1 << fitting.ilog2()).max(LEAST_BATCH).min(images.max(2));
    let batch = batch.unwrap_or(chosen);
    let per_epoch = (images / batch.max(1)).max(1);
    (batch, epochs.unwrap_or(STEPS.div_ceil(per_epoch).max(EPOCHS)))
}

fn displayed<S: serde::Serializer>(
    preset: &PresetChoice,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(preset)
}

/// The architecture of the preset `auto`: as it is set, else by the shape of the images.
fn architecture(
    settings: &Settings,
    preset: PresetChoice,
    facts: Option<Facts>,
) -> Result<Option<Architecture>> {
    match (preset, settings.architecture.clone(), facts) {
        (PresetChoice::Auto, Some(architecture), _) => Ok(Some(architecture)),
        (PresetChoice::Auto, None, Some(Facts { shape: [channels, height, width], .. })) => {
            Ok(Some(Architecture::auto(Shape { channels, height, width })))
        }
        (PresetChoice::Auto, None, None) => Err(without_images()),
        (PresetChoice::Named(_), None, _) => Ok(None),
        (PresetChoice::Named(preset), Some(_), _) => {
            Err(Error::Usage(format!("architecture is for the preset auto, and {preset} has its own")))
        }
    }
}

fn without_images() -> Error {
    Error::Usage("the preset auto follows from the images, which are not known here: set architecture, or name a preset".into())
}

/// How the pictures of a data set by path are read; none of one by name, which takes none of these settings.
fn reading(settings: &Settings, by_path: bool) -> Result<Option<Reading>> {
    let Settings { size, colour, fit, invert, ground, max_bad, .. } = *settings;
    if !by_path {
        let set = [
            ("size", size.is_some()),
            ("colour", colour.is_some()),
            ("fit", fit.is_some()),
            ("invert", invert.is_some()),
            ("ground", ground.is_some()),
            ("max-bad", max_bad.is_some()),
        ];
        return match set.iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => Err(Error::Usage(format!(
                "{name} is for data sets by path; a path that is also the name of a data set is written ./NAME"
            ))),
            None => Ok(None),
        };
    }
    let max_bad = max_bad.unwrap_or(Reading::default().max_bad);
    if !(0.0..=1.0).contains(&max_bad) {
        return Err(Error::Usage(format!("max-bad is {max_bad}, must be from 0 to 1")));
    }
    let look = Look {
        fit: fit.unwrap_or_default(),
        invert: invert.unwrap_or_default(),
        ground: ground.unwrap_or_default(),
    };
    Ok(Some(Reading { size, colour, look, max_bad }))
}

impl Config {
    /// Fills in the defaults and checks every value.
    ///
    /// # Errors
    /// [`Error::Usage`] names the setting that is out of range, or says that the preset `auto` needs the images.
    pub fn resolve(settings: Settings) -> Result<Self> {
        Self::resolve_for(settings, None)
    }

    /// The same for a data set of which `facts` are known, from which the defaults of the preset `auto` follow.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn resolve_for(settings: Settings, facts: Option<Facts>) -> Result<Self> {
        let dataset = settings.dataset.clone().unwrap_or_else(|| "builtin".into());
        let by_path = is_path(&dataset);
        let usual = if by_path { PresetChoice::Auto } else { Preset::Compact28.into() };
        let preset = settings.preset.unwrap_or(usual);
        let architecture = architecture(&settings, preset, facts)?;
        let small = matches!(preset.named(), None | Some(Preset::Compact28 | Preset::Tiny));
        let ours = matches!(preset.named(), Some(Preset::Compact32 | Preset::Wide32));
        let colour = ours || preset.named() == Some(Preset::Cifar10);
        let recipe = settings.recipe.unwrap_or(if ours { Recipe::Fast } else { Recipe::Repo });
        let fast = recipe == Recipe::Fast;
        let constants = settings.constants.unwrap_or_default();
        let paper = constants == Constants::Paper;
        let code_smoothing = if colour { 0.02 } else { 0.01 };
        let model = ModelConfig::resolve(&settings, if colour { 0.75 } else { 0.8 })?;
        let reading = reading(&settings, by_path)?;
        let s = settings;
        let usual_batch = if fast { 256 } else { 128 };
        let (batch, epochs) = match (preset.named(), facts) {
            (None, Some(facts)) => {
                let images = s.train_images.unwrap_or(facts.images).min(facts.images);
                length(images, usual_batch, s.batch, s.epochs)
            }
            (named, _) => {
                let epochs = match named {
                    None | Some(Preset::Tiny | Preset::Compact28) => EPOCHS,
                    Some(Preset::Compact32 | Preset::Wide32) => 16,
                    Some(Preset::Mnist) => 60,
                    Some(Preset::Cifar10) => 450,
                };
                (s.batch.unwrap_or(usual_batch), s.epochs.unwrap_or(epochs))
            }
        };
        let config = Self {
            preset,
            architecture,
            reading,
            model,
            dataset,
            constants,
            recipe,
            init: s.init,
            seed: s.seed.unwrap_or(0),
            epochs,
            batch,
            train_images: s.train_images,
            hold_out: s.hold_out.filter(|&count| count > 0),
            patience: s.patience,
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
                // Of a short run it is a tenth.
                (false, true) => facts.map_or(100, |facts| {
                    let steps = epochs.saturating_mul(facts.images / batch.max(1));
                    if preset == PresetChoice::Auto { (steps / 10).min(100) } else { 100 }
                }),
                (false, false) => 0,
            }),
            momentum: s.momentum.unwrap_or(0.9),
            weight_decay: s.weight_decay.unwrap_or(1e-4),
            clip: s.clip.unwrap_or(8.0),
            label_smoothing: s.label_smoothing.unwrap_or(if paper { 0.05 } else { code_smoothing }),
            noise: s.noise.unwrap_or(if paper { 0.001 } else { 0.01 }),
            dequantize: s.dequantize.unwrap_or(!paper),
            augment: s.augment.unwrap_or(match (colour, fast) {
                // Of anyone's pictures it is not known whether they may be mirrored.
                _ if by_path => Augmentation::Shift,
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
        let (every, patience) = (optional(self.checkpoint_every), optional(self.patience));
        let mut rules = vec![
            ("epochs", epochs, epochs >= 1.0, "at least 1"),
            ("batch", batch, batch >= 2.0, "at least 2, for batch-norm"),
            ("train-images", images, images >= 1.0, "at least 1"),
            ("batch-norm-batches", batches, batches >= 1.0, "at least 1"),
            ("patience", patience, patience >= 1.0, "at least 1"),
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

    /// The architecture for `data`, whose images have the shape that a preset takes.
    ///
    /// # Errors
    /// When they have another one, or make no network.
    pub fn spec(&self, data: &Dataset) -> Result<ModelSpec> {
        let family = self.model.method().family();
        let (classes, mean, std) = (data.class_names.clone(), data.mean.clone(), data.std.clone());
        let spec = match (self.preset.named(), &self.architecture) {
            (Some(preset), _) => {
                let spec = preset.spec().map_err(Error::core)?;
                data.check_shape(&spec, &format!("preset {preset}"))?;
                spec.with_family(family).and_then(|spec| spec.for_data(classes, mean, std))
            }
            (None, Some(architecture)) => {
                let [channels, height, width] = data.shape;
                architecture.spec(family, InputSpec { channels, height, width, mean, std }, classes)
            }
            (None, None) => return Err(without_images()),
        };
        spec.and_then(|spec| spec.with_class_prior(self.model.class_prior())).map_err(Error::core)
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
                let settings =
                    Settings { preset: Some(preset.into()), method: Some(method), ..Settings::default() };
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
    fn the_preset_auto_follows_from_the_images_and_reads_back_without_them() {
        let settings =
            Settings { dataset: Some("/data/photos".into()), invert: Some(true), ..Settings::default() };
        let facts = |shape, images| Some(Facts { shape, images });
        let config = Config::resolve_for(settings.clone(), facts([3, 64, 64], 1000)).unwrap();
        // 1000 images are eight batches of 64 (which leave 15 steps an epoch), and 100 epochs of those 1500 steps.
        assert_eq!((config.batch, config.epochs), (64, 100));
        assert_eq!(config.architecture.as_ref().unwrap().stages.len(), 3);
        assert_eq!(config.augment, Augmentation::Shift);
        let text = config.to_toml().unwrap();
        assert_eq!(Config::resolve(Settings::parse(&text).unwrap()).unwrap(), config, "{text}");
        for line in ["preset = \"auto\"", "invert = true", "fit = \"crop\"", "[architecture]"] {
            assert!(text.lines().any(|own| own == line), "{line} is not in:\n{text}");
        }
        let length = |images| {
            let config = Config::resolve_for(settings.clone(), facts([1, 8, 8], images)).unwrap();
            (config.batch, config.epochs)
        };
        assert_eq!([length(60_000), length(1437), length(40)], [(128, 6), (128, 137), (16, 750)]);
        let refused = |settings| Config::resolve(settings).unwrap_err().to_string();
        assert!(refused(settings.clone()).contains("the preset auto follows from the images"));
        let both =
            Settings { preset: Some(Preset::Tiny.into()), architecture: config.architecture, ..settings };
        assert!(refused(both).contains("architecture is for the preset auto, and tiny has its own"));
        let named = Settings { fit: Some(ibinn_data::picture::Fit::Pad), ..Settings::default() };
        assert!(refused(named).contains("fit is for data sets by path"));
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
