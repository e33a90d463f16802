//! The fields of a spec: its JSON form, and what they may be.

use serde::{Deserialize, Serialize};

use crate::spec::shape::Shape;
use crate::{ClassPrior, Error, Family, Result};

/// The largest number of dimensions D or hidden units that a spec may ask for; far above every model
/// of the paper, and low enough that a hostile file cannot ask for absurd amounts of memory.
const LARGEST: usize = 1 << 16;
/// The largest number of coupling blocks in a stage.
const MOST_BLOCKS: usize = 256;

/// The image that a network takes, and how it is normalised: x′ = (x − mean) / std per channel, x in [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputSpec {
    /// Colour channels C.
    pub channels: usize,
    /// Rows H.
    pub height: usize,
    /// Columns W.
    pub width: usize,
    /// Per-channel mean, in units of [0, 1].
    pub mean: Vec<f32>,
    /// Per-channel standard deviation, in units of [0, 1].
    pub std: Vec<f32>,
}

impl InputSpec {
    /// The image's shape.
    pub fn shape(&self) -> Shape {
        Shape { channels: self.channels, height: self.height, width: self.width }
    }
}

/// What comes before the first stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stem {
    /// The first stage sees the image itself (CIFAR nets).
    Image,
    /// An orthonormal 2×2 Haar transform comes first (MNIST nets).
    Haar,
}

/// A run of coupling blocks at one resolution. Between two stages stands a down-coupling, whose subnets are twice
/// as wide as the stage that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageSpec {
    /// Number of coupling blocks.
    pub blocks: usize,
    /// Channels of the subnets' hidden layers.
    pub width: usize,
}

/// The fields of a spec, unchecked: the JSON form, and the way to build one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecFields {
    /// The kind of model.
    pub family: Family,
    /// The image.
    pub input: InputSpec,
    /// What comes before the first stage.
    pub stem: Stem,
    /// The stages, from the input on.
    pub stages: Vec<StageSpec>,
    /// Hidden units of the dense coupling's subnets.
    pub dense_hidden: usize,
    /// Names of the K classes.
    pub classes: Vec<String>,
    /// The weights of the mixture's components; only a model with a mixture has others than equal ones.
    #[serde(default, skip_serializing_if = "ClassPrior::is_uniform")]
    pub class_prior: ClassPrior,
}

impl SpecFields {
    /// Whether the subnet of a block begins with a ReLU: all do but the one that sees the raw image (method §2.3).
    pub(crate) fn leading_relu(&self, stage: usize, block: usize) -> bool {
        self.stem == Stem::Haar || stage > 0 || block > 0
    }
}

/// An [`Error::Spec`].
pub(crate) fn refuse<T>(problem: String) -> Result<T> {
    Err(Error::Spec(problem))
}

/// Checks each field by itself.
///
/// # Errors
/// [`Error::Spec`] names the first that is out of range.
pub(crate) fn check_fields(fields: &SpecFields) -> Result<()> {
    let input = &fields.input;
    for (what, n) in [("channels", input.channels), ("height", input.height), ("width", input.width)] {
        if !(1..=4096).contains(&n) {
            return refuse(format!("input {what} is {n}, must be 1 to 4096"));
        }
    }
    // In 64 bits: usize has 32 on wasm, and a hostile file could make the product wrap.
    let dims = [input.channels, input.height, input.width].iter().map(|&n| n as u64).product::<u64>();
    if dims > LARGEST as u64 {
        return refuse(format!("the input has {dims} dimensions, at most {LARGEST} are supported"));
    }
    if input.mean.len() != input.channels || input.std.len() != input.channels {
        return refuse(format!("input mean and std must have {} entries, one a channel", input.channels));
    }
    if !input.mean.iter().all(|m| m.is_finite()) || !input.std.iter().all(|s| s.is_finite() && *s > 0.0) {
        return refuse("input mean must be finite and input std positive".into());
    }
    if fields.stages.is_empty() || fields.stages.len() > 8 {
        return refuse(format!("there are {} stages, must be 1 to 8", fields.stages.len()));
    }
    for (i, stage) in fields.stages.iter().enumerate() {
        if !(1..=4096).contains(&stage.width) || !(1..=MOST_BLOCKS).contains(&stage.blocks) {
            return refuse(format!(
                "stage {i} has {} blocks of width {}, must be 1 to {MOST_BLOCKS} blocks of width 1 to 4096",
                stage.blocks, stage.width
            ));
        }
    }
    if !(1..=LARGEST).contains(&fields.dense_hidden) {
        return refuse(format!("dense_hidden is {}, must be 1 to {LARGEST}", fields.dense_hidden));
    }
    if !(2..=1000).contains(&fields.classes.len()) {
        return refuse(format!("there are {} classes, must be 2 to 1000", fields.classes.len()));
    }
    if !fields.class_prior.is_uniform() && !fields.family.has_mixture() {
        return refuse(format!(
            "class_prior is {}, but a model of the family {} has no mixture to weigh",
            fields.class_prior, fields.family
        ));
    }
    Ok(())
}
