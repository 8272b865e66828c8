import type { HaltedContainer } from '../../domain/select-halted.ts';
import type { RunView, StepRow } from '../../domain/select-run.ts';
import { duration, plural } from '../format.ts';
import { cell, cellRight, cutMiddle, foldCommand, type Line, span, type Tone, widthOf } from '../line.ts';
import { EMPTY_PANEL, GUTTER, gutter, type PanelContent, type PanelRow, textRow } from '../panel.ts';
import type { Scene } from '../scene.ts';
import { variantSpans } from '../variants.ts';
import { checkKey, checkRows } from './check-rows.ts';
import { doorRows } from './door-rows.ts';
import { haltedNow, haltedRows, haltedTitle } from './halted.ts';
import { axis, laneScale } from './lane.ts';
import { obstacleRows, uncheckedRows, warningRows } from './obstacles.ts';
import { laneRows, rowOf, stepColumns } from './step-rows.ts';
import { hintRows, told } from './told.ts';

/** The keys of the rows that say what the hosts were found to hold: of the first row, an empty one, it is not. */
const FOUND = 'found';
/** On a lower screen the command makes way for the lanes. */
const COMMAND_FROM = 20;
/** Rows for the command of the selected step, an empty one above it: fixed, so that the list above never moves. */
const commandRowsAt = (width: number) => (width < 100 ? 3 : 2);

/** The run: one lane per step, time flows right, hosts below each other; what was found against it; then the checks. */
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
  const columns = stepColumns(run, width);
  const scale = laneScale(run.elapsedMs);
  const rowsAt = (selected: string | undefined) => {
    const found = scrolledBy(FOUND, foundRows(run, width), selected);
    return [
      // With an obstacle in the way nothing else was done that is worth more.
      ...(isObstructed(run) ? [...found, textRow('')] : []),
      ...laneRows(run, { columns, scale, selected, hosts: scene.hosts }),
      ...quietRows(run),
      ...(isObstructed(run) ? [] : found),
      ...scrolledBy('told', [...failureRows(run, width), ...haltedRows(haltedNow(scene), width)], selected),
      ...checkRows(run, width, selected),
      ...scrolledBy('door', doorRows(run, width), selected),
    ];
  };
  const selected = selectedRow(scene, run, rowsAt);
  const head: Line[] =
    run.total === 0 ? [[]] : [[...gutter(), cell('', columns.host + columns.title), span(axis(scale, columns.lane), 'dim')]];
  const isOfStep = scene.step !== undefined && rowOf(run, scene.step.id) === selected;
  return {
    ...EMPTY_PANEL,
    title: run.verb,
    about: runFigures(run, haltedNow(scene), width),
    aside: width < 90 || run.total === 0 ? [] : progressBar(run),
    head,
    rows: rowsAt(selected),
    foot:
      run.total === 0 || scene.rows < COMMAND_FROM
        ? []
        : commandRows(isOfStep ? scene.step : undefined, new Set(run.steps.map(({ host }) => host)).size > 1, width),
    list: { subject: 'step', selected },
  };
}

/** The row that was chosen while it stands, else that of the step to follow, else the first check that is not as expected. */
function selectedRow({ navigation, step }: Scene, run: RunView, rowsAt: (selected: undefined) => readonly PanelRow[]): string | undefined {
  const chosen = navigation.selected.step;
  const standing = chosen === undefined ? undefined : (rowOf(run, chosen) ?? rowsAt(undefined).find((row) => row.key === chosen)?.key);
  if (standing !== undefined) return standing;
  if (isObstructed(run)) return `${FOUND} 1`;
  if (step !== undefined) return rowOf(run, step.id);
  const failing = run.checks.find((check) => check.outcome === 'failed');
  return failing === undefined ? undefined : checkKey(failing);
}

/** Rows that nothing can be done with, but that arrows reach: each that says something has a key. */
function scrolledBy(name: string, rows: readonly PanelRow[], selected: string | undefined): readonly PanelRow[] {
  return rows.map((row, index) => {
    const key = `${name} ${index}`;
    const says = row.line.some((part) => part.text.trim() !== '');
    const [mark = span(' '), , ...rest] = row.line;
    return says ? { key, line: key === selected ? [mark, span('▸ ', 'here'), ...rest] : row.line } : row;
  });
}

