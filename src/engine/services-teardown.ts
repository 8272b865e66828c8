import { PetsError } from '../domain/errors.ts';
import { cleanText } from '../domain/text.ts';
import { removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { inspectNetwork, removeNetwork } from './networks.ts';
import { callEngine } from './request.ts';
import { removeService } from './services-change.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';

/** What is to go from a swarm, all of it by ID: a namesake may stand there by then. */
export interface SwarmRemains {
  readonly services: readonly string[];
  readonly networks: readonly string[];
}

/** Docker's own label on the container of a task. */
const SERVICE_LABEL = 'com.docker.swarm.service.id';
const LOOK_MS = 100;
const BOUND_MS = 60_000;

/**
 * Removes services and networks so that they can be made again at once: the tasks' containers are not given their grace period (10 s),
 * and it ends when each of these engines has neither a container of them nor a copy of the networks (0.5 s; measured on 20.10). Engines of
 * the swarm that are left out keep theirs until Docker removes them.
 * @throws NETWORK_IN_USE with who is attached, SWARM_REQUIRED, what any of the engines throws
 */
export async function tearDownOnSwarm(
  manager: Engine,
  engines: readonly Engine[],
  remains: SwarmRemains,
  signal?: AbortSignal,
): Promise<void> {
  await Promise.all(remains.services.map((id) => removeService(manager, id, signal)));
  const deadline = performance.now() + BOUND_MS;
  for (;;) {
    // A task that was being prepared makes its container now: look again each time.
    const cleared = await Promise.all(engines.map((engine) => removeTasksOf(engine, remains.services, signal)));
    const refusals = await Promise.all(remains.networks.map((id) => tryRemoveNetwork(manager, id, signal)));
    const copies = (await Promise.all(engines.map((engine) => copiesOn(engine, remains.networks, signal)))).flat();
    if (cleared.every((count) => count === 0) && copies.length === 0) return;
    if (performance.now() > deadline) throw lingering(manager, copies, refusals);
    await pauseBetweenLooks(manager, 'see its networks go', LOOK_MS, signal);
  }
}

/** How many containers of the services' tasks there were. */
async function removeTasksOf(engine: Engine, services: readonly string[], signal: AbortSignal | undefined): Promise<number> {
  if (services.length === 0) return 0;
  // Two labels in a filter would both have to be there.
  const query = { all: true, filters: JSON.stringify({ label: [SERVICE_LABEL] }) };
  const request = { what: 'list containers of tasks', method: 'GET', path: '/containers/json', query } as const;
  const listed = await callEngine<readonly { readonly Id: string; readonly Labels: Readonly<Record<string, string>> }[]>(
    engine,
    request,
    signal,
  );
  const ours = listed.filter(({ Labels }) => services.includes(Labels[SERVICE_LABEL] ?? ''));
  await Promise.all(ours.map(({ Id }) => removeContainer(engine, Id, signal)));
  return ours.length;
}

/** The manager refuses as long as it knows of a task. Of one that only it still has a copy of, it says 500: not found (measured on 20.10). */
async function tryRemoveNetwork(manager: Engine, id: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    await removeNetwork(manager, id, signal);
    return '';
  } catch (error) {
    if (error instanceof PetsError && error.code === 'NETWORK_MISSING') return '';
    if (!(error instanceof PetsError) || error.code !== 'NETWORK_IN_USE') throw error;
    return error.message;
  }
}

async function copiesOn(engine: Engine, networks: readonly string[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  const copies = await Promise.all(networks.map((id) => inspectNetwork(engine, id, signal)));
  return copies.flatMap((network) => {
    if (network === undefined) return [];
    const attached = network.endpoints
      .filter(({ containerId }) => !containerId.startsWith('lb-'))
      .map(({ containerName }) => containerName);
    return `${engine.name} still has network ${network.name}${attached.length === 0 ? '' : `, attached: ${attached.join(', ')}`}`;
  });
}

function lingering(manager: Engine, copies: readonly string[], refusals: readonly string[]): PetsError {
  const told = [...copies, ...refusals].filter((each) => each !== '').map((each) => cleanText(each));
  return new PetsError('NETWORK_IN_USE', {
    message: `${manager.name}: after ${BOUND_MS / 1000} s not all of the swarm's networks are gone: ${told.join('; ')}`,
    hint: 'see who is attached, on each host: docker network inspect NETWORK',
  });
}
