import type { Failure } from './errors.ts';
import type { CheckTally, EventOf, HostDescription, Intent, TenantOutline } from './events.ts';
import type { LiveContainer, LiveNetwork } from './live.ts';
import type { SwarmPicture } from './live-swarm.ts';
import type { PlanOutline, StepOutline } from './plan.ts';
import type { ScenarioOutline } from './scenario.ts';

/**
 * Everything that is known, computed from events alone. Partitioned by host and by tenant, so that an event copies
 * one partition and never the whole (a flat spread of 10,000 entries costs 5 ms an event).
 * Nothing here depends on the present moment: ages and rates come from selectors, which are given `now`.
 */
export interface ConsoleState {
  /** Undefined until the list was read: not known yet is not none. */
  readonly scenarios: readonly ScenarioOutline[] | undefined;
  readonly brokenScenarios: readonly { readonly path: string; readonly message: string }[];
  readonly planning: PlanningState | undefined;
  readonly run: RunState | undefined;
  readonly hosts: Readonly<Record<string, HostState>>;
  readonly tenants: Readonly<Record<string, TenantState>>;
  /** What was asked for last and could not be done; stays until the next intent. */
  readonly refusal: { readonly intent: Intent; readonly failure: Failure } | undefined;
  /** Epoch milliseconds of the newest event; 0 before the first. */
  readonly at: number;
}

/** The plan that was asked for last: under way until it has a plan or a failure. */
export interface PlanningState {
  readonly scenario: string;
  /** The variant that was asked for; absent for the scenario's own way. */
  readonly variant?: string;
  readonly plan?: PlanOutline;
  /** Something of the project changed, or was run, after the plan was made. */
  readonly outdated?: true;
  readonly failure?: Failure;
  /** What the hosts themselves hold against it; absent until they were looked at. */
  readonly preflight?: Preflight;
}

export type Preflight = Pick<EventOf<'preflight.finished'>, 'obstacles' | 'warnings' | 'unchecked'>;

export interface HostState {
  readonly name: string;
  readonly endpoint: string;
  readonly address: string;
  /** Where the host was found: `--host`, `DOCKER_HOST`, `context default`, `lab lab`. */
  readonly source: string;
  readonly readOnly: boolean;
  readonly description: HostDescription | undefined;
  readonly engineVersion: string;
  readonly apiVersion: string;
  readonly latencyMs: number;
  /** What the engine last said; staleness is a matter of `lastSeenAt` and now. */
  readonly connected: boolean;
  readonly lastSeenAt: number;
  readonly failure: Failure | undefined;
  readonly networks: Readonly<Record<string, NetworkState>>;
  readonly containers: Readonly<Record<string, LiveContainer>>;
  /** Undefined until the engine was asked for its swarm. */
  readonly swarm: { readonly picture: SwarmPicture; readonly inspectedAt: number } | undefined;
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

/** A way beside the scenario's networks: open or not, it is no check. */
export type DoorState = Pick<EventOf<'door.probed'>, 'from' | 'to' | 'network' | 'address' | 'open' | 'text' | 'untried'>;

export interface RunState {
  readonly run: string;
  readonly verb: string;
  readonly scenario: string;
  readonly project: string;
  /** Absent for the scenario's own way. */
  readonly variant?: string;
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
  /** Ways beside the scenario's networks, as the last verify found them. */
  readonly doors: readonly DoorState[];
  /** Absent until the hosts were looked at. */
  readonly preflight?: Preflight;
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
  /** Epoch milliseconds since which the counter is not heard, so that the total may have grown; undefined while it is. */
  readonly silentSince: number | undefined;
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
  scenarios: undefined,
  brokenScenarios: [],
  planning: undefined,
  run: undefined,
  hosts: {},
  tenants: {},
  refusal: undefined,
  at: 0,
};

/** For how long a change counts as new, and further changes join it: containers of one run attach a moment after each other. */
export const CHANGE_MS = 8_000;
