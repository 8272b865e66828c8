import { AGENT_IMAGE } from '../agent/agent-image.ts';
import { roundMs } from '../domain/duration.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { CheckTally } from '../domain/events.ts';
import { LABEL } from '../domain/labels.ts';
import type { Plan, PlanOutline } from '../domain/plan.ts';
import { planDown } from '../scenario/plan-down.ts';
import { planUp } from '../scenario/plan-up.ts';
import { outlineSteps } from '../scenario/steps.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { executePlan } from './execute.ts';
import { failedSteps, interruption, obstruction, silence } from './failures.ts';
import { performOn } from './perform-step.ts';
import { type Survey, surveyHosts } from './survey.ts';
import { explainSilence } from './unreached.ts';
import type { VerbRequest } from './verb-request.ts';

export interface VerbOutcome {
  readonly ok: boolean;
  readonly changed: number;
  readonly checks: CheckTally;
  readonly failure: Failure | undefined;
}

const NO_CHECKS: CheckTally = { passed: 0, failed: 0, uncertain: 0 };

/** Does one verb from start to end and tells all of it, `run.finished` last, whatever happens. Throws nothing but bugs. */
export async function runVerb(request: VerbRequest): Promise<VerbOutcome> {
  const { emit, run, verb, project } = request;
  const start = performance.now();
  const { name: scenario = '', variant } = request.scenario ?? {};
  emit({
    type: 'run.started',
    run,
    verb,
    scenario,
    project,
    ...(variant === undefined ? {} : { variant }),
    steps: [],
    tenants: request.tenants,
  });
  const finish = ({ ok, changed, checks, failure }: VerbOutcome) => {
    const durationMs = roundMs(performance.now() - start);
    emit({ type: 'run.finished', run, verb, ok, durationMs, changed, checks, ...(failure === undefined ? {} : { failure }) });
  };
  let outcome: VerbOutcome = { ok: true, changed: 0, checks: NO_CHECKS, failure: undefined };
  try {
    for (const part of verb === 'run' ? (['up', 'verify', 'down'] as const) : ([verb] as const)) {
      // After a failed check the scenario is still taken down; after a failed change it is left for diagnosis.
      if (outcome.failure !== undefined && outcome.failure.code !== 'CHECK_FAILED') break;
      outcome = combine(outcome, await runPart(part, request));
    }
  } catch (bug) {
    finish({ ...outcome, ok: false, failure: failureOf(bug) });
    throw bug;
  }
  finish(outcome);
  return outcome;
}

async function runPart(verb: 'up' | 'verify' | 'down', request: VerbRequest): Promise<VerbOutcome> {
  try {
    return await (verb === 'verify' ? verify(request) : change(verb, request));
  } catch (error) {
    if (!(error instanceof PetsError)) throw error;
    return { ok: false, changed: 0, checks: NO_CHECKS, failure: request.signal.aborted ? interruption(request) : failureOf(error) };
  }
}

async function verify(request: VerbRequest): Promise<VerbOutcome> {
  // Loaded here: `up` and `down` ask for no page, and what asks for pages takes long to load.
  const { verifyScenario } = await import('./verify.ts');
  const { checks, silent } = await verifyScenario(request);
  const { passed, failed, uncertain } = checks;
  if (silent.size > 0) return { ok: false, changed: 0, checks, failure: silence(request, silent) };
  if (failed + uncertain === 0) return { ok: true, changed: 0, checks, failure: undefined };
  const message = `${failed} of ${passed + failed + uncertain} checks failed, ${uncertain} uncertain`;
  return { ok: false, changed: 0, checks, failure: { code: 'CHECK_FAILED', message } };
}

