import { AGENT_IMAGE } from '../agent/agent-image.ts';
import { roundMs } from '../domain/duration.ts';
import { PetsError } from '../domain/errors.ts';
import type { EventOf, Unstamped } from '../domain/events.ts';
import type { HostFacts } from '../domain/host-facts.ts';
import type { LiveEngine } from '../domain/live.ts';
import type { Plan, Step } from '../domain/plan.ts';
import type { BoundHost, Scenario } from '../domain/scenario.ts';
import { hostsLabel } from '../scenario/hosts-of-plan.ts';
import { judgeHosts, questionsFor } from '../scenario/judge-hosts.ts';
import type { Verdict } from '../scenario/judge-hosts-coming.ts';
import { judgePort, type PortConflict } from '../scenario/judge-hosts-ports.ts';
import { waysToAsk } from '../scenario/judge-hosts-ways.ts';
import { makeStep } from '../scenario/steps.ts';
import { type AgentImage, agentImageOf, type Finding, type LookTools, lookAtHost, summaryOf } from './look-at-host.ts';
import { askWays } from './reach-between-hosts.ts';
import type { VerbRequest } from './verb-request.ts';

/** What the hosts themselves were found to hold against a plan. */
export interface Preflight extends Pick<EventOf<'preflight.finished'>, 'obstacles' | 'warnings' | 'unchecked'> {
  readonly facts: ReadonlyMap<string, HostFacts>;
}

export type PreflightRequest = Pick<VerbRequest, 'project' | 'engines' | 'agents' | 'emit' | 'signal' | 'run'> & {
  /** Bound to its hosts. */
  readonly scenario: Scenario;
};

export interface Planned {
  readonly plan: Plan;
  readonly live: readonly LiveEngine[];
}

export interface PreflightOptions {
  /** Told of each look as of a step of a run. */
  readonly tell?: (event: Unstamped) => void;
  /** Whether a host without a current image of the agent gets one; waited for. Unless given, none does. */
  readonly imageComes?: (host: string) => Promise<boolean>;
}

/** Silence on the wire takes this long to be told: a kernel on the same wire answers within a few milliseconds. */
const WIRE_ANSWER_MS = 60;

/** One step for each host that is looked at: those to which the plan brings something. Pure. */
export function lookSteps(scenario: Scenario, { plan, live }: Planned): readonly Step[] {
  return questionsFor({ plan, scenario, live }).hosts.map((host) => makeStep(host, { kind: 'host.look' }));
}

/**
 * Looks at every host to which the plan brings something, all at once, from inside its network namespace, has those that are to be nodes of one swarm
 * call each other, and judges what is seen. A plan that brings nothing looks at nothing. Tells `preflight.finished`. Its agents stand in the pool of the
 * request, which the caller closes.
 * @throws INTERRUPTED
 */
export async function preflight(request: PreflightRequest, planned: Planned, options: PreflightOptions = {}): Promise<Preflight> {
  const { scenario, emit } = request;
  const { plan, live } = planned;
  const tools = { ...request, ownership: ownershipOf(request, plan) };
  const { hosts, ...questions } = questionsFor({ plan, scenario, live });
  const look = { ...questions, timeoutMs: WIRE_ANSWER_MS };
  const findings = await Promise.all(
    plan.hosts
      .filter(({ name }) => hosts.includes(name))
      .map((host) => tellLook(host, options.tell ?? ignore, async () => lookAtHost(host, await imageOn(host, live, options), look, tools))),
  );
  const { facts, ...found } = await judge(request, planned, findings, tools);
  emit({ type: 'preflight.finished', scenario: scenario.name, ...found });
  return { ...found, facts };
}

function ignore(): void {}

function ownershipOf({ project, scenario, run }: PreflightRequest, { hosts }: Plan) {
  return { project, scenario: scenario.name, resource: 'sidecar/host', spec: '', run, hosts: hostsLabel(hosts) };
}

/** One of an older recipe will do where no other comes: whether its agent can be spoken to, it says itself. */
async function imageOn(host: BoundHost, live: readonly LiveEngine[], { imageComes }: PreflightOptions): Promise<AgentImage> {
  const image = agentImageOf(live.find((engine) => engine.host === host.name)?.images[AGENT_IMAGE]);
  return image !== 'current' && (await imageComes?.(host.name)) === true ? 'current' : image;
}

async function tellLook(host: BoundHost, tell: (event: Unstamped) => void, look: () => Promise<Finding>): Promise<Finding> {
  const { id: step } = makeStep(host.name, { kind: 'host.look' });
  const start = performance.now();
  tell({ type: 'step.started', step });
  try {
    const finding = await look();
    if (finding.facts === undefined) tell({ type: 'step.skipped', step, reason: `not checked: ${finding.unchecked ?? ''}` });
    else tell({ type: 'step.finished', step, durationMs: roundMs(performance.now() - start), summary: summaryOf(host, finding.facts) });
    return finding;
  } catch (error) {
    if (error instanceof PetsError) tell({ type: 'step.skipped', step, reason: 'interrupted' });
    throw error;
  }
}

async function judge(
  { scenario }: PreflightRequest,
  { plan, live }: Planned,
  findings: readonly Finding[],
  tools: LookTools,
): Promise<Preflight> {
  const facts = new Map(findings.flatMap((finding) => (finding.facts === undefined ? [] : [[finding.host, finding.facts] as const])));
  const skews = new Map(findings.flatMap(({ host, clockSkewMs }) => (clockSkewMs === undefined ? [] : [[host, clockSkewMs] as const])));
  const situation = { plan, scenario, live, facts };
  const ways = await askWays(waysToAsk(situation), tools);
  const { obstacles, ports, warnings } = judgeHosts(situation, { clockSkewMs: skews, ways });
  const held = await Promise.all(ports.map((conflict) => nameHolder(conflict, tools)));
  return {
    obstacles: [...held.flatMap((verdict) => verdict.obstacles), ...obstacles],
    warnings: [...held.flatMap((verdict) => verdict.warnings), ...warnings],
    unchecked: findings.flatMap(({ host, unchecked }) => (unchecked === undefined ? [] : [{ host, reason: unchecked }])),
    facts,
  };
}

/** Only a look with more rights can name a process: made where there is a conflict, and never a reason to fail. */
async function nameHolder(conflict: PortConflict, { engines, ownership, signal }: LookTools): Promise<Verdict> {
  const engine = engines.get(conflict.host);
  try {
    // Loaded here: hardly ever needed.
    const { findPortHolder } = await import('../agent/port-holder.ts');
    return judgePort(conflict, engine && (await findPortHolder(engine, conflict.socket, ownership, signal)));
  } catch (error) {
    if (signal.aborted || !(error instanceof PetsError)) throw error;
    return judgePort(conflict, undefined);
  }
}
