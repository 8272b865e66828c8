import type { Writable } from 'node:stream';
import type { Failure } from '../domain/errors.ts';
import type { ConsoleEvent, EventOf } from '../domain/events.ts';
import type { PlanOutline, StepOutline } from '../domain/plan.ts';
import { doorLines } from './report-doors.ts';
import { hintLines, indented, type Layout, obstacleLines, type Paint, warningLines } from './report-layout.ts';
import { planNotes, variantText } from './report-plan.ts';

/** An engine finishes what it was asked for, so it is waited for. */
export const STOPPING = 'stopping after the steps that are under way; ctrl-c stops at once';

/** The longest check of the guide's scenarios; steps with longer titles widen the column, up to what leaves room for what came of them. */
const TITLE_COLUMNS = 46;
const WIDEST_TITLE_COLUMNS = 60;
const DURATION_COLUMNS = 8;

/** Tells a run as it goes, a line for each thing that ended. What does not fit beside it stands below it. */
export function textReporter(out: Writable & { readonly columns?: number }, paint: Paint): (event: ConsoleEvent) => void {
  const write = (lines: readonly string[]) => {
    for (const text of lines) out.write(`${text.trimEnd()}\n`);
  };
  const steps = new Map<string, StepOutline>();
  const hosts = new Map<string, HostSaid | undefined>();
  const told = new Set<string>();
  let doors: EventOf<'door.probed'>[] = [];
  // All of them together, once the checks are told.
  const takeDoors = (layout: Layout) => {
    const lines = doorLines(doors, layout);
    doors = [];
    return lines;
  };
  let refused = false;
  let hostColumns = 0;
  let titleColumns = TITLE_COLUMNS;
  // Steps say their host where there are several.
  const labelOf = (id: string) => {
    const step = steps.get(id);
    if (step === undefined || hostColumns === 0) return step?.title ?? id;
    return `${step.host.padEnd(hostColumns)}  ${step.title}`;
  };
  return (event) => {
    // The terminal may have been resized since the last one.
    const layout = { paint, columns: out.columns, titleColumns };
    switch (event.type) {
      case 'hosts.found':
        for (const { name } of event.hosts) hosts.set(name, undefined);
        return;
      case 'host.connected':
      case 'host.lost':
        return void hosts.set(event.host, event);
      case 'run.started':
        return write(
          describeStart(
            event,
            [...hosts.values()].filter((host) => host !== undefined),
            layout,
          ),
        );
      case 'steps.added':
        for (const step of event.steps) steps.set(step.id, step);
        return;
      case 'plan.made':
        write(takeDoors(layout));
        hostColumns = hostColumnsOf(event.plan);
        titleColumns = titleColumnsOf(event.plan, hostColumns);
        for (const { host, message } of event.plan.obstacles) told.add(`${host}: ${message}`);
        return write(planNotes(event.plan, layout));
      case 'preflight.finished':
        for (const { host, message } of event.obstacles) told.add(`${host}: ${message}`);
        refused = event.obstacles.length > 0;
        return write(preflightLines(event, layout));
      case 'step.finished':
        return write(outcome(paint('green', '✓'), labelOf(event.step), event, paint('dim', event.summary), layout));
      case 'step.failed': {
        const { message, hint } = event.failure;
        return write([...outcome(paint('red', '✕'), labelOf(event.step), event, message, layout), ...hintLines(hint, layout)]);
      }
      case 'step.skipped':
        // What an obstacle keeps from being done is told by the obstacle, and why a host was not looked at with what was found.
        return refused || event.step.endsWith('/host/look')
          ? undefined
          : write([`  ${paint('dim', '–')} ${labelOf(event.step).padEnd(titleColumns)} ${paint('dim', `skipped: ${event.reason}`)}`]);
      case 'check.passed':
        return write(outcome(paint('green', '✓'), event.check, event, paint('dim', event.text), layout));
      case 'check.failed':
        return write([...outcome(paint('red', '!'), event.check, event, event.text, layout), ...hintLines(event.hint, layout)]);
      case 'check.uncertain':
        return write([...outcome(paint('yellow', '?'), event.check, event, event.text, layout), ...hintLines(event.hint, layout)]);
      case 'door.probed':
        return void doors.push(event);
      case 'run.finished':
        return write([...takeDoors(layout), ...describeEnd(event, told, layout)]);
      default:
        return;
    }
  };
}

/** The swarm stands among the hosts: what belongs to all nodes is told as its. */
function hostColumnsOf({ hosts, steps }: PlanOutline): number {
  const places = new Set([...hosts.map(({ name }) => name), ...steps.map(({ host }) => host)]);
  return places.size > 1 ? Math.max(...Array.from(places, (place) => place.length)) : 0;
}

