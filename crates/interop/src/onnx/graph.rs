//! ONNX graphs: nodes, their constants, and the model around them. Field numbers are those of `onnx.proto`.

use ibinn::spec::tensors::TensorInfo;

use super::protobuf::Message;

/// Version of the file format that belongs to [`OPSET`].
const IR_VERSION: i64 = 8;
/// Version of the operators.
const OPSET: i64 = 17;
/// `TensorProto.DataType` of single-precision numbers.
const FLOAT: i64 = 1;
/// `TensorProto.DataType` of 64-bit integers.
const INT64: i64 = 7;

/// Name of a value that flows through the graph.
pub(super) type Value = String;

/// An attribute of a node.
pub(super) enum Attribute<'a> {
    /// An integer.
    Int(&'a str, i64),
    /// Integers.
    Ints(&'a str, &'a [i64]),
    /// A text.
    Text(&'a str, &'a str),
}

impl Attribute<'_> {
    fn message(&self) -> Message {
        let named = |name: &str| Message::default().bytes(1, name);
        match *self {
            Self::Int(name, value) => named(name).int(3, value).int(20, 2),
            Self::Text(name, value) => named(name).bytes(4, value).int(20, 3),
            Self::Ints(name, values) => named(name).each(values, |m, &value| m.int(8, value)).int(20, 7),
        }
    }
}

/// A value that goes into or comes out of the graph: its name, its sides after the batch, and what it is.
pub(super) type Port<'a> = (&'a str, Vec<usize>, &'a str);

/// A graph in the making.
#[derive(Default)]
pub(super) struct Graph {
    nodes: Vec<Message>,
    constants: Vec<Message>,
    scope: String,
}

impl Graph {
    /// Names what follows after an element.
    pub fn enter(&mut self, scope: &str) {
        self.scope = scope.into();
    }

    /// A node with several outputs.
    pub fn split<const N: usize>(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> [Value; N] {
        let name = format!("{}/{operator}.{}", self.scope, self.nodes.len());
        let outputs = std::array::from_fn(|i| if N == 1 { name.clone() } else { format!("{name}.{i}") });
        self.node(operator, inputs, &outputs, attributes);
        outputs
    }

    /// A node with one output.
    pub fn op(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute<'_>]) -> Value {
        let [output] = self.split(operator, inputs, attributes);
        output
    }

    /// Gives a value the name of an output.
    pub fn output(&mut self, value: &str, name: &str) {
        self.node("Identity", &[value], &[name.into()], &[]);
    }

    fn node(&mut self, operator: &str, inputs: &[&str], outputs: &[Value], attributes: &[Attribute<'_>]) {
        let node = Message::default()
            .each(inputs, |m, input| m.bytes(1, input))
            .each(outputs, |m, output| m.bytes(2, output))
            .bytes(3, outputs.first().map_or("", String::as_str))
            .bytes(4, operator)
            .each(attributes, |m, attribute| m.message(5, &attribute.message()));
        self.nodes.push(node);
    }

    fn constant(&mut self, name: String, shape: &[usize], kind: i64, bytes: Vec<u8>) -> Value {
        let tensor = Message::default()
            .each(shape, |m, &side| m.int(1, side as i64))
            .int(2, kind)
            .bytes(8, &name)
            .bytes(9, bytes);
        self.constants.push(tensor);
        name
    }

    /// A constant of single-precision numbers, called `name` within the element.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let name = format!("{}.{name}", self.scope);
        self.constant(name, shape, FLOAT, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// A tensor of the model as a constant of the same name.
    pub fn tensor(&mut self, info: &TensorInfo, values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(info.name.clone(), &info.shape, FLOAT, bytes)
    }

    /// A single number.
    pub fn number(&mut self, value: f64) -> Value {
        let name = format!("number.{}", self.constants.len());
        self.floats(&name, &[], &[value as f32])
    }

    /// A constant of integers, for operators that take shapes or indices.
    pub fn ints(&mut self, values: &[i64]) -> Value {
        let name = format!("{}.integers.{}", self.scope, self.constants.len());
        self.constant(
            name,
            &[values.len()],
            INT64,
            values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        )
    }

    /// The file of a model that runs the graph; the first side of every port is the batch, of any size.
    pub fn into_file(
        self,
        name: &str,
        inputs: &[Port<'_>],
        outputs: &[Port<'_>],
        metadata: &[(&str, String)],
    ) -> Vec<u8> {
        let entry = |(key, value): &(&str, String)| Message::default().bytes(1, key).bytes(2, value);
        let graph = Message::default()
            .each(&self.nodes, |m, node| m.message(1, node))
            .bytes(2, name)
            .each(&self.constants, |m, constant| m.message(5, constant))
            .each(inputs, |m, input| m.message(11, &port(input)))
            .each(outputs, |m, output| m.message(12, &port(output)));
        Message::default()
            .int(1, IR_VERSION)
            .bytes(2, "ibinn")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, &graph)
            .message(8, &Message::default().bytes(1, "").int(2, OPSET))
            .each(metadata, |m, metadata| m.message(14, &entry(metadata)))
            .into_bytes()
    }
}

fn port((name, sides, about): &Port<'_>) -> Message {
    let batch = Message::default().bytes(2, "batch");
    let shape = Message::default()
        .message(1, &batch)
        .each(sides, |m, &side| m.message(1, &Message::default().int(1, side as i64)));
    let tensor = Message::default().int(1, FLOAT).message(2, &shape);
    Message::default().bytes(1, name).message(2, &Message::default().message(1, &tensor)).bytes(3, about)
}
