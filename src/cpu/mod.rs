//! The CPU executor: the plain statement of the maths, one file per kind of layer, and what runs where there is no
//! GPU.
//!
//! Maps are pixel-major (height, width, channels), so that every inner loop runs over contiguous channels. An image
//! passes through all convolutional elements before the next one begins, which keeps it in the cache; the dense
//! coupling sees a group of images at once. On native targets groups are spread over all cores.

mod coupling;
mod dense;
mod fixed;
pub mod kernel;
mod subnet;

use crate::element::{Element, Shape};
use crate::{Encoded, Error, Model, ModelSpec, Real, Result};
use coupling::{CouplingLayer, DownLayer};
use dense::DenseLayer;
use fixed::DctLayer;

/// Images that pass through the dense coupling together.
const GROUP: usize = 16;

/// Looks tensors up by name while layers are built.
struct Weights<'a, F>(&'a dyn Fn(&str) -> Vec<F>);

impl<F> Weights<'_, F> {
    fn get(&self, name: &str) -> Vec<F> {
        (self.0)(name)
    }
}

/// Buffers that layers share; their contents mean nothing between layers.
struct Scratch<F> {
    padded: Vec<F>,
    hidden: Vec<F>,
    flat: Vec<F>,
    result: Vec<F>,
    swap: Vec<F>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { padded: vec![], hidden: vec![], flat: vec![], result: vec![], swap: vec![] }
    }
}

/// Elements that work on one image at a time.
#[allow(clippy::large_enum_variant, reason = "a net has at most some hundreds")]
enum Layer<F> {
    Haar(Shape),
    Coupling(CouplingLayer<F>),
    Down(DownLayer<F>),
    Dct(DctLayer<F>),
    Permutation(Vec<u32>),
}

/// What an element made of an image: its name, the map as C·H·W (or the flat vector), and its log-det in nats.
pub type TraceStep<F> = (String, Vec<F>, f64);

/// Runs a model on the CPU, in f32 or, to check, in f64.
pub struct CpuExecutor<F: Real = f32> {
    spec: ModelSpec,
    layers: Vec<Layer<F>>,
    dense: DenseLayer<F>,
    /// Log-det of each layer that is the same for all images.
    constants: Vec<f64>,
}

impl<F: Real> CpuExecutor<F> {
    /// Packs the weights of `model`.
    pub fn new(model: &Model) -> Self {
        let get = |name: &str| model.tensor(name).iter().map(|&v| F::from_f64(f64::from(v))).collect();
        Self::from_tensors(model.spec(), &get, model.permutation())
    }

    /// Packs weights that `get` hands out by name in the folded form of [`crate::tensors`].
    ///
    /// # Panics
    /// When a tensor has another length than its spec says, which a [`Model`] cannot have.
    pub fn from_tensors(spec: &ModelSpec, get: &dyn Fn(&str) -> Vec<F>, permutation: &[u32]) -> Self {
        let weights = Weights(get);
        let (mut layers, mut constants, mut dense) = (Vec::new(), Vec::new(), None);
        for element in spec.elements() {
            let (layer, constant) = match element {
                Element::Haar { input } => (Layer::Haar(*input), 0.0),
                Element::Coupling(coupling) => {
                    let layer = CouplingLayer::new(coupling, &weights);
                    let constant = layer.constant_log_det;
                    (Layer::Coupling(layer), constant)
                }
                Element::Down(down) => (Layer::Down(DownLayer::new(down, &weights)), 0.0),
                Element::Dct(dct) => (Layer::Dct(DctLayer::new(dct)), dct.log_det()),
                Element::Permutation { .. } => (Layer::Permutation(permutation.to_vec()), 0.0),
                Element::Dense(element) => {
                    dense = Some(DenseLayer::new(element, &weights));
                    continue;
                }
            };
            layers.push(layer);
            constants.push(constant);
        }
        let dense = dense.unwrap_or_else(|| unreachable!("every ModelSpec ends with a dense coupling"));
        Self { spec: spec.clone(), layers, dense, constants }
    }

    /// The architecture that runs.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// Normalised images x′, N×C×H×W → latents, N×D, and log-dets, N.
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D.
    pub fn encode(&self, x: &[F]) -> Result<Encoded<F>> {
        check_length(x.len(), self.spec.dims())?;
        let mut z = x.to_vec();
        let mut log_det = vec![F::default(); x.len() / self.spec.dims()];
        self.in_groups(&mut z, &mut log_det, |z, log_det| self.encode_group(z, log_det));
        Ok(Encoded { z, log_det })
    }

    /// Latents, N×D → normalised images x′, N×C×H×W.
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D.
    pub fn decode(&self, z: &[F]) -> Result<Vec<F>> {
        check_length(z.len(), self.spec.dims())?;
        let mut x = z.to_vec();
        let mut unused = vec![F::default(); z.len() / self.spec.dims()];
        self.in_groups(&mut x, &mut unused, |x, _| self.decode_group(x));
        Ok(x)
    }

