import { ownershipOf } from './labels.ts';
import type { LiveNetwork } from './live.ts';
import { type Freshness, freshnessOf } from './select.ts';
import { CHANGE_MS, type ConsoleState, type HostState, type NetworkState } from './state.ts';

export interface NetworkRow {
  /** `host/id`: unique across hosts, stable while the network lives. */
  readonly key: string;
  readonly host: string;
  readonly freshness: Freshness;
  readonly ageMs: number;
  /** The project that we made it for; undefined for a foreign one. */
  readonly project: string | undefined;
  readonly subnet: string;
  readonly changedLately: boolean;
  readonly live: LiveNetwork;
  readonly previous: LiveNetwork | undefined;
}

/** The networks that every engine makes for itself. */
const BUILT_IN = new Set(['bridge', 'host', 'none']);

/** All networks of all hosts: ours first, then the users', then what each engine has anyway; by name within. */
export function selectNetworks(state: ConsoleState, now: number): readonly NetworkRow[] {
  return Object.values(state.hosts)
    .flatMap((host) => Object.values(host.networks).map((network) => networkRow(host, network, now)))
    .sort((one, other) => rank(one) - rank(other) || compare(one.live.name, other.live.name) || compare(one.key, other.key));
}

function networkRow(host: HostState, network: NetworkState, now: number): NetworkRow {
  const { live, previous } = network;
  return {
    key: `${host.name}/${live.id}`,
    host: host.name,
    freshness: freshnessOf(host, now),
    ageMs: Math.max(0, now - host.lastSeenAt),
    project: ownershipOf(live.labels)?.project,
    subnet: live.pools[0]?.subnet ?? '',
    changedLately: previous !== undefined && now - network.inspectedAt < CHANGE_MS,
    live,
    previous,
  };
}

function rank(row: NetworkRow): number {
  if (row.project !== undefined) return 0;
  return BUILT_IN.has(row.live.name) ? 2 : 1;
}

/** By code unit: the same order on every machine, whatever its locale. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
