import { ownershipOf } from './labels.ts';
import type { LiveNetwork } from './live.ts';
import { type Freshness, freshnessOf } from './select.ts';
import { selectRunHosts } from './select-run.ts';
import { CHANGE_MS, type ConsoleState, type HostState, type NetworkState } from './state.ts';

/** Whose it is: of the last run, of another project of ours, a user's own, or one that each engine has anyway. */
export type NetworkStanding = 'of-run' | 'ours' | 'foreign' | 'built-in';

export interface NetworkRow {
  /** `host/id`: unique across hosts, stable while the network lives. */
  readonly key: string;
  readonly host: string;
  readonly freshness: Freshness;
  readonly ageMs: number;
  /** The project that we made it for; undefined for a foreign one. */
  readonly project: string | undefined;
  readonly standing: NetworkStanding;
  readonly subnet: string;
  readonly changedLately: boolean;
  readonly live: LiveNetwork;
  readonly previous: LiveNetwork | undefined;
}

/** The networks that every engine makes for itself. */
const BUILT_IN = new Set(['bridge', 'host', 'none']);

/**
 * All networks of all hosts: those of the last run first, then our others, then the users', then what each engine has anyway. By name
 * within, so that namesakes stand together; of those the one on a host of the run first, then in the hosts' own order.
 */
export function selectNetworks(state: ConsoleState, now: number): readonly NetworkRow[] {
  const ofRun = selectRunHosts(state);
  const hosts = Object.values(state.hosts).toSorted((one, other) => Number(ofRun.has(other.name)) - Number(ofRun.has(one.name)));
  const place = new Map(hosts.map((host, index) => [host.name, index]));
  return hosts
    .flatMap((host) => {
      const projects = projectsOf(host);
      return Object.values(host.networks).map((network) => networkRow(network, { host, projects, now, run: state.run?.project }));
    })
    .sort(
      (one, other) =>
        ORDER.indexOf(one.standing) - ORDER.indexOf(other.standing) ||
        compare(one.live.name, other.live.name) ||
        (place.get(one.host) ?? 0) - (place.get(other.host) ?? 0) ||
        compare(one.key, other.key),
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
  if (users.size > 0) return run !== undefined && users.has(run) ? 'of-run' : 'ours';
  return BUILT_IN.has(name) ? 'built-in' : 'foreign';
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
