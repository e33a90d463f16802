//! What a GPU is called.

/// A GPU as its driver names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Adapter {
    /// The adapter's name.
    pub name: String,
    /// The interface to it, as in "Vulkan" or "WebGPU".
    pub backend: String,
    /// Whether it is a program that imitates a GPU on the CPU, and slow.
    pub software: bool,
}
