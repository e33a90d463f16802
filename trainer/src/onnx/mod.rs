//! Export to ONNX: a model's encode or decode as a graph that other programs run.

mod elements;
mod graph;
mod protobuf;

use ibinn::Model;
use ibinn::element::Element;
use ibinn::tensors::MEANS;

use elements::Flow;
use graph::Attribute::{Int, Ints};
use graph::{Graph, Port};

/// Which way a graph goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Direction {
    /// Normalised images to latents, log-dets and logits.
    Encode,
    /// Latents to normalised images.
    Decode,
}

/// The ONNX file (opset 17, any batch) that runs `model` in one direction, in f32.
///
/// Encode takes `x`, normalised images x′ = (x − mean)/std, (N, C, H, W), and gives `z`, (N, D), `log_det`, (N), in nats
/// with the true DCT log-det, and `logits`, −|z − μ_y|²/2, (N, K). Decode takes `z` and gives `x`. The metadata hold the
/// spec, with mean and standard deviation.
pub fn export(model: &Model, direction: Direction) -> Vec<u8> {
    let spec = model.spec();
    let mut flow = Flow { model, graph: Graph::default(), log_dets: Vec::new(), constant: 0.0 };
    let input = spec.input();
    let images = vec![input.channels, input.height, input.width];
    let x: Port<'_> = ("x", images, "normalised images, x' = (x - mean) / std with pixels x in [0, 1]");
    let z: Port<'_> = ("z", vec![spec.dims()], "latents");
    let (inputs, outputs) = match direction {
        Direction::Encode => {
            let latent = encode(&mut flow);
            finish(&mut flow, &latent);
            let log_det = ("log_det", vec![], "log |det dz/dx'| in nats");
            (x, vec![z, log_det, ("logits", vec![spec.classes().len()], "-|z - mean of the class|^2 / 2")])
        }
        Direction::Decode => {
            let image = decode(&mut flow);
            flow.graph.output(&image, "x");
            (z, vec![x])
        }
    };
    let name = format!("{direction:?}").to_lowercase();
    let metadata = [
        ("ibinn.direction", name.clone()),
        ("ibinn.spec", serde_json::json!(spec).to_string()),
        ("ibinn.title", model.card().title.clone()),
    ];
    flow.graph.into_file(&name, &[inputs], &outputs, &metadata)
}

fn encode(flow: &mut Flow<'_>) -> String {
    let mut value = "x".to_string();
    for element in flow.model.spec().elements() {
        flow.graph.enter(element.name());
        value = match element {
            Element::Haar { input } => flow.haar(input.channels, &value, false),
            Element::Coupling(coupling) => flow.coupling(coupling, &value),
            Element::Down(down) => flow.down(down, &value),
            Element::Dct(dct) => flow.dct(dct, &value),
            Element::Permutation { .. } => flow.permute(flow.model.permutation(), &value),
            Element::Dense(dense) => flow.dense(dense, &value),
        };
    }
    value
}

fn decode(flow: &mut Flow<'_>) -> String {
    let mut value = "z".to_string();
    for element in flow.model.spec().elements().iter().rev() {
        flow.graph.enter(element.name());
        value = match element {
            Element::Haar { input } => flow.haar(input.channels, &value, true),
            Element::Coupling(coupling) => flow.uncoupling(coupling, &value),
            Element::Down(down) => flow.up(down, &value),
            Element::Dct(dct) => flow.undct(dct, &value),
            Element::Permutation { .. } => {
                let order = flow.model.permutation();
                let mut inverse = vec![0; order.len()];
                (0..).zip(order).for_each(|(i, &source)| inverse[source as usize] = i);
                flow.permute(&inverse, &value)
            }
            Element::Dense(dense) => flow.undense(dense, &value),
        };
    }
    value
}

/// The outputs of encode: z, the whole log-det, and logits as z·μ − |μ|²/2 − |z|²/2.
fn finish(flow: &mut Flow<'_>, z: &str) {
    let spec = flow.model.spec();
    let (classes, dims) = (spec.classes().len(), spec.dims());
    flow.graph.enter("outputs");
    let terms: Vec<&str> = flow.log_dets.iter().map(String::as_str).collect();
    let sum = flow.graph.op("Sum", &terms, &[]);
    let constant = flow.graph.number(flow.constant);
    let log_det = flow.graph.op("Add", &[&sum, &constant], &[]);

    let means = flow.model.tensor(MEANS);
    let transposed: Vec<f32> = (0..dims * classes).map(|i| means[i % classes * dims + i / classes]).collect();
    let square = |mean: &[f32]| mean.iter().map(|&m| f64::from(m).powi(2)).sum::<f64>();
    let halves: Vec<f32> = means.chunks(dims).map(|mean| (0.5 * square(mean)) as f32).collect();
    let transposed = flow.graph.floats("means", &[dims, classes], &transposed);
    let halves = flow.graph.floats("means.squares", &[classes], &halves);
    let products = flow.graph.op("MatMul", &[z, &transposed], &[]);
    let products = flow.graph.op("Sub", &[&products, &halves], &[]);
    let squares = flow.graph.op("ReduceSumSquare", &[z], &[Ints("axes", &[1]), Int("keepdims", 1)]);
    let half = flow.graph.number(0.5);
    let squares = flow.graph.op("Mul", &[&squares, &half], &[]);
    let logits = flow.graph.op("Sub", &[&products, &squares], &[]);
    for (value, name) in [(z, "z"), (&log_det, "log_det"), (&logits, "logits")] {
        flow.graph.output(value, name);
    }
}
