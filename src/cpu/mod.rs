//! The CPU executor: the plain statement of the maths, one file per kind of layer, and what runs where there is no
//! GPU.
//!
//! Maps are pixel-major (height, width, channels), so that every inner loop runs over contiguous channels. An image
//! passes through all convolutional layers before the next one begins, which keeps it in the cache; dense layers see
//! a group of images at once. On native targets groups are spread over all cores.

mod affine;
pub(crate) mod backward;
mod border;
mod coupling;
mod dense;
mod feed_forward;
mod fixed;
mod flow;
pub mod kernel;
pub(crate) mod parallel;
mod residual;
mod scratch;
mod subnet;

use crate::spec::tensors::{LayerTensors, TensorInfo};
use crate::{Encoded, Error, Model, ModelSpec, Real, Result};
pub use coupling::BothWays;
use feed_forward::FeedForward;
use flow::Flow;
use kernel::Packed;
use scratch::{Pool, Shared};

/// Images that pass through dense layers together, at most.
const GROUP: usize = 32;

/// What layers are built from: tensors by name, and what layers have in common.
struct LayerBuilder<'a, F> {
    get: &'a dyn Fn(&TensorInfo) -> Vec<F>,
    shared: Shared,
}

impl<'a, F: Real> LayerBuilder<'a, F> {
    fn new(get: &'a dyn Fn(&TensorInfo) -> Vec<F>) -> Self {
        Self { get, shared: Shared::default() }
    }

    fn get(&self, info: &TensorInfo) -> Vec<F> {
        let values = (self.get)(info);
        assert_eq!(
            values.len(),
            info.len(),
            "numbers of the tensor `{}` of shape {:?}",
            info.name,
            info.shape
        );
        values
    }

    /// The weights of a convolution or a linear layer, packed for `inputs` numbers at each of `taps` places.
    fn packed(&self, LayerTensors { weight, bias }: &LayerTensors, inputs: usize, taps: usize) -> Packed<F> {
        Packed::new(&self.get(weight), &self.get(bias), inputs, taps)
    }
}

/// What an element made of an image: its name, the map as C·H·W (or the flat vector), and its log-det in nats.
pub type TraceStep<F> = (String, Vec<F>, f64);

/// The layers of either kind of network.
#[allow(clippy::large_enum_variant, reason = "there is one an executor")]
enum Network<F> {
    Flow(Flow<F>),
    FeedForward(FeedForward<F>),
}

/// Runs a model's network on the CPU, in f32 or, to check, in f64.
pub struct CpuExecutor<F: Real = f32> {
    spec: ModelSpec,
    network: Network<F>,
    pool: Pool<F>,
}

impl<F: Real> CpuExecutor<F> {
    /// Packs the weights of `model`.
    pub fn new(model: &Model) -> Self {
        let get = |info: &TensorInfo| model.tensor(info).iter().map(|&v| F::from_f64(f64::from(v))).collect();
        Self::from_tensors(model.spec(), &get, model.permutation())
    }

    /// Packs weights that `get` hands out in the folded form of [`crate::spec::tensors`]; `permutation` is that of a flow.
    ///
    /// # Panics
    /// When a tensor has another length than its spec says, which a [`Model`] cannot have.
    pub fn from_tensors(spec: &ModelSpec, get: &dyn Fn(&TensorInfo) -> Vec<F>, permutation: &[u32]) -> Self {
        let builder = &mut LayerBuilder::new(get);
        let network = if spec.family().is_flow() {
            Network::Flow(Flow::new(spec, builder, permutation))
        } else {
            Network::FeedForward(FeedForward::new(spec, builder))
        };
        Self { spec: spec.clone(), network, pool: Pool::default() }
    }

