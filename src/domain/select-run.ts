import type { Failure } from './errors.ts';
import type { CheckTally } from './events.ts';
import { ownershipOf } from './labels.ts';
import { own } from './own.ts';
import { SWARM } from './scenario.ts';
import type { CheckState, ConsoleState, DoorState, Preflight, RunState, StepState, StepStatus } from './state.ts';

/** How a step stands on the screen: one that the user stopped did not fail. */
export type StepRowStatus = StepStatus | 'stopped';

/** One step on the time line of a run; times are milliseconds since the run began. */
export interface StepRow {
  readonly id: string;
  readonly host: string;
  /** The manager that is asked, of a step of the swarm. */
  readonly via: string | undefined;
  readonly title: string;
  readonly reason: string | undefined;
  readonly command: string;
  readonly status: StepRowStatus;
  readonly startMs: number | undefined;
  /** Of a running step: so far. */
  readonly durationMs: number | undefined;
  readonly text: string;
  readonly hint: string | undefined;
  /** Bytes, of an image that is on its way. */
  readonly progress: { readonly current: number; readonly total: number } | undefined;
}

export interface RunView {
  readonly verb: string;
  readonly scenario: string;
  readonly project: string;
  /** Of the scenario; undefined for the scenario's own way. */
  readonly variant: string | undefined;
  /** `stopped`: by the user, before its end. */
  readonly phase: 'running' | 'succeeded' | 'failed' | 'stopped';
  readonly elapsedMs: number;
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  readonly changed: number;
  readonly failure: Failure | undefined;
  /** Grouped by host, hosts in the plan's order. */
  readonly steps: readonly StepRow[];
  readonly checks: readonly CheckState[];
  /** Ways beside the scenario's networks, open or not; none of them is a check. */
  readonly doors: readonly DoorState[];
  readonly tally: CheckTally;
  /** What the hosts were found to hold against it; undefined until they were looked at. */
  readonly preflight: Preflight | undefined;
}

/** The current or last run, or undefined before the first. */
export function selectRun(state: ConsoleState, now: number): RunView | undefined {
  const { run } = state;
  if (run === undefined) return undefined;
  const steps = stepsByHost(run).map((step) => stepRow(step, run, now));
  return {
    verb: run.verb,
    scenario: run.scenario,
    project: run.project,
    variant: run.variant,
    phase: phaseOf(run),
    elapsedMs: Math.max(0, (run.finishedAt ?? now) - run.startedAt),
    done: steps.filter((step) => step.status === 'done').length,
    failed: steps.filter((step) => step.status === 'failed').length,
    total: steps.length,
    changed: run.changed,
    failure: run.failure,
    steps,
    checks: run.checks,
    doors: run.doors,
    tally: tallyOf(run),
    preflight: run.preflight,
  };
}

/** The hosts that the last run was planned on, acts on, or left something of its project on, by name; empty before the first run. */
export function selectRunHosts({ run, planning, hosts }: ConsoleState): ReadonlySet<string> {
  if (run === undefined) return new Set();
  const planned = planning?.plan?.project === run.project ? planning.plan.hosts.map((host) => host.name) : [];
  const acted = run.order.flatMap((id) => run.steps[id]?.outline.host ?? []);
  const holding = Object.values(hosts).filter(({ containers }) =>
    Object.values(containers).some(({ labels }) => ownershipOf(labels)?.project === run.project),
  );
  return new Set([...planned, ...acted, ...holding.map((host) => host.name)].filter((name) => name !== SWARM));
}

function phaseOf({ ok, failure }: RunState): RunView['phase'] {
  if (ok === undefined) return 'running';
  if (ok) return 'succeeded';
  return failure?.code === 'INTERRUPTED' ? 'stopped' : 'failed';
}

function stepsByHost(run: RunState): readonly StepState[] {
  const byHost = Map.groupBy(
    run.order.flatMap((id) => run.steps[id] ?? []),
    (step) => step.outline.host,
  );
  return [...byHost.values()].flat();
}

function stepRow(step: StepState, run: RunState, now: number): StepRow {
  const { outline, startedAt } = step;
  // A run that ended leaves no step running: its time stops with it.
  const until = run.finishedAt ?? now;
  return {
    id: outline.id,
    host: outline.host,
    via: outline.via,
    title: outline.title,
    reason: outline.reason,
    command: outline.command,
    status: step.failure?.code === 'INTERRUPTED' ? 'stopped' : step.status,
    startMs: startedAt === undefined ? undefined : Math.max(0, startedAt - run.startedAt),
    durationMs: step.durationMs ?? (startedAt === undefined ? undefined : Math.max(0, until - startedAt)),
    text: step.status === 'skipped' ? skippedText(step, run) : step.text,
    hint: step.failure?.hint,
    progress: outline.resource.startsWith('image/') ? step.progress : undefined,
  };
}

/** A step is skipped for the sake of another, which events name by its id and people by its title. */
function skippedText({ text, outline }: StepState, run: RunState): string {
  const needed = own(run.steps, text.replace(/^needs /, ''))?.outline;
  if (needed === undefined) return text;
  return `needs ${needed.title}${needed.host === outline.host ? '' : ` on ${needed.host}`}`;
}

/** While checks still come in, the tally is counted from them; the finished run carries its own. */
function tallyOf(run: RunState): CheckTally {
  if (run.finishedAt !== undefined) return run.tally;
  const count = (outcome: CheckState['outcome']) => run.checks.filter((check) => check.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), uncertain: count('uncertain') };
}
