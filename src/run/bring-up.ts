import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_IMAGE } from '../agent/agent-image.ts';
import { PetsError } from '../domain/errors.ts';
import type { Obstacle, Step } from '../domain/plan.ts';
import type { Scenario } from '../domain/scenario.ts';
import { outlineSteps } from '../scenario/steps.ts';
import { type Execution, type ExecutionContext, executePlan } from './execute.ts';
import { lookSteps, type Planned, type PreflightOptions, type PreflightRequest, preflight } from './preflight.ts';
import type { VerbRequest } from './verb-request.ts';

/** An engine that does not remove them sooner is not waited for. */
const AGENTS_GONE_MS = 5_000;

/** What was done, and what the hosts themselves had against the rest. */
export interface BroughtUp extends Execution {
  readonly obstacles: readonly Obstacle[];
}

/**
 * Carries a plan out: gets the images and looks at the hosts, and unless these have something against it makes the rest. A host whose
 * agent can start at once is looked at while images come.
 */
export async function bringUp(
  scenario: Scenario,
  request: VerbRequest,
  planned: Planned,
  perform: ExecutionContext['perform'],
): Promise<BroughtUp> {
  const { emit, signal } = request;
  const { plan } = planned;
  const context: ExecutionContext = { perform, emit, signal, elapsed: () => performance.now() };
  const [images, others] = partition(plan.steps, ({ action }) => action.kind === 'image.ensure');
  emit({ type: 'steps.added', steps: outlineSteps([...lookSteps(scenario, planned), ...plan.steps]) });
  const getting = executePlan({ steps: images }, context);
  const agents = request.agents.fork();
  const imageComes = async (host: string) => hasGot(await getting, images, host);
  const seeing = findObstacles({ ...request, scenario, agents }, planned, { tell: emit, imageComes }).finally(() => agents.close());
  try {
    const [got, obstacles] = await Promise.all([getting, seeing]);
    if (obstacles.length === 0) return { ...join(got, await executePlan({ steps: others }, context, got)), obstacles };
    for (const { id } of others) emit({ type: 'step.skipped', step: id, reason: 'an obstacle stands in the way' });
    return { ...got, obstacles };
  } finally {
    // They went while the rest was made.
    await Promise.race([agents.gone(), sleep(AGENTS_GONE_MS, undefined, { ref: false })]);
  }
}

/** Interrupted, it has none to tell: what follows is skipped by itself. */
async function findObstacles(request: PreflightRequest, planned: Planned, options: PreflightOptions): Promise<readonly Obstacle[]> {
  if (planned.plan.steps.length === 0) return [];
  try {
    return (await preflight(request, planned, options)).obstacles;
  } catch (error) {
    if (error instanceof PetsError && request.signal.aborted) return [];
    throw error;
  }
}

function partition(steps: readonly Step[], belongs: (step: Step) => boolean): readonly [readonly Step[], readonly Step[]] {
  return [steps.filter(belongs), steps.filter((step) => !belongs(step))];
}

function hasGot({ failed, skipped }: Execution, images: readonly Step[], host: string): boolean {
  const step = images.find((each) => each.host === host && each.action.kind === 'image.ensure' && each.action.image === AGENT_IMAGE);
  return step !== undefined && !skipped.includes(step.id) && !failed.some((each) => each.step === step.id);
}

function join(before: Execution, after: Execution): Execution {
  return {
    changed: before.changed + after.changed,
    failed: [...before.failed, ...after.failed],
    skipped: [...before.skipped, ...after.skipped],
  };
}
