//! The GPU device, its pipelines, and everything that can go wrong with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;
use ibinn_shaders::Shader;

use super::adapter::Adapter;
use super::tuning::Tuning;
use crate::{Error, Result};

/// What the device told us outside of any call.
#[derive(Default)]
struct Faults {
    /// Why the device was lost.
    lost: Option<String>,
    /// The first error since the last look.
    error: Option<String>,
    /// Who waits for a buffer to be mapped. A lost device may never answer.
    waiting: Option<Waiting>,
}

/// Tells once whether a buffer has been mapped.
type Waiting = Arc<Mutex<Option<oneshot::Sender<Result<()>>>>>;

fn with<T, R>(shared: &Mutex<T>, look: impl FnOnce(&mut T) -> R) -> R {
    look(&mut shared.lock().unwrap_or_else(PoisonError::into_inner))
}

fn answer(waiting: &Waiting, mapped: Result<()>) {
    if let Some(sender) = with(waiting, Option::take) {
        // Nobody waits any more when the call was dropped.
        let _ = sender.send(mapped);
    }
}

/// A device, ready to compute.
pub(super) struct Device {
    /// What it runs on.
    pub adapter: Adapter,
    /// What that is fast at.
    pub tuning: Tuning,
    /// The device itself.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    faults: Arc<Mutex<Faults>>,
}

/// The adapters of this machine, each once though several interfaces may lead to it: those of the first interface with a real
/// GPU, or else of the first with any. Places in this list are what a caller chooses by.
#[cfg(not(target_family = "wasm"))]
pub async fn adapters() -> Vec<wgpu::Adapter> {
    let interfaces = if cfg!(target_os = "macos") {
        &[wgpu::Backends::METAL][..]
    } else {
        &[wgpu::Backends::VULKAN, wgpu::Backends::DX12]
    };
    let mut software = Vec::new();
    for &backends in interfaces {
        let descriptor =
            wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() };
        let found = wgpu::Instance::new(descriptor).enumerate_adapters(backends).await;
        if found.iter().any(|adapter| adapter.get_info().device_type != wgpu::DeviceType::Cpu) {
            return found;
        }
        if software.is_empty() {
            software = found;
        }
    }
    software
}

/// The adapter at `place` among those of this machine.
#[cfg(not(target_family = "wasm"))]
async fn adapter_at(place: usize) -> Result<wgpu::Adapter> {
    let found = adapters().await;
    let count = found.len();
    let none = || Error::NoGpu(format!("there is no adapter {place}, only {count} of them, counted from 0"));
    found.into_iter().nth(place).ok_or_else(none)
}

/// Browsers give one adapter, and let nobody choose.
#[cfg(target_family = "wasm")]
async fn adapter_at(_place: usize) -> Result<wgpu::Adapter> {
    Err(Error::NoGpu("a browser chooses its adapter itself".into()))
}

/// Asks for the best adapter.
async fn request_adapter() -> Result<wgpu::Adapter> {
    let descriptor = wgpu::InstanceDescriptor {
        // OpenGL has no compute shaders of this kind everywhere, and writes to the terminal while it looks for a display.
        backends: wgpu::Backends::PRIMARY,
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    };
    let instance = wgpu::Instance::new(descriptor);
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::HighPerformance,
        ..Default::default()
    };
    instance.request_adapter(&options).await.map_err(|_| Error::NoGpu("no adapter was found".into()))
}

/// The adapter in words, and whether it is a software one.
fn describe(adapter: &wgpu::Adapter) -> Adapter {
    let info = adapter.get_info();
    let name = [info.name, info.driver].into_iter().find(|name| !name.is_empty());
    Adapter {
        name: name.unwrap_or_else(|| "unnamed".into()),
        backend: match info.backend {
            wgpu::Backend::BrowserWebGpu => "WebGPU".into(),
            backend => backend.to_string(),
        },
        software: info.device_type == wgpu::DeviceType::Cpu,
    }
}

/// What the best adapter of this machine is.
///
/// # Errors
/// [`Error::NoGpu`] when there is none.
pub(super) async fn find_adapter() -> Result<Adapter> {
    request_adapter().await.map(|adapter| describe(&adapter))
}

