//! From .wgsl files to validated shaders. Runs in the build script; compiled into the library for its tests.

use std::collections::BTreeSet;
use std::path::Path;

use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::reflect::{BoundVariable, Layout, bindings, integer_constants, layouts};
use super::template::{Values, assignments, expand};

/// A shader that naga accepts.
pub(crate) struct CompiledShader {
    pub(crate) name: String,
    pub(crate) source: String,
    /// What its `#variant` line sets.
    pub(crate) parameters: Values,
    pub(crate) workgroup_size: [u32; 3],
    pub(crate) workgroup_memory: u32,
    pub(crate) bindings: Vec<BoundVariable>,
    /// The structs of uniforms and storage.
    pub(crate) layouts: Vec<Layout>,
    /// The module's `const NAME: u32`.
    pub(crate) constants: Vec<(String, u32)>,
}

/// Compiles every `*.wgsl` in `folder`, sorted by name: one shader for each of its lines `#variant name PARAMETER=…`, or
/// one with the name of the file when it has none.
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
        match compile_file(folder, &file) {
            Ok(variants) => shaders.extend(variants),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(shaders) } else { Err(problems) }
}

fn compile_file(folder: &Path, file: &Path) -> Result<Vec<CompiledShader>, String> {
    let text = read(file)?;
    let mut variants = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("#variant ")) {
        let (name, parameters) = line.split_once(' ').unwrap_or((line, ""));
        let parameters = assignments(parameters, &Values::new())
            .map_err(|problem| format!("{}: `#variant {line}`: {problem}", file.display()))?;
        variants.push((name.to_string(), parameters));
    }
    if variants.is_empty() {
        let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        variants.push((name.unwrap_or_default(), Values::new()));
    }
    let compile_variant = |(name, parameters): (String, Values)| {
        let source = stitch(folder, file, &parameters, &mut BTreeSet::new())?;
        compile(&name, source, parameters)
    };
    variants.into_iter().map(compile_variant).collect()
}

fn read(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))
}

/// The text of `file` for `values` without its comments, with each line `#import name PARAMETER=…` replaced by `shared/name.wgsl`, the first
/// time that it is named with these parameters.
fn stitch(
    folder: &Path,
    file: &Path,
    values: &Values,
    imported: &mut BTreeSet<String>,
) -> Result<String, String> {
    let place = |problem: String| format!("{}:{problem}", file.display());
    let text = expand(&read(file)?, values).map_err(place)?;
    let mut stitched = String::new();
    for line in text.lines() {
        if let Some(import) = line.strip_prefix("#import ") {
            if imported.insert(import.to_string()) {
                let (name, parameters) = import.split_once(' ').unwrap_or((import, ""));
                let inner =
                    assignments(parameters, values).map_err(|problem| place(format!(" {problem}")))?;
                let shared = folder.join("shared").join(name).with_extension("wgsl");
                stitched += &stitch(folder, &shared, &inner, imported)?;
            }
        } else if line.starts_with('#') && !line.starts_with("#variant ") {
            return Err(place(format!(" unknown directive: {line}")));
        } else if !line.starts_with('#') && !line.trim_start().starts_with("//") {
            stitched += line;
            stitched.push('\n');
        }
    }
    Ok(stitched)
}

