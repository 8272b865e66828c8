import type { HeldAddress } from './ipam.ts';
import { ownershipOf } from './labels.ts';
import type { LiveNetwork } from './live.ts';
import { SWARM } from './scenario.ts';
import { type Freshness, freshnessOf } from './select.ts';
import { selectRunHosts } from './select-run.ts';
import { type SwarmRow, selectSwarms } from './select-swarm.ts';
import { CHANGE_MS, type ConsoleState, type HostState, type NetworkState } from './state.ts';
import { heldOnSwarm } from './swarm-addresses.ts';
import { taskNameOf } from './swarm-task-name.ts';

/** Whose it is: of the last run, of another project of ours, a user's own, or one that each engine has anyway. */
export type NetworkStanding = 'of-run' | 'ours' | 'foreign' | 'built-in';

export interface NetworkRow {
  /** `host/id`: unique across hosts, stable while the network lives. */
  readonly key: string;
  /** `SWARM` for a network that a swarm's hosts share. */
  readonly host: string;
  /** The hosts that have it; of a swarm's network those that told of it. */
  readonly hosts: readonly string[];
  readonly freshness: Freshness;
  readonly ageMs: number;
  /** Nodes of its swarm of which it is not known now which addresses they hold: what is told of it is a lower bound. */
  readonly unheard: readonly string[];
  /** Of a swarm's network: who holds which address, on whichever host. */
  readonly holds: readonly HeldAddress[] | undefined;
  /** The project that we made it for; undefined for a foreign one. */
  readonly project: string | undefined;
  readonly standing: NetworkStanding;
  readonly subnet: string;
  readonly changedLately: boolean;
  /** Of a swarm's network: as one of the hosts tells it, with the endpoints of all. */
  readonly live: LiveNetwork;
  readonly previous: LiveNetwork | undefined;
}

/** The networks that every engine makes for itself. */
const BUILT_IN = new Set(['bridge', 'host', 'none']);
/** Those that it makes once it is in a swarm: every task is on them, so whoever is says nothing of whose they are. */
const OF_SWARM = new Set(['ingress', 'docker_gwbridge']);

/**
 * All networks of all hosts, a swarm's once: those of the last run first, then our others, then the users', then what each engine has anyway. By name
 * within, so that namesakes stand together; of those the one on a host of the run first, then in the hosts' own order.
 */
export function selectNetworks(state: ConsoleState, now: number): readonly NetworkRow[] {
  const ofRun = selectRunHosts(state);
  const hosts = Object.values(state.hosts).toSorted((one, other) => Number(ofRun.has(other.name)) - Number(ofRun.has(one.name)));
  const place = new Map(hosts.map((host, index) => [host.name, index]));
  const rows = hosts.flatMap((host) => {
    const projects = projectsOf(host);
    return Object.values(host.networks).map((network) => networkRow(network, { host, projects, now, run: state.run?.project }));
  });
  const shared = Map.groupBy(
    rows.filter(({ live }) => live.scope === 'swarm'),
    ({ live }) => live.id,
  );
  const { swarms } = selectSwarms(state, now);
  return [
    ...rows.filter(({ live }) => live.scope !== 'swarm'),
    ...[...shared.values()].flatMap((copies) => sharedRow(copies, state, swarms) ?? []),
  ].toSorted(
    (one, other) =>
      ORDER.indexOf(one.standing) - ORDER.indexOf(other.standing) ||
      compare(one.live.name, other.live.name) ||
      (place.get(one.host) ?? 0) - (place.get(other.host) ?? 0) ||
      compare(one.key, other.key),
  );
}

