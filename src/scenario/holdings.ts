import { LABEL, type Labels, type Ownership, ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';
import type { SwarmService } from '../domain/live-swarm.ts';
import type { Wish } from '../domain/scenario.ts';
import { resourceOf } from './wishes.ts';

/** A live thing of the project, with what its labels say. */
export interface Owned<T> {
  readonly live: T;
  readonly owner: Ownership;
}

/** What a project has on one engine, by its labels alone. What belongs to a swarm, its managers hold: `swarmHoldingsOf`. */
export interface Holdings {
  /** Without an engine's copies of the networks of its swarm. */
  readonly networks: readonly Owned<LiveNetwork>[];
  /** What a swarm that was left with a kill has left of `GATEWAY_BRIDGE`; as long as there is one, it belongs to that. */
  readonly leftBridges: readonly Owned<LiveNetwork>[];
  /** Without those of tasks, as long as there is a swarm that would run another one in their place. */
  readonly containers: readonly Owned<LiveContainer>[];
  /** Those of tasks: they go with their services. */
  readonly tasks: readonly Owned<LiveContainer>[];
  readonly sidecars: readonly Owned<LiveContainer>[];
}

/** Every node of a swarm has one, on which its tasks reach their host. Docker makes it where there is none, and never removes it. */
export const GATEWAY_BRIDGE = 'docker_gwbridge';

export function holdingsOf(engine: LiveEngine, project: string): Holdings {
  const containers = ownedBy(project, engine.containers);
  const inSwarm = engine.swarm === undefined || engine.swarm.swarm.state !== 'inactive';
  const workloads = containers.filter(({ live }) => !isSidecar(live));
  const isRunBySwarm = ({ live }: Owned<LiveContainer>): boolean => inSwarm && isTask(live);
  const networks = ownedBy(project, engine.networks).filter(({ live }) => live.scope !== 'swarm');
  return {
    networks: networks.filter(({ live }) => live.name !== GATEWAY_BRIDGE),
    leftBridges: inSwarm ? [] : networks.filter(({ live }) => live.name === GATEWAY_BRIDGE),
    containers: workloads.filter((owned) => !isRunBySwarm(owned)),
    tasks: workloads.filter(isRunBySwarm),
    sidecars: containers.filter(({ live }) => isSidecar(live)),
  };
}

/** What a project has in a swarm, as one of its managers tells. */
export interface SwarmHoldings {
  readonly networks: readonly Owned<LiveNetwork>[];
  readonly services: readonly Owned<SwarmService>[];
}

export function swarmHoldingsOf(manager: LiveEngine, project: string): SwarmHoldings {
  // For a moment after it left, an engine still lists networks of a swarm that is none any more.
  if (manager.swarm?.swarm.cluster === undefined) return { networks: [], services: [] };
  return {
    networks: ownedBy(project, manager.networks).filter(({ live }) => live.scope === 'swarm'),
    services: ownedBy(project, manager.swarm.services),
  };
}

/** Docker's own labels on the container of a task. */
const SERVICE_ID = 'com.docker.swarm.service.id';

/** The service whose task a container is; undefined of any other container. */
export function serviceIdOf({ labels }: Pick<LiveContainer, 'labels'>): string | undefined {
  return labels[SERVICE_ID];
}

function isTask(container: LiveContainer): boolean {
  return serviceIdOf(container) !== undefined;
}

/** Containers that keep a network from being removed, or lose it with it. */
export function containersOn(engine: LiveEngine, network: LiveNetwork): readonly LiveContainer[] {
  const endpoints = new Set(network.endpoints.map(({ containerId }) => containerId));
  return engine.containers.filter(
    ({ id, networks }) => endpoints.has(id) || Object.values(networks).some(({ networkId }) => networkId === network.id),
  );
}

/** Whether it holds an endpoint: a stopped container does not, and cannot keep a network alive. */
export function isActive({ state }: LiveContainer): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

/** Aliases without the one that the engine gives itself, the short ID. */
export function ownAliases(container: LiveContainer, network: string): readonly string[] {
  const aliases = container.networks[network]?.aliases ?? [];
  return aliases.filter((alias) => alias !== container.name && alias !== container.id.slice(0, 12));
}

/** Ours is what bears the resource's label; of several, the one with the right name. */
export function findOwned<T extends { readonly name: string }>(things: readonly Owned<T>[], wish: Wish): T | undefined {
  const ours = things.filter(({ owner }) => owner.resource === resourceOf(wish)).map(({ live }) => live);
  return ours.find(({ name }) => name === wish.name) ?? ours[0];
}

function ownedBy<T extends { readonly labels: Labels }>(project: string, things: readonly T[]): readonly Owned<T>[] {
  return things.flatMap((live) => {
    const owner = ownershipOf(live.labels);
    return owner?.project === project ? [{ live, owner }] : [];
  });
}

function isSidecar({ labels }: LiveContainer): boolean {
  return labels[LABEL.sidecar] !== undefined;
}
