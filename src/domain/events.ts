import type { Failure } from './errors.ts';
import type { JsonObject, LiveContainer, LiveNetwork } from './live.ts';
import type { SwarmPicture } from './live-swarm.ts';
import type { Obstacle, PlanOutline, StepOutline } from './plan.ts';
import type { BoundHost, ScenarioOutline } from './scenario.ts';

/** Version of the event encoding; journals and `--json` share it. */
export const EVENT_VERSION = 1;

/** What every event carries: when it happened, epoch milliseconds. Events carry the time, nothing downstream reads a clock. */
export interface Stamped {
  readonly at: number;
}

export interface TenantOutline {
  /** `bridge/cat`: one key is used by several projects, so its project belongs to the name by which events know a tenant. */
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly web: string;
  readonly db: string;
  readonly url: string;
}

/** What an engine tells of itself and its machine. */
export interface HostDescription {
  readonly swarm: 'inactive' | 'pending' | 'worker' | 'manager' | 'leader' | 'locked' | 'error';
  /** How far the host's clock is ahead of ours, to within the time that its answer took. */
  readonly clockSkewMs: number;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  /** `linux/amd64` */
  readonly platform: string;
}

export interface CheckTally {
  readonly passed: number;
  readonly failed: number;
  readonly uncertain: number;
}

/** The verbs that act, and what a person or a script asked for. The only way back up the stream. */
export type Intent =
  // The variant `''` is the scenario's own way; none at all is what the console was opened with.
  | { readonly kind: 'plan'; readonly scenario: string; readonly variant?: string }
  | { readonly kind: 'run'; readonly scenario: string; readonly variant?: string }
  | { readonly kind: 'verify'; readonly scenario: string }
  | { readonly kind: 'down'; readonly scenario: string }
  // `tenant` is an id.
  | { readonly kind: 'hit'; readonly tenant: string; readonly count: number }
  | { readonly kind: 'cancel' };

