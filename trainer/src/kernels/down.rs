//! Down-couplings (method §2.4), forwards and backwards.

use ibinn::spec::element::Down;
use ibinn::training::Layout;
use ibinn_shaders as shaders;
use ibinn_shaders::layouts::TrainedAffine;

use super::gpu::{Buffer, Gpu};
use super::subnet::{Hidden, Seen, TrainedSubnet};
use super::trunk::{Ends, Pass};

/// A down-coupling with what its kernels must know: of the strided subnet with y₂, then of the other with y₁.
pub(super) struct TrainedDown {
    of: Down,
    batch: usize,
    subnets: [TrainedSubnet; 2],
    affine: [Buffer; 2],
}

/// What the way back needs of the way forwards.
pub(super) struct KeptDown {
    hidden: [Hidden; 2],
    results: [Buffer; 2],
}

impl TrainedDown {
    /// Of a batch of so many images. `masks` are the places of the dropout's factors.
    pub fn new(gpu: &Gpu, layout: &Layout, of: Down, batch: usize, masks: [usize; 2]) -> Self {
        let (first, second) = of.split();
        let (input, output) = (of.input, of.input.folded());
        let affine = |channels: usize, input_first: usize, output_first: usize| TrainedAffine {
            batch: batch as u32,
            channels: 4 * channels as u32,
            height: output.height as u32,
            width: output.width as u32,
            output_channels: output.channels as u32,
            output_first: output_first as u32,
            input_channels: input.channels as u32,
            input_first: input_first as u32,
            folded: 1,
            copied: 0,
            log_alpha: 0,
            scales: 0,
            slope: Down::CLAMP_SLOPE as f32,
        };
        let affine = [affine(second, first, 4 * first), affine(first, 0, 0)];
        let wide = Seen { channels: input.channels, first: 0, height: input.height, width: input.width };
        let narrow =
            Seen { channels: output.channels, first: 4 * first, height: output.height, width: output.width };
        let subnet = |of, seen, mask| TrainedSubnet::new(gpu, layout, of, seen, batch, mask);
        Self {
            subnets: [subnet(of.strided(), wide, masks[0]), subnet(of.lowres(), narrow, masks[1])],
            affine: affine.map(|layer| gpu.words(&layer.words())),
            of,
            batch,
        }
    }

    /// Runs it on a batch of maps, and adds to their log-dets.
    pub fn forward(&self, pass: &Pass<'_>, x: &Buffer, log_det: &Buffer) -> (Buffer, KeptDown) {
        let y = pass.gpu.empty(self.batch * self.of.input.len());
        let half = |i: usize, seen: &Buffer| {
            let (result, hidden) = self.subnets[i].forward(pass, seen);
            let buffers = [&self.affine[i], pass.values, x, &result, &y, log_det];
            pass.gpu.launch_groups(&shaders::TRAIN_AFFINE, self.batch, &buffers);
            (result, hidden)
        };
        let (strided, strided_hidden) = half(0, x);
        let (lowres, lowres_hidden) = half(1, &y);
        (y, KeptDown { hidden: [strided_hidden, lowres_hidden], results: [strided, lowres] })
    }

    /// From the gradient of what it gave, to which more is added, to that of what came in, and to those of its parameters.
    pub fn backward(&self, pass: &Pass<'_>, ends: &Ends<'_>, kept: KeptDown) -> Buffer {
        let gpu = pass.gpu;
        let Ends { x, y, slopes, log_det_slopes, wants_x } = ends;
        let x_slopes = gpu.empty(self.batch * self.of.input.len());
        let (first, second) = self.of.split();
        let KeptDown { hidden: [strided, lowres], results } = kept;
        let affine = |i: usize, channels: usize| {
            let result_slopes = self.subnets[i].slopes(gpu);
            let buffers =
                [&self.affine[i], x, &results[i], slopes, log_det_slopes, &result_slopes, &x_slopes];
            let items = self.batch * channels * self.of.input.pixels();
            gpu.launch(&shaders::TRAIN_AFFINE_SLOPES, [items, 1], &buffers);
            result_slopes
        };
        let result_slopes = affine(1, first);
        self.subnets[1].backward(pass, y, lowres, &result_slopes, Some(slopes));
        let result_slopes = affine(0, second);
        self.subnets[0].backward(pass, x, strided, &result_slopes, wants_x.then_some(&x_slopes));
        x_slopes
    }
}
