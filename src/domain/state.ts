import type { Failure } from './errors.ts';
import type { CheckTally, ConsoleEvent, EventOf, Intent, PlanOutline, ScenarioOutline, StepOutline, TenantOutline } from './events.ts';
import type { LiveContainer, LiveNetwork } from './live.ts';

/**
 * Everything that is known, computed from events alone. Partitioned by host and by tenant, so that an event copies
 * one partition and never the whole (a flat spread of 10,000 entries costs 5 ms an event).
 * Nothing here depends on the present moment: ages and rates come from selectors, which are given `now`.
 */
export interface ConsoleState {
  readonly scenarios: readonly ScenarioOutline[];
  readonly brokenScenarios: readonly { readonly path: string; readonly message: string }[];
  readonly planning: { readonly scenario: string; readonly plan?: PlanOutline; readonly failure?: Failure } | undefined;
  readonly run: RunState | undefined;
  readonly hosts: Readonly<Record<string, HostState>>;
  readonly tenants: Readonly<Record<string, TenantState>>;
  /** What was asked for last and could not be done; stays until the next intent. */
  readonly refusal: { readonly intent: Intent; readonly failure: Failure } | undefined;
  /** Epoch milliseconds of the newest event; 0 before the first. */
  readonly at: number;
}

export interface HostState {
  readonly name: string;
  readonly endpoint: string;
  readonly address: string;
  /** Where the host was found: `--host`, `DOCKER_HOST`, `context default`, `lab lab`. */
  readonly source: string;
  readonly engineVersion: string;
  readonly apiVersion: string;
  readonly latencyMs: number;
  /** What the engine last said; staleness is a matter of `lastSeenAt` and now. */
  readonly connected: boolean;
  readonly lastSeenAt: number;
  readonly failure: Failure | undefined;
  readonly networks: Readonly<Record<string, NetworkState>>;
  readonly containers: Readonly<Record<string, LiveContainer>>;
}

export interface NetworkState {
  readonly live: LiveNetwork;
  readonly inspectedAt: number;
  /** What stood there before the last change, to mark what is new. */
  readonly previous: LiveNetwork | undefined;
}

export type StepStatus = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

export interface StepState {
  readonly outline: StepOutline;
  readonly status: StepStatus;
  readonly startedAt: number | undefined;
  readonly durationMs: number | undefined;
  readonly text: string;
  readonly progress: { readonly current: number; readonly total: number } | undefined;
  readonly failure: Failure | undefined;
}

export interface CheckState {
  readonly check: string;
  readonly outcome: 'passed' | 'failed' | 'uncertain';
  readonly text: string;
  readonly hint: string | undefined;
  readonly durationMs: number;
}

export interface RunState {
  readonly run: string;
  readonly verb: string;
  readonly scenario: string;
  readonly project: string;
  readonly tenants: readonly string[];
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
  readonly ok: boolean | undefined;
  readonly changed: number;
  readonly tally: CheckTally;
  readonly failure: Failure | undefined;
  /** In the plan's order. */
  readonly order: readonly string[];
  readonly steps: Readonly<Record<string, StepState>>;
  readonly checks: readonly CheckState[];
}

/** Hits of the last minutes, one bucket a second, oldest first: what rates and sparklines are made of. */
export interface HitBucket {
  readonly second: number;
  readonly hits: number;
}

export const HIT_HISTORY_SECONDS = 180;

export interface TenantState {
  readonly outline: TenantOutline;
  readonly status: 'connecting' | 'live' | 'lost';
  readonly failure: Failure | undefined;
  /** Undefined until the database was read once: unknown is not zero. */
  readonly total: number | undefined;
  readonly byContainer: Readonly<Record<string, number>>;
  readonly lastHitAt: number | undefined;
  readonly lastContainer: string | undefined;
  readonly buckets: readonly HitBucket[];
  /** Epoch milliseconds at which the count went back (the database lost its data). */
  readonly wentBackAt: number | undefined;
  readonly lastSent: EventOf<'hits.sent'> | undefined;
  readonly sending: boolean;
}

