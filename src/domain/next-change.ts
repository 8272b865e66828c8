import { ownershipOf } from './labels.ts';
import { STALE_AFTER_MS } from './select.ts';
import { endOf } from './select-halted.ts';
import { SPARKLINE_SECONDS, WENT_BACK_MS } from './select-hits.ts';
import { CHANGE_MS, type ConsoleState, type HostState, type TenantState } from './state.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Up to here an age is told in minutes. */
const MINUTES_UNTIL_MS = 5_400_000;

/**
 * The first moment after `now` (epoch milliseconds) at which time alone changes what is told of a state: an age, a mark that fades,
 * a rate that sinks, a host that falls silent. Undefined where nothing moves until the next event: then nobody need look.
 */
export function nextChange(state: ConsoleState, now: number): number | undefined {
  const moments = [
    // The time of a run that is on flows.
    ...(state.run !== undefined && state.run.finishedAt === undefined ? [now + 1] : []),
    ...Object.values(state.hosts).flatMap((host) => hostMoments(host, now)),
    ...Object.values(state.tenants).flatMap((tenant) => tenantMoments(tenant, now)),
  ].filter((moment) => moment > now);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

function hostMoments(host: HostState, now: number): readonly number[] {
  const silentAt = host.lastSeenAt + STALE_AFTER_MS + 1;
  const isHeard = host.connected && now < silentAt;
  const heard = host.lastSeenAt === 0 ? [] : [isHeard ? silentAt : nextAge(host.lastSeenAt, now)];
  const faded = Object.values(host.networks).map((network) => network.inspectedAt + CHANGE_MS);
  const halted = Object.values(host.containers).flatMap((container) => {
    const endedAt = ownershipOf(container.labels) === undefined ? undefined : endOf(container);
    return endedAt === undefined ? [] : [nextAge(endedAt, now)];
  });
  // Tasks are told by the manager's clock.
  const skewMs = host.description?.clockSkewMs ?? 0;
  const tasks = (host.swarm?.picture.tasks ?? []).map(({ changedAt }) => nextAge(changedAt - skewMs, now));
  return [...heard, ...faded, ...halted, ...tasks];
}

function tenantMoments({ lastHitAt, silentSince, wentBackAt, lastSent, buckets }: TenantState, now: number): readonly number[] {
  // The sparkline moves while it shows a hit, or where the silence begins.
  const oldest = Math.floor(now / 1000) - SPARKLINE_SECONDS;
  const shown = [buckets.at(-1)?.second, silentSince === undefined ? undefined : Math.floor(silentSince / 1000)];
  const sparkMoves = shown.some((second) => second !== undefined && second >= oldest);
  return [
    ...(sparkMoves ? [(Math.floor(now / 1000) + 1) * 1000] : []),
    ...(lastHitAt === undefined ? [] : [nextAge(lastHitAt, now)]),
    ...(silentSince === undefined ? [] : [nextAge(silentSince, now)]),
    ...(wentBackAt === undefined ? [] : [wentBackAt + CHANGE_MS, wentBackAt + WENT_BACK_MS]),
    ...(lastSent === undefined ? [] : [lastSent.at + CHANGE_MS]),
  ];
}

/** When the age of something is next told otherwise: each second of the first minute, then each minute, then each hour. */
function nextAge(since: number, now: number): number {
  const age = Math.max(0, now - since);
  const unit = age < MINUTE_MS ? 1000 : age < MINUTES_UNTIL_MS ? MINUTE_MS : HOUR_MS;
  const next = (Math.floor(age / unit) + 1) * unit;
  return since + (age < MINUTES_UNTIL_MS ? Math.min(next, MINUTES_UNTIL_MS) : next);
}
