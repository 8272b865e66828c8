import { setTimeout as sleep } from 'node:timers/promises';
import { roundMs } from '../domain/duration.ts';
import { PetsError } from '../domain/errors.ts';
import type { CheckTally } from '../domain/events.ts';
import type { Expectation, Scenario } from '../domain/scenario.ts';
import { judgeDenial, judgeFailing } from './denials.ts';
import { probeDoors } from './doors.ts';
import { judgePage } from './judge-page.ts';
import { readScene, type Scene } from './scene.ts';
import { startTogether } from './start-together.ts';
import { tellScene } from './tell-scene.ts';
import type { VerbRequest } from './verb-request.ts';
import { uncertain, type Verdict } from './verdict.ts';
import { judgeReach, judgeSeen } from './verdicts.ts';

/** What the checks came to, and the hosts that could not be asked, with the reason. */
export interface Verified {
  readonly checks: CheckTally;
  readonly silent: Scene['silent'];
}

/**
 * Puts every expectation of the scenario to the test at once, tells each verdict, and counts them. The agents that it had to
 * start are gone when it ends, however it ends.
 * @throws INTERRUPTED without further verdicts, NOT_FOUND without a scenario, and what asking an engine can throw
 */
export async function verifyScenario(request: VerbRequest): Promise<Verified> {
  const { scenario, project } = request;
  if (scenario === undefined) {
    throw new PetsError('NOT_FOUND', {
      message: `project ${project} is known from its labels only; what it expects stands in its scenario file`,
      hint: 'pets-console verify ./SCENARIO.yaml',
    });
  }
  const agents = startTogether(request.agents.fork());
  try {
    const scene = await readScene(scenario, { ...request, agents });
    const [checks] = await Promise.all([judgeAll(scenario, scene, request), tellScene(scene, request.emit)]);
    // After the checks: these are notes, and must not make a check wait for its answer.
    for (const door of await probeDoors(scene)) request.emit({ type: 'door.probed', ...door });
    return { checks, silent: scene.silent };
  } finally {
    agents.close();
    await agents.gone();
  }
}

/** Pages that take longer do not hold up the rest. */
const PAGES_FIRST_MS = 1_000;

async function judgeAll(scenario: Scenario, scene: Scene, { emit, signal }: VerbRequest): Promise<CheckTally> {
  const tally = { passed: 0, failed: 0, uncertain: 0 };
  const judgeOne = async (expectation: Expectation) => {
    const start = performance.now();
    const { outcome, ...verdict } = await judge(expectation, scene);
    // What was cut short is no verdict.
    if (signal.aborted) return;
    tally[outcome] += 1;
    emit({ type: `check.${outcome}`, check: nameOf(expectation), durationMs: roundMs(performance.now() - start), ...verdict });
  };
  const { pages = [], others = [] } = Object.groupBy(scenario.expect, ({ kind }) => (kind === 'http' ? 'pages' : 'others'));
  const asked = Promise.all(pages.map(judgeOne));
  // Only then those that start agents: what that costs the machine is no slowness of a page's.
  await Promise.race([asked, sleep(PAGES_FIRST_MS, undefined, { ref: false })]);
  await Promise.all([asked, ...others.map(judgeOne)]);
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
      case 'fails':
        return await judgeFailing(expectation, scene);
      case 'seen':
        return await judgeSeen(expectation, scene);
      case 'http':
        return await judgePage(expectation, scene);
      default:
        return expectation satisfies never;
    }
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    return uncertain(error);
  }
}
