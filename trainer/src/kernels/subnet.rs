//! Subnets of flows (method §2.3), forwards and backwards.

use ibinn::spec::element::Subnet;
use ibinn::spec::tensors::{NormTensors, SubnetTensors, TensorInfo};
use ibinn::training::Layout;
use ibinn_shaders as shaders;
use ibinn_shaders::layouts::{TrainedConvolution, TrainedNorm};

use super::gpu::{Buffer, Gpu};
use super::trunk::Pass;

/// Numbers that a norm's buffer has for a channel.
const NORM: usize = 6;

/// The channels of a map that a subnet sees.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// Channels of the map.
    pub channels: usize,
    /// The first one that is seen.
    pub first: usize,
    /// Rows of the map.
    pub height: usize,
    /// Columns of the map.
    pub width: usize,
}

/// A subnet with what its kernels must know.
pub(super) struct TrainedSubnet {
    of: Subnet,
    batch: usize,
    /// Pixels of the map in, and of the map out.
    pixels: [usize; 2],
    convolutions: [Buffer; 3],
    norms: [Buffer; 2],
}

/// What the way back needs of the way forwards.
pub(super) struct Hidden {
    maps: [Buffer; 2],
    norms: [Buffer; 2],
}

impl TrainedSubnet {
    /// Of a batch of so many images. `mask` is the place of its dropout's factors.
    pub fn new(gpu: &Gpu, layout: &Layout, of: Subnet, seen: Seen, batch: usize, mask: usize) -> Self {
        let SubnetTensors { hidden: [first, second], last } = of.tensors();
        let stride = of.stride();
        let wide = [seen.height, seen.width];
        let narrow = wide.map(|side| side / stride);
        let place = |info: &TensorInfo| layout.range(info).start as u32;
        let convolution =
            |[inputs, outputs]: [usize; 2], [from, to]: [[usize; 2]; 2], weight| TrainedConvolution {
                batch: batch as u32,
                inputs: inputs as u32,
                outputs: outputs as u32,
                height: to[0] as u32,
                width: to[1] as u32,
                input_height: from[0] as u32,
                input_width: from[1] as u32,
                input_channels: inputs as u32,
                input_first: 0,
                stride: (from[0] / to[0]) as u32,
                weight: place(weight),
                bias: 0,
                mask: mask as u32,
            };
        let width = of.width;
        let convolutions = [
            TrainedConvolution {
                input_channels: seen.channels as u32,
                input_first: seen.first as u32,
                ..convolution([of.input, width], [wide, wide], &first.conv.weight)
            },
            convolution([width, width], [wide, narrow], &second.conv.weight),
            TrainedConvolution {
                bias: place(&last.bias),
                ..convolution([width, of.output], [narrow, narrow], &last.weight)
            },
        ];
        let norm =
            |NormTensors { gamma, beta, running_mean, running_var }: &NormTensors, pixels| TrainedNorm {
                batch: batch as u32,
                channels: width as u32,
                pixels: pixels as u32,
                gamma: place(gamma),
                beta: place(beta),
                running_mean: place(running_mean),
                running_variance: place(running_var),
            };
        let pixels = [wide, narrow].map(|[height, width]| height * width);
        let norms = [norm(&first.norm, pixels[0]), norm(&second.norm, pixels[1])];
        Self {
            convolutions: convolutions.map(|layer| gpu.words(&layer.words())),
            norms: norms.map(|layer| gpu.words(&layer.words())),
            of,
            batch,
            pixels,
        }
    }

    /// Numbers that it gives for a batch.
    fn results(&self) -> usize {
        self.batch * self.of.output * self.pixels[1]
    }

