//! Where training runs.

use burn::tensor::{Device, DeviceKind};

use crate::adapters::{self, burn_kind, find};
use crate::error::{Error, Result};
use ibinn::session::executor::ExecutorChoice;
use ibinn_runs::config::Backend;

/// Where training runs, and what to call it.
pub struct TrainDevice {
    /// Burn's device; none on the CPU, where the core trains.
    pub graph: Option<Device>,
    /// A description for people, as in "CPU (2 threads)".
    pub description: String,
    /// What runs the models that are trained.
    pub executor: ExecutorChoice,
}

fn cpu() -> TrainDevice {
    let threads = rayon::current_num_threads();
    TrainDevice {
        graph: None,
        description: format!("CPU ({threads} {})", if threads == 1 { "thread" } else { "threads" }),
        executor: ExecutorChoice::Auto,
    }
}

fn gpu(adapter: &wgpu::AdapterInfo, kind: DeviceKind, executor: ExecutorChoice) -> TrainDevice {
    let slow = if adapter.device_type == wgpu::DeviceType::Cpu { ", a software adapter: slow" } else { "" };
    TrainDevice {
        graph: Some(Device::wgpu(kind)),
        description: format!("GPU {} (Burn wgpu, {}{slow})", adapter.name, adapter.backend),
        executor,
    }
}

/// The adapter that `--device` names, for a training that `backend` allows it.
///
/// # Errors
/// [`Error::Usage`] when there is no such adapter, it cannot train, or the CPU is asked for.
pub fn choose_named(backend: Backend, device: &str) -> Result<TrainDevice> {
    if backend == Backend::Cpu {
        return Err(Error::Usage("--device names a GPU, and --backend cpu trains on the CPU".into()));
    }
    let adapters = adapters::adapters();
    let place = find(&adapters, device)?;
    let info = &adapters[place].info;
    Ok(gpu(info, burn_kind(&adapters, place)?, ExecutorChoice::GpuAt(place)))
}

/// Chooses the device that `backend` asks for.
///
/// # Errors
/// [`Error::Usage`] when the GPU is asked for and there is no adapter, or none that this build can use.
pub fn choose(backend: Backend) -> Result<TrainDevice> {
    if backend == Backend::Cpu {
        return Ok(cpu());
    }
    let adapters: Vec<wgpu::AdapterInfo> =
        adapters::adapters().into_iter().map(|adapter| adapter.info).collect();
    let real =
        adapters.iter().find(|a| !matches!(a.device_type, wgpu::DeviceType::Cpu | wgpu::DeviceType::Other));
    let best = |adapter| gpu(adapter, DeviceKind::DefaultDevice, ExecutorChoice::Auto);
    match (backend, real, adapters.first()) {
        (_, Some(adapter), _) => Ok(best(adapter)),
        (Backend::Wgpu, None, Some(adapter)) => Ok(best(adapter)),
        (Backend::Wgpu, None, None) => Err(Error::Usage(
            "--backend wgpu: this machine offers no GPU adapter; install its driver, or train with --backend cpu".into(),
        )),
        _ => Ok(cpu()),
    }
}
