//! A loaded model with what runs it, as JavaScript sees it.

use ibinn::session::{Centre, Sampling};
use ibinn::{Model, Session};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arguments::{self, MOST_IMAGES};
use crate::error::{Error, Result};
use crate::values::{self, Adapter, Classification, Samples, Spec, to_js};

/// A loaded model with what runs it.
///
/// One call at a time: the methods borrow the engine until their promise settles, and wasm-bindgen throws when a
/// second call comes in between. The worker queues.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
}

#[wasm_bindgen]
impl Engine {
    /// Reads a model file's bytes, which messages call `name`, and prepares its executor: `auto`, `gpu` or `cpu`.
    ///
    /// # Errors
    /// When the bytes are not a sound model file, the model has no mixture to classify and sample by, or the GPU that
    /// was asked for is not there.
    pub async fn load(bytes: Vec<u8>, name: String, executor: String) -> Result<Engine> {
        let choice = executor.parse()?;
        let refuse = |source| Error::Model { name: name.clone(), source };
        let model = Model::from_bytes(&bytes).map_err(refuse)?;
        drop(bytes);
        model.spec().family().require_mixture().map_err(refuse)?;
        Ok(Self { session: Session::new(model, choice).await? })
    }

    /// The model's card, with the keys of the model file.
    ///
    /// # Errors
    /// When the card cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn card(&self) -> Result<JsValue> {
        values::card(self.session.model().card())
    }

    /// The sizes of the model: channels, height, width, dims, classes, parameters.
    ///
    /// # Errors
    /// When they cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn spec(&self) -> Result<JsValue> {
        to_js(&Spec::of(self.session.model().spec()))
    }

    /// What runs the model now.
    ///
    /// # Errors
    /// When it cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn adapter(&self) -> Result<JsValue> {
        to_js(&Adapter::of(self.session.executor()))
    }

    /// Pixels, N×C×H×W → latents z, N×D, and their log-dets in nats of the normalised input, N. Messages count images from
    /// `first`, as they may be part of a batch.
    ///
    /// # Errors
    /// When the pixels are not whole images of finite numbers, or the executor fails.
    pub async fn encode(&mut self, pixels: Vec<f32>, first: u32) -> Result<JsValue> {
        arguments::rows("image", &pixels, self.dims(), first as usize)?;
        let encoded = self.session.encode(&pixels).await?;
        to_js(&values::Encoded::from(encoded))
    }

    /// What the coupling block `number`, counted from 0, makes of an image, both ways.
    ///
    /// # Errors
    /// When there is no such block, or the pixels are not one image of finite numbers.
    #[wasm_bindgen(js_name = bothWays)]
    pub fn both_ways(&self, pixels: Vec<f32>, number: u32) -> Result<JsValue> {
        arguments::rows("image", &pixels, self.dims(), 0)?;
        to_js(&values::BothWays::from(self.session.both_ways(&pixels, number as usize)?))
    }

    /// Latents, N×D → pixels, N×C×H×W. Messages count latents from `first`.
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers, or the executor fails.
    pub async fn decode(&mut self, z: Vec<f32>, first: u32) -> Result<Vec<f32>> {
        arguments::rows("latent", &z, self.dims(), first as usize)?;
        Ok(self.session.decode(&z).await?)
    }

    /// Pixels, N×C×H×W → what the Gaussian mixture says of each image. Messages count images from `first`.
    ///
    /// # Errors
    /// As for [`encode`](Self::encode).
    pub async fn classify(&mut self, pixels: Vec<f32>, first: u32) -> Result<Vec<JsValue>> {
        arguments::rows("image", &pixels, self.dims(), first as usize)?;
        let seen = self.session.classify(&pixels, u64::from(first)..).await?;
        seen.iter().map(|seen| to_js(&Classification::new(seen, self.session.model())?)).collect()
    }

    /// Draws samples `first` to `first + count` of a class around the mean latent of its training images
    /// (method §4.6): of these, those from number `from` up to `to`, as a batch may be drawn in parts.
    ///
    /// # Errors
    /// When an argument is out of range, or the executor fails.
    #[allow(clippy::too_many_arguments, reason = "JavaScript hands over numbers, and checks none of them")]
    pub async fn sample(
        &mut self,
        class: f64,
        count: f64,
        temperature: f64,
        seed: f64,
        first: f64,
        from: u32,
        to: u32,
    ) -> Result<JsValue> {
        let classes = self.session.model().spec().classes().len();
        let class = arguments::whole("class", class, 0, classes as u64 - 1)? as usize;
        let count = arguments::whole("count", count, 1, MOST_IMAGES)?;
        let temperature = arguments::temperature(temperature)?;
        let seed = arguments::seed(seed)?;
        let first = arguments::whole("first", first, 0, u64::from(u32::MAX))?;
        let part = first + u64::from(from)..first + u64::from(to).min(count);
        let sampling = Sampling { centre: Centre::EmpiricalMean, temperature, seed };
        let samples = self.session.sample(&sampling, part.map(|number| (class, number))).await?;
        to_js(&Samples::from(samples))
    }

    /// `steps` images on the straight line from latent `a` to latent `b`, both ends included (method §4.6): of these, those
    /// from number `from` up to `to`.
    ///
    /// # Errors
    /// When a latent has not D finite numbers, `steps` is below 2, or the executor fails.
    pub async fn interpolate(
        &mut self,
        a: Vec<f32>,
        b: Vec<f32>,
        steps: f64,
        from: u32,
        to: u32,
    ) -> Result<JsValue> {
        arguments::latent("a", &a, self.dims())?;
        arguments::latent("b", &b, self.dims())?;
        let steps = arguments::whole("steps", steps, 2, MOST_IMAGES)? as usize;
        let part = from as usize..steps.min(to as usize);
        to_js(&Samples::from(self.session.interpolate((&a, &b), steps, part).await?))
    }

    /// Latents, N×D → the posterior q(y|z) of each, N×K, by Bayes' rule over the mixture (method §3.2).
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers.
    pub fn posterior(&self, z: Vec<f32>) -> Result<Vec<f64>> {
        arguments::rows("latent", &z, self.dims(), 0)?;
        Ok(self.session.posteriors(&z)?.into_iter().flat_map(|posterior| posterior.probabilities).collect())
    }

    /// Latents, N×D → the pooled p-value of each one's novelty, in (0, 1] (method §3.6).
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers, or novelty was not fitted to the model.
    #[wasm_bindgen(js_name = noveltyP)]
    pub fn novelty_p(&self, z: Vec<f32>) -> Result<Vec<f64>> {
        arguments::rows("latent", &z, self.dims(), 0)?;
        let detector = self.session.model().detector();
        let detector =
            detector.ok_or_else(|| Error::Argument("novelty was not fitted to this model".into()))?;
        Ok(z.chunks_exact(self.dims()).map(|z| detector.novelty(z).p).collect())
    }

    /// Latents, N×D → their coordinates in the plane in which the means differ most, N×2 (method §4.6, Fig 7).
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers.
    pub fn project(&self, z: Vec<f32>) -> Result<Vec<f64>> {
        arguments::rows("latent", &z, self.dims(), 0)?;
        Ok(self.session.project(&z)?.into_flattened())
    }

    /// Points of the plane, N×2 → latents, N×D: in the plane itself, or `from` (D numbers) moved along it.
    ///
    /// # Errors
    /// When the points are not whole pairs of finite numbers, or `from` is given and has not D finite numbers.
    pub fn unproject(&self, points: Vec<f64>, from: Option<Vec<f32>>) -> Result<Vec<f32>> {
        arguments::points(&points)?;
        if let Some(from) = &from {
            arguments::latent("from", from, self.dims())?;
        }
        Ok(self.session.unproject(points.as_chunks().0, from.as_deref())?)
    }

    /// Numbers L_X in nats per dimension → bits per dimension.
    #[wasm_bindgen(js_name = bitsPerDim)]
    pub fn bits_per_dim(&self, l_x: &[f64]) -> Vec<f64> {
        l_x.iter().map(|&l_x| self.session.model().bits_per_dim(l_x).correct).collect()
    }

    /// Numbers L_X → the share of the test images with a lower one, each in [0, 1].
    ///
    /// # Errors
    /// When the model was never evaluated.
    #[wasm_bindgen(js_name = shareBelow)]
    pub fn share_below(&self, l_x: &[f64]) -> Result<Vec<f64>> {
        let typicality = self.session.model().card().typicality();
        let typicality =
            typicality.ok_or_else(|| Error::Argument("this model was never evaluated".into()))?;
        Ok(l_x.iter().map(|&l_x| typicality.share_below(l_x)).collect())
    }

    /// For tests of recovery: destroys the GPU device, where one runs the model.
    #[wasm_bindgen(js_name = loseDevice)]
    pub fn lose_device(&self) {
        self.session.executor().lose_device();
    }

    /// For tests of recovery: panics inside of a call.
    ///
    /// # Panics
    /// Always.
    pub async fn panic(&self) {
        panic!("a test asked for a panic");
    }
}

impl Engine {
    /// Numbers of an image and of a latent.
    fn dims(&self) -> usize {
        self.session.model().spec().dims()
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        js_sys::Error::new(&error.to_string()).into()
    }
}
