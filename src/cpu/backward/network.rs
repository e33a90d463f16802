//! A network as its layers, forwards with what the way back needs, and backwards.

use std::ops::Range;

use super::Pass;
use super::buffers::{Buffers, Map};
use super::coupling::{self, TrainedCoupling};
use super::dense::{self, TrainedDense};
use super::down::{self, TrainedDown};
use super::residual::{self, TrainedBlock, TrainedDenseBlock, TrainedEntry};
use super::subnet::{Hidden, TrainedSubnet};
use super::{Dropout, Memory, Normalize};
use crate::cpu::fixed::{self, DctLayer};
use crate::cpu::parallel;
use crate::cpu::scratch::{Pool, Shared};
use crate::cpu::{to_pixel_major, to_planes};
use crate::spec::Shape;
use crate::spec::element::{Element, SubnetKind};
use crate::spec::feed_forward;
use crate::spec::layout::Layout;
use crate::{ModelSpec, Real};

/// A layer; those that drop have the stage whose probability they drop with.
#[allow(clippy::large_enum_variant, reason = "a net has at most some hundreds")]
enum Layer<F> {
    Haar(Shape),
    Coupling(TrainedCoupling, usize),
    Down(TrainedDown, usize),
    Dct(DctLayer<F>),
    Permutation,
    Dense(TrainedDense),
    Entry(TrainedEntry),
    /// Nothing is dropped in a strided subnet (method §9.2).
    Block(TrainedBlock, Option<usize>),
    Pool(Shape),
    DenseBlock(TrainedDenseBlock),
}

/// What a layer keeps for its backward pass, beside what came in and what it gave.
#[allow(clippy::large_enum_variant, reason = "a net has at most some hundreds")]
enum Kept<F> {
    Nothing,
    Coupling(coupling::Kept<F>),
    Down(down::Kept<F>),
    Dense(dense::Kept<F>),
    Block(Hidden<F>),
    DenseBlock(Map<F>),
}

/// Factors that drop hidden channels or units of a layer's subnets, in the order in which an image passes them.
type Masks<F> = [Option<Vec<F>>; 2];

/// A network ready to be trained.
pub(crate) struct Network<F> {
    layers: Vec<Layer<F>>,
    permutation: Vec<u32>,
    memory: Memory,
    /// Log-det that is the same for all images, whatever the parameters.
    constant: f64,
    channels: usize,
    dims: usize,
    pool: Pool<F>,
    buffers: Buffers<F>,
}

/// A forward pass, with what the backward pass needs.
pub(crate) struct Recorded<F> {
    /// What came into each layer, and last what the network gave; none of what a coupling block gives back by itself.
    maps: Vec<Option<Map<F>>>,
    kept: Vec<Kept<F>>,
    masks: Vec<Masks<F>>,
    /// Log-dets of a flow in nats with the true DCT constant, (B).
    pub log_det: Vec<f64>,
    /// Statistics of every batch-norm, each with the place of the running one.
    pub statistics: Statistics<F>,
}

/// Mean and unbiased variance of every batch-norm's input over (B, H, W), each with the place of the running one.
pub(crate) type Statistics<F> = Vec<(Range<usize>, Vec<F>)>;

impl<F: Real> Recorded<F> {
    /// What the head sees: latents of a flow, (B, D), or the features of a feed-forward network, (B, F).
    pub fn features(&self) -> &[F] {
        let last = self.maps.last().and_then(Option::as_deref);
        last.unwrap_or_else(|| unreachable!("what a network gave is kept"))
    }
}