export const EMPTY_STATE: ConsoleState = {
  scenarios: [],
  brokenScenarios: [],
  planning: undefined,
  run: undefined,
  hosts: {},
  tenants: {},
  refusal: undefined,
  at: 0,
};

/** The next state: pure, total over all events, reads no clock. */
export function reduce(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  const next = reduceEvent(state, event);
  return next.at === event.at ? next : { ...next, at: event.at };
}

function reduceEvent(state: ConsoleState, event: ConsoleEvent): ConsoleState {
  switch (event.type) {
    case 'scenarios.listed':
      return { ...state, scenarios: event.scenarios, brokenScenarios: event.broken };
    case 'plan.made':
      return { ...state, planning: { scenario: event.plan.scenario, plan: event.plan } };
    case 'plan.failed':
      return { ...state, planning: { scenario: event.scenario, failure: event.failure } };
    case 'intent.received':
      return reduceIntent({ ...state, refusal: undefined }, event);
    case 'intent.failed':
      return { ...state, refusal: { intent: event.intent, failure: event.failure } };
    case 'host.connected':
    case 'host.answered':
    case 'host.lost':
      return reduceHost(state, event);
    case 'network.inspected':
    case 'network.removed':
    case 'container.inspected':
    case 'container.removed':
      return reduceEngineObject(state, event);
    case 'run.finished':
      return { ...state, run: reduceRun(state.run, event), tenants: tenantsAfter(state, event) };
    case 'run.started':
    case 'steps.added':
    case 'step.started':
    case 'step.progressed':
    case 'step.finished':
    case 'step.failed':
    case 'step.skipped':
    case 'check.passed':
    case 'check.failed':
    case 'check.uncertain':
      return { ...state, run: reduceRun(state.run, event) };
    case 'tenant.watched':
    case 'tenant.lost':
    case 'hits.read':
    case 'hit.counted':
    case 'hits.sent':
      return reduceTenant(state, event);
    case 'journal.opened':
    case 'agent.started':
    case 'agent.ended':
    case 'probe.answered':
      return state;
    default:
      event satisfies never;
      return state;
  }
}

function reduceIntent(state: ConsoleState, event: EventOf<'intent.received'>): ConsoleState {
  const { intent } = event;
  if (intent.kind === 'plan') return { ...state, planning: { scenario: intent.scenario } };
  if (intent.kind !== 'hit') return state;
  const tenant = own(state.tenants, intent.tenant);
  return tenant === undefined ? state : withTenant(state, { ...tenant, sending: true });
}

function reduceHost(state: ConsoleState, event: EventOf<'host.connected' | 'host.answered' | 'host.lost'>): ConsoleState {
  const known = own(state.hosts, event.host);
  if (event.type === 'host.connected') {
    const { type: _type, at, host, ...facts } = event;
    const { networks, containers } = known ?? { networks: {}, containers: {} };
    return withHost(state, { ...facts, name: host, connected: true, lastSeenAt: at, failure: undefined, networks, containers });
  }
  if (known === undefined) {
    if (event.type === 'host.answered') return state;
    return withHost(state, { ...UNKNOWN_HOST, name: event.host, failure: event.failure });
  }
  if (event.type === 'host.lost') return withHost(state, { ...known, connected: false, failure: event.failure });
  return withHost(state, { ...known, connected: true, failure: undefined, latencyMs: event.latencyMs, lastSeenAt: event.at });
}

const UNKNOWN_HOST: HostState = {
  name: '',
  endpoint: '',
  address: '',
  source: '',
  engineVersion: '',
  apiVersion: '',
  latencyMs: 0,
  connected: false,
  lastSeenAt: 0,
  failure: undefined,
  networks: {},
  containers: {},
};

type EngineObjectEvent = EventOf<'network.inspected' | 'network.removed' | 'container.inspected' | 'container.removed'>;

