import { roundMs } from '../domain/duration.ts';
import { type Failure, failureOf, PetsError } from '../domain/errors.ts';
import type { Unstamped } from '../domain/events.ts';
import type { Plan, Step } from '../domain/plan.ts';

export interface Execution {
  /** Steps that changed something on an engine. */
  readonly changed: number;
  readonly failed: readonly { readonly step: string; readonly failure: Failure }[];
  readonly skipped: readonly string[];
}

const NOTHING_DONE: Execution = { changed: 0, failed: [], skipped: [] };

/** Tells how far a step is: a few words, and how much of how much where that is known. */
export type Progress = (text: string, current?: number, total?: number) => void;

export interface ExecutionContext {
  /** Does one step and says in a few words what came of it. */
  readonly perform: (step: Step, progress: Progress, signal: AbortSignal) => Promise<string>;
  readonly emit: (event: Unstamped) => void;
  /** Aborted: no further step starts; a change that is under way is let finish, since engines finish it anyway. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
}

/** 200 removals at once took an engine 24 s; a few at once keep it busy without queueing (measured on 20.10). */
export const CHANGES_AT_ONCE_PER_HOST = 8;

/**
 * Runs the graph: a step starts as soon as every step it needs has finished, within a bound per host.
 * A failed step takes down only those that need it; what is independent goes on. A bug in a step is thrown at the end.
 * What a step needs beyond these steps was done `before`, or failed there.
 */
export async function executePlan(
  { steps }: Pick<Plan, 'steps'>,
  context: ExecutionContext,
  before: Execution = NOTHING_DONE,
): Promise<Execution> {
  const here = new Set(steps.map(({ id }) => id));
  const waiting = new Set(steps);
  const done = new Set<string>();
  const failed: { step: string; failure: Failure }[] = [];
  const skipped: string[] = [];
  const changing = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const bugs: unknown[] = [];

  const run = async (step: Step) => {
    changing.set(step.host, (changing.get(step.host) ?? 0) + weightOf(step));
    const error = await runStep(step, context);
    changing.set(step.host, (changing.get(step.host) ?? 0) - weightOf(step));
    if (error === undefined) done.add(step.id);
    else failed.push({ step: step.id, failure: failureOf(error) });
    if (error !== undefined && !(error instanceof PetsError)) bugs.push(error);
  };
  const hasRoom = ({ host, ...step }: Step) => weightOf(step) + (changing.get(host) ?? 0) <= CHANGES_AT_ONCE_PER_HOST;
  const isBroken = (need: string) =>
    [before, { failed, skipped }].some((part) => part.skipped.includes(need) || part.failed.some(({ step }) => step === need));

  for (;;) {
    const skippedBefore = skipped.length;
    for (const step of waiting) {
      const cause = step.needs.find(isBroken);
      if (context.signal.aborted || cause !== undefined) {
        waiting.delete(step);
        skipped.push(step.id);
        context.emit({ type: 'step.skipped', step: step.id, reason: context.signal.aborted ? 'interrupted' : `needs ${cause}` });
      } else if (step.needs.every((need) => done.has(need) || !here.has(need)) && hasRoom(step)) {
        waiting.delete(step);
        const work: Promise<void> = run(step).finally(() => running.delete(work));
        running.add(work);
      }
    }
    // What needs a step that was just skipped may stand before it.
    if (skipped.length > skippedBefore) continue;
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (bugs.length > 0) throw bugs[0];
  if (waiting.size > 0) throw new Error(`steps that can never start: ${[...waiting].map(({ id }) => id).join(', ')}`);
  // An agent comes and goes with those who ask: ending a forgotten one is not a change to what was deployed.
  const changed = steps.filter((step) => done.has(step.id) && weightOf(step) > 0 && step.action.kind !== 'agent.end').length;
  return { changed, failed, skipped };
}

/** Waiting for a server changes nothing and takes no room: those that it waits for may still have to start. */
function weightOf({ action }: Pick<Step, 'action'>): 0 | 1 {
  return action.kind === 'container.ready' || action.kind === 'service.converge' ? 0 : 1;
}

/** The error that the step failed with, or undefined. */
async function runStep(step: Step, { perform, emit, signal, elapsed }: ExecutionContext): Promise<unknown> {
  const start = elapsed();
  emit({ type: 'step.started', step: step.id });
  const progress: Progress = (text, current, total) =>
    emit({ type: 'step.progressed', step: step.id, text, ...(current === undefined || total === undefined ? {} : { current, total }) });
  try {
    const summary = await perform(step, progress, signal);
    emit({ type: 'step.finished', step: step.id, durationMs: roundMs(elapsed() - start), summary });
    return undefined;
  } catch (error) {
    emit({ type: 'step.failed', step: step.id, durationMs: roundMs(elapsed() - start), failure: failureOf(error) });
    return error ?? new Error('a step failed without a reason');
  }
}
