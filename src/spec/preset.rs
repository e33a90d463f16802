//! The named architectures.

use std::fmt;
use std::str::FromStr;

use crate::spec::model_spec::ModelSpec;
use crate::spec::{InputSpec, SpecFields, StageSpec, Stem};
use crate::{Error, Family, Result};

/// A named architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// 1×28×28, small enough for tests.
    Tiny,
    /// 1×28×28 with 4 + 4 coupling blocks: good models in minutes on a CPU.
    Compact28,
    /// 3×32×32 with 2 + 4 + 4 coupling blocks: models of colour images in minutes on a CPU.
    Compact32,
    /// 3×32×32 with 2 + 6 + 8 blocks, wider and fewer than those of the full CIFAR net, at its cost.
    Wide32,
    /// The full MNIST net (method §2.1): 24 + 24 blocks, 3,762,784 weights.
    Mnist,
    /// The full CIFAR net (method §2.1): 8 + 24 + 24 blocks, 11,162,424 weights.
    Cifar10,
}

impl Preset {
    /// All presets, for grey images and for colour ones, smallest first.
    pub const ALL: [Self; 6] =
        [Self::Tiny, Self::Compact28, Self::Mnist, Self::Compact32, Self::Wide32, Self::Cifar10];

    /// The name used on the command line and in configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tiny => "tiny",
            Self::Compact28 => "compact28",
            Self::Compact32 => "compact32",
            Self::Wide32 => "wide32",
            Self::Mnist => "mnist",
            Self::Cifar10 => "cifar10",
        }
    }

    /// The architecture as an IB-INN (see [`ModelSpec::with_family`]), for ten classes named "0" to "9" (see
    /// [`ModelSpec::for_data`]).
    ///
    /// # Errors
    /// None for the presets listed here; the result type is that of every other spec.
    pub fn spec(self) -> Result<ModelSpec> {
        let stage = |blocks, width| StageSpec { blocks, width };
        let (colour, stages, dense_hidden) = match self {
            Self::Tiny => (false, vec![stage(2, 8), stage(2, 8)], 16),
            Self::Compact28 => (false, vec![stage(4, 24), stage(4, 48)], 256),
            Self::Mnist => (false, vec![stage(24, 32), stage(24, 64)], 1024),
            Self::Compact32 => (true, vec![stage(2, 16), stage(4, 32), stage(4, 64)], 128),
            Self::Wide32 => (true, vec![stage(2, 24), stage(6, 64), stage(8, 128)], 256),
            Self::Cifar10 => (true, vec![stage(8, 16), stage(24, 32), stage(24, 64)], 1024),
        };
        let input = if colour {
            InputSpec {
                channels: 3,
                height: 32,
                width: 32,
                mean: vec![0.4914, 0.4822, 0.4465],
                std: vec![0.247, 0.243, 0.261],
            }
        } else {
            InputSpec { channels: 1, height: 28, width: 28, mean: vec![0.5], std: vec![0.5] }
        };
        SpecFields {
            family: Family::IbInn,
            input,
            stem: if colour { Stem::Image } else { Stem::Haar },
            stages,
            dense_hidden,
            classes: (0..10).map(|k| k.to_string()).collect(),
            class_prior: crate::ClassPrior::Uniform,
        }
        .try_into()
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|preset| preset.name()).collect();
            Error::Input(format!("there is no preset `{name}`, choose one of {}", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parameter_counts_are_those_of_the_paper() {
        let count = |preset: Preset| preset.spec().unwrap().parameter_count();
        assert_eq!(count(Preset::Cifar10), 11_162_424);
        assert_eq!(count(Preset::Mnist), 3_762_784);
        assert_eq!(count(Preset::Compact28), 776_016);
        assert_eq!(count(Preset::Compact32), 1_573_880);
        assert_eq!(count(Preset::Wide32), 4_470_800);
    }

    #[test]
    fn parameter_counts_of_the_other_families_are_those_of_the_paper() {
        let count = |preset: Preset, family, classes: usize| {
            let spec = preset.spec().unwrap().with_family(family).unwrap();
            let input = spec.input().clone();
            let names = (0..classes).map(|k| k.to_string()).collect();
            spec.for_data(names, input.mean, input.std).unwrap().parameter_count()
        };
        for (family, ten, hundred) in [
            (Family::ResNet, 2_213_110, 2_217_520),
            (Family::Vib, 2_226_454, 2_238_064),
            (Family::IRevNet, 11_193_154, 11_469_724),
        ] {
            assert_eq!(count(Preset::Cifar10, family, 10), ten);
            assert_eq!(count(Preset::Cifar10, family, 100), hundred);
        }
        for (preset, resnet, vib, revnet) in [
            (Preset::Tiny, 9_942, 15_414, 50_264 + 7_850),
            (Preset::Compact28, 200_782, 206_254, 776_016 + 7_850),
            (Preset::Mnist, 1_514_526, 1_519_998, 3_762_784 + 7_850),
        ] {
            assert_eq!(count(preset, Family::ResNet, 10), resnet);
            assert_eq!(count(preset, Family::Vib, 10), vib);
            assert_eq!(count(preset, Family::IRevNet, 10), revnet);
        }
    }

    #[test]
    fn each_element_of_the_cifar_net_has_its_published_count() {
        let spec = Preset::Cifar10.spec().unwrap();
        let counts: Vec<_> = spec.elements().iter().map(|e| e.parameter_count()).collect();
        assert_eq!(counts[0], 2_696);
        assert_eq!(counts[8], 22_072);
        assert_eq!(counts[9], 11_492);
        assert_eq!(counts[33], 97_760);
        assert_eq!(counts[34], 54_160);
        assert_eq!(counts[60], 9_445_376);
    }

    #[test]
    fn multiply_adds_match_the_reference_count() {
        assert_eq!(Preset::Cifar10.spec().unwrap().multiply_adds(), 200_335_360);
        assert_eq!(Preset::Compact28.spec().unwrap().multiply_adds(), 12_492_256);
        assert_eq!(Preset::Compact32.spec().unwrap().multiply_adds(), 45_402_112);
        assert_eq!(Preset::Wide32.spec().unwrap().multiply_adds(), 206_776_320);
    }

    #[test]
    fn unknown_preset_names_the_known_ones() {
        let message = "resnet".parse::<Preset>().unwrap_err().to_string();
        assert!(message.contains("compact28"), "{message}");
    }
}
