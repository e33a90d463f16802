import { crc32, deflateSync } from 'node:zlib';

/** A PNG of any size, black, and white from a row on: grey, one bit a pixel, so that large ones are small files. */
export function blankPng(width: number, height: number, whiteFrom = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  const line = 1 + Math.ceil(width / 8);
  const rows = Buffer.alloc(height * line);
  // Each line begins with the number of its filter, none.
  for (let y = whiteFrom; y < height; y++) rows.fill(0xff, y * line + 1, (y + 1) * line);
  return png(header, rows);
}

/** A PNG of grey levels, one byte each, row by row. */
export function greyPng(width: number, height: number, levels: Buffer): Buffer {
  return bytePng(width, height, levels, 1);
}

/** A PNG of red, green and blue levels, three bytes a pixel, row by row. */
export function colourPng(width: number, height: number, levels: Buffer): Buffer {
  return bytePng(width, height, levels, 3);
}

function bytePng(width: number, height: number, levels: Buffer, channels: 1 | 3): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  header.writeUInt8(channels === 1 ? 0 : 2, 9);
  const line = channels * width;
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.concat([Buffer.alloc(1), levels.subarray(y * line, (y + 1) * line)]),
  );
  return png(header, Buffer.concat(rows));
}

function png(header: Buffer, rows: Buffer): Buffer {
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
