import type { Failure } from './errors.ts';
import type { EventOf, TenantOutline } from './events.ts';
import { CHANGE_MS, type ConsoleState, type HitBucket, type TenantState } from './state.ts';

/** A rate is the mean over this many seconds: short enough to feel live, long enough to read. */
export const RATE_SECONDS = 10;
/** Seconds of hits that the longest sparkline shows. */
export const SPARKLINE_SECONDS = 60;
/** How long the loss of counts stays worth saying. */
export const WENT_BACK_MS = 60_000;
/** Characters of an ID that Docker shows, and gives a container as its host name. */
const SHORT_ID = 12;

export interface TenantRow {
  readonly outline: TenantOutline;
  /** `gone`: its counter fell silent because its containers are no more, as after a take-down. */
  readonly status: TenantState['status'] | 'gone';
  readonly failure: Failure | undefined;
  /** Undefined until the database was read once: unknown is not zero. */
  readonly total: number | undefined;
  /** Since the counter was last heard, where it is not heard now: the total is at least that old. */
  readonly silentMs: number | undefined;
  /** Undefined while the counter is not heard. */
  readonly ratePerSecond: number | undefined;
  readonly lastHitAgoMs: number | undefined;
  readonly lastContainer: string | undefined;
  /** By name; `share` is of the busiest, for bars. */
  readonly containers: readonly { readonly name: string; readonly hits: number; readonly share: number }[];
  readonly sending: boolean;
  readonly lastSent: EventOf<'hits.sent'> | undefined;
  /** The database lost counts a short while ago. */
  readonly wentBack: boolean;
  /** That is new; so is what the last hits came to. */
  readonly wentBackLately: boolean;
  readonly sentLately: boolean;
  readonly buckets: readonly HitBucket[];
}

/** The tenants in the order they were first watched. */
export function selectTenants(state: ConsoleState, now: number): readonly TenantRow[] {
  const nameOf = containerNames(state);
  return Object.values(state.tenants).map((tenant) => ({
    outline: tenant.outline,
    status: tenant.status === 'lost' && !stands(state, tenant) ? 'gone' : tenant.status,
    failure: tenant.failure,
    total: tenant.total,
    silentMs: tenant.silentSince === undefined ? undefined : Math.max(0, now - tenant.silentSince),
    ratePerSecond: tenant.status === 'live' ? sum(selectHistory(tenant.buckets, now, RATE_SECONDS)) / RATE_SECONDS : undefined,
    lastHitAgoMs: tenant.lastHitAt === undefined ? undefined : Math.max(0, now - tenant.lastHitAt),
    lastContainer: tenant.lastContainer === undefined ? undefined : nameOf(tenant.lastContainer),
    containers: containersOf(tenant, nameOf),
    sending: tenant.sending,
    lastSent: tenant.lastSent,
    wentBack: tenant.wentBackAt !== undefined && now - tenant.wentBackAt < WENT_BACK_MS,
    wentBackLately: tenant.wentBackAt !== undefined && now - tenant.wentBackAt < CHANGE_MS,
    sentLately: tenant.lastSent !== undefined && now - tenant.lastSent.at < CHANGE_MS,
    buckets: tenant.buckets,
  }));
}

/** Hits of each of the last `seconds` seconds, oldest first; the last one is the second that is still running. */
export function selectHistory(buckets: readonly HitBucket[], now: number, seconds: number): readonly number[] {
  const newest = Math.floor(now / 1000);
  const history = new Array<number>(Math.max(0, seconds)).fill(0);
  for (const bucket of buckets) {
    const index = seconds - 1 - (newest - bucket.second);
    if (index >= 0 && index < seconds) history[index] = bucket.hits;
  }
  return history;
}

/** Whether any host still has the tenant's database or web container, running or not; a swarm's tasks carry the service's name in theirs. */
function stands(state: ConsoleState, { outline }: TenantState): boolean {
  const names = [outline.db, outline.web];
  return Object.values(state.hosts).some((host) =>
    Object.values(host.containers).some(({ name }) => names.some((each) => name === each || name.startsWith(`${each}.`))),
  );
}

/**
 * A web server counts for its host name, which Docker makes the short ID: people know the container by its name. One that is
 * gone keeps its ID, so that two of one name never merge.
 */
function containerNames(state: ConsoleState): (countedFor: string) => string {
  const containers = Object.values(state.hosts).flatMap((host) => Object.values(host.containers));
  const names = new Map(containers.map(({ id, name }) => [id.slice(0, SHORT_ID), name]));
  return (countedFor) => names.get(countedFor) ?? countedFor;
}

function containersOf(tenant: TenantState, nameOf: (countedFor: string) => string): TenantRow['containers'] {
  const counts = Object.entries(tenant.byContainer).map(([countedFor, hits]) => [nameOf(countedFor), hits] as const);
  const most = Math.max(1, ...counts.map(([, hits]) => hits));
  return counts
    .map(([name, hits]) => ({ name, hits, share: hits / most }))
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
