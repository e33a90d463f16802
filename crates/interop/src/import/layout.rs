//! From the names in the authors' files to an architecture and its tensors in training form.
//!
//! The elements of their network are numbered from the input on, `module_list.<i>.<name>`, and the kind of an element can
//! be told from its names. Nothing else about the architecture is stored, but all of it follows from the shapes.

use std::collections::BTreeMap;

use ibinn::spec::element::Element;
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{MEANS, PERMUTATION, TensorKind};
use ibinn::{Family, InputSpec, ModelSpec, SpecFields, StageSpec, Stem};

use super::names::{FIRST_CONVOLUTIONS, Kind, redundant, theirs};
use super::numpy;
use super::object::Id;
use super::torch::Archive;

/// How far the entries of W·Wᵀ may be from the identity; the authors round their rotations to single precision.
const ROTATION_TOLERANCE: f64 = 1e-3;
/// No dimension of a network that a spec can describe is larger.
const LARGEST_SIDE: usize = 1 << 16;

/// What wrappers of PyTorch (DataParallel, torch.compile) put before the names of a network that they wrap.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// A tensor of an element.
struct Entry {
    /// Its whole name in the file.
    name: String,
    id: Id,
}

/// An element that has tensors, by the rest of their names.
struct Module {
    number: usize,
    kind: Kind,
    tensors: BTreeMap<String, Entry>,
}

/// The architecture, for classes named by their numbers and without normalisation, and its tensors in training form.
pub(super) fn read(archive: &mut Archive<'_>) -> Result<(ModelSpec, Tensors), String> {
    let root = archive.pickle.root;
    let inn = archive.pickle.get(root, "inn").ok_or(
        "it holds no `inn`, the network of the authors' checkpoints; those of their VIB, and of other programs, are not read",
    )?;
    let means = archive.pickle.get(root, "mu").ok_or("it holds no `mu`, the class means")?;
    let means = archive.tensor(means).map_err(|problem| format!("its `mu` {problem}"))?;
    let &[1, classes, dims] = &means.shape[..] else {
        return Err(format!("its `mu` has shape {:?}, must be [1, classes, dimensions]", means.shape));
    };
    let modules = modules(archive, inn)?;
    let spec = architecture(archive, &modules, classes)?;
    if spec.dims() != dims {
        return Err(format!("its class means have {dims} dimensions, but its network has {}", spec.dims()));
    }
    let mut tensors = Tensors::from([(MEANS.into(), means.values)]);
    let elements = spec.elements().iter().filter(|element| !matches!(element, Element::Permutation { .. }));
    for (element, module) in elements.zip(modules) {
        module.take(archive, element, &mut tensors)?;
    }
    let order = numpy::permutation(0, dims);
    tensors.insert(PERMUTATION.into(), order.into_iter().map(f64::from).collect());
    Ok((spec, tensors))
}

/// The elements of `inn` from the input on, without what a run in its middle leaves behind.
fn modules(archive: &Archive<'_>, inn: Id) -> Result<Vec<Module>, String> {
    let pickle = &archive.pickle;
    let entries = pickle.dict(inn).ok_or("its `inn` is no dictionary")?;
    let mut modules: BTreeMap<usize, BTreeMap<String, Entry>> = BTreeMap::new();
    for &(name, tensor) in entries {
        let name = pickle.text(name).ok_or("its `inn` has a name that is no text")?;
        if name.contains("tmp_var") {
            continue;
        }
        let mut bare = name;
        while let Some(rest) = WRAPPERS.iter().find_map(|wrapper| bare.strip_prefix(wrapper)) {
            bare = rest;
        }
        let place = bare.strip_prefix("module_list.").and_then(|rest| {
            let (number, rest) = rest.split_once('.')?;
            Some((number.parse().ok()?, rest))
        });
        let (number, rest) = place.ok_or_else(|| {
            let name: String = name.chars().take(80).flat_map(char::escape_debug).collect();
            format!("its network holds `{name}`, which no IB-INN has; the authors' ResNet and i-RevNet are not read")
        })?;
        let entry = Entry { name: name.chars().flat_map(char::escape_debug).collect(), id: tensor };
        if modules.entry(number).or_default().insert(rest.into(), entry).is_some() {
            return Err(format!("its element {number} has a tensor twice"));
        }
    }
    let with_kind = |(number, tensors): (usize, BTreeMap<String, Entry>)| {
        let kind = Kind::of(tensors.keys().map(String::as_str));
        let kind = kind.ok_or_else(|| format!("its element {number} is of no known kind"))?;
        Ok(Module { number, kind, tensors })
    };
    modules.into_iter().map(with_kind).collect()
}

