//! What a network is, as data: everything else (elements, tensors, counts) is derived from a [`ModelSpec`].

use serde::{Deserialize, Serialize};

use crate::spec::dct::Dct;
use crate::spec::element::{Coupling, Dense, Down, Element, Subnet};
use crate::spec::feed_forward::{Layer, derive_layers};
use crate::spec::fields::{InputSpec, SpecFields, StageSpec, Stem, check_fields, refuse};
use crate::spec::shape::Shape;
use crate::{ClassPrior, Error, Family, Result};

/// The architecture of a model (method §2), known to be consistent.
///
/// It is a few fields, from which all else follows; a preset has them, and so has a file.
///
/// ```
/// use ibinn::{ModelSpec, Preset, SpecFields};
///
/// let spec = Preset::Tiny.spec()?;
/// assert_eq!((spec.dims(), spec.classes().len()), (28 * 28, 10));
///
/// // Fields that make no network are refused in a sentence.
/// let mut fields = SpecFields::from(spec);
/// fields.input.height = 27;
/// let refused = ModelSpec::try_from(fields).unwrap_err();
/// assert!(refused.to_string().starts_with("model spec: "));
/// # Ok::<(), ibinn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SpecFields", into = "SpecFields")]
pub struct ModelSpec {
    fields: SpecFields,
    network: Network,
}

/// What takes an image to what the head sees.
#[derive(Clone, Debug, PartialEq)]
enum Network {
    Flow(Vec<Element>),
    FeedForward(Vec<Layer>),
}

impl From<ModelSpec> for SpecFields {
    fn from(spec: ModelSpec) -> Self {
        spec.fields
    }
}

impl TryFrom<SpecFields> for ModelSpec {
    type Error = Error;

    /// # Errors
    /// [`Error::Spec`] names the first thing that makes the network impossible.
    fn try_from(fields: SpecFields) -> Result<Self> {
        check_fields(&fields)?;
        // The feed-forward network follows the flow block by block, so it exists where the flow does.
        let elements = derive_elements(&fields)?;
        let network = if fields.family.is_flow() {
            Network::Flow(elements)
        } else {
            Network::FeedForward(derive_layers(&fields))
        };
        Ok(Self { fields, network })
    }
}

fn derive_elements(fields: &SpecFields) -> Result<Vec<Element>> {
    let input = &fields.input;
    let mut shape = input.shape();
    let halve = |shape: Shape, what: &str| match (shape.height % 2, shape.width % 2) {
        (0, 0) => Ok(shape.folded()),
        _ => refuse(format!("{what} needs even sides, not {}×{}", shape.height, shape.width)),
    };
    let mut elements = Vec::new();
    if fields.stem == Stem::Haar {
        let output = halve(shape, "the Haar transform")?;
        elements.push(Element::Haar { input: shape });
        shape = output;
    }
    for (i, stage) in fields.stages.iter().enumerate() {
        if shape.channels < 2 {
            return refuse(format!("stage {i} has 1 channel, a coupling block needs 2; use the Haar stem"));
        }
        for k in 0..stage.blocks {
            elements.push(Element::Coupling(Coupling {
                name: format!("stage{i}.block{k}"),
                shape,
                width: stage.width,
                leading_relu: fields.leading_relu(i, k),
            }));
        }
        if i + 1 < fields.stages.len() {
            let output = halve(shape, &format!("down-coupling {i}"))?;
            elements.push(Element::Down(Down {
                name: format!("down{i}"),
                input: shape,
                width: 2 * stage.width,
            }));
            shape = output;
        }
    }
    if shape.height != shape.width || shape.height < 2 {
        return refuse(format!(
            "the DCT needs a square of at least 2×2, not {}×{}",
            shape.height, shape.width
        ));
    }
    let dims = shape.len();
    elements.push(Element::Dct(Dct { channels: shape.channels, n: shape.height }));
    elements.push(Element::Permutation { dims });
    elements.push(Element::Dense(Dense { dims, hidden: fields.dense_hidden }));
    Ok(elements)
}

impl ModelSpec {
    /// The kind of model.
    pub fn family(&self) -> Family {
        self.fields.family
    }

    /// The image that the network takes.
    pub fn input(&self) -> &InputSpec {
        &self.fields.input
    }

