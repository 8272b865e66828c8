import { AGENT_IMAGE } from '../agent/agent-image.ts';
import type { AgentPool } from '../agent/agent-pool.ts';
import type { Look } from '../agent/open-agent.ts';
import { failureOf, PetsError } from '../domain/errors.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import type { Ownership } from '../domain/labels.ts';
import type { LiveImageState } from '../domain/live.ts';
import type { BoundHost } from '../domain/scenario.ts';
import type { Engine } from '../engine/engine.ts';
import { reasonOf } from '../scenario/hosts-of-plan.ts';

/** The copy of the agent's image that a host has: one of an older recipe may speak another protocol. */
export type AgentImage = 'current' | 'older' | 'none';

/** What a look came to: facts, or why there are none. */
export interface Finding {
  readonly host: string;
  readonly facts?: HostFacts;
  /** Why the host could not be looked at. */
  readonly unchecked?: string;
  readonly clockSkewMs?: number;
}

export interface LookTools {
  readonly engines: ReadonlyMap<string, Engine>;
  readonly agents: AgentPool;
  readonly ownership: Ownership;
  readonly signal: AbortSignal;
}

/** A host that does not let itself be looked at must not hold the others for longer. */
const LOOK_DEADLINE_MS = 20_000;

/**
 * Looks at one host from inside. What keeps it from that is a finding, no error.
 * @throws INTERRUPTED
 */
export async function lookAtHost(host: BoundHost, image: AgentImage, look: Look, tools: LookTools): Promise<Finding> {
  const engine = tools.engines.get(host.name);
  if (engine === undefined) return { host: host.name, unchecked: 'its engine does not answer' };
  return { host: host.name, clockSkewMs: engine.clockSkewMs, ...(await seeFacts(host, engine, image, look, tools)) };
}

async function seeFacts(
  host: BoundHost,
  engine: Engine,
  image: AgentImage,
  look: Look,
  { agents, ownership, signal }: LookTools,
): Promise<Pick<Finding, 'facts' | 'unchecked'>> {
  if (host.readOnly) return { unchecked: 'it is read-only, so no agent was started there' };
  if (image === 'none') return { unchecked: `it has no image ${AGENT_IMAGE}, which holds the agent that looks` };
  try {
    return {
      facts: await withinDeadline(
        agents.onHost(engine, ownership).then((agent) => agent.look(look, signal)),
        host.name,
        signal,
      ),
    };
  } catch (error) {
    if (signal.aborted || !(error instanceof PetsError)) throw error;
    if (error.code === 'PROTOCOL' && image === 'older')
      return { unchecked: `its image ${AGENT_IMAGE} is of another version of this console` };
    return { unchecked: reasonOf(host.name, failureOf(error)) };
  }
}

/** What is late goes on until its pool is closed; nobody waits for it. @throws AGENT_FAILED when late, INTERRUPTED */
async function withinDeadline<T>(work: Promise<T>, host: string, outer: AbortSignal): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LOOK_DEADLINE_MS);
  const signal = AbortSignal.any([outer, late.signal]);
  const ended = Promise.withResolvers<never>();
  const onAbort = () => ended.reject(outer.aborted ? interrupted(host, outer) : tooLate(host));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function tooLate(host: string): PetsError {
  return new PetsError('AGENT_FAILED', { message: `${host}: no look at it within ${LOOK_DEADLINE_MS / 1000} s` });
}

function interrupted(host: string, { reason }: AbortSignal): PetsError {
  return new PetsError('INTERRUPTED', { message: `the look at ${host} was interrupted`, cause: reason });
}

/** What the survey of an engine says of its copy. */
export function agentImageOf(state: LiveImageState | undefined): AgentImage {
  if (state === undefined) return 'none';
  return state.current ? 'current' : 'older';
}

/** A few words on what was seen: `eth0 192.168.0.11/24, 4 routes, 3 ports in use`. */
export function summaryOf({ address, parent }: BoundHost, { interfaces, routes, listening }: HostFacts): string {
  const main =
    interfaces.find(({ addresses }) => addresses.some((each) => each.split('/')[0] === address)) ??
    interfaces.find(({ name }) => name === (parent ?? 'eth0'));
  const ports = new Set(listening.map(({ protocol, port }) => `${port}/${protocol}`)).size;
  const seat = main?.addresses.find((each) => !each.includes(':'));
  return [
    ...(main === undefined ? [] : [seat === undefined ? main.name : `${main.name} ${seat}`]),
    `${routes.length} ${routes.length === 1 ? 'route' : 'routes'}`,
    `${ports} ${ports === 1 ? 'port' : 'ports'} in use`,
  ].join(', ');
}
