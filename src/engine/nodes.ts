import { PetsError } from '../domain/errors.ts';
import type { SwarmNode } from '../domain/live-swarm.ts';
import { cleanRecord, cleanText } from '../domain/text.ts';
import { ARCHITECTURES } from './describe.ts';
import type { Engine } from './engine.ts';
import { callEngine, findOnEngine } from './request.ts';
import { pauseBetweenLooks } from './swarm-pause.ts';
import { updateOnSwarm } from './swarm-update.ts';

interface NodeAnswer {
  readonly ID: string;
  readonly Spec?: NodeSpec;
  readonly Description?: {
    readonly Hostname?: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Engine?: { readonly EngineVersion?: string };
  };
  readonly Status?: { readonly State?: string; readonly Addr?: string };
  readonly ManagerStatus?: { readonly Leader?: boolean; readonly Reachability?: string; readonly Addr?: string } | null;
}

interface NodeSpec {
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Role?: string;
  readonly Availability?: string;
}

const READY_MS = 20_000;
const POLL_MS = 100;

/** The nodes as `docker node ls` tells them, managers first, then by host name. @throws SWARM_REQUIRED */
export async function listNodes(engine: Engine, signal?: AbortSignal): Promise<SwarmNode[]> {
  const request = { what: "list the swarm's nodes", method: 'GET', path: '/nodes' } as const;
  const nodes = (await callEngine<readonly NodeAnswer[]>(engine, request, signal)).map(readNode);
  const isWorker = ({ managerStatus }: SwarmNode) => Number(managerStatus === undefined);
  return nodes.sort(
    (one, other) =>
      isWorker(one) - isWorker(other) || one.hostname.localeCompare(other.hostname, 'en') || one.id.localeCompare(other.id, 'en'),
  );
}

/** Sets labels of a node, and leaves its others; undefined removes one. @throws OBJECT_MISSING, SWARM_REQUIRED */
export async function updateNodeLabels(
  engine: Engine,
  id: string,
  labels: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<void> {
  const merge = (spec: NodeSpec): NodeSpec => {
    const merged = Object.entries({ ...spec.Labels, ...labels }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return { ...spec, Labels: Object.fromEntries(merged) };
  };
  await updateOnSwarm(engine, { what: `label node ${id}`, path: nodePath(id) }, merge, signal);
}

/** `drain` moves its tasks away, `pause` takes no new ones. @throws OBJECT_MISSING, SWARM_REQUIRED */
export async function setNodeAvailability(
  engine: Engine,
  id: string,
  availability: SwarmNode['availability'],
  signal?: AbortSignal,
): Promise<void> {
  const what = `set node ${id} to ${availability}`;
  await updateOnSwarm<NodeSpec>(engine, { what, path: nodePath(id) }, (spec) => ({ ...spec, Availability: availability }), signal);
}

/** Takes a node off the swarm's list once it has left; with `force` one that is still up, too. One that is gone already is as good. */
export async function removeNode(engine: Engine, id: string, { force }: { readonly force: boolean }, signal?: AbortSignal): Promise<void> {
  await findOnEngine(engine, { what: `remove node ${id}`, method: 'DELETE', path: nodePath(id), query: { force } }, signal);
}

/**
 * Waits until the manager calls all these nodes ready, and returns the swarm's nodes.
 * @throws NOT_READY after 20 s, with what stood there instead
 */
export async function waitUntilNodesReady(engine: Engine, ids: readonly string[], signal?: AbortSignal): Promise<readonly SwarmNode[]> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const nodes = await listNodes(engine, signal);
    const missing = ids.filter((id) => !nodes.some((node) => node.id === id && node.state === 'ready'));
    if (missing.length === 0) return nodes;
    if (performance.now() > deadline) {
      const states = missing.map((id) => `${id} is ${nodes.find((node) => node.id === id)?.state ?? 'not listed'}`);
      throw new PetsError('NOT_READY', {
        message: `${engine.name}: nodes of its swarm are not ready after ${READY_MS / 1000} s: ${states.join(', ')}`,
        hint: 'see them: docker node ls; between hosts 2377/tcp, 7946/tcp and udp and 4789/udp must be open',
      });
    }
    await pauseBetweenLooks(engine, "see the swarm's nodes ready", POLL_MS, signal);
  }
}

function nodePath(id: string): string {
  return `/nodes/${encodeURIComponent(id)}`;
}

function readNode({ ID: id, Spec, Description, Status, ManagerStatus }: NodeAnswer): SwarmNode {
  const { Architecture = '', OS = '' } = Description?.Platform ?? {};
  return {
    id,
    hostname: cleanText(Description?.Hostname ?? ''),
    state: readState(Status?.State),
    availability: Spec?.Availability === 'drain' || Spec?.Availability === 'pause' ? Spec.Availability : 'active',
    managerStatus: ManagerStatus ? readManagerStatus(ManagerStatus) : undefined,
    address: addressOf(Status?.Addr, ManagerStatus?.Addr),
    platform: `${cleanText(OS)}/${cleanText(ARCHITECTURES[Architecture] ?? Architecture)}`,
    engineVersion: cleanText(Description?.Engine?.EngineVersion ?? ''),
    labels: cleanRecord(Spec?.Labels),
  };
}

function readState(state: string | undefined): SwarmNode['state'] {
  return state === 'ready' || state === 'down' || state === 'disconnected' ? state : 'unknown';
}

function readManagerStatus({ Leader, Reachability }: NonNullable<NodeAnswer['ManagerStatus']>): SwarmNode['managerStatus'] {
  if (Leader === true) return 'leader';
  return Reachability === 'reachable' ? 'reachable' : 'unreachable';
}

/** Some engines tell `0.0.0.0` of a manager: then the address that its peers reach it at. */
function addressOf(address = '', managerAddress = ''): string {
  const told = address === '' || address === '0.0.0.0' ? managerAddress.replace(/:\d+$/, '') : address;
  return cleanText(told);
}
