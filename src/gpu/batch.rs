//! Buffers and bind groups for batches of up to a fixed size, made once; and the recording of a call.

use ibinn_shaders::{DENSE_COUPLE, DENSE_HIDDEN, FLOW, LOG_DET, Shader, constants::TILE};
use wgpu::BufferUsages as Usage;

use super::device::Device;
use super::program::{DenseNet, Program, Run};
use super::scratch::LANES;
use crate::{Error, Result};

const F32: usize = size_of::<f32>();
const VEC4: usize = LANES * F32;

/// What does not depend on the batch: the buffers of a program.
pub(super) struct Constants {
    steps: wgpu::Buffer,
    weights: wgpu::Buffer,
    tables: wgpu::Buffer,
}

impl Constants {
    /// Uploads a program.
    ///
    /// # Errors
    /// [`Error::NoGpu`] when the weights are larger than the device can bind.
    pub fn new(device: &Device, program: &Program) -> Result<Self> {
        let largest = device.device.limits().max_storage_buffer_binding_size as usize;
        let weights = program.weights.numbers();
        if weights.len() * F32 > largest {
            return Err(Error::NoGpu(format!(
                "the weights take {} bytes, the device can bind {largest}",
                weights.len() * F32
            )));
        }
        Ok(Self {
            steps: upload(device, "steps", bytemuck::cast_slice(&program.steps)),
            weights: upload(device, "weights", bytemuck::cast_slice(weights)),
            tables: upload(device, "tables", bytemuck::cast_slice(&program.tables)),
        })
    }
}

/// A dispatch that is ready to be recorded.
struct Dispatch {
    bind_group: wgpu::BindGroup,
    /// Workgroups in x; in y there is one a tile of images, or (for the flow) x is one an image.
    groups: u32,
}

/// One direction.
struct Direction {
    flow: Vec<Dispatch>,
    dense: Vec<[Dispatch; 2]>,
}

/// Everything that a batch of up to `capacity` images needs.
pub(super) struct Batch {
    capacity: usize,
    images: wgpu::Buffer,
    latents: wgpu::Buffer,
    log_dets: wgpu::Buffer,
    read_back: wgpu::Buffer,
    encode: Direction,
    decode: Direction,
    sum: Dispatch,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Images to latents.
    Encode,
    /// Latents to images.
    Decode,
}

/// The largest capacity that the device's limits allow, a multiple of the tile.
pub(super) fn largest_capacity(device: &Device, program: &Program) -> Result<usize> {
    let largest = device.device.limits().max_storage_buffer_binding_size as usize;
    let tile = TILE as usize;
    match largest / (program.scratch * VEC4) / tile * tile {
        0 => Err(Error::NoGpu(format!(
            "an image needs {} bytes, too many for the device",
            program.scratch * VEC4
        ))),
        capacity => Ok(capacity),
    }
}

