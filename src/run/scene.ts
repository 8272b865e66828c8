import type { AgentPool } from '../agent/agent-pool.ts';
import type { Failure } from '../domain/errors.ts';
import { type Ownership, ownershipOf } from '../domain/labels.ts';
import type { LiveContainer, LiveEngine } from '../domain/live.ts';
import { own } from '../domain/own.ts';
import type { BoundHost, Scenario } from '../domain/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { surveyHosts } from './survey.ts';
import type { VerbRequest } from './verb-request.ts';

/** Everything that a verdict needs: where each service runs, and how to ask from there. */
export interface Scene {
  readonly scenario: Scenario;
  readonly hosts: readonly BoundHost[];
  readonly engines: ReadonlyMap<string, Engine>;
  /** Running containers of the project by service name; what is not ours never gets in, so no agent is started beside it. */
  readonly placed: ReadonlyMap<string, Place>;
  /** Why a host said nothing of what it holds, by its name. */
  readonly silent: ReadonlyMap<string, Failure>;
  /** Whose an agent on a host itself is. */
  readonly ownership: Ownership;
  readonly agents: AgentPool;
  readonly signal: AbortSignal;
}

export interface Place {
  readonly host: string;
  readonly container: LiveContainer;
  readonly addresses: readonly ContainerAddress[];
}

interface ContainerAddress {
  readonly address: string;
  /** On the physical network, where every host reaches it: macvlan. Any other leads nowhere from outside its host. */
  readonly isOnUnderlay: boolean;
}

type SceneRequest = Pick<VerbRequest, 'engines' | 'lost' | 'hosts' | 'project' | 'agents' | 'signal' | 'run'>;

/** Where the scenario's services run now. A host that does not answer takes none of the others along. @throws INTERRUPTED */
export async function readScene(scenario: Scenario, request: SceneRequest): Promise<Scene> {
  const { hosts, project, agents, signal, run, engines } = request;
  const { live, silent } = await surveyHosts(hosts, request, [], signal);
  const placed = new Map<string, Place>();
  for (const engine of live) {
    for (const container of engine.containers) {
      const ownership = ownershipOf(container.labels);
      const service = /^container\/(.+)$/.exec(ownership?.resource ?? '')?.[1];
      if (ownership?.project !== project || service === undefined || container.state !== 'running') continue;
      // One that runs elsewhere too, from another binding of the roles, is not the one that is meant.
      const isAtHome = own(scenario.services, service)?.on === engine.host;
      if (isAtHome || !placed.has(service)) placed.set(service, placeOf(engine, container));
    }
  }
  const hostsLabel = [...placed.values()].map(({ container }) => ownershipOf(container.labels)?.hosts).find((label) => label !== undefined);
  const ownership = { project, scenario: scenario.name, resource: 'sidecar/host', spec: '', run, hosts: hostsLabel ?? '' };
  return { scenario, hosts, engines, placed, silent, ownership, agents, signal };
}

function placeOf({ host, networks }: LiveEngine, container: LiveContainer): Place {
  const driverOf = new Map(networks.map(({ id, driver }) => [id, driver]));
  const addresses = Object.values(container.networks).map(({ networkId, ipv4Address }) => ({
    address: ipv4Address,
    isOnUnderlay: driverOf.get(networkId) === 'macvlan',
  }));
  return { host, container, addresses: addresses.filter(({ address }) => address !== '') };
}

/** A server names itself by its host name, the short ID of its container: people know it by the service's name. */
export function serviceOf(servedBy: string | undefined, { placed }: Scene): string {
  const known = [...placed].find(([, { container }]) => servedBy !== undefined && servedBy !== '' && container.id.startsWith(servedBy));
  return known?.[0] ?? servedBy ?? 'an unnamed server';
}

/** `docker logs cat-db`, with the host where there are several. */
export function commandAt(service: string, command: string, { scenario, placed, hosts }: Scene): string {
  const host = placed.get(service)?.host ?? own(scenario.services, service)?.on;
  return hosts.length > 1 && host !== undefined ? `on ${host}: ${command}` : command;
}
