// The cases that the native program wrote: models, inputs, and what the native CPU executor makes of them.

/** One element of a flow. */
export type Element =
  | { kind: 'haar'; shape: Sides }
  | { kind: 'coupling'; name: string; shape: Sides; first: number; leading_relu: boolean }
  | { kind: 'down'; name: string; shape: Sides; first: number }
  | { kind: 'dct'; channels: number; side: number; matrix: number[]; inverse: number[] }
  | { kind: 'permutation'; dims: number }
  | { kind: 'dense'; dims: number; first: number };

/** Channels, rows, columns. */
export type Sides = [number, number, number];

/** What a model consists of. */
export interface Description {
  input: Sides;
  dims: number;
  multiply_adds: number;
  /** Images that there are inputs and results of. */
  images: number;
  /** The part of the log-det that is the same for all images. */
  log_det: number;
  elements: Element[];
}

/** The arrays of a case. */
export type Values = 'pixels' | 'x' | 'z' | 'log_det' | 'x_back' | 'pixels_back';

const CASES = '/cases/';

async function fetched(file: string): Promise<Response> {
  const response = await fetch(CASES + file);
  if (!response.ok) {
    throw new Error(`${file}: the server answered ${response.status}`);
  }
  return response;
}

/** The address of a model file. */
export const modelUrl = (model: string): string => `${CASES}${model}.safetensors`;

/** Reads what a model consists of. */
export async function describe(model: string): Promise<Description> {
  return (await (await fetched(`${model}.json`)).json()) as Description;
}

/** Reads an array for `batch` images, repeating those that there are. */
export async function read(model: string, what: Values, { images }: Description, batch: number): Promise<Float32Array> {
  const stored = new Float32Array(await (await fetched(`${model}.${what}.bin`)).arrayBuffer());
  const row = stored.length / images;
  const values = new Float32Array(batch * row);
  for (let image = 0; image < batch; image++) {
    const from = (image % images) * row;
    values.set(stored.subarray(from, from + row), image * row);
  }
  return values;
}

/** A tensor of a model file. */
export interface Tensor {
  shape: number[];
  data: Float32Array | Int32Array;
}

/** Reads all tensors of a model file, which the native program wrote in 32 bits. */
export async function tensors(model: string): Promise<Map<string, Tensor>> {
  const bytes = await (await fetched(`${model}.safetensors`)).arrayBuffer();
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const found = new Map<string, Tensor>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') {
      continue;
    }
    const raw = bytes.slice(8 + length + data_offsets[0], 8 + length + data_offsets[1]);
    if (dtype !== 'F32' && dtype !== 'I32') {
      throw new Error(`tensor ${name} has the type ${dtype}`);
    }
    found.set(name, { shape, data: dtype === 'I32' ? new Int32Array(raw) : new Float32Array(raw) });
  }
  return found;
}
