//! The GPU executor (feature `wgpu`): the shaders of `ibinn-shaders` on wgpu, native or in a browser.

mod adapter;
#[cfg(feature = "wgpu")]
mod arrangement;
#[cfg(feature = "wgpu")]
mod batch;
#[cfg(feature = "wgpu")]
mod coupling;
#[cfg(feature = "wgpu")]
mod dense;
#[cfg(feature = "wgpu")]
mod device;
#[cfg(feature = "wgpu")]
mod executor;
#[cfg(feature = "wgpu")]
mod pack;
#[cfg(feature = "wgpu")]
mod plan;
#[cfg(feature = "wgpu")]
mod program;
#[cfg(feature = "wgpu")]
mod scratch;
#[cfg(feature = "wgpu")]
mod step;
#[cfg(feature = "wgpu")]
mod steps;
#[cfg(feature = "wgpu")]
mod tuning;

pub use adapter::Adapter;
#[cfg(feature = "wgpu")]
pub use arrangement::{Arrangement, Timed};
#[cfg(all(feature = "wgpu", not(target_family = "wasm")))]
pub use device::adapters;
#[cfg(feature = "wgpu")]
pub(crate) use executor::gpu_runs;
#[cfg(feature = "wgpu")]
pub use executor::{GpuExecutor, find_adapter};
#[cfg(feature = "wgpu")]
pub use tuning::Tuning;
