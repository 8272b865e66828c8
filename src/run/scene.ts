import type { AgentPool } from '../agent/agent-pool.ts';
import type { Failure } from '../domain/errors.ts';
import { type Ownership, ownershipOf } from '../domain/labels.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { SwarmPicture } from '../domain/live-swarm.ts';
import { own } from '../domain/own.ts';
import type { BoundHost, Scenario } from '../domain/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { type Place, type PlaceAddress, placesOn, virtualIpsOf } from './places.ts';
import { surveyHosts } from './survey.ts';
import type { VerbRequest } from './verb-request.ts';

/** Everything that a verdict needs: where each service runs, and how to ask from there. */
export interface Scene {
  readonly scenario: Scenario;
  readonly hosts: readonly BoundHost[];
  readonly engines: ReadonlyMap<string, Engine>;
  /**
   * Running containers of the project by service name, of a swarm's service all its tasks in their order; what is not ours never gets in,
   * so no agent is started beside it.
   */
  readonly placed: ReadonlyMap<string, readonly Place[]>;
  /** Where the swarm takes connections for its services, by their names; none with dnsrr. */
  readonly virtualIps: ReadonlyMap<string, readonly PlaceAddress[]>;
  /** The swarm as the first of its managers tells that answered; undefined where none did, and where the scenario needs none. */
  readonly swarm: SwarmView | undefined;
  /** Why a host said nothing of what it holds, by its name. */
  readonly silent: ReadonlyMap<string, Failure>;
  /** Whose an agent on a host itself is. */
  readonly ownership: Ownership;
  readonly agents: AgentPool;
  readonly signal: AbortSignal;
}

export interface SwarmView {
  /** The host that told: where `docker service` works. */
  readonly toldBy: string;
  readonly picture: SwarmPicture;
}

type SceneRequest = Pick<VerbRequest, 'engines' | 'lost' | 'hosts' | 'project' | 'agents' | 'signal' | 'run'>;

/** Where the scenario's services run now. A host that does not answer takes none of the others along. @throws INTERRUPTED */
export async function readScene(scenario: Scenario, request: SceneRequest): Promise<Scene> {
  const { hosts, project, agents, signal, run, engines } = request;
  const { live, silent } = await surveyHosts(hosts, request, [], signal, { swarm: scenario.needsSwarm });
  const swarm = viewOfSwarm(live);
  const everywhere = live.flatMap((engine) => placesOn(engine, { scenario, project, picture: swarm?.picture }));
  const placed = Map.groupBy(everywhere, ({ service }) => service);
  for (const [service, places] of placed) placed.set(service, chosenOf(places, own(scenario.services, service)?.on));
  const hostsLabel = everywhere.map(({ container }) => ownershipOf(container.labels)?.hosts).find((label) => label !== undefined);
  const ownership = { project, scenario: scenario.name, resource: 'sidecar/host', spec: '', run, hosts: hostsLabel ?? '' };
  const virtualIps = virtualIpsOf(swarm?.picture, live, project);
  return { scenario, hosts, engines, placed, virtualIps, swarm, silent, ownership, agents, signal };
}

function viewOfSwarm(live: readonly LiveEngine[]): SwarmView | undefined {
  for (const { host: toldBy, swarm: picture } of live) {
    // A manager without a leader tells nothing of its swarm.
    if (picture?.swarm.isManager && picture.swarm.cluster !== undefined) return { toldBy, picture };
  }
  return undefined;
}

/** Of a swarm's service each task; of any other the container at home: one that runs elsewhere, from another binding of the roles, only where there is none. */
function chosenOf(places: readonly Place[], home: string | undefined): Place[] {
  if (places.some(({ isTask }) => isTask)) return places.toSorted((one, other) => one.slot - other.slot);
  const [first, ...others] = places;
  const chosen = places.find(({ host }) => host === home) ?? first;
  return chosen === undefined ? others : [chosen];
}
