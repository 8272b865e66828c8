import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodePaths } from '../../src/lab/names.ts';
import type { EngineLab } from './engine-lab.ts';
import { restartEngine } from './restart-engine.ts';

/** 7946 as the kernel writes it, and the state of a socket that listens. */
const LISTENS = /:1F0A [0-9A-F]+:0000 0A /;
const LOOK_MS = 100;
/** An engine that leaves a swarm says that it is in none up to 2 s before it has closed the port. */
const BOUND_MS = 5_000;

/**
 * Waits until no engine that left its swarm holds the port of its gossip any more. Docker 20.10 keeps it for good where its farewell to the
 * others took more than 1 s (about one leave in a hundred): only a restart of the engine frees it, and that is done here, so that one
 * test's swarm cannot fail the next.
 */
export async function freeGossipPort(lab: EngineLab, host: string): Promise<void> {
  const daemon = await lab.daemonOf(host);
  const isHeld = () => ['tcp', 'tcp6'].some((table) => LISTENS.test(readFileSync(`/proc/${daemon}/net/${table}`, 'utf8')));
  for (const deadline = performance.now() + BOUND_MS; isHeld() && performance.now() < deadline; ) await sleep(LOOK_MS);
  if (!isHeld()) return;
  const said = readFileSync(nodePaths(lab.name, host).log, 'utf8')
    .split('\n')
    .filter((line) => /memberlist|gossip|Could not close/.test(line));
  console.warn(
    `${lab.name}: the engine of ${host} left its swarm and keeps port 7946; it is restarted. It said:\n${said.slice(-8).join('\n')}`,
  );
  await restartEngine(lab, host);
}
