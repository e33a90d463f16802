// The flow, written once for all peers: what it consists of, and in which order a runtime's operations run it.
//
// The constants are those of docs/method.md. What a product can take up beforehand is folded into it, for every peer alike:
// the slopes of the clamps into the layers before them, channel scale and offset into the soft permutation.

import { describe, tensors, type Description, type Tensor } from './case.js';

/** Weights (out, in, rows, columns) or (out, in), and a bias for each output. */
export interface Layer {
  shape: number[];
  weight: Float32Array;
  bias: Float32Array;
}

/** A function before the exponential of an affine coupling: bound · tanh(s), or bound · arctan(s). */
export interface Clamp {
  kind: 'tanh' | 'arctan';
  bound: number;
}

const CONVOLUTIONAL: Clamp = { kind: 'tanh', bound: 0.7 };
const DENSE: Clamp = { kind: 'arctan', bound: 1.272 };
const COUPLING_SLOPE = 0.1;
const DOWN_SLOPE = 0.2;
const DENSE_SLOPE = 0.5;

interface SubnetKind {
  slope: number;
  stride: 1 | 2;
  leadingRelu: boolean;
}

const STRIDED: SubnetKind = { slope: DOWN_SLOPE, stride: 2, leadingRelu: false };
const LOWRES: SubnetKind = { slope: DOWN_SLOPE, stride: 1, leadingRelu: false };
const coupling = (leadingRelu: boolean): SubnetKind => ({ slope: COUPLING_SLOPE, stride: 1, leadingRelu });
const PLAIN: Convolution = { stride: 1, relu: false };

/** How a convolution runs. */
export interface Convolution {
  stride: 1 | 2;
  relu: boolean;
}

/**
 * What a runtime must be able to do with its tensors. Maps have channels and pixels in whatever order it likes; `keep` marks
 * a use of a tensor that is not the last one.
 */
export interface Operations<T> {
  keep(x: T): T;
  relu(x: T): T;
  /** 3×3 with a border of zeros, or 1×1, with bias. */
  convolve(x: T, layer: Layer, how: Convolution): T;
  /** A linear layer with bias. */
  linear(x: T, layer: Layer, relu: boolean): T;
  /** The first `first` channels (or numbers), and the rest. */
  split(x: T, first: number): [T, T];
  join(a: T, b: T): T;
  /** 2×2 space to depth: channel 4c + 2·dy + dx; and back. */
  fold(x: T): T;
  unfold(x: T): T;
  /** Each channel's pixels times a square matrix, (from, to), then flat with the channel fastest. */
  flatten(x: T, matrix: Float32Array): T;
  /** The other way: numbers of one channel times a square matrix, (from, to), then a square map of `channels`. */
  unflatten(x: T, matrix: Float32Array, channels: number): T;
  /** out[i] = x[order[i]]. */
  permute(x: T, order: Int32Array): T;
  /** x·e^ℓ + shift with ℓ the clamped scale, and Σℓ of each image. */
  couple(x: T, scale: T, shift: T, clamp: Clamp): { y: T; sum: T };
  /** (y − shift)·e^−ℓ. */
  uncouple(y: T, scale: T, shift: T, clamp: Clamp): T;
  add(a: T, b: T): T;
  addConstant(a: T, constant: number): T;
}

/** A network with its weights. What it hands out for a layer is the same each time, so that runtimes can keep it. */
export class Network {
  readonly #made = new Map<string, unknown>();

  private constructor(
    readonly description: Description,
    private readonly tensors: Map<string, Tensor>,
  ) {}

  /** Reads a case's model. */
  static async read(model: string): Promise<Network> {
    return new Network(await describe(model), await tensors(model));
  }

  /** What `make` makes, made once for each name. */
  private once<T>(name: string, make: () => T): T {
    if (!this.#made.has(name)) {
      this.#made.set(name, make());
    }
    return this.#made.get(name) as T;
  }

  private tensor(name: string): Tensor {
    const found = this.tensors.get(name);
    if (found === undefined) {
      throw new Error(`the model has no tensor ${name}`);
    }
    return found;
  }

  private numbers(name: string): Float32Array {
    return Float32Array.from(this.tensor(name).data);
  }

  private layer(path: string): Layer {
    return this.once(path, () => {
      const { shape } = this.tensor(`${path}.weight`);
      return { shape, weight: this.numbers(`${path}.weight`), bias: this.numbers(`${path}.bias`) };
    });
  }

