import type { HaltedContainer } from '../../domain/select-halted.ts';
import type { RunView, StepRow } from '../../domain/select-run.ts';
import type { CheckState } from '../../domain/state.ts';
import { duration, plural } from '../format.ts';
import { cell, cellRight, fold, foldCommand, type Line, type Span, span, type Tone, widthOf } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { haltedNow, haltedRows, haltedTitle } from './halted.ts';
import { axis, laneBar, laneScale } from './lane.ts';

const SYMBOL = { waiting: '·', running: '◐', done: '✓', failed: '✕', skipped: '–', stopped: '■' } as const;
const SYMBOL_TONE = { waiting: 'dim', running: 'busy', done: 'ok', failed: 'failing', skipped: 'dim', stopped: 'dim' } as const;
/** Rows for the command of the selected step, an empty one above it: fixed, so that the list above never moves. */
const commandRowsAt = (width: number) => (width < 100 ? 3 : 2);

interface Columns {
  readonly host: number;
  readonly title: number;
  readonly lane: number;
  readonly text: number;
}

/** The run: one lane per step, time flows right, hosts below each other; then the checks. */
export function stepsPanel(scene: Scene, width: number): PanelContent {
  const { run } = scene;
  if (run === undefined) {
    return {
      ...EMPTY_PANEL,
      title: 'Run',
      rows: [
        textRow(''),
        textRow('Nothing ran yet. Choose a scenario (1): enter shows its plan, enter again runs it.', 'dim'),
        ...haltedRows(haltedNow(scene), width),
      ],
    };
  }
  const columns = columnsFor(run, width);
  const scale = laneScale(run.elapsedMs);
  const rows = run.steps.flatMap((step, index) => {
    const host = run.steps[index - 1]?.host === step.host ? '' : step.host;
    return stepRows(step, { host, columns, scale, here: step.id === scene.step?.id });
  });
  const head: Line[] =
    run.total === 0 ? [[]] : [[...gutter(), cell('', columns.host + columns.title), span(axis(scale, columns.lane), 'dim')]];
  return {
    ...EMPTY_PANEL,
    title: run.verb,
    about: runFigures(run, haltedNow(scene), width),
    aside: width < 90 || run.total === 0 ? [] : progressBar(run),
    head,
    rows: [...rows, ...quietRows(run), ...failureRows(run, width), ...haltedRows(haltedNow(scene), width), ...checkRows(run, width)],
    foot: run.total === 0 ? [] : commandRows(scene.step, width),
    list: { subject: 'step', selected: scene.step?.id },
  };
}

function columnsFor(run: RunView, width: number): Columns {
  const host = Math.min(12, Math.max(...run.steps.map((step) => widthOf(step.host)), 6) + 2);
  const title = Math.min(width < 100 ? 22 : 32, Math.max(...run.steps.map((step) => widthOf(step.title)), 12) + 2);
  const left = width - GUTTER - host - title - 11;
  const lane = Math.max(8, Math.floor(left * (width < 100 ? 0.46 : 0.55)));
  return { host, title, lane, text: Math.max(0, left - lane) };
}

/** A run without steps says why it has none. */
function quietRows(run: RunView): readonly PanelRow[] {
  if (run.total > 0 || run.phase !== 'succeeded' || run.verb === 'verify') return [];
  return [textRow(run.verb === 'down' ? 'Nothing of it was left.' : 'Everything is as the scenario wishes.', 'dim')];
}

function runFigures(run: RunView, halted: readonly HaltedContainer[], width: number): Line {
  const time = cellRight(duration(run.elapsedMs), 7);
  const steps = run.total === 0 ? [] : [span(`  ${String(run.done).padStart(String(run.total).length)} of ${plural(run.total, 'step')}`)];
  return [
    span(run.scenario),
    ...steps,
    span(' '),
    time,
    span('   '),
    ...(halted.length > 0 && run.phase === 'succeeded' ? haltedTitle(halted) : outcome(run, width)),
  ];
}

function outcome(run: RunView, width: number): Line {
  const { passed, failed, uncertain } = run.tally;
  const checks = passed + failed + uncertain === 0 ? '' : `, ${passed} of ${plural(passed + failed + uncertain, 'check')} passed`;
  if (run.phase === 'running') return [span('◐ ', 'busy'), span(`running${checks}`)];
  if (run.phase === 'stopped') return [span('■ ', 'warning'), span(`stopped, ${run.changed} changed${checks}`)];
  if (run.phase === 'failed')
    return [span('✕ ', 'failing'), span(`${failed > 0 && run.failed === 0 ? 'not as expected' : 'failed'}${checks}`, 'failing')];
  if (run.verb === 'verify') return [span('✓ ', 'ok'), span(`as expected${checks}`)];
  const changed = run.changed === 0 ? 'nothing had to change' : `${run.changed} changed`;
  return [span('✓ ', 'ok'), span(width < 70 ? 'done' : `done, ${changed}${checks}`)];
}

function progressBar(run: RunView): Line {
  const width = 24;
  const filled = Math.round((run.done / Math.max(1, run.total)) * width);
  const tone: Tone = run.phase === 'failed' ? 'failing' : run.phase === 'running' ? 'accent' : 'dim';
  return [span('━'.repeat(filled), tone), span('─'.repeat(width - filled), 'dim')];
}

