//! Buffers and bind groups for batches of up to a fixed size, made once; and the recording of a call.

use std::time::Duration;

use ibinn_shaders::{BindingKind, Shader};
use web_time::Instant;
use wgpu::BufferUsages as Usage;

use super::device::{Device, Pipelines};
use super::plan::{Dispatch, Grid, Plan, ROWS_TOGETHER};
use super::program::Program;
use super::scratch::LANES;
use crate::{Error, Result};

const F32: usize = size_of::<f32>();
const VEC4: usize = LANES * F32;
/// What a timing lasts at least, unless that takes more than so many repetitions: browsers round their clocks.
const TIMED: Duration = Duration::from_millis(4);
const REPETITIONS: u32 = 16;

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
        let steps: Vec<u32> = program.steps.iter().flat_map(|step| step.words()).collect();
        Ok(Self {
            steps: upload(device, "steps", Usage::STORAGE, bytemuck::cast_slice(&steps)),
            weights: upload(device, "weights", Usage::STORAGE, bytemuck::cast_slice(weights)),
            tables: upload(device, "tables", Usage::STORAGE, bytemuck::cast_slice(&program.tables)),
        })
    }
}

/// A dispatch that is ready to be recorded.
struct Ready {
    pipeline: wgpu::ComputePipeline,
    bind_group: wgpu::BindGroup,
    grid: Grid,
}

/// Everything that a batch of up to `capacity` images needs.
pub(super) struct Batch {
    images: wgpu::Buffer,
    latents: wgpu::Buffer,
    log_dets: wgpu::Buffer,
    read_back: wgpu::Buffer,
    encode: Vec<Ready>,
    decode: Vec<Ready>,
}

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Images to latents.
    Encode,
    /// Latents to images.
    Decode,
}

/// Bytes of an image in each buffer that grows with the batch.
struct Sizes {
    image: usize,
    latents: usize,
    scratch: usize,
    hidden: usize,
    partials: usize,
    read_back: usize,
}

impl Sizes {
    fn of(program: &Program) -> Self {
        let (image, latents) = (program.dims * F32, program.latent_groups * VEC4);
        Self {
            image,
            latents,
            scratch: program.scratch * VEC4,
            hidden: program.dense[0].layers[0].groups_out as usize * VEC4,
            partials: program.slots as usize * F32,
            read_back: (latents + F32).max(image),
        }
    }

    fn largest(&self) -> usize {
        let Self { image, latents, scratch, hidden, partials, read_back } = *self;
        [image, latents, scratch, hidden, partials, read_back].into_iter().fold(1, usize::max)
    }
}

/// The most images that the device's limits allow in a batch.
pub(super) fn largest_capacity(device: &Device, program: &Program) -> Result<usize> {
    let limits = device.device.limits();
    let largest = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) as usize;
    let image = Sizes::of(program).largest();
    match largest / image {
        0 => Err(Error::NoGpu(format!("an image needs {image} bytes, too many for the device"))),
        // The dense coupling takes more than one image by the tile, and may run over the end.
        capacity if capacity < ROWS_TOGETHER => Ok(1),
        capacity => Ok(capacity - capacity % ROWS_TOGETHER),
    }
}

impl Batch {
    /// Makes the buffers for `capacity` images.
    pub fn new(
        device: &Device,
        pipelines: &mut Pipelines,
        program: &Program,
        constants: &Constants,
        plan: &Plan,
        capacity: usize,
    ) -> Self {
        let storage = |label, bytes: usize, usage| buffer(device, label, bytes, Usage::STORAGE | usage);
        let io = Usage::COPY_SRC | Usage::COPY_DST;
        let sizes = Sizes::of(program);
        let rows = Plan::rows(capacity);
        let images = storage("images", capacity * sizes.image, io);
        let latents = storage("latents", rows * sizes.latents, io);
        let log_dets = storage("log-dets", capacity * F32, Usage::COPY_SRC);
        let scratch = storage("scratch", capacity * sizes.scratch, Usage::empty());
        let hidden = storage("hidden", rows * sizes.hidden, Usage::empty());
        let partials = storage("partial log-dets", rows * sizes.partials, Usage::empty());
        let read_back =
            buffer(device, "read back", capacity * sizes.read_back, Usage::MAP_READ | Usage::COPY_DST);
        let uniforms = Uniforms::new(device, plan);

        let mut ready = |way: Way, dispatches: &[Dispatch], first_uniform: usize| {
            let (input, output) = match way {
                Way::Encode => (&images, &latents),
                Way::Decode => (&latents, &images),
            };
            let named = |name: &str| match name {
                "steps" => &constants.steps,
                "weights" => &constants.weights,
                "tables" => &constants.tables,
                "input" => input,
                "output" => output,
                "latents" => &latents,
                "hidden" => &hidden,
                "partials" => &partials,
                "log_dets" => &log_dets,
                _ => &scratch,
            };
            let bound = |(i, dispatch): (usize, &Dispatch)| {
                let pipeline = pipelines.get(device, dispatch.shader, dispatch.size);
                let uniform = uniforms.binding(first_uniform + i);
                let bind_group = bind(device, &pipeline, dispatch.shader, uniform, named);
                Ready { pipeline, bind_group, grid: dispatch.grid }
            };
            dispatches.iter().enumerate().map(bound).collect()
        };
        let encode = ready(Way::Encode, &plan.encode, 0);
        let decode = ready(Way::Decode, &plan.decode, plan.encode.len());
        Self { images, latents, log_dets, read_back, encode, decode }
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
        self.record(&mut encoder, way, count as usize);
        let mut length = 0;
        let results: &[(&wgpu::Buffer, u64)] = match way {
            Way::Encode => &[(&self.latents, latent_bytes), (&self.log_dets, F32 as u64)],
            Way::Decode => &[(&self.images, image_bytes)],
        };
        for (buffer, row) in results {
            encoder.copy_buffer_to_buffer(buffer, 0, &self.read_back, length, count * row);
            length += count * row;
        }
        device.queue.submit([encoder.finish()]);
        device.read(&self.read_back, length).await
    }

