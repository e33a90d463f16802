//! Running a model: a model with its head and its executor; what runs it, and whether a GPU computes rightly.

#[cfg(feature = "blocking")]
pub mod blocking;
pub mod executor;
mod explosion;
#[cfg(feature = "wgpu")]
mod self_check;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::ops::Range;

use crate::cpu::{BothWays, CpuExecutor, check_length};
use crate::head::mixture::{self, Mixture};
use crate::head::novelty::Detector;
use crate::head::posterior::Posterior;
use crate::head::{Classification, Head};
use crate::{Encoded, Error, Model, NoveltyFit, Projection, Result};
use executor::{Executor, ExecutorChoice};
pub use explosion::Explosion;

/// A model that is ready to run: images in, classifications, latents and samples out.
///
/// Images are pixels in \[0, 1\], N×C×H×W, in and out; normalisation happens here. What a model of some family lacks is
/// an [`Error::Input`] that says so. An image gives the same numbers in any batch, and batches may be of any size; large
/// sets are run in parts of [`BATCH`](Self::BATCH), so that memory does not grow with them.
///
/// Native programs that wait for each result have [`blocking::Session`] (feature `blocking`).
///
/// ```
/// use ibinn::session::{Session, executor::ExecutorChoice};
///
/// # pollster::block_on(async {
/// let bytes = std::fs::read("www/public/models/digits-gamma-1.safetensors").unwrap();
/// let model = ibinn::Model::from_bytes(&bytes)?;
/// let mut session = Session::new(model, ExecutorChoice::Cpu).await?;
/// let black = vec![0.0; session.model().spec().dims()];
/// let [seen] = &session.classify(&black, 0..).await?[..] else { unreachable!("one image gives one") };
/// assert_eq!(seen.found.posterior.probabilities.len(), 10);
///
/// // And back: the latents decode to the image.
/// let back = session.decode(&seen.features).await?;
/// assert!(back.iter().all(|pixel| pixel.abs() < 0.01));
/// # Ok::<(), ibinn::Error>(())
/// # }).unwrap();
/// ```
pub struct Session {
    model: Model,
    head: Head,
    /// Fitted when it is first asked for.
    plane: OnceCell<Projection>,
    /// Made when it is first asked for, beside a GPU.
    reference: OnceCell<CpuExecutor>,
    executor: Executor,
}

/// An image as a model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// What the head saw of it, [`ModelSpec::features`](crate::ModelSpec::features) numbers: the latent of a flow.
    pub features: Vec<f32>,
    /// log|det ∂z/∂x′| in nats, with the true DCT constant; none of a feed-forward network.
    pub log_det: Option<f32>,
    /// What the model says of it.
    pub found: Classification,
}

/// Latents with the images that they decode to.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// Latents, N×D.
    pub z: Vec<f32>,
    /// Pixels, N×C×H×W.
    pub pixels: Vec<f32>,
}

/// What samples of a class are drawn around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Centre {
    /// The mean latent of the class's training images.
    EmpiricalMean,
    /// The trained mean μ_y.
    TrainedMean,
}

