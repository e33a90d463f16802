// The flow as an ONNX file, written by hand: the format is protobuf, of which a graph needs little.

import type { Clamp, Convolution, Layer, Operations } from './network.js';

type Bytes = Uint8Array<ArrayBuffer>;

const text = new TextEncoder();

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function joined(parts: Bytes[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** A field that holds a message, a string or bytes. */
function field(number: number, ...content: (Bytes | string)[]): Bytes {
  const body = joined(content.map((part) => (typeof part === 'string' ? text.encode(part) : part)));
  return joined([Uint8Array.from([...varint(number * 8 + 2), ...varint(body.length)]), body]);
}

/** A field that holds a whole number, negative ones excepted. */
function whole(number: number, value: number): Bytes {
  return Uint8Array.from([...varint(number * 8), ...varint(value)]);
}

const FLOAT = 1;
const INT64 = 7;
const OPSET = 17;
const IR_VERSION = 8;

type Attribute = number | string | number[];

function attribute(name: string, value: Attribute): Bytes {
  if (typeof value === 'string') {
    return field(5, field(1, name), field(4, value), whole(20, 3));
  }
  if (typeof value === 'number') {
    return field(5, field(1, name), whole(3, value), whole(20, 2));
  }
  return field(5, field(1, name), ...value.map((one) => whole(8, one)), whole(20, 7));
}

function valueInfo(number: number, name: string, shape: number[]): Bytes {
  const sides = shape.map((side) => field(1, whole(1, side)));
  return field(number, field(1, name), field(2, field(1, whole(1, FLOAT), field(2, ...sides))));
}

/** A tensor of the graph: its name and shape. */
export interface Value {
  name: string;
  shape: number[];
}

/** Writes operations down as nodes of a graph instead of running them. */
export class GraphWriter implements Operations<Value> {
  readonly #nodes: Bytes[] = [];
  readonly #constants: Bytes[] = [];
  #count = 0;

  /** @param padded whether inputs of 3×3 convolutions are padded with channels of zeros to a multiple of four. */
  constructor(private readonly padded: boolean) {}

  #name(): string {
    return `v${this.#count++}`;
  }

  #constant(shape: number[], values: Float32Array | number[]): string {
    const name = this.#name();
    const numbers = values instanceof Float32Array ? values : BigInt64Array.from(values.map(BigInt));
    const raw = new Uint8Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength);
    const type = values instanceof Float32Array ? FLOAT : INT64;
    this.#constants.push(
      field(5, ...shape.map((side) => whole(1, side)), whole(2, type), field(8, name), field(9, raw)),
    );
    return name;
  }

  #scalar(value: number): string {
    return this.#constant([], Float32Array.of(value));
  }

  #nodesOutputs(kind: string, inputs: string[], shapes: number[][], attributes: Record<string, Attribute>): Value[] {
    const outputs = shapes.map((shape) => ({ name: this.#name(), shape }));
    this.#nodes.push(
      field(
        1,
        ...inputs.map((name) => field(1, name)),
        ...outputs.map(({ name }) => field(2, name)),
        field(4, kind),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ),
    );
    return outputs;
  }

  #node(kind: string, inputs: string[], shape: number[], attributes: Record<string, Attribute> = {}): Value {
    const [output] = this.#nodesOutputs(kind, inputs, [shape], attributes);
    if (output === undefined) {
      throw new Error('unreachable');
    }
    return output;
  }

  #reshape(x: Value, shape: number[]): Value {
    return this.#node('Reshape', [x.name, this.#constant([shape.length], shape)], shape);
  }

  #transpose(x: Value, order: number[]): Value {
    return this.#node(
      'Transpose',
      [x.name],
      order.map((axis) => x.shape[axis] ?? NaN),
      { perm: order },
    );
  }

  /** Where a graph begins. */
  input(name: string, shape: number[]): Value {
    return { name, shape };
  }

  keep(x: Value): Value {
    return x;
  }

  relu(x: Value): Value {
    return this.#node('Relu', [x.name], x.shape);
  }

  convolve(x: Value, layer: Layer, { stride, relu }: Convolution): Value {
    const { shape, weight } = layer;
    const [outputs = NaN, inputs = NaN, side = NaN] = shape;
    const extra = this.padded && side === 3 && inputs % 4 !== 0 ? 4 - (inputs % 4) : 0;
    const [batch = NaN, , height = NaN, width = NaN] = x.shape;
    let [input, weights] = [x, weight];
    if (extra > 0) {
      const zeros = this.#constant([batch, extra, height, width], new Float32Array(batch * extra * height * width));
      input = this.#node('Concat', [x.name, zeros], [batch, inputs + extra, height, width], { axis: 1 });
      weights = new Float32Array(outputs * (inputs + extra) * side * side);
      for (let output = 0; output < outputs; output++) {
        const row = weight.subarray(output * inputs * side * side, (output + 1) * inputs * side * side);
        weights.set(row, output * (inputs + extra) * side * side);
      }
    }
    const names = [
      input.name,
      this.#constant([outputs, inputs + extra, side, side], weights),
      this.#constant([outputs], layer.bias),
    ];
    const border = (side - 1) / 2;
    const y = this.#node('Conv', names, [batch, outputs, height / stride, width / stride], {
      kernel_shape: [side, side],
      strides: [stride, stride],
      pads: [border, border, border, border],
      dilations: [1, 1],
    });
    return relu ? this.relu(y) : y;
  }

  linear(x: Value, { shape, weight, bias }: Layer, relu: boolean): Value {
    const [outputs = NaN] = shape;
    const names = [x.name, this.#constant(shape, weight), this.#constant([outputs], bias)];
    const y = this.#node('Gemm', names, [x.shape[0] ?? NaN, outputs], { transB: 1 });
    return relu ? this.relu(y) : y;
  }

  split(x: Value, first: number): [Value, Value] {
    const [batch = NaN, channels = NaN, ...rest] = x.shape;
    const sizes = [first, channels - first];
    const shapes = sizes.map((size) => [batch, size, ...rest]);
    const [a, b] = this.#nodesOutputs('Split', [x.name, this.#constant([2], sizes)], shapes, { axis: 1 });
    if (a === undefined || b === undefined) {
      throw new Error('unreachable');
    }
    return [a, b];
  }

  join(a: Value, b: Value): Value {
    const [batch = NaN, channels = NaN, ...rest] = a.shape;
    return this.#node('Concat', [a.name, b.name], [batch, channels + (b.shape[1] ?? NaN), ...rest], { axis: 1 });
  }

  fold(x: Value): Value {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    const patches = this.#reshape(x, [batch, channels, height / 2, 2, width / 2, 2]);
    return this.#reshape(this.#transpose(patches, [0, 1, 3, 5, 2, 4]), [batch, 4 * channels, height / 2, width / 2]);
  }

  unfold(x: Value): Value {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    return this.#node('DepthToSpace', [x.name], [batch, channels / 4, 2 * height, 2 * width], {
      blocksize: 2,
      mode: 'CRD',
    });
  }

  flatten(x: Value, matrix: Float32Array): Value {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    const area = height * width;
    const flat = this.#reshape(x, [batch, channels, area]);
    const y = this.#node('MatMul', [flat.name, this.#constant([area, area], matrix)], [batch, channels, area]);
    return this.#reshape(this.#transpose(y, [0, 2, 1]), [batch, area * channels]);
  }

  unflatten(x: Value, matrix: Float32Array, channels: number): Value {
    const [batch = NaN, dims = NaN] = x.shape;
    const area = dims / channels;
    const planes = this.#transpose(this.#reshape(x, [batch, area, channels]), [0, 2, 1]);
    const y = this.#node('MatMul', [planes.name, this.#constant([area, area], matrix)], [batch, channels, area]);
    return this.#reshape(y, [batch, channels, Math.sqrt(area), Math.sqrt(area)]);
  }

  permute(x: Value, order: Int32Array): Value {
    return this.#node('Gather', [x.name, this.#constant([order.length], [...order])], x.shape, { axis: 1 });
  }

  #clamped(scale: Value, { kind, bound }: Clamp): Value {
    const bounded = this.#node(kind === 'tanh' ? 'Tanh' : 'Atan', [scale.name], scale.shape);
    return this.#node('Mul', [bounded.name, this.#scalar(bound)], scale.shape);
  }

  couple(x: Value, scale: Value, shift: Value, clamp: Clamp): { y: Value; sum: Value } {
    const l = this.#clamped(scale, clamp);
    const axes = l.shape.slice(1).map((_, axis) => axis + 1);
    const sum = this.#node('ReduceSum', [l.name, this.#constant([axes.length], axes)], [x.shape[0] ?? NaN], {
      keepdims: 0,
    });
    const product = this.#node('Mul', [x.name, this.#node('Exp', [l.name], l.shape).name], x.shape);
    return { y: this.add(product, shift), sum };
  }

  uncouple(y: Value, scale: Value, shift: Value, { kind, bound }: Clamp): Value {
    const l = this.#clamped(scale, { kind, bound: -bound });
    const difference = this.#node('Sub', [y.name, shift.name], y.shape);
    return this.#node('Mul', [difference.name, this.#node('Exp', [l.name], l.shape).name], y.shape);
  }

  add(a: Value, b: Value): Value {
    return this.#node('Add', [a.name, b.name], a.shape);
  }

  addConstant(a: Value, constant: number): Value {
    return this.#node('Add', [a.name, this.#scalar(constant)], a.shape);
  }

  /** The bytes of a model file. */
  model(input: Value, outputs: Value[]): Bytes {
    const graph = field(
      7,
      ...this.#nodes,
      field(2, 'flow'),
      ...this.#constants,
      valueInfo(11, input.name, input.shape),
      ...outputs.map(({ name, shape }) => valueInfo(12, name, shape)),
    );
    return joined([whole(1, IR_VERSION), graph, field(8, field(1, ''), whole(2, OPSET))]);
  }
}
