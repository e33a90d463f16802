import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { xtask } from './environment';

/** The sub-path that everything is served under, as on a host that is not ours alone. */
export const PREFIX = '/deep/sub/path/';

/** Whether an address is that of another host than the servers'. */
export function isForeign(address: string): boolean {
  const { hostname, protocol } = new URL(address);
  return protocol.startsWith('http') && hostname !== '127.0.0.1';
}

/** A folder that is being served. */
export interface Server {
  /** The address of the folder; ends with a slash. */
  readonly address: string;
  /** Ends the server. */
  stop(): void;
}

/** Serves `dir` on a free port. Rejects when the server ends before it has named its address. */
export function serve(dir: string): Promise<Server> {
  const child = spawn(xtask, ['serve', '--dir', dir, '--port', '0', '--prefix', PREFIX], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with code ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /http:\S+/.exec(line)?.[0];
      if (address !== undefined) {
        resolve({ address, stop: () => child.kill() });
      }
    });
  });
}