    /// The architecture that runs.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    fn flow(&self) -> Result<&Flow<F>> {
        self.spec.family().require_flow()?;
        match &self.network {
            Network::Flow(flow) => Ok(flow),
            Network::FeedForward(_) => unreachable!("the family decides the kind of network"),
        }
    }

    /// Normalised images x′, N×C×H×W → latents, N×D, and log-dets, N.
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D, or the network is no flow.
    pub fn encode(&self, x: &[F]) -> Result<Encoded<F>> {
        let (flow, dims) = (self.flow()?, self.spec.dims());
        check_length(x.len(), dims)?;
        let mut z = x.to_vec();
        let mut log_det = vec![F::default(); x.len() / dims];
        let group = group(log_det.len());
        let groups = z.chunks_mut(group * dims).zip(log_det.chunks_mut(group)).collect();
        parallel::map(groups, |(z, log_det)| self.pool.with(|scratch| flow.encode(z, log_det, scratch)));
        Ok(Encoded { z, log_det })
    }

    /// Latents, N×D → normalised images x′, N×C×H×W.
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub fn decode(&self, z: &[F]) -> Result<Vec<F>> {
        let (flow, dims) = (self.flow()?, self.spec.dims());
        check_length(z.len(), dims)?;
        let mut x = z.to_vec();
        let group = group(x.len() / dims);
        let groups = x.chunks_mut(group * dims).collect();
        parallel::map(groups, |x| self.pool.with(|scratch| flow.decode(x, scratch)));
        Ok(x)
    }

    /// Normalised images x′, N×C×H×W → what a [`crate::head::Head`] sees of them, N rows of
    /// [`ModelSpec::features`]: latents of a flow, else the features of a feed-forward network.
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D.
    pub fn features(&self, x: &[F]) -> Result<Vec<F>> {
        let Network::FeedForward(network) = &self.network else {
            return Ok(self.encode(x)?.z);
        };
        let (dims, length) = (self.spec.dims(), self.spec.features());
        check_length(x.len(), dims)?;
        let mut features = vec![F::default(); x.len() / dims * length];
        let group = group(x.len() / dims);
        let groups = x.chunks(group * dims).zip(features.chunks_mut(group * length)).collect();
        parallel::map(groups, |(x, features)| self.pool.with(|scratch| network.run(x, features, scratch)));
        Ok(features)
    }

    /// Encodes one image and returns what every element of the flow made of it, in order.
    ///
    /// # Errors
    /// [`Error::Input`] when `x` has not D numbers, or the network is no flow.
    pub fn trace(&self, x: &[F]) -> Result<Vec<TraceStep<F>>> {
        let flow = self.flow()?;
        self.check_image(x)?;
        Ok(flow.trace(&self.spec, x))
    }

    /// The coupling block `number`, counted from 0, on a normalised image, both ways.
    ///
    /// # Errors
    /// [`Error::Input`] when `x` has not D numbers, the network is no flow, or it has no such block.
    pub fn both_ways(&self, x: &[F], number: usize) -> Result<BothWays<F>> {
        let flow = self.flow()?;
        self.check_image(x)?;
        let block = flow.both_ways(&self.spec, x, number);
        block.ok_or_else(|| Error::Input(format!("there is no coupling block {number}, counted from 0")))
    }

    fn check_image(&self, x: &[F]) -> Result<()> {
        if x.len() == self.spec.dims() {
            return Ok(());
        }
        Err(Error::Input(format!("an image has {} numbers, not {}", self.spec.dims(), x.len())))
    }
}

/// Images of `images` that pass through a network together, so that every core has some.
fn group(images: usize) -> usize {
    images.div_ceil(parallel::threads()).clamp(1, GROUP)
}

pub(crate) fn check_length(length: usize, dims: usize) -> Result<()> {
    if length.is_multiple_of(dims) {
        Ok(())
    } else {
        Err(Error::Input(format!("{length} numbers are not a whole number of images of {dims}")))
    }
}

/// (channels, pixels) → (pixels, channels).
fn to_pixel_major<F: Real>(planes: &[F], channels: usize, map: &mut [F]) {
    for (c, plane) in planes.chunks_exact(planes.len() / channels).enumerate() {
        map[c..].iter_mut().step_by(channels).zip(plane).for_each(|(to, from)| *to = *from);
    }
}

/// (pixels, channels) → (channels, pixels).
fn to_planes<F: Real>(map: &[F], channels: usize, planes: &mut [F]) {
    for (c, plane) in planes.chunks_exact_mut(map.len() / channels).enumerate() {
        plane.iter_mut().zip(map[c..].iter().step_by(channels)).for_each(|(to, from)| *to = *from);
    }
}
