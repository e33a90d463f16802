//! What Rust must know about a shader: its bindings, the layout of its structs and its constants.

use naga::valid::FunctionInfo;
use naga::{AddressSpace, Handle, Literal, Module, Scalar, StorageAccess, StructMember, Type, TypeInner};

/// A binding of a shader, as WGSL declares it.
pub(crate) struct BoundVariable {
    pub(crate) name: String,
    pub(crate) index: u32,
    pub(crate) kind: &'static str,
}

/// A struct that host and device share.
#[derive(PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) name: String,
    /// 32-bit words that it takes.
    pub(crate) words: u32,
    pub(crate) fields: Vec<Field>,
}

/// A member of such a struct.
#[derive(PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The word where it begins.
    pub(crate) word: u32,
    /// `u32`, `f32` or the name of a struct.
    pub(crate) kind: String,
}

/// The bindings that the entry point uses, by number, and the bytes of workgroup memory.
///
/// # Errors
/// When the engine cannot bind them.
pub(crate) fn bindings(module: &Module, uses: &FunctionInfo) -> Result<(Vec<BoundVariable>, u32), String> {
    let mut bindings = Vec::new();
    let mut workgroup_memory = 0;
    for (handle, variable) in module.global_variables.iter() {
        if uses[handle].is_empty() {
            continue;
        }
        let kind = match variable.space {
            AddressSpace::WorkGroup => {
                workgroup_memory += module.types[variable.ty].inner.size(module.to_ctx());
                continue;
            }
            AddressSpace::Uniform => "Uniform",
            AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => "Storage",
            AddressSpace::Storage { .. } => "ReadOnlyStorage",
            _ => continue,
        };
        let (Some(binding), Some(name)) = (&variable.binding, &variable.name) else { continue };
        if binding.group != 0 {
            return Err(format!("`{name}` is in bind group {}, all must be in 0", binding.group));
        }
        bindings.push(BoundVariable { name: name.clone(), index: binding.binding, kind });
    }
    bindings.sort_by_key(|binding| binding.index);
    Ok((bindings, workgroup_memory))
}

/// The structs that lie in uniforms and in storage, those within others first.
///
/// # Errors
/// When a member is no number and no such struct.
pub(crate) fn layouts(module: &Module) -> Result<Vec<Layout>, String> {
    let mut found = Vec::new();
    for (_, variable) in module.global_variables.iter() {
        if matches!(variable.space, AddressSpace::Uniform | AddressSpace::Storage { .. }) {
            let element = match module.types[variable.ty].inner {
                TypeInner::Array { base, .. } => base,
                _ => variable.ty,
            };
            if let TypeInner::Struct { .. } = module.types[element].inner {
                struct_layout(module, element, &mut found)?;
            }
        }
    }
    Ok(found)
}

/// Adds the layout of a struct and of those within it; returns its name.
fn struct_layout(module: &Module, handle: Handle<Type>, found: &mut Vec<Layout>) -> Result<String, String> {
    let name = module.types[handle].name.clone().unwrap_or_default();
    let TypeInner::Struct { members, span } = &module.types[handle].inner else {
        return Err("is no struct of numbers".into());
    };
    let mut fields = Vec::new();
    for StructMember { name: member, ty, offset, .. } in members {
        let member = member.clone().unwrap_or_default();
        let kind = match module.types[*ty].inner {
            TypeInner::Scalar(Scalar::U32) => "u32".into(),
            TypeInner::Scalar(Scalar::F32) => "f32".into(),
            _ => struct_layout(module, *ty, found).map_err(|problem| format!("{name}.{member} {problem}"))?,
        };
        fields.push(Field { name: member, word: offset / 4, kind });
    }
    let layout = Layout { name: name.clone(), words: span / 4, fields };
    if !found.contains(&layout) {
        found.push(layout);
    }
    Ok(name)
}

/// The module's `const NAME: u32`.
pub(crate) fn integer_constants(module: &Module) -> Vec<(String, u32)> {
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
