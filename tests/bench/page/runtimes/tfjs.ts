// TensorFlow.js: maps as (batch, rows, columns, channels), as its convolutions want them.

import type * as Tf from '@tensorflow/tfjs-core';
import { Network, type Clamp, type Convolution, type Layer, type Operations } from '../network.js';
import { outputs, type Load } from '../session.js';

const PACKAGES = '/packages/@tensorflow/';
const BACKENDS = {
  wasm: 'tfjs-backend-wasm/dist/tf-backend-wasm.min.js',
  webgpu: 'tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js',
};

type X = Tf.Tensor;
type Global = typeof globalThis & { tf: typeof Tf & { wasm?: { setWasmPaths(prefix: string): void } } };

function script(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = PACKAGES + path;
    element.onload = () => resolve();
    element.onerror = () => reject(new Error(`${path} could not be loaded`));
    document.head.append(element);
  });
}

/** Runs operations as they come. Weights are uploaded when an operation first asks for them, and kept. */
class Eager implements Operations<X> {
  readonly #uploaded = new Map<ArrayLike<number>, X>();

  constructor(private readonly tf: typeof Tf) {}

  #once(key: ArrayLike<number>, make: () => X): X {
    let tensor = this.#uploaded.get(key);
    if (tensor === undefined) {
      tensor = this.tf.keep(make());
      this.#uploaded.set(key, tensor);
    }
    return tensor;
  }

  dispose(): void {
    this.#uploaded.forEach((tensor) => tensor.dispose());
    this.#uploaded.clear();
  }

  keep(x: X): X {
    return x;
  }

  relu(x: X): X {
    return this.tf.relu(x);
  }

  convolve(x: X, { shape, weight, bias }: Layer, { stride, relu }: Convolution): X {
    const { tf } = this;
    const filter = this.#once(weight, () => tf.transpose(tf.tensor(weight, shape), [2, 3, 1, 0])) as Tf.Tensor4D;
    return tf.fused.conv2d({
      x: x as Tf.Tensor4D,
      filter,
      strides: stride,
      // TensorFlow's `same` would put the border of a strided window on the other side.
      pad:
        shape[2] === 3
          ? [
              [0, 0],
              [1, 1],
              [1, 1],
              [0, 0],
            ]
          : 'valid',
      bias: this.#once(bias, () => tf.tensor1d(bias)),
      activation: relu ? 'relu' : 'linear',
    });
  }

  linear(x: X, { shape, weight, bias }: Layer, relu: boolean): X {
    const { tf } = this;
    return tf.fused.matMul({
      a: x as Tf.Tensor2D,
      b: this.#once(weight, () => tf.transpose(tf.tensor(weight, shape))) as Tf.Tensor2D,
      bias: this.#once(bias, () => tf.tensor1d(bias)),
      activation: relu ? 'relu' : 'linear',
    });
  }

  split(x: X, first: number): [X, X] {
    const axis = x.rank - 1;
    const [a, b] = this.tf.split(x, [first, (x.shape[axis] ?? NaN) - first], axis);
    if (a === undefined || b === undefined) {
      throw new Error('unreachable');
    }
    return [a, b];
  }

  join(a: X, b: X): X {
    return this.tf.concat([a, b], a.rank - 1);
  }

  fold(x: X): X {
    const [batch = NaN, height = NaN, width = NaN, channels = NaN] = x.shape;
    const patches = this.tf.reshape(x, [batch, height / 2, 2, width / 2, 2, channels]);
    return this.tf.reshape(this.tf.transpose(patches, [0, 1, 3, 5, 2, 4]), [
      batch,
      height / 2,
      width / 2,
      4 * channels,
    ]);
  }

  unfold(x: X): X {
    const [batch = NaN, height = NaN, width = NaN, channels = NaN] = x.shape;
    const patches = this.tf.reshape(x, [batch, height, width, channels / 4, 2, 2]);
    return this.tf.reshape(this.tf.transpose(patches, [0, 1, 4, 2, 5, 3]), [
      batch,
      2 * height,
      2 * width,
      channels / 4,
    ]);
  }

  flatten(x: X, matrix: Float32Array): X {
    const { tf } = this;
    const [batch = NaN, height = NaN, width = NaN, channels = NaN] = x.shape;
    const area = height * width;
    const product = tf.matMul(this.#repeated(matrix, batch, area), tf.reshape(x, [batch, area, channels]));
    return tf.reshape(product, [batch, area * channels]);
  }

  unflatten(x: X, matrix: Float32Array, channels: number): X {
    const { tf } = this;
    const [batch = NaN, dims = NaN] = x.shape;
    const area = dims / channels;
    const product = tf.matMul(this.#repeated(matrix, batch, area), tf.reshape(x, [batch, area, channels]));
    return tf.reshape(product, [batch, Math.sqrt(area), Math.sqrt(area), channels]);
  }

  /** The transposed matrix for every image: products of batches do not repeat the smaller side by themselves. */
  #repeated(matrix: Float32Array, batch: number, area: number): X {
    const { tf } = this;
    return this.#once(matrix, () =>
      tf.tile(tf.reshape(tf.transpose(tf.tensor2d(matrix, [area, area])), [1, area, area]), [batch, 1, 1]),
    );
  }

  permute(x: X, order: Int32Array): X {
    return this.tf.gather(x, this.#once(order, () => this.tf.tensor1d(order, 'int32')) as Tf.Tensor1D, 1);
  }

  #clamped(scale: X, { kind, bound }: Clamp): X {
    return this.tf.mul(kind === 'tanh' ? this.tf.tanh(scale) : this.tf.atan(scale), bound);
  }

  couple(x: X, scale: X, shift: X, clamp: Clamp): { y: X; sum: X } {
    const { tf } = this;
    const l = this.#clamped(scale, clamp);
    const axes = l.shape.slice(1).map((_, axis) => axis + 1);
    return { y: tf.add(tf.mul(x, tf.exp(l)), shift), sum: tf.sum(l, axes) };
  }

  uncouple(y: X, scale: X, shift: X, { kind, bound }: Clamp): X {
    const { tf } = this;
    return tf.mul(tf.sub(y, shift), tf.exp(this.#clamped(scale, { kind, bound: -bound })));
  }

  add(a: X, b: X): X {
    return this.tf.add(a, b);
  }

  addConstant(a: X, constant: number): X {
    return this.tf.add(a, constant);
  }
}

/** `wasm` or `webgpu`. */
export const load: Load = async (variant) => {
  await script('tfjs-core/dist/tf-core.min.js');
  await script(BACKENDS[variant === 'wasm' ? 'wasm' : 'webgpu']);
  const { tf } = globalThis as Global;
  tf.wasm?.setWasmPaths(`${location.origin}${PACKAGES}tfjs-backend-wasm/dist/`);
  if (!(await tf.setBackend(variant))) {
    throw new Error(`TensorFlow.js cannot use its backend ${variant} here`);
  }
  await tf.ready();
  return {
    async open({ model, direction, batch }) {
      const network = await Network.read(model);
      const [channels, height, width] = network.description.input;
      const eager = new Eager(tf);
      const forwards = (values: Float32Array): X[] => {
        const planes = tf.tensor4d(values, [batch, channels, height, width]);
        const { z, logDet } = network.encode<X>(eager, tf.transpose(planes, [0, 2, 3, 1]));
        return [z, logDet];
      };
      const backwards = (values: Float32Array): X[] => {
        const latents = tf.tensor2d(values, [batch, network.description.dims]);
        return [tf.transpose(network.decode<X>(eager, latents), [0, 3, 1, 2])];
      };
      return {
        unit: 'x',
        async run(values) {
          const results = tf.tidy(() => (direction === 'encode' ? forwards(values) : backwards(values)));
          const arrays = await Promise.all(results.map((tensor) => tensor.data()));
          tf.dispose(results);
          return outputs(direction, arrays as Float32Array[]);
        },
        async close() {
          eager.dispose();
        },
      };
    },
  };
};
