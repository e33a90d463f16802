//! Models to measure with, and the files from which the runtimes in the browser take them.
//!
//! Their weights are random and small: subnets move the image little, so that the map is well conditioned, as a trained one
//! is, and every runtime's numbers can be checked. The cost of a model does not depend on its weights.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::Shape;
use ibinn::spec::element::Element;
use ibinn::spec::fold::{Tensors, fold_batch_norm};
use ibinn::spec::tensors::{EMPIRICAL_MEANS, MEANS, PERMUTATION};
use ibinn::training::initial_tensors;
use ibinn::{Card, CpuExecutor, Method, Model, ModelSpec, Precision, Preset, Training};
use serde_json::{Value, json};

use crate::scaling;

/// Images that there are inputs and results of; larger batches repeat them.
pub const IMAGES: usize = 64;
/// The architectures that all runtimes are compared on.
pub const PRESETS: [Preset; 2] = [Preset::Compact28, Preset::Cifar10];

/// A model of random weights that make a well-conditioned map.
pub fn model(title: &str, spec: &ModelSpec) -> Model {
    let mut stream = Stream::new(0, Purpose::Test, 0);
    let mut tensors: Tensors = initial_tensors(spec, 1, 1.0, 5.0);
    for (name, values) in &mut tensors {
        if name.contains(".conv3.") {
            values.iter_mut().for_each(|value| *value *= 0.1);
        } else if name.ends_with("log_alpha") || name.ends_with("offset") {
            values.iter_mut().for_each(|value| *value = stream.range(-0.1, 0.1));
        }
    }
    let mut folded = fold_batch_norm(spec, tensors);
    let permutation = folded.remove(PERMUTATION).unwrap_or_default().iter().map(|&i| i as u32).collect();
    folded.insert(EMPIRICAL_MEANS.into(), folded[MEANS].clone());
    let narrow = |values: Vec<f64>| values.into_iter().map(|value| value as f32).collect();
    let tensors: BTreeMap<String, Vec<f32>> =
        folded.into_iter().map(|(name, values)| (name, narrow(values))).collect();
    let training = Training {
        dataset: "none".into(),
        images: None,
        held_out: None,
        preset: title.into(),
        method: Method::ClassNll { frozen_means: None },
        seed: None,
        epochs: None,
        steps: None,
    };
    let card = Card::new(title, training);
    Model::new(spec.clone(), card, tensors, permutation).expect("the tensors are those of the spec")
}

/// [`IMAGES`] images of noise, pixels in [0, 1].
pub fn pixels(spec: &ModelSpec) -> Vec<f32> {
    let mut stream = Stream::new(1, Purpose::Test, 0);
    (0..IMAGES * spec.dims()).map(|_| stream.uniform() as f32).collect()
}

/// Writes the cases of [`PRESETS`] and of [`scaling`].
///
/// # Errors
/// When the folder cannot be written.
pub fn write_all(dir: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(dir)?;
    for preset in PRESETS {
        write(dir, preset.name(), &preset.spec()?)?;
    }
    for size in scaling::sizes()? {
        write(dir, &size.file, &size.spec)?;
    }
    Ok(())
}

/// `NAME.safetensors`, `NAME.json` with what the model consists of, and raw little-endian f32: `pixels`, normalised images
/// `x`, and what the CPU executor makes of them, `z`, `log_det`, `x_back` and `pixels_back`.
fn write(dir: &Path, name: &str, spec: &ModelSpec) -> Result<(), Box<dyn Error>> {
    let model = model(name, spec);
    fs::write(dir.join(format!("{name}.safetensors")), model.to_bytes(Precision::F32))?;
    fs::write(dir.join(format!("{name}.json")), description(&model).to_string())?;
    let executor = CpuExecutor::<f32>::new(&model);
    let pixels = pixels(spec);
    let x = spec.normalize(&pixels);
    let encoded = executor.encode(&x)?;
    let x_back = executor.decode(&encoded.z)?;
    let pixels_back = spec.denormalize(&x_back).into_iter().map(|v| v.clamp(0.0, 1.0)).collect();
    let arrays = [
        ("pixels", pixels),
        ("x", x),
        ("z", encoded.z),
        ("log_det", encoded.log_det),
        ("x_back", x_back),
        ("pixels_back", pixels_back),
    ];
    for (what, values) in arrays {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(dir.join(format!("{name}.{what}.bin")), bytes)?;
    }
    Ok(())
}

fn description(model: &Model) -> Value {
    let spec = model.spec();
    let input = spec.input();
    let elements: Vec<Value> = spec.elements().iter().map(element).collect();
    json!({
        "input": [input.channels, input.height, input.width],
        "dims": spec.dims(),
        "multiply_adds": spec.multiply_adds(),
        "images": IMAGES,
        "log_det": constant_log_det(model),
        "elements": elements,
    })
}

fn element(element: &Element) -> Value {
    let sides = |shape: Shape| json!([shape.channels, shape.height, shape.width]);
    match element {
        Element::Haar { input } => json!({ "kind": "haar", "shape": sides(*input) }),
        Element::Coupling(coupling) => json!({
            "kind": "coupling",
            "name": coupling.name,
            "shape": sides(coupling.shape),
            "first": coupling.split().0,
            "leading_relu": coupling.leading_relu,
        }),
        Element::Down(down) => json!({
            "kind": "down",
            "name": down.name,
            "shape": sides(down.input),
            "first": down.split().0,
        }),
        Element::Dct(dct) => json!({
            "kind": "dct",
            "channels": dct.channels,
            "side": dct.n,
            "matrix": dct.matrix(),
            "inverse": dct.inverse_matrix(),
        }),
        Element::Permutation { dims } => json!({ "kind": "permutation", "dims": dims }),
        Element::Dense(dense) => json!({ "kind": "dense", "dims": dense.dims, "first": dense.split().0 }),
    }
}

/// The part of the log-det that is the same for all images.
fn constant_log_det(model: &Model) -> f64 {
    let one = |element: &Element| match element {
        Element::Coupling(coupling) => model.mixing(coupling).log_det,
        Element::Dct(dct) => dct.log_det(),
        _ => 0.0,
    };
    model.spec().elements().iter().map(one).sum()
}
