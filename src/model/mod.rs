//! A model: an architecture, its tensors in folded form, and its card; and the one file that holds them.
//!
//! The file is a safetensors container ([`container`]) whose metadata has
//! `format` = "ibinn", `version`, `spec` ([`ModelSpec`] as JSON), `card` ([`Card`] as JSON) and `sha256` of spec,
//! card and data. Tensors are F32, or F16 for the weights of convolutions and linear layers; the permutation is I32.

pub mod card;
pub mod container;
pub mod foreign;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::head::mixture::{BitsPerDim, Mixture};
use crate::math::to_f64;
use crate::spec::element::Coupling;
use crate::spec::mixing::Mixing;
use crate::spec::tensors::{EMPIRICAL_MEANS, PERMUTATION, folded_tensors};
use crate::{Error, ModelSpec, Result, SpecFields};
use card::Card;
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
        for info in expected.iter().filter(|info| info.name != PERMUTATION) {
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
        Ok(Self { spec, card, tensors, permutation })
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::Version`], [`Error::Spec`], [`Error::Card`] or [`Error::Tensor`]: one sentence that
    /// says what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let Container { metadata, arrays } = Container::parse(bytes)?;
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
            match (name == PERMUTATION, array.dtype) {
                (true, Dtype::I32) => {
                    permutation =
                        array.bytes.as_chunks::<4>().0.iter().map(|&b| u32::from_le_bytes(b)).collect();
                }
                (false, Dtype::F32) => {
                    tensors.insert(name, array.to_f32());
                }
                (false, Dtype::F16) if may_be_half(&name) => {
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
        Self::new(spec, card, tensors, permutation)
    }

    /// The model as the bytes of a model file: equal models give equal bytes.
    pub fn to_bytes(&self, precision: Precision) -> Vec<u8> {
        let mut container = Container::default();
        for info in folded_tensors(&self.spec) {
            let array = if info.name == PERMUTATION {
                Array::i32(&info.shape, &self.permutation.iter().map(|&i| i as i32).collect::<Vec<_>>())
            } else {
                let values = self.tensor(&info.name);
                let fits = || values.iter().all(|v| v.abs() <= f32::from(half::f16::MAX));
                if precision == Precision::F16 && may_be_half(&info.name) && fits() {
                    Array::f16(&info.shape, values)
                } else {
                    Array::f32(&info.shape, values)
                }
            };
            container.arrays.insert(info.name, array);
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

    /// The same model under another card.
    ///
    /// # Errors
    /// [`Error::Card`] says what of the card does not fit.
    pub fn with_card(self, card: Card) -> Result<Self> {
        card.check(self.spec.family(), self.spec.classes().len())?;
        Ok(Self { card, ..self })
    }

    /// A tensor of the folded form by name, flattened in row-major order; empty for a name that
    /// [`folded_tensors`] does not list.
    pub fn tensor(&self, name: &str) -> &[f32] {
        self.tensors.get(name).map_or(&[], Vec::as_slice)
    }

    /// The fixed permutation before the dense coupling: `out[i] = in[permutation[i]]`, D entries; none of a
    /// feed-forward network.
    pub fn permutation(&self) -> &[u32] {
        &self.permutation
    }

    /// What a coupling block of this model does to the channels of every pixel.
    pub fn mixing(&self, coupling: &Coupling) -> Mixing {
        let get = |part: &str| to_f64(self.tensor(&format!("{}.{part}", coupling.name)));
        Mixing::new(coupling.shape.pixels(), &get("mix.matrix"), &get("scale.log_alpha"), &get("offset"))
    }

    /// The latent mixture around the trained means μ_y.
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has none.
    pub fn mixture(&self) -> Result<Mixture> {
        self.spec.family().require_mixture()?;
        Ok(Mixture::of(self))
    }

    /// Bits per dimension of an L_X in nats per dimension, for this model's normalisation.
    pub fn bits_per_dim(&self, l_x: f64) -> BitsPerDim {
        BitsPerDim::new(l_x, &self.spec.input().std)
    }

    /// Mean latent of each class's training images, (K, D): what samples are drawn around; empty without a mixture.
    pub fn empirical_means(&self) -> &[f32] {
        self.tensor(EMPIRICAL_MEANS)
    }
}

/// Whether the tensor is the weights of a convolution or a linear layer.
fn may_be_half(name: &str) -> bool {
    name.ends_with(".weight")
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