function titleColumnsOf({ steps }: PlanOutline, hostColumns: number): number {
  const before = hostColumns === 0 ? 0 : hostColumns + 2;
  const longest = Math.max(0, ...steps.map(({ title }) => before + title.length));
  return Math.min(WIDEST_TITLE_COLUMNS, Math.max(TITLE_COLUMNS, longest));
}

/** One thing that ended: its mark, its name, how long it took, and what came of it. */
function outcome(
  mark: string,
  title: string,
  { durationMs }: { readonly durationMs: number },
  text: string,
  { titleColumns, ...layout }: Layout & { readonly titleColumns: number },
): readonly string[] {
  const head = `  ${mark} ${title.padEnd(titleColumns)} ${layout.paint('dim', formatDuration(durationMs).padStart(DURATION_COLUMNS))}`;
  const room = (layout.columns ?? Number.POSITIVE_INFINITY) - Math.max(title.length, titleColumns) - DURATION_COLUMNS - 7;
  return widthOf(text) <= room ? [`${head}  ${text}`] : [head, ...indented(text, 6, layout)];
}

/** Without the escape sequences of colours. */
function widthOf(text: string): number {
  return text.replaceAll(/\u001b\[\d+m/g, '').length;
}

type HostSaid = EventOf<'host.connected' | 'host.lost'>;

function describeStart(event: EventOf<'run.started'>, hosts: readonly HostSaid[], { paint, ...layout }: Layout): readonly string[] {
  const versions = new Set(hosts.flatMap((host) => (host.type === 'host.connected' ? host.engineVersion : [])));
  const [version] = versions;
  const source = hosts.find((host) => host.type === 'host.connected')?.source ?? '';
  const places = hosts.map((host) => {
    if (host.type === 'host.lost') return `${host.host} (no answer)`;
    return versions.size > 1 ? `${host.host} (Docker ${host.engineVersion})` : host.host;
  });
  const engines = versions.size === 1 ? `Docker ${version}, from ${source}` : `from ${source}`;
  const name = `${event.verb} ${event.scenario === '' ? event.project : event.scenario}${variantText(event.variant)}`;
  const as = event.scenario === '' || event.project === event.scenario ? '' : ` as ${event.project}`;
  const head = `${paint('bold', name)}${as} on ${places.join(', ')}`;
  const whole = `${head} ${paint('dim', engines)}`;
  return layout.columns === undefined || widthOf(whole) <= layout.columns ? [whole] : [head, `  ${paint('dim', engines)}`];
}

function preflightLines({ obstacles, warnings, unchecked }: EventOf<'preflight.finished'>, layout: Layout): readonly string[] {
  return [
    ...warnings.flatMap((warning) => warningLines(warning, layout)),
    ...unchecked.flatMap(({ host, reason }) => warningLines(`${host} was not looked at: ${reason}`, layout)),
    ...obstacles.flatMap((obstacle) => obstacleLines(obstacle, layout)),
  ];
}

function describeEnd(event: EventOf<'run.finished'>, told: ReadonlySet<string>, layout: Layout): readonly string[] {
  const { paint } = layout;
  const { passed, failed, uncertain } = event.checks;
  const checks = passed + failed + uncertain === 0 ? '' : `, ${passed} checks passed, ${failed} failed, ${uncertain} uncertain`;
  const changed = event.verb === 'verify' ? '' : `, ${event.changed === 0 ? 'nothing changed' : `${event.changed} changed`}`;
  const facts = `${event.verb} in ${formatDuration(event.durationMs)}${changed}${checks}`;
  if (event.ok) return [`${paint('green', '✓')} ${facts}`];
  return [`${paint('red', '✕')} ${facts}`, ...failureLines(event.failure, told, layout)];
}

/** What stands above already, obstacle for obstacle, is not told again. */
function failureLines(failure: Failure | undefined, told: ReadonlySet<string>, layout: Layout): readonly string[] {
  if (failure === undefined) return [];
  const lines = failure.message.split('\n');
  if (lines.every((line) => told.has(line))) {
    const hosts = [...new Set(lines.map((line) => line.replace(/: .*$/, '')))];
    return indented(`${hosts.join(', ')}: see above`, 2, layout);
  }
  const hint = failure.hint === undefined ? [] : indented(failure.hint, 2, layout);
  return [...indented(failure.message, 2, layout), ...hint.map((line) => layout.paint('dim', line))];
}

/** `87 ms`, `1.2 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