/// The architecture that the shapes of `modules` tell.
fn architecture(archive: &Archive<'_>, modules: &[Module], classes: usize) -> Result<ModelSpec, String> {
    let haar = modules.first().is_some_and(|module| module.kind == Kind::Haar);
    let flow = &modules[usize::from(haar)..];
    let [flow @ .., dct, dense] = flow else { return Err("its network has hardly any element".into()) };
    let only = |module: &Module| matches!(module.kind, Kind::Coupling | Kind::Down);
    if !flow.iter().all(only) || (dct.kind, dense.kind) != (Kind::Dct, Kind::Dense) {
        return Err(
            "its network is not made of coupling blocks and down-couplings, then a DCT and one dense coupling".into()
        );
    }
    // An element without tensors, the permutation, stands only between the last two.
    let before_dense = &modules[..modules.len() - 1];
    if let Some(gap) = before_dense.windows(2).find(|pair| pair[1].number - pair[0].number != 1) {
        return Err(format!("its element {} is missing", gap[0].number + 1));
    }
    let mut stages = Vec::new();
    for stage in flow.split(|module| module.kind == Kind::Down) {
        let block =
            stage.first().ok_or_else(|| format!("its stage {} has no coupling block", stages.len()))?;
        let (_, conv) = block.first_convolution()?;
        stages.push(StageSpec { blocks: stage.len(), width: block.side(archive, conv, 0)? });
    }
    let first = &flow[0];
    if first.first_convolution()?.0 != haar {
        return Err(
            "its first subnet begins with a ReLU where none is known, or without one where one is".into()
        );
    }
    let channels = first.side(archive, "act_norm", 1)? / if haar { 4 } else { 1 };
    let halvings = (stages.len() - usize::from(!haar)) as u32;
    let side = 1usize.checked_shl(halvings).unwrap_or(LARGEST_SIDE);
    let side = side.saturating_mul(dct.side(archive, "inv_weight", 0)?);
    let fields = SpecFields {
        family: Family::IbInn,
        input: InputSpec {
            channels,
            height: side,
            width: side,
            mean: vec![0.0; channels],
            std: vec![1.0; channels],
        },
        stem: if haar { Stem::Haar } else { Stem::Image },
        stages,
        dense_hidden: dense.side(archive, "s1.0.bias", 0)?,
        classes: (0..classes).map(|k| k.to_string()).collect(),
        class_prior: ibinn::ClassPrior::Uniform,
    };
    ModelSpec::try_from(fields).map_err(|error| error.to_string())
}

impl Module {
    fn get(&self, name: &str) -> Result<Id, String> {
        let entry = self.tensors.get(name);
        entry
            .map(|entry| entry.id)
            .ok_or_else(|| format!("its tensor `module_list.{}.{name}` is missing", self.number))
    }

    /// The length of a tensor along `axis`.
    fn side(&self, archive: &Archive<'_>, name: &str, axis: usize) -> Result<usize, String> {
        let view = archive.pickle.tensor(self.get(name)?);
        let side =
            view.and_then(|view| view.shape.get(axis)).filter(|side| (1..=LARGEST_SIDE).contains(*side));
        side.copied().ok_or_else(|| {
            format!("its `module_list.{}.{name}` is no tensor of a size that can be read", self.number)
        })
    }

