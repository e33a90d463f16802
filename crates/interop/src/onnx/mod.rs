//! Export to ONNX: a model's encode or decode as a graph that other programs run.

mod elements;
mod graph;
mod protobuf;

use ibinn::spec::element::Element;
use ibinn::spec::head::HeadSpec;
use ibinn::spec::tensors::{LayerTensors, TensorInfo};
use ibinn::{ClassPrior, Model};

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

/// The ONNX file (opset 17, any batch) that runs `model`, a flow, in one direction, in f32.
///
/// Encode takes `x`, normalised images x′ = (x − mean)/std, (N, C, H, W), and gives `z`, (N, D), `log_det`, (N), in nats
/// with the true DCT log-det, and `logits`, −|z − μ_y|²/2 or those of an i-RevNet's linear layer, (N, K). Decode takes `z` and gives `x`. The metadata hold the
/// spec, with mean and standard deviation.
pub fn export(model: &Model, direction: Direction) -> Vec<u8> {
    let spec = model.spec();
    let mut flow = Flow { model, graph: Graph::default(), log_dets: Vec::new(), constant: 0.0 };
    let input = spec.input();
    let images = vec![input.channels, input.height, input.width];
    let x: Port<'_> = ("x", images, "normalised images, x' = (x - mean) / std with pixels x in [0, 1]");
    let logits = match spec.family().has_mixture() {
        true => "-|z - mean of the class|^2 / 2",
        false => "logits of the classes",
    };
    let z: Port<'_> = ("z", vec![spec.dims()], "latents");
    let (inputs, outputs) = match direction {
        Direction::Encode => {
            let latent = encode(&mut flow);
            finish(&mut flow, &latent);
            let log_det = ("log_det", vec![], "log |det dz/dx'| in nats");
            (x, vec![z, log_det, ("logits", vec![spec.classes().len()], logits)])
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

/// The outputs of encode: z, the whole log-det, and logits.
fn finish(flow: &mut Flow<'_>, z: &str) {
    flow.graph.enter("outputs");
    let terms: Vec<&str> = flow.log_dets.iter().map(String::as_str).collect();
    let sum = flow.graph.op("Sum", &terms, &[]);
    let constant = flow.graph.number(flow.constant);
    let log_det = flow.graph.op("Add", &[&sum, &constant], &[]);
    let logits = match flow.model.spec().head() {
        HeadSpec::Mixture { means, .. } => mixture(flow, z, &means, &ln_weights(flow.model)),
        HeadSpec::Linear(head) => linear(flow, z, &head.tensors()),
        HeadSpec::Bottleneck { .. } => unreachable!("what is exported is a flow"),
    };
    for (value, name) in [(z, "z"), (&log_det, "log_det"), (&logits, "logits")] {
        flow.graph.output(value, name);
    }
}

/// z times the transpose of a tensor of the model, (K, D).
fn products(flow: &mut Flow<'_>, z: &str, info: &TensorInfo) -> String {
    let spec = flow.model.spec();
    let (classes, dims) = (spec.classes().len(), spec.dims());
    let rows = flow.model.tensor(info);
    let transposed: Vec<f32> = (0..dims * classes).map(|i| rows[i % classes * dims + i / classes]).collect();
    let transposed = flow.graph.floats(&info.name, &[dims, classes], &transposed);
    flow.graph.op("MatMul", &[z, &transposed], &[])
}

/// What the weights of a mixture add to the logits: ln w_y, or nothing where they are equal.
fn ln_weights(model: &Model) -> Vec<f64> {
    match (model.spec().class_prior(), model.mixture()) {
        (ClassPrior::Counts | ClassPrior::Learned, Ok(mixture)) => {
            mixture.weights().iter().map(|w| w.ln()).collect()
        }
        _ => vec![0.0; model.spec().classes().len()],
    }
}

/// The logits of a mixture as z·μ − (|μ|²/2 − ln w) − |z|²/2.
fn mixture(flow: &mut Flow<'_>, z: &str, means: &TensorInfo, ln_weights: &[f64]) -> String {
    let products = products(flow, z, means);
    let square = |mean: &[f32]| mean.iter().map(|&m| f64::from(m).powi(2)).sum::<f64>();
    let means = flow.model.tensor(means).chunks(flow.model.spec().dims());
    let halves: Vec<f32> =
        means.zip(ln_weights).map(|(mean, weight)| (0.5 * square(mean) - weight) as f32).collect();
    let halves = flow.graph.floats("means.squares", &[halves.len()], &halves);
    let products = flow.graph.op("Sub", &[&products, &halves], &[]);
    let squares = flow.graph.op("ReduceSumSquare", &[z], &[Ints("axes", &[1]), Int("keepdims", 1)]);
    let half = flow.graph.number(0.5);
    let squares = flow.graph.op("Mul", &[&squares, &half], &[]);
    flow.graph.op("Sub", &[&products, &squares], &[])
}

/// The logits of the linear layer of an i-RevNet.
fn linear(flow: &mut Flow<'_>, z: &str, LayerTensors { weight, bias }: &LayerTensors) -> String {
    let products = products(flow, z, weight);
    let bias = flow.graph.floats(&bias.name, &bias.shape, flow.model.tensor(bias));
    flow.graph.op("Add", &[&products, &bias], &[])
}
