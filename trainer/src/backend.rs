//! Where training runs.

use burn::tensor::Device;

use crate::error::{Error, Result};
use ibinn_runs::config::Backend;

/// Where training runs, and what to call it.
pub struct TrainDevice {
    /// Burn's device; none on the CPU, where the core trains.
    pub graph: Option<Device>,
    /// A description for people, as in "CPU (2 threads)".
    pub description: String,
}

/// Adapters of this machine.
fn adapters() -> Vec<wgpu::AdapterInfo> {
    // Without OpenGL, which Burn does not run on and whose libraries write to stderr.
    let backends = wgpu::Backends::PRIMARY;
    let descriptor =
        wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() };
    let adapters = pollster::block_on(wgpu::Instance::new(descriptor).enumerate_adapters(backends));
    adapters.iter().map(wgpu::Adapter::get_info).collect()
}

fn cpu() -> TrainDevice {
    TrainDevice { graph: None, description: format!("CPU ({} threads)", rayon::current_num_threads()) }
}

fn gpu(adapter: &wgpu::AdapterInfo) -> TrainDevice {
    let kind = if adapter.device_type == wgpu::DeviceType::Cpu { ", a software adapter: slow" } else { "" };
    TrainDevice {
        graph: Some(Device::wgpu(Default::default())),
        description: format!("GPU {} (Burn wgpu, {}{kind})", adapter.name, adapter.backend),
    }
}

/// Chooses the device that `backend` asks for.
///
/// # Errors
/// [`Error::Usage`] when the GPU is asked for and there is no adapter, or none that this build can use.
pub fn choose(backend: Backend) -> Result<TrainDevice> {
    if backend == Backend::Cpu {
        return Ok(cpu());
    }
    let adapters = adapters();
    let real =
        adapters.iter().find(|a| !matches!(a.device_type, wgpu::DeviceType::Cpu | wgpu::DeviceType::Other));
    match (backend, real, adapters.first()) {
        (_, Some(adapter), _) => Ok(gpu(adapter)),
        // Its SPIR-V crashes the drivers of software adapters (Mesa's, SwiftShader).
        (Backend::Wgpu, None, Some(adapter)) if cfg!(feature = "vulkan") => Err(Error::Usage(format!(
            "--backend wgpu: this trainer was built with the feature vulkan, which needs a real GPU, and the only adapter is \
             {}; build it without, or train with --backend cpu",
            adapter.name
        ))),
        (Backend::Wgpu, None, Some(adapter)) => Ok(gpu(adapter)),
        (Backend::Wgpu, None, None) => Err(Error::Usage(
            "--backend wgpu: this machine offers no GPU adapter; install its driver, or train with --backend cpu".into(),
        )),
        _ => Ok(cpu()),
    }
}