    /// Whether the subnet of a coupling block begins with a ReLU, and its first convolution.
    fn first_convolution(&self) -> Result<(bool, &'static str), String> {
        let known = FIRST_CONVOLUTIONS.into_iter().find(|(_, name)| self.tensors.contains_key(*name));
        known.ok_or_else(|| format!("its coupling block {} has no first convolution", self.number))
    }

    /// Reads every tensor of `element`, by its name in training form.
    fn take(mut self, archive: &mut Archive<'_>, element: &Element, all: &mut Tensors) -> Result<(), String> {
        for (info, name) in theirs(element) {
            let id = self.get(&name)?;
            let whole = self.tensors.get(&name).map_or(name.as_str(), |entry| entry.name.as_str());
            let about = |problem: String| format!("its tensor `{whole}` {problem}");
            let mut tensor = archive.tensor(id).map_err(about)?;
            // The authors keep numbers per channel as (1, C, 1, 1), and rotations as kernels of 1×1 pixels.
            let squeezed =
                |shape: &[usize]| shape.iter().copied().filter(|&side| side != 1).collect::<Vec<_>>();
            if squeezed(&tensor.shape) != squeezed(&info.shape) {
                return Err(about(format!("has shape {:?}, must be {:?}", tensor.shape, info.shape)));
            }
            if info.kind == TensorKind::Rotation {
                let tolerance = ROTATION_TOLERANCE.max(4.0 * tensor.rounding);
                if !is_rotation(&tensor.values, info.shape[0], tolerance) {
                    return Err(about("is no rotation".into()));
                }
                if tensor.rounding > 0.0 {
                    tensor.values = nearest_rotation(tensor.values, info.shape[0]);
                }
            }
            self.tensors.remove(&name);
            all.insert(info.name, tensor.values);
        }
        match self.tensors.iter().find(|(name, _)| !redundant(self.kind, name)) {
            Some((_, entry)) => {
                Err(format!("its network holds `{}`, which {} does not have", entry.name, element.name()))
            }
            None => Ok(()),
        }
    }
}

/// Whether the `n`×`n` matrix `w` is orthogonal, which its inverse in the executors rests on.
fn is_rotation(w: &[f64], n: usize, tolerance: f64) -> bool {
    (0..n * n).all(|i| {
        let (a, b) = (&w[i / n * n..][..n], &w[i % n * n..][..n]);
        let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        let wanted = if i / n == i % n { 1.0 } else { 0.0 };
        (product - wanted).abs() < tolerance
    })
}

/// The orthogonal matrix nearest to `w`, `n`×`n`, which is nearly one: what a rotation was before it was rounded to half
/// precision. Newton's iteration W ← (3W − W·Wᵀ·W)/2, whose error squares at each step.
fn nearest_rotation(mut w: Vec<f64>, n: usize) -> Vec<f64> {
    let at = |w: &[f64], i: usize, j: usize| w[i * n + j];
    for _ in 0..5 {
        let gram: Vec<f64> =
            (0..n * n).map(|k| (0..n).map(|m| at(&w, k / n, m) * at(&w, k % n, m)).sum()).collect();
        w = (0..n * n)
            .map(|k| {
                let product: f64 = (0..n).map(|m| at(&gram, k / n, m) * at(&w, m, k % n)).sum();
                1.5 * w[k] - 0.5 * product
            })
            .collect();
    }
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_rotations_become_rotations_again() {
        let (sin, cos) = 0.7f64.sin_cos();
        let exact = [cos, -sin, 0.0, sin, cos, 0.0, 0.0, 0.0, 1.0];
        // To eight bits of precision, as bfloat16 has.
        let rounded = exact.map(|v| f64::from(f32::from_bits(((v as f32).to_bits() + 0x8000) & 0xffff_0000)));
        assert!(!is_rotation(&rounded, 3, 1e-4) && is_rotation(&rounded, 3, 4.0 * 2f64.powi(-8)));
        let found = nearest_rotation(rounded.to_vec(), 3);
        assert!(is_rotation(&found, 3, 1e-14));
        assert!(found.iter().zip(exact).all(|(found, exact)| (found - exact).abs() < 4e-3), "{found:?}");
    }
}