impl<F: Real> Network<F> {
    /// The network of `spec`, whose tensors lie as `layout` says; `permutation` is that of a flow.
    pub fn new(spec: &ModelSpec, permutation: &[u32], layout: &Layout, memory: Memory) -> Self {
        let shared = &mut Shared::default();
        let (mut layers, mut constant) = (Vec::new(), 0.0);
        let mut stage = 0;
        for element in spec.elements() {
            layers.push(match element {
                Element::Haar { input } => Layer::Haar(*input),
                Element::Coupling(block) => {
                    Layer::Coupling(TrainedCoupling::new(block, layout, shared), stage)
                }
                Element::Down(down) => {
                    // The low-res subnet drops with the probability of the stage that is left (method §2.3, §9.2).
                    stage += 1;
                    Layer::Down(TrainedDown::new(down, layout, shared), stage - 1)
                }
                Element::Dct(dct) => {
                    constant += dct.log_det();
                    Layer::Dct(DctLayer::new(dct))
                }
                Element::Permutation { .. } => Layer::Permutation,
                Element::Dense(dense) => Layer::Dense(TrainedDense::new(dense, layout)),
            });
        }
        let mut left = 0;
        for layer in spec.layers() {
            layers.push(match layer {
                feed_forward::Layer::Haar { input } => Layer::Haar(*input),
                feed_forward::Layer::Entry(entry) => Layer::Entry(TrainedEntry::new(entry, layout, shared)),
                feed_forward::Layer::Block(block) => {
                    let stage = (block.subnet.kind != SubnetKind::Strided).then_some(left);
                    left += usize::from(block.subnet.kind == SubnetKind::Lowres);
                    Layer::Block(TrainedBlock::new(block, layout, shared), stage)
                }
                feed_forward::Layer::Pool { input } => Layer::Pool(*input),
                feed_forward::Layer::Dense(net) => Layer::DenseBlock(TrainedDenseBlock::new(net, layout)),
            });
        }
        Self {
            layers,
            permutation: permutation.to_vec(),
            memory,
            constant,
            channels: spec.input().channels,
            dims: spec.dims(),
            pool: Pool::default(),
            buffers: Buffers::default(),
        }
    }

    fn pass<'a>(&'a self, values: &'a [F], batch: usize, normalize: Normalize) -> Pass<'a, F> {
        Pass { values, batch, normalize, pool: &self.pool, buffers: &self.buffers }
    }

    /// Runs a batch of normalised images x′, N×C×H×W, with the parameters `values`, normalising by the statistics of the
    /// batch. Without `record` the way back is not kept.
    pub fn forward(
        &self,
        values: &[F],
        images: &[F],
        dropout: Option<&Dropout>,
        record: bool,
    ) -> Recorded<F> {
        self.run(&self.pass(values, images.len() / self.dims, Normalize::ByBatch), images, dropout, record)
    }

    /// The statistics of a batch of normalised images x′, N×C×H×W, in a network whose batch-norms only add their β.
    pub fn statistics_without_norm(&self, values: &[F], images: &[F]) -> Statistics<F> {
        let pass = self.pass(values, images.len() / self.dims, Normalize::Not);
        self.run(&pass, images, None, false).statistics
    }

    fn run(&self, pass: &Pass<'_, F>, images: &[F], dropout: Option<&Dropout>, record: bool) -> Recorded<F> {
        let batch = pass.batch;
        let mut map = pass.map(self.dims);
        let pairs = map.chunks_mut(self.dims).zip(images.chunks(self.dims)).collect();
        parallel::map(pairs, |(map, image): (&mut [F], &[F])| to_pixel_major(image, self.channels, map));
        let mut recorded = Recorded {
            maps: Vec::new(),
            kept: Vec::new(),
            masks: Vec::new(),
            log_det: vec![self.constant; batch],
            statistics: Vec::new(),
        };
        let mut drawn = 0;
        for layer in &self.layers {
            let masks = masks(layer, dropout, batch, &mut drawn);
            let (y, kept) = self.forward_layer(pass, layer, &map, &masks, &mut recorded);
            let x = std::mem::replace(&mut map, y);
            if !record {
                continue;
            }
            let given_back = matches!(kept, Kept::Coupling(coupling::Kept::Reversible(_)));
            recorded.maps.push((!given_back).then_some(x));
            recorded.kept.push(kept);
            recorded.masks.push(masks);
        }
        recorded.maps.push(Some(map));
        recorded
    }

