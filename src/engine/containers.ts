import { PetsError } from '../domain/errors.ts';
import type { Labels } from '../domain/labels.ts';
import type { LiveContainer } from '../domain/live.ts';
import { isOwnImage } from '../domain/own-images.ts';
import type { ContainerWish, PublishedPort } from '../domain/scenario.ts';
import type { ContainerAnswer } from './container-answer.ts';
import { readContainer } from './container-answer.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './errors.ts';
import { connectNetwork, endpointConfig } from './networks.ts';
import type { EngineRequest } from './request.ts';
import { callEngine, findOnEngine } from './request.ts';
import { shownName } from './shown-name.ts';

/** A start waits for the network, the ports and the runtime: about 400 ms, much longer on a busy host. */
const START_MS = 60_000;
/** 200 force-removes at once took 24 s. */
const REMOVE_MS = 60_000;
/** What `docker stop` waits before it kills. */
const STOP_GRACE_S = 10;
/** Inspects at once: an engine answers each in 2 to 4 ms. */
const INSPECTS_AT_ONCE = 8;

/** Every container of an engine, stopped ones too, each inspected: a list has no aliases, exit codes or start times. */
export async function listContainers(engine: Engine, signal?: AbortSignal): Promise<LiveContainer[]> {
  const request = { what: 'list containers', method: 'GET', path: '/containers/json', query: { all: true } } as const;
  const listed = await callEngine<readonly { readonly Id: string }[]>(engine, request, signal);
  const containers: LiveContainer[] = [];
  const queue = listed.values();
  const inspectNext = async () => {
    for (const { Id } of queue) {
      const container = await inspectContainer(engine, Id, signal);
      // One that went between list and inspect is simply gone.
      if (container !== undefined) containers.push(container);
    }
  };
  await Promise.all(Array.from({ length: INSPECTS_AT_ONCE }, inspectNext));
  return containers.sort((left, right) => left.name.localeCompare(right.name, 'en') || left.id.localeCompare(right.id, 'en'));
}

/** One container, or undefined where there is none of that name or ID. An engine tells of one that starts once it has started, not before. */
export async function inspectContainer(engine: Engine, idOrName: string, signal?: AbortSignal): Promise<LiveContainer | undefined> {
  const request = { what: `inspect container ${shownName(idOrName)}`, method: 'GET', path: `${containerPath(idOrName)}/json` } as const;
  const container = await findOnEngine<ContainerAnswer>(engine, { ...request, deadlineMs: START_MS }, signal);
  return container && readContainer(container);
}

/**
 * Makes a container, attached to all its networks, and returns its ID. It does what `docker run` does; images of ours are hardened too.
 * @throws NAME_TAKEN, IMAGE_MISSING, NETWORK_MISSING, ADDRESS_TAKEN, ADDRESS_OUTSIDE_SUBNET
 */
export async function createContainer(engine: Engine, wish: ContainerWish, labels: Labels, signal?: AbortSignal): Promise<string> {
  const [first, ...further] = wish.networks;
  const body = {
    Image: wish.image,
    ...(wish.command.length === 0 ? {} : { Cmd: wish.command }),
    Env: Object.entries(wish.environment).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    ExposedPorts: Object.fromEntries(wish.ports.map((port) => [portKey(port), {}])),
    HostConfig: {
      NetworkMode: first?.network ?? 'default',
      PortBindings: portBindings(wish.ports),
      ExtraHosts: wish.extraHosts,
      ...(isOwnImage(wish.image) ? HARDENED : {}),
    },
    NetworkingConfig: first === undefined ? {} : { EndpointsConfig: { [first.network]: endpointConfig(first) } },
  };
  const request = { what: `create container ${wish.name}`, method: 'POST', path: '/containers/create', query: { name: wish.name }, body };
  const { Id } = await callEngine<{ readonly Id: string }>(engine, request as EngineRequest, signal);
  try {
    // Engines before 25 take one network at create.
    for (const attachment of further) await connectNetwork(engine, attachment.network, Id, attachment, signal);
  } catch (error) {
    await removeContainer(engine, Id).catch(() => undefined);
    throw error;
  }
  return Id;
}

/** Our own images need none of this; anybody else's might. */
const HARDENED = { ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] };

/** @throws PORT_TAKEN, ADDRESS_TAKEN, NO_ADDRESS_LEFT, NETWORK_MISSING */
export async function startContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  await changeContainer(engine, id, 'start', { deadlineMs: START_MS }, signal);
}

export async function unpauseContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  await changeContainer(engine, id, 'unpause', {}, signal);
}

/** Asks it to end, and kills it after ten seconds. */
export async function stopContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  await changeContainer(engine, id, 'stop', { query: { t: STOP_GRACE_S }, deadlineMs: (STOP_GRACE_S + 10) * 1000 }, signal);
}

/** Kills and removes a container with its anonymous volumes; one that is gone already, or on its way, is as good. */
export async function removeContainer(engine: Engine, id: string, signal?: AbortSignal): Promise<void> {
  const query = { force: true, v: true };
  const request = {
    what: `remove container ${shownName(id)}`,
    method: 'DELETE',
    path: containerPath(id),
    query,
    deadlineMs: REMOVE_MS,
  } as const;
  try {
    await findOnEngine(engine, request, signal);
  } catch (error) {
    if (!isBeingRemoved(error)) throw error;
    await waitUntilRemoved(engine, id, signal);
  }
}

function isBeingRemoved(error: unknown): boolean {
  return statusOf(error) === 409 && error instanceof PetsError && /removal of container .* is already in progress/.test(error.message);
}

async function waitUntilRemoved(engine: Engine, id: string, signal: AbortSignal | undefined): Promise<void> {
  const query = { condition: 'removed' };
  const request = {
    what: `see container ${shownName(id)} go`,
    method: 'POST',
    path: `${containerPath(id)}/wait`,
    query,
    deadlineMs: REMOVE_MS,
  } as const;
  await findOnEngine(engine, request, signal);
}

async function changeContainer(
  engine: Engine,
  id: string,
  verb: 'start' | 'stop' | 'unpause',
  options: Pick<EngineRequest, 'query' | 'deadlineMs'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  await callEngine(
    engine,
    { what: `${verb} container ${shownName(id)}`, method: 'POST', path: `${containerPath(id)}/${verb}`, ...options },
    signal,
  );
}

function containerPath(idOrName: string): string {
  return `/containers/${encodeURIComponent(idOrName)}`;
}

function portKey({ targetPort, protocol }: PublishedPort): string {
  return `${targetPort}/${protocol}`;
}

/** One container port may be published several times. */
function portBindings(ports: readonly PublishedPort[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const bound = bindings[portKey(port)] ?? [];
    bindings[portKey(port)] = [...bound, { HostIp: port.hostIp, HostPort: String(port.publishedPort) }];
  }
  return bindings;
}
