import { SWARM } from '../../domain/scenario.ts';
import type { HostRow } from '../../domain/select.ts';
import type { RunView, StepRow } from '../../domain/select-run.ts';
import { age, duration, plural, sizeOf } from '../format.ts';
import { cell, cellRight, fold, type Line, nameCell, nameColumn, type Span, span, type Tone, widthOf } from '../line.ts';
import { GUTTER, gutter, type PanelRow } from '../panel.ts';
import { hostMark, hostTone, hostWords } from './host-state.ts';
import { laneBar } from './lane.ts';
import { groupSteps, type StepGroup } from './step-groups.ts';

const SYMBOL = { waiting: '·', running: '◐', done: '✓', failed: '✕', skipped: '–', stopped: '■' } as const;
const SYMBOL_TONE = { waiting: 'dim', running: 'busy', done: 'ok', failed: 'failing', skipped: 'dim', stopped: 'dim' } as const;

/** Where the host stands in the line of a lane: behind the gutter. */
const HOST_CELL = gutter().length;
const SAME_REASON = 'for the same reason';

export interface StepColumns {
  readonly host: number;
  readonly title: number;
  readonly lane: number;
  readonly text: number;
}

/** By the plan and the width alone: what comes in moves no column. */
export function stepColumns(run: RunView, width: number): StepColumns {
  const narrow = width < 100;
  const names = run.steps.flatMap((step) => [step.host, viaWords(step.via)]);
  const host = narrow ? nameColumn(names, 8, 12) : nameColumn(names, 14, Math.floor(width * 0.16));
  const title = Math.min(narrow ? 22 : width < 160 ? 32 : 56, Math.max(...run.steps.map((step) => widthOf(step.title)), 12) + 2);
  const left = width - GUTTER - host - title - 11;
  const lane = Math.max(8, Math.floor(left * (narrow ? 0.46 : 0.55)));
  return { host, title, lane, text: Math.max(0, left - lane) };
}

interface Drawing {
  readonly columns: StepColumns;
  readonly scale: number;
  readonly selected: string | undefined;
  readonly hosts: readonly HostRow[];
}

/** The lanes, host by host. Beside the second lane of a host that does not answer stands for how long. */
export function laneRows(run: RunView, drawing: Drawing): readonly PanelRow[] {
  const byHost = Map.groupBy(groupSteps(run.steps), (group) => group.host);
  return [...byHost].flatMap(([name, groups]) => {
    const state =
      name === SWARM
        ? nameCell(viaWords(groups[0]?.steps[0]?.via), drawing.columns.host, 'dim')
        : hostCell(
            drawing.hosts.find((host) => host.name === name),
            drawing.columns.host,
          );
    const host = nameCell(name, drawing.columns.host, 'strong');
    const cells = [host, state];
    const rows = groups.flatMap((group, index) => groupRows(group, cells[index] ?? cell('', drawing.columns.host), drawing));
    return rows.map((row) => (row.key === undefined ? row : { ...row, lineAtTop: row.line.with(HOST_CELL, host) }));
  });
}

/** The manager that is asked for what belongs to all nodes. */
function viaWords(manager: string | undefined): string {
  return manager === undefined ? '' : `via ${manager}`;
}

function hostCell(host: HostRow | undefined, width: number): Span {
  if (host === undefined || host.freshness === 'live') return cell('', width);
  const words = `${hostMark(host).text} ${hostWords(host)}`;
  const short = `${hostMark(host).text} ${host.ageMs === undefined ? '' : age(host.ageMs)}`;
  return cell(widthOf(words) < width ? words : short, width, hostTone(host));
}

/** The key of the row in which a step stands. */
export function rowOf(run: RunView, step: string): string | undefined {
  return groupSteps(run.steps).find((group) => group.steps.some(({ id }) => id === step))?.id;
}

function groupRows(group: StepGroup, host: Span, drawing: Drawing): readonly PanelRow[] {
  const [step] = group.steps;
  if (step === undefined) return [];
  if (group.steps.length > 1) return [foldedRow(group, step, host, drawing)];
  const row = { key: step.id, line: stepLine(step, host, drawing, group.repeats ? SAME_REASON : undefined) };
  return step.status === 'failed' && !group.repeats ? [row, ...openedRows(step, drawing.columns)] : [row];
}

/** Several steps in one row: how many, in the lane which, and why. */
function foldedRow({ id, steps }: StepGroup, { status, text }: StepRow, host: Span, { columns, selected }: Drawing): PanelRow {
  const failed = status === 'failed';
  const here = selected === id;
  const titles = steps.map((step) => step.title).join(', ');
  return {
    key: id,
    line: [
      ...gutter({ here, mark: failed ? 'failing' : undefined }),
      host,
      cell(`${plural(steps.length, 'step')} ${failed ? 'more' : 'skipped'}`, columns.title - 1, here ? 'here' : failed ? 'failing' : 'dim'),
      span(' '),
      cell(titles, columns.lane, 'dim'),
      span(' '.repeat(9)),
      cell(SYMBOL[status], 2, SYMBOL_TONE[status]),
      span(failed ? SAME_REASON : text, 'dim'),
    ],
  };
}

function stepLine(step: StepRow, host: Span, { columns, scale, selected }: Drawing, instead: string | undefined): Line {
  const here = selected === step.id;
  const failed = step.status === 'failed';
  const titleTone: Tone = here ? 'here' : failed ? 'failing' : step.status === 'waiting' || step.status === 'skipped' ? 'dim' : 'plain';
  const words = instead ?? (opens(step, columns) ? 'failed' : wordsOf(step));
  return [
    ...gutter({ here, mark: failed ? 'failing' : undefined }),
    host,
    // Titles begin alike and end with what they are about.
    nameCell(step.title, columns.title, titleTone),
    ...laneBar(step, scale, columns.lane),
    cellRight(step.durationMs === undefined ? '' : duration(step.durationMs), 8, 'dim'),
    span(' '),
    cell(SYMBOL[step.status], 2, SYMBOL_TONE[step.status]),
    span(words, failed ? 'failing' : 'dim'),
  ];
}

/** A message that its column would cut stands below the row instead, whole. */
function opens(step: StepRow, columns: StepColumns): boolean {
  return step.status === 'failed' && widthOf(step.text) > columns.text;
}

/** The failing step is open: its whole message where the row has no room for it, and what to do about it. */
function openedRows(step: StepRow, columns: StepColumns): readonly PanelRow[] {
  const width = columns.lane + columns.text + 10;
  const message = opens(step, columns) ? fold(step.text, width).map((row) => span(row, 'failing')) : [];
  const hint = step.hint === undefined ? [] : fold(step.hint, width - 2).map((row, index) => span(`${index === 0 ? '→ ' : '  '}${row}`));
  const indent = cell('', columns.host + columns.title);
  return [...message, ...hint].map((text) => ({ line: [...gutter({ mark: 'failing' }), indent, text] }));
}

/** Of an image that is on its way the bytes first: they are what one waits for. */
function wordsOf(step: StepRow): string {
  if (step.status === 'stopped') return 'stopped';
  if (step.status === 'waiting') return step.reason ?? '';
  if (step.progress === undefined || step.progress.total === 0) return step.text;
  return `${sizeOf(step.progress.current, step.progress.total)}  ${step.text}`;
}
