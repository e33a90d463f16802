//! Choosing what runs a model.

use std::fmt;
use std::str::FromStr;

use crate::gpu::Adapter;
#[cfg(feature = "wgpu")]
use crate::gpu::{find_adapter, gpu_runs};
#[cfg(feature = "wgpu")]
use crate::session::self_check::CheckedGpu;
use crate::{CpuExecutor, Encoded, Error, Model, Result};

/// Which executor is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutorChoice {
    /// A real GPU when there is one that computes rightly, else the CPU.
    #[default]
    Auto,
    /// The GPU, a software adapter too.
    Gpu,
    /// The GPU at this place among the adapters of the machine (`gpu::adapters`), a software one too.
    GpuAt(usize),
    /// The CPU.
    Cpu,
}

impl fmt::Display for ExecutorChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Gpu | Self::GpuAt(_) => "gpu",
            Self::Cpu => "cpu",
        })
    }
}

impl FromStr for ExecutorChoice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "auto" => Ok(Self::Auto),
            "gpu" => Ok(Self::Gpu),
            "cpu" => Ok(Self::Cpu),
            _ => Err(Error::Input(format!("executor is `{name}`, must be auto, gpu or cpu"))),
        }
    }
}

/// What runs a model.
pub struct Executor {
    engine: Engine,
    fallback: Option<String>,
}

enum Engine {
    Cpu(Box<CpuExecutor<f32>>),
    #[cfg(feature = "wgpu")]
    Gpu(Box<CheckedGpu>),
}

impl Executor {
    /// Prepares `model`. A GPU first has to agree with the CPU on an image, as some drivers compute wrongly.
    ///
    /// # Errors
    /// When the GPU is asked for and cannot be had, or computes wrongly.
    pub async fn new(model: &Model, choice: ExecutorChoice) -> Result<Self> {
        let cpu = Box::new(CpuExecutor::new(model));
        let (place, software) = match choice {
            ExecutorChoice::Cpu => return Ok(Self { engine: Engine::Cpu(cpu), fallback: None }),
            ExecutorChoice::Gpu => (None, true),
            ExecutorChoice::GpuAt(place) => (Some(place), true),
            ExecutorChoice::Auto => (None, false),
        };
        match gpu(model, &cpu, place, software).await {
            Ok(engine) => Ok(Self { engine, fallback: None }),
            Err(why) if choice != ExecutorChoice::Auto => Err(why),
            Err(why) => Ok(Self { engine: Engine::Cpu(cpu), fallback: Some(why.to_string()) }),
        }
    }

    /// `cpu` or `gpu`.
    pub fn name(&self) -> &'static str {
        match &self.engine {
            Engine::Cpu(_) => "cpu",
            #[cfg(feature = "wgpu")]
            Engine::Gpu(_) => "gpu",
        }
    }

    /// The CPU executor, where it is what runs the model.
    pub(super) fn cpu(&self) -> Option<&CpuExecutor<f32>> {
        match &self.engine {
            Engine::Cpu(cpu) => Some(cpu),
            #[cfg(feature = "wgpu")]
            Engine::Gpu(_) => None,
        }
    }

    /// The GPU that runs the model; none on the CPU.
    pub fn adapter(&self) -> Option<&Adapter> {
        match &self.engine {
            Engine::Cpu(_) => None,
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => Some(gpu.gpu().adapter()),
        }
    }

    /// One sentence about what a person would not expect: why the CPU runs the model though a GPU would have been
    /// welcome, that the GPU is a software one, that it was lost and replaced.
    pub fn notice(&self) -> Option<String> {
        match &self.engine {
            Engine::Cpu(_) => self.fallback.clone(),
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => {
                let gpu = gpu.gpu();
                let lost =
                    gpu.rebuilt().map(|why| format!("the GPU device was lost ({why}) and has been replaced"));
                let software = gpu
                    .adapter()
                    .software
                    .then_some("the GPU is a software adapter: the CPU executor is faster");
                let both: Vec<&str> = lost.as_deref().into_iter().chain(software).collect();
                (!both.is_empty()).then(|| both.join("; "))
            }
        }
    }

    /// What runs, for people.
    pub fn describe(&self) -> String {
        let place = match self.adapter() {
            None => "running on the CPU".into(),
            Some(Adapter { name, backend, .. }) => format!("running on the GPU: {name} ({backend})"),
        };
        match self.notice() {
            Some(notice) => format!("{place}; {notice}"),
            None => place,
        }
    }

    /// Destroys the GPU device, as a driver's crash would: for tests of the recovery.
    pub fn lose_device(&self) {
        match &self.engine {
            Engine::Cpu(_) => {}
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => gpu.gpu().lose_device(),
        }
    }

    /// See [`CpuExecutor::encode`].
    ///
    /// # Errors
    /// [`Error::Input`] when the length is not a multiple of D, or the network is no flow; [`Error::Gpu`] or
    /// [`Error::DeviceLost`] when the GPU fails.
    pub async fn encode(&mut self, x: &[f32]) -> Result<Encoded> {
        match &mut self.engine {
            Engine::Cpu(cpu) => cpu.encode(x),
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => gpu.encode(x).await,
        }
    }

    /// See [`CpuExecutor::features`].
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub async fn features(&mut self, x: &[f32]) -> Result<Vec<f32>> {
        match &mut self.engine {
            Engine::Cpu(cpu) => cpu.features(x),
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => Ok(gpu.encode(x).await?.z),
        }
    }

    /// See [`CpuExecutor::decode`].
    ///
    /// # Errors
    /// As [`encode`](Self::encode).
    pub async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        match &mut self.engine {
            Engine::Cpu(cpu) => cpu.decode(z),
            #[cfg(feature = "wgpu")]
            Engine::Gpu(gpu) => gpu.decode(z).await,
        }
    }
}

#[cfg(not(feature = "wgpu"))]
async fn gpu(
    _model: &Model,
    _cpu: &CpuExecutor<f32>,
    _place: Option<usize>,
    _software: bool,
) -> Result<Engine> {
    Err(Error::NoGpu("this program was built without it".into()))
}

/// The GPU, the one at `place` or the best one, when it agrees with the CPU; a software adapter only where one is welcome.
#[cfg(feature = "wgpu")]
async fn gpu(model: &Model, cpu: &CpuExecutor<f32>, place: Option<usize>, software: bool) -> Result<Engine> {
    gpu_runs(model)?;
    if !software && find_adapter().await?.software {
        return Err(Error::NoGpu("the only adapter is a software one, slower than the CPU".into()));
    }
    Ok(Engine::Gpu(Box::new(CheckedGpu::new(model, cpu, place, software).await?)))
}