    /// Encodes one image and returns what every element made of it, in order.
    ///
    /// # Errors
    /// [`Error::Input`] when `x` has not D numbers.
    pub fn trace(&self, x: &[F]) -> Result<Vec<TraceStep<F>>> {
        if x.len() != self.spec.dims() {
            return Err(Error::Input(format!("an image has {} numbers, not {}", self.spec.dims(), x.len())));
        }
        let mut map = Vec::new();
        to_pixel_major(x, self.spec.input().channels, &mut map);
        let mut scratch = Scratch::default();
        let mut shape = self.spec.input_shape();
        let mut steps = Vec::new();
        for (i, element) in self.spec.elements().iter().enumerate() {
            let log_det = match self.layers.get(i) {
                Some(layer) => self.forward_layer(layer, &mut map, &mut scratch) + self.constants[i],
                None => {
                    let mut log_det = [0.0];
                    self.dense.forward(&mut map, &mut log_det);
                    log_det[0]
                }
            };
            let mut planes = map.clone();
            if matches!(element, Element::Haar { .. } | Element::Down(_)) {
                shape = shape.folded();
            }
            if matches!(element, Element::Haar { .. } | Element::Down(_) | Element::Coupling(_)) {
                to_planes(&map, shape.channels, &mut planes);
            }
            steps.push((element.name().to_string(), planes, log_det));
        }
        Ok(steps)
    }

    fn forward_layer(&self, layer: &Layer<F>, map: &mut Vec<F>, scratch: &mut Scratch<F>) -> f64 {
        match layer {
            Layer::Haar(shape) => fixed::haar(map, *shape, scratch),
            Layer::Coupling(coupling) => return coupling.forward(map, scratch),
            Layer::Down(down) => return down.forward(map, scratch),
            Layer::Dct(dct) => dct.forward(map, scratch),
            Layer::Permutation(order) => {
                scratch.swap.clear();
                scratch.swap.extend(order.iter().map(|&i| map[i as usize]));
                std::mem::swap(map, &mut scratch.swap);
            }
        }
        0.0
    }

    fn encode_group(&self, z: &mut [F], log_det: &mut [F]) {
        let constant: f64 = self.constants.iter().sum();
        let (mut map, mut scratch) = (Vec::new(), Scratch::default());
        let mut sums = vec![constant; log_det.len()];
        for (image, sum) in z.chunks_exact_mut(self.spec.dims()).zip(&mut sums) {
            to_pixel_major(image, self.spec.input().channels, &mut map);
            for layer in &self.layers {
                *sum += self.forward_layer(layer, &mut map, &mut scratch);
            }
            image.copy_from_slice(&map);
        }
        self.dense.forward(z, &mut sums);
        for (out, sum) in log_det.iter_mut().zip(sums) {
            *out = F::from_f64(sum);
        }
    }

    fn decode_group(&self, z: &mut [F]) {
        self.dense.inverse(z);
        let (mut map, mut scratch) = (Vec::new(), Scratch::default());
        for image in z.chunks_exact_mut(self.spec.dims()) {
            map.clear();
            map.extend_from_slice(image);
            for layer in self.layers.iter().rev() {
                match layer {
                    Layer::Haar(shape) => fixed::unhaar(&mut map, *shape, &mut scratch),
                    Layer::Coupling(coupling) => coupling.inverse(&mut map, &mut scratch),
                    Layer::Down(down) => down.inverse(&mut map, &mut scratch),
                    Layer::Dct(dct) => dct.inverse(&mut map, &mut scratch),
                    Layer::Permutation(order) => {
                        scratch.swap.resize(map.len(), F::default());
                        for (&i, &value) in order.iter().zip(&map) {
                            scratch.swap[i as usize] = value;
                        }
                        std::mem::swap(&mut map, &mut scratch.swap);
                    }
                }
            }
            to_planes(&map, self.spec.input().channels, &mut scratch.swap);
            image.copy_from_slice(&scratch.swap);
        }
    }

    /// Runs `work` on groups of images with their log-dets, spread over the machine's cores.
    fn in_groups(&self, data: &mut [F], log_det: &mut [F], work: impl Fn(&mut [F], &mut [F]) + Sync) {
        let images = log_det.len();
        let group = images.div_ceil(cores()).clamp(1, GROUP);
        let groups = data.chunks_mut(group * self.spec.dims()).zip(log_det.chunks_mut(group));
        if cores().min(images) < 2 {
            groups.for_each(|(data, log_det)| work(data, log_det));
            return;
        }
        let queue = std::sync::Mutex::new(groups);
        // A poisoned queue means that another worker panicked, which the scope passes on.
        let next = || queue.lock().ok().and_then(|mut queue| queue.next());
        std::thread::scope(|scope| {
            for _ in 0..cores() {
                scope.spawn(|| {
                    while let Some((data, log_det)) = next() {
                        work(data, log_det);
                    }
                });
            }
        });
    }
}

/// Threads to use: one on wasm, which has none.
fn cores() -> usize {
    if cfg!(target_family = "wasm") { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) }
}

pub(crate) fn check_length(length: usize, dims: usize) -> Result<()> {
    if length.is_multiple_of(dims) {
        Ok(())
    } else {
        Err(Error::Input(format!("{length} numbers are not a whole number of images of {dims}")))
    }
}

/// (channels, pixels) → (pixels, channels).
fn to_pixel_major<F: Real>(planes: &[F], channels: usize, out: &mut Vec<F>) {
    let pixels = planes.len() / channels;
    out.clear();
    out.extend((0..planes.len()).map(|i| planes[i % channels * pixels + i / channels]));
}

/// (pixels, channels) → (channels, pixels).
fn to_planes<F: Real>(map: &[F], channels: usize, out: &mut Vec<F>) {
    let pixels = map.len() / channels;
    out.clear();
    out.extend((0..map.len()).map(|i| map[i % pixels * channels + i / pixels]));
}
