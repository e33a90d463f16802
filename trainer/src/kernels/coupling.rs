//! Coupling blocks (method §2.2), forwards and backwards.

use ibinn::spec::element::Coupling;
use ibinn::spec::tensors::{CouplingTensors, TensorInfo};
use ibinn::training::Layout;
use ibinn_shaders as shaders;
use ibinn_shaders::layouts::{TrainedAffine, TrainedMix};

use super::gpu::{Buffer, Gpu};
use super::subnet::{Hidden, Seen, TrainedSubnet};
use super::trunk::{Ends, Pass};

/// A coupling block with what its kernels must know.
pub(super) struct TrainedCoupling {
    of: Coupling,
    batch: usize,
    subnet: TrainedSubnet,
    affine: Buffer,
    mix: Buffer,
}

/// What the way back needs of the way forwards.
pub(super) struct KeptCoupling {
    hidden: Hidden,
    result: Buffer,
}

impl TrainedCoupling {
    /// Of a batch of so many images. `mask` is the place of its dropout's factors.
    pub fn new(gpu: &Gpu, layout: &Layout, of: Coupling, batch: usize, mask: usize) -> Self {
        let (first, second) = of.split();
        let (shape, slope) = (of.shape, Coupling::CLAMP_SLOPE as f32);
        let CouplingTensors { rotation, log_alpha, offset } = of.tensors();
        let place = |info: &TensorInfo| layout.range(info).start as u32;
        let channels = shape.channels as u32;
        let affine = TrainedAffine {
            batch: batch as u32,
            channels: second as u32,
            height: shape.height as u32,
            width: shape.width as u32,
            output_channels: channels,
            output_first: first as u32,
            input_channels: channels,
            input_first: first as u32,
            folded: 0,
            copied: first as u32,
            log_alpha: place(&log_alpha),
            scales: channels,
            slope,
        };
        let mix = TrainedMix {
            batch: batch as u32,
            channels,
            pixels: shape.pixels() as u32,
            rotation: place(&rotation),
            log_alpha: place(&log_alpha),
            offset: place(&offset),
        };
        let seen = Seen { channels: shape.channels, first: 0, height: shape.height, width: shape.width };
        Self {
            subnet: TrainedSubnet::new(gpu, layout, of.subnet(), seen, batch, mask),
            affine: gpu.words(&affine.words()),
            mix: gpu.words(&mix.words()),
            of,
            batch,
        }
    }

    /// Items and rows of workgroups of the kernels that mix channels.
    fn mixed(&self) -> [usize; 2] {
        [self.batch * self.of.shape.pixels(), self.of.shape.channels.div_ceil(4)]
    }

    /// Runs the block on a batch of maps, and adds to their log-dets.
    pub fn forward(&self, pass: &Pass<'_>, x: &Buffer, log_det: &Buffer) -> (Buffer, KeptCoupling) {
        let Pass { gpu, values, .. } = pass;
        let numbers = self.batch * self.of.shape.len();
        let (result, hidden) = self.subnet.forward(pass, x);
        let [u, y] = [(); 2].map(|()| gpu.empty(numbers));
        let buffers = [&self.affine, values, x, &result, &u, log_det];
        gpu.launch_groups(&shaders::TRAIN_AFFINE, self.batch, &buffers);
        gpu.launch(&shaders::TRAIN_MIX, self.mixed(), &[&self.mix, values, &u, &y]);
        (y, KeptCoupling { hidden, result })
    }

    /// From the gradient of what the block gave to that of what came in, and to those of its parameters.
    pub fn backward(&self, pass: &Pass<'_>, ends: &Ends<'_>, kept: KeptCoupling) -> Buffer {
        let Pass { gpu, values, gradient, .. } = pass;
        let Ends { x, y, slopes, log_det_slopes, wants_x } = ends;
        let numbers = self.batch * self.of.shape.len();
        let [u_slopes, x_slopes] = [(); 2].map(|()| gpu.empty(numbers));
        let KeptCoupling { hidden, result } = kept;
        let buffers = [&self.mix, values, y, slopes, log_det_slopes, gradient];
        gpu.launch_groups(&shaders::TRAIN_MIX_GRADIENT, self.of.shape.channels, &buffers);
        gpu.launch(&shaders::TRAIN_MIX_SLOPES, self.mixed(), &[&self.mix, values, slopes, &u_slopes]);
        let result_slopes = self.subnet.slopes(gpu);
        let buffers = [&self.affine, x, &result, &u_slopes, log_det_slopes, &result_slopes, &x_slopes];
        gpu.launch(&shaders::TRAIN_AFFINE_SLOPES, [numbers, 1], &buffers);
        self.subnet.backward(pass, x, hidden, &result_slopes, wants_x.then_some(&x_slopes));
        x_slopes
    }
}