    /// What it gives for some channels of `map`, (B, O, H, W).
    pub fn forward(&self, pass: &Pass<'_>, map: &Buffer) -> (Buffer, Hidden) {
        let Pass { gpu, values, masks, gradient } = pass;
        let (width, [first, second, last]) = (self.of.width, &self.convolutions);
        let maps = self.pixels.map(|pixels| gpu.empty(self.batch * width * pixels));
        let norms = [(); 2].map(|()| gpu.empty(NORM * width));
        let result = gpu.empty(self.results());
        let normalize = |i: usize| {
            let buffers = [&self.norms[i], values, &maps[i], &norms[i], gradient];
            gpu.launch_groups(&shaders::TRAIN_STATISTICS, width, &buffers);
        };
        let items = |pixels: usize, channels: usize| [self.batch * pixels, channels.div_ceil(8)];
        let shader = match self.of.leading_relu {
            true => &shaders::TRAIN_FIRST_RECTIFIED,
            false => &shaders::TRAIN_FIRST,
        };
        gpu.launch(shader, items(self.pixels[0], width), &[first, values, &maps[0], map]);
        normalize(0);
        let buffers = [second, values, &maps[1], &maps[0], &norms[0]];
        gpu.launch(&shaders::TRAIN_SECOND, items(self.pixels[1], width), &buffers);
        normalize(1);
        let buffers = [last, values, &result, &maps[1], &norms[1], masks];
        gpu.launch(&shaders::TRAIN_LAST, items(self.pixels[1], self.of.output), &buffers);
        (result, Hidden { maps, norms })
    }

    /// A buffer for the gradient of what it gave.
    pub fn slopes(&self, gpu: &Gpu) -> Buffer {
        gpu.empty(self.results())
    }

    /// From the gradient `slopes` of what it gave to those of its parameters; adds that of what it saw to `map_slopes`, where it
    /// is wanted.
    pub fn backward(
        &self,
        pass: &Pass<'_>,
        map: &Buffer,
        Hidden { maps, norms }: Hidden,
        slopes: &Buffer,
        map_slopes: Option<&Buffer>,
    ) {
        let Pass { gpu, values, masks, gradient } = pass;
        let (width, [first, second, last]) = (self.of.width, &self.convolutions);
        let inner = self.pixels.map(|pixels| gpu.empty(self.batch * width * pixels));
        let weights = |inputs: usize, outputs: usize| [64 * outputs.div_ceil(4), inputs];
        let items = |pixels: usize, channels: usize| [self.batch * pixels, channels.div_ceil(8)];
        let normalize = |i: usize| {
            let buffers = [&self.norms[i], gradient, &maps[i], &norms[i], &inner[i]];
            gpu.launch_groups(&shaders::TRAIN_NORM_GRADIENT, width, &buffers);
        };

        let buffers = [last, gradient, slopes, &maps[1], &norms[1], masks];
        gpu.launch(&shaders::TRAIN_LAST_WEIGHTS, weights(width + 1, self.of.output), &buffers);
        let buffers = [last, values, slopes, &inner[1], &maps[1], &norms[1], masks];
        gpu.launch(&shaders::TRAIN_LAST_INPUTS, items(self.pixels[1], width), &buffers);
        normalize(1);
        let buffers = [second, gradient, &inner[1], &maps[1], &norms[1], &maps[0], &norms[0]];
        gpu.launch(&shaders::TRAIN_SECOND_WEIGHTS, weights(width, width), &buffers);
        let buffers = [second, values, &inner[1], &inner[0], &maps[1], &norms[1], &maps[0], &norms[0]];
        gpu.launch(&shaders::TRAIN_SECOND_INPUTS, items(self.pixels[0], width), &buffers);
        normalize(0);
        let rectified = self.of.leading_relu;
        let shader = match rectified {
            true => &shaders::TRAIN_FIRST_WEIGHTS_RECTIFIED,
            false => &shaders::TRAIN_FIRST_WEIGHTS,
        };
        let buffers = [first, gradient, &inner[0], &maps[0], &norms[0], map];
        gpu.launch(shader, weights(self.of.input, width), &buffers);
        let Some(map_slopes) = map_slopes else { return };
        let items = items(self.pixels[0], self.of.input);
        let buffers = [first, values, &inner[0], map_slopes, &maps[0], &norms[0], map];
        match rectified {
            true => gpu.launch(&shaders::TRAIN_FIRST_INPUTS_RECTIFIED, items, &buffers),
            false => gpu.launch(&shaders::TRAIN_FIRST_INPUTS, items, &buffers[..6]),
        }
    }
}
