//! What goes to JavaScript, under the names that `web/ts/types.ts` documents.

use ibinn::head::novelty;
use ibinn::session::Classified;
use ibinn::session::executor::Executor;
use ibinn::spec::element::Element;
use ibinn::{Card, ClassPrior, Model, ModelSpec, cpu};
use js_sys::{Float32Array, Float64Array};
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, preserve};
use wasm_bindgen::JsValue;

use crate::error::{Error, Result};

/// Plain objects and arrays, and `null` for `None`.
const SERIALIZER: Serializer = Serializer::json_compatible();

/// A value as JavaScript sees it; typed arrays stay typed arrays.
///
/// # Errors
/// [`Error::Value`] when it has no counterpart there.
pub fn to_js(value: &impl Serialize) -> Result<JsValue> {
    Ok(value.serialize(&SERIALIZER)?)
}

/// The card with the keys of the model file. A seed above 2⁵³ is rounded, as JavaScript has no other number.
///
/// # Errors
/// [`Error::Argument`] when the card is no JSON, which a card that came from a file cannot be.
pub fn card(card: &Card) -> Result<JsValue> {
    let text = serde_json::json!(card).to_string();
    js_sys::JSON::parse(&text).map_err(|_| Error::Argument("the model's card is not JSON".into()))
}

/// `Adapter` of the module: what runs the model.
#[derive(Serialize)]
pub struct Adapter {
    executor: &'static str,
    name: String,
    backend: String,
    software: bool,
    notice: Option<String>,
}

impl Adapter {
    /// That of `executor`.
    pub fn of(executor: &Executor) -> Self {
        let (name, backend, software) = match executor.adapter() {
            Some(gpu) => (gpu.name.clone(), gpu.backend.clone(), gpu.software),
            None => ("CPU".into(), "WebAssembly".into(), false),
        };
        Self { executor: executor.name(), name, backend, software, notice: executor.notice() }
    }
}

/// `Spec` of the module: the sizes that a caller needs.
#[derive(Serialize)]
pub struct Spec<'a> {
    channels: usize,
    height: usize,
    width: usize,
    dims: usize,
    classes: &'a [String],
    class_prior: ClassPrior,
    parameters: usize,
    couplings: usize,
}

impl<'a> Spec<'a> {
    /// That of `spec`.
    pub fn of(spec: &'a ModelSpec) -> Self {
        let input = spec.input();
        Self {
            channels: input.channels,
            height: input.height,
            width: input.width,
            dims: spec.dims(),
            classes: spec.classes(),
            class_prior: spec.class_prior(),
            parameters: spec.parameter_count(),
            couplings: spec.elements().iter().filter(|e| matches!(e, Element::Coupling(_))).count(),
        }
    }
}

/// `Encoded` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Encoded {
    #[serde(with = "preserve")]
    z: Float32Array,
    #[serde(with = "preserve")]
    log_det: Float32Array,
}

impl From<ibinn::Encoded> for Encoded {
    fn from(encoded: ibinn::Encoded) -> Self {
        Self { z: encoded.z.as_slice().into(), log_det: encoded.log_det.as_slice().into() }
    }
}

/// `Samples` of the module.
#[derive(Serialize)]
pub struct Samples {
    #[serde(with = "preserve")]
    z: Float32Array,
    #[serde(with = "preserve")]
    pixels: Float32Array,
}

impl From<ibinn::session::Samples> for Samples {
    fn from(samples: ibinn::session::Samples) -> Self {
        Self { z: samples.z.as_slice().into(), pixels: samples.pixels.as_slice().into() }
    }
}

/// `BothWays` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BothWays {
    channels: usize,
    height: usize,
    width: usize,
    first: usize,
    #[serde(with = "preserve")]
    x: Float32Array,
    #[serde(with = "preserve")]
    log_scale: Float32Array,
    #[serde(with = "preserve")]
    shift: Float32Array,
    #[serde(with = "preserve")]
    u: Float32Array,
    #[serde(with = "preserve")]
    y: Float32Array,
    #[serde(with = "preserve")]
    back: Float32Array,
}

impl From<cpu::BothWays<f32>> for BothWays {
    fn from(block: cpu::BothWays<f32>) -> Self {
        Self {
            channels: block.shape.channels,
            height: block.shape.height,
            width: block.shape.width,
            first: block.first,
            x: block.x.as_slice().into(),
            log_scale: block.log_scale.as_slice().into(),
            shift: block.shift.as_slice().into(),
            u: block.u.as_slice().into(),
            y: block.y.as_slice().into(),
            back: block.back.as_slice().into(),
        }
    }
}

/// Where an image's L_X lies among those of the test set.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Typicality {
    share_below: f64,
    share_more_typical: f64,
}

/// `Novelty` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Novelty {
    score: f64,
    p: f64,
    verdict: &'static str,
    nearest: usize,
    all_far: bool,
    #[serde(with = "preserve")]
    class_p: Float64Array,
    #[serde(with = "preserve")]
    distances: Float64Array,
}

impl From<&novelty::Novelty> for Novelty {
    fn from(found: &novelty::Novelty) -> Self {
        let why = found.why();
        Self {
            score: found.score,
            p: found.p,
            verdict: found.verdict().name(),
            nearest: why.nearest,
            all_far: why.all_far,
            class_p: found.class_p.as_slice().into(),
            distances: found.distances.as_slice().into(),
        }
    }
}

/// `Classification` of the module.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Classification {
    prediction: usize,
    #[serde(with = "preserve")]
    posterior: Float64Array,
    #[serde(with = "preserve")]
    logits: Float64Array,
    entropy: f64,
    log_likelihood: f64,
    log_det: f64,
    l_x: f64,
    bits_per_dim: f64,
    bits_per_dim_tables: f64,
    typicality: Option<Typicality>,
    novelty: Option<Novelty>,
    #[serde(with = "preserve")]
    z: Float32Array,
}

impl Classification {
    /// What `model` says of an image.
    ///
    /// # Errors
    /// When the model has no likelihood, which an engine's has.
    pub fn new(seen: &Classified, model: &Model) -> Result<Self> {
        let Classified { features, log_det, found } = seen;
        let both = log_det.zip(found.density);
        let (log_det, density) = both.ok_or_else(|| model.spec().family().lacks_mixture())?;
        let bits = model.bits_per_dim(density.l_x);
        let typicality = model.card().typicality().map(|typicality| Typicality {
            share_below: typicality.share_below(density.l_x),
            share_more_typical: typicality.share_more_typical(density.l_x),
        });
        Ok(Self {
            prediction: found.prediction,
            posterior: found.posterior.probabilities.as_slice().into(),
            logits: found.posterior.logits.as_slice().into(),
            entropy: found.posterior.entropy(),
            log_likelihood: density.log_likelihood,
            log_det: f64::from(log_det),
            l_x: density.l_x,
            bits_per_dim: bits.correct,
            bits_per_dim_tables: bits.tables,
            typicality,
            novelty: found.novelty.as_ref().map(Novelty::from),
            z: features.as_slice().into(),
        })
    }
}
