// A small model file of any shape, written by what docs/file-format.md says and by nothing else. It is not trained: its flow
// is nearly the identity, up to the fixed elements.

import { createHash } from 'node:crypto';

/** What the file is to hold. */
export interface Made {
  channels: number;
  side: number;
  classes: readonly string[];
  gamma: number | 'inf';
  title: string;
  dataset: string;
  /** Whether novelty is in it. */
  novelty: boolean;
  /** How probable the classes are before an image is seen; equally, if none is given. */
  classPrior?: 'counts' | 'learned';
  /** How the card says that the training images lie. */
  framing?: unknown;
}

const WIDTH = 4;
const HIDDEN = 8;
/** Scores that p-values are taken of. */
const SCORES = 199;

/** The bytes of the file. */
export function modelFile({
  channels,
  side,
  classes,
  gamma,
  title,
  dataset,
  novelty,
  classPrior,
  framing,
}: Made): Buffer {
  const dims = channels * side * side;
  const inner = 4 * channels;
  const random = generator();
  const noise = (size: number, scale: number) => Float32Array.from({ length: size }, () => scale * random());
  const zeros = (size: number) => new Float32Array(size);
  const count = classes.length;
  const tensors: Record<string, { shape: number[]; values: Float32Array | Int32Array }> = {};
  const put = (name: string, shape: number[], values: Float32Array | Int32Array) => {
    tensors[name] = { shape, values };
  };
  const linear = (name: string, shape: number[], scale: number) => {
    const [out = 1] = shape;
    put(
      `${name}.weight`,
      shape,
      noise(
        shape.reduce((product, size) => product * size, 1),
        scale,
      ),
    );
    put(`${name}.bias`, [out], zeros(out));
  };
  const half = inner / 2;
  linear('stage0.block0.subnet.conv1', [WIDTH, half, 3, 3], 0.1);
  linear('stage0.block0.subnet.conv2', [WIDTH, WIDTH, 3, 3], 0.1);
  linear('stage0.block0.subnet.conv3', [2 * half, WIDTH, 1, 1], 0.1);
  const identity = Float32Array.from({ length: inner * inner }, (_, i) => Number(i % (inner + 1) === 0));
  put('stage0.block0.mix.matrix', [inner, inner], identity);
  put('stage0.block0.scale.log_alpha', [inner], zeros(inner));
  put('stage0.block0.offset', [inner], zeros(inner));
  const first = Math.floor(dims / 2);
  put(
    'dense.perm',
    [dims],
    Int32Array.from({ length: dims }, (_, i) => (i * 7 + 3) % dims),
  );
  linear('dense.net1.fc1', [HIDDEN, first], 0.02);
  linear('dense.net1.fc2', [2 * (dims - first), HIDDEN], 0.02);
  linear('dense.net2.fc1', [HIDDEN, dims - first], 0.02);
  linear('dense.net2.fc2', [2 * first, HIDDEN], 0.02);
  put('means', [count, dims], noise(count * dims, 0.5));
  put('empirical_means', [count, dims], noise(count * dims, 0.8));
  if (classPrior) {
    put(
      'log_weights',
      [count],
      Float32Array.from({ length: count }, (_, k) => -k),
    );
  }
  if (novelty) {
    const axes = Math.min(count - 1, dims);
    put('novelty.discriminants', [axes, dims], noise(axes * dims, 0.05));
    put('novelty.centre', [axes], zeros(axes));
    put('novelty.positions', [count, axes], noise(count * axes, 2));
    put('novelty.separations', [axes], new Float32Array(axes).fill(2));
    const scores = Float32Array.from({ length: SCORES }, (_, i) => -4 + (8 * i) / SCORES);
    put('novelty.scores', [SCORES], scores);
    const ofEach = Float32Array.from({ length: count * 50 }, (_, i) => -3 + (7 * (i % 50)) / 50);
    put('novelty.class_scores', [count, 50], ofEach);
  }
  const fill = (value: number) => Array.from({ length: channels }, () => value);
  const spec = {
    family: 'ib-inn',
    input: { channels, height: side, width: side, mean: fill(0.5), std: fill(0.5) },
    stem: 'haar',
    stages: [{ blocks: 1, width: WIDTH }],
    dense_hidden: HIDDEN,
    classes,
    ...(classPrior ? { class_prior: classPrior } : {}),
  };
  const card = {
    title,
    training: { dataset, preset: 'custom', method: { name: 'ib-inn', gamma } },
    ...(framing ? { framing } : {}),
    ...(novelty ? { novelty: { dataset, fitted: 300, set_aside: SCORES } } : {}),
  };
  return container(spec, card, tensors);
}

function container(
  spec: unknown,
  card: unknown,
  tensors: Record<string, { shape: number[]; values: Float32Array | Int32Array }>,
): Buffer {
  const names = Object.keys(tensors).sort();
  const data = names.map((name) => Buffer.from(tensors[name]!.values.buffer));
  const [specText, cardText] = [JSON.stringify(spec), JSON.stringify(card)];
  const digest = createHash('sha256');
  for (const text of [specText, cardText]) {
    digest.update(length(Buffer.byteLength(text)));
    digest.update(text);
  }
  for (const bytes of data) digest.update(bytes);
  const metadata = { format: 'ibinn', version: '2', spec: specText, card: cardText, sha256: digest.digest('hex') };
  let offset = 0;
  const entries = names.map((name, i) => {
    const { shape, values } = tensors[name]!;
    const from = offset;
    offset += data[i]!.length;
    return [name, { dtype: values instanceof Int32Array ? 'I32' : 'F32', shape, data_offsets: [from, offset] }];
  });
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  return Buffer.concat([length(header.length), header, ...data]);
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** Numbers from −1 to 1, the same every time. */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
