import { readFileSync } from 'node:fs';
import { pingSocket } from '../../src/lab/host.ts';
import { nodePaths, processMark } from '../../src/lab/names.ts';
import { findMarked, startDetached } from '../../src/lab/processes.ts';
import type { EngineLab } from './engine-lab.ts';
import { waitUntil } from './wait-until.ts';

/** Ends the engine of a host as a service manager does, and starts it again on what it has; all else of the host lives on. */
export async function restartEngine(lab: EngineLab, host: string): Promise<void> {
  const { socket, log } = nodePaths(lab.name, host);
  const daemon = await lab.daemonOf(host);
  const marked = await findMarked(processMark(lab.name, host));
  // An engine that was started again is no child of it any more, so it is told by its own number there.
  const first = marked.find((pid) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  if (first === undefined) throw new Error(`${host} has no first process among ${marked.join(', ')}`);
  // It would end the host with its engine: it sleeps from here on.
  process.kill(first, 'SIGSTOP');
  process.kill(daemon, 'SIGTERM');
  await waitUntil(
    'the engine to end',
    () => hasEnded(daemon),
    (ended) => ended,
    30_000,
  );
  startDetached({ lab: lab.name, node: host, log }, 'nsenter', ['-t', String(first), '-a', 'dockerd']);
  await waitUntil(
    'the engine to answer again',
    () => pingSocket(socket),
    (version) => version !== undefined,
  );
}

/** Gone, or still to be buried by a parent that sleeps. */
function hasEnded(pid: number): boolean {
  try {
    return /\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
