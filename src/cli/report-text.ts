import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Failure } from '../domain/errors.ts';
import type { ConsoleEvent, EventOf } from '../domain/events.ts';
import type { PlanOutline, StepOutline } from '../domain/plan.ts';

type Style = 'green' | 'red' | 'yellow' | 'dim' | 'bold' | 'cyan';
export type Paint = (style: Style, text: string) => string;

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** An engine finishes what it was asked for, so it is waited for. */
export const STOPPING = 'stopping after the steps that are under way; ctrl-c stops at once';

/** The longest check of the guide's scenarios; what is longer pushes its own row only. */
const TITLE_COLUMNS = 46;

/** Tells a run as it goes, a line for each thing that ended. */
export function textReporter(out: Writable, paint: Paint): (event: ConsoleEvent) => void {
  const steps = new Map<string, StepOutline>();
  const hosts: EventOf<'host.connected'>[] = [];
  const line = (text: string) => out.write(`${text}\n`);
  const outcome = (mark: string, title: string, durationMs: number, text: string) =>
    line(`  ${mark} ${title.padEnd(TITLE_COLUMNS)} ${paint('dim', formatDuration(durationMs).padStart(8))}  ${text}`.trimEnd());
  const titleOf = (id: string) => steps.get(id)?.title ?? id;
  return (event) => {
    switch (event.type) {
      case 'host.connected':
        hosts.push(event);
        return;
      case 'run.started':
        return void line(describeStart(event, hosts, paint));
      case 'steps.added':
        for (const step of event.steps) steps.set(step.id, step);
        return;
      case 'plan.made':
        for (const text of planNotes(event.plan, paint)) line(text);
        return;
      case 'step.finished':
        return void outcome(paint('green', '✓'), titleOf(event.step), event.durationMs, paint('dim', event.summary));
      case 'step.failed':
        outcome(paint('red', '✕'), titleOf(event.step), event.durationMs, event.failure.message);
        if (event.failure.hint !== undefined) line(`      ${paint('dim', event.failure.hint)}`);
        return;
      case 'step.skipped':
        return void line(`  ${paint('dim', '–')} ${titleOf(event.step).padEnd(TITLE_COLUMNS)} ${paint('dim', `skipped: ${event.reason}`)}`);
      case 'check.passed':
        return void outcome(paint('green', '✓'), event.check, event.durationMs, paint('dim', event.text));
      case 'check.failed':
        return void outcome(paint('red', '!'), event.check, event.durationMs, withHint(event.text, event.hint, paint));
      case 'check.uncertain':
        return void outcome(paint('yellow', '?'), event.check, event.durationMs, withHint(event.text, event.hint, paint));
      case 'run.finished':
        return void line(describeEnd(event, paint));
      default:
        return;
    }
  };
}

function describeStart(event: EventOf<'run.started'>, hosts: readonly EventOf<'host.connected'>[], paint: Paint): string {
  const places = hosts.map(({ host, engineVersion, source }) => `${host} ${paint('dim', `Docker ${engineVersion}, from ${source}`)}`);
  return `${paint('bold', `${event.verb} ${event.scenario === '' ? event.project : event.scenario}`)} on ${places.join(', ')}`;
}

function withHint(text: string, hint: string | undefined, paint: Paint): string {
  return hint === undefined ? text : `${text}\n      ${paint('dim', hint)}`;
}

function planNotes(plan: PlanOutline, paint: Paint): string[] {
  return [
    ...plan.unchanged.map((resource) => `  ${paint('dim', `= ${resource} is as wished`)}`),
    ...plan.warnings.map((warning) => `  ${paint('yellow', '!')} ${warning}`),
    ...plan.obstacles.flatMap((obstacle) => [
      `  ${paint('red', '✕')} ${obstacle.host}: ${obstacle.message}${obstacle.owner === undefined ? '' : ` ${paint('dim', `held by ${obstacle.owner}`)}`}`,
      `      ${paint('dim', obstacle.hint)}`,
    ]),
  ];
}

function describeEnd(event: EventOf<'run.finished'>, paint: Paint): string {
  const { passed, failed, uncertain } = event.checks;
  const checks = passed + failed + uncertain === 0 ? '' : `, ${passed} checks passed, ${failed} failed, ${uncertain} uncertain`;
  const changed = event.verb === 'verify' ? '' : `, ${event.changed === 0 ? 'nothing changed' : `${event.changed} changed`}`;
  const facts = `${event.verb} in ${formatDuration(event.durationMs)}${changed}${checks}`;
  if (event.ok) return `${paint('green', '✓')} ${facts}`;
  return `${paint('red', '✕')} ${facts}\n${describeFailure(event.failure, paint)}`;
}

function describeFailure(failure: Failure | undefined, paint: Paint): string {
  if (failure === undefined) return '';
  return `  ${failure.message}${failure.hint === undefined ? '' : `\n  ${paint('dim', failure.hint)}`}`;
}

/** `87 ms`, `1.2 s`, `2 min 5 s`. */
function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A plan as a person reads it before agreeing to it. */
export function describePlan(plan: PlanOutline, paint: Paint): string {
  const hosts = plan.hosts.map((host) => `${host.name} (${host.endpoint})`).join(', ');
  const head = `${paint('bold', `${plan.verb} ${plan.scenario}`)} ${paint('dim', `project ${plan.project} on ${hosts}`)}`;
  const steps = plan.steps.flatMap((step, index) => [
    `${String(index + 1).padStart(3)}  ${step.title}${step.reason === undefined ? '' : paint('dim', ` (${step.reason})`)}`,
    ...(step.command === '' ? [] : [`     ${paint('cyan', `$ ${step.command}`)}`]),
  ]);
  const nothing = plan.steps.length === 0 && plan.obstacles.length === 0 ? ['  nothing to do: everything is as wished'] : [];
  return [head, ...planNotes(plan, paint), ...steps, ...nothing, ''].join('\n');
}
