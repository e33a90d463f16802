import { IbinnError, messageOf } from './error.js';
import type { LoadOptions } from './types.js';

/**
 * Reads a file from an address, or from a response that the caller has fetched.
 *
 * Rejects with an `IbinnError` that names the address, and with the signal's reason when that aborts.
 */
export async function download(
  source: string | URL | Response,
  options: LoadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, onProgress } = options;
  const address = source instanceof Response ? source.url || 'the model' : source;
  const failed = (why: string) => new IbinnError(`${address}: ${why}`);
  try {
    const response = source instanceof Response ? source : await fetch(source, signal ? { signal } : {});
    if (!response.ok) {
      throw failed(`the server answered ${[response.status, response.statusText].join(' ').trim()}`);
    }
    const total = totalBytes(response);
    const chunks: Uint8Array[] = [];
    let loaded = 0;
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
      signal?.throwIfAborted();
      chunks.push(read.value);
      loaded += read.value.length;
      onProgress?.(loaded, total);
    }
    return joined(chunks, loaded);
  } catch (thrown) {
    if (signal?.aborted) {
      throw signal.reason;
    }
    throw thrown instanceof IbinnError ? thrown : failed(`the download failed (${messageOf(thrown)})`);
  }
}

/** The size that the server names, unless it is that of a compressed form. */
function totalBytes(response: Response): number | undefined {
  const length = Number(response.headers.get('content-length'));
  return length > 0 && !response.headers.has('content-encoding') ? length : undefined;
}

function joined(chunks: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