function reduceEngineObject(state: ConsoleState, event: EngineObjectEvent): ConsoleState {
  const host = own(state.hosts, event.host) ?? { ...UNKNOWN_HOST, name: event.host };
  const seen = { ...host, lastSeenAt: event.at };
  switch (event.type) {
    case 'network.inspected': {
      const previous = beforeTheChange(own(host.networks, event.network.id), event.at);
      const entry: NetworkState = { live: event.network, inspectedAt: event.at, previous };
      return withHost(state, { ...seen, networks: { ...host.networks, [event.network.id]: entry } });
    }
    case 'container.inspected':
      return withHost(state, { ...seen, containers: { ...host.containers, [event.container.id]: event.container } });
    case 'network.removed':
      return withHost(state, { ...seen, networks: without(host.networks, event.id) });
    case 'container.removed':
      return withHost(state, { ...seen, containers: without(host.containers, event.id) });
    default:
      return event satisfies never;
  }
}

/** For how long a change counts as new, and further changes join it: containers of one run attach a moment after each other. */
export const CHANGE_MS = 8_000;

function beforeTheChange(known: NetworkState | undefined, at: number): LiveNetwork | undefined {
  if (known === undefined) return undefined;
  return at - known.inspectedAt < CHANGE_MS ? (known.previous ?? known.live) : known.live;
}

type RunEvent = EventOf<
  | 'run.started'
  | 'run.finished'
  | 'steps.added'
  | 'step.started'
  | 'step.progressed'
  | 'step.finished'
  | 'step.failed'
  | 'step.skipped'
  | 'check.passed'
  | 'check.failed'
  | 'check.uncertain'
>;

function reduceRun(run: RunState | undefined, event: RunEvent): RunState | undefined {
  if (event.type === 'run.started') return startRun(event);
  if (run === undefined) return undefined;
  switch (event.type) {
    case 'run.finished':
      return {
        ...run,
        finishedAt: event.at,
        ok: event.ok,
        changed: event.changed,
        tally: event.checks,
        failure: event.failure,
      };
    case 'steps.added':
      return addSteps(run, event.steps);
    case 'step.started':
      return withStep(run, event.step, { status: 'running', startedAt: event.at });
    case 'step.progressed':
      return withStep(run, event.step, {
        text: event.text,
        progress: event.current === undefined || event.total === undefined ? undefined : { current: event.current, total: event.total },
      });
    case 'step.finished':
      return withStep(run, event.step, { status: 'done', durationMs: event.durationMs, text: event.summary, progress: undefined });
    case 'step.failed':
      return withStep(run, event.step, {
        status: 'failed',
        durationMs: event.durationMs,
        text: event.failure.message,
        failure: event.failure,
        progress: undefined,
      });
    case 'step.skipped':
      return withStep(run, event.step, { status: 'skipped', text: event.reason });
    case 'check.passed':
    case 'check.failed':
    case 'check.uncertain':
      return { ...run, checks: [...run.checks.filter((check) => check.check !== event.check), checkOf(event)] };
    default:
      return event satisfies never;
  }
}

function checkOf(event: EventOf<'check.passed' | 'check.failed' | 'check.uncertain'>): CheckState {
  const outcome = event.type === 'check.passed' ? 'passed' : event.type === 'check.failed' ? 'failed' : 'uncertain';
  return {
    check: event.check,
    outcome,
    text: event.text,
    hint: event.type === 'check.passed' ? undefined : event.hint,
    durationMs: event.durationMs,
  };
}

function startRun(event: EventOf<'run.started'>): RunState {
  const empty: RunState = {
    run: event.run,
    verb: event.verb,
    scenario: event.scenario,
    project: event.project,
    tenants: event.tenants.map((tenant) => tenant.name),
    startedAt: event.at,
    finishedAt: undefined,
    ok: undefined,
    changed: 0,
    tally: { passed: 0, failed: 0, uncertain: 0 },
    failure: undefined,
    order: [],
    steps: {},
    checks: [],
  };
  return addSteps(empty, event.steps);
}

/** A database that we took down took its counts along: when it comes up again, an empty one is no surprise. */
function tenantsAfter({ run, tenants }: ConsoleState, event: EventOf<'run.finished'>): ConsoleState['tenants'] {
  if (run === undefined || !event.ok || (event.verb !== 'down' && event.verb !== 'run')) return tenants;
  const forgotten = run.tenants.flatMap((name) => {
    const tenant = own(tenants, name);
    return tenant === undefined ? [] : [[name, { ...NEW_TENANT, outline: tenant.outline, status: 'lost' as const }]];
  });
  return { ...tenants, ...Object.fromEntries(forgotten) };
}

