//! A model: an architecture, its tensors in folded form, and its card; and the one file that holds them.
//!
//! The file is a safetensors container ([`container`]) whose metadata has
//! `format` = "ibinn", `version`, `spec` ([`ModelSpec`] as JSON), `card` ([`Card`] as JSON) and `sha256` of spec,
//! card and data. Tensors are F32, or F16 for the weights of convolutions and linear layers; the permutation is I32. What
//! tells novel images may stand beside the network's tensors ([`Detector`]).

pub mod card;
pub mod container;
pub mod foreign;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::head::mixture::{BitsPerDim, Mixture};
use crate::head::novelty::{self, Detector};
use crate::math::to_f64;
use crate::spec::element::Coupling;
use crate::spec::head::HeadSpec;
use crate::spec::mixing::Mixing;
use crate::spec::tensors::{CouplingTensors, PERMUTATION, TensorInfo, TensorKind, folded_tensors};
use crate::{Error, ModelSpec, Result, SpecFields};
use card::{Card, NoveltyFit};
use container::{Array, Container, Dtype};

/// The `format` that a model file names.
const FORMAT: &str = "ibinn";
/// The version that is written, and the only one that is read.
const VERSION: u32 = 2;

/// How the large weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    F32,
    /// Weights of convolutions and linear layers rounded to half precision; everything that must invert exactly
    /// (soft permutation, scale, offset, means), all biases, and weights beyond what half precision can hold stay F32.
    F16,
}

/// A model that is exactly what its spec says: every tensor present, shaped and finite.
///
/// It is read from a file's bytes; a [`Session`](crate::Session) runs it.
///
/// ```
/// use ibinn::{Model, Precision};
///
/// let bytes = std::fs::read("www/public/models/digits-gamma-1.safetensors").unwrap();
/// let model = Model::from_bytes(&bytes)?;
/// assert_eq!(model.card().training.dataset, "builtin");
/// assert_eq!(model.spec().classes().len(), 10);
///
/// // What is written reads back, and damage is noticed.
/// let mut written = model.to_bytes(Precision::F16);
/// assert!(Model::from_bytes(&written)? == model);
/// *written.last_mut().unwrap() ^= 1;
/// assert!(Model::from_bytes(&written).unwrap_err().to_string().contains("damaged"));
/// # Ok::<(), ibinn::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    spec: ModelSpec,
    card: Card,
    tensors: BTreeMap<String, Vec<f32>>,
    permutation: Vec<u32>,
    detector: Option<Detector>,
}

