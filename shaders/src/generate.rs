//! The Rust source that the library includes: shaders, the structs that they share with Rust, and their constants.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::compile::CompiledShader;
use super::reflect::{BoundVariable, Layout};

/// Rust source of one constant a shader, the list of them all, one struct a layout and one constant a `const NAME: u32`.
///
/// # Errors
/// When two shaders have different structs, or different constants, of one name.
pub(crate) fn to_rust(shaders: &[CompiledShader]) -> Result<String, Vec<String>> {
    let mut rust = String::new();
    let (mut constants, mut layouts) = (BTreeMap::new(), BTreeMap::new());
    let mut problems = Vec::new();
    for shader in shaders {
        rust += &shader_constant(shader);
        for (name, value) in &shader.constants {
            if constants.insert(name, value).is_some_and(|other| other != value) {
                problems.push(format!("{}: `const {name}` differs from another shader's", shader.name));
            }
        }
        for layout in &shader.layouts {
            if layouts.insert(&layout.name, layout).is_some_and(|other| other != layout) {
                problems
                    .push(format!("{}: `struct {}` differs from another shader's", shader.name, layout.name));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let list: String = shaders.iter().map(|shader| format!("&{}, ", shader.name.to_uppercase())).collect();
    rust += &format!("/// Every shader, sorted by file.\npub static SHADERS: &[&Shader] = &[{list}];\n");
    rust += "/// The structs that shaders and Rust share.\npub mod layouts {\n";
    rust.extend(layouts.values().map(|layout| layout_struct(layout)));
    rust += "}\n/// The constants that shaders and Rust share.\npub mod constants {\n";
    for (name, value) in constants {
        rust += &format!("    /// `{name}` of the shaders.\n    pub const {name}: u32 = {value};\n");
    }
    rust += "}\n";
    Ok(rust)
}

fn shader_constant(shader: &CompiledShader) -> String {
    let CompiledShader { name, source, parameters, workgroup_size, workgroup_memory, bindings, .. } = shader;
    let mut list = String::new();
    for BoundVariable { name, index, kind } in bindings {
        // Writing to a String cannot fail.
        let _ = write!(list, "Binding {{ name: {name:?}, index: {index}, kind: BindingKind::{kind} }}, ");
    }
    let parameters: Vec<(&String, &String)> = parameters.iter().collect();
    format!(
        "/// `{name}`.\npub const {}: Shader = Shader {{ name: {name:?}, source: {source:?}, \
         parameters: &{parameters:?}, workgroup_size: {workgroup_size:?}, \
         workgroup_memory: {workgroup_memory}, bindings: &[{list}] }};\n",
        name.to_uppercase()
    )
}

fn layout_struct(Layout { name, words, fields }: &Layout) -> String {
    let (mut members, mut assignments) = (String::new(), String::new());
    for field in fields {
        let (member, kind, word) = (&field.name, &field.kind, field.word);
        members += &format!("        /// `{member}` in WGSL.\n        pub {member}: {kind},\n");
        assignments += &match kind.as_str() {
            "u32" => format!("words[{word}] = self.{member}; "),
            "f32" => format!("words[{word}] = self.{member}.to_bits(); "),
            _ => format!("words[{word}..{word} + {kind}::WORDS].copy_from_slice(&self.{member}.words()); "),
        };
    }
    format!(
        "    /// `{name}` in WGSL.\n    #[derive(Clone, Copy, Debug, Default, PartialEq)]\n    pub struct {name} {{\n\
         {members}    }}\n    impl {name} {{\n        /// 32-bit words that it takes.\n        \
         pub const WORDS: usize = {words};\n        /// Its words as the shaders read them.\n        \
         pub fn words(&self) -> [u32; Self::WORDS] {{ let mut words = [0; Self::WORDS]; {assignments}words }}\n    }}\n"
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::compile::compile;
    use super::*;

    /// A shader with the struct `Size` in a uniform, and a constant.
    fn shader(name: &str, members: &str, widest: u32) -> CompiledShader {
        let source = format!(
            "struct Size {{ {members} }}\nconst WIDEST: u32 = {widest}u;\n\
             @group(0) @binding(0) var<uniform> extent: Size;\n\
             @group(0) @binding(1) var<storage, read_write> a: array<vec2f>;\n\
             @compute @workgroup_size(4) fn main() {{ a[0].x = f32(extent.n); }}"
        );
        compile(name, source, BTreeMap::new()).unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn shaders_become_constants_with_their_structs() {
        let rust = to_rust(&[shader("one", "n: u32, x: f32", 9), shader("two", "n: u32, x: f32", 9)])
            .unwrap_or_else(|problems| panic!("{problems:?}"));
        for part in [
            "pub static SHADERS: &[&Shader] = &[&ONE, &TWO, ];",
            "workgroup_size: [4, 1, 1], workgroup_memory: 0",
            "Binding { name: \"extent\", index: 0, kind: BindingKind::Uniform }",
            "Binding { name: \"a\", index: 1, kind: BindingKind::Storage }",
            "pub const WORDS: usize = 2;",
            "words[0] = self.n; words[1] = self.x.to_bits(); words }",
            "pub const WIDEST: u32 = 9;",
        ] {
            assert!(rust.contains(part), "{part} is not in {rust}");
        }
        assert_eq!(rust.matches("pub struct Size").count(), 1);
    }

    #[test]
    fn two_structs_or_constants_of_one_name_are_a_problem() {
        let problem = |other| to_rust(&[shader("one", "n: u32", 9), other]).err().unwrap_or_default();
        let structs = problem(shader("two", "n: u32, x: f32", 9));
        assert_eq!(structs, ["two: `struct Size` differs from another shader's"]);
        let constants = problem(shader("two", "n: u32", 8));
        assert_eq!(constants, ["two: `const WIDEST` differs from another shader's"]);
    }
}