    /// What comes before the first stage.
    pub fn stem(&self) -> Stem {
        self.fields.stem
    }

    /// The stages, from the input on.
    pub fn stages(&self) -> &[StageSpec] {
        &self.fields.stages
    }

    /// The flow's elements in encoding order, ending with permutation and dense coupling; none of a feed-forward
    /// network.
    pub fn elements(&self) -> &[Element] {
        if let Network::Flow(elements) = &self.network { elements } else { &[] }
    }

    /// The layers of a feed-forward network in order, ending with its dense residual block; none of a flow.
    pub fn layers(&self) -> &[Layer] {
        if let Network::FeedForward(layers) = &self.network { layers } else { &[] }
    }

    /// All convolutional subnets of the network, in the order in which an image passes them.
    pub fn subnets(&self) -> Vec<Subnet> {
        match &self.network {
            Network::Flow(elements) => elements.iter().flat_map(Element::subnets).collect(),
            Network::FeedForward(layers) => layers.iter().filter_map(Layer::subnet).cloned().collect(),
        }
    }

    /// Numbers that the network makes of an image: D latents of a flow, or the channels of a feed-forward
    /// network's last map.
    pub fn features(&self) -> usize {
        self.layers().last().and_then(Layer::features).unwrap_or(self.dims())
    }

    /// Number of dimensions D of image and latent alike.
    pub fn dims(&self) -> usize {
        self.fields.input.channels * self.fields.input.height * self.fields.input.width
    }

    /// Shape of the input image.
    pub fn input_shape(&self) -> Shape {
        self.fields.input.shape()
    }

    /// Names of the K classes.
    pub fn classes(&self) -> &[String] {
        &self.fields.classes
    }

    /// The weights of the mixture's components.
    pub fn class_prior(&self) -> ClassPrior {
        self.fields.class_prior
    }

    /// The same with other weights of the mixture's components.
    ///
    /// # Errors
    /// [`Error::Spec`] when a model of this family has no mixture.
    pub fn with_class_prior(&self, class_prior: ClassPrior) -> Result<Self> {
        SpecFields { class_prior, ..self.fields.clone() }.try_into()
    }

    /// The model of another family with the same stages, image and classes.
    ///
    /// # Errors
    /// None for a spec that exists; the result type is that of every other spec.
    pub fn with_family(&self, family: Family) -> Result<Self> {
        let class_prior = if family.has_mixture() { self.class_prior() } else { ClassPrior::Uniform };
        SpecFields { family, class_prior, ..self.fields.clone() }.try_into()
    }

    /// The same architecture for other classes, equally probable, and another normalisation, as a data set asks for.
    ///
    /// # Errors
    /// [`Error::Spec`] when the names or the normalisation do not fit.
    pub fn for_data(&self, classes: Vec<String>, mean: Vec<f32>, std: Vec<f32>) -> Result<Self> {
        let mut fields = self.fields.clone();
        fields.classes = classes;
        fields.class_prior = ClassPrior::Uniform;
        fields.input.mean = mean;
        fields.input.std = std;
        fields.try_into()
    }

    /// Pixels in [0, 1] (N×C×H×W, any N) → the network's input, x′ = (x − mean) / std (method §1.2 step 9).
    pub fn normalize(&self, pixels: &[f32]) -> Vec<f32> {
        self.per_channel(pixels, |v, mean, std| (v - mean) / std)
    }

    /// The inverse of [`normalize`](Self::normalize); what lies outside of [0, 1] stays there.
    pub fn denormalize(&self, x: &[f32]) -> Vec<f32> {
        self.per_channel(x, |v, mean, std| v * std + mean)
    }

    fn per_channel(&self, values: &[f32], f: impl Fn(f32, f32, f32) -> f32) -> Vec<f32> {
        let input = &self.fields.input;
        let plane = input.height * input.width;
        values
            .chunks(plane)
            .enumerate()
            .flat_map(|(i, chunk)| {
                let (mean, std) = (input.mean[i % input.channels], input.std[i % input.channels]);
                chunk.iter().map(move |&v| (v, mean, std))
            })
            .map(|(v, mean, std)| f(v, mean, std))
            .collect()
    }
}
