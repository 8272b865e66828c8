import { ownershipOf } from './labels.ts';
import type { SwarmNode, SwarmPicture, SwarmService, SwarmTask } from './live-swarm.ts';
import { convergenceOf } from './live-swarm-convergence.ts';
import { type Freshness, freshnessOf } from './select.ts';
import type { ConsoleState, HostState } from './state.ts';
import { cleanText } from './text.ts';

/** One swarm, as the manager tells that was heard last. */
export interface SwarmRow {
  readonly id: string;
  /** The host whose engine told. */
  readonly toldBy: string;
  readonly freshness: Freshness;
  readonly ageMs: number;
  /** The project that we made it for; undefined for a swarm that was there before us. */
  readonly project: string | undefined;
  readonly converged: boolean;
  readonly nodes: readonly SwarmNodeRow[];
  readonly services: readonly SwarmServiceRow[];
  readonly tasks: readonly SwarmTaskRow[];
}

export interface SwarmNodeRow extends SwarmNode {
  /** The host of ours that it is; undefined for a node that no host of the inventory is. */
  readonly host: string | undefined;
}

export interface SwarmServiceRow extends SwarmService {
  readonly project: string | undefined;
  readonly running: number;
  readonly desired: number;
  readonly converged: boolean;
  /** Of the service as a whole, of none of its tasks; empty where there is none. */
  readonly problem: string;
}

/** The newest task of each slot, or node. */
export interface SwarmTaskRow extends SwarmTask {
  /** `dog-web.1`; of a global service, which has no slots, the service's own name. */
  readonly name: string;
  /** The host that it is placed on: its name here, else that of its node; empty where there is none yet. */
  readonly place: string;
  /** Of a task that is tried again, what its forerunner failed of. */
  readonly problem: string;
}

/** A host of which no swarm above tells: in none, a worker of managers that tell nothing, or a manager that is locked or has no leader. */
export interface OutsideRow {
  readonly host: string;
  readonly freshness: Freshness;
  readonly state: SwarmPicture['swarm']['state'];
  /** Docker's own words for what is wrong there. */
  readonly error: string;
  readonly isManager: boolean;
  readonly managerAddresses: readonly string[];
}

export interface SwarmsView {
  readonly swarms: readonly SwarmRow[];
  readonly outside: readonly OutsideRow[];
  /** Hosts that never told of a swarm: unknown, which is not none. */
  readonly unknown: readonly string[];
}

/** Every swarm that a host of ours manages, once, whichever of its managers are among the hosts. */
export function selectSwarms(state: ConsoleState, now: number): SwarmsView {
  const hosts = Object.values(state.hosts);
  const told = hosts.flatMap((host) => (host.swarm === undefined ? [] : [{ host, ...host.swarm }]));
  const hostOfNode = new Map(told.flatMap(({ host, picture }) => (picture.swarm.nodeId === '' ? [] : [[picture.swarm.nodeId, host.name]])));
  const swarms = [...Map.groupBy(told, ({ picture }) => picture.swarm.cluster?.id ?? '')].flatMap(([id, views]) => {
    const [best] = id === '' ? [] : views.toSorted(byTrust);
    return best === undefined ? [] : swarmRow(id, best, { hostOfNode, now });
  });
  const inside = new Set(swarms.flatMap(({ nodes }) => nodes.map((node) => node.host)));
  return {
    swarms,
    outside: told.filter(({ host }) => !inside.has(host.name)).map(({ host, picture }) => outsideRow(host, picture, now)),
    unknown: hosts.filter(({ swarm }) => swarm === undefined).map(({ name }) => name),
  };
}

interface Told {
  readonly host: HostState;
  readonly picture: SwarmPicture;
  readonly inspectedAt: number;
}

/** One that answers before one that does not, the latest first. */
function byTrust(one: Told, other: Told): number {
  return Number(other.host.connected) - Number(one.host.connected) || other.inspectedAt - one.inspectedAt;
}

interface Surroundings {
  readonly hostOfNode: ReadonlyMap<string, string>;
  readonly now: number;
}

function swarmRow(id: string, { host, picture }: Told, { hostOfNode, now }: Surroundings): SwarmRow {
  const { swarm, nodes, services, tasks } = picture;
  const hostnames = new Map(nodes.map((node) => [node.id, node.hostname]));
  const placeOf = (nodeId: string) => hostOfNode.get(nodeId) ?? hostnames.get(nodeId) ?? cleanText(nodeId);
  const judged = services.map((service) => ({ service, ...convergenceOf(service, tasks) }));
  return {
    id,
    toldBy: host.name,
    freshness: freshnessOf(host, now),
    // A picture is told where it differs: it holds for as long as its engine was heard.
    ageMs: Math.max(0, now - host.lastSeenAt),
    project: ownershipOf(swarm.cluster?.labels)?.project,
    converged: judged.every(({ converged }) => converged),
    nodes: nodes.map((node) => ({ ...node, host: hostOfNode.get(node.id) })),
    services: judged.map(({ service, running, desired, converged, problems }) => {
      const problem = problems.find(({ taskId }) => taskId === '')?.error ?? '';
      return { ...service, project: ownershipOf(service.labels)?.project, running, desired, converged, problem };
    }),
    tasks: judged.flatMap(({ service, current, problems }) =>
      current
        .toSorted((one, other) => one.slot - other.slot || compare(placeOf(one.nodeId), placeOf(other.nodeId)))
        .map((task) => ({
          ...task,
          name: task.slot === 0 ? service.name : `${service.name}.${task.slot}`,
          place: placeOf(task.nodeId),
          problem: problems.find(({ taskId }) => taskId === task.id)?.error ?? '',
        })),
    ),
  };
}

function outsideRow(host: HostState, { swarm }: SwarmPicture, now: number): OutsideRow {
  const { state, error, isManager, managerAddresses } = swarm;
  return { host: host.name, freshness: freshnessOf(host, now), state, error, isManager, managerAddresses };
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
