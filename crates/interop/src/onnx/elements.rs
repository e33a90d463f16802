//! The elements of a flow as ONNX nodes, in both directions.

use ibinn::Model;
use ibinn::spec::Shape;
use ibinn::spec::dct::Dct;
use ibinn::spec::element::{Coupling, Dense, Down, Subnet};
use ibinn::spec::linear::DenseNet;
use ibinn::spec::mixing::Conv1x1;
use ibinn::spec::tensors::{HiddenTensors, LayerTensors, SubnetTensors};

use super::graph::Attribute::{Int, Ints, Text};
use super::graph::{Graph, Value};

/// Orthonormal 2×2 Haar kernels (method §2.1), without their factor ½.
const HAAR: [f32; 16] = [1., 1., 1., 1., 1., -1., 1., -1., 1., 1., -1., -1., 1., -1., -1., 1.];

/// A flow in the making.
pub(super) struct Flow<'a> {
    /// Whose weights these are.
    pub model: &'a Model,
    /// What there is of the graph.
    pub graph: Graph,
    /// Log-dets of the elements so far, (N) each; empty when decoding.
    pub log_dets: Vec<Value>,
    /// The part of the log-det that is the same for all images.
    pub constant: f64,
}

impl Flow<'_> {
    /// The tensors of a layer as constants of the same names.
    fn weights(&mut self, LayerTensors { weight, bias }: &LayerTensors) -> [Value; 2] {
        [weight, bias].map(|info| self.graph.tensor(info, self.model.tensor(info)))
    }

    fn halves(&mut self, x: &str, first: usize, second: usize) -> [Value; 2] {
        let sizes = self.graph.ints(&[first as i64, second as i64]);
        self.graph.split("Split", &[x, &sizes], &[Int("axis", 1)])
    }

    fn join(&mut self, first: &str, second: &str) -> Value {
        self.graph.op("Concat", &[first, second], &[Int("axis", 1)])
    }

    fn reshape(&mut self, x: &str, shape: &[usize]) -> Value {
        // 0 keeps the batch as it is.
        let sides: Vec<i64> = std::iter::once(0).chain(shape.iter().map(|&side| side as i64)).collect();
        let sides = self.graph.ints(&sides);
        self.graph.op("Reshape", &[x, &sides], &[])
    }

    /// A subnet: its clamped scale ℓ and its shift.
    fn subnet(&mut self, subnet: &Subnet, x: &str, slope: f64) -> [Value; 2] {
        let mut x = x.to_string();
        if subnet.leading_relu {
            x = self.graph.op("Relu", &[&x], &[]);
        }
        let SubnetTensors { hidden, last } = subnet.tensors();
        for (HiddenTensors { conv, .. }, stride) in hidden.iter().zip([1, subnet.stride() as i64]) {
            x = self.convolution(conv, &x, 1, stride);
            x = self.graph.op("Relu", &[&x], &[]);
        }
        x = self.convolution(&last, &x, 0, 1);
        let out = subnet.output;
        let [scale, shift] = self.halves(&x, out / 2, out / 2);
        let (slope, bound) = (self.graph.number(slope), self.graph.number(Coupling::CLAMP_BOUND));
        let scale = self.graph.op("Mul", &[&scale, &slope], &[]);
        let scale = self.graph.op("Tanh", &[&scale], &[]);
        [self.graph.op("Mul", &[&scale, &bound], &[]), shift]
    }

    fn convolution(&mut self, layer: &LayerTensors, x: &str, padding: i64, stride: i64) -> Value {
        let [weight, bias] = self.weights(layer);
        let attributes = [Ints("pads", &[padding; 4]), Ints("strides", &[stride; 2])];
        self.graph.op("Conv", &[x, &weight, &bias], &attributes)
    }

    /// x·e^scale + shift, noting Σ scale as log-det over `axes`.
    fn affine(&mut self, x: &str, [scale, shift]: [Value; 2], axes: &[i64]) -> Value {
        let axes = self.graph.ints(axes);
        let log_det = self.graph.op("ReduceSum", &[&scale, &axes], &[Int("keepdims", 0)]);
        self.log_dets.push(log_det);
        let factor = self.graph.op("Exp", &[&scale], &[]);
        let scaled = self.graph.op("Mul", &[x, &factor], &[]);
        self.graph.op("Add", &[&scaled, &shift], &[])
    }

    /// The inverse of [`affine`](Self::affine).
    fn unaffine(&mut self, y: &str, [scale, shift]: [Value; 2]) -> Value {
        let scale = self.graph.op("Neg", &[&scale], &[]);
        let factor = self.graph.op("Exp", &[&scale], &[]);
        let shifted = self.graph.op("Sub", &[y, &shift], &[]);
        self.graph.op("Mul", &[&shifted, &factor], &[])
    }

    /// The 1×1 convolution that mixes a block's channels, or its inverse.
    fn mix(&mut self, convolution: &Conv1x1, x: &str) -> Value {
        let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<_>>();
        let (weight, bias) = (narrow(&convolution.weight), narrow(&convolution.bias));
        let weight = self.graph.floats("mix.weight", &[bias.len(), bias.len(), 1, 1], &weight);
        let bias = self.graph.floats("mix.bias", &[bias.len()], &bias);
        self.graph.op("Conv", &[x, &weight, &bias], &[])
    }

    /// A coupling block.
    pub fn coupling(&mut self, coupling: &Coupling, x: &str) -> Value {
        let (first, second) = coupling.split();
        let [x1, x2] = self.halves(x, first, second);
        let a = self.subnet(&coupling.subnet(), &x1, Coupling::CLAMP_SLOPE);
        let x2 = self.affine(&x2, a, &[1, 2, 3]);
        let u = self.join(&x1, &x2);
        let mixing = self.model.mixing(coupling);
        self.constant += mixing.log_det;
        self.mix(&mixing.forward, &u)
    }

    /// A coupling block backwards.
    pub fn uncoupling(&mut self, coupling: &Coupling, y: &str) -> Value {
        let (first, second) = coupling.split();
        let u = self.mix(&self.model.mixing(coupling).inverse, y);
        let [x1, x2] = self.halves(&u, first, second);
        let a = self.subnet(&coupling.subnet(), &x1, Coupling::CLAMP_SLOPE);
        let x2 = self.unaffine(&x2, a);
        self.join(&x1, &x2)
    }

    /// 2×2 space-to-depth; ONNX's own operator has another order of channels.
    fn fold(&mut self, x: &str, channels: usize, shape: Shape) -> Value {
        let (h, w) = (shape.height / 2, shape.width / 2);
        let x = self.reshape(x, &[channels, h, 2, w, 2]);
        let x = self.graph.op("Transpose", &[&x], &[Ints("perm", &[0, 1, 3, 5, 2, 4])]);
        self.reshape(&x, &[4 * channels, h, w])
    }

    fn unfold(&mut self, y: &str) -> Value {
        self.graph.op("DepthToSpace", &[y], &[Int("blocksize", 2), Text("mode", "CRD")])
    }

    /// A down-coupling.
    pub fn down(&mut self, down: &Down, x: &str) -> Value {
        let (first, second) = down.split();
        let [x1, x2] = self.halves(x, first, second);
        let a = self.subnet(&down.strided(), &x1, Down::CLAMP_SLOPE);
        let x2 = self.fold(&x2, second, down.input);
        let y2 = self.affine(&x2, a, &[1, 2, 3]);
        let a = self.subnet(&down.lowres(), &y2, Down::CLAMP_SLOPE);
        let x1 = self.fold(&x1, first, down.input);
        let y1 = self.affine(&x1, a, &[1, 2, 3]);
        self.join(&y1, &y2)
    }

    /// A down-coupling backwards.
    pub fn up(&mut self, down: &Down, y: &str) -> Value {
        let (first, second) = down.split();
        let [y1, y2] = self.halves(y, 4 * first, 4 * second);
        let a = self.subnet(&down.lowres(), &y2, Down::CLAMP_SLOPE);
        let x1 = self.unaffine(&y1, a);
        let x1 = self.unfold(&x1);
        let a = self.subnet(&down.strided(), &x1, Down::CLAMP_SLOPE);
        let x2 = self.unaffine(&y2, a);
        let x2 = self.unfold(&x2);
        self.join(&x1, &x2)
    }

    /// The Haar transform, or its inverse, of `channels` channels.
    pub fn haar(&mut self, channels: usize, x: &str, inverse: bool) -> Value {
        let kernels: Vec<f32> = HAAR.iter().map(|v| 0.5 * v).cycle().take(16 * channels).collect();
        let kernels = self.graph.floats("kernels", &[4 * channels, 1, 2, 2], &kernels);
        let operator = if inverse { "ConvTranspose" } else { "Conv" };
        let attributes = [Ints("strides", &[2, 2]), Int("group", channels as i64)];
        self.graph.op(operator, &[x, &kernels], &attributes)
    }

    fn sandwich(&mut self, name: &str, matrix: &[f64], n: usize, x: &str) -> Value {
        let narrow =
            |at: &dyn Fn(usize) -> usize| (0..n * n).map(|i| matrix[at(i)] as f32).collect::<Vec<_>>();
        let (plain, transposed) = (narrow(&|i| i), narrow(&|i| i % n * n + i / n));
        let left = self.graph.floats(name, &[n, n], &plain);
        let right = self.graph.floats(&format!("{name}.transposed"), &[n, n], &transposed);
        let x = self.graph.op("MatMul", &[&left, x], &[]);
        self.graph.op("MatMul", &[&x, &right], &[])
    }

    /// DCT and flattening, (N, C, n, n) → (N, D) with index (k_x·n + k_y)·C + c.
    pub fn dct(&mut self, dct: &Dct, x: &str) -> Value {
        let &Dct { channels, n } = dct;
        self.constant += dct.log_det();
        let x = self.sandwich("matrix", &dct.matrix(), n, x);
        let x = self.graph.op("Transpose", &[&x], &[Ints("perm", &[0, 3, 2, 1])]);
        self.reshape(&x, &[channels * n * n])
    }

    /// The inverse of [`dct`](Self::dct).
    pub fn undct(&mut self, dct: &Dct, z: &str) -> Value {
        let &Dct { channels, n } = dct;
        let x = self.reshape(z, &[n, n, channels]);
        let x = self.graph.op("Transpose", &[&x], &[Ints("perm", &[0, 3, 2, 1])]);
        self.sandwich("inverse_matrix", &dct.inverse_matrix(), n, &x)
    }

    /// The fixed permutation, out\[i\] = in\[order\[i\]\].
    pub fn permute(&mut self, order: &[u32], z: &str) -> Value {
        let indices = self.graph.ints(&order.iter().map(|&i| i.into()).collect::<Vec<_>>());
        self.graph.op("Gather", &[z, &indices], &[Int("axis", 1)])
    }

    fn linear(&mut self, layer: &LayerTensors, x: &str) -> Value {
        let [weight, bias] = self.weights(layer);
        self.graph.op("Gemm", &[x, &weight, &bias], &[Int("transB", 1)])
    }

    /// A subnet of the dense coupling: its clamped scale E(s) and its shift.
    fn dense_net(&mut self, net: &DenseNet, x: &str) -> [Value; 2] {
        let [first, second] = net.tensors();
        let x = self.linear(&first, x);
        let x = self.graph.op("Relu", &[&x], &[]);
        let x = self.linear(&second, &x);
        let [scale, shift] = self.halves(&x, net.outputs / 2, net.outputs / 2);
        let (half, slope) = (self.graph.number(0.5), self.graph.number(Dense::CLAMP_FACTOR));
        let scale = self.graph.op("Mul", &[&scale, &half], &[]);
        let scale = self.graph.op("Atan", &[&scale], &[]);
        [self.graph.op("Mul", &[&scale, &slope], &[]), shift]
    }

    /// The dense coupling.
    pub fn dense(&mut self, dense: &Dense, x: &str) -> Value {
        let ((first, second), [net1, net2]) = (dense.split(), dense.nets());
        let [x1, x2] = self.halves(x, first, second);
        let a = self.dense_net(&net2, &x2);
        let y1 = self.affine(&x1, a, &[1]);
        let a = self.dense_net(&net1, &y1);
        let y2 = self.affine(&x2, a, &[1]);
        self.join(&y1, &y2)
    }

    /// The dense coupling backwards.
    pub fn undense(&mut self, dense: &Dense, y: &str) -> Value {
        let ((first, second), [net1, net2]) = (dense.split(), dense.nets());
        let [y1, y2] = self.halves(y, first, second);
        let a = self.dense_net(&net1, &y1);
        let x2 = self.unaffine(&y2, a);
        let a = self.dense_net(&net2, &x2);
        let x1 = self.unaffine(&y1, a);
        self.join(&x1, &x2)
    }
}
