//! The WGSL compute shaders of ibinn.
//!
//! `wgsl/*.wgsl` hold one entry point each; `#import name` puts `wgsl/shared/name.wgsl` in its place, and the small
//! template language of `template.rs` unrolls loops, so that a file can be several shaders with different parameters.
//! The build script parses and validates them all with naga, fails with every problem it finds, and generates the
//! constants and structs here: so nothing in Rust repeats a binding, a layout, a workgroup size or a constant of a shader.

#[cfg(test)]
mod compile;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod reflect;
#[cfg(test)]
mod template;

/// A validated shader with its imports stitched in. Its entry point is `main`, its bindings are in group 0.
#[derive(Clone, Copy, Debug)]
pub struct Shader {
    /// Name of the file without `.wgsl`, or of the variant.
    pub name: &'static str,
    /// WGSL source.
    pub source: &'static str,
    /// The parameters of the variant, sorted by name.
    pub parameters: &'static [(&'static str, &'static str)],
    /// Invocations of a workgroup in x, y, z, unless `override size` says how many.
    pub workgroup_size: [u32; 3],
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
    /// The bindings that it uses, sorted by index.
    pub bindings: &'static [Binding],
}

impl Shader {
    /// A numeric parameter of the variant; 1 when it has none of that name.
    pub fn parameter(&self, name: &str) -> usize {
        let found = self.parameters.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, value)| value.parse().ok()).unwrap_or(1)
    }
}

/// One `@group(0) @binding(i) var`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Name of the variable.
    pub name: &'static str,
    /// Its number.
    pub index: u32,
    /// What kind of buffer it takes.
    pub kind: BindingKind,
}

/// What kind of buffer a binding takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// `var<uniform>`
    Uniform,
    /// `var<storage, read>`
    ReadOnlyStorage,
    /// `var<storage, read_write>`
    Storage,
}

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_shaders_and_they_stay_within_the_default_limits() {
        assert!(!SHADERS.is_empty());
        for shader in SHADERS {
            let storage = shader.bindings.iter().filter(|b| b.kind != BindingKind::Uniform).count();
            assert!(storage <= 8, "{}", shader.name);
            assert!(shader.workgroup_size.iter().product::<u32>() <= 256, "{}", shader.name);
            assert!(shader.workgroup_memory <= 16_384, "{}", shader.name);
            assert!(!shader.source.contains('#') && !shader.source.contains("${"), "{}", shader.name);
        }
    }
}
