//! Choosing what runs a model.

use std::fmt;
use std::str::FromStr;

use crate::{CpuExecutor, Encoded, Error, Model, Result};

/// Which executor is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutorChoice {
    /// A real GPU when there is one that computes rightly, else the CPU.
    #[default]
    Auto,
    /// The GPU, a software adapter too.
    Gpu,
    /// The CPU.
    Cpu,
}

impl fmt::Display for ExecutorChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Gpu => "gpu",
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
pub enum Executor {
    /// The CPU.
    Cpu(CpuExecutor<f32>),
}

impl Executor {
    /// Prepares `model`.
    ///
    /// # Errors
    /// When the GPU is asked for and cannot be had.
    pub async fn new(model: &Model, _choice: ExecutorChoice) -> Result<Self> {
        Ok(Self::Cpu(CpuExecutor::new(model)))
    }

    /// `cpu` or `gpu`.
    pub fn name(&self) -> &'static str {
        "cpu"
    }

    /// What runs, for people.
    pub fn describe(&self) -> String {
        "running on the CPU".into()
    }

    /// See [`CpuExecutor::encode`].
    pub async fn encode(&mut self, x: &[f32]) -> Result<Encoded> {
        let Self::Cpu(cpu) = self;
        cpu.encode(x)
    }

    /// See [`CpuExecutor::decode`].
    pub async fn decode(&mut self, z: &[f32]) -> Result<Vec<f32>> {
        let Self::Cpu(cpu) = self;
        cpu.decode(z)
    }
}
