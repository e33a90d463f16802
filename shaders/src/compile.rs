//! From .wgsl files to what Rust must know about them. Runs in the build script; compiled here for its tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{AddressSpace, Literal, Module, Scalar, StorageAccess, TypeInner};

/// A binding of a shader, as WGSL declares it.
pub(crate) struct BoundVariable {
    pub(crate) name: String,
    pub(crate) index: u32,
    pub(crate) kind: &'static str,
    pub(crate) element_size: u32,
}

/// A shader that naga accepts.
pub(crate) struct CompiledShader {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) workgroup_size: [u32; 3],
    pub(crate) workgroup_memory: u32,
    pub(crate) bindings: Vec<BoundVariable>,
    /// The module's `const NAME: u32`.
    pub(crate) constants: Vec<(String, u32)>,
}

/// Compiles every `*.wgsl` in `folder`, sorted by name.
///
/// # Errors
/// All problems of all files, each with the place in the source; a folder without shaders is one.
pub(crate) fn compile_folder(folder: &Path) -> Result<Vec<CompiledShader>, Vec<String>> {
    let unreadable = |e: std::io::Error| vec![format!("{} cannot be read: {e}", folder.display())];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "wgsl") {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(vec![format!("{} holds no .wgsl file", folder.display())]);
    }
    let (mut shaders, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let compiled = stitch(folder, &file, &mut BTreeSet::new()).and_then(|source| compile(&name, source));
        match compiled {
            Ok(shader) => shaders.push(shader),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(shaders) } else { Err(problems) }
}

/// The text of `file` with each line `#import name` replaced by `shared/name.wgsl`, the first time it is named.
fn stitch(folder: &Path, file: &Path, imported: &mut BTreeSet<String>) -> Result<String, String> {
    let text =
        std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    let mut stitched = String::new();
    for (number, line) in text.lines().enumerate() {
        if let Some(name) = line.strip_prefix("#import ") {
            if imported.insert(name.to_string()) {
                let shared = folder.join("shared").join(name).with_extension("wgsl");
                stitched += &stitch(folder, &shared, imported)?;
            }
        } else if line.starts_with('#') {
            return Err(format!("{}:{}: only `#import name` is known: {line}", file.display(), number + 1));
        } else {
            stitched += line;
            stitched.push('\n');
        }
    }
    Ok(stitched)
}

/// Parses, validates and reflects one shader with exactly one entry point.
pub(crate) fn compile(name: &str, source: String) -> Result<CompiledShader, String> {
    let path = format!("{name}.wgsl (imports stitched in)");
    let module =
        naga::front::wgsl::parse_str(&source).map_err(|e| e.emit_to_string_with_path(&source, &path))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
        .validate(&module)
        .map_err(|e| e.emit_to_string_with_path(&source, &path))?;
    let [entry] = module.entry_points.as_slice() else {
        return Err(format!("{path}: has {} entry points, must have one", module.entry_points.len()));
    };
    if entry.name != "main" {
        return Err(format!("{path}: its entry point is `{}`, must be `main`", entry.name));
    }
    let uses = info.get_entry_point(0);
    let mut bindings = Vec::new();
    let mut workgroup_memory = 0;
    for (handle, variable) in module.global_variables.iter() {
        if uses[handle].is_empty() {
            continue;
        }
        let inner = &module.types[variable.ty].inner;
        let kind = match variable.space {
            AddressSpace::WorkGroup => {
                workgroup_memory += inner.size(module.to_ctx());
                continue;
            }
            AddressSpace::Uniform => "Uniform",
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => "Storage",
            AddressSpace::Storage { .. } => "ReadOnlyStorage",
            _ => continue,
        };
        let (Some(binding), Some(name)) = (&variable.binding, &variable.name) else { continue };
        if binding.group != 0 {
            return Err(format!("{path}: `{name}` is in bind group {}, all must be in 0", binding.group));
        }
        let element_size = match inner {
            TypeInner::Array { stride, .. } => *stride,
            other => other.size(module.to_ctx()),
        };
        bindings.push(BoundVariable { name: name.clone(), index: binding.binding, kind, element_size });
    }
    bindings.sort_by_key(|binding| binding.index);
    if bindings.iter().enumerate().any(|(i, binding)| binding.index as usize != i) {
        return Err(format!("{path}: its bindings are not used, or not numbered from 0 without holes"));
    }
    let constants = integer_constants(&module);
    let workgroup_size = entry.workgroup_size;
    Ok(CompiledShader { name: name.into(), source, workgroup_size, workgroup_memory, bindings, constants })
}

