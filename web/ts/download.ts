import { IbinnError, messageOf } from './error.js';
import type { LoadOptions } from './types.js';

/**
 * Fetches a file.
 *
 * Rejects with an `IbinnError` that names the address, and with the signal's reason when that aborts.
 */
export async function download(address: string | URL, options: LoadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, onProgress } = options;
  const failed = (why: string) => new IbinnError(`${address}: ${why}`);
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok) {
      throw failed(`the server answered ${[response.status, response.statusText].join(' ').trim()}`);
    }
    const total = totalBytes(response);
    const chunks: Uint8Array[] = [];
    let loaded = 0;
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
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
