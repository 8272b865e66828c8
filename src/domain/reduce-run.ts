import type { EventOf } from './events.ts';
import { own } from './own.ts';
import type { StepOutline } from './plan.ts';
import type { CheckState, DoorState, Preflight, RunState, StepState } from './state.ts';

type RunEvent = EventOf<
  | 'run.started'
  | 'run.finished'
  | 'steps.added'
  | 'step.started'
  | 'step.progressed'
  | 'step.finished'
  | 'step.failed'
  | 'step.skipped'
  | 'check.passed'
  | 'check.failed'
  | 'check.uncertain'
  | 'door.probed'
  | 'preflight.finished'
>;

export function reduceRun(run: RunState | undefined, event: RunEvent): RunState | undefined {
  if (event.type === 'run.started') return startRun(event);
  if (run === undefined) return undefined;
  switch (event.type) {
    case 'run.finished':
      return {
        ...run,
        finishedAt: event.at,
        ok: event.ok,
        changed: event.changed,
        tally: event.checks,
        failure: event.failure,
      };
    case 'preflight.finished':
      return { ...run, preflight: preflightOf(event) };
    case 'steps.added':
      return addSteps(run, event.steps);
    case 'step.started':
      return withStep(run, event.step, { status: 'running', startedAt: event.at });
    case 'step.progressed':
      return withStep(run, event.step, {
        text: event.text,
        progress: event.current === undefined || event.total === undefined ? undefined : { current: event.current, total: event.total },
      });
    case 'step.finished':
      return withStep(run, event.step, { status: 'done', durationMs: event.durationMs, text: event.summary, progress: undefined });
    case 'step.failed':
      return withStep(run, event.step, {
        status: 'failed',
        durationMs: event.durationMs,
        text: event.failure.message,
        failure: event.failure,
        progress: undefined,
      });
    case 'step.skipped':
      return withStep(run, event.step, { status: 'skipped', text: event.reason });
    case 'check.passed':
    case 'check.failed':
    case 'check.uncertain':
      return { ...run, checks: [...run.checks.filter((check) => check.check !== event.check), checkOf(event)] };
    case 'door.probed':
      return { ...run, doors: [...run.doors, doorOf(event)] };
    default:
      return event satisfies never;
  }
}

export function preflightOf({ obstacles, warnings, unchecked }: EventOf<'preflight.finished'>): Preflight {
  return { obstacles, warnings, unchecked };
}

function checkOf(event: EventOf<'check.passed' | 'check.failed' | 'check.uncertain'>): CheckState {
  const outcome = event.type === 'check.passed' ? 'passed' : event.type === 'check.failed' ? 'failed' : 'uncertain';
  return {
    check: event.check,
    outcome,
    text: event.text,
    hint: event.type === 'check.passed' ? undefined : event.hint,
    durationMs: event.durationMs,
  };
}

function doorOf({ at: _at, type: _type, ...door }: EventOf<'door.probed'>): DoorState {
  return door;
}

function startRun(event: EventOf<'run.started'>): RunState {
  const empty: RunState = {
    run: event.run,
    verb: event.verb,
    scenario: event.scenario,
    project: event.project,
    ...(event.variant === undefined ? {} : { variant: event.variant }),
    tenants: event.tenants.map((tenant) => tenant.id),
    startedAt: event.at,
    finishedAt: undefined,
    ok: undefined,
    changed: 0,
    tally: { passed: 0, failed: 0, uncertain: 0 },
    failure: undefined,
    order: [],
    steps: {},
    checks: [],
    doors: [],
  };
  return addSteps(empty, event.steps);
}

function addSteps(run: RunState, outlines: readonly StepOutline[]): RunState {
  const added = outlines.map((outline): [string, StepState] => [outline.id, { ...NEW_STEP, outline }]);
  return { ...run, order: [...run.order, ...added.map(([id]) => id)], steps: { ...run.steps, ...Object.fromEntries(added) } };
}

const NEW_STEP: Omit<StepState, 'outline'> = {
  status: 'waiting',
  startedAt: undefined,
  durationMs: undefined,
  text: '',
  progress: undefined,
  failure: undefined,
};

function withStep(run: RunState, id: string, change: Partial<StepState>): RunState {
  const step = own(run.steps, id);
  return step === undefined ? run : { ...run, steps: { ...run.steps, [id]: { ...step, ...change } } };
}
