import type { AgentPool } from '../agent/agent-pool.ts';
import type { Failure } from '../domain/errors.ts';
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
  /** Of the hosts that answered; read at the moment of use, since others may join. */
  readonly engines: ReadonlyMap<string, Engine>;
  /** Why the others did not, by the name of the host. */
  readonly lost: ReadonlyMap<string, Failure>;
  readonly agents: AgentPool;
  readonly emit: (event: Unstamped) => void;
  readonly signal: AbortSignal;
  /** ULID of this run. */
  readonly run: string;
}
