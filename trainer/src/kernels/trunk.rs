//! The coupling blocks and down-couplings of a flow, one after the other.

use ibinn::ModelSpec;
use ibinn::spec::element::Element;
use ibinn::training::{Dropout, Layout};

use super::coupling::{KeptCoupling, TrainedCoupling};
use super::down::{KeptDown, TrainedDown};
use super::gpu::{Buffer, Gpu};

/// What all layers of a pass see.
pub(super) struct Pass<'a> {
    pub gpu: &'a Gpu,
    /// All tensors in training form.
    pub values: &'a Buffer,
    /// Factors of dropout.
    pub masks: &'a Buffer,
    /// The gradient of every number, of running statistics those of the batch.
    pub gradient: &'a Buffer,
}

/// Both ends of a layer, for the way back.
pub(super) struct Ends<'a> {
    /// What came in.
    pub x: &'a Buffer,
    /// What it gave.
    pub y: &'a Buffer,
    /// The gradient of what it gave.
    pub slopes: &'a Buffer,
    /// The gradient of the log-dets.
    pub log_det_slopes: &'a Buffer,
    /// Whether anybody asks for the gradient of what came in.
    pub wants_x: bool,
}

enum Layer {
    Coupling(Box<TrainedCoupling>),
    Down(Box<TrainedDown>),
}

enum Kept {
    Coupling(Box<KeptCoupling>),
    Down(Box<KeptDown>),
}

/// Where the factors of a subnet's dropout lie.
struct Mask {
    place: usize,
    width: usize,
    /// The stage whose probability it has; of none, nothing is dropped.
    stage: Option<usize>,
}

/// The layers that work on maps, for batches of one size.
pub(super) struct Trunk {
    layers: Vec<Layer>,
    masks: Vec<Mask>,
    batch: usize,
}

/// A batch's way forwards.
pub(super) struct Recorded {
    /// What came into each layer, and what the last one gave.
    maps: Vec<Buffer>,
    kept: Vec<Kept>,
}

impl Trunk {
    /// The layers of `spec` for batches of so many images.
    pub fn new(gpu: &Gpu, layout: &Layout, spec: &ModelSpec, batch: usize) -> Self {
        let (mut layers, mut masks) = (Vec::new(), Vec::new());
        let (mut stage, mut end) = (0, 0);
        let mut mask = |width: usize, stage: Option<usize>| {
            let place = end;
            end += batch * width;
            masks.push(Mask { place, width, stage });
            place
        };
        for element in spec.elements() {
            match element {
                Element::Coupling(coupling) => {
                    let mask = mask(coupling.width, Some(stage));
                    let layer = TrainedCoupling::new(gpu, layout, coupling.clone(), batch, mask);
                    layers.push(Layer::Coupling(Box::new(layer)));
                }
                Element::Down(down) => {
                    // The authors drop nothing in the strided subnet (method §2.3, §9).
                    let masks = [mask(down.width, None), mask(down.width, Some(stage))];
                    let layer = TrainedDown::new(gpu, layout, down.clone(), batch, masks);
                    layers.push(Layer::Down(Box::new(layer)));
                    stage += 1;
                }
                Element::Haar { .. } | Element::Dct(_) | Element::Permutation { .. } | Element::Dense(_) => {}
            }
        }
        Self { layers, masks, batch }
    }

    /// Images of a batch.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The factors of a step in which nothing is dropped.
    pub fn no_dropout(&self) -> Vec<f32> {
        vec![1.0; self.masks.iter().map(|mask| self.batch * mask.width).sum()]
    }

    /// The factors of a step, and how many masks were drawn for them.
    pub fn masks(&self, dropout: &Dropout) -> (Vec<f32>, u64) {
        let (mut factors, mut drawn) = (Vec::new(), 0);
        for Mask { place, width, stage } in &self.masks {
            let p = stage.map_or(0.0, |stage| dropout.of_stage(stage));
            debug_assert_eq!(factors.len(), *place);
            match dropout.mask(p, drawn, self.batch * width) {
                Some(mask) => {
                    factors.extend(mask);
                    drawn += 1;
                }
                None => factors.resize(place + self.batch * width, 1.0),
            }
        }
        (factors, drawn)
    }

    /// Runs the layers on a batch of maps, and adds to their log-dets.
    pub fn forward(&self, pass: &Pass<'_>, map: Buffer, log_det: &Buffer) -> Recorded {
        let mut maps = vec![map];
        let mut kept = Vec::new();
        for layer in &self.layers {
            let x = &maps[maps.len() - 1];
            let (y, of_layer) = match layer {
                Layer::Coupling(layer) => {
                    let (y, kept) = layer.forward(pass, x, log_det);
                    (y, Kept::Coupling(Box::new(kept)))
                }
                Layer::Down(layer) => {
                    let (y, kept) = layer.forward(pass, x, log_det);
                    (y, Kept::Down(Box::new(kept)))
                }
            };
            maps.push(y);
            kept.push(of_layer);
        }
        Recorded { maps, kept }
    }

    /// From the gradients of the last map and of the log-dets to those of the parameters.
    pub fn backward(&self, pass: &Pass<'_>, recorded: Recorded, slopes: Buffer, log_det_slopes: &Buffer) {
        let Recorded { maps, kept } = recorded;
        let mut slopes = slopes;
        for (i, (layer, kept)) in self.layers.iter().zip(kept).enumerate().rev() {
            let ends = Ends { x: &maps[i], y: &maps[i + 1], slopes: &slopes, log_det_slopes, wants_x: i > 0 };
            slopes = match (layer, kept) {
                (Layer::Coupling(layer), Kept::Coupling(kept)) => layer.backward(pass, &ends, *kept),
                (Layer::Down(layer), Kept::Down(kept)) => layer.backward(pass, &ends, *kept),
                (Layer::Coupling(_), Kept::Down(_)) | (Layer::Down(_), Kept::Coupling(_)) => {
                    unreachable!("each layer keeps its own")
                }
            };
        }
    }
}

impl Recorded {
    /// What the last layer gave.
    pub fn last(&self) -> &Buffer {
        &self.maps[self.maps.len() - 1]
    }
}