impl Batch {
    /// Makes the buffers for `capacity` images, a multiple of the tile.
    pub fn new(device: &Device, program: &Program, constants: &Constants, capacity: usize) -> Self {
        let storage = |label, bytes: usize, usage| buffer(device, label, bytes, Usage::STORAGE | usage);
        let io = Usage::COPY_SRC | Usage::COPY_DST;
        let images = storage("images", capacity * program.dims * F32, io);
        let latents = storage("latents", capacity * program.latent_groups * VEC4, io);
        let log_dets = storage("log-dets", capacity * F32, Usage::COPY_SRC);
        let scratch = storage("scratch", capacity * program.scratch * VEC4, Usage::empty());
        let hidden_groups = program.dense.map(|net| net.groups_hidden)[0];
        let hidden = storage("hidden", capacity * hidden_groups * VEC4, Usage::empty());
        let runs = program.encode.len().max(program.decode.len());
        let slots = runs + program.dense.iter().map(|net| net.groups_out).sum::<usize>();
        let partials = storage("partial log-dets", capacity * slots * F32, Usage::empty());
        let longest = (program.latent_groups * VEC4 + F32).max(program.dims * F32);
        let read_back = buffer(device, "read back", capacity * longest, Usage::MAP_READ | Usage::COPY_DST);

        let flow = |run: &Run, slot: usize, input: &wgpu::Buffer, output: &wgpu::Buffer| {
            let words = [run.first, run.end, program.scratch as u32, slot as u32, slots as u32];
            let run = uniform(device, &words);
            let Constants { steps, weights, tables } = constants;
            let buffers = [&run, steps, weights, tables, input, &scratch, output, &partials];
            Dispatch { bind_group: bind(device, &device.pipelines.flow, &FLOW, &buffers), groups: 1 }
        };
        let flows = |runs: &[Run], input, output| {
            runs.iter().enumerate().map(|(slot, run)| flow(run, slot, input, output)).collect()
        };
        let dense = |net: &DenseNet, slot: usize, inverse: bool| {
            let first = Layer {
                groups: [net.groups_in, net.groups_hidden],
                source: [net.source, program.latent_groups],
                dest: [0, net.groups_hidden],
                weights: net.weights[0],
                bias: net.bias[0],
                inverse,
                slots: [slot, slots],
            };
            let second = Layer {
                groups: [net.groups_hidden, net.groups_out],
                source: [0, net.groups_hidden],
                dest: [net.dest, program.latent_groups],
                weights: net.weights[1],
                bias: net.bias[1],
                ..first
            };
            let (layer1, layer2) = (first.uniform(device), second.uniform(device));
            let hidden_bindings = [&layer1, &constants.weights, &latents, &hidden];
            let couple_bindings = [&layer2, &constants.weights, &hidden, &latents, &partials];
            [
                Dispatch {
                    bind_group: bind(device, &device.pipelines.dense_hidden, &DENSE_HIDDEN, &hidden_bindings),
                    groups: (net.groups_hidden as u32).div_ceil(DENSE_HIDDEN.workgroup_size[0]),
                },
                Dispatch {
                    bind_group: bind(device, &device.pipelines.dense_couple, &DENSE_COUPLE, &couple_bindings),
                    groups: (net.groups_out as u32).div_ceil(DENSE_COUPLE.workgroup_size[0]),
                },
            ]
        };
        let [net2, net1] = &program.dense;
        let second_slot = runs + net2.groups_out;
        // Runs that a direction has fewer leave their slots at the zeros that buffers begin with.
        let encode = Direction {
            flow: flows(&program.encode, &images, &latents),
            dense: vec![dense(net2, runs, false), dense(net1, second_slot, false)],
        };
        let decode = Direction {
            flow: flows(&program.decode, &latents, &images),
            dense: vec![dense(net1, second_slot, true), dense(net2, runs, true)],
        };
        let sums = uniform(device, &[slots as u32]);
        let sum = bind(device, &device.pipelines.log_det, &LOG_DET, &[&sums, &partials, &log_dets]);
        let sum = Dispatch { bind_group: sum, groups: 1 };
        Self { capacity, images, latents, log_dets, read_back, encode, decode, sum }
    }

    /// Images that fit.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Runs `count` images one way. `input` holds images, N×D, or padded latents. Encoding returns padded latents
    /// followed by log-dets without their constant, decoding images.
    ///
    /// # Errors
    /// When the device fails or is lost.
    pub async fn run(&self, device: &Device, program: &Program, way: Way, input: &[f32]) -> Result<Vec<f32>> {
        let latent_bytes = (program.latent_groups * VEC4) as u64;
        let image_bytes = (program.dims * F32) as u64;
        let bytes: &[u8] = bytemuck::cast_slice(input);
        let (source, row) = match way {
            Way::Encode => (&self.images, image_bytes),
            Way::Decode => (&self.latents, latent_bytes),
        };
        let count = bytes.len() as u64 / row;
        device.queue.write_buffer(source, 0, bytes);
        let mut encoder = device.device.create_command_encoder(&Default::default());
        self.record(device, &mut encoder, way, count as u32);
        let length = match way {
            Way::Encode => {
                encoder.copy_buffer_to_buffer(&self.latents, 0, &self.read_back, 0, count * latent_bytes);
                let log_det_bytes = count * F32 as u64;
                encoder.copy_buffer_to_buffer(
                    &self.log_dets,
                    0,
                    &self.read_back,
                    count * latent_bytes,
                    log_det_bytes,
                );
                count * latent_bytes + log_det_bytes
            }
            Way::Decode => {
                encoder.copy_buffer_to_buffer(&self.images, 0, &self.read_back, 0, count * image_bytes);
                count * image_bytes
            }
        };
        device.queue.submit([encoder.finish()]);
        device.read(&self.read_back, length).await
    }

