import { LABEL, type Labels, type Ownership, ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine, LiveNetwork } from '../domain/live.ts';

/** A live thing of the project, with what its labels say. */
export interface Owned<T> {
  readonly live: T;
  readonly owner: Ownership;
}

/** What a project has on one engine, by its labels alone. */
export interface Holdings {
  readonly networks: readonly Owned<LiveNetwork>[];
  readonly containers: readonly Owned<LiveContainer>[];
  readonly sidecars: readonly Owned<LiveContainer>[];
}

export function holdingsOf(engine: LiveEngine, project: string): Holdings {
  const containers = ownedBy(project, engine.containers);
  return {
    networks: ownedBy(project, engine.networks),
    containers: containers.filter(({ live }) => !isSidecar(live)),
    sidecars: containers.filter(({ live }) => isSidecar(live)),
  };
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

function ownedBy<T extends { readonly labels: Labels }>(project: string, things: readonly T[]): readonly Owned<T>[] {
  return things.flatMap((live) => {
    const owner = ownershipOf(live.labels);
    return owner?.project === project ? [{ live, owner }] : [];
  });
}

function isSidecar({ labels }: LiveContainer): boolean {
  return labels[LABEL.sidecar] !== undefined;
}