  /** A layer whose first half of outputs, the scale, is multiplied by `slope`. */
  private scaled(path: string, slope: number): Layer {
    return this.once(`${path}, scaled`, () => {
      const { shape, weight, bias } = this.layer(path);
      const half = (values: Float32Array) => values.map((value, i) => (i < values.length / 2 ? slope * value : value));
      return { shape, weight: half(weight), bias: half(bias) };
    });
  }

  /** y = e^α · W x + o, and its inverse, as 1×1 convolutions. */
  private mixing(path: string): { mix: Layer; unmix: Layer } {
    return this.once(`${path}, mixing`, () => this.mixingOf(path));
  }

  private mixingOf(path: string): { mix: Layer; unmix: Layer } {
    const [matrix, alpha, offset] = ['mix.matrix', 'scale.log_alpha', 'offset'].map((name) =>
      this.numbers(`${path}.${name}`),
    );
    if (!matrix || !alpha || !offset) {
      throw new Error('unreachable');
    }
    const channels = offset.length;
    const at = (row: number, column: number) => matrix[row * channels + column] ?? NaN;
    const all = Array.from({ length: channels }, (_, i) => i);
    const forward = all.flatMap((row) => all.map((column) => Math.exp(alpha[row] ?? NaN) * at(row, column)));
    const inverse = all.flatMap((row) => all.map((column) => Math.exp(-(alpha[column] ?? NaN)) * at(column, row)));
    const bias = all.map(
      (row) => -all.reduce((sum, i) => sum + (inverse[row * channels + i] ?? NaN) * (offset[i] ?? NaN), 0),
    );
    const shape = [channels, channels, 1, 1];
    return {
      mix: { shape, weight: Float32Array.from(forward), bias: offset },
      unmix: { shape, weight: Float32Array.from(inverse), bias: Float32Array.from(bias) },
    };
  }

  /** A convolutional subnet: `outputs` channels of scale, and as many of shift. */
  private subnet<T>(o: Operations<T>, x: T, path: string, outputs: number, kind: SubnetKind): [T, T] {
    const input = kind.leadingRelu ? o.relu(x) : x;
    const first = o.convolve(input, this.layer(`${path}.conv1`), { stride: 1, relu: true });
    const second = o.convolve(first, this.layer(`${path}.conv2`), { stride: kind.stride, relu: true });
    const both = o.convolve(second, this.scaled(`${path}.conv3`, kind.slope), { stride: 1, relu: false });
    return o.split(both, outputs);
  }

  private dense<T>(o: Operations<T>, x: T, path: string, outputs: number): [T, T] {
    const hidden = o.linear(x, this.layer(`${path}.fc1`), true);
    return o.split(o.linear(hidden, this.scaled(`${path}.fc2`, DENSE_SLOPE), false), outputs);
  }

  /** Normalised images → latents and log-dets. */
  encode<T>(o: Operations<T>, images: T): { z: T; logDet: T } {
    let x = images;
    let logDet: T | undefined;
    const couple = (part: T, [scale, shift]: [T, T], clamp: Clamp): T => {
      const { y, sum } = o.couple(part, scale, shift, clamp);
      logDet = logDet === undefined ? sum : o.add(logDet, sum);
      return y;
    };
    for (const element of this.description.elements) {
      switch (element.kind) {
        case 'haar':
          x = o.convolve(
            o.fold(x),
            this.once('haar', () => haar(element.shape[0])),
            PLAIN,
          );
          break;
        case 'coupling': {
          const { name, first, shape, leading_relu } = element;
          const [x1, x2] = o.split(x, first);
          const a = this.subnet(o, o.keep(x1), `${name}.subnet`, shape[0] - first, coupling(leading_relu));
          x = o.convolve(o.join(x1, couple(x2, a, CONVOLUTIONAL)), this.mixing(name).mix, PLAIN);
          break;
        }
        case 'down': {
          const { name, first, shape } = element;
          const [y1, y2] = [4 * first, 4 * (shape[0] - first)];
          const [x1, x2] = o.split(x, first);
          const strided = this.subnet(o, o.keep(x1), `${name}.strided`, y2, STRIDED);
          const second = couple(o.fold(x2), strided, CONVOLUTIONAL);
          const lowres = this.subnet(o, o.keep(second), `${name}.lowres`, y1, LOWRES);
          x = o.join(couple(o.fold(x1), lowres, CONVOLUTIONAL), second);
          break;
        }
        case 'dct':
          x = o.flatten(
            x,
            this.once('dct', () => planeTransform(element)),
          );
          break;
        case 'permutation':
          x = o.permute(x, this.permutation());
          break;
        case 'dense': {
          const { first, dims } = element;
          const [x1, x2] = o.split(x, first);
          const y1 = couple(x1, this.dense(o, o.keep(x2), 'dense.net2', first), DENSE);
          const y2 = couple(x2, this.dense(o, o.keep(y1), 'dense.net1', dims - first), DENSE);
          x = o.join(y1, y2);
        }
      }
    }
    if (logDet === undefined) {
      throw new Error('a flow has couplings');
    }
    return { z: x, logDet: o.addConstant(logDet, this.description.log_det) };
  }