impl Model {
    /// Puts a model together.
    ///
    /// `tensors` holds every tensor of [`folded_tensors`] but the permutation, flattened in row-major order;
    /// `permutation` is empty for a feed-forward network.
    ///
    /// # Errors
    /// [`Error::Tensor`] names the first tensor that is missing, superfluous, mis-shaped or not finite;
    /// [`Error::Card`] says what of the card does not fit.
    pub fn new(
        spec: ModelSpec,
        card: Card,
        tensors: BTreeMap<String, Vec<f32>>,
        permutation: Vec<u32>,
    ) -> Result<Self> {
        let expected = folded_tensors(&spec);
        for info in expected.iter().filter(|info| info.kind != TensorKind::Permutation) {
            let values = tensors.get(&info.name).ok_or_else(|| Error::tensor(&info.name, "is missing"))?;
            if values.len() != info.len() {
                return Err(Error::tensor(
                    &info.name,
                    format!("has {} numbers, not {:?}", values.len(), info.shape),
                ));
            }
            if let Some(position) = values.iter().position(|v| !v.is_finite()) {
                return Err(Error::tensor(
                    &info.name,
                    format!("holds {} at index {position}", values[position]),
                ));
            }
        }
        if let Some(name) = tensors.keys().find(|name| !expected.iter().any(|info| info.name == **name)) {
            return Err(Error::tensor(name, "does not belong to this architecture"));
        }
        check_permutation(&permutation, if spec.family().is_flow() { spec.dims() } else { 0 })?;
        card.check(spec.family(), spec.classes().len())?;
        // Novelty is fitted to the features of a network that there already is.
        let card = Card { novelty: None, ..card };
        Ok(Self { spec, card, tensors, permutation, detector: None })
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::Version`], [`Error::Spec`], [`Error::Card`] or [`Error::Tensor`]: one sentence that
    /// says what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let Container { metadata, mut arrays } = Container::parse(bytes)?;
        let entry = |key: &str| {
            metadata.get(key).ok_or_else(|| {
                Error::Format(format!("its metadata has no `{key}`, so another program wrote it"))
            })
        };
        if entry("format")? != FORMAT {
            return Err(Error::Format(format!("its format is `{}`, not `{FORMAT}`", entry("format")?)));
        }
        let version = entry("version")?;
        if *version != VERSION.to_string() {
            return Err(Error::Version { found: version.clone(), supported: VERSION });
        }
        let (spec_text, card_text) = (entry("spec")?, entry("card")?);
        if *entry("sha256")? != digest(spec_text, card_text, &arrays) {
            return Err(Error::Format("its contents do not match its sha256: the file is damaged".into()));
        }
        let fields: SpecFields = serde_json::from_str(spec_text)
            .map_err(|e| Error::Format(format!("its spec cannot be read ({e})")))?;
        let spec = ModelSpec::try_from(fields)?;
        let card: Card = serde_json::from_str(card_text)
            .map_err(|e| Error::Format(format!("its card cannot be read ({e})")))?;

        let (classes, features) = (spec.classes().len(), spec.features());
        let of_detector = arrays.extract_if(.., |name, _| name.starts_with(novelty::PREFIX)).collect();
        let detector = Detector::from_arrays(of_detector, classes, features)?;
        let mut tensors = BTreeMap::new();
        let mut permutation = Vec::new();
        let expected = folded_tensors(&spec);
        for (name, array) in arrays {
            let info = expected
                .iter()
                .find(|info| info.name == name)
                .ok_or_else(|| Error::tensor(&name, "does not belong to this architecture"))?;
            if array.shape != info.shape {
                return Err(Error::tensor(
                    &name,
                    format!("has shape {:?}, must be {:?}", array.shape, info.shape),
                ));
            }
            match (info.kind, array.dtype) {
                (TensorKind::Permutation, Dtype::I32) => {
                    permutation =
                        array.bytes.as_chunks::<4>().0.iter().map(|&b| u32::from_le_bytes(b)).collect();
                }
                (kind, Dtype::F32) if kind != TensorKind::Permutation => {
                    tensors.insert(name, array.to_f32());
                }
                (kind, Dtype::F16) if kind.may_be_half() => {
                    tensors.insert(name, array.to_f32());
                }
                (_, dtype) => {
                    return Err(Error::tensor(
                        &name,
                        format!("has the type {dtype:?}, which it cannot have"),
                    ));
                }
            }
        }
        let fit = card.novelty.clone();
        let mut model = Self::new(spec, card, tensors, permutation)?;
        match (detector, fit) {
            (Some(detector), Some(fit)) => model.set_novelty(detector, fit)?,
            (None, None) => {}
            (Some(_), None) => return Err(Error::Card("it does not say what novelty was fitted to".into())),
            (None, Some(_)) => {
                return Err(Error::Card("it says what novelty was fitted to, but there is none".into()));
            }
        }
        Ok(model)
    }

    /// The model as the bytes of a model file: equal models give equal bytes.
    pub fn to_bytes(&self, precision: Precision) -> Vec<u8> {
        let mut container = Container::default();
        for info in folded_tensors(&self.spec) {
            let array = if info.kind == TensorKind::Permutation {
                Array::i32(&info.shape, &self.permutation.iter().map(|&i| i as i32).collect::<Vec<_>>())
            } else {
                let values = self.tensor(&info);
                let fits = || values.iter().all(|v| v.abs() <= f32::from(half::f16::MAX));
                if precision == Precision::F16 && info.kind.may_be_half() && fits() {
                    Array::f16(&info.shape, values)
                } else {
                    Array::f32(&info.shape, values)
                }
            };
            container.arrays.insert(info.name, array);
        }
        for (name, array) in self.detector.iter().flat_map(Detector::arrays) {
            container.arrays.insert(name.into(), array);
        }
        let spec = serde_json::json!(self.spec).to_string();
        let card = serde_json::json!(self.card).to_string();
        let digest = digest(&spec, &card, &container.arrays);
        let entries = [
            ("format", FORMAT.into()),
            ("version", VERSION.to_string()),
            ("spec", spec),
            ("card", card),
            ("sha256", digest),
        ];
        container.metadata = entries.map(|(key, value)| (key.to_string(), value)).into();
        container.to_bytes()
    }

    /// The architecture.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The card.
    pub fn card(&self) -> &Card {
        &self.card
    }

    /// The same model under another card. What novelty was fitted to stays.
    ///
    /// # Errors
    /// [`Error::Card`] says what of the card does not fit.
    pub fn with_card(self, card: Card) -> Result<Self> {
        card.check(self.spec.family(), self.spec.classes().len())?;
        let card = Card { novelty: self.card.novelty, ..card };
        Ok(Self { card, ..self })
    }

    /// The same model with other empirical means, (K, D).
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has none, [`Error::Tensor`] when they are not as many finite numbers.
    pub fn with_empirical_means(mut self, means: Vec<f32>) -> Result<Self> {
        let (_, info) = self.means_tensors()?;
        if means.len() != info.len() || means.iter().any(|v| !v.is_finite()) {
            return Err(Error::tensor(&info.name, format!("would not hold {:?} finite numbers", info.shape)));
        }
        self.tensors.insert(info.name, means);
        Ok(self)
    }

    /// What tells novel images by the features that the network gives; none until it is fitted.
    pub fn detector(&self) -> Option<&Detector> {
        self.detector.as_ref()
    }

    /// Gives the model a detector that was fitted to its features as `fit` says.
    ///
    /// # Errors
    /// [`Error::Input`] when the detector is of another number of features or classes.
    pub fn set_novelty(&mut self, detector: Detector, fit: NoveltyFit) -> Result<()> {
        let own = (self.spec.features(), self.spec.classes().len());
        let other = (detector.dims(), detector.classes());
        if other != own {
            return Err(Error::Input(format!(
                "novelty is fitted to {} features of {} classes, but the model has {} of {}",
                other.0, other.1, own.0, own.1
            )));
        }
        self.card.novelty = Some(fit);
        self.detector = Some(detector);
        Ok(())
    }

    /// A tensor of the folded form, flattened in row-major order.
    ///
    /// # Panics
    /// When this architecture's folded form has no such tensor, or it is the permutation: who asks for a tensor has it from
    /// another spec or for another form, which is a fault of the program.
    pub fn tensor(&self, info: &TensorInfo) -> &[f32] {
        let tensor = self.tensors.get(&info.name).filter(|values| values.len() == info.len());
        tensor.unwrap_or_else(|| panic!("the model has no tensor `{}` of shape {:?}", info.name, info.shape))
    }

    /// The fixed permutation before the dense coupling: `out[i] = in[permutation[i]]`, D entries; none of a
    /// feed-forward network.
    pub fn permutation(&self) -> &[u32] {
        &self.permutation
    }

    /// What a coupling block of this model does to the channels of every pixel.
    pub fn mixing(&self, coupling: &Coupling) -> Mixing {
        let CouplingTensors { rotation, log_alpha, offset } = coupling.tensors();
        let [rotation, log_alpha, offset] =
            [rotation, log_alpha, offset].map(|info| to_f64(self.tensor(&info)));
        Mixing::new(coupling.shape.pixels(), &rotation, &log_alpha, &offset)
    }

    /// The latent mixture around the trained means μ_y.
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has none.
    pub fn mixture(&self) -> Result<Mixture> {
        match self.spec.head() {
            HeadSpec::Mixture { means, log_weights, .. } => Ok(self.mixture_of(&means, log_weights.as_ref())),
            HeadSpec::Linear(_) | HeadSpec::Bottleneck { .. } => Err(self.spec.family().lacks_mixture()),
        }
    }

    /// The mixture of these tensors.
    pub(crate) fn mixture_of(&self, means: &TensorInfo, log_weights: Option<&TensorInfo>) -> Mixture {
        let mixture = Mixture::new(to_f64(self.tensor(means)), self.spec.dims());
        match log_weights {
            Some(info) => mixture.with_log_weights(&to_f64(self.tensor(info))),
            None => mixture,
        }
    }

    /// The trained means μ_y, (K, D).
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has none.
    pub fn means(&self) -> Result<&[f32]> {
        let (means, _) = self.means_tensors()?;
        Ok(self.tensor(&means))
    }

    /// Mean latent of each class's training images, (K, D): what samples are drawn around.
    ///
    /// # Errors
    /// As [`means`](Self::means).
    pub fn empirical_means(&self) -> Result<&[f32]> {
        let (_, means) = self.means_tensors()?;
        Ok(self.tensor(&means))
    }

    fn means_tensors(&self) -> Result<(TensorInfo, TensorInfo)> {
        self.spec.family().require_mixture()?;
        match self.spec.head() {
            HeadSpec::Mixture { means, empirical_means, .. } => Ok((means, empirical_means)),
            HeadSpec::Linear(_) | HeadSpec::Bottleneck { .. } => {
                unreachable!("the family decides the kind of head")
            }
        }
    }

    /// Bits per dimension of an L_X in nats per dimension, for this model's normalisation.
    pub fn bits_per_dim(&self, l_x: f64) -> BitsPerDim {
        BitsPerDim::new(l_x, &self.spec.input().std)
    }
}

fn check_permutation(permutation: &[u32], dims: usize) -> Result<()> {
    let mut seen = vec![false; dims];
    let fresh = |&i: &u32| seen.get_mut(i as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    if permutation.len() == dims && permutation.iter().all(fresh) {
        Ok(())
    } else {
        Err(Error::tensor(PERMUTATION, format!("does not hold each of the {dims} positions once")))
    }
}

fn digest(spec: &str, card: &str, arrays: &BTreeMap<String, Array>) -> String {
    let mut hash = Sha256::new();
    for text in [spec, card] {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    for array in arrays.values() {
        hash.update(&array.bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Method, Preset, Training};

    fn tiny() -> Model {
        let spec = Preset::Tiny.spec().unwrap();
        let mut tensors = folded_tensors(&spec);
        tensors.retain(|info| info.kind != TensorKind::Permutation);
        let values = |info: TensorInfo| (info.name.clone(), vec![0.1; info.len()]);
        let training = Training {
            dataset: "none".into(),
            images: None,
            held_out: None,
            preset: "tiny".into(),
            method: Method::ClassNll { frozen_means: None },
            seed: None,
            epochs: None,
            steps: None,
        };
        let card = Card::new("test", training);
        let order = (0..spec.dims() as u32).collect();
        Model::new(spec, card, tensors.into_iter().map(values).collect(), order).unwrap()
    }

    #[test]
    fn only_weights_are_rounded_to_half_precision() {
        let read = Model::from_bytes(&tiny().to_bytes(Precision::F16)).unwrap();
        for info in folded_tensors(read.spec()) {
            if info.kind != TensorKind::Permutation {
                let exact = read.tensor(&info).iter().all(|&v| v == 0.1);
                assert_eq!(exact, info.kind != TensorKind::Weight, "{}", info.name);
            }
        }
    }

    #[test]
    #[should_panic(expected = "the model has no tensor `stage0.block0.subnet.bn1.gamma`")]
    fn a_tensor_of_the_other_form_does_not_read_as_empty() {
        let model = tiny();
        let gamma = model.spec().subnets()[0].tensors().hidden[0].norm.gamma.clone();
        model.tensor(&gamma);
    }

    #[test]
    #[should_panic(expected = "the model has no tensor `head.weight`")]
    fn a_tensor_of_another_spec_does_not_read_as_empty() {
        let model = tiny();
        let other = model.spec().with_family(crate::Family::IRevNet).unwrap();
        let HeadSpec::Linear(head) = other.head() else { panic!("an i-RevNet has a linear layer") };
        model.tensor(&head.tensors().weight);
    }
}
