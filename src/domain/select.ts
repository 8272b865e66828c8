import type { Failure } from './errors.ts';
import type { HostDescription } from './events.ts';
import { type Labels, ownershipOf } from './labels.ts';
import type { LiveSwarm } from './live-swarm.ts';
import { SWARM } from './scenario.ts';
import type { ConsoleState, HostState } from './state.ts';

/** How far what is shown about a host can be trusted; `connecting`: it was asked for the first time and has not answered yet. */
export type Freshness = 'connecting' | 'live' | 'stale' | 'down';

/** An engine is asked every few seconds; one that stayed silent this long shows the age of what it said last. */
export const STALE_AFTER_MS = 10_000;

export interface HostRow {
  readonly name: string;
  readonly freshness: Freshness;
  /** Since the engine was last heard; undefined when it never was. */
  readonly ageMs: number | undefined;
  readonly engineVersion: string;
  readonly apiVersion: string;
  readonly latencyMs: number;
  readonly endpoint: string;
  readonly address: string;
  readonly source: string;
  readonly readOnly: boolean;
  /** What it is in its swarm; undefined where it is in none, or never said. */
  readonly swarm: SwarmRole | undefined;
  /** Undefined until the engine told of itself. */
  readonly description: HostDescription | undefined;
  readonly failure: Failure | undefined;
}

export type SwarmRole = 'manager' | 'leader' | 'worker' | Exclude<LiveSwarm['state'], 'inactive' | 'active'>;

/** The hosts in the order they were first heard of. */
export function selectHosts(state: ConsoleState, now: number): readonly HostRow[] {
  return Object.values(state.hosts).map((host) => ({
    name: host.name,
    freshness: freshnessOf(host, now),
    ageMs: host.lastSeenAt === 0 ? undefined : Math.max(0, now - host.lastSeenAt),
    engineVersion: host.engineVersion,
    apiVersion: host.apiVersion,
    latencyMs: host.latencyMs,
    endpoint: host.endpoint,
    address: host.address,
    source: host.source,
    readOnly: host.readOnly,
    swarm: swarmRoleOf(host),
    description: host.description,
    failure: host.failure,
  }));
}

function swarmRoleOf({ swarm: told }: HostState): SwarmRole | undefined {
  if (told === undefined) return undefined;
  const { swarm, nodes } = told.picture;
  if (swarm.state === 'inactive') return undefined;
  if (swarm.state !== 'active') return swarm.state;
  if (!swarm.isManager) return 'worker';
  return nodes.find(({ id }) => id === swarm.nodeId)?.managerStatus === 'leader' ? 'leader' : 'manager';
}

export function freshnessOf(host: HostState, now: number): Freshness {
  if (!host.connected) return host.failure === undefined && host.lastSeenAt === 0 ? 'connecting' : 'down';
  return now - host.lastSeenAt > STALE_AFTER_MS ? 'stale' : 'live';
}

/** What a project holds on one host, or on the swarm as a whole: what taking it down would remove. */
export interface Holding {
  /** `SWARM` for what belongs to no single host. */
  readonly host: string;
  readonly freshness: Freshness;
  readonly services: number;
  /** Those of tasks are their hosts'. */
  readonly containers: number;
  readonly networks: number;
}

/** Every host that holds something of the project, by label: names prove nothing. Last what its swarm holds. */
export function selectHoldings(state: ConsoleState, project: string, now: number): readonly Holding[] {
  const hosts = Object.values(state.hosts);
  const isOf = ({ labels }: { readonly labels: Labels }) => ownershipOf(labels)?.project === project;
  const networksOf = (host: HostState, isShared: boolean) =>
    Object.values(host.networks).filter(({ live }) => (live.scope === 'swarm') === isShared && isOf(live));
  const onHosts = hosts.map((host) => ({
    host: host.name,
    freshness: freshnessOf(host, now),
    services: 0,
    containers: Object.values(host.containers).filter(isOf).length,
    networks: networksOf(host, false).length,
  }));
  const shared = new Set(hosts.flatMap((host) => networksOf(host, true).map(({ live }) => live.id)));
  const managers = hosts.filter(({ swarm }) => swarm?.picture.swarm.isManager === true);
  const services = new Set(managers.flatMap(({ swarm }) => (swarm?.picture.services ?? []).filter(isOf).map(({ id }) => id)));
  const freshness = managers.some((host) => freshnessOf(host, now) === 'live') ? 'live' : 'stale';
  const onSwarm = { host: SWARM, freshness, services: services.size, containers: 0, networks: shared.size } as const;
  return [...onHosts, onSwarm].filter((holding) => holding.services + holding.containers + holding.networks > 0);
}