async function change(verb: 'up' | 'down', request: VerbRequest): Promise<VerbOutcome> {
  const planned = await makePlan(verb, request);
  const { plan, live } = planned;
  if (request.scenario === undefined && plan.steps.length + plan.obstacles.length + plan.warnings.length === 0)
    throw unknownProject(
      request.project,
      request.hosts.map((host) => host.name),
    );
  request.emit({ type: 'plan.made', plan: outlinePlan(plan) });
  if (plan.obstacles.length > 0 && verb === 'up')
    return { ok: false, changed: 0, checks: NO_CHECKS, failure: obstruction(plan.obstacles, live) };
  const { changed, failed, skipped, obstacles } = await carryOut(request, planned);
  // Asked to stop when every step was under way already, it has done all the same.
  const interrupted = request.signal.aborted && failed.length + skipped.length > 0;
  const failure = interrupted ? interruption(request) : failed.length > 0 ? failedSteps(verb, request, failed) : undefined;
  // `down` takes what it can; what others still hold is an obstacle that is left standing.
  const remaining = failure ?? (obstacles.length > 0 ? obstruction(obstacles, live) : undefined);
  return { ok: remaining === undefined, changed, checks: NO_CHECKS, failure: remaining };
}

async function carryOut(request: VerbRequest, planned: PlannedVerb): Promise<BroughtUp> {
  const { scenario, engines, emit, signal } = request;
  const { plan } = planned;
  const { perform, close } = performOn(engines);
  try {
    if (plan.verb === 'up' && scenario !== undefined) return await bringUp(scenario, request, planned, perform);
    emit({ type: 'steps.added', steps: outlineSteps(plan.steps) });
    const done = await executePlan(plan, { perform, emit, signal, elapsed: () => performance.now() });
    return { ...done, obstacles: plan.obstacles };
  } finally {
    close();
  }
}

/** A plan, and what the hosts were found to hold when it was made. */
export interface PlannedVerb extends Survey {
  readonly plan: Plan;
}

type PlanRequest = Pick<VerbRequest, 'scenario' | 'project' | 'hosts' | 'engines' | 'lost' | 'signal' | 'run'>;

/** What `verb` would do now, from what the hosts report. A host that does not is an obstacle, told with its reason. */
export async function makePlan(verb: 'up' | 'down', request: PlanRequest): Promise<PlannedVerb> {
  const { scenario, project, hosts, run } = request;
  const wanted = Object.values(scenario?.services ?? {}).map((service) => service.image);
  // The agent's own, also where no service needs it: the hosts are looked at by it.
  const images = verb === 'down' ? [] : [...new Set([...wanted, AGENT_IMAGE])];
  // What `down` takes may stand in a swarm, whatever its labels say.
  const asksSwarm = verb === 'down' || scenario?.needsSwarm === true;
  const survey = await surveyHosts(hosts, request, images, request.signal, { swarm: asksSwarm });
  const { live, silent } = survey;
  const plan =
    verb === 'up' && scenario !== undefined
      ? explainSilence(planUp(scenario, hosts, live, run), silent)
      : planDown(project, hosts, live, silent);
  return { plan, ...survey };
}

/** A plan without what only the executor needs: as events carry it. */
export function outlinePlan(plan: Plan): PlanOutline {
  return { ...plan, steps: outlineSteps(plan.steps) };
}

function combine(before: VerbOutcome, after: VerbOutcome): VerbOutcome {
  return {
    ok: before.ok && after.ok,
    changed: before.changed + after.changed,
    checks: {
      passed: before.checks.passed + after.checks.passed,
      failed: before.checks.failed + after.checks.failed,
      uncertain: before.checks.uncertain + after.checks.uncertain,
    },
    failure: worse(before.failure, after.failure),
  };
}

/** Of two failures the one that the exit status must tell: an engine's before a check's. */
function worse(before: Failure | undefined, after: Failure | undefined): Failure | undefined {
  return after === undefined || (after.code === 'CHECK_FAILED' && before !== undefined) ? before : after;
}

export function unknownProject(project: string, hosts: readonly string[]): PetsError {
  return new PetsError('NOT_FOUND', {
    message: `${project} is neither a scenario nor a project with anything on ${hosts.join(', ')}`,
    hint: `see what there is: docker ps -a --filter label=${LABEL.project}`,
  });
}
