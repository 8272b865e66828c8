import type { StepRow } from '../../domain/select-run.ts';

/** What stands in one row of the run: a step, or several of a host that share one fate. */
export interface StepGroup {
  /** Of the first of its steps: the row's key. */
  readonly id: string;
  readonly host: string;
  readonly steps: readonly StepRow[];
  /** They failed as a step above them did. */
  readonly repeats: boolean;
}

/**
 * The rows of the run, host by host. What was skipped on a host is one row, and so is what failed for the same reason as a step
 * before it: a host that died fails many steps and has one thing to say.
 */
export function groupSteps(steps: readonly StepRow[]): readonly StepGroup[] {
  const groups = new Map<string, StepRow[]>();
  const seen = new Set<string>();
  for (const step of steps) {
    const fate = fateOf(step);
    const isFirstFailure = step.status === 'failed' && !seen.has(fate);
    seen.add(fate);
    const key = fate === '' || isFirstFailure ? step.id : fate;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ id: first.id, host: first.host, steps: group, repeats: group === groups.get(fateOf(first)) && first.status === 'failed' }];
  });
}

function fateOf({ host, status, text }: StepRow): string {
  if (status === 'skipped') return `${host} skipped`;
  return status === 'failed' ? `${host} failed ${text}` : '';
}