    fn record(&self, device: &Device, encoder: &mut wgpu::CommandEncoder, way: Way, count: u32) {
        let pipelines = &device.pipelines;
        let mut pass = encoder.begin_compute_pass(&Default::default());
        let mut dispatch = |pipeline: &wgpu::ComputePipeline, dispatch: &Dispatch, [x, y]: [u32; 2]| {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &dispatch.bind_group, &[]);
            pass.dispatch_workgroups(x, y, 1);
        };
        let tiles = count.div_ceil(TILE);
        let direction = if way == Way::Encode { &self.encode } else { &self.decode };
        let mut flow = || direction.flow.iter().for_each(|run| dispatch(&pipelines.flow, run, [count, 1]));
        if way == Way::Encode {
            flow();
        }
        for [hidden, couple] in &direction.dense {
            dispatch(&pipelines.dense_hidden, hidden, [hidden.groups, tiles]);
            dispatch(&pipelines.dense_couple, couple, [couple.groups, tiles]);
        }
        match way {
            Way::Encode => dispatch(&pipelines.log_det, &self.sum, [count * self.sum.groups, 1]),
            Way::Decode => {
                for run in &direction.flow {
                    dispatch(&pipelines.flow, run, [count, 1]);
                }
            }
        }
    }
}

/// A `Layer` of `latent_tile.wgsl`.
#[derive(Clone, Copy)]
struct Layer {
    /// In, out.
    groups: [usize; 2],
    /// First vec4, and vec4 from one latent to the next.
    source: [usize; 2],
    dest: [usize; 2],
    weights: usize,
    bias: usize,
    inverse: bool,
    /// First slot, and slots an image.
    slots: [usize; 2],
}

impl Layer {
    fn uniform(&self, device: &Device) -> wgpu::Buffer {
        let Self { groups, source, dest, weights, bias, inverse, slots } = *self;
        let words = [
            groups[0],
            groups[1],
            source[0],
            source[1],
            dest[0],
            dest[1],
            weights,
            bias,
            usize::from(inverse),
            slots[0],
            slots[1],
        ];
        uniform(device, &words.map(|word| word as u32))
    }
}

fn buffer(device: &Device, label: &str, bytes: usize, usage: Usage) -> wgpu::Buffer {
    device.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: bytes as u64,
        usage,
        mapped_at_creation: false,
    })
}

fn upload(device: &Device, label: &str, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = buffer(device, label, bytes.len(), Usage::STORAGE | Usage::COPY_DST);
    device.queue.write_buffer(&buffer, 0, bytes);
    buffer
}

fn uniform(device: &Device, words: &[u32]) -> wgpu::Buffer {
    let bytes: &[u8] = bytemuck::cast_slice(words);
    let buffer = buffer(device, "uniform", bytes.len(), Usage::UNIFORM | Usage::COPY_DST);
    device.queue.write_buffer(&buffer, 0, bytes);
    buffer
}

fn bind(
    device: &Device,
    pipeline: &wgpu::ComputePipeline,
    shader: &Shader,
    buffers: &[&wgpu::Buffer],
) -> wgpu::BindGroup {
    debug_assert_eq!(buffers.len(), shader.bindings.len(), "{}", shader.name);
    let entries: Vec<_> = (0..)
        .zip(buffers)
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    device.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(shader.name),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    })
}
