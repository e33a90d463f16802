// Reading the files that the trainer writes, and changing model files on purpose.

import { createHash } from 'node:crypto';

interface Parts {
  metadata: Record<string, string>;
  entries: Record<string, { dtype: string; data_offsets: [number, number] }>;
  data: Buffer;
}

function split(bytes: Buffer): Parts {
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, end));
  return { metadata, entries, data: bytes.subarray(end) };
}

/** The F32 tensors of a safetensors file, by name, flattened in row-major order. */
export function tensors(bytes: Buffer): Record<string, number[]> {
  const { entries, data } = split(bytes);
  const floats = Object.entries(entries).filter(([, entry]) => entry.dtype === 'F32');
  return Object.fromEntries(
    floats.map(
      ([
        name,
        {
          data_offsets: [start, end],
        },
      ]) => {
        // Copied, as typed arrays must be aligned.
        const { buffer } = new Uint8Array(data.subarray(start, end));
        return [name, Array.from(new Float32Array(buffer))];
      },
    ),
  );
}

/** The same file with another value of one metadata key. */
export function withMetadata(bytes: Buffer, key: string, value: string): Buffer {
  const { metadata, entries, data } = split(bytes);
  const text = JSON.stringify({ __metadata__: { ...metadata, [key]: value }, ...entries });
  const header = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

/** The same model file with another card. */
export function withCard(bytes: Buffer, change: (card: Record<string, unknown>) => Record<string, unknown>): Buffer {
  const { metadata, entries, data } = split(bytes);
  const card = JSON.stringify(change(JSON.parse(metadata.card ?? '{}')));
  const digest = createHash('sha256');
  for (const text of [metadata.spec ?? '', card]) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
    digest.update(length).update(text);
  }
  for (const name of Object.keys(entries).sort()) digest.update(data.subarray(...entries[name]!.data_offsets));
  return withMetadata(withMetadata(bytes, 'card', card), 'sha256', digest.digest('hex'));
}

/** The same file with one bit of its tensors' data flipped. */
export function withFlippedBit(bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  const { data } = split(flipped);
  const middle = data.length >> 1;
  data.writeUInt8(data.readUInt8(middle) ^ 1, middle);
  return flipped;
}

/** What a model file's card says of novelty. */
export interface NoveltyCard {
  evaluation: {
    novelty: { alpha: number; alarms: number; missed: number }[];
    ood: { name: string; typicality_auc: number; novelty: { auroc: number; fpr95: number; unusual: number } }[];
  };
}

/** What a model file says of the images that it takes. */
export interface SpecOfFile {
  input: { channels: number; height: number; width: number };
  classes: string[];
}

/** The spec of a model file. */
export function specOf(bytes: Buffer): SpecOfFile {
  return JSON.parse(split(bytes).metadata.spec ?? 'null');
}

/** The card of a model file. */
export function cardOf(bytes: Buffer): NoveltyCard {
  return JSON.parse(split(bytes).metadata.card ?? 'null');
}