interface StepDrawing {
  readonly host: string;
  readonly columns: Columns;
  readonly scale: number;
  readonly here: boolean;
}

function stepRows(step: StepRow, drawing: StepDrawing): readonly PanelRow[] {
  const { columns, here, host } = drawing;
  const failed = step.status === 'failed';
  const titleTone: Tone = here ? 'here' : failed ? 'failing' : step.status === 'waiting' ? 'dim' : 'plain';
  const row: Span[] = [
    ...gutter({ here, mark: failed ? 'failing' : undefined }),
    cell(host, columns.host, 'strong'),
    cell(step.title, columns.title - 1, titleTone),
    span(' '),
    ...laneBar(step, drawing.scale, columns.lane),
    cellRight(step.durationMs === undefined ? '' : duration(step.durationMs), 8, 'dim'),
    span(' '),
    cell(SYMBOL[step.status], 2, SYMBOL_TONE[step.status]),
    span(opens(step, columns) ? 'failed' : wordsOf(step), failed ? 'failing' : 'dim'),
  ];
  const indent = columns.host + columns.title;
  const opened = failed ? openedRows(step, columns, indent) : [];
  return [{ key: step.id, line: row }, ...opened];
}

/** A message that its column would cut stands below the row instead, whole. */
function opens(step: StepRow, columns: Columns): boolean {
  return step.status === 'failed' && widthOf(step.text) > columns.text;
}

/** The failing step is open: its whole message where the row has no room for it, and what to do about it. */
function openedRows(step: StepRow, columns: Columns, indent: number): readonly PanelRow[] {
  const width = columns.lane + columns.text + 10;
  const message = opens(step, columns) ? fold(step.text, width).map((row) => span(row, 'failing')) : [];
  const hint = step.hint === undefined ? [] : fold(step.hint, width - 2).map((row, index) => span(`${index === 0 ? '→ ' : '  '}${row}`));
  return [...message, ...hint].map((text) => ({ line: [...gutter({ mark: 'failing' }), cell('', indent), text] }));
}

function wordsOf(step: StepRow): string {
  if (step.status === 'stopped') return 'stopped';
  if (step.status === 'waiting') return step.reason ?? '';
  if (step.progress === undefined || step.progress.total === 0) return step.text;
  return `${String(Math.floor((step.progress.current / step.progress.total) * 100)).padStart(3)} % ${step.text}`;
}

/** A failure of the run as a whole, when no step carries it; a run that the user stopped says what stands, and how to go on. */
function failureRows(run: RunView, width: number): readonly PanelRow[] {
  if (run.failure === undefined || run.failed > 0) return [];
  const [symbol, tone] = run.phase === 'stopped' ? (['■', 'warning'] as const) : (['✕', 'failing'] as const);
  const message = fold(run.failure.message, width - GUTTER - 3).map((row, index) => ({
    line: [...gutter({ mark: tone }), span(index === 0 ? `${symbol} ` : '  ', tone), span(row)],
  }));
  const hint = run.failure.hint === undefined ? [] : fold(run.failure.hint, width - GUTTER - 5).map((row) => textRow(`  → ${row}`));
  return [textRow(''), ...message, ...hint];
}

const CHECK_SYMBOL = { passed: ['✓', 'ok'], failed: ['!', 'failing'], uncertain: ['?', 'warning'] } as const;

function checkRows(run: RunView, width: number): readonly PanelRow[] {
  if (run.checks.length === 0) return [];
  const heading = run.total === 0 ? [] : [textRow(''), textRow('Checks', 'strong')];
  const room = width - GUTTER - 13;
  const longest = Math.max(...run.checks.map((check) => widthOf(check.check)));
  return [...heading, ...run.checks.flatMap((check) => checkRow(check, width, longest <= room / 2 ? longest : room))];
}

/** What was expected, how long it took, and what was found: beside it where it passed and there is room, else below. */
function checkRow(check: CheckState, width: number, nameWidth: number): readonly PanelRow[] {
  const [symbol, tone] = CHECK_SYMBOL[check.outcome];
  const passed = check.outcome === 'passed';
  const mark = passed ? undefined : tone;
  const rest = width - GUTTER - 13 - nameWidth;
  const row: Line = [
    ...gutter({ mark }),
    cell(symbol, 2, tone),
    cell(check.check, nameWidth),
    ...(rest > 0 ? [span('  '), cell(passed ? check.text : '', rest - 2, 'dim')] : []),
    cellRight(duration(check.durationMs), 8, 'dim'),
  ];
  const found = passed ? [] : fold(check.text, width - GUTTER - 5);
  const hint = check.hint === undefined ? [] : fold(check.hint, width - GUTTER - 5);
  const below = [...found.map((text) => `  ${text}`), ...hint.map((text, index) => `  ${index === 0 ? '→ ' : '  '}${text}`)];
  return [{ line: row }, ...below.map((text): PanelRow => ({ line: [...gutter({ mark }), span(text)] }))];
}

function commandRows(step: StepRow | undefined, width: number): readonly Line[] {
  const count = commandRowsAt(width) - 1;
  const commands = step === undefined ? [] : foldCommand(step.command, width - GUTTER - 4).slice(0, count);
  const rows = commands.map((row, index): Line => [...gutter(), span(index === 0 ? '$ ' : '  ', 'accent'), span(row, 'dim')]);
  return [[], ...rows, ...new Array<Line>(count - rows.length).fill([])];
}
