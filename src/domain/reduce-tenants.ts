import type { EventOf } from './events.ts';
import { own } from './own.ts';
import { type ConsoleState, HIT_HISTORY_SECONDS, type HitBucket, type TenantState } from './state.ts';

type TenantEvent = EventOf<'tenant.watched' | 'tenant.lost' | 'hits.read' | 'hit.counted' | 'hits.sent'>;

export function reduceTenant(state: ConsoleState, event: TenantEvent): ConsoleState {
  if (event.type === 'tenant.watched') {
    const known = own(state.tenants, event.tenant.id) ?? NEW_TENANT;
    const silentSince = known.silentSince ?? event.at;
    return withTenant(state, { ...known, outline: event.tenant, status: 'connecting', failure: undefined, silentSince });
  }
  const tenant = own(state.tenants, event.tenant);
  if (tenant === undefined) return state;
  switch (event.type) {
    case 'tenant.lost':
      return withTenant(state, {
        ...tenant,
        status: 'lost',
        failure: event.failure,
        silentSince: tenant.silentSince ?? event.at,
      });
    case 'hits.read':
      return withTenant(state, readHits(tenant, event));
    case 'hit.counted':
      return withTenant(state, countHit(tenant, event));
    case 'hits.sent':
      return withTenant(state, { ...tenant, lastSent: event, sending: false });
    default:
      return event satisfies never;
  }
}

/** A database that we took down took its counts along: when it comes up again, an empty one is no surprise. */
export function tenantsAfter({ run, tenants }: ConsoleState, event: EventOf<'run.finished'>): ConsoleState['tenants'] {
  if (run === undefined || !event.ok || (event.verb !== 'down' && event.verb !== 'run')) return tenants;
  const forgotten = run.tenants.flatMap((id) => {
    const tenant = own(tenants, id);
    return tenant === undefined ? [] : [[id, { ...NEW_TENANT, outline: tenant.outline, status: 'lost' as const }]];
  });
  return { ...tenants, ...Object.fromEntries(forgotten) };
}

const NEW_TENANT: TenantState = {
  outline: { id: '', name: '', project: '', web: '', db: '', url: '' },
  status: 'connecting',
  failure: undefined,
  total: undefined,
  silentSince: undefined,
  byContainer: {},
  lastHitAt: undefined,
  lastContainer: undefined,
  buckets: [],
  wentBackAt: undefined,
  lastSent: undefined,
  sending: false,
};

function readHits(tenant: TenantState, event: EventOf<'hits.read'>): TenantState {
  return { ...heardFrom(tenant, event), byContainer: event.byContainer };
}

function countHit(tenant: TenantState, event: EventOf<'hit.counted'>): TenantState {
  const heard = heardFrom(tenant, event);
  // What other containers had counted is lost with the rest.
  const known = heard.wentBackAt === tenant.wentBackAt ? tenant.byContainer : {};
  return {
    ...heard,
    byContainer: { ...known, [event.container]: event.containerTotal },
    lastHitAt: event.at,
    lastContainer: event.container,
    buckets: addToBuckets(tenant.buckets, Math.floor(event.at / 1000)),
  };
}

/** Counts come in the order of counting, so a total that is lower than the one before tells of lost data. */
function heardFrom(tenant: TenantState, { at, total }: EventOf<'hits.read' | 'hit.counted'>): TenantState {
  const wentBack = tenant.total !== undefined && total < tenant.total;
  return { ...tenant, status: 'live', failure: undefined, silentSince: undefined, total, wentBackAt: wentBack ? at : tenant.wentBackAt };
}

function addToBuckets(buckets: readonly HitBucket[], second: number): readonly HitBucket[] {
  const last = buckets.at(-1);
  if (last !== undefined && last.second === second) return [...buckets.slice(0, -1), { second, hits: last.hits + 1 }];
  return [...buckets.filter((bucket) => bucket.second > second - HIT_HISTORY_SECONDS), { second, hits: 1 }];
}

export function withTenant(state: ConsoleState, tenant: TenantState): ConsoleState {
  return { ...state, tenants: { ...state.tenants, [tenant.outline.id]: tenant } };
}
