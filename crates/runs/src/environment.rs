//! Where something was computed: for whoever wants to know later why it took so long, or to repeat it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use ibinn_files::atomic;

/// A machine and the program on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Version of this program.
    pub version: String,
    /// Operating system and architecture, as in "linux x86_64".
    pub system: String,
    /// Name of the processor, where the system tells it.
    pub processor: Option<String>,
    /// Threads that it runs at a time.
    pub threads: usize,
    /// What trained, as in "CPU (2 threads)".
    pub device: String,
}

impl Environment {
    /// This machine, and what trains on it.
    pub fn here(device: &str) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: processor(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            device: device.into(),
        }
    }

    /// Reads what [`write`](Self::write) wrote; none where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is another program's.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read(path) {
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::io(path, source)),
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::data(path, e.to_string()))
            }
        }
    }

    /// Writes it in one piece or not at all.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(atomic::write(path, format!("{:#}\n", serde_json::json!(self)).as_bytes())?)
    }
}

/// The processor's name as Linux tells it; other systems have no file that does.
fn processor() -> Option<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = info.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_string())
}