    fn forward_layer(
        &self,
        pass: &Pass<'_, F>,
        layer: &Layer<F>,
        x: &Map<F>,
        masks: &Masks<F>,
        recorded: &mut Recorded<F>,
    ) -> (Map<F>, Kept<F>) {
        let Recorded { log_det, statistics, .. } = recorded;
        let [mask, second] = masks.each_ref().map(Option::as_deref);
        let mut noted = |subnet: &TrainedSubnet, hidden: &Hidden<F>| subnet.statistics(hidden, statistics);
        match layer {
            Layer::Haar(shape) => {
                (each(pass, x, shape.len(), |x, y| fixed::haar(x, *shape, y)), Kept::Nothing)
            }
            Layer::Coupling(block, _) => {
                let (y, hidden, corrections) = block.forward(pass, x, mask, self.memory, log_det);
                noted(block.subnet(), &hidden);
                let kept = match self.memory {
                    Memory::Stored => coupling::Kept::Stored(Box::new(hidden)),
                    Memory::Reversible => coupling::Kept::Reversible(corrections),
                };
                (y, Kept::Coupling(kept))
            }
            Layer::Down(down, _) => {
                let (y, kept) = down.forward(pass, x, mask, log_det);
                down.subnets().into_iter().zip(kept.hidden()).for_each(|(net, hidden)| noted(net, hidden));
                (y, Kept::Down(kept))
            }
            Layer::Dct(dct) => {
                let transform = |x: &[F], y: &mut [F]| {
                    y.copy_from_slice(x);
                    self.pool.with(|scratch| dct.forward(y, scratch));
                };
                (each(pass, x, self.dims, transform), Kept::Nothing)
            }
            Layer::Permutation => {
                (each(pass, x, self.dims, |x, y| fixed::permute(&self.permutation, x, y)), Kept::Nothing)
            }
            Layer::Dense(dense) => {
                let (y, kept) = dense.forward(pass, x, [mask, second], log_det);
                (y, Kept::Dense(kept))
            }
            Layer::Entry(entry) => (entry.forward(pass, x), Kept::Nothing),
            Layer::Block(block, _) => {
                let (y, hidden) = block.forward(pass, x, mask);
                noted(block.subnet(), &hidden);
                (y, Kept::Block(hidden))
            }
            Layer::Pool(shape) => (residual::pool(pass, x, *shape), Kept::Nothing),
            Layer::DenseBlock(block) => {
                let (y, hidden) = block.forward(pass, x, mask);
                (y, Kept::DenseBlock(hidden))
            }
        }
    }

    /// From the gradients of what the network gave, `features`, and of the log-dets to those of the parameters, which go to
    /// `gradient`; that of the images, N×C×H×W, where it is wanted.
    pub fn backward(
        &self,
        values: &[F],
        mut recorded: Recorded<F>,
        features: &[F],
        log_det: &[F],
        gradient: &mut [F],
        wants_images: bool,
    ) -> Option<Vec<F>> {
        let pass = self.pass(values, log_det.len(), Normalize::ByBatch);
        let mut d = pass.buffers.take(features.len());
        d.copy_from_slice(features);
        let first = self.layers.iter().position(is_trained).unwrap_or(0);
        let mut y = recorded.maps.pop().flatten();
        for (i, layer) in self.layers.iter().enumerate().rev() {
            let x = recorded.maps.pop().flatten();
            let kept = recorded.kept.pop().unwrap_or(Kept::Nothing);
            let masks = recorded.masks.pop().unwrap_or_default();
            let [mask, _] = masks.each_ref().map(Option::as_deref);
            let (x, kept) = match (x, kept, layer, &y) {
                (
                    None,
                    Kept::Coupling(coupling::Kept::Reversible(corrections)),
                    Layer::Coupling(block, _),
                    Some(y),
                ) => {
                    let (x, hidden) = block.inverse(&pass, y, mask, &corrections);
                    (x, Kept::Coupling(coupling::Kept::Stored(Box::new(hidden))))
                }
                (Some(x), kept, ..) => (x, kept),
                _ => unreachable!("what came into a layer is kept, or the layer gives it back"),
            };
            let Some(after) = &y else { unreachable!("what a layer gave is what came into the next") };
            let wants_x = wants_images || i > first;
            let ends = (&x[..], &after[..]);
            d = self.backward_layer(&pass, layer, ends, kept, &masks, d, log_det, gradient, wants_x);
            y = Some(x);
            if !wants_images && i == first {
                return None;
            }
        }
        let mut images = vec![F::default(); d.len()];
        let pairs = images.chunks_mut(self.dims).zip(d.chunks(self.dims)).collect();
        parallel::map(pairs, |(image, map): (&mut [F], &[F])| to_planes(map, self.channels, image));
        Some(images)
    }