/** Everything that happens, in the past tense, `subject.verb`. */
export type ConsoleEvent =
  | (Stamped & { readonly type: 'journal.opened'; readonly version: string; readonly verb: string; readonly run: string })
  | (Stamped & { readonly type: 'intent.received'; readonly intent: Intent })
  | (Stamped & { readonly type: 'intent.failed'; readonly intent: Intent; readonly failure: Failure })
  | (Stamped & {
      readonly type: 'scenarios.listed';
      readonly scenarios: readonly ScenarioOutline[];
      readonly broken: readonly { readonly path: string; readonly message: string }[];
    })
  // Hosts
  | (Stamped & {
      readonly type: 'hosts.found';
      /** `--host`, `DOCKER_HOST`, `context default`, `lab lab`. */
      readonly source: string;
      readonly hosts: readonly BoundHost[];
      /** Sources that came before it and had none. */
      readonly tried: readonly { readonly source: string; readonly outcome: string }[];
    })
  | (Stamped & {
      readonly type: 'host.connected';
      readonly host: string;
      readonly endpoint: string;
      readonly address: string;
      readonly source: string;
      readonly engineVersion: string;
      readonly apiVersion: string;
      readonly latencyMs: number;
    })
  | (Stamped & { readonly type: 'host.described'; readonly host: string; readonly description: HostDescription })
  | (Stamped & { readonly type: 'host.answered'; readonly host: string; readonly latencyMs: number })
  | (Stamped & { readonly type: 'host.lost'; readonly host: string; readonly failure: Failure })
  // Plan and run
  | (Stamped & { readonly type: 'plan.made'; readonly plan: PlanOutline })
  // What the hosts themselves were found to hold against a plan, before its first change.
  | (Stamped & {
      readonly type: 'preflight.finished';
      readonly scenario: string;
      readonly obstacles: readonly Obstacle[];
      readonly warnings: readonly string[];
      /** Hosts that could not be looked at, and why: what is not checked is not free. */
      readonly unchecked: readonly { readonly host: string; readonly reason: string }[];
    })
  | (Stamped & { readonly type: 'plan.failed'; readonly scenario: string; readonly failure: Failure })
  | (Stamped & {
      readonly type: 'run.started';
      readonly run: string;
      readonly verb: string;
      readonly scenario: string;
      readonly project: string;
      /** Of the scenario; absent for its own way. */
      readonly variant?: string;
      readonly steps: readonly StepOutline[];
      readonly tenants: readonly TenantOutline[];
    })
  // A run of several verbs learns its later steps on the way.
  | (Stamped & { readonly type: 'steps.added'; readonly steps: readonly StepOutline[] })
  | (Stamped & { readonly type: 'step.started'; readonly step: string })
  | (Stamped & {
      readonly type: 'step.progressed';
      readonly step: string;
      readonly text: string;
      readonly current?: number;
      readonly total?: number;
    })
  | (Stamped & { readonly type: 'step.finished'; readonly step: string; readonly durationMs: number; readonly summary: string })
  | (Stamped & { readonly type: 'step.failed'; readonly step: string; readonly durationMs: number; readonly failure: Failure })
  | (Stamped & { readonly type: 'step.skipped'; readonly step: string; readonly reason: string })
  | (Stamped & { readonly type: 'check.passed'; readonly check: string; readonly text: string; readonly durationMs: number })
  | (Stamped & {
      readonly type: 'check.failed';
      readonly check: string;
      readonly text: string;
      readonly durationMs: number;
      readonly hint?: string;
    })
  | (Stamped & {
      readonly type: 'check.uncertain';
      readonly check: string;
      readonly text: string;
      readonly durationMs: number;
      readonly hint?: string;
    })
  // What may be reached beside the scenario's own networks: no check, unless the scenario denies it.
  | (Stamped & {
      readonly type: 'door.probed';
      readonly from: string;
      readonly to: string;
      /** The network that both are on, without the scenario saying so: `ingress`, `docker_gwbridge`. */
      readonly network: string;
      readonly address: string;
      readonly open: boolean;
      /** `dog-web reaches cat-web:5000 at 10.0.0.7 through ingress`. */
      readonly text: string;
      /** With the last one: how many more ways there are, which were not tried. */
      readonly untried?: number;
    })
  | (Stamped & {
      readonly type: 'run.finished';
      readonly run: string;
      readonly verb: string;
      readonly ok: boolean;
      readonly durationMs: number;
      readonly changed: number;
      readonly checks: CheckTally;
      readonly failure?: Failure;
    })
  // What the engines hold
  | (Stamped & { readonly type: 'network.inspected'; readonly host: string; readonly network: LiveNetwork })
  | (Stamped & { readonly type: 'network.removed'; readonly host: string; readonly id: string })
  | (Stamped & { readonly type: 'container.inspected'; readonly host: string; readonly container: LiveContainer })
  | (Stamped & { readonly type: 'container.removed'; readonly host: string; readonly id: string })
  // A whole picture, since no event of Docker's tells of nodes and tasks.
  | (Stamped & { readonly type: 'swarm.inspected'; readonly host: string; readonly picture: SwarmPicture })
  // Hits
  | (Stamped & { readonly type: 'tenant.watched'; readonly tenant: TenantOutline })
  | (Stamped & { readonly type: 'tenant.lost'; readonly tenant: string; readonly failure: Failure })
  | (Stamped & {
      readonly type: 'hits.read';
      readonly tenant: string;
      readonly total: number;
      readonly byContainer: Readonly<Record<string, number>>;
    })
  | (Stamped & {
      readonly type: 'hit.counted';
      readonly tenant: string;
      readonly hit: string;
      readonly container: string;
      readonly total: number;
      readonly containerTotal: number;
    })
  | (Stamped & {
      readonly type: 'hits.sent';
      readonly tenant: string;
      readonly url: string;
      readonly from: string;
      readonly sent: number;
      readonly counted: number;
      readonly uncounted: number;
      /** The database did not answer the page in time: counted or not. */
      readonly uncertain: number;
      readonly failed: number;
      readonly durationMs: number;
      readonly failure?: Failure;
    })
  // Agents
  | (Stamped & { readonly type: 'agent.started'; readonly host: string; readonly beside: string; readonly durationMs: number })
  | (Stamped & { readonly type: 'agent.ended'; readonly host: string; readonly beside: string; readonly reason: string })
  | (Stamped & {
      readonly type: 'probe.answered';
      readonly host: string;
      readonly from: string;
      readonly to: string;
      readonly outcome: string;
      readonly latencyMs: number;
      readonly detail: JsonObject;
    });

export type EventType = ConsoleEvent['type'];
export type EventOf<T extends EventType> = Extract<ConsoleEvent, { type: T }>;
/** An event before it is stamped with its time. */
export type Unstamped<E extends ConsoleEvent = ConsoleEvent> = E extends ConsoleEvent ? Omit<E, 'at'> : never;
