import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import type { SwarmService } from '../domain/live-swarm.ts';
import { cleanText } from '../domain/text.ts';
import { removeContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { inspectNetwork, removeNetwork } from './networks.ts';
import { listNodes } from './nodes.ts';
import { callEngine } from './request.ts';
import { listServices } from './services.ts';
import { removeService } from './services-change.ts';
import { inspectSwarm } from './swarm.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';

/** What is to go from a swarm, all of it by ID: a namesake may stand there by then. */
export interface SwarmRemains {
  readonly services: readonly string[];
  readonly networks: readonly string[];
}

/** Docker's own labels on the container of a task. */
const SERVICE_LABEL = 'com.docker.swarm.service.id';
const NODE_LABEL = 'com.docker.swarm.node.id';
const LOOK_MS = 100;
const BOUND_MS = 60_000;
/** Copies go within half a second: from here on it is asked whether the nodes that have one are there at all. */
const LATE_MS = 3_000;

/**
 * Removes services and networks so that they can be made again at once: the tasks' containers are not given their grace period (10 s),
 * and it ends when each of these engines has neither a container of them nor a copy of the networks (0.5 s; measured on 20.10).
 * What a removal left that was broken off goes, too. An engine that fails amid it stops nothing: its failure is thrown when the rest is
 * gone. Engines of the swarm that are left out keep theirs until Docker removes them, a node that is down until it is back.
 * @throws NETWORK_IN_USE with who uses it, NOT_READY where a node that is down has copies, SWARM_REQUIRED, what an engine throws
 */
export async function tearDownOnSwarm(
  manager: Engine,
  engines: readonly Engine[],
  remains: SwarmRemains,
  signal?: AbortSignal,
): Promise<void> {
  await Promise.all(remains.services.map((id) => removeService(manager, id, signal)));
  const staying = await listServices(manager, signal);
  const users = staying.filter(({ networkIds }) => networkIds.some((id) => remains.networks.includes(id)));
  const used = new Set(users.flatMap(({ networkIds }) => networkIds));
  const networks = remains.networks.filter((id) => !used.has(id));
  const each = askEach(engines);
  await clear(manager, each, { ...remains, networks, staying: new Set(staying.map(({ id }) => id)) }, signal);
  if (users.length > 0) {
    const kept = remains.networks.filter((id) => used.has(id));
    throw await inUse(manager, kept, users);
  }
  const [failure] = each.failures;
  if (failure !== undefined) throw failure;
}

interface Goes extends SwarmRemains {
  readonly staying: ReadonlySet<string>;
}

/** Engines that are asked together, and no more once they failed. */
interface Each {
  readonly ask: <Answer>(question: (engine: Engine) => Promise<Answer>) => Promise<Answer[]>;
  readonly failures: readonly PetsError[];
}

function askEach(engines: readonly Engine[]): Each {
  const asked = new Set(engines);
  const failures: PetsError[] = [];
  return {
    failures,
    ask: async <Answer>(question: (engine: Engine) => Promise<Answer>) => {
      const answers: Answer[] = [];
      const askOne = async (engine: Engine) => {
        try {
          answers.push(await question(engine));
        } catch (error) {
          if (!(error instanceof PetsError) || error.code === 'INTERRUPTED') throw error;
          asked.delete(engine);
          failures.push(error);
        }
      };
      await Promise.all(Array.from(asked, askOne));
      return answers;
    },
  };
}

async function clear(manager: Engine, each: Each, goes: Goes, signal: AbortSignal | undefined): Promise<void> {
  const beganAt = performance.now();
  for (;;) {
    // A task that was being prepared makes its container now: look again each time.
    const cleared = await each.ask((engine) => removeTasksOf(engine, goes, signal));
    const refusals = await Promise.all(goes.networks.map((id) => tryRemoveNetwork(manager, id, signal)));
    const copies = (await each.ask((engine) => copiesOn(engine, goes.networks, signal))).flat();
    if (cleared.every((count) => count === 0) && copies.length === 0 && refusals.every((refusal) => refusal === '')) return;
    const elapsedMs = performance.now() - beganAt;
    if (elapsedMs > LATE_MS) await refuseAbsent(manager, copies, signal);
    if (elapsedMs > BOUND_MS) throw lingering(manager, copies, refusals);
    await pauseBetweenLooks(manager, 'see its networks go', LOOK_MS, signal);
  }
}

/** How many containers of tasks there were: of these services, and on these networks of services that went before. */
async function removeTasksOf(engine: Engine, { services, networks, staying }: Goes, signal: AbortSignal | undefined): Promise<number> {
  const listed = await listTaskContainers(engine, SERVICE_LABEL, signal);
  const ours = listed.filter(({ Labels, NetworkSettings }) => {
    const service = Labels[SERVICE_LABEL] ?? '';
    if (services.includes(service)) return true;
    const attachments = Object.values(NetworkSettings?.Networks ?? {});
    return !staying.has(service) && attachments.some(({ NetworkID = '' }) => networks.includes(NetworkID));
  });
  await Promise.all(ours.map(({ Id }) => removeContainer(engine, Id, signal)));
  return ours.length;
}

/** Removes the containers of tasks that were started on a node and whose labels say that they are such; those that have ended, too. */
export async function removeTasksOfNode(
  engine: Engine,
  nodeId: string,
  isSuch: (labels: Labels) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const listed = await listTaskContainers(engine, `${NODE_LABEL}=${nodeId}`, signal);
  await Promise.all(listed.filter((container) => isSuch(container.Labels)).map(({ Id }) => removeContainer(engine, Id, signal)));
}

function listTaskContainers(engine: Engine, label: string, signal: AbortSignal | undefined): Promise<readonly ListedContainer[]> {
  const query = { all: true, filters: JSON.stringify({ label: [label] }) };
  const request = { what: 'list containers of tasks', method: 'GET', path: '/containers/json', query } as const;
  return callEngine<readonly ListedContainer[]>(engine, request, signal);
}

interface ListedContainer {
  readonly Id: string;
  readonly Labels: Labels;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, { readonly NetworkID?: string }>> | null };
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

/** A network of the swarm that an engine still has. */
interface Copy {
  readonly engine: Engine;
  readonly network: string;
  readonly attached: readonly string[];
}

async function copiesOn(engine: Engine, networks: readonly string[], signal: AbortSignal | undefined): Promise<readonly Copy[]> {
  const copies = await Promise.all(networks.map((id) => inspectNetwork(engine, id, signal)));
  return copies.flatMap((network) => {
    if (network === undefined) return [];
    // Each node's own `lb-NETWORK` holds up nothing.
    const attached = network.endpoints.filter(({ containerId }) => !containerId.startsWith('lb-'));
    return [{ engine, network: network.name, attached: attached.map(({ containerName }) => containerName) }];
  });
}

/** A worker takes its copies away when its manager tells it to, and by no other word (measured on 20.10). */
async function refuseAbsent(manager: Engine, copies: readonly Copy[], signal: AbortSignal | undefined): Promise<void> {
  if (copies.length === 0) return;
  const nodes = await listNodes(manager, signal);
  const ready = new Set(nodes.filter(({ state }) => state === 'ready').map(({ id }) => id));
  const absent: Copy[] = [];
  for (const copy of copies) if (!ready.has((await inspectSwarm(copy.engine, signal)).nodeId)) absent.push(copy);
  const [first] = absent;
  if (first === undefined || absent.length < copies.length) return;
  throw new PetsError('NOT_READY', {
    message: `${absent.map(describeCopy).join('; ')}: the swarm does not reach ${absent.length === 1 ? 'that node' : 'those nodes'}`,
    hint: `the engine removes it by itself when its node is back: docker node ls on ${manager.name}`,
  });
}

function describeCopy({ engine, network, attached }: Copy): string {
  return `${engine.name} still has network ${network}${attached.length === 0 ? '' : `, attached: ${attached.join(', ')}`}`;
}

function lingering(manager: Engine, copies: readonly Copy[], refusals: readonly string[]): PetsError {
  const told = [...copies.map(describeCopy), ...refusals].filter((each) => each !== '').map((each) => cleanText(each));
  return new PetsError('NETWORK_IN_USE', {
    message: `${manager.name}: after ${BOUND_MS / 1000} s not all of the swarm's networks are gone: ${told.join('; ')}`,
    hint: 'see who is attached, on each host: docker network inspect NETWORK',
  });
}

async function inUse(manager: Engine, ids: readonly string[], users: readonly SwarmService[]): Promise<PetsError> {
  const names = await Promise.all(ids.map(async (id) => (await inspectNetwork(manager, id))?.name ?? id));
  return new PetsError('NETWORK_IN_USE', {
    message: `${manager.name}: ${names.join(', ')} cannot be removed: in use by services that stay: ${users.map(({ name }) => name).join(', ')}`,
    hint: `see whose they are: docker service inspect ${users[0]?.name}`,
  });
}
