import type { Engine } from './engine.ts';
import { inspectNetwork } from './networks.ts';
import { inspectSwarm } from './swarm.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';

const LOOK_MS = 100;
/** Then something else is wrong, which is told by what comes next. */
const BOUND_MS = 10_000;

/**
 * Waits until an engine that leaves a swarm is done with it: it says that it is in none some seconds before it has let go of its networks
 * and of its ports (measured on 20.10). One whose `leave` was asked for by a run that was killed goes on by itself.
 */
export async function waitUntilLeft(engine: Engine, signal?: AbortSignal): Promise<void> {
  await lookUntil(engine, 'see it leave its swarm', signal, async () => {
    const [{ state }, ingress] = await Promise.all([inspectSwarm(engine, signal), inspectNetwork(engine, 'ingress', signal)]);
    return state !== 'inactive' || ingress?.scope !== 'swarm';
  });
}

/**
 * Waits until no other node gossips with this one. An engine that leaves while another is about to do so gives up on saying farewell, keeps
 * port 7946, and needs a restart before it can be in a swarm again (`timeout waiting for leave broadcast`; measured on 20.10).
 */
export async function waitUntilAlone(engine: Engine, signal?: AbortSignal): Promise<void> {
  await lookUntil(engine, 'see the other nodes leave', signal, async () => {
    const peers = (await inspectNetwork(engine, 'ingress', signal))?.raw.Peers;
    return !Array.isArray(peers) || peers.length < 2;
  });
}

async function lookUntil(engine: Engine, what: string, signal: AbortSignal | undefined, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + BOUND_MS;
  while (!(await isSo()) && performance.now() < deadline) await pauseBetweenLooks(engine, what, LOOK_MS, signal);
}
