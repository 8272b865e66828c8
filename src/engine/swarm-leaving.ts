import type { LiveNetwork } from '../domain/live.ts';
import type { LiveSwarm } from '../domain/live-swarm.ts';
import type { Engine } from './engine.ts';
import { inspectNetwork, listNetworks } from './networks.ts';
import { inspectSwarm } from './swarm.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';

const LOOK_MS = 100;
/** Then something else is wrong, which is told by what comes next. */
const BOUND_MS = 10_000;

/**
 * Whether an engine is amid joining or leaving a swarm, or amid letting go of a network of it, which it goes on with by itself where a run
 * was killed then. One that leaves says that it is in none some seconds before it has let go of its networks and of its ports, and a
 * manager still lists its own copy of a network that it has removed from the swarm: nothing can be put on it (measured on 20.10 and 28.5).
 */
export function isUnsettled({ state, cluster }: Pick<LiveSwarm, 'state' | 'cluster'>, networks: readonly LiveNetwork[]): boolean {
  if (state === 'pending') return true;
  const ofSwarm = networks.filter(({ scope }) => scope === 'swarm');
  if (state === 'inactive') return ofSwarm.some(({ name }) => name === 'ingress');
  // In a manager's list the swarm's own entries tell no containers, copies do, be they none.
  return cluster !== undefined && ofSwarm.some(({ raw }) => raw.Containers !== null && raw.Containers !== undefined);
}

/** Waits until an engine is done with that. */
export async function waitUntilSettled(engine: Engine, signal?: AbortSignal): Promise<void> {
  await lookUntil(engine, 'see it join or leave its swarm', signal, async () => {
    const [swarm, networks] = await Promise.all([inspectSwarm(engine, signal), listNetworks(engine, signal)]);
    return !isUnsettled(swarm, networks);
  });
}

/**
 * Waits until no other node gossips with this one. Of the last two engines of a swarm that leave at once one gives up its farewell after 1 s
 * (`timeout waiting for leave broadcast`); on 20.10 it then keeps port 7946, and needs a restart before it can be in a swarm again (9 of 11
 * times; never in 15 one after the other). Peers are told of a farewell before it is over: whoever leaves is waited for itself, too.
 */
export async function waitUntilAlone(engine: Engine, signal?: AbortSignal): Promise<void> {
  await lookUntil(engine, 'see the other nodes leave', signal, async () => {
    const peers = (await inspectNetwork(engine, 'ingress', signal))?.raw.Peers;
    return !Array.isArray(peers) || peers.length < 2;
  });
}

/** Waits until an engine has no copy of such a network of its swarm; it lets go of those that its manager has removed by itself. */
export async function waitUntilWithout(engine: Engine, isSuch: (network: LiveNetwork) => boolean, signal?: AbortSignal): Promise<void> {
  await lookUntil(engine, "see it let go of its swarm's networks", signal, async () => {
    const networks = await listNetworks(engine, signal);
    return !networks.some((network) => network.scope === 'swarm' && isSuch(network));
  });
}

async function lookUntil(engine: Engine, what: string, signal: AbortSignal | undefined, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + BOUND_MS;
  while (!(await isSo()) && performance.now() < deadline) await pauseBetweenLooks(engine, what, LOOK_MS, signal);
}