/** A run without steps says why it has none. */
function quietRows(run: RunView): readonly PanelRow[] {
  if (run.total > 0 || run.phase !== 'succeeded' || run.verb === 'verify') return [];
  return [textRow(run.verb === 'down' ? 'Nothing of it was left.' : 'Everything is as the scenario wishes.', 'dim')];
}

/** Nothing was changed, because something stood in the way. */
function isObstructed({ preflight, failed }: RunView): boolean {
  return preflight !== undefined && preflight.obstacles.length > 0 && failed === 0;
}

/** What the hosts were found to hold against the run. */
function foundRows({ preflight }: RunView, width: number): readonly PanelRow[] {
  if (preflight === undefined) return [];
  const { obstacles, warnings, unchecked } = preflight;
  return [...obstacleRows(obstacles, width), ...uncheckedRows(unchecked, width), ...warningRows(warnings, width)];
}

function runFigures(run: RunView, halted: readonly HaltedContainer[], width: number): Line {
  const time = cellRight(duration(run.elapsedMs), 7);
  const steps = run.total === 0 ? [] : [span(`  ${String(run.done).padStart(String(run.total).length)} of ${plural(run.total, 'step')}`)];
  return [
    span(run.scenario),
    ...variantSpans(run.variant),
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
  if (run.phase === 'failed') return [span('✕ ', 'failing'), span(`${failureWords(run, width)}${checks}`, 'failing')];
  if (run.verb === 'verify') return [span('✓ ', 'ok'), span(`as expected${checks}`)];
  const changed = run.changed === 0 ? 'nothing had to change' : `${run.changed} changed`;
  return [span('✓ ', 'ok'), span(width < 70 ? 'done' : `done, ${changed}${checks}`)];
}

function failureWords(run: RunView, width: number): string {
  if (!isObstructed(run)) return run.tally.failed > 0 && run.failed === 0 ? 'not as expected' : 'failed';
  const obstacles = plural(run.preflight?.obstacles.length ?? 0, 'obstacle');
  return run.changed === 0 && width >= 100 ? `${obstacles}, nothing was made` : obstacles;
}

function progressBar(run: RunView): Line {
  const width = 24;
  const filled = Math.round((run.done / Math.max(1, run.total)) * width);
  const tone: Tone = run.phase === 'failed' ? 'failing' : run.phase === 'running' ? 'accent' : 'dim';
  return [span('━'.repeat(filled), tone), span('─'.repeat(width - filled), 'dim')];
}

/** A failure of the run as a whole, when nothing else tells it; a run that the user stopped says what stands, and how to go on. */
function failureRows(run: RunView, width: number): readonly PanelRow[] {
  const { failure, failed, phase } = run;
  if (failure === undefined || failed > 0 || isObstructed(run)) return [];
  const [symbol, tone] = phase === 'stopped' ? (['■', 'warning'] as const) : (['✕', 'failing'] as const);
  return [textRow(''), ...told(symbol, tone, failure.message, width), ...hintRows(failure.hint, width)];
}

/** The command that does the same as the selected step; where there are several hosts, on which. */
function commandRows(step: StepRow | undefined, named: boolean, width: number): readonly Line[] {
  const count = commandRowsAt(width) - 1;
  const prompt = step === undefined || step.command === '' ? '' : `${named ? `${cutMiddle(step.via ?? step.host, 24)} ` : ''}$ `;
  const commands = step === undefined ? [] : foldCommand(step.command, width - GUTTER - widthOf(prompt) - 2).slice(0, count);
  const rows = commands.map(
    (row, index): Line => [...gutter(), cell(index === 0 ? prompt : '', widthOf(prompt), 'accent'), span(row, 'dim')],
  );
  return [[], ...rows, ...new Array<Line>(count - rows.length).fill([])];
}
