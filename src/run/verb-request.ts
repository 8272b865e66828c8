import type { AgentPool } from '../agent/agent-pool.ts';
import type { TenantOutline, Unstamped } from '../domain/events.ts';
import type { BoundHost, Scenario } from '../domain/scenario.ts';
import type { Engine } from '../engine/engine.ts';

export type ActingVerb = 'up' | 'verify' | 'down' | 'run';

export interface VerbRequest {
  readonly verb: ActingVerb;
  /** Bound to its hosts, except for `down`, which asks nothing of it but its name. Absent for `down` of a project that is known from its labels only. */
  readonly scenario: Scenario | undefined;
  readonly project: string;
  readonly tenants: readonly TenantOutline[];
  readonly hosts: readonly BoundHost[];
  readonly engines: ReadonlyMap<string, Engine>;
  readonly agents: AgentPool;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
  /** ULID of this run. */
  readonly run: string;
}
