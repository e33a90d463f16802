import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PREFIX, type Server } from './server';

/** How a relay answers: as what lies behind it does, with an error, or with half of the body and then no more. */
export type Manner = 'well' | 'refusing' | 'stalling';

/** Passes what a server says on, under an address of its own, and answers badly when it is told to. */
export async function relay(site: string): Promise<Server & { answer(manner: Manner): void }> {
  let manner: Manner = 'well';
  const server = createServer(async (request, response) => {
    const answer = await fetch(new URL(request.url ?? '', site));
    const body = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(manner === 'refusing' ? 503 : answer.status, { 'content-type': type });
    if (manner === 'stalling') response.write(body.subarray(0, body.length >> 1));
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${PREFIX}`,
    answer: (next) => (manner = next),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
