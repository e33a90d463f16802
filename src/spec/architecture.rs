//! An architecture without the image and the classes: as a configuration has it, or as suits the images.

use serde::{Deserialize, Serialize};

use crate::spec::shape::Shape;
use crate::spec::{InputSpec, ModelSpec, SpecFields, StageSpec, Stem};
use crate::{ClassPrior, Family, Result};

/// What a network is made of, whatever its images and classes (method §2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Architecture {
    /// What comes before the first stage.
    pub stem: Stem,
    /// The stages, from the input on.
    pub stages: Vec<StageSpec>,
    /// Hidden units of the dense coupling's subnets.
    pub dense_hidden: usize,
}

/// Coupling blocks of each stage.
const BLOCKS: usize = 4;
/// Width of the first stage's subnets, and the largest width; it doubles from stage to stage.
const WIDTHS: [usize; 2] = [24, 96];
/// Stages are added while the map's side is above this.
const SMALL_SIDE: usize = 8;
/// Hidden units of the dense coupling, at least and at most.
const DENSE: [usize; 2] = [32, 256];
/// Dimensions up to which the dense coupling has the most hidden units; beyond, dimensions × hidden units stay the same.
const DENSE_DIMS: usize = 4096;

impl Architecture {
    /// An architecture for images of `shape`, square with a side that is a multiple of four: small enough to be trained on
    /// a CPU. The Haar transform comes first, then stages of four blocks until the map has a side of at most 8 or an odd
    /// one; at least two, so that there is a down-coupling. For 1×28×28 it is the preset `compact28`.
    pub fn auto(shape: Shape) -> Self {
        let mut side = shape.height / 2;
        let mut width = WIDTHS[0];
        let mut stages = vec![StageSpec { blocks: BLOCKS, width }];
        while side.is_multiple_of(2) && side > 2 && (side > SMALL_SIDE || stages.len() == 1) {
            side /= 2;
            width = (2 * width).min(WIDTHS[1]);
            stages.push(StageSpec { blocks: BLOCKS, width });
        }
        let dims = shape.len();
        let [least, most] = DENSE;
        let dense_hidden = (most * DENSE_DIMS / dims.max(DENSE_DIMS)).clamp(least, most.min(dims.max(least)));
        Self { stem: Stem::Haar, stages, dense_hidden }
    }

    /// The spec of a model of `family` with this architecture.
    ///
    /// # Errors
    /// [`Error::Spec`](crate::Error::Spec) names the first thing that makes the network impossible.
    pub fn spec(&self, family: Family, input: InputSpec, classes: Vec<String>) -> Result<ModelSpec> {
        let Self { stem, stages, dense_hidden } = self.clone();
        let class_prior = ClassPrior::Uniform;
        SpecFields { family, input, stem, stages, dense_hidden, classes, class_prior }.try_into()
    }
}

impl From<&ModelSpec> for Architecture {
    fn from(spec: &ModelSpec) -> Self {
        let SpecFields { stem, stages, dense_hidden, .. } = spec.clone().into();
        Self { stem, stages, dense_hidden }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Preset;

    fn spec(channels: usize, side: usize) -> ModelSpec {
        let (mean, std) = (vec![0.5; channels], vec![0.5; channels]);
        let input = InputSpec { channels, height: side, width: side, mean, std };
        let classes = (0..3).map(|k| k.to_string()).collect();
        Architecture::auto(input.shape()).spec(Family::IbInn, input, classes).unwrap()
    }

    #[test]
    fn for_small_grey_images_it_is_the_compact_preset() {
        let compact = Preset::Compact28.spec().unwrap();
        assert_eq!(Architecture::from(&compact), Architecture::auto(compact.input_shape()));
    }

    #[test]
    fn there_is_a_network_for_every_side() {
        for channels in [1, 3] {
            for side in (8..=128).step_by(4) {
                let spec = spec(channels, side);
                assert!(spec.stages().len() >= 2, "{side}");
                let (cost, weights) = (spec.multiply_adds(), spec.parameter_count());
                assert!(cost < 1_200_000_000 && weights < 12_000_000, "{channels}×{side}: {cost}, {weights}");
            }
        }
        let sides = |side: usize| spec(3, side).stages().len();
        assert_eq!([8, 32, 44, 48, 64, 128].map(sides), [2, 2, 2, 3, 3, 4]);
    }
}