function addSteps(run: RunState, outlines: readonly StepOutline[]): RunState {
  const added = outlines.map((outline): [string, StepState] => [outline.id, { ...NEW_STEP, outline }]);
  return { ...run, order: [...run.order, ...added.map(([id]) => id)], steps: { ...run.steps, ...Object.fromEntries(added) } };
}

const NEW_STEP: Omit<StepState, 'outline'> = {
  status: 'waiting',
  startedAt: undefined,
  durationMs: undefined,
  text: '',
  progress: undefined,
  failure: undefined,
};

type TenantEvent = EventOf<'tenant.watched' | 'tenant.lost' | 'hits.read' | 'hit.counted' | 'hits.sent'>;

function reduceTenant(state: ConsoleState, event: TenantEvent): ConsoleState {
  if (event.type === 'tenant.watched') {
    const known = own(state.tenants, event.tenant.name);
    return withTenant(state, { ...(known ?? NEW_TENANT), outline: event.tenant, status: 'connecting', failure: undefined });
  }
  const tenant = own(state.tenants, event.tenant);
  if (tenant === undefined) return state;
  switch (event.type) {
    case 'tenant.lost':
      return withTenant(state, { ...tenant, status: 'lost', failure: event.failure });
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

const NEW_TENANT: TenantState = {
  outline: { name: '', web: '', db: '', url: '' },
  status: 'connecting',
  failure: undefined,
  total: undefined,
  byContainer: {},
  lastHitAt: undefined,
  lastContainer: undefined,
  buckets: [],
  wentBackAt: undefined,
  lastSent: undefined,
  sending: false,
};

function readHits(tenant: TenantState, event: EventOf<'hits.read'>): TenantState {
  const wentBack = tenant.total !== undefined && event.total < tenant.total;
  return {
    ...tenant,
    status: 'live',
    failure: undefined,
    total: event.total,
    byContainer: event.byContainer,
    wentBackAt: wentBack ? event.at : tenant.wentBackAt,
  };
}

/** Publications come in the order of counting, each with the counts after it: one that is lower tells of lost data. */
function countHit(tenant: TenantState, event: EventOf<'hit.counted'>): TenantState {
  const wentBack = tenant.total !== undefined && event.total < tenant.total;
  return {
    ...tenant,
    status: 'live',
    failure: undefined,
    total: event.total,
    // What other containers had counted is lost with the rest.
    byContainer: { ...(wentBack ? {} : tenant.byContainer), [event.container]: event.containerTotal },
    lastHitAt: event.at,
    lastContainer: event.container,
    buckets: addToBuckets(tenant.buckets, Math.floor(event.at / 1000)),
    wentBackAt: wentBack ? event.at : tenant.wentBackAt,
  };
}

function addToBuckets(buckets: readonly HitBucket[], second: number): readonly HitBucket[] {
  const last = buckets.at(-1);
  if (last !== undefined && last.second === second) return [...buckets.slice(0, -1), { second, hits: last.hits + 1 }];
  return [...buckets.filter((bucket) => bucket.second > second - HIT_HISTORY_SECONDS), { second, hits: 1 }];
}

function withHost(state: ConsoleState, host: HostState): ConsoleState {
  return { ...state, hosts: { ...state.hosts, [host.name]: host } };
}

function withTenant(state: ConsoleState, tenant: TenantState): ConsoleState {
  return { ...state, tenants: { ...state.tenants, [tenant.outline.name]: tenant } };
}

function withStep(run: RunState, id: string, change: Partial<StepState>): RunState {
  const step = own(run.steps, id);
  return step === undefined ? run : { ...run, steps: { ...run.steps, [id]: { ...step, ...change } } };
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _removed, ...rest } = record;
  return rest;
}

/** Names come from users and engines: `constructor` must be a name like any other, never an inherited property. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