impl Device {
    /// Asks for an adapter, the one at `place` or the best one, and its device.
    ///
    /// # Errors
    /// [`Error::NoGpu`] when there is no such adapter, or it lacks WebGPU's default limits.
    pub async fn request(place: Option<usize>) -> Result<Self> {
        let adapter = match place {
            Some(place) => adapter_at(place).await?,
            None => request_adapter().await?,
        };
        // WebGPU's defaults: whatever has the API has them, and asking for more would cost speed on some.
        let descriptor = wgpu::DeviceDescriptor { label: Some("ibinn"), ..Default::default() };
        let (device, queue) =
            adapter.request_device(&descriptor).await.map_err(|e| Error::NoGpu(format!("no device: {e}")))?;
        let faults = Arc::<Mutex<Faults>>::default();
        let seen = Arc::clone(&faults);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            with(&seen, |faults| faults.error.get_or_insert_with(|| error.to_string()).len());
        }));
        let seen = Arc::clone(&faults);
        device.set_device_lost_callback(move |reason, message| {
            with(&seen, |faults| {
                let why = if message.is_empty() { format!("{reason:?}") } else { message.clone() };
                if let Some(waiting) = faults.waiting.take() {
                    answer(&waiting, Err(Error::DeviceLost(why.clone())));
                }
                faults.lost.get_or_insert(why);
            });
        });
        let tuning = Tuning::of(&adapter.get_info());
        Ok(Self { adapter: describe(&adapter), tuning, device, queue, faults })
    }

    /// # Errors
    /// [`Error::DeviceLost`] once the device is lost, [`Error::Gpu`] when an operation failed since the last check.
    pub fn check(&self) -> Result<()> {
        with(&self.faults, |faults| match (&faults.lost, faults.error.take()) {
            (Some(why), _) => Err(Error::DeviceLost(why.clone())),
            (None, Some(error)) => Err(Error::Gpu(error)),
            (None, None) => Ok(()),
        })
    }

    /// Waits for the work that was submitted, and reads the first `length` bytes of `buffer`, which was made for it.
    ///
    /// # Errors
    /// When an operation failed, or the device was lost.
    pub async fn read(&self, buffer: &wgpu::Buffer, length: u64) -> Result<Vec<f32>> {
        let (sender, receiver) = oneshot::channel();
        let waiting = Arc::new(Mutex::new(Some(sender)));
        with(&self.faults, |faults| faults.waiting = Some(Arc::clone(&waiting)));
        buffer.map_async(wgpu::MapMode::Read, ..length, move |mapped| {
            answer(&waiting, mapped.map_err(|e| Error::Gpu(format!("the results cannot be read: {e}"))));
        });
        self.wait()?;
        let mapped = receiver.await.unwrap_or_else(|_| Err(Error::Gpu("the device gave no answer".into())));
        self.check()?;
        mapped?;
        let view = buffer
            .get_mapped_range(..length)
            .map_err(|e| Error::Gpu(format!("the results cannot be read: {e}")))?;
        let values = view.as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        drop(view);
        buffer.unmap();
        Ok(values)
    }

    /// Blocks until the work is done, on native; browsers call back by themselves.
    fn wait(&self) -> Result<()> {
        let poll = || self.device.poll(wgpu::PollType::wait_indefinitely());
        // wgpu panics where the driver tells of a lost device just now.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll)) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(Error::Gpu(format!("the device does not finish: {e}"))),
            Err(_) => {
                self.check()?;
                Err(Error::DeviceLost("its driver gave up".into()))
            }
        }
    }
}

/// The compute pipelines that plans asked for so far, one a shader.
#[derive(Default)]
pub(super) struct Pipelines(HashMap<(&'static str, Option<u32>), wgpu::ComputePipeline>);

impl Pipelines {
    /// The pipeline of `shader` with this `override size`, compiled the first time. The device tells of errors at its next
    /// check.
    pub fn get(
        &mut self,
        device: &Device,
        shader: &'static Shader,
        size: Option<u32>,
    ) -> wgpu::ComputePipeline {
        let key = (shader.name, size);
        self.0.entry(key).or_insert_with(|| compile(&device.device, shader, size)).clone()
    }
}

fn compile(device: &wgpu::Device, shader: &Shader, size: Option<u32>) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(shader.name),
        source: wgpu::ShaderSource::Wgsl(shader.source.into()),
    });
    let constants: Vec<(&str, f64)> = size.map(|size| ("size", f64::from(size))).into_iter().collect();
    let compilation_options =
        wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() };
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(shader.name),
        layout: None,
        module: &module,
        entry_point: None,
        compilation_options,
        cache: None,
    })
}
