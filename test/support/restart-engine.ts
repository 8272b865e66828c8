import { readFileSync } from 'node:fs';
import { pingSocket } from '../../src/lab/host.ts';
import { nodePaths } from '../../src/lab/names.ts';
import { startDetached } from '../../src/lab/processes.ts';
import type { EngineLab } from './engine-lab.ts';
import { waitUntil } from './wait-until.ts';

/** Ends the engine of a host as a service manager does, and starts it again on what it has; all else of the host lives on. */
export async function restartEngine(lab: EngineLab, host: string): Promise<void> {
  const { socket, log } = nodePaths(lab.name, host);
  const daemon = await lab.daemonOf(host);
  const shell = Number(/^\d+ \(.*\) . (\d+)/.exec(readFileSync(`/proc/${daemon}/stat`, 'utf8'))?.[1]);
  // The host's first process would end the host with its engine: it sleeps from here on.
  process.kill(shell, 'SIGSTOP');
  process.kill(daemon, 'SIGTERM');
  const stateOf = () => /\) (.)/.exec(readFileSync(`/proc/${daemon}/stat`, 'utf8'))?.[1] ?? '';
  await waitUntil('the engine to end', stateOf, (state) => state === 'Z', 30_000);
  startDetached({ lab: lab.name, node: host, log }, 'nsenter', ['-t', String(shell), '-a', 'dockerd']);
  await waitUntil(
    'the engine to answer again',
    () => pingSocket(socket),
    (version) => version !== undefined,
  );
}