    #[allow(clippy::too_many_arguments, reason = "both ends of a layer, its log-dets and its parameters")]
    fn backward_layer(
        &self,
        pass: &Pass<'_, F>,
        layer: &Layer<F>,
        (x, y): (&[F], &[F]),
        kept: Kept<F>,
        masks: &Masks<F>,
        mut d: Map<F>,
        log_det: &[F],
        gradient: &mut [F],
        wants_x: bool,
    ) -> Map<F> {
        let [mask, second] = masks.each_ref().map(Option::as_deref);
        match (layer, kept) {
            (Layer::Haar(shape), _) => {
                // It is orthogonal: its transpose is its inverse.
                let len = shape.len();
                let mut dx = pass.map(len);
                let images = dx.chunks_mut(len).zip(d.chunks_mut(len)).collect();
                parallel::map(images, |(dx, d): (&mut [F], &mut [F])| fixed::unhaar(d, *shape, dx));
                dx
            }
            (Layer::Coupling(block, _), Kept::Coupling(coupling::Kept::Stored(hidden))) => {
                block.backward(pass, (x, y), &hidden, mask, &d, log_det, gradient, wants_x)
            }
            (Layer::Down(down, _), Kept::Down(kept)) => {
                down.backward(pass, (x, y), &kept, mask, &mut d, log_det, gradient)
            }
            (Layer::Dct(dct), _) => {
                let images = d.chunks_mut(self.dims).collect();
                parallel::map(images, |d: &mut [F]| self.pool.with(|scratch| dct.backward(d, scratch)));
                d
            }
            (Layer::Permutation, _) => {
                each(pass, &d, self.dims, |d, dx| fixed::unpermute(&self.permutation, d, dx))
            }
            (Layer::Dense(dense), Kept::Dense(kept)) => {
                dense.backward(pass, (x, y), &kept, [mask, second], &mut d, log_det, gradient);
                d
            }
            (Layer::Entry(entry), _) => entry.backward(pass, x, &d, gradient, wants_x).unwrap_or(d),
            (Layer::Block(block, _), Kept::Block(hidden)) => {
                block.backward(pass, (x, y), &hidden, mask, d, gradient)
            }
            (Layer::Pool(shape), _) => residual::unpool(pass, &d, *shape),
            (Layer::DenseBlock(block), Kept::DenseBlock(hidden)) => {
                block.backward(pass, (x, y), &hidden, mask, &mut d, gradient);
                d
            }
            _ => unreachable!("a layer keeps what is its own"),
        }
    }
}

/// Whether a layer has parameters.
fn is_trained<F>(layer: &Layer<F>) -> bool {
    !matches!(layer, Layer::Haar(_) | Layer::Dct(_) | Layer::Permutation | Layer::Pool(_))
}

/// What `work` makes of the map of every image, of the same length.
fn each<F: Real>(
    pass: &Pass<'_, F>,
    x: &[F],
    len: usize,
    work: impl Fn(&[F], &mut [F]) + Send + Sync,
) -> Map<F> {
    let mut y = pass.map(len);
    let images = y.chunks_mut(len).zip(x.chunks(len)).collect();
    parallel::map(images, |(y, x): (&mut [F], &[F])| work(x, y));
    y
}

/// The masks of a layer; `drawn` counts those that the pass has drawn.
fn masks<F: Real>(layer: &Layer<F>, dropout: Option<&Dropout>, batch: usize, drawn: &mut u64) -> Masks<F> {
    let Some(dropout) = dropout else { return Masks::default() };
    let mut draw = |p: f64, width: usize| {
        let mask = dropout.mask(p, *drawn, batch * width)?;
        *drawn += 1;
        Some(mask.into_iter().map(|v| F::from_f64(f64::from(v))).collect())
    };
    match layer {
        Layer::Coupling(block, stage) => [draw(dropout.of_stage(*stage), block.subnet().width()), None],
        Layer::Down(down, stage) => {
            let [_, lowres] = down.subnets();
            [draw(dropout.of_stage(*stage), lowres.width()), None]
        }
        Layer::Block(block, Some(stage)) => [draw(dropout.of_stage(*stage), block.subnet().width()), None],
        Layer::Dense(dense) => [(); 2].map(|()| draw(dropout.dense, dense.hidden())),
        Layer::DenseBlock(block) => [draw(dropout.dense, block.hidden()), None],
        _ => Masks::default(),
    }
}
