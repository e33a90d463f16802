// Archives of pictures: folders with a class in each, as `trainer train --dataset` reads them.

/** A file in an archive. */
export interface Entry {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Names are in UTF-8. */
const UTF8 = 0x0800;
/** The first day that archives know. */
const DATE = 0x21;

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/** An archive of files, which are stored as they are: pictures are compressed already. */
export function writeZip(entries: readonly Entry[]): Blob {
  const parts: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { path, bytes } of entries) {
    const name = new TextEncoder().encode(path);
    const shared = [20, UTF8, 0, 0, DATE];
    const sizes = [crc32(bytes), bytes.length, bytes.length];
    const local = header(LOCAL, shared, sizes, [name.length, 0], []);
    central.push(header(CENTRAL, [20, ...shared], sizes, [name.length, 0, 0, 0, 0], [0, offset]), name);
    parts.push(local, name, bytes);
    offset += local.length + name.length + bytes.length;
  }
  const size = central.reduce((sum, part) => sum + part.length, 0);
  const end = header(END, [0, 0, entries.length, entries.length], [size, offset], [0], []);
  return new Blob([...parts, ...central, end] as BlobPart[], { type: 'application/zip' });
}

/** A signature, then numbers of two and of four bytes in turn. */
function header(signature: number, ...fields: (readonly number[])[]): Uint8Array {
  const length = fields.reduce((sum, numbers, i) => sum + numbers.length * (i % 2 === 0 ? 2 : 4), 4);
  const view = new DataView(new ArrayBuffer(length));
  view.setUint32(0, signature, true);
  let at = 4;
  fields.forEach((numbers, i) => {
    for (const value of numbers) {
      if (i % 2 === 0) view.setUint16(at, value, true);
      else view.setUint32(at, value, true);
      at += i % 2 === 0 ? 2 : 4;
    }
  });
  return new Uint8Array(view.buffer);
}

/** The files of an archive; throws when it is none that can be read. */
export async function readZip(file: Blob): Promise<Entry[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) throw new RangeError('no archive');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== CENTRAL) throw new RangeError('no archive');
    const method = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 20, true);
    const [name, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ];
    const local = view.getUint32(at + 42, true);
    const path = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    if (path.endsWith('/')) continue;
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = bytes.subarray(start, start + size);
    if (method === 0) entries.push({ path, bytes: packed });
    else if (method === 8) entries.push({ path, bytes: await inflated(packed) });
  }
  return entries;
}

async function inflated(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([packed as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