/** One row of what several hosts tell of the same network. */
function sharedRow(copies: readonly NetworkRow[], { hosts }: ConsoleState, swarms: readonly SwarmRow[]): NetworkRow | undefined {
  const [best] = copies.toSorted((one, other) => TRUST.indexOf(one.freshness) - TRUST.indexOf(other.freshness));
  if (best === undefined) return undefined;
  const among = copies.map(({ host }) => host);
  const swarm = swarms.find(({ nodes }) => nodes.some((node) => node.host !== undefined && among.includes(node.host)));
  const told = copies.map(({ host, live }) => ({ host, live, taskNames: taskNamesOf(hosts[host]) }));
  return {
    ...best,
    key: `${SWARM}/${best.live.id}`,
    host: SWARM,
    hosts: among,
    standing: ORDER.find((standing) => copies.some((copy) => copy.standing === standing)) ?? best.standing,
    changedLately: copies.some(({ changedLately }) => changedLately),
    unheard: unheardOf(copies, swarm),
    holds: heldOnSwarm(best.live.id, told, swarm),
    live: { ...best.live, endpoints: copies.flatMap(({ live }) => live.endpoints) },
    previous: best.previous && { ...best.previous, endpoints: copies.flatMap(({ live, previous }) => (previous ?? live).endpoints) },
  };
}

const TRUST: readonly Freshness[] = ['live', 'stale', 'down', 'connecting'];

/** A node that is no host of ours is never heard, and without a manager nobody knows which nodes there are. */
function unheardOf(copies: readonly NetworkRow[], swarm: SwarmRow | undefined): readonly string[] {
  const silent = copies.flatMap(({ host, freshness }) => (freshness === 'live' ? [] : [host]));
  if (swarm === undefined) return ['its managers', ...silent];
  const strangers = swarm.nodes.flatMap(({ host, hostname, state }) => (host === undefined && state === 'ready' ? [hostname] : []));
  return [...new Set([...(swarm.freshness === 'live' ? [] : [swarm.toldBy]), ...silent, ...strangers])];
}

function taskNamesOf(host: HostState | undefined): ReadonlyMap<string, string> {
  return new Map(
    Object.values(host?.containers ?? {}).flatMap(({ id, labels }): [string, string][] => {
      const name = taskNameOf(labels);
      return name === undefined ? [] : [[id, name]];
    }),
  );
}

const ORDER: readonly NetworkStanding[] = ['of-run', 'ours', 'foreign', 'built-in'];

/** The projects of the containers of ours on a host, by the container's ID. */
function projectsOf({ containers }: HostState): ReadonlyMap<string, string> {
  return new Map(
    Object.values(containers).flatMap(({ id, labels }): [string, string][] => {
      const project = ownershipOf(labels)?.project;
      return project === undefined ? [] : [[id, project]];
    }),
  );
}

interface Surroundings {
  readonly host: HostState;
  readonly projects: ReadonlyMap<string, string>;
  readonly now: number;
  readonly run: string | undefined;
}

function networkRow(network: NetworkState, { host, projects, now, run }: Surroundings): NetworkRow {
  const { live, previous } = network;
  const project = ownershipOf(live.labels)?.project;
  // Docker's default bridge carries no label of ours, yet whoever runs on it makes it part of the picture.
  const users = new Set(
    [project, ...live.endpoints.map(({ containerId }) => projects.get(containerId))].filter((each) => each !== undefined),
  );
  return {
    key: `${host.name}/${live.id}`,
    host: host.name,
    hosts: [host.name],
    unheard: [],
    holds: undefined,
    freshness: freshnessOf(host, now),
    ageMs: Math.max(0, now - host.lastSeenAt),
    project,
    standing: standingOf(live.name, users, run),
    subnet: live.pools[0]?.subnet ?? '',
    changedLately: previous !== undefined && now - network.inspectedAt < CHANGE_MS,
    live,
    previous,
  };
}

function standingOf(name: string, users: ReadonlySet<string>, run: string | undefined): NetworkStanding {
  if (OF_SWARM.has(name)) return 'built-in';
  if (users.size > 0) return run !== undefined && users.has(run) ? 'of-run' : 'ours';
  return BUILT_IN.has(name) ? 'built-in' : 'foreign';
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
