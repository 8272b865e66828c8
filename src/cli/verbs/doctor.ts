import { AGENT_IMAGE } from '../../agent/agent-image.ts';
import { systemClock } from '../../core/clock.ts';
import type { Sink } from '../../core/stream.ts';
import { EXIT, type Failure, failureOf, PetsError } from '../../domain/errors.ts';
import type { Obstacle } from '../../domain/plan.ts';
import { reduce } from '../../domain/reduce.ts';
import type { BoundHost } from '../../domain/scenario.ts';
import { selectHosts } from '../../domain/select.ts';
import { EMPTY_STATE } from '../../domain/state.ts';
import { imageStates } from '../../engine/app-image.ts';
import { agentImageOf, type Finding, type LookTools, lookAtHost } from '../../run/look-at-host.ts';
import { preflight } from '../../run/preflight.ts';
import { makePlan } from '../../run/run-verb.ts';
import { unreachedFailure } from '../../run/unreached.ts';
import { hostsLabel, reasonOf } from '../../scenario/hosts-of-plan.ts';
import { overlayModules } from '../../scenario/judge-hosts-kernel.ts';
import { judgeMachine } from '../../scenario/judge-hosts-machine.ts';
import { leftoverObstacle, leftovers } from '../../scenario/judge-hosts-node.ts';
import { parseBinds } from '../flag-values.ts';
import { tellDescription } from '../follow-hosts.ts';
import { hostsTable, isReached } from '../hosts-table.ts';
import { describeFindings, documentOf, type Findings } from '../report-doctor.ts';
import { type Layout, painter } from '../report-layout.ts';
import { bind } from '../scenario-files.ts';
import { findHostsAnd, readWished } from '../scenario-of-flags.ts';
import { boundHosts, findHosts, openSession, type Session } from '../session.ts';
import type { Flags, VerbAction, VerbContext } from '../verb.ts';

/**
 * Names what stands in the way of a scenario, or of any on these hosts, from what their engines tell and what is seen on the hosts
 * themselves. Changes nothing: its agents are gone when it ends. Status 3 where something stands in the way, 4 where an engine is silent.
 */
export const doctor: VerbAction = ([name], flags, context) =>
  name === undefined ? examineHosts(flags, context) : examineScenario(name, flags, context);

async function examineScenario(name: string, flags: Flags, context: VerbContext): Promise<number> {
  const [inventory, scenario] = await findHostsAnd(flags, context, (wish) => readWished(name, context.env, wish));
  const bound = bind(scenario, boundHosts(inventory, flags), parseBinds(flags.bind));
  const session = await openSession('doctor', flags, context, { inventory, needed: bound.hosts });
  try {
    const { engines, lost, signal, run, agents, stream } = session;
    const request = { ...bound, project: scenario.project, engines, lost, agents, emit: stream.emit, signal, run };
    const { plan, live } = await makePlan('up', request);
    const seen = await preflight(request, { plan, live });
    const findings: Findings = {
      ...seen,
      hosts: bound.hosts,
      obstacles: [...plan.obstacles, ...seen.obstacles],
      warnings: [...plan.warnings, ...seen.warnings],
    };
    const head = `${name} on ${bound.hosts.map((host) => host.name).join(', ')}`;
    const note = plan.steps.length + plan.obstacles.length === 0 ? ['  everything is as wished: nothing would be done'] : [];
    if (flags.json === true) context.stdout.write(documentOf(findings, { scenario: scenario.name, project: scenario.project }));
    else tell([layoutOf(flags, context).paint('bold', head), ...note, ...describeFindings(findings, layoutOf(flags, context))], context);
    if (unreachedFailure(plan, live) !== undefined) return EXIT.engine;
    return findings.obstacles.length > 0 ? EXIT.obstacles : EXIT.ok;
  } finally {
    await session.close();
  }
}

async function examineHosts(flags: Flags, context: VerbContext): Promise<number> {
  const inventory = await findHosts(flags, context);
  let state = EMPTY_STATE;
  const apply: Sink = (event) => {
    state = reduce(state, event);
  };
  const session = await openSession('doctor', flags, context, { inventory, sinks: [apply], waitFor: 'none' });
  try {
    await session.settled;
    const answering = session.hosts.filter(({ name }) => session.engines.has(name));
    const [seen] = await Promise.all([
      Promise.all(answering.map(({ name }) => look(name, session))),
      ...Array.from(session.engines.values(), (engine) => tellDescription(engine, session, session.signal)),
    ]);
    const findings = findingsOf(session, seen);
    const rows = selectHosts(state, systemClock.now());
    if (flags.json === true) context.stdout.write(documentOf(findings, { source: inventory.source }));
    else {
      const layout = layoutOf(flags, context);
      tell([...hostsTable(rows, inventory, layout), ...describeFindings(findings, layout, { kernels: true })], context);
    }
    if (!rows.every(isReached)) return EXIT.engine;
    return findings.obstacles.length > 0 ? EXIT.obstacles : EXIT.ok;
  } finally {
    await session.close();
  }
}

/** Nothing is asked for on the wire. */
const QUESTIONS = { addresses: [], modules: overlayModules(), timeoutMs: 1 };

async function look(name: string, { hosts, engines, agents, signal, run }: Session): Promise<Finding> {
  const host = hosts.find((each) => each.name === name);
  const engine = engines.get(name);
  if (host === undefined || engine === undefined) return { host: name, unchecked: 'its engine does not answer' };
  const ownership = { project: 'doctor', scenario: '', resource: 'sidecar/host', spec: '', run, hosts: hostsLabel(hosts) };
  const tools: LookTools = { engines, agents, ownership, signal };
  try {
    const images = await imageStates(engine, [AGENT_IMAGE], signal);
    return await lookAtHost(host, agentImageOf(images[AGENT_IMAGE]), QUESTIONS, tools);
  } catch (error) {
    if (signal.aborted || !(error instanceof PetsError)) throw error;
    return { host: name, unchecked: reasonOf(name, failureOf(error)) };
  }
}

function findingsOf({ hosts, lost }: Session, seen: readonly Finding[]): Findings {
  const verdicts = seen.map(({ host, facts, clockSkewMs }) => judgeMachine(host, facts, clockSkewMs));
  const left = seen.flatMap(({ host, facts }) => (facts === undefined ? [] : leftovers(facts).map((each) => leftoverObstacle(host, each))));
  return {
    hosts,
    facts: new Map(seen.flatMap(({ host, facts }) => (facts === undefined ? [] : [[host, facts] as const]))),
    obstacles: [...hosts.flatMap((host) => silence(host, lost.get(host.name))), ...verdicts.flatMap(({ obstacles }) => obstacles), ...left],
    warnings: verdicts.flatMap(({ warnings }) => warnings),
    unchecked: seen.flatMap(({ host, unchecked }) => (unchecked === undefined ? [] : [{ host, reason: unchecked }])),
  };
}

function silence({ name }: BoundHost, failure: Failure | undefined): readonly Obstacle[] {
  if (failure === undefined) return [];
  const { hint = 'does the engine answer? docker version' } = failure;
  return [{ host: name, resource: `host/${name}`, message: reasonOf(name, failure), hint }];
}

function layoutOf(flags: Flags, { stdout, env }: VerbContext): Layout {
  const colour = flags.color !== false && stdout.isTTY === true && !env.NO_COLOR;
  return { paint: painter(colour), columns: stdout.isTTY ? stdout.columns : undefined };
}

function tell(lines: readonly string[], { stdout }: VerbContext): void {
  stdout.write(`${lines.join('\n')}\n`);
}