  /** Latents → normalised images. */
  decode<T>(o: Operations<T>, latents: T): T {
    let x = latents;
    const uncouple = (part: T, [scale, shift]: [T, T], clamp: Clamp): T => o.uncouple(part, scale, shift, clamp);
    for (const element of [...this.description.elements].reverse()) {
      switch (element.kind) {
        case 'haar':
          x = o.unfold(
            o.convolve(
              x,
              this.once('haar', () => haar(element.shape[0])),
              PLAIN,
            ),
          );
          break;
        case 'coupling': {
          const { name, first, shape, leading_relu } = element;
          const [x1, y2] = o.split(o.convolve(x, this.mixing(name).unmix, PLAIN), first);
          const a = this.subnet(o, o.keep(x1), `${name}.subnet`, shape[0] - first, coupling(leading_relu));
          x = o.join(x1, uncouple(y2, a, CONVOLUTIONAL));
          break;
        }
        case 'down': {
          const { name, first, shape } = element;
          const [channels1, channels2] = [4 * first, 4 * (shape[0] - first)];
          const [y1, y2] = o.split(x, channels1);
          const lowres = this.subnet(o, o.keep(y2), `${name}.lowres`, channels1, LOWRES);
          const x1 = o.unfold(uncouple(y1, lowres, CONVOLUTIONAL));
          const strided = this.subnet(o, o.keep(x1), `${name}.strided`, channels2, STRIDED);
          x = o.join(x1, o.unfold(uncouple(y2, strided, CONVOLUTIONAL)));
          break;
        }
        case 'dct':
          x = o.unflatten(
            x,
            this.once('inverse dct', () => inverseTransform(element)),
            element.channels,
          );
          break;
        case 'permutation':
          x = o.permute(
            x,
            this.once('inverse permutation', () => inverted(this.permutation())),
          );
          break;
        case 'dense': {
          const { first, dims } = element;
          const [y1, y2] = o.split(x, first);
          const x2 = uncouple(y2, this.dense(o, o.keep(y1), 'dense.net1', dims - first), DENSE);
          const x1 = uncouple(y1, this.dense(o, o.keep(x2), 'dense.net2', first), DENSE);
          x = o.join(x1, x2);
        }
      }
    }
    return x;
  }

  private permutation(): Int32Array {
    return this.once('permutation', () => Int32Array.from(this.tensor('dense.perm').data));
  }
}

/** The Haar transform of folded pixels, its own inverse, as a 1×1 convolution. */
function haar(channels: number): Layer {
  const signs = [
    [1, 1, 1, 1],
    [1, -1, 1, -1],
    [1, 1, -1, -1],
    [1, -1, -1, 1],
  ];
  const all = 4 * channels;
  const weight = new Float32Array(all * all);
  for (let row = 0; row < all; row++) {
    for (let i = 0; i < 4; i++) {
      weight[row * all + (row - (row % 4)) + i] = 0.5 * (signs[row % 4]?.[i] ?? NaN);
    }
  }
  return { shape: [all, all, 1, 1], weight, bias: new Float32Array(all) };
}

/** From pixels (row·N + column) to frequencies (kx·N + ky), row-major: the product of the transform along both sides. */
function planeTransform({ matrix, side }: { matrix: number[]; side: number }): Float32Array {
  const area = side * side;
  const at = (frequency: number, place: number) => matrix[frequency * side + place] ?? NaN;
  return Float32Array.from({ length: area * area }, (_, i) => {
    const [pixel, frequency] = [Math.floor(i / area), i % area];
    return at(frequency % side, Math.floor(pixel / side)) * at(Math.floor(frequency / side), pixel % side);
  });
}

/** From frequencies to pixels. */
function inverseTransform({ inverse, side }: { inverse: number[]; side: number }): Float32Array {
  const area = side * side;
  const at = (place: number, frequency: number) => inverse[place * side + frequency] ?? NaN;
  return Float32Array.from({ length: area * area }, (_, i) => {
    const [frequency, pixel] = [Math.floor(i / area), i % area];
    return at(Math.floor(pixel / side), frequency % side) * at(pixel % side, Math.floor(frequency / side));
  });
}

function inverted(order: Int32Array): Int32Array {
  const inverse = new Int32Array(order.length);
  order.forEach((from, to) => (inverse[from] = to));
  return inverse;
}