/// How samples are drawn (method §4.6, Fig 8).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// What they are drawn around.
    pub centre: Centre,
    /// Temperature T: how far from there.
    pub temperature: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl Session {
    /// Images that are run together where there are many: enough for every core and for a GPU.
    pub const BATCH: usize = 256;

    /// Prepares `model` to be run by the executor that is asked for.
    ///
    /// # Errors
    /// As [`Executor::new`].
    pub async fn new(model: Model, choice: ExecutorChoice) -> Result<Self> {
        let executor = Executor::new(&model, choice).await?;
        let (head, plane, reference) = (Head::of(&model), OnceCell::new(), OnceCell::new());
        Ok(Self { head, plane, reference, executor, model })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The model alone again.
    pub fn into_model(self) -> Model {
        self.model
    }

    /// Gives the model a detector of novelty, which the next images are seen by.
    ///
    /// # Errors
    /// As [`Model::set_novelty`].
    pub fn set_novelty(&mut self, detector: Detector, fit: NoveltyFit) -> Result<()> {
        self.model.set_novelty(detector, fit)
    }

    /// What runs the model.
    pub fn executor(&self) -> &Executor {
        &self.executor
    }

    /// The mixture over the latents.
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has none.
    pub fn mixture(&self) -> Result<&Mixture> {
        match &self.head {
            Head::Mixture(mixture) => Ok(mixture),
            Head::Linear(_) | Head::Bottleneck(_) => Err(self.model.spec().family().lacks_mixture()),
        }
    }

    /// Images → latents, N×D, and log-dets, N.
    ///
    /// # Errors
    /// As [`Executor::encode`].
    pub async fn encode(&mut self, pixels: &[f32]) -> Result<Encoded> {
        let x = self.model.spec().normalize(pixels);
        self.executor.encode(&x).await
    }

    /// Latents, N×D → images, clipped to [0, 1].
    ///
    /// # Errors
    /// As [`Executor::decode`], and [`Error::Input`] when an image is beyond what single precision holds.
    pub async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        let mut pixels = self.decode_as_is(z).await?;
        if let Some(i) = pixels.iter().position(|v| !v.is_finite()) {
            return Err(Error::Input(format!(
                "image {}, counted from 0, is beyond what single precision holds: its latents, or the temperature that they \
                 are drawn with, are too large",
                i / self.model.spec().dims()
            )));
        }
        pixels.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
        Ok(pixels)
    }

    /// The same, unclipped, with pixels that are no finite numbers left as they are (see [`explosions`](Self::explosions)).
    ///
    /// # Errors
    /// As [`Executor::decode`].
    pub async fn decode_as_is(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        let x = self.executor.decode(z).await?;
        Ok(self.model.spec().denormalize(&x))
    }

    /// Images → what the model says of each. `numbers` are those of the images in their set, by which a VIB draws its
    /// codes.
    ///
    /// # Errors
    /// [`Error::Input`] when the pixels are not whole images, or there are fewer numbers than images; the executor's
    /// when it fails.
    pub async fn classify(
        &mut self,
        pixels: &[f32],
        numbers: impl IntoIterator<Item = u64>,
    ) -> Result<Vec<Classified>> {
        let spec = self.model.spec();
        let count = pixels.len() / spec.dims();
        let numbers: Vec<u64> = numbers.into_iter().take(count).collect();
        if numbers.len() < count {
            return Err(Error::Input(format!("{count} images have {} numbers", numbers.len())));
        }
        let x = spec.normalize(pixels);
        let (features, log_dets) = if spec.family().is_flow() {
            let Encoded { z, log_det } = self.executor.encode(&x).await?;
            (z, Some(log_det))
        } else {
            (self.executor.features(&x).await?, None)
        };
        let rows = features.chunks_exact(spec.features()).zip(numbers).enumerate();
        Ok(rows
            .map(|(i, (features, number))| {
                let log_det = log_dets.as_ref().map(|log_dets| log_dets[i]);
                let mut found = self.head.classify(features, log_det.map_or(0.0, f64::from), number);
                found.novelty = self.model.detector().map(|detector| detector.novelty(features));
                Classified { features: features.to_vec(), log_det, found }
            })
            .collect())
    }

    /// Features, of a flow latents, N×D → the posterior q(y|z) of each (method §3.2); that of a VIB is of the codes of
    /// image 0.
    ///
    /// # Errors
    /// [`Error::Input`] when they are not whole rows.
    pub fn posteriors(&self, features: &[f32]) -> Result<Vec<Posterior>> {
        let length = self.model.spec().features();
        check_length(features.len(), length)?;
        // The log-det moves the likelihood, and all classes alike.
        Ok(features.chunks_exact(length).map(|row| self.head.classify(row, 0.0, 0).posterior).collect())
    }

    /// Latents of samples, one a draw of a class with the sample's number. Equal numbers have equal noise, whatever the
    /// class, the centre and the temperature.
    ///
    /// # Errors
    /// [`Error::Input`] when the model has no mixture, or there is no such class.
    pub fn draw(
        &self,
        sampling: &Sampling,
        draws: impl IntoIterator<Item = (usize, u64)>,
    ) -> Result<Vec<f32>> {
        let (dims, classes) = (self.model.spec().dims(), self.mixture()?.classes());
        let means = match sampling.centre {
            Centre::EmpiricalMean => self.model.empirical_means()?,
            Centre::TrainedMean => self.model.means()?,
        };
        let mut z = Vec::new();
        for (class, number) in draws {
            if class >= classes {
                return Err(Error::Input(format!("there is no class {class}, the model knows {classes}")));
            }
            let centre = &means[class * dims..][..dims];
            z.extend(mixture::sample(centre, sampling.temperature, sampling.seed, number));
        }
        Ok(z)
    }

    /// The same with the images that they decode to.
    ///
    /// # Errors
    /// As [`draw`](Self::draw), and the executor's when it fails.
    pub async fn sample(
        &mut self,
        sampling: &Sampling,
        draws: impl IntoIterator<Item = (usize, u64)>,
    ) -> Result<Samples> {
        let z = self.draw(sampling, draws)?;
        self.decoded(z).await
    }

    /// Those in `part` of `steps` images at equal steps on the straight line from latent `a` to latent `b`, both ends
    /// included (method §4.6, Fig 9).
    ///
    /// # Errors
    /// [`Error::Input`] when the network is no flow, a latent has not D numbers, there are fewer than two steps, or
    /// the part is beyond them; the executor's when it fails.
    pub async fn interpolate(
        &mut self,
        (a, b): (&[f32], &[f32]),
        steps: usize,
        part: Range<usize>,
    ) -> Result<Samples> {
        self.model.spec().family().require_flow()?;
        let dims = self.model.spec().dims();
        for latent in [a, b] {
            check_latent(latent, dims)?;
        }
        if steps < 2 || part.end > steps {
            return Err(Error::Input(format!(
                "a line of {steps} steps must have two or more, and has no step {}",
                part.end
            )));
        }
        let z = part.flat_map(|i| mixture::interpolate(a, b, i as f64 / (steps - 1) as f64)).collect();
        self.decoded(z).await
    }

    /// The plane in which the means differ most (method §4.6, Fig 7).
    ///
    /// # Errors
    /// [`Error::Input`] when a model of this family has no means.
    pub fn plane(&self) -> Result<&Projection> {
        let mixture = self.mixture()?;
        Ok(self.plane.get_or_init(|| mixture.projection()))
    }

    /// Latents, N×D → their coordinates in that plane.
    ///
    /// # Errors
    /// As [`plane`](Self::plane), and [`Error::Input`] when they are not whole rows.
    pub fn project(&self, z: &[f32]) -> Result<Vec<[f64; 2]>> {
        let (plane, dims) = (self.plane()?, self.model.spec().dims());
        check_length(z.len(), dims)?;
        Ok(z.chunks_exact(dims).map(|z| plane.project(z)).collect())
    }

    /// Points of that plane → latents, N×D: in the plane itself, or `from` moved along it.
    ///
    /// # Errors
    /// As [`plane`](Self::plane), and [`Error::Input`] when `from` has not D numbers.
    pub fn unproject(&self, points: &[[f64; 2]], from: Option<&[f32]>) -> Result<Vec<f32>> {
        let plane = self.plane()?;
        if let Some(from) = from {
            check_latent(from, self.model.spec().dims())?;
        }
        let latent = |&point: &[f64; 2]| match from {
            None => plane.unproject(point),
            Some(from) => plane.moved(from, point),
        };
        Ok(points.iter().flat_map(latent).collect())
    }

    /// The coupling block `number`, counted from 0, on an image, both ways. It is the CPU executor's, whatever runs the model.
    ///
    /// # Errors
    /// As [`CpuExecutor::both_ways`].
    pub fn both_ways(&self, pixels: &[f32], number: usize) -> Result<BothWays<f32>> {
        let own = self.executor.cpu();
        let executor = own.unwrap_or_else(|| self.reference.get_or_init(|| CpuExecutor::new(&self.model)));
        executor.both_ways(&self.model.spec().normalize(pixels), number)
    }

    async fn decoded(&mut self, z: Vec<f32>) -> Result<Samples> {
        let pixels = self.decode(&z).await?;
        Ok(Samples { z, pixels })
    }
}

fn check_latent(z: &[f32], dims: usize) -> Result<()> {
    if z.len() == dims {
        return Ok(());
    }
    Err(Error::Input(format!("a latent has {dims} numbers, not {}", z.len())))
}
