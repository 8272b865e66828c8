import type { TcpProbeResult } from '../agent/protocol.ts';
import { roundMs } from '../domain/duration.ts';
import { PetsError } from '../domain/errors.ts';
import type { CheckTally } from '../domain/events.ts';
import type { Expectation, Scenario } from '../domain/scenario.ts';
import { askForPage } from './ask-for-page.ts';
import { addressesFrom, askFor, probe, readScene, type Scene, serviceOf, splitTarget } from './scene.ts';
import type { VerbRequest } from './verb-request.ts';

/** What one expectation came to: as expected, not, or not to be told. */
interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'uncertain';
  readonly text: string;
  readonly hint?: string;
}

/**
 * Puts every expectation of the scenario to the test at once, tells each verdict, and counts them. The agents that it had to
 * start are gone when it ends, however it ends.
 * @throws INTERRUPTED without further verdicts, NOT_FOUND without a scenario, and what asking an engine can throw
 */
export async function verifyScenario(request: VerbRequest): Promise<CheckTally> {
  const { scenario, project } = request;
  if (scenario === undefined) {
    throw new PetsError('NOT_FOUND', {
      message: `project ${project} is known from its labels only; what it expects stands in its scenario file`,
      hint: 'pets-console verify ./SCENARIO.yaml',
    });
  }
  const agents = request.agents.fork();
  try {
    return await judgeAll(scenario, await readScene(scenario, { ...request, agents }), request);
  } finally {
    agents.close();
    await agents.gone();
  }
}

async function judgeAll(scenario: Scenario, scene: Scene, { emit, signal }: VerbRequest): Promise<CheckTally> {
  const tally = { passed: 0, failed: 0, uncertain: 0 };
  await Promise.all(
    scenario.expect.map(async (expectation) => {
      const start = performance.now();
      const { outcome, ...verdict } = await judge(expectation, scene);
      // What was cut short is no verdict.
      if (signal.aborted) return;
      tally[outcome] += 1;
      emit({ type: `check.${outcome}`, check: nameOf(expectation), durationMs: roundMs(performance.now() - start), ...verdict });
    }),
  );
  if (signal.aborted) throw new PetsError('INTERRUPTED', { message: `verify ${scenario.name} was interrupted`, cause: signal.reason });
  return tally;
}

function nameOf(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'reach':
      return `${expectation.from} reaches ${expectation.to}`;
    case 'deny':
      return `${expectation.from} does not reach ${expectation.to}`;
    case 'http':
      return `${expectation.url} answers ${expectation.status}`;
    case 'fails':
      return `${expectation.from} fails to reach ${expectation.to}`;
    case 'seen':
      return `${expectation.at} sees ${expectation.from} as ${expectation.as}`;
    default:
      return expectation satisfies never;
  }
}

async function judge(expectation: Expectation, scene: Scene): Promise<Verdict> {
  try {
    switch (expectation.kind) {
      case 'reach':
        return await judgeReach(expectation, scene);
      case 'deny':
        return await judgeDenial(expectation, scene);
      case 'http':
        return await judgePage(expectation, scene);
      case 'fails':
      case 'seen':
        throw new PetsError('CHECK_FAILED', { message: `${expectation.kind} cannot be judged yet` });
      default:
        return expectation satisfies never;
    }
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    return { outcome: 'uncertain', text: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
}

async function judgeReach({ from, to }: Expectation & { kind: 'reach' }, scene: Scene): Promise<Verdict> {
  const result = await probe(from, to, scene);
  if (result.outcome === 'answered')
    return { outcome: 'passed', text: `answered from ${result.address} in ${(result.connectMs + result.answerMs).toFixed(1)} ms` };
  return { outcome: 'failed', text: inWords(from, to, result), hint: `docker logs ${splitTarget(to).host}` };
}

/**
 * A denial counts only with its controls, in the same round: the asking side reached something that it may, and a service that
 * is to be out of reach was there, as an agent beside it found. It is asked for by name and at its addresses, since a name
 * that is not known hides nothing; whoever accepts a connection is reached.
 */
async function judgeDenial({ from, to, control }: Expectation & { kind: 'deny' }, scene: Scene): Promise<Verdict> {
  const { host, port } = splitTarget(to);
  const service = Object.hasOwn(scene.scenario.services, host) ? host : undefined;
  const ways = [to, ...addressesFrom(from, host, scene).map((address) => `${address}:${port}`)];
  const [controlled, present, ...denied] = await Promise.all([
    probe(from, control, scene),
    service === undefined ? undefined : probe(service, `127.0.0.1:${port}`, scene, askFor(service, scene)),
    ...ways.map((way) => probe(from, way, scene, 'connect')),
  ]);
  const open = ways.find((_, index) => denied[index]?.outcome === 'answered');
  if (open !== undefined) {
    const at = open === to ? '' : ` at ${open}`;
    return { outcome: 'failed', text: `${from} reaches ${to}${at}, which the scenario denies`, hint: hintOfOpenWay(service) };
  }
  if (present !== undefined && present.outcome !== 'answered') {
    return { outcome: 'uncertain', text: `${to} does not answer even beside itself (${present.outcome}), so silence tells nothing` };
  }
  if (controlled.outcome !== 'answered') {
    return { outcome: 'uncertain', text: `no answer from ${to}, but none from the control ${control} either (${controlled.outcome})` };
  }
  const outcomes = [...new Set(denied.map((result) => result.outcome))].join(', ');
  return { outcome: 'passed', text: `${outcomes}, while ${control} answered in the same round` };
}

function hintOfOpenWay(service: string | undefined): string {
  return service === undefined ? 'see who publishes it: docker ps' : `see its networks: docker inspect ${service}`;
}

async function judgePage(expectation: Expectation & { kind: 'http' }, scene: Scene): Promise<Verdict> {
  const { url, status, tenant } = expectation;
  const page = await askForPage(url, scene.signal);
  if (page.status !== status) return { outcome: 'failed', text: `it answered ${page.status}`, hint: `curl -i ${url}` };
  if (tenant === undefined) return { outcome: 'passed', text: `answered ${page.status}` };
  if (page.tenant !== tenant)
    return { outcome: 'failed', text: `it serves tenant ${page.tenant ?? 'unknown'}, not ${tenant}`, hint: `curl -i ${url}` };
  const hint = `docker logs ${scene.scenario.tenants[tenant]?.db ?? ''}`;
  if (page.counted === 'uncertain')
    return { outcome: 'uncertain', text: 'its database did not answer in time: the hit may have been counted or not', hint };
  if (page.counted !== 'true') return { outcome: 'failed', text: 'its hit was not counted: the database is away', hint };
  return { outcome: 'passed', text: `served by ${serviceOf(page.servedBy, scene)}, hit ${page.hits} of ${tenant}` };
}

function inWords(from: string, to: string, { outcome, detail }: TcpProbeResult): string {
  switch (outcome) {
    case 'answered':
      return `${from} reaches ${to}`;
    case 'refused':
      return `${from} finds ${to}, but nothing listens there`;
    case 'timed-out':
      return `${from} gets no answer from ${to}`;
    case 'no-such-name':
      return `${from} cannot find the name ${to.replace(/:\d+$/, '')}`;
    case 'stranger':
      return `${to} answers ${from}, but is not who it should be: ${detail}`;
    case 'unreachable':
      return `${from} has no way to ${to}: ${detail}`;
    case 'reset':
      return `${to} ends the connection of ${from}`;
    default:
      return outcome satisfies never;
  }
}
