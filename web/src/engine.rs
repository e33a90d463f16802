//! A loaded model with what runs it, as JavaScript sees it.

use std::cell::OnceCell;

use ibinn::head::mixture::{self, Mixture};
use ibinn::session::executor::Executor;
use ibinn::{Encoded, Model, Projection};
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
    model: Model,
    mixture: Mixture,
    /// Fitted when it is first asked for.
    plane: OnceCell<Projection>,
    executor: Executor,
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
        let mixture = model.mixture().map_err(refuse)?;
        let executor = Executor::new(&model, choice).await?;
        Ok(Self { mixture, plane: OnceCell::new(), model, executor })
    }

    /// The model's card, with the keys of the model file.
    ///
    /// # Errors
    /// When the card cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn card(&self) -> Result<JsValue> {
        values::card(self.model.card())
    }

    /// The sizes of the model: channels, height, width, dims, classes, parameters.
    ///
    /// # Errors
    /// When they cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn spec(&self) -> Result<JsValue> {
        to_js(&Spec::of(self.model.spec()))
    }

    /// What runs the model now.
    ///
    /// # Errors
    /// When it cannot be handed over.
    #[wasm_bindgen(getter)]
    pub fn adapter(&self) -> Result<JsValue> {
        to_js(&Adapter::of(&self.executor))
    }

    /// Pixels, N×C×H×W → latents z, N×D, and their log-dets in nats of the normalised input, N. Messages count images from
    /// `first`, as they may be part of a batch.
    ///
    /// # Errors
    /// When the pixels are not whole images of finite numbers, or the executor fails.
    pub async fn encode(&mut self, pixels: Vec<f32>, first: u32) -> Result<JsValue> {
        let encoded = self.encoded(pixels, first).await?;
        to_js(&values::Encoded::from(encoded))
    }

    /// Latents, N×D → pixels, N×C×H×W. Messages count latents from `first`.
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers, or the executor fails.
    pub async fn decode(&mut self, z: Vec<f32>, first: u32) -> Result<Vec<f32>> {
        arguments::rows("latent", &z, self.model.spec().dims(), first as usize)?;
        self.decoded(&z).await
    }

    /// Pixels, N×C×H×W → what the Gaussian mixture says of each image. Messages count images from `first`.
    ///
    /// # Errors
    /// As for [`encode`](Self::encode).
    pub async fn classify(&mut self, pixels: Vec<f32>, first: u32) -> Result<Vec<JsValue>> {
        let encoded = self.encoded(pixels, first).await?;
        let (spec, card) = (self.model.spec(), self.model.card());
        let images = encoded.z.chunks_exact(spec.dims()).zip(&encoded.log_det);
        images
            .map(|(z, &log_det)| {
                let log_det = f64::from(log_det);
                let score = self.mixture.score(z, log_det);
                to_js(&Classification::new(&score, z, log_det, &spec.input().std, card))
            })
            .collect()
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
        let class = arguments::whole("class", class, 0, self.mixture.classes() as u64 - 1)? as usize;
        let count = arguments::whole("count", count, 1, MOST_IMAGES)?;
        let temperature = arguments::temperature(temperature)?;
        let seed = arguments::seed(seed)?;
        let first = arguments::whole("first", first, 0, u64::from(u32::MAX))?;
        let dims = self.model.spec().dims();
        let centre = &self.model.empirical_means().map_err(refuse)?[class * dims..][..dims];
        let part = first + u64::from(from)..first + u64::from(to).min(count);
        let z: Vec<f32> = part.flat_map(|index| mixture::sample(centre, temperature, seed, index)).collect();
        self.samples(&z).await
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
        let dims = self.model.spec().dims();
        arguments::latent("a", &a, dims)?;
        arguments::latent("b", &b, dims)?;
        let steps = arguments::whole("steps", steps, 2, MOST_IMAGES)?;
        let part = u64::from(from)..u64::from(to).min(steps);
        let z: Vec<f32> =
            part.flat_map(|i| mixture::interpolate(&a, &b, i as f64 / (steps - 1) as f64)).collect();
        self.samples(&z).await
    }

    /// Latents, N×D → the posterior q(y|z) of each, N×K, by Bayes' rule over the mixture (method §3.2).
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers.
    pub fn posterior(&self, z: Vec<f32>) -> Result<Vec<f64>> {
        let dims = self.model.spec().dims();
        arguments::rows("latent", &z, dims, 0)?;
        // The log-det moves the likelihood, and all classes alike.
        Ok(z.chunks_exact(dims).flat_map(|z| self.mixture.score(z, 0.0).posterior.probabilities).collect())
    }

    /// Latents, N×D → their coordinates in the plane in which the means differ most, N×2 (method §4.6, Fig 7).
    ///
    /// # Errors
    /// When the latents are not whole rows of finite numbers.
    pub fn project(&self, z: Vec<f32>) -> Result<Vec<f64>> {
        let dims = self.model.spec().dims();
        arguments::rows("latent", &z, dims, 0)?;
        Ok(z.chunks_exact(dims).flat_map(|z| self.plane().project(z)).collect())
    }

    /// Points of the plane, N×2 → latents, N×D: in the plane itself, or `from` (D numbers) moved along it.
    ///
    /// # Errors
    /// When the points are not whole pairs of finite numbers, or `from` is given and has not D finite numbers.
    pub fn unproject(&self, points: Vec<f64>, from: Option<Vec<f32>>) -> Result<Vec<f32>> {
        arguments::points(&points)?;
        if let Some(from) = &from {
            arguments::latent("from", from, self.model.spec().dims())?;
        }
        let latent = |&point: &[f64; 2]| match &from {
            None => self.plane().unproject(point),
            Some(from) => self.plane().moved(from, point),
        };
        Ok(points.as_chunks().0.iter().flat_map(latent).collect())
    }

    /// For tests of recovery: destroys the GPU device, where one runs the model.
    #[wasm_bindgen(js_name = loseDevice)]
    pub fn lose_device(&self) {
        self.executor.lose_device();
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
    fn plane(&self) -> &Projection {
        self.plane.get_or_init(|| self.mixture.projection())
    }

    async fn encoded(&mut self, pixels: Vec<f32>, first: u32) -> Result<Encoded> {
        let spec = self.model.spec();
        arguments::rows("image", &pixels, spec.dims(), first as usize)?;
        let x = spec.normalize(&pixels);
        drop(pixels);
        Ok(self.executor.encode(&x).await?)
    }

    async fn decoded(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        let x = self.executor.decode(z).await?;
        Ok(self.model.spec().denormalize(&x))
    }

    async fn samples(&mut self, z: &[f32]) -> Result<JsValue> {
        let pixels = self.decoded(z).await?;
        to_js(&Samples::new(z, &pixels))
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        js_sys::Error::new(&error.to_string()).into()
    }
}
