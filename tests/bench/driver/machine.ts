// The machine by its parts, and who uses it: Linux tells in /proc, other systems leave these numbers out.

import { readdirSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** What the results were measured on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
}

/** This machine. */
export function machine(): Machine {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? 'unknown', cores: all.length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
}

/** A reading of the machine's clocks. */
export interface Clocks {
  /** All time and busy time of the machine, in ticks. */
  total: number;
  busy: number;
  /** Time of this program and all that it started, in ticks. */
  own: number;
  /** CPU time of what it started alone, in ms, finer than a tick. */
  childrenMs: number;
}

interface Process {
  id: number;
  parent: number;
  ticks: number;
}

function processes(): Process[] {
  const all: Process[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) {
      continue;
    }
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name, in parentheses, may hold spaces.
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [parent = 0, user = 0, system = 0] = [fields[1], fields[11], fields[12]];
      all.push({ id: Number(name), parent, ticks: user + system });
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
}

/** Nanoseconds that the threads of a process have run. */
function threadTime(id: number): number {
  let sum = 0;
  try {
    for (const thread of readdirSync(`/proc/${id}/task`)) {
      sum += Number(readFileSync(`/proc/${id}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    }
  } catch {
    // It has ended meanwhile.
  }
  return sum;
}

/** Reads the clocks; undefined where there is no /proc. */
export function clocks(): Clocks | undefined {
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    const total = ticks.reduce((sum, value) => sum + value, 0);
    const all = processes();
    const own = new Set([process.pid]);
    // Parents are listed before their children, except where numbers have wrapped.
    for (let size = 0; size !== own.size; ) {
      size = own.size;
      all.filter(({ parent }) => own.has(parent)).forEach(({ id }) => own.add(id));
    }
    const mine = all.filter(({ id }) => own.has(id));
    return {
      total,
      busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0),
      own: mine.reduce((sum, process) => sum + process.ticks, 0),
      childrenMs: mine.reduce((sum, { id }) => sum + (id === process.pid ? 0 : threadTime(id)), 0) / 1e6,
    };
  } catch {
    return undefined;
  }
}

/** Share of the machine that other programs used between two readings. */
export function othersShare(before: Clocks | undefined, after: Clocks | undefined): number | undefined {
  if (!before || !after || after.total === before.total) {
    return undefined;
  }
  return Math.max(0, (after.busy - before.busy - (after.own - before.own)) / (after.total - before.total));
}
