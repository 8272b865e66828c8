import type { Failure } from './errors.ts';
import type { HostDescription } from './events.ts';
import { ownershipOf } from './labels.ts';
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
  /** Undefined until the engine told of itself. */
  readonly description: HostDescription | undefined;
  readonly failure: Failure | undefined;
}

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
    description: host.description,
    failure: host.failure,
  }));
}

export function freshnessOf(host: HostState, now: number): Freshness {
  if (!host.connected) return host.failure === undefined && host.lastSeenAt === 0 ? 'connecting' : 'down';
  return now - host.lastSeenAt > STALE_AFTER_MS ? 'stale' : 'live';
}

/** What a project holds on one host: what taking it down would remove. */
export interface Holding {
  readonly host: string;
  readonly freshness: Freshness;
  readonly containers: number;
  readonly networks: number;
}

/** Every host that holds something of the project, by label: names prove nothing. */
export function selectHoldings(state: ConsoleState, project: string, now: number): readonly Holding[] {
  return Object.values(state.hosts)
    .map((host) => ({
      host: host.name,
      freshness: freshnessOf(host, now),
      containers: Object.values(host.containers).filter((container) => ownershipOf(container.labels)?.project === project).length,
      networks: Object.values(host.networks).filter((network) => ownershipOf(network.live.labels)?.project === project).length,
    }))
    .filter((holding) => holding.containers + holding.networks > 0);
}
