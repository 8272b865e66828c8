import type { Failure } from './errors.ts';
import type { EventOf, TenantOutline } from './events.ts';
import { ownershipOf } from './labels.ts';
import type { LiveContainer } from './live.ts';
import { CHANGE_MS, type ConsoleState, type HitBucket, type TenantState } from './state.ts';
import { isOfTask, taskNameOf } from './swarm-task-name.ts';

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
  /** `cat`; with its project, `cat · pets`, where tenants of several projects share the name. */
  readonly label: string;
  /** Its place among all that were ever watched: what its hue is chosen by. */
  readonly place: number;
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
  /** By name, then host; `share` is of the busiest, for bars. */
  readonly containers: readonly TenantContainer[];
  readonly sending: boolean;
  readonly lastSent: EventOf<'hits.sent'> | undefined;
  /** The database lost counts a short while ago. */
  readonly wentBack: boolean;
  /** That is new; so is what the last hits came to. */
  readonly wentBackLately: boolean;
  readonly sentLately: boolean;
  readonly buckets: readonly HitBucket[];
}

export interface TenantContainer {
  readonly name: string;
  /** Undefined where no host has it any more. */
  readonly host: string | undefined;
  /** It serves no longer: a swarm keeps the containers of tasks that it has replaced. */
  readonly isOver: boolean;
  readonly hits: number;
  readonly share: number;
}

/** The tenants of the last run first, each part in the order in which they were first watched. */
export function selectTenants(state: ConsoleState, now: number): readonly TenantRow[] {
  const placeOf = containerPlaces(state);
  const tenants = Object.values(state.tenants);
  const isOther = ({ outline }: TenantRow) => Number(state.run?.tenants.includes(outline.id) !== true);
  const rows = tenants.map(
    (tenant, place): TenantRow => ({
      outline: tenant.outline,
      label: labelOf(tenant.outline, tenants),
      place,
      status: tenant.status === 'lost' && !stands(state, tenant) ? 'gone' : tenant.status,
      failure: tenant.failure,
      total: tenant.total,
      silentMs: tenant.silentSince === undefined ? undefined : Math.max(0, now - tenant.silentSince),
      ratePerSecond: tenant.status === 'live' ? sum(selectHistory(tenant.buckets, now, RATE_SECONDS)) / RATE_SECONDS : undefined,
      lastHitAgoMs: tenant.lastHitAt === undefined ? undefined : Math.max(0, now - tenant.lastHitAt),
      lastContainer: tenant.lastContainer === undefined ? undefined : sayPlace(placeOf(tenant.lastContainer)),
      containers: containersOf(tenant, placeOf),
      sending: tenant.sending,
      lastSent: tenant.lastSent,
      wentBack: tenant.wentBackAt !== undefined && now - tenant.wentBackAt < WENT_BACK_MS,
      wentBackLately: tenant.wentBackAt !== undefined && now - tenant.wentBackAt < CHANGE_MS,
      sentLately: tenant.lastSent !== undefined && now - tenant.lastSent.at < CHANGE_MS,
      buckets: tenant.buckets,
    }),
  );
  return rows.toSorted((one, other) => isOther(one) - isOther(other));
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

function labelOf({ name, project }: TenantOutline, tenants: readonly TenantState[]): string {
  const namesakes = tenants.filter(({ outline }) => outline.name === name && outline.project !== project);
  return namesakes.length === 0 ? name : `${name} · ${project}`;
}

/** Whether any host still has the tenant's database or web container, running or not; a swarm's tasks carry the service's name in theirs. */
function stands(state: ConsoleState, { outline }: TenantState): boolean {
  const names = [outline.db, outline.web];
  return Object.values(state.hosts).some((host) =>
    Object.values(host.containers).some(
      ({ name, labels }) =>
        ownershipOf(labels)?.project === outline.project && names.some((each) => name === each || name.startsWith(`${each}.`)),
    ),
  );
}

interface Place extends Pick<TenantContainer, 'name' | 'host' | 'isOver'> {
  readonly isTask: boolean;
}

/**
 * A web server counts for its host name, which Docker makes the short ID: people know the container by its name, that of a task by the
 * task's. One that is gone keeps its ID, so that two of one name never merge.
 */
function containerPlaces(state: ConsoleState): (countedFor: string) => Place {
  const places = new Map(
    Object.values(state.hosts).flatMap((host) =>
      Object.values(host.containers).map((container): [string, Place] => [container.id.slice(0, SHORT_ID), placeOn(host.name, container)]),
    ),
  );
  return (countedFor) => places.get(countedFor) ?? { name: countedFor, host: undefined, isOver: true, isTask: false };
}

function placeOn(host: string, { name, labels, state }: LiveContainer): Place {
  const isTask = isOfTask(labels);
  return { name: taskNameOf(labels) ?? name, host, isOver: isTask && state !== 'running', isTask };
}

/** The tasks of a service that has one on each node bear one name. */
function sayPlace({ name, host, isTask }: Place): string {
  return isTask && host !== undefined ? `${name} on ${host}` : name;
}

function containersOf(tenant: TenantState, placeOf: (countedFor: string) => Place): TenantRow['containers'] {
  const counts = Object.entries(tenant.byContainer).map(([countedFor, hits]) => {
    const { name, host, isOver } = placeOf(countedFor);
    return { name, host, isOver, hits };
  });
  const most = Math.max(1, ...counts.map(({ hits }) => hits));
  return counts
    .map((counted) => ({ ...counted, share: counted.hits / most }))
    .sort(
      (one, other) =>
        compare(one.name, other.name) || compare(one.host ?? '', other.host ?? '') || Number(one.isOver) - Number(other.isOver),
    );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