fn integer_constants(module: &Module) -> Vec<(String, u32)> {
    let value = |constant: &naga::Constant| match module.global_expressions[constant.init] {
        naga::Expression::Literal(Literal::U32(value)) => Some(value),
        _ => None,
    };
    let is_u32 =
        |constant: &naga::Constant| module.types[constant.ty].inner == TypeInner::Scalar(Scalar::U32);
    module
        .constants
        .iter()
        .filter(|(_, constant)| is_u32(constant))
        .filter_map(|(_, constant)| Some((constant.name.clone()?, value(constant)?)))
        .collect()
}

/// Rust source of one constant a shader, the list of them all, and one constant for each WGSL `const NAME: u32`.
#[allow(dead_code, reason = "the tests of this module have no use for the generated text")]
pub(crate) fn to_rust(shaders: &[CompiledShader]) -> String {
    let mut rust = String::new();
    let mut constants = BTreeSet::new();
    for shader in shaders {
        let CompiledShader { name, source, workgroup_size, workgroup_memory, bindings, .. } = shader;
        let bindings: String = bindings
            .iter()
            .map(|BoundVariable { name, kind, element_size, .. }| {
                format!(
                    "Binding {{ name: {name:?}, kind: BindingKind::{kind}, element_size: {element_size} }}, "
                )
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = write!(
            rust,
            "/// `{name}.wgsl`.\npub static {}: Shader = Shader {{ name: {name:?}, source: {source:?}, \
             workgroup_size: {workgroup_size:?}, workgroup_memory: {workgroup_memory}, bindings: &[{bindings}] }};\n",
            name.to_uppercase()
        );
        constants.extend(&shader.constants);
    }
    let list: String = shaders.iter().map(|shader| format!("&{}, ", shader.name.to_uppercase())).collect();
    let _ = writeln!(rust, "/// Every shader, sorted by name.\npub static SHADERS: &[&Shader] = &[{list}];");
    let _ = writeln!(rust, "/// The constants that shaders and Rust share.\npub mod constants {{");
    for (name, value) in constants {
        let _ = writeln!(rust, "    /// `{name}` of the shaders.\n    pub const {name}: u32 = {value};");
    }
    rust += "}\n";
    rust
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;\n\
                        @compute @workgroup_size(4) fn main() { a[0] = 1.0; }";

    fn problem(source: &str) -> String {
        compile("probe", source.into()).err().unwrap()
    }

    #[test]
    fn reflects_a_good_shader() {
        let shader = compile("probe", GOOD.into()).unwrap();
        assert_eq!(shader.workgroup_size, [4, 1, 1]);
        assert_eq!(shader.bindings.len(), 1);
        assert_eq!((shader.bindings[0].kind, shader.bindings[0].element_size), ("Storage", 4));
    }

    #[test]
    fn refuses_broken_shaders_with_the_place() {
        let syntax = problem("fn main( {");
        assert!(syntax.contains("probe.wgsl") && syntax.contains(":1:"), "{syntax}");
        let types = problem(&GOOD.replace("1.0", "vec2f(1.0)"));
        assert!(types.contains(":2:"), "{types}");
    }

    #[test]
    fn refuses_what_the_engine_cannot_bind() {
        assert!(problem("fn helper() {}").contains("0 entry points"));
        assert!(problem(&GOOD.replace("main", "other")).contains("must be `main`"));
        assert!(problem(&GOOD.replace("group(0)", "group(1)")).contains("bind group 1"));
        assert!(problem(&GOOD.replace("binding(0)", "binding(1)")).contains("without holes"));
    }

    #[test]
    fn collects_every_problem_and_refuses_an_empty_folder() {
        let folder = std::env::temp_dir().join(format!("ibinn-shaders-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let empty = compile_folder(&folder).err().unwrap();
        assert!(empty[0].contains("no .wgsl file"), "{empty:?}");
        std::fs::write(folder.join("a.wgsl"), "fn main( {").unwrap();
        std::fs::write(folder.join("b.wgsl"), "#import nothing\n").unwrap();
        std::fs::write(folder.join("c.wgsl"), "#define x\n").unwrap();
        std::fs::write(folder.join("d.wgsl"), GOOD).unwrap();
        let problems = compile_folder(&folder).err().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(problems.len(), 3);
        assert!(problems[1].contains("nothing.wgsl"), "{}", problems[1]);
        assert!(problems[2].contains("c.wgsl:1"), "{}", problems[2]);
    }
}
