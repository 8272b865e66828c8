import { roundMs } from '../domain/duration.ts';
import { failureOf, PetsError } from '../domain/errors.ts';
import type { Unstamped } from '../domain/events.ts';
import type { Plan, Step } from '../domain/plan.ts';
import type { Engine } from '../engine/engine.ts';
import { performStep } from './perform-step.ts';

export interface Execution {
  /** Steps that changed something on an engine. */
  readonly changed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

export interface ExecutionContext {
  readonly engines: ReadonlyMap<string, Engine>;
  readonly emit: (event: Unstamped) => void;
  /** Aborted: no further step starts; a change that is under way is let finish, since engines finish it anyway. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
}

/** 200 removals at once took an engine 24 s; a few at once keep it busy without queueing (measured on 20.10). */
const STEPS_AT_ONCE_PER_HOST = 8;

/**
 * Runs the graph: a step starts as soon as every step it needs has finished, within a bound per host.
 * A failed step takes down only those that need it; what is independent goes on.
 */
export async function executePlan(plan: Plan, context: ExecutionContext): Promise<Execution> {
  const waiting = new Map(plan.steps.map((step) => [step.id, step]));
  const done = new Set<string>();
  const failed: string[] = [];
  const skipped: string[] = [];
  const busy = new Map<string, number>();
  let changed = 0;

  await new Promise<void>((resolve) => {
    let running = 0;
    const settle = (step: Step, outcome: 'done' | 'failed') => {
      running -= 1;
      busy.set(step.host, (busy.get(step.host) ?? 1) - 1);
      if (outcome === 'done') {
        done.add(step.id);
        if (step.action.kind !== 'container.ready') changed += 1;
      } else failed.push(step.id);
      startReady();
    };
    const startReady = () => {
      for (const step of [...waiting.values()]) {
        const reason = reasonToSkip(step, failed, skipped, context.signal);
        if (reason !== undefined) {
          waiting.delete(step.id);
          skipped.push(step.id);
          context.emit({ type: 'step.skipped', step: step.id, reason });
        } else if (step.needs.every((need) => done.has(need)) && (busy.get(step.host) ?? 0) < STEPS_AT_ONCE_PER_HOST) {
          waiting.delete(step.id);
          running += 1;
          busy.set(step.host, (busy.get(step.host) ?? 0) + 1);
          void runStep(step, context).then((outcome) => settle(step, outcome));
        }
      }
      if (running === 0) resolve();
    };
    startReady();
  });
  return { changed, failed, skipped };
}

/** Steps stand in the plan after those they need, so one pass carries a failure all the way down. */
function reasonToSkip(step: Step, failed: readonly string[], skipped: readonly string[], signal: AbortSignal): string | undefined {
  const broken = step.needs.find((need) => failed.includes(need) || skipped.includes(need));
  if (signal.aborted) return 'interrupted';
  return broken === undefined ? undefined : `needs ${broken}`;
}

async function runStep(step: Step, context: ExecutionContext): Promise<'done' | 'failed'> {
  const start = context.elapsed();
  context.emit({ type: 'step.started', step: step.id });
  try {
    const engine = context.engines.get(step.host);
    if (engine === undefined) {
      throw new PetsError('ENGINE_UNREACHABLE', { message: `${step.host}: no connection`, hint: 'pets-console show hosts' });
    }
    const progress = (text: string, current?: number, total?: number) =>
      context.emit({
        type: 'step.progressed',
        step: step.id,
        text,
        ...(current === undefined || total === undefined ? {} : { current, total }),
      });
    const summary = await performStep(engine, step.action, progress, context.signal);
    context.emit({ type: 'step.finished', step: step.id, durationMs: roundMs(context.elapsed() - start), summary });
    return 'done';
  } catch (error) {
    context.emit({ type: 'step.failed', step: step.id, durationMs: roundMs(context.elapsed() - start), failure: failureOf(error) });
    return 'failed';
  }
}
