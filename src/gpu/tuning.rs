//! What kinds of adapters there are, and which shaders and sizes suit them.

use ibinn_shaders::constants::*;
use ibinn_shaders::{
    CONVOLVE_2X8, CONVOLVE_7X7X2, CONVOLVE_8X8X2, STEP_COUPLE, STEP_COUPLE_2X8, STEP_FOLD, STEP_LOAD,
    STEP_MIX, STEP_MIX_2X8X2, STEP_RECTIFY, STEP_STORE, STEP_TRANSFORM, STEP_UNFOLD, STRIDED_2X8,
    STRIDED_4X8, STRIDED_7X7, Shader,
};

/// What an adapter is fast at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tuning {
    /// A real GPU: dispatches are dear, memory within a workgroup and many invocations are cheap.
    Hardware,
    /// A program that imitates a GPU on the CPU: barriers and loads are dear, dispatches and registers are cheap.
    Software {
        /// Invocations that it runs as one vector.
        lanes: u32,
    },
}

impl Tuning {
    /// The kind of the adapter with this description.
    pub(super) fn of(info: &wgpu::AdapterInfo) -> Self {
        match info.device_type {
            // A browser that does not tell gives the widest range that there is, 4 to 128.
            wgpu::DeviceType::Cpu => Self::Software { lanes: info.subgroup_max_size.clamp(4, 8) },
            _ => Self::Hardware,
        }
    }

    /// The shaders for one kind of step, which differ in the tiles that are their items.
    pub(super) fn shaders(self, kind: u32) -> &'static [Shader] {
        use Tuning::{Hardware, Software};
        match (kind, self) {
            (KIND_CONVOLVE, Software { .. }) => &[CONVOLVE_7X7X2, CONVOLVE_8X8X2],
            (KIND_CONVOLVE, Hardware) => &[CONVOLVE_2X8],
            (KIND_CONVOLVE_STRIDED, Software { .. }) => &[STRIDED_7X7, STRIDED_4X8],
            (KIND_CONVOLVE_STRIDED, Hardware) => &[STRIDED_2X8],
            (KIND_COUPLE, Software { .. }) => &[STEP_COUPLE_2X8],
            (KIND_COUPLE, Hardware) => &[STEP_COUPLE],
            (KIND_MIX, Software { .. }) => &[STEP_MIX_2X8X2],
            (KIND_MIX, Hardware) => &[STEP_MIX],
            (KIND_RECTIFY, _) => &[STEP_RECTIFY],
            (KIND_FOLD, _) => &[STEP_FOLD],
            (KIND_UNFOLD, _) => &[STEP_UNFOLD],
            (KIND_LOAD, _) => &[STEP_LOAD],
            (KIND_STORE, _) => &[STEP_STORE],
            _ => &[STEP_TRANSFORM],
        }
    }

    /// Invocations of a workgroup that do not work together; the items of a convolution are the largest.
    pub(super) fn workgroup_size(self, step_kind: Option<u32>) -> u32 {
        match (self, step_kind) {
            (Self::Hardware, _) => 64,
            (Self::Software { lanes }, Some(KIND_CONVOLVE | KIND_CONVOLVE_STRIDED)) => lanes,
            (Self::Software { lanes }, _) => 4 * lanes,
        }
    }
}
