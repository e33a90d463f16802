//! Golden vectors: weights of small nets with the activations, losses and gradients that another program computed for them:
//! the authors', or our own of NumPy (`tests/golden/make.py`).

use std::collections::BTreeMap;
use std::path::Path;

use ibinn::model::container::Container;
use ibinn::spec::fold::{Tensors, fold_batch_norm};
use ibinn::spec::tensors::training_tensors;
use ibinn::{Family, InputSpec, ModelSpec, SpecFields, StageSpec, Stem};

/// The nets that lie in the repository, of drawn images, with what NumPy computed.
pub const DRAWN: [&str; 2] = ["drawn-grey", "drawn-colour"];
/// The nets there are vectors of the authors' program for.
pub const NETS: [&str; 3] = ["tiny-cifar", "tiny-cifar8", "tiny-mnist"];

/// One file of golden vectors.
pub struct Golden {
    container: Container,
    /// The architecture of its net.
    pub spec: ModelSpec,
}

impl Golden {
    /// Reads `name`, if it is none of [`DRAWN`] from the reference folder; `None` when there is no such folder (see
    /// [`crate::reference_dir`]).
    pub fn load(name: &str) -> Option<Self> {
        let folder = match DRAWN.contains(&name) {
            true => Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden"),
            false => crate::reference_dir()?,
        };
        let path = folder.join(format!("{name}.safetensors"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let container = Container::parse(&bytes).unwrap();
        let spec = spec_of(&container);
        Some(Self { container, spec })
    }

    /// The values of an array.
    pub fn get(&self, name: &str) -> Vec<f64> {
        self.container.arrays.get(name).unwrap_or_else(|| panic!("no golden array {name}")).to_f64()
    }

    /// Names of all arrays.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.container.arrays.keys().map(String::as_str)
    }

    /// What the program computed under `name`, preferring `precision` ("f32" or "f64") where both were stored.
    pub fn expect(&self, precision: &str, name: &str) -> Vec<f64> {
        let preferred = format!("expect.{precision}.{name}");
        if self.container.arrays.contains_key(&preferred) {
            self.get(&preferred)
        } else {
            self.get(&format!("expect.f64.{name}"))
        }
    }

    /// A metadata entry.
    pub fn meta(&self, name: &str) -> &str {
        &self.container.metadata[name]
    }

    /// The weights in training form.
    pub fn training_tensors(&self) -> Tensors {
        training_tensors(&self.spec)
            .into_iter()
            .map(|info| (info.name.clone(), self.get(&info.name)))
            .collect()
    }

    /// The weights in folded form.
    pub fn folded_tensors(&self) -> Tensors {
        fold_batch_norm(&self.spec, self.training_tensors())
    }

    /// The permutation before the dense coupling.
    pub fn permutation(&self) -> Vec<u32> {
        self.get("dense.perm").into_iter().map(|i| i as u32).collect()
    }
}

fn spec_of(container: &Container) -> ModelSpec {
    let shape = |name: &str| container.arrays[name].shape.clone();
    let mut blocks: BTreeMap<usize, usize> = BTreeMap::new();
    for name in container.arrays.keys() {
        let Some((stage, rest)) = name.strip_prefix("stage").and_then(|rest| rest.split_once('.')) else {
            continue;
        };
        if let (Ok(stage), true) = (stage.parse(), rest.ends_with(".offset")) {
            *blocks.entry(stage).or_default() += 1;
        }
    }
    let stages = blocks
        .into_iter()
        .map(|(i, blocks)| StageSpec {
            blocks,
            width: shape(&format!("stage{i}.block0.subnet.conv1.weight"))[0],
        })
        .collect();
    let image = shape("data.x");
    let grey = image[1] == 1;
    SpecFields {
        family: Family::IbInn,
        input: InputSpec {
            channels: image[1],
            height: image[2],
            width: image[3],
            mean: if grey { vec![0.5] } else { vec![0.4914, 0.4822, 0.4465] },
            std: if grey { vec![0.5] } else { vec![0.247, 0.243, 0.261] },
        },
        stem: if grey { Stem::Haar } else { Stem::Image },
        stages,
        dense_hidden: shape("dense.net1.fc1.bias")[0],
        classes: (0..shape("means")[0]).map(|k| k.to_string()).collect(),
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

/// Largest error, relative to the larger of 1 and the largest expected value.
pub fn relative_error(got: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(got.len(), expected.len(), "lengths differ");
    let scale = expected.iter().fold(1.0f64, |m, v| m.max(v.abs()));
    got.iter()
        .zip(expected)
        .map(|(g, e)| (g - e).abs())
        .fold(0.0, |m, e| if e.is_nan() { f64::INFINITY } else { m.max(e) })
        / scale
}

/// Asserts that [`relative_error`] is at most `tolerance`.
///
/// # Panics
/// With the name and the error when it is larger.
pub fn assert_close(name: &str, got: &[f64], expected: &[f64], tolerance: f64) {
    let error = relative_error(got, expected);
    assert!(error <= tolerance, "{name}: error {error:.2e} is above {tolerance:.0e}");
}