    /// How long a full batch takes there and back, whatever its buffers hold.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn time(&self, device: &Device, images: usize) -> Result<Duration> {
        // Drivers compile a shader when it first runs.
        self.repeat(device, images, 1).await?;
        let once = self.repeat(device, images, 1).await?;
        let wanted = TIMED.as_secs_f64() / once.as_secs_f64().max(1e-9);
        let repetitions = (wanted.ceil() as u32).clamp(1, REPETITIONS);
        Ok(if repetitions == 1 {
            once
        } else {
            self.repeat(device, images, repetitions).await? / repetitions
        })
    }

    async fn repeat(&self, device: &Device, images: usize, repetitions: u32) -> Result<Duration> {
        let begun = Instant::now();
        let mut encoder = device.device.create_command_encoder(&Default::default());
        for _ in 0..repetitions {
            self.record(&mut encoder, Way::Encode, images);
            self.record(&mut encoder, Way::Decode, images);
        }
        let waited_for = F32 as u64;
        encoder.copy_buffer_to_buffer(&self.images, 0, &self.read_back, 0, waited_for);
        device.queue.submit([encoder.finish()]);
        device.read(&self.read_back, waited_for).await?;
        Ok(begun.elapsed())
    }

    fn record(&self, encoder: &mut wgpu::CommandEncoder, way: Way, count: usize) {
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for Ready { pipeline, bind_group, grid } in
            if way == Way::Encode { &self.encode } else { &self.decode }
        {
            let [x, y] = grid.workgroups(count);
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bind_group, &[]);
            pass.dispatch_workgroups(x, y, 1);
        }
    }
}

/// The uniforms of a plan's dispatches, encoding then decoding, in one buffer.
struct Uniforms {
    buffer: wgpu::Buffer,
    sizes: Vec<usize>,
    stride: usize,
}

impl Uniforms {
    fn new(device: &Device, plan: &Plan) -> Self {
        let all = || plan.encode.iter().chain(&plan.decode).map(|dispatch| &dispatch.uniform);
        let alignment = device.device.limits().min_uniform_buffer_offset_alignment as usize;
        let longest = all().map(Vec::len).max().unwrap_or(0) * size_of::<u32>();
        let stride = longest.next_multiple_of(alignment);
        let mut bytes = Vec::new();
        for words in all() {
            bytes.extend_from_slice(bytemuck::cast_slice(words));
            bytes.resize(bytes.len().next_multiple_of(stride), 0);
        }
        let sizes = all().map(|words| words.len() * size_of::<u32>()).collect();
        Self { buffer: upload(device, "uniforms", Usage::UNIFORM, &bytes), sizes, stride }
    }

    fn binding(&self, index: usize) -> wgpu::BufferBinding<'_> {
        wgpu::BufferBinding {
            buffer: &self.buffer,
            offset: (index * self.stride) as u64,
            size: wgpu::BufferSize::new(self.sizes[index] as u64),
        }
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

fn upload(device: &Device, label: &str, usage: Usage, bytes: &[u8]) -> wgpu::Buffer {
    let buffer = buffer(device, label, bytes.len(), usage | Usage::COPY_DST);
    device.queue.write_buffer(&buffer, 0, bytes);
    buffer
}

/// Binds a shader's uniform, and its buffers by their names in WGSL.
fn bind<'a>(
    device: &Device,
    pipeline: &wgpu::ComputePipeline,
    shader: &Shader,
    uniform: wgpu::BufferBinding<'a>,
    named: impl Fn(&str) -> &'a wgpu::Buffer,
) -> wgpu::BindGroup {
    let resource = |binding: &ibinn_shaders::Binding| match binding.kind {
        BindingKind::Uniform => wgpu::BindingResource::Buffer(uniform.clone()),
        _ => named(binding.name).as_entire_binding(),
    };
    let entries: Vec<_> = shader
        .bindings
        .iter()
        .map(|binding| wgpu::BindGroupEntry { binding: binding.index, resource: resource(binding) })
        .collect();
    device.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(shader.name),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    })
}