/// Parses, validates and reflects one shader with exactly one entry point.
pub(crate) fn compile(name: &str, source: String, parameters: Values) -> Result<CompiledShader, String> {
    let path = format!("{name}.wgsl (stitched and expanded)");
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
    let workgroup_size = entry.workgroup_size;
    let placed = |problem| format!("{path}: {problem}");
    let (bindings, workgroup_memory) = bindings(&module, info.get_entry_point(0)).map_err(placed)?;
    let layouts = layouts(&module).map_err(placed)?;
    let constants = integer_constants(&module);
    let name = name.to_string();
    Ok(CompiledShader {
        name,
        source,
        parameters,
        workgroup_size,
        workgroup_memory,
        bindings,
        layouts,
        constants,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = "@group(0) @binding(0) var<storage, read_write> a: array<f32>;\n\
                        @compute @workgroup_size(4) fn main() { a[0] = 1.0; }";

    fn compiled(source: &str) -> Result<CompiledShader, String> {
        compile("probe", source.into(), Values::new())
    }

    fn problem(source: &str) -> String {
        compiled(source).err().unwrap()
    }

    /// A new folder with these files.
    fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("ibinn-shaders-{}-{name}", std::process::id()));
        std::fs::create_dir_all(folder.join("shared")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn reflects_a_good_shader() {
        let shader = compiled(GOOD).unwrap();
        assert_eq!(shader.workgroup_size, [4, 1, 1]);
        assert_eq!(shader.bindings.len(), 1);
        assert_eq!(shader.bindings[0].kind, "Storage");
    }

    #[test]
    fn reflects_the_layout_of_structs() {
        let uniform = "struct Inner { n: u32, x: f32 }\nstruct Outer { inner: Inner, @align(16) last: u32 }\n\
                       @group(0) @binding(1) var<uniform> o: Outer;\n";
        let source = format!("{uniform}{}", GOOD.replace("1.0", "o.inner.x"));
        let layouts = compiled(&source).unwrap().layouts;
        let shape = |layout: &Layout| {
            let fields =
                layout.fields.iter().map(|f| (f.name.clone(), f.word, f.kind.clone())).collect::<Vec<_>>();
            (layout.name.clone(), layout.words, fields)
        };
        let field = |name: &str, word, kind: &str| (name.to_string(), word, kind.to_string());
        let inner = ("Inner".to_string(), 2, vec![field("n", 0, "u32"), field("x", 1, "f32")]);
        let outer = ("Outer".to_string(), 8, vec![field("inner", 0, "Inner"), field("last", 4, "u32")]);
        assert_eq!(layouts.iter().map(shape).collect::<Vec<_>>(), [inner, outer]);
        assert!(problem(&source.replace("n: u32", "n: vec2u")).contains("Inner.n is no struct of numbers"));
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
    }

    #[test]
    fn collects_every_problem_and_refuses_an_empty_folder() {
        let folder = folder("problems", &[]);
        let empty = compile_folder(&folder).err().unwrap();
        assert!(empty[0].contains("no .wgsl file"), "{empty:?}");
        for (name, text) in
            [("a", "fn main( {"), ("b", "#import nothing\n"), ("c", "#define x\n"), ("d", GOOD)]
        {
            std::fs::write(folder.join(name).with_extension("wgsl"), text).unwrap();
        }
        let problems = compile_folder(&folder).err().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(problems.len(), 3);
        assert!(problems[1].contains("nothing.wgsl"), "{}", problems[1]);
        assert!(problems[2].contains("c.wgsl: unknown directive: #define x"), "{}", problems[2]);
    }

    #[test]
    fn a_file_makes_a_shader_for_each_variant() {
        let entry = "#variant one N=1\n#variant two N=2\n#import part M=N+1\n#import part M=N+1\n";
        let part = "fn part${M}() -> f32 { return ${M}.0; }\n";
        let main = GOOD.replace("1.0", "part${N+1}()");
        let files = [("entry.wgsl", format!("{entry}{main}")), ("shared/part.wgsl", part.into())];
        let folder = folder("variants", &files.each_ref().map(|(name, text)| (*name, text.as_str())));
        let shaders = compile_folder(&folder).unwrap_or_else(|problems| panic!("{problems:?}"));
        std::fs::remove_dir_all(&folder).unwrap();
        let names: Vec<&str> = shaders.iter().map(|shader| shader.name.as_str()).collect();
        assert_eq!(names, ["one", "two"]);
        assert_eq!(shaders[1].parameters["N"], "2");
        assert!(
            shaders[1].source.starts_with("fn part3() -> f32 { return 3.0; }\n@group"),
            "{}",
            shaders[1].source
        );
    }
}
