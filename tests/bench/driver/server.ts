// A static server.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** A running server. */
export interface Server {
  /** Its address, without a slash at the end. */
  readonly origin: string;
  /** The files that were sent since the last call. */
  sent(): string[];
  stop(): void;
}

/** Headers that let a page use threads, which ONNX Runtime's second one needs. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Serves folders under their prefixes, which begin and end with a slash, on a free port. */
export async function serve(folders: Record<string, string>, { isolated }: { isolated: boolean }): Promise<Server> {
  const log: string[] = [];
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);
  const find = async (url: string): Promise<{ file: string; size: number } | undefined> => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const prefix = prefixes.find((prefix) => path.startsWith(prefix));
    const root = prefix === undefined ? undefined : folders[prefix];
    if (prefix === undefined || root === undefined) {
      return undefined;
    }
    const file = resolve(root, path.slice(prefix.length) || 'index.html');
    const found = file.startsWith(resolve(root) + sep) ? await stat(file).catch(() => undefined) : undefined;
    return found?.isFile() ? { file, size: found.size } : undefined;
  };
  const server = createServer(async (request, response) => {
    const found = await find(request.url ?? '/');
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    log.push(found.file);
    response.writeHead(200, {
      'content-type': TYPES[extname(found.file)] ?? 'application/octet-stream',
      'content-length': found.size,
      'cache-control': 'no-store',
      ...(isolated ? ISOLATED : {}),
    });
    createReadStream(found.file).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => [...new Set(log.splice(0))],
    stop: () => server.close(),
  };
}
