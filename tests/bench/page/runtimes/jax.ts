// jax-js on WebGPU: the flow as one compiled function.

import type * as Jax from '@jax-js/jax';
import { Network, type Clamp, type Convolution, type Layer, type Operations } from '../network.js';
import { outputs, type Load } from '../session.js';

const MODULE = '/packages/@jax-js/jax/dist/index.js';

type X = Jax.Array;

/** Operations on arrays or on what stands for them while a function is traced. Using an array ends it, `ref` keeps it. */
class Traced implements Operations<X> {
  readonly #uploaded = new Map<ArrayLike<number>, X>();

  constructor(private readonly jax: typeof Jax) {}

  #once(key: Float32Array | Int32Array, shape: number[]): X {
    let array = this.#uploaded.get(key);
    if (array === undefined) {
      array = this.jax.numpy.array(key, { shape });
      this.#uploaded.set(key, array);
    }
    return array.ref;
  }

  dispose(): void {
    this.#uploaded.forEach((array) => array.dispose());
    this.#uploaded.clear();
  }

  keep(x: X): X {
    return x.ref;
  }

  relu(x: X): X {
    return this.jax.nn.relu(x);
  }

  convolve(x: X, { shape, weight, bias }: Layer, { stride, relu }: Convolution): X {
    const padding: [number, number][] =
      shape[2] === 3
        ? [
            [1, 1],
            [1, 1],
          ]
        : [
            [0, 0],
            [0, 0],
          ];
    const product = this.jax.lax.conv(x, this.#once(weight, shape), [stride, stride], padding);
    const y = product.add(this.#once(bias, [bias.length, 1, 1]));
    return relu ? this.relu(y) : y;
  }

  linear(x: X, { shape, weight, bias }: Layer, relu: boolean): X {
    const product = this.jax.numpy.dot(x, this.#once(weight, shape).transpose());
    const y = product.add(this.#once(bias, [bias.length]));
    return relu ? this.relu(y) : y;
  }

  split(x: X, first: number): [X, X] {
    const [a, b] = this.jax.numpy.split(x, [first], 1);
    if (a === undefined || b === undefined) {
      throw new Error('unreachable');
    }
    return [a, b];
  }

  join(a: X, b: X): X {
    return this.jax.numpy.concatenate([a, b], 1);
  }

  fold(x: X): X {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    const patches = x.reshape([batch, channels, height / 2, 2, width / 2, 2]);
    return patches.transpose([0, 1, 3, 5, 2, 4]).reshape([batch, 4 * channels, height / 2, width / 2]);
  }

  unfold(x: X): X {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    const patches = x.reshape([batch, channels / 4, 2, 2, height, width]);
    return patches.transpose([0, 1, 4, 2, 5, 3]).reshape([batch, channels / 4, 2 * height, 2 * width]);
  }

  flatten(x: X, matrix: Float32Array): X {
    const [batch = NaN, channels = NaN, height = NaN, width = NaN] = x.shape;
    const area = height * width;
    const product = this.jax.numpy.matmul(x.reshape([batch, channels, area]), this.#once(matrix, [area, area]));
    return product.transpose([0, 2, 1]).reshape([batch, area * channels]);
  }

  unflatten(x: X, matrix: Float32Array, channels: number): X {
    const [batch = NaN, dims = NaN] = x.shape;
    const area = dims / channels;
    const planes = x.reshape([batch, area, channels]).transpose([0, 2, 1]);
    const side = Math.sqrt(area);
    return this.jax.numpy.matmul(planes, this.#once(matrix, [area, area])).reshape([batch, channels, side, side]);
  }

  permute(x: X, order: Int32Array): X {
    return this.jax.numpy.take(x, this.#once(order, [order.length]), 1);
  }

  #clamped(scale: X, { kind, bound }: Clamp): X {
    const { tanh, atan } = this.jax.numpy;
    return (kind === 'tanh' ? tanh(scale) : atan(scale)).mul(bound);
  }

  couple(x: X, scale: X, shift: X, clamp: Clamp): { y: X; sum: X } {
    const l = this.#clamped(scale, clamp);
    const axes = l.shape.slice(1).map((_, axis) => axis + 1);
    const y = x.mul(this.jax.numpy.exp(l.ref)).add(shift);
    return { y, sum: l.sum(axes) };
  }

  uncouple(y: X, scale: X, shift: X, { kind, bound }: Clamp): X {
    const l = this.#clamped(scale, { kind, bound: -bound });
    return y.sub(shift).mul(this.jax.numpy.exp(l));
  }

  add(a: X, b: X): X {
    return a.add(b);
  }

  addConstant(a: X, constant: number): X {
    return a.add(constant);
  }
}

/** `webgpu`. */
export const load: Load = async (variant) => {
  const jax = (await import(MODULE)) as typeof Jax;
  const device = variant as 'webgpu';
  const devices = await jax.init(device);
  if (!devices.includes(device)) {
    throw new Error(`jax-js cannot use ${device} here`);
  }
  jax.defaultDevice(device);
  return {
    async open({ model, direction, batch }) {
      const network = await Network.read(model);
      const { input, dims } = network.description;
      const traced = new Traced(jax);
      const encode = jax.jit((x: X) => {
        const { z, logDet } = network.encode<X>(traced, x);
        return [z, logDet];
      });
      const decode = jax.jit((z: X) => [network.decode<X>(traced, z)]);
      const [run, shape] = direction === 'encode' ? [encode, [batch, ...input]] : [decode, [batch, dims]];
      return {
        unit: 'x',
        async run(values) {
          const results = run(jax.numpy.array(values).reshape(shape));
          return outputs(direction, (await Promise.all(results.map((array) => array.data()))) as Float32Array[]);
        },
        async close() {
          encode.dispose();
          decode.dispose();
          traced.dispose();
        },
      };
    },
  };
};
